//! Reading from a transport that shows what has come in before it is taken: what is taken, and in how many calls.

use std::cell::{Cell, RefCell};
use std::io;
use std::time::{Duration, Instant};

use ferrossl::connection::{Handshake, Limit, Read};
use ferrossl::socket::{Deadline, Interest, SocketDriver, Transport};
use ferrossl::{Connection, Error, Version, Versions};
use ferrossl_testkit::{Pki, contexts};

const ONLY: [Versions; 2] = [Versions::only(Version::Tls12), Versions::only(Version::Tls13)];
const RECORD: usize = 1 << 14;

/// What has come in from a peer in the same thread, and how often it was asked for.
#[derive(Default)]
struct Shown {
    inbound: RefCell<Vec<u8>>,
    outbound: RefCell<Vec<u8>>,
    peeks: Cell<usize>,
    discards: Cell<usize>,
    receives: Cell<usize>,
    waits: Cell<usize>,
    /// Nothing is shown after all.
    is_blind: bool,
}

impl Shown {
    /// Everything that `peer` has to say is there to be received.
    fn hear(&self, peer: &Connection) {
        let mut inbound = self.inbound.borrow_mut();
        peer.send_with(|bytes| {
            inbound.extend_from_slice(bytes);
            Ok(bytes.len())
        })
        .unwrap();
    }

    /// How many calls of each kind there were since this was asked last: looks, discards, receives.
    fn calls(&self) -> (usize, usize, usize) {
        (self.peeks.take(), self.discards.take(), self.receives.take())
    }

    fn left(&self) -> usize {
        self.inbound.borrow().len()
    }
}

impl Transport for Shown {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.receives.set(self.receives.get() + 1);
        let mut inbound = self.inbound.borrow_mut();
        if inbound.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = inbound.len().min(buffer.len());
        buffer[..count].copy_from_slice(&inbound[..count]);
        inbound.drain(..count);
        Ok(count)
    }

    fn peek(&self, buffer: &mut [u8], waits: bool) -> io::Result<usize> {
        assert!(!waits, "nobody may wait here");
        if self.is_blind {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.peeks.set(self.peeks.get() + 1);
        let inbound = self.inbound.borrow();
        if inbound.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = inbound.len().min(buffer.len());
        buffer[..count].copy_from_slice(&inbound[..count]);
        Ok(count)
    }

    fn discard(&self, place: &mut [u8]) -> io::Result<()> {
        self.discards.set(self.discards.get() + 1);
        self.inbound.borrow_mut().drain(..place.len());
        Ok(())
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.outbound.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn wait(&self, _: Interest, _: Option<Duration>) -> io::Result<bool> {
        self.waits.set(self.waits.get() + 1);
        Ok(true)
    }
}

/// A client that reads from what is shown, and its server.
fn connected(versions: Versions) -> (SocketDriver, Connection, Shown) {
    connected_over(versions, Shown::default())
}

fn connected_over(versions: Versions, shown: Shown) -> (SocketDriver, Connection, Shown) {
    let pki = Pki::new();
    let (client, server) = contexts(&pki, pki.identity("localhost"));
    client.update(|settings| settings.versions = versions);
    let client = SocketDriver::new(Connection::client(&client.snapshot(), Some("localhost")).unwrap());
    let server = Connection::server(server.snapshot());
    for _ in 0..4 {
        let _ = client.handshake(&shown, Deadline::Now);
        server.feed(&shown.outbound.take());
        let _ = server.handshake().unwrap();
        shown.hear(&server);
    }
    assert_eq!(client.handshake(&shown, Deadline::Now).unwrap(), Handshake::Done);
    assert_eq!(server.handshake().unwrap(), Handshake::Done);
    // What else the server has to say (tickets) comes with its first data.
    server.write(b"first").unwrap();
    shown.hear(&server);
    assert_eq!(client.read(&shown, &mut [0; 100], Deadline::Now).unwrap(), 5);
    assert_eq!(shown.left(), 0);
    shown.calls();
    (client, server, shown)
}

#[test]
fn a_record_takes_two_calls_and_so_do_many() {
    for versions in ONLY {
        let (client, server, shown) = connected(versions);
        let mut buffer = vec![0; 8 * RECORD];
        for length in [1, 100, 3000] {
            server.write(&vec![7; length]).unwrap();
            shown.hear(&server);
            assert_eq!(client.read(&shown, &mut buffer, Deadline::Now).unwrap(), length);
            assert_eq!(shown.calls(), (1, 1, 0), "{length}");
        }
        let data: Vec<u8> = (0..8 * RECORD).map(|i| (i * 13) as u8).collect();
        // The first look may be too small for so much.
        for calls in [(2, 1, 0), (1, 1, 0), (1, 1, 0)] {
            server.write(&data).unwrap();
            shown.hear(&server);
            assert_eq!(client.read(&shown, &mut buffer, Deadline::Now).unwrap(), data.len());
            assert!(buffer == data);
            assert_eq!(shown.calls(), calls);
            assert_eq!(shown.left(), 0);
        }
    }
}

/// Behind a request there is hardly an answer yet: with a timeout the wait comes first, and not a look that shows nothing.
#[test]
fn an_answer_is_waited_for_before_it_is_looked_for() {
    let (client, server, shown) = connected(ONLY[1]);
    let soon = Deadline::At(Instant::now() + Duration::from_secs(60));
    let mut buffer = [0; 100];
    for _ in 0..3 {
        assert_eq!(client.write(&shown, b"request", soon).unwrap(), 7);
        server.write(b"one").unwrap();
        shown.hear(&server);
        shown.waits.set(0);
        assert_eq!(client.read(&shown, &mut buffer, soon).unwrap(), 3);
        assert_eq!((shown.waits.take(), shown.calls()), (1, (1, 1, 0)));
        server.write(b"more").unwrap();
        shown.hear(&server);
        assert_eq!(client.read(&shown, &mut buffer, soon).unwrap(), 4);
        assert_eq!((shown.waits.take(), shown.calls()), (0, (1, 1, 0)));
    }
}

/// What a reader has no room for stays with the transport, so that `select()` tells of it.
#[test]
fn no_more_records_are_taken_than_fit() {
    for versions in ONLY {
        let (client, server, shown) = connected(versions);
        for _ in 0..4 {
            server.write(&[7; RECORD]).unwrap();
        }
        shown.hear(&server);
        let four = shown.left();
        let mut buffer = vec![0; RECORD];
        assert_eq!(client.read(&shown, &mut buffer, Deadline::Now).unwrap(), RECORD);
        assert_eq!(shown.left(), four / 4 * 3);
        assert_eq!(client.connection().pending(), 0);
        // The rest of a record that does not fit is pending, as ever, and comes first.
        assert_eq!(client.read(&shown, &mut buffer[..100], Deadline::Now).unwrap(), 100);
        assert_eq!(client.connection().pending(), RECORD - 100);
        assert_eq!(shown.left(), four / 2);
        assert_eq!(client.read(&shown, &mut buffer[..100], Deadline::Now).unwrap(), 100);
        assert_eq!(shown.left(), four / 2);
        let mut buffer = vec![0; 10 * RECORD];
        assert_eq!(client.read(&shown, &mut buffer, Deadline::Now).unwrap(), 3 * RECORD - 200);
        assert_eq!(shown.left(), 0);
    }
}

#[test]
fn nothing_behind_close_notify_is_taken() {
    for versions in ONLY {
        let (client, server, shown) = connected(versions);
        server.write(&[7; 3 * RECORD]).unwrap();
        let _ = server.close();
        shown.hear(&server);
        // It even looks like a record.
        shown.inbound.borrow_mut().extend_from_slice(b"\x17\x03\x03\x00\x05clear text");
        let mut buffer = vec![0; 8 * RECORD];
        assert_eq!(client.read(&shown, &mut buffer, Deadline::Now).unwrap(), 3 * RECORD);
        for _ in 0..2 {
            assert!(matches!(client.read(&shown, &mut buffer, Deadline::Now), Err(Error::Closed)));
            assert_eq!(*shown.inbound.borrow(), b"\x17\x03\x03\x00\x05clear text");
        }
        client.close(&shown, Deadline::Now).unwrap();
        assert_eq!(shown.left(), 15);
    }
}

/// Behind data, close_notify and a damaged record stay with the transport until they are asked for: a program that waits with
/// `select()` hears of them like this only.
#[test]
fn what_is_no_data_stays_where_select_tells_of_it() {
    for versions in ONLY {
        for (damaged, shows) in [(false, true), (true, true), (false, false), (true, false)] {
            let line = Shown { is_blind: !shows, ..Shown::default() };
            let (client, server, shown) = connected_over(versions, line);
            let mut buffer = vec![0; 8 * RECORD];
            server.write(&[7; 1000]).unwrap();
            shown.hear(&server);
            // The record comes in two pieces, so that the rest is not looked at but received.
            let rest = shown.inbound.borrow_mut().split_off(300);
            assert!(matches!(client.read(&shown, &mut buffer, Deadline::Now), Err(Error::WantRead)));
            shown.inbound.borrow_mut().extend_from_slice(&rest);
            if damaged {
                shown
                    .inbound
                    .borrow_mut()
                    .extend_from_slice(b"\x17\x03\x03\x00\x20a record that nobody has sealed.");
            } else {
                let _ = server.close();
                shown.hear(&server);
            }
            assert_eq!(client.read(&shown, &mut buffer, Deadline::Now).unwrap(), 1000);
            assert!(shown.left() > 0, "{damaged}, {shows}");
            let error = client.read(&shown, &mut buffer, Deadline::Now).unwrap_err();
            assert_eq!(matches!(error, Error::Closed), !damaged);
            assert_eq!(shown.left(), 0);
        }
    }
}

/// Where nothing is shown, a long record may have been taken before it turns out to be damaged: then the peer is told at once.
#[test]
fn the_peer_hears_of_a_damaged_record_that_was_taken_along() {
    for versions in ONLY {
        let blind = Shown { is_blind: true, ..Shown::default() };
        let (client, server, shown) = connected_over(versions, blind);
        server.write(&[7; 1000]).unwrap();
        server.write(&[8; 1000]).unwrap();
        shown.hear(&server);
        *shown.inbound.borrow_mut().last_mut().unwrap() ^= 1;
        shown.outbound.take();
        let mut buffer = vec![0; 8 * RECORD];
        assert_eq!(client.read(&shown, &mut buffer, Deadline::Now).unwrap(), 1000);
        assert_eq!(shown.left(), 0);
        server.feed(&shown.outbound.take());
        assert!(matches!(server.read(&mut buffer), Err(Error::AlertReceived(_))));
        assert!(matches!(client.read(&shown, &mut buffer, Deadline::Now), Err(Error::Protocol { .. })));
    }
}

/// Of two threads that waited, one has got close_notify; the other one takes nothing of the clear text.
#[test]
fn nothing_is_received_for_a_record_behind_close_notify() {
    for versions in ONLY {
        let (client, server, shown) = connected(versions);
        let _ = server.close();
        shown.hear(&server);
        assert!(matches!(client.read(&shown, &mut [0; 9], Deadline::Now), Err(Error::Closed)));
        let received = client.connection().fill(Limit::Record, |_| panic!("not ours"));
        assert_eq!(received.unwrap(), 0);
        assert!(matches!(client.read(&shown, &mut [0; 9], Deadline::Now), Err(Error::Closed)));
    }
}

/// A record comes in pieces of any length, with others in front and behind, and is read the moment that it is whole.
#[test]
fn records_in_pieces() {
    for versions in ONLY {
        let (client, server, shown) = connected(versions);
        let mut buffer = vec![0; 4 * RECORD];
        for length in [1, 600, 5000, RECORD] {
            for split in [1, 4, 5, 6, 20, length / 2 + 10] {
                server.write(&[1; 50]).unwrap();
                shown.hear(&server);
                let first = shown.left();
                server.write(&vec![2; length]).unwrap();
                server.write(&[3; 50]).unwrap();
                shown.hear(&server);
                let behind = shown.inbound.borrow_mut().split_off(first + split);
                assert_eq!(client.read(&shown, &mut buffer, Deadline::Now).unwrap(), 50);
                assert!(matches!(client.read(&shown, &mut buffer, Deadline::Now), Err(Error::WantRead)));
                // What cannot be read yet must not wake a program that waits for more.
                assert_eq!(shown.left(), 0, "{length}, {split}");
                shown.inbound.borrow_mut().extend_from_slice(&behind);
                assert_eq!(client.read(&shown, &mut buffer, Deadline::Now).unwrap(), length + 50);
                assert_eq!([buffer[0], buffer[length]], [2, 3]);
                assert_eq!(shown.left(), 0);
            }
        }
    }
}

#[test]
fn what_another_thread_has_read_meanwhile_is_not_read_again() {
    let (client, server, shown) = connected(ONLY[1]);
    let connection = client.connection();
    let at = connection.position().unwrap();
    server.write(b"once").unwrap();
    shown.hear(&server);
    let mut seen = shown.inbound.borrow().clone();
    let mut buffer = [0; 100];
    assert_eq!(client.read(&shown, &mut buffer, Deadline::Now).unwrap(), 4);
    let nothing = connection.read_peeked(at, &mut seen, &mut buffer, |_| panic!("nothing to discard"));
    assert_eq!(nothing.unwrap(), 0);
    // Where it is right, it is read; and what cannot be taken is an error, not data.
    let at = connection.position().unwrap();
    assert!(at > 0);
    server.write(b"twice").unwrap();
    shown.hear(&server);
    let mut seen = shown.inbound.take();
    let failed =
        connection.read_peeked(at, &mut seen, &mut buffer, |_| Err(io::ErrorKind::NotConnected.into()));
    assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::NotConnected);
}

/// Nothing can be opened before the handshake is done, or before data that was opened earlier is read.
#[test]
fn there_is_no_position_where_something_else_comes_first() {
    let pki = Pki::new();
    let (context, _) = contexts(&pki, pki.identity("localhost"));
    let unbegun = Connection::client(&context.snapshot(), Some("localhost")).unwrap();
    assert_eq!(unbegun.position(), None);
    let (client, server, shown) = connected(ONLY[1]);
    let connection = client.connection();
    assert!(connection.position().is_some());
    server.write(&[7; 100]).unwrap();
    shown.hear(&server);
    let record = shown.inbound.take();
    connection.feed(&record[..10]);
    assert_eq!(connection.position(), None);
    connection.feed(&record[10..]);
    assert_eq!(connection.read(&mut [0; 60]).unwrap(), Read::Data(60));
    assert_eq!(connection.position(), None);
    assert_eq!(connection.read(&mut [0; 60]).unwrap(), Read::Data(40));
    assert!(connection.position().is_some());
    connection.feed_eof();
    assert_eq!(connection.position(), None);
}
