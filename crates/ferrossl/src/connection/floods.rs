//! Peers that say one thing without end and read nothing: no operation lasts beyond its deadline, signals are heard, and
//! no memory is filled.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::Connection;
use super::state::State;
use super::tests::{pair, transfer};
use crate::socket::{Deadline, Interest, SocketDriver, Transport};
use crate::sync::lock;
use crate::wire::record::{ALERT, HANDSHAKE};
use crate::{Error, Versions};

/// More than any honest exchange has waiting, and much less than a flood brings.
const BOUND: usize = 256 * 1024;

impl Connection {
    /// Says what it likes.
    pub(super) fn say(&self, content_type: u8, contents: &[u8]) {
        let State::Open(session) = &mut *lock(&self.state) else { panic!("not open") };
        self.outbox.append(|output| session.say(content_type, contents, output));
    }

    fn queued(&self) -> Vec<u8> {
        let mut queued = Vec::new();
        self.send_with(|bytes| {
            queued.extend_from_slice(bytes);
            Ok(bytes.len())
        })
        .unwrap();
        queued
    }
}

/// A transport from which more always comes and into which nothing goes.
struct Flood<'a> {
    more: &'a dyn Fn() -> Vec<u8>,
    incoming: RefCell<VecDeque<u8>>,
    received: Cell<usize>,
    signal: AtomicBool,
}

impl<'a> Flood<'a> {
    fn new(more: &'a dyn Fn() -> Vec<u8>) -> Self {
        Self { more, incoming: RefCell::default(), received: Cell::new(0), signal: AtomicBool::new(false) }
    }
}

impl Transport for Flood<'_> {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut incoming = self.incoming.borrow_mut();
        if incoming.is_empty() {
            incoming.extend((self.more)());
        }
        let count = buffer.len().min(incoming.len());
        for (place, byte) in buffer.iter_mut().zip(incoming.drain(..count)) {
            *place = byte;
        }
        self.received.set(self.received.get() + count);
        Ok(count)
    }

    fn send(&self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        if interest == Interest::Write {
            std::thread::sleep(timeout.unwrap_or(Duration::from_secs(3600)));
            return Ok(false);
        }
        Ok(true)
    }

    fn interrupted(&self) -> io::Result<()> {
        match self.signal.load(std::sync::atomic::Ordering::Relaxed) {
            true => Err(io::Error::other("a signal")),
            false => Ok(()),
        }
    }
}

fn ticket() -> Vec<u8> {
    let mut message = vec![4, 0, 0, 0];
    message.extend([0, 0, 28, 32, 1, 2, 3, 4, 1, 7, 0, 100]);
    message.extend([9; 100]);
    message.extend([0, 0]);
    message[3] = (message.len() - 4) as u8;
    message
}

type Say = fn(&Connection);

const FLOODS: [(&str, Say); 5] = [
    ("tickets", |peer| peer.say(HANDSHAKE, &ticket())),
    ("warnings", |peer| peer.say(ALERT, &[1, 90])),
    ("a message without end", |peer| {
        peer.say(HANDSHAKE, &[[4, 0xff, 0xff, 0xff].as_slice(), &[0; 4000]].concat())
    }),
    ("new keys that ask for new keys", |peer| {
        let State::Open(session) = &mut *lock(&peer.state) else { panic!("not open") };
        session.ask_for_new_keys();
        peer.outbox.append_data(|output| session.write(b"", output)).unwrap();
    }),
    ("requests for a certificate that nobody offered", |peer| {
        peer.say(HANDSHAKE, &[13, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]);
    }),
];

fn flooded(say: Say, act: impl FnOnce(&SocketDriver, &Flood<'_>)) {
    let (client, server) = pair(Versions { tls12: false, tls13: true });
    transfer(&server, &client);
    // Many in one piece: the peer is faster than we are.
    let more = || {
        (0..50).for_each(|_| say(&server));
        server.queued()
    };
    let flood = Flood::new(&more);
    let driver = SocketDriver::new(client);
    act(&driver, &flood);
    let client = driver.connection();
    assert!(client.outbox.answers() < BOUND, "{} bytes of answers", client.outbox.answers());
    assert!(super::tests::kept(client) < BOUND, "{} bytes", super::tests::kept(client));
}

#[test]
fn a_flood_does_not_outlast_a_deadline() {
    for (name, say) in FLOODS {
        flooded(say, |driver, flood| {
            let deadline = Deadline::after(Some(Duration::from_millis(100)));
            let error = driver.read(flood, &mut [0; 100], deadline).unwrap_err();
            // Some floods are against the protocol.
            let is_over = matches!(error, Error::TimedOut { .. });
            assert!(is_over || !error.is_retryable(), "{name}: {error:?}");
        });
        flooded(say, |driver, flood| {
            driver.read(flood, &mut [0; 100], Deadline::Now).unwrap_err();
        });
        flooded(say, |driver, flood| {
            let deadline = Deadline::after(Some(Duration::from_millis(100)));
            driver.close(flood, deadline).unwrap_err();
        });
    }
}

#[test]
fn a_deadline_that_has_passed_ends_a_flood_soon() {
    flooded(FLOODS[0].1, |driver, flood| {
        let deadline = Deadline::At(std::time::Instant::now());
        assert!(matches!(driver.read(flood, &mut [0; 100], deadline), Err(Error::TimedOut { .. })));
        assert!(flood.received.get() < BOUND);
    });
}

#[test]
fn signals_are_heard_in_a_flood() {
    let tickets = FLOODS[0].1;
    flooded(tickets, |driver, flood| {
        flood.signal.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(matches!(driver.read(flood, &mut [0; 100], Deadline::Never), Err(Error::Io(_))));
        assert!(flood.received.get() < BOUND);
    });
}

/// A peer that has data among it all is heard.
#[test]
fn data_comes_through_a_flood() {
    let (client, server) = pair(Versions { tls12: false, tls13: true });
    for _ in 0..1000 {
        server.say(HANDSHAKE, &ticket());
    }
    server.write(b"data").unwrap();
    let bytes = RefCell::new(server.queued());
    let more = || std::mem::take(&mut *bytes.borrow_mut());
    let flood = Flood::new(&more);
    let driver = SocketDriver::new(client);
    let mut buffer = [0; 100];
    let mut wants = 0;
    let read = loop {
        match driver.read(&flood, &mut buffer, Deadline::Now) {
            Err(Error::WantRead) => wants += 1,
            read => break read.unwrap(),
        }
    };
    assert_eq!(&buffer[..read], b"data");
    assert!(wants < 100);
}

#[test]
fn a_hello_without_end_is_refused() {
    let server = Connection::server(crate::Context::server().snapshot());
    let first = Cell::new(true);
    let more = || {
        let header = if first.replace(false) { vec![1, 0xff, 0xff, 0xff] } else { Vec::new() };
        let body = [header, vec![0; 4000]].concat();
        [&[22, 3, 1], (body.len() as u16).to_be_bytes().as_slice(), &body].concat()
    };
    let flood = Flood::new(&more);
    let driver = SocketDriver::new(server);
    let error = driver.handshake(&flood, Deadline::Never).unwrap_err();
    assert!(!error.is_retryable(), "{error:?}");
    assert!(flood.received.get() < BOUND);
}
