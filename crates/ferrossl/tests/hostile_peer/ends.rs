//! What is said last: nothing behind this side's close_notify, and nothing to a peer that has given up.

use ferrossl::Error;
use ferrossl::connection::Read;
use ferrossl_testkit::peer::wire::{alert, content, handshake, message};
use ferrossl_testkit::peer::{Peer, Role};

use super::{CLIENT, POST_HANDSHAKE_STAGE, SERVER, STAGE, TLS12, TLS13, peer};

type Script = fn(&mut Peer);

#[test]
fn nothing_follows_close_notify() {
    let request: Script = |p| {
        let request = p.certificate_request13(b"context");
        p.send_handshake(&request);
    };
    let cases: &[(&str, Role, ferrossl::Version, Script)] = &[
        ("HelloRequest", SERVER, TLS12, |p| p.send_handshake(&handshake(message::HELLO_REQUEST, &[]))),
        ("ClientHello", CLIENT, TLS12, |p| {
            let hello = p.client_hello().encode();
            p.send_handshake(&hello);
        }),
        ("KeyUpdate", CLIENT, TLS13, |p| p.send_key_update(true)),
        ("KeyUpdate", SERVER, TLS13, |p| p.send_key_update(true)),
        ("CertificateRequest", SERVER, TLS13, request),
        ("KeyUpdate that cannot be", SERVER, TLS13, |p| p.send_handshake(&[message::KEY_UPDATE, 0, 0, 1, 7])),
        ("KeyUpdate and Finished", SERVER, TLS13, |p| {
            p.send_key_update(true);
            p.send_handshake(&handshake(message::FINISHED, &[0; 32]));
        }),
        ("Finished", CLIENT, TLS13, |p| p.send_handshake(&handshake(message::FINISHED, &[0; 32]))),
        ("Finished", CLIENT, TLS12, |p| p.send_handshake(&handshake(message::FINISHED, &[0; 12]))),
        ("Finished", SERVER, TLS12, |p| p.send_handshake(&handshake(message::FINISHED, &[0; 12]))),
        ("damage", SERVER, TLS13, |p| p.send_record(content::APPLICATION_DATA, 0x0303, &[7; 40])),
        ("damage", CLIENT, TLS12, |p| p.send_record(content::APPLICATION_DATA, 0x0303, &[7; 40])),
        ("an endless record", CLIENT, TLS12, |p| p.send_bytes(&[content::APPLICATION_DATA, 3, 3, 255, 255])),
    ];
    let mut complaints = Vec::new();
    for (name, role, version, script) in cases {
        let stage = if *role == SERVER { &POST_HANDSHAKE_STAGE } else { &STAGE };
        let mut peer = peer(stage, *role, *version);
        peer.complete_handshake();
        peer.connection.close().unwrap();
        peer.settle();
        let said = peer.records.len();
        assert_eq!(peer.alerts().last().map(|one| one.description), Some(alert::CLOSE_NOTIFY));
        script(&mut peer);
        peer.settle();
        if let Some(record) = peer.records.get(said) {
            complaints.push(format!("{name} (peer: {role:?}, {version:?}): {record:?}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// RFC 8446 section 6.1: what comes behind close_notify is ignored, also where it is sealed under the right key.
#[test]
fn data_behind_close_notify_is_nobodys() {
    for (role, version) in [(SERVER, TLS13), (CLIENT, TLS13), (SERVER, TLS12), (CLIENT, TLS12)] {
        let mut peer = peer(&STAGE, role, version);
        peer.complete_handshake();
        peer.send_data(b"first");
        peer.close();
        peer.send_data(b"second");
        peer.feed();
        let mut buffer = [0; 100];
        assert_eq!(peer.connection.read(&mut buffer).unwrap(), Read::Data(5), "{role:?}, {version:?}");
        for _ in 0..3 {
            assert_eq!(peer.connection.read(&mut buffer).unwrap(), Read::Closed, "{role:?}, {version:?}");
        }
        assert!(!peer.connection.take_leftover().is_empty(), "{role:?}, {version:?}");
    }
}

#[test]
fn nobody_is_asked_behind_close_notify() {
    let mut client = POST_HANDSHAKE_STAGE.scripted_client(TLS13);
    client.setup.post_handshake_auth = true;
    client.complete_handshake();
    client.connection.close().unwrap();
    client.settle();
    let said = client.records.len();
    let refused = client.connection.request_client_certificate().unwrap_err();
    assert_eq!(refused.report().reason.unwrap().name, "PROTOCOL_IS_SHUTDOWN");
    client.settle();
    assert_eq!(client.records.len(), said);
}

#[test]
fn close_notify_is_observed() {
    for version in [TLS12, TLS13] {
        let mut peer = peer(&STAGE, CLIENT, version);
        peer.complete_handshake();
        peer.connection.log_messages();
        peer.connection.close().unwrap();
        let seen = peer.connection.take_logged_messages();
        let close = [alert::WARNING, alert::CLOSE_NOTIFY];
        let said = seen
            .iter()
            .filter(|one| one.sent && one.content_type == u16::from(content::ALERT) && one.data == close);
        assert_eq!(said.count(), 1, "{version:?}: {seen:?}");
    }
}

#[test]
fn a_peer_that_gives_up_is_not_answered() {
    let give_up: Script = |p| p.send_alert(alert::FATAL, alert::HANDSHAKE_FAILURE);
    let begin = |p: &mut Peer, kind: u8| p.send_handshake_bytes(&[kind, 0, 1, 0, 3, 3]);
    for (role, first) in
        [(CLIENT, Some(message::CLIENT_HELLO)), (SERVER, None), (SERVER, Some(message::SERVER_HELLO))]
    {
        let mut peer = peer(&STAGE, role, TLS13);
        if role == SERVER {
            peer.receive_client_hello().unwrap();
        }
        if let Some(kind) = first {
            begin(&mut peer, kind);
        }
        give_up(&mut peer);
        let outcome = peer.outcome();
        assert!(outcome.alerts.is_empty(), "{role:?}, {first:?}: {:?}", outcome.alerts);
        let told = matches!(outcome.error, Some(Error::AlertReceived(alert::HANDSHAKE_FAILURE)));
        assert!(told, "{role:?}, {first:?}: {:?}", outcome.error);
    }
}

#[test]
fn what_a_failed_connection_has_said_is_observed() {
    let nonsense: Script = |p| p.send_handshake(&handshake(99, &[0]));
    for (role, version, done) in [
        (CLIENT, TLS13, false),
        (CLIENT, TLS13, true),
        (CLIENT, TLS12, true),
        (SERVER, TLS13, false),
        (SERVER, TLS13, true),
        (SERVER, TLS12, true),
    ] {
        let mut peer = peer(&STAGE, role, version);
        peer.connection.log_messages();
        if done {
            peer.complete_handshake();
        } else if role == SERVER {
            peer.receive_client_hello().unwrap();
        }
        let _ = peer.connection.take_logged_messages();
        nonsense(&mut peer);
        let outcome = peer.outcome();
        let seen = peer.connection.take_logged_messages();
        let last = seen.iter().rfind(|one| one.content_type != 256);
        let said = last.map(|one| (one.sent, one.content_type, one.data.clone()));
        let alert = vec![alert::FATAL, outcome.alert().unwrap()];
        assert_eq!(said, Some((true, content::ALERT.into(), alert)), "{role:?}, {version:?}: {seen:?}");
        let came = seen.iter().any(|one| !one.sent && one.data == [content::HANDSHAKE, 3, 3, 0, 5]);
        assert!(came || done, "{role:?}, {version:?}: {seen:?}");
    }
}
