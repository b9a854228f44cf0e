//! Connections between memory queues: how much each call takes and gives, and what stays in the queue.

use std::sync::Arc;

use ferrossl::connection::{Handshake, WRITE_BATCH};
use ferrossl::{Connection, Error, MemoryBio, MemoryConnection, Version, Versions};
use ferrossl_testkit::{Pki, contexts};

const ONLY: [Versions; 2] = [Versions::only(Version::Tls12), Versions::only(Version::Tls13)];

struct Ends {
    client: MemoryConnection,
    server: MemoryConnection,
    to_client: Arc<MemoryBio>,
    to_server: Arc<MemoryBio>,
}

fn ends(versions: Versions) -> Ends {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.update(|settings| settings.versions = versions);
    let (to_server, to_client) = (Arc::new(MemoryBio::new()), Arc::new(MemoryBio::new()));
    let client = Connection::client(&client.snapshot(), Some("localhost")).unwrap();
    let server = Connection::server(server.snapshot());
    Ends {
        client: MemoryConnection::new(client, Arc::clone(&to_client), Arc::clone(&to_server)),
        server: MemoryConnection::new(server, Arc::clone(&to_server), Arc::clone(&to_client)),
        to_client,
        to_server,
    }
}

fn connected(versions: Versions) -> Ends {
    let ends = ends(versions);
    for _ in 0..3 {
        let _ = (ends.client.handshake(), ends.server.handshake());
    }
    assert_eq!(ends.client.handshake().unwrap(), Handshake::Done);
    assert_eq!(ends.server.handshake().unwrap(), Handshake::Done);
    ends
}

#[test]
fn a_large_buffer_takes_what_is_there() {
    for versions in ONLY {
        let ends = connected(versions);
        for number in 0..5u8 {
            assert_eq!(ends.server.write(&[number; 100]).unwrap(), 100);
        }
        // One record, and more for as long as the largest would fit behind them.
        let mut buffer = vec![0; (1 << 14) + 200];
        assert_eq!(ends.client.read(&mut buffer).unwrap(), 300);
        assert_eq!([buffer[0], buffer[100], buffer[299]], [0, 1, 2]);
        assert_eq!(ends.client.read(&mut buffer[..(1 << 14) - 1]).unwrap(), 100);
        assert_eq!(ends.client.read(&mut buffer[..60]).unwrap(), 60);
        assert_eq!(ends.client.connection().pending(), 40);
        assert_eq!(ends.client.read(&mut buffer).unwrap(), 40);
        assert!(matches!(ends.client.read(&mut buffer), Err(Error::WantRead)));
        assert_eq!(ends.client.read(&mut []).unwrap(), 0);
    }
}

/// A part of a record is left where it is until the rest has come.
#[test]
fn half_a_record_is_not_waited_for() {
    for versions in ONLY {
        let ends = connected(versions);
        ends.server.write(b"first").unwrap();
        let first = ends.to_client.read(usize::MAX);
        ends.server.write(b"second").unwrap();
        let second = ends.to_client.read(usize::MAX);
        let mut buffer = vec![0; 1 << 15];
        ends.to_client.write(&first).unwrap();
        ends.to_client.write(&second[..1]).unwrap();
        assert_eq!(ends.client.read(&mut buffer).unwrap(), 5);
        assert_eq!(buffer[..5], *b"first");
        assert_eq!(ends.to_client.pending(), 1);
        assert!(matches!(ends.client.read(&mut buffer), Err(Error::WantRead)));
        for byte in &second[1..] {
            assert!(matches!(ends.client.read(&mut buffer), Err(Error::WantRead)));
            ends.to_client.write(&[*byte]).unwrap();
        }
        assert_eq!(ends.client.read(&mut buffer).unwrap(), 6);
        assert_eq!(buffer[..6], *b"second");
    }
}

#[test]
fn all_of_a_large_write_is_encrypted() {
    for versions in ONLY {
        let ends = connected(versions);
        let data: Vec<u8> = (0..2 * WRITE_BATCH + 77).map(|index| (index * 11) as u8).collect();
        assert_eq!(ends.client.write(&data).unwrap(), data.len());
        let (mut received, mut buffer) = (Vec::new(), vec![0; 50_000]);
        while received.len() < data.len() {
            let count = ends.server.read(&mut buffer).unwrap();
            received.extend_from_slice(&buffer[..count]);
        }
        assert!(received == data);
        assert_eq!(ends.client.write(b"").unwrap(), 0);
    }
}

/// A write before the handshake does its part of it.
#[test]
fn a_write_begins_the_handshake() {
    let ends = ends(ONLY[1]);
    assert!(matches!(ends.client.write(b"word"), Err(Error::WantRead)));
    assert!(ends.to_server.pending() > 0);
    assert!(matches!(ends.server.write(b"word"), Err(Error::WantRead)));
    assert_eq!(ends.client.write(b"word").unwrap(), 4);
    let mut buffer = [0; 9];
    assert_eq!(ends.server.read(&mut buffer).unwrap(), 4);
}

#[test]
fn what_stands_behind_close_notify_stays_in_the_queue() {
    for versions in ONLY {
        let ends = connected(versions);
        assert!(matches!(ends.server.close(), Err(Error::WantRead)));
        ends.to_client.write(b"220 clear text").unwrap();
        assert!(matches!(ends.client.read(&mut [0; 99]), Err(Error::Closed)));
        ends.client.close().unwrap();
        assert_eq!(ends.to_client.read(usize::MAX), b"220 clear text");
        ends.server.close().unwrap();
        assert_eq!(ends.to_server.pending(), 0);
    }
}

#[test]
fn queues_that_end() {
    for versions in ONLY {
        let ends = connected(versions);
        ends.server.write(b"last").unwrap();
        ends.to_client.write_eof();
        let mut buffer = vec![0; 1 << 16];
        assert_eq!(ends.client.read(&mut buffer).unwrap(), 4);
        assert!(matches!(ends.client.read(&mut buffer), Err(Error::UnexpectedEof)));
        // The mark is for who reads: the other end goes on.
        let before = ends.to_client.pending();
        assert_eq!(ends.server.write(b"more").unwrap(), 4);
        assert!(ends.to_client.pending() > before);
    }
    // In the handshake.
    let ends = ends(ONLY[1]);
    ends.to_client.write_eof();
    assert!(matches!(ends.client.handshake(), Err(Error::UnexpectedEof)));
}

/// What the debugging forms show is who and how far, and no secret.
#[test]
fn debugging_forms() {
    let ends = connected(ONLY[1]);
    let shown = format!("{:?}", ends.client);
    for word in ["MemoryConnection", "is_server: false", "Tls13", "MemoryBio", "pending: 0"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let pki = Pki::new();
    let identity = pki.identity("localhost");
    let shown = format!("{identity:?} {:?}", identity.key());
    assert!(shown.contains("Identity") && shown.contains("PrivateKey { kind: P256"), "{shown}");
}

/// Each end's writer seals into the very queue that the other end's reader opens from, in all directions at once.
#[test]
fn queues_are_shared_by_all_threads_at_once() {
    for versions in ONLY {
        let ends = connected(versions);
        let total = 3 << 20;
        let received = std::thread::scope(|scope| {
            for (side, piece) in [(&ends.client, 70_001), (&ends.server, 999)] {
                scope.spawn(move || {
                    let mut left = total;
                    while left > 0 {
                        left -= side.write(&vec![7; piece.min(left)]).unwrap();
                    }
                });
            }
            let readers = [(&ends.client, 300_000), (&ends.server, 5_000)].map(|(side, room)| {
                scope.spawn(move || {
                    let (mut received, mut buffer) = (0, vec![0; room]);
                    while received < total {
                        match side.read(&mut buffer) {
                            Ok(count) => received += count,
                            Err(Error::WantRead) => std::thread::yield_now(),
                            Err(error) => panic!("{error}"),
                        }
                    }
                    received
                })
            });
            readers.map(|reader| reader.join().unwrap())
        });
        assert_eq!(received, [total; 2]);
    }
}

/// With a spare byte behind the room for data, the same data comes, and never more of it.
#[test]
fn a_spare_byte_is_only_lent() {
    for versions in ONLY {
        let ends = connected(versions);
        for length in [1usize, 100, 1 << 14, 50_000] {
            let data: Vec<u8> = (0..length).map(|i| (i * 7) as u8).collect();
            for room in [length, length + 1, length.div_ceil(2)] {
                ends.server.write(&data).unwrap();
                let (mut received, mut buffer) = (Vec::new(), vec![0; room + 1]);
                while received.len() < length {
                    let count = ends.client.read_with_spare(&mut buffer).unwrap();
                    assert!(count <= room);
                    received.extend_from_slice(&buffer[..count]);
                }
                assert!(received == data, "{length}, {room}");
            }
        }
    }
}
