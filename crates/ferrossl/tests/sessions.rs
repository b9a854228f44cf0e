//! Sessions: what they say of themselves, who may resume them, and what is kept of a resumed one.

use std::sync::Arc;

use ferrossl::connection::{Limit, Read, SavedSession};
use ferrossl::{Connection, Context, Error, VerifyMode, Version, Versions};
use ferrossl_testkit::{Leaf, Pair, Pki, contexts};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;

const ONLY: [(Version, Versions); 2] =
    [(Version::Tls12, Versions::only(Version::Tls12)), (Version::Tls13, Versions::only(Version::Tls13))];

/// A connection that may resume `session`, with a word from the server behind its handshake, which brings tickets.
fn connected(client: &Context, server: &Context, session: Option<&SavedSession>) -> Pair {
    let pair = Pair::new(client, server, "localhost").unwrap();
    if let Some(session) = session {
        pair.client.resume(session).unwrap();
    }
    pair.handshake().unwrap();
    assert_eq!(Pair::send(&pair.server, &pair.client, b"word").unwrap(), b"word");
    pair
}

fn resumed(pair: &Pair) -> bool {
    let both = [&pair.client, &pair.server].map(|side| side.negotiated().unwrap().resumed);
    assert_eq!(both[0], both[1]);
    both[0]
}

#[test]
fn every_session_has_an_id_and_each_another() {
    let pki = Pki::new();
    for (version, versions) in ONLY {
        for tickets in [true, false] {
            let (client, server) = contexts(&pki, pki.identity("localhost"));
            client.update(|settings| settings.versions = versions);
            server.update(|settings| settings.tickets = tickets);
            let sessions: Vec<_> =
                (0..2).map(|_| connected(&client, &server, None).client.session().unwrap()).collect();
            let case = format!("{version:?}, tickets {tickets}");
            for session in &sessions {
                assert_eq!(session.id().len(), 32, "{case}");
                assert_eq!(session.has_ticket(), tickets || version == Version::Tls13, "{case}");
            }
            assert_ne!(sessions[0], sessions[1], "{case}");
            assert_eq!(sessions[0], sessions[0].clone(), "{case}");

            let again = connected(&client, &server, Some(&sessions[0]));
            assert!(resumed(&again), "{case}");
            let again = again.client.session().unwrap();
            assert_eq!(again.id().len(), 32, "{case}");
            assert_eq!(again.has_ticket(), sessions[0].has_ticket(), "{case}");
            // RFC 5246 resumes a session; RFC 8446 makes a new one out of it.
            assert_eq!(again == sessions[0], version == Version::Tls12, "{case}");
        }
    }
}

#[test]
fn how_long_a_session_is_good() {
    let pki = Pki::new();
    for (version, versions) in ONLY {
        let (client, server) = contexts(&pki, pki.identity("localhost"));
        client.update(|settings| settings.versions = versions);
        let session = connected(&client, &server, None).client.session().unwrap();
        let hint = session.ticket_lifetime_hint();
        assert!(hint > 0, "{version:?}");
        assert_eq!(session.timeout(), hint, "{version:?}");
        let again = connected(&client, &server, Some(&session)).client.session().unwrap();
        assert!(again.ticket_lifetime_hint() > 0, "{version:?}");
        assert!(again.time() >= session.time() && session.time() > 1_700_000_000, "{version:?}");

        // Without a ticket, nobody says how long: OpenSSL's own default.
        server.update(|settings| (settings.tickets, settings.ticket_count) = (false, 0));
        let session = connected(&client, &server, None).client.session().unwrap();
        assert!(!session.has_ticket(), "{version:?}");
        assert_eq!((session.ticket_lifetime_hint(), session.timeout()), (0, 7200), "{version:?}");
    }
}

/// A server of rustls' own, which gives out tickets of a known lifetime and, in TLS 1.2, no id with them.
fn rustls_server(pki: &Pki) -> Arc<rustls::ServerConfig> {
    let (chain, key) = pki.issue_pem(&Leaf::default());
    let chain = vec![rustls::pki_types::CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.ticketer = aws_lc_rs::Ticketer::new().unwrap();
    Arc::new(config)
}

/// One connection to it; the session, and whether an earlier one was resumed.
fn with_rustls(
    client: &Context,
    server: &Arc<rustls::ServerConfig>,
    session: Option<&SavedSession>,
) -> (SavedSession, bool) {
    let client = Connection::client(&client.snapshot(), Some("localhost")).unwrap();
    if let Some(session) = session {
        client.resume(session).unwrap();
    }
    let mut server = rustls::ServerConnection::new(Arc::clone(server)).unwrap();
    for _ in 0..4 {
        client.handshake().unwrap();
        client
            .send_with(|mut bytes| {
                let length = bytes.len();
                while !bytes.is_empty() {
                    server.read_tls(&mut bytes)?;
                    server.process_new_packets().unwrap();
                }
                Ok(length)
            })
            .unwrap();
        let mut answer = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut answer).unwrap();
        }
        if !answer.is_empty() {
            client
                .fill(Limit::Bytes(answer.len()), |room| {
                    room.copy_from_slice(&answer);
                    Ok(answer.len())
                })
                .unwrap();
        }
    }
    assert_eq!(client.read(&mut [0; 9]).unwrap(), Read::NeedRead);
    (client.session().unwrap(), client.negotiated().unwrap().resumed)
}

/// The id is then the digest of the ticket, as OpenSSL has it: all sessions without one would be the same.
#[test]
fn a_ticket_without_an_id_gets_one() {
    let pki = Pki::new();
    let server = rustls_server(&pki);
    for (version, versions) in ONLY {
        let (client, _) = contexts(&pki, pki.identity("localhost"));
        client.update(|settings| settings.versions = versions);
        let (session, _) = with_rustls(&client, &server, None);
        let (other, _) = with_rustls(&client, &server, None);
        for session in [&session, &other] {
            assert_eq!(session.id().len(), 32, "{version:?}");
            assert!(session.has_ticket(), "{version:?}");
            // Six hours: two lives of a key of rustls' ticketer. Its tickets of TLS 1.3 say so too.
            assert!([21_600, 43_200].contains(&session.ticket_lifetime_hint()), "{version:?}");
            assert_eq!(session.timeout(), session.ticket_lifetime_hint(), "{version:?}");
        }
        assert_ne!(session, other, "{version:?}");
        let (again, resumed) = with_rustls(&client, &server, Some(&session));
        assert!(resumed, "{version:?}");
        assert_eq!(again == session, version == Version::Tls12, "{version:?}");
        assert!(again.has_ticket(), "{version:?}");
    }
}

#[test]
fn who_may_resume_what() {
    let pki = Pki::new();
    let (client, server) = contexts(
        &pki,
        pki.issue(&Leaf { names: vec!["localhost".into(), "other".into()], ..Leaf::default() }),
    );
    let session = connected(&client, &server, None).client.session().unwrap();

    // Its certificate was verified for another name.
    let pair = Pair::new(&client, &server, "other").unwrap();
    pair.client.resume(&session).unwrap();
    pair.handshake().unwrap();
    assert!(!resumed(&pair));

    // Under settings that have changed, all is verified anew.
    client.update(|settings| settings.policy.security_level = 1);
    assert!(!resumed(&connected(&client, &server, Some(&session))));

    let begun = connected(&client, &server, None);
    let error = begun.client.resume(&session).unwrap_err();
    assert!(matches!(&error, Error::Setting(text) if text == "Cannot set session after handshake."));
    let error = begun.server.resume(&session).unwrap_err();
    assert!(
        matches!(&error, Error::Setting(text) if text == "Cannot set session for server-side SSLSocket.")
    );
    // A server's own session tells and can be resumed by nobody.
    let of_server = begun.server.session().unwrap();
    assert!(!resumed(&connected(&client, &server, Some(&of_server))));

    let nothing_yet = Pair::new(&client, &server, "localhost").unwrap();
    assert!(nothing_yet.client.session().is_none());
    assert!(nothing_yet.server.session().is_none());
}

/// What was verified in the first handshake still holds in those that resume it.
#[test]
fn a_resumed_session_keeps_what_was_verified() {
    let pki = Pki::new();
    for (version, versions) in ONLY {
        let (client, server) = contexts(&pki, pki.identity("localhost"));
        client.update(|settings| settings.versions = versions);
        client.use_identity(pki.identity("client"));
        server.trust_pem(pki.authority_pem().as_bytes()).unwrap();
        server.update(|settings| settings.verify_mode = VerifyMode::Required);
        let first = connected(&client, &server, None);
        let mut session = first.client.session().unwrap();
        for _ in 0..2 {
            let pair = connected(&client, &server, Some(&session));
            assert!(resumed(&pair), "{version:?}");
            let (ours, before) = (pair.client.negotiated().unwrap(), first.client.negotiated().unwrap());
            let chain = |negotiated: &ferrossl::Negotiated| {
                let chain = negotiated.verified_chain.as_ref().unwrap().certificates();
                chain.iter().map(|certificate| certificate.der().to_vec()).collect::<Vec<_>>()
            };
            assert_eq!(chain(ours), chain(before), "{version:?}");
            assert_eq!(pair.server.negotiated().unwrap().peer_certificates.len(), 1, "{version:?}");
            session = pair.client.session().unwrap();
        }
        assert_eq!(first.server.negotiated().unwrap().peer_certificates.len(), 2, "{version:?}");
    }
}

/// A session whose resumption could not be decrypted is not tried again: something is wrong with it.
#[test]
fn a_session_that_does_not_work_is_given_up() {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.update(|settings| settings.versions = ONLY[0].1);
    let session = connected(&client, &server, None).client.session().unwrap();
    assert!(resumed(&connected(&client, &server, Some(&session))));

    let pair = Pair::new(&client, &server, "localhost").unwrap();
    pair.client.resume(&session).unwrap();
    pair.client.handshake().unwrap();
    pair.exchange();
    pair.server.handshake().unwrap();
    let mut flight = Vec::new();
    pair.server
        .send_with(|bytes| {
            flight.extend_from_slice(bytes);
            Ok(bytes.len())
        })
        .unwrap();
    // The end of the server's Finished.
    *flight.last_mut().unwrap() ^= 1;
    pair.client.feed(&flight);
    let reason = pair.client.handshake().unwrap_err().report().reason.unwrap().name;
    assert_eq!(reason, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC");

    assert!(!resumed(&connected(&client, &server, Some(&session))));
}

#[test]
fn what_is_counted() {
    let pki = Pki::new();
    for (version, versions) in ONLY {
        let (client, server) = contexts(&pki, pki.identity("localhost"));
        client.update(|settings| settings.versions = versions);
        let session = connected(&client, &server, None).client.session().unwrap();
        connected(&client, &server, Some(&session));
        // One that comes to nothing.
        let lost = Pair::new(&client, &server, "localhost").unwrap();
        let _ = (lost.client.handshake(), lost.client.handshake(), lost.server.handshake());
        let (ours, theirs) = (client.counters(), server.counters());
        assert_eq!((ours.connect.get(), ours.connect_good.get(), ours.hits.get()), (3, 2, 1), "{version:?}");
        assert_eq!((ours.accept.get(), ours.accept_good.get()), (0, 0), "{version:?}");
        assert_eq!(
            (theirs.accept.get(), theirs.accept_good.get(), theirs.hits.get()),
            (3, 2, 1),
            "{version:?}"
        );
        assert_eq!((theirs.connect.get(), theirs.connect_good.get()), (0, 0), "{version:?}");
    }
}
