//! A connection that has failed stays failed, says the same thing each time, and does nothing more.

use ferrossl::connection::{Binding, Handshake, Read};
use ferrossl::openssl_names::alerts;
use ferrossl::{Connection, Context, Error, Version, Versions};
use ferrossl_testkit::{Pair, Pki, contexts};

const ONLY: [Versions; 2] = [Versions::only(Version::Tls12), Versions::only(Version::Tls13)];

fn some_contexts(versions: Versions) -> (Context, Context) {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.update(|settings| settings.versions = versions);
    (client, server)
}

fn connected(versions: Versions) -> Pair {
    let (client, server) = some_contexts(versions);
    let pair = Pair::new(&client, &server, "localhost").unwrap();
    pair.handshake().unwrap();
    pair.exchange();
    pair
}

fn reason(error: &Error) -> &'static str {
    error.report().reason.map_or("none", |reason| reason.name)
}

/// Every operation of a connection that has failed with this reason fails with it, however often.
fn all_fail_with(connection: &Connection, expected: &str) {
    for _ in 0..2 {
        assert_eq!(reason(&connection.read(&mut [0; 9]).unwrap_err()), expected);
        assert_eq!(reason(&connection.write(b"data").unwrap_err()), expected);
        assert_eq!(reason(&connection.close().unwrap_err()), expected);
        assert_eq!(reason(&connection.handshake().unwrap_err()), expected);
    }
    assert!(connection.session().is_none());
    assert!(connection.channel_binding(Binding::TlsUnique).unwrap().is_none());
    assert!(connection.export_keying_material(32, b"label", None).is_err());
    assert!(!connection.has_closed());
}

const BAD_RECORDS: [&[u8]; 3] = [
    // A MAC that is none.
    &[
        23, 3, 3, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0,
    ],
    // Longer than any record.
    &[23, 3, 3, 0xff, 0xff],
    // No record at all.
    b"GET / HTTP/1.1\r\n",
];

#[test]
fn a_bad_record_is_the_end_of_everything() {
    for versions in ONLY {
        for record in BAD_RECORDS {
            let pair = connected(versions);
            // What came before it is given out first.
            pair.server.write(b"good").unwrap();
            pair.exchange();
            pair.client.feed(record);
            let mut buffer = [0; 9];
            assert_eq!(pair.client.read(&mut buffer).unwrap(), Read::Data(4));
            let first = pair.client.read(&mut buffer).unwrap_err();
            let expected = reason(&first);
            assert_ne!(expected, "none", "{first:?}");
            all_fail_with(&pair.client, expected);
            // Right records change nothing any more.
            pair.server.write(b"more").unwrap();
            pair.exchange();
            all_fail_with(&pair.client, expected);
            // Both know: the alert was for the server.
            assert!(matches!(pair.server.read(&mut buffer), Err(Error::AlertReceived(_))));
            all_fail_with(&pair.server, reason(&pair.server.read(&mut buffer).unwrap_err()));
            assert!(pair.client.negotiated().is_some(), "what was agreed stays known");
        }
    }
}

#[test]
fn a_failed_handshake_stays_failed() {
    for versions in ONLY {
        let (client, server) = some_contexts(versions);
        let pair = Pair::new(&client, &server, "somebody.else").unwrap();
        let error = pair.handshake().unwrap_err();
        assert!(matches!(error, Error::Verification(_)));
        all_fail_with(&pair.client, reason(&error));
        pair.exchange();
        assert!(pair.client.negotiated().is_none());
        assert!(pair.client.peer_certificates().is_empty());
        assert!(pair.client.verified_chain().is_none());
        let refused = loop {
            match pair.server.handshake() {
                Ok(_) if pair.exchange() => {}
                Ok(state) => match pair.server.read(&mut [0; 9]) {
                    Err(error) => break error,
                    other => panic!("{state:?}, {other:?}"),
                },
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, Error::AlertReceived(_)), "{refused:?}");
        all_fail_with(&pair.server, reason(&refused));
    }
}

/// An end without close_notify ends both directions once a read has told, and the handshake too.
#[test]
fn a_connection_that_is_cut_off_is_over() {
    for versions in ONLY {
        let pair = connected(versions);
        pair.client.feed_eof();
        // Until somebody has read as far as the end, it is not known that something is missing.
        assert_eq!(pair.client.write(b"data").unwrap(), Some(4));
        for _ in 0..2 {
            assert!(matches!(pair.client.read(&mut [0; 9]), Err(Error::UnexpectedEof)));
            assert!(matches!(pair.client.write(b"data"), Err(Error::UnexpectedEof)));
            assert!(matches!(pair.client.handshake(), Err(Error::UnexpectedEof)));
            assert!(matches!(pair.client.close(), Err(Error::UnexpectedEof)));
        }

        // In the middle of a record, and in the middle of the handshake.
        let pair = connected(versions);
        pair.client.feed(&[23, 3, 3, 0, 40, 1, 2]);
        pair.client.feed_eof();
        assert!(matches!(pair.client.read(&mut [0; 9]), Err(Error::UnexpectedEof)));
        let (client, server) = some_contexts(versions);
        let pair = Pair::new(&client, &server, "localhost").unwrap();
        assert_eq!(pair.client.handshake().unwrap(), Handshake::NeedRead);
        pair.client.feed_eof();
        all_fail_with(&pair.client, "UNEXPECTED_EOF_WHILE_READING");
    }
}

#[test]
fn a_server_that_waits_for_a_choice_does_nothing_else() {
    for versions in ONLY {
        let (client, server) = some_contexts(versions);
        let pair = Pair::new(&client, &server, "localhost").unwrap();
        pair.server.pause_at_client_hello();
        assert_eq!(pair.client.handshake().unwrap(), Handshake::NeedRead);
        pair.exchange();
        for _ in 0..2 {
            let Handshake::ClientHello(info) = pair.server.handshake().unwrap() else { panic!("no pause") };
            assert_eq!(info.server_name.as_deref(), Some("localhost"));
            assert!(matches!(pair.server.read(&mut [0; 9]), Err(Error::TooEarly(_))));
            assert!(matches!(pair.server.write(b"data"), Err(Error::TooEarly(_))));
            assert_eq!(reason(&pair.server.close().unwrap_err()), "SHUTDOWN_WHILE_IN_INIT");
            assert!(!pair.server.wants_send());
        }
        pair.server.proceed().unwrap();
        assert!(matches!(pair.server.proceed(), Err(Error::TooEarly(_))));
        pair.handshake().unwrap();
        assert!(pair.server.proceed().is_err());
        assert_eq!(Pair::send(&pair.client, &pair.server, b"data").unwrap(), b"data");
    }
}

#[test]
fn a_refusal_tells_both_sides_why() {
    for versions in ONLY {
        let (client, server) = some_contexts(versions);
        let pair = Pair::new(&client, &server, "localhost").unwrap();
        // Nothing to refuse yet.
        pair.server.refuse(alerts::HANDSHAKE_FAILURE, Error::Closed);
        pair.server.pause_at_client_hello();
        assert_eq!(pair.client.handshake().unwrap(), Handshake::NeedRead);
        pair.exchange();
        assert!(matches!(pair.server.handshake().unwrap(), Handshake::ClientHello(_)));
        pair.server.refuse(alerts::HANDSHAKE_FAILURE, Error::Setting("not today".into()));
        for _ in 0..2 {
            assert!(matches!(pair.server.handshake(), Err(Error::Setting(text)) if text == "not today"));
            assert!(
                matches!(pair.server.read(&mut [0; 9]), Err(Error::Setting(text)) if text == "not today")
            );
        }
        pair.exchange();
        assert_eq!(reason(&pair.client.handshake().unwrap_err()), "SSLV3_ALERT_HANDSHAKE_FAILURE");
        all_fail_with(&pair.client, "SSLV3_ALERT_HANDSHAKE_FAILURE");
    }
}

#[test]
fn nothing_comes_before_the_handshake() {
    let (client, server) = some_contexts(ONLY[1]);
    let pair = Pair::new(&client, &server, "localhost").unwrap();
    for side in [&pair.client, &pair.server] {
        let early = side.close().unwrap_err();
        assert!(matches!(early, Error::Misuse { .. }), "{early:?}");
        assert_eq!(reason(&early), "SHUTDOWN_WHILE_IN_INIT");
        assert_eq!(side.read(&mut [0; 9]).unwrap(), Read::NeedRead);
        assert_eq!(side.write(b"data").unwrap(), None);
        assert!(side.negotiated().is_none());
        assert!(side.session().is_none());
        assert!(side.channel_binding(Binding::TlsExporter).unwrap().is_none());
        assert!(matches!(side.export_keying_material(32, b"label", None), Err(Error::TooEarly(_))));
        assert_eq!(side.pending(), 0);
    }
    // Reading and writing did their part of it: nothing else is needed.
    assert!(pair.exchange());
    assert_eq!(Pair::send(&pair.client, &pair.server, b"").unwrap(), b"");
    pair.handshake().unwrap();
}

/// The names of RFC 5929 and RFC 9266 bind both ends to the same bytes, and every connection to others.
#[test]
fn both_ends_are_bound_to_the_same() {
    for versions in ONLY {
        let (client, server) = some_contexts(versions);
        let bindings = || {
            let pair = Pair::new(&client, &server, "localhost").unwrap();
            pair.handshake().unwrap();
            pair.exchange();
            ["tls-unique", "tls-exporter", "tls-server-end-point"].map(|name| {
                let binding = Binding::by_name(name).unwrap();
                let [ours, theirs] =
                    [&pair.client, &pair.server].map(|side| side.channel_binding(binding).unwrap().unwrap());
                assert_eq!(ours, theirs, "{name}");
                assert!(ours.len() >= 12, "{name}");
                ours
            })
        };
        let (one, other) = (bindings(), bindings());
        assert_ne!(one[0], other[0]);
        assert_ne!(one[1], other[1]);
        // The certificate is the same.
        assert_eq!(one[2], other[2]);
        assert_ne!(one[0], one[1]);
    }
    assert!(Binding::by_name("tls-unknown").is_none());
}
