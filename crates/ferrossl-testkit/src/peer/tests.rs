//! The peer behaves when nobody tells it otherwise: in both roles and versions, with every option.

use ferrossl::connection::{Handshake, Read};
use ferrossl::{Connection, VerifyMode, Version};

use super::wire::{alert, content, group, message};
use super::{Peer, Role, Stage};
use crate::KeyKind;

const BOTH: [Version; 2] = [Version::Tls12, Version::Tls13];

fn peer(stage: &Stage, role: Role, version: Version) -> Peer {
    match role {
        Role::Client => stage.scripted_client(version),
        Role::Server => stage.scripted_server(version),
    }
}

/// Data both ways, and the proper end.
fn talk(peer: &mut Peer) {
    peer.send_data(b"from the peer");
    peer.exchange();
    assert_eq!(peer.take_delivered(), b"from the peer");
    peer.connection.write(b"from the connection").unwrap();
    peer.close();
    let outcome = peer.outcome();
    assert!(outcome.data().ends_with(b"from the connection"));
    assert!(outcome.is_fine() && outcome.closed, "{outcome:?}");
}

fn in_every_way(change: impl Fn(&Stage, &mut Peer)) {
    let stage = Stage::new(KeyKind::P256);
    for role in [Role::Client, Role::Server] {
        for version in BOTH {
            let mut peer = peer(&stage, role, version);
            change(&stage, &mut peer);
            peer.complete_handshake();
            assert_eq!(peer.connection.negotiated().unwrap().version, version);
            talk(&mut peer);
        }
    }
}

#[test]
fn with_every_suite_and_key() {
    for kind in KeyKind::ALL {
        let stage = Stage::new(kind);
        for role in [Role::Client, Role::Server] {
            for version in BOTH {
                for suite in peer(&stage, role, version).setup.suites {
                    let mut peer = peer(&stage, role, version);
                    peer.setup.suites = vec![suite];
                    let wants_rsa = super::crypto::Suite::find(suite).unwrap().wants_rsa();
                    if version == Version::Tls12 && wants_rsa != (kind == KeyKind::Rsa2048) {
                        continue;
                    }
                    peer.complete_handshake();
                    assert_eq!(peer.connection.negotiated().unwrap().cipher.wire, suite);
                    talk(&mut peer);
                }
            }
        }
    }
}

#[test]
fn in_small_and_in_shared_records() {
    in_every_way(|_, peer| peer.setup.record_size = 7);
    in_every_way(|_, peer| peer.setup.together = true);
    in_every_way(|_, peer| peer.setup.piece = 3);
}

#[test]
fn with_the_other_group_and_without_extended_master_secret() {
    in_every_way(|_, peer| peer.setup.shares = vec![group::SECP256R1]);
    in_every_way(|_, peer| peer.setup.extended_master_secret = false);
    in_every_way(|_, peer| peer.setup.middlebox = false);
}

#[test]
fn with_a_second_hello() {
    let stage = Stage::new(KeyKind::P256);
    let mut client = stage.scripted_client(Version::Tls13);
    client.setup.shares = vec![];
    client.complete_handshake();
    talk(&mut client);
    let mut server = stage.scripted_server(Version::Tls13);
    server.setup.retry_with = Some(group::SECP256R1);
    server.complete_handshake();
    talk(&mut server);
}

#[test]
fn a_client_that_offers_both_versions() {
    let stage = Stage::new(KeyKind::P256);
    for version in BOTH {
        stage.server.update(|settings| settings.versions.tls13 = version == Version::Tls13);
        let mut client = stage.scripted_client(Version::Tls13);
        client.setup.offer_both_versions();
        client.complete_handshake();
        assert_eq!(client.version(), version);
        talk(&mut client);
    }
}

#[test]
fn with_certificates_on_both_sides() {
    for kind in KeyKind::ALL {
        let stage = Stage::new(kind);
        stage.client.use_identity(stage.pki.issue(&crate::Leaf { key: kind, ..Default::default() }));
        stage.server.trust_pem(stage.pki.authority_pem().as_bytes()).unwrap();
        stage.server.update(|settings| settings.verify_mode = VerifyMode::Required);
        for version in BOTH {
            let mut client = stage.scripted_client(version);
            client.setup.signer = Some(stage.signer());
            client.complete_handshake();
            assert_eq!(client.connection.negotiated().unwrap().peer_certificates.len(), 1);
            let mut server = stage.scripted_server(version);
            server.setup.ask_for_certificate = true;
            server.complete_handshake();
            // The root follows: our side completes its chain.
            assert!(!server.peer_certificates().is_empty());
            talk(&mut server);
        }
    }
}

#[test]
fn tickets_are_given_out_taken_and_resumed() {
    let stage = Stage::new(KeyKind::P256);
    for version in BOTH {
        let mut first = stage.scripted_client(version);
        first.complete_handshake();
        first.connection.write(b"tickets come with data").unwrap();
        first.settle();
        let mut second = stage.scripted_client(version);
        second.setup.ticket = first.tickets.first().cloned();
        second.complete_handshake();
        assert!(second.is_resumed() && second.connection.negotiated().unwrap().resumed);
        talk(&mut second);

        let mut first = stage.scripted_server(version);
        first.complete_handshake();
        if version == Version::Tls13 {
            first.send_ticket(b"a ticket");
            first.settle();
        }
        let client = Connection::client(&stage.client.snapshot(), Some("localhost")).unwrap();
        client.resume(&first.connection.session().unwrap()).unwrap();
        let mut second = Peer::server(version, stage.signer(), client);
        second.setup.known_tickets = first.tickets.clone();
        second.complete_handshake();
        assert!(second.is_resumed() && second.connection.negotiated().unwrap().resumed);
        talk(&mut second);
    }
}

#[test]
fn keys_are_changed_by_both_sides() {
    let stage = Stage::new(KeyKind::P256);
    for role in [Role::Client, Role::Server] {
        let mut peer = peer(&stage, role, Version::Tls13);
        peer.complete_handshake();
        for round in 0..5 {
            peer.send_key_update(round % 2 == 0);
            peer.send_data(b"under new keys");
            peer.exchange();
            assert_eq!(peer.take_delivered(), b"under new keys");
            peer.connection.write(b"so are these").unwrap();
            peer.settle();
        }
        assert_eq!(peer.outcome().data(), b"so are these".repeat(5));
        talk(&mut peer);
    }
}

#[test]
fn authentication_after_the_handshake() {
    let stage = Stage::new(KeyKind::P256);
    stage.take_post_handshake_auth();
    let mut server = stage.scripted_server(Version::Tls13);
    server.complete_handshake();
    for round in 0..3u8 {
        let request = server.certificate_request13(&[round]);
        server.send_handshake(&request);
        server.receive_post_handshake_answer(&request).unwrap();
        assert!(!server.peer_certificates().is_empty());
        server.send_key_update(true);
    }
    talk(&mut server);

    let mut client = stage.scripted_client(Version::Tls13);
    client.setup.post_handshake_auth = true;
    client.setup.signer = Some(stage.signer());
    client.complete_handshake();
    client.connection.request_client_certificate().unwrap();
    client.answer_request().unwrap();
    client.settle();
    assert_eq!(client.connection.peer_certificates().len(), 1);
    talk(&mut client);
}

#[test]
fn steps_can_be_replaced_preceded_followed_and_left_out() {
    let stage = Stage::new(KeyKind::P256);
    let mut client = stage.scripted_client(Version::Tls13);
    client.before(message::FINISHED, |peer| peer.send_change_cipher_spec());
    client.after(message::FINISHED, |peer| peer.setup.alpn.push(b"seen".to_vec()));
    client.complete_handshake();
    assert_eq!(client.setup.alpn, [b"seen"]);
    let mut server = stage.scripted_server(Version::Tls13);
    server.skip(message::CERTIFICATE);
    let outcome = server.run();
    assert_eq!(outcome.alert(), Some(alert::UNEXPECTED_MESSAGE));
    assert!(outcome.stopped.is_some() && outcome.error.is_some() && !outcome.done);
    // The same by hand: nothing happens that the script does not say.
    let mut server = stage.scripted_server(Version::Tls13);
    server.receive_client_hello().unwrap();
    server.send_record(content::HANDSHAKE, 0x0303, &[message::SERVER_HELLO, 0, 0, 0]);
    assert_eq!(server.outcome().alert(), Some(alert::DECODE_ERROR));
    assert!(server.connection.handshake().is_err());
}

#[test]
fn the_connection_may_be_driven_by_hand() {
    let stage = Stage::new(KeyKind::P256);
    let mut client = stage.scripted_client(Version::Tls13);
    client.complete_handshake();
    client.send_data(b"unread");
    client.feed();
    assert_eq!(client.connection.handshake().unwrap(), Handshake::Done);
    let mut buffer = [0; 10];
    assert_eq!(client.connection.read(&mut buffer).unwrap(), Read::Data(6));
    assert!(client.take_output().is_empty());
}
