//! Canaries for the record path of our own: they fail when a rustls release changes what it relies on.

use std::sync::Arc;

use super::{Connection, Handshake, Limit, Read};
use crate::connection::state::State;
use crate::error::Error;
use crate::sync::lock;
use crate::{Context, Identity, Versions};

pub(super) fn pair(versions: Versions) -> (Connection, Connection) {
    pair_with(versions, None)
}

/// With only these suites of TLS 1.2, where any are named.
fn pair_with(versions: Versions, suites: Option<&str>) -> (Connection, Connection) {
    let client = Context::client();
    client.update(|settings| settings.versions = versions);
    suites.map(|suites| client.set_ciphers(suites)).transpose().unwrap();
    pair_of(&client)
}

/// A connection of this client's, which gets to trust the server.
pub(super) fn pair_of(client: &Context) -> (Connection, Connection) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    let identity = Identity::from_pem(certificate.as_bytes(), key.serialize_pem().as_bytes(), None).unwrap();
    let server = Context::server();
    client.trust_pem(certificate.as_bytes()).unwrap();
    let suites = client.snapshot().settings().cipher_suites.clone();
    server.update(|settings| settings.cipher_suites = suites);
    server.use_identity(identity);
    let client = Connection::client(&client.snapshot(), Some("localhost")).unwrap();
    let server = Connection::server(server.snapshot());
    for _ in 0..4 {
        let _ = (client.handshake().unwrap(), server.handshake().unwrap());
        transfer(&client, &server);
        transfer(&server, &client);
    }
    assert_eq!(client.handshake().unwrap(), Handshake::Done);
    assert_eq!(server.handshake().unwrap(), Handshake::Done);
    (client, server)
}

pub(super) fn transfer(from: &Connection, to: &Connection) {
    from.send_with(|bytes| {
        to.feed(bytes);
        Ok(bytes.len())
    })
    .unwrap();
}

fn receive(from: &Connection, length: usize, piece: usize) -> Vec<u8> {
    let (mut received, mut buffer) = (Vec::new(), vec![0; piece]);
    while received.len() < length {
        let Read::Data(bytes) = from.read(&mut buffer).unwrap() else { panic!("too little") };
        received.extend_from_slice(&buffer[..bytes]);
    }
    received
}

/// In tests a key is changed after 50 records, so this goes through many of them, both ways.
#[test]
fn keys_are_changed_and_both_sides_follow() {
    let (client, server) = pair(Versions { tls12: false, tls13: true });
    let data: Vec<u8> = (0..40_000u32).map(|i| (i * 13) as u8).collect();
    for round in 0..400usize {
        let (from, to) = if round % 3 == 0 { (&server, &client) } else { (&client, &server) };
        let message = &data[..1 + (round * 997) % data.len()];
        from.write(message).unwrap();
        transfer(from, to);
        assert!(receive(to, message.len(), 1 + (round * 31) % 20_000) == message, "round {round}");
    }
    assert!(!lock(&client.receive).engine_has_data);
    assert!(lock(&client.receive).opening.is_some());
}

#[test]
fn the_peer_may_change_keys_at_any_time() {
    let (client, server) = pair(Versions { tls12: false, tls13: true });
    for round in 0..20 {
        if round % 4 == 1 {
            let State::Open(session) = &mut *lock(&client.state) else { panic!("not open") };
            session.ask_for_new_keys();
        }
        for (from, to) in [(&client, &server), (&server, &client)] {
            from.write(b"between the keys").unwrap();
            transfer(from, to);
            assert_eq!(receive(to, 16, 100), b"between the keys");
        }
    }
}

#[test]
fn records_of_data_are_opened_into_the_callers_buffer() {
    for (suite, expected) in [
        (None, true),
        (Some("ECDHE-ECDSA-AES128-GCM-SHA256"), true),
        (Some("ECDHE-ECDSA-AES256-GCM-SHA384"), true),
        (Some("ECDHE-ECDSA-CHACHA20-POLY1305"), true),
        // The engine's: what opens it works in place.
        (Some("ECDHE-ECDSA-AES128-SHA256"), false),
    ] {
        let versions = Versions { tls12: suite.is_some(), tls13: suite.is_none() };
        let (client, server) = pair_with(versions, suite);
        assert_eq!(lock(&server.receive).opening.is_some(), expected, "{suite:?}");
        for (from, to) in [(&client, &server), (&server, &client)] {
            for _ in 0..3 {
                from.write(b"some data").unwrap();
                transfer(from, to);
                // Where the rest of a record waits tells who has opened it.
                assert_eq!(receive(to, 4, 4), b"some");
                assert_eq!(lock(&to.receive).leftover(), if expected { 5 } else { 0 }, "{suite:?}");
                assert_eq!(lock(&to.receive).engine_has_data, !expected);
                assert_eq!(receive(to, 5, 4), b" data");
            }
            // Full records too.
            from.write(&[7; 1 << 14]).unwrap();
            transfer(from, to);
            assert_eq!(receive(to, 1 << 14, (1 << 14) - 1).len(), 1 << 14);
            from.write(&[7; 1 << 14]).unwrap();
            transfer(from, to);
            assert_eq!(to.read(&mut [0; 100]).unwrap(), Read::Data(100));
            assert_eq!(lock(&to.receive).engine_has_data, !expected);
            assert_eq!(receive(to, (1 << 14) - 100, 1 << 14).len(), (1 << 14) - 100);
            // Records of exactly as much data as there is room for need no place of their own.
            from.write(&[7; 100]).unwrap();
            transfer(from, to);
            assert_eq!(receive(to, 100, 100), [7; 100]);
            assert_eq!(lock(&to.receive).leftover(), 0);
        }
    }
}

/// A sender may be sealing for as long as it likes: what is not whole is asked about without its lock.
#[test]
fn nobody_waits_for_a_sender_while_a_record_is_incomplete() {
    let (client, server) = pair(Versions { tls12: false, tls13: true });
    client.write(&[7; 1000]).unwrap();
    let mut records = Vec::new();
    client
        .send_with(|bytes| {
            records.extend_from_slice(bytes);
            Ok(bytes.len())
        })
        .unwrap();
    // Whoever reads does so under this lock, on this very thread, which could not take it again.
    let sealing = lock(&server.state);
    let mut buffer = [0; 2000];
    assert_eq!(server.read(&mut buffer).unwrap(), Read::NeedRead);
    for piece in records.chunks(100) {
        assert_eq!(server.read(&mut buffer).unwrap(), Read::NeedRead);
        server.feed(piece);
    }
    assert_eq!(server.read(&mut buffer).unwrap(), Read::Data(1000));
    drop(sealing);
    // An end is the state's to judge.
    server.feed_eof();
    assert!(matches!(server.read(&mut buffer), Err(Error::UnexpectedEof)));
}

#[test]
fn a_record_larger_than_the_buffer_is_pending() {
    let (client, server) = pair(Versions { tls12: true, tls13: true });
    client.write(&[7; 10_000]).unwrap();
    transfer(&client, &server);
    assert_eq!(server.pending(), 0);
    assert_eq!(receive(&server, 4_000, 4_000), [7; 4_000]);
    assert_eq!(server.pending(), 6_000);
    // Closing now would lose it, and says so.
    let reason = server.close().unwrap_err().report().reason.unwrap().name;
    assert_eq!(reason, "APPLICATION_DATA_AFTER_CLOSE_NOTIFY");
    assert_eq!(receive(&server, 6_000, 6_000), [7; 6_000]);
}

#[test]
fn one_thread_reads_while_another_writes() {
    let (client, server) = pair(Versions { tls12: true, tls13: true });
    let (client, server) = (Arc::new(client), Arc::new(server));
    std::thread::scope(|scope| {
        for (one, other) in [(&client, &server), (&server, &client)] {
            scope.spawn(move || {
                for _ in 0..200 {
                    one.write(&[1; 5_000]).unwrap();
                    transfer(one, other);
                }
            });
            scope.spawn(move || {
                let (mut received, mut buffer) = (0, vec![0; 9_000]);
                while received < 200 * 5_000 {
                    match other.read(&mut buffer).unwrap() {
                        Read::Data(bytes) => received += bytes,
                        Read::NeedRead | Read::NeedWrite => std::thread::yield_now(),
                        Read::Closed => panic!("closed"),
                    }
                }
            });
        }
    });
}

/// The buffers that a connection has kept, in bytes.
pub(super) fn kept(connection: &Connection) -> usize {
    lock(&connection.receive).kept() + connection.outbox.kept()
}

#[test]
fn an_idle_connection_keeps_no_buffers() {
    // Four small ones: of what comes in, what was opened, what is queued and what is sent.
    const SMALL: usize = 4 * 512;
    for tls13 in [true, false] {
        let (client, server) = pair(Versions { tls12: !tls13, tls13 });
        for (from, to) in [(&client, &server), (&server, &client)] {
            for (length, piece) in [(200_000, 65_536), (200_000, 1000), (1000, 65_536), (1000, 100)] {
                for _ in 0..8 {
                    from.write(&vec![7; length]).unwrap();
                    transfer(from, to);
                    receive(to, length, piece);
                }
            }
        }
        assert!(kept(&client) <= SMALL, "{} bytes", kept(&client));
        assert!(kept(&server) <= SMALL, "{} bytes", kept(&server));
    }
}

#[test]
fn answers_are_counted_until_they_are_sent() {
    let (client, server) = pair(Versions { tls12: false, tls13: true });
    assert_eq!(client.outbox.answers(), 0);
    client.write(&[7; 100]).unwrap();
    assert_eq!(client.outbox.answers(), 0);
    client.close().unwrap();
    let answer = client.outbox.answers();
    assert!((1..100).contains(&answer));
    // What is half sent counts until it is sent.
    let mut room = 1;
    client
        .send_with(|_| {
            if std::mem::take(&mut room) == 1 { Ok(1) } else { Err(std::io::ErrorKind::WouldBlock.into()) }
        })
        .unwrap_err();
    assert_eq!(client.outbox.answers(), answer);
    transfer(&client, &server);
    assert_eq!(client.outbox.answers(), 0);
}

/// Who reads ahead in an event loop may have much to send to a peer that has hung up in the middle of a record.
#[test]
fn an_end_that_is_met_reading_ahead_is_no_end_of_writing() {
    let (client, _server) = pair(Versions { tls12: false, tls13: true });
    let piece = |room: &mut [u8]| {
        room[..3].copy_from_slice(&[23, 3, 3]);
        Ok(3)
    };
    assert_eq!(client.fill(Limit::Ahead, piece).unwrap(), 3);
    assert_eq!(client.fill(Limit::Ahead, |_| Ok(0)).unwrap(), 0);
    assert!(matches!(client.read(&mut [0; 9]), Ok(Read::NeedRead)));
    assert_eq!(client.write(b"still").unwrap(), Some(5));
    // Read record by record it is one.
    assert_eq!(client.fill(Limit::Record, |_| Ok(0)).unwrap(), 0);
    assert!(matches!(client.read(&mut [0; 9]), Err(Error::UnexpectedEof)));
    assert!(client.write(b"no more").is_err());
}
