//! As much of a good thing as the peer likes, and floods: what is answered, what is refused, and what it costs.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferrossl::Error;
use ferrossl::socket::{Deadline, Interest, SocketDriver, Transport};
use ferrossl_testkit::peer::wire::{alert, content};
use ferrossl_testkit::peer::{Peer, Stage};

use super::{
    ANY, After, CLIENT, POST_HANDSHAKE_STAGE, SERVER, STAGE, TLS12, TLS13, accepted, carries_data, peer,
    refused,
};

fn user_canceled(peer: &mut Peer) {
    peer.send_alert(alert::WARNING, alert::USER_CANCELED);
}

/// Does something many times, with data behind each.
fn with_data(peer: &mut Peer, count: usize, what: fn(&mut Peer)) {
    for _ in 0..count {
        what(peer);
        peer.send_data(b"data");
        peer.exchange();
        if peer.take_delivered() != b"data" {
            return; // The connection's error tells.
        }
    }
}

fn flood(peer: &mut Peer, count: usize, what: fn(&mut Peer)) {
    for _ in 0..count {
        what(peer);
    }
}

#[test]
fn what_comes_with_data_may_come_for_ever() {
    type Way = (&'static str, fn(&mut Peer));
    let cases: &[Way] = &[
        ("KeyUpdate", |p| p.send_key_update(false)),
        ("KeyUpdate that asks for one", |p| p.send_key_update(true)),
        ("an empty record", |p| p.send_data(b"")),
        ("an empty record with padding", |p| p.send_sealed(content::APPLICATION_DATA, b"", 20)),
        ("user_canceled", user_canceled),
        ("two of each", |p| {
            for _ in 0..2 {
                p.send_key_update(true);
                p.send_data(b"");
                user_canceled(p);
            }
        }),
    ];
    let mut complaints = Vec::new();
    for role in [CLIENT, SERVER] {
        for (name, what) in cases {
            let mut peer = peer(&STAGE, role, TLS13);
            peer.complete_handshake();
            for round in 0..40 {
                what(&mut peer);
                peer.send_data(b"data");
                peer.settle();
                if peer.take_delivered() != b"data" {
                    complaints.push(format!("{name} (peer: {role:?}): {:?} in round {round}", peer.error));
                    break;
                }
            }
            if peer.error.is_none() {
                complaints.extend(carries_data(&mut peer).err().map(|text| format!("{name}: {text}")));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn empty_records_and_warnings_in_tls12() {
    accepted(
        &STAGE,
        &[
            ("empty", CLIENT, TLS12, After, |p| with_data(p, 40, |p| p.send_data(b"")), ANY),
            ("empty", SERVER, TLS12, After, |p| with_data(p, 40, |p| p.send_data(b"")), ANY),
            ("warnings", CLIENT, TLS12, After, |p| with_data(p, 40, user_canceled), ANY),
            ("warnings", SERVER, TLS12, After, |p| with_data(p, 40, user_canceled), ANY),
        ],
    );
}

#[test]
fn floods_without_data_are_refused() {
    refused(
        &STAGE,
        &[
            ("KeyUpdate", CLIENT, TLS13, After, |p| flood(p, 1000, |p| p.send_key_update(false)), ANY),
            ("KeyUpdate", SERVER, TLS13, After, |p| flood(p, 1000, |p| p.send_key_update(true)), ANY),
            ("empty records", CLIENT, TLS13, After, |p| flood(p, 1000, |p| p.send_data(b"")), ANY),
            ("empty records", SERVER, TLS13, After, |p| flood(p, 1000, |p| p.send_data(b"")), ANY),
            ("empty records", CLIENT, TLS12, After, |p| flood(p, 1000, |p| p.send_data(b"")), ANY),
            ("empty records", SERVER, TLS12, After, |p| flood(p, 1000, |p| p.send_data(b"")), ANY),
            ("warnings", CLIENT, TLS13, After, |p| flood(p, 1000, user_canceled), ANY),
            ("warnings", SERVER, TLS12, After, |p| flood(p, 1000, user_canceled), ANY),
        ],
    );
}

/// Requests that were all fed at once: a server that does not read the answers must not fill the client's memory with them.
#[test]
fn answers_to_what_was_fed_at_once_are_bounded() {
    const REQUESTS: usize = 2_000;
    const LIMIT: usize = 256 * 1024;
    let mut server = POST_HANDSHAKE_STAGE.scripted_server(TLS13);
    server.complete_handshake();
    for round in 0..REQUESTS as u32 {
        let request = server.certificate_request13(&round.to_be_bytes());
        server.send_handshake(&request);
    }
    let mut sent = 0;
    loop {
        // Nobody reads while the client works.
        server.feed();
        server.drive();
        if !server.collect() {
            break;
        }
        let unread = server.unread();
        assert!(unread - sent <= LIMIT, "{} bytes were waiting", unread - sent);
        sent = unread;
    }
    assert!(server.error.is_none(), "{:?}", server.error);
    server.settle();
    let finished = server.take_post_handshake_messages().iter().filter(|m| m[0] == 20).count();
    assert_eq!(finished, REQUESTS);
    carries_data(&mut server).unwrap();
}

/// A transport on which a server says the same thing again and again.
struct Repeating {
    say: fn(&mut Peer),
    /// Whether the server reads.
    reads: bool,
    /// The server, what it has said and nobody has taken, and how often it will still say it.
    server: Mutex<(Peer, Vec<u8>, usize)>,
}

impl Transport for Repeating {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let (server, waiting, left) = &mut *self.server.lock().unwrap();
        if waiting.is_empty() {
            if *left == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            *left -= 1;
            (self.say)(server);
            *waiting = server.take_output();
        }
        let count = buffer.len().min(waiting.len());
        buffer[..count].copy_from_slice(&waiting[..count]);
        waiting.drain(..count);
        Ok(count)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        if self.reads { Ok(bytes.len()) } else { Err(io::ErrorKind::WouldBlock.into()) }
    }

    fn wait(&self, _: Interest, _: Option<Duration>) -> io::Result<bool> {
        Ok(false)
    }
}

impl Repeating {
    /// A server that says this so many times, and a driver of the client that it says it to.
    fn new(stage: &Stage, times: usize, reads: bool, say: fn(&mut Peer)) -> (Self, SocketDriver) {
        let mut server = stage.scripted_server(TLS13);
        server.complete_handshake();
        let other = stage.scripted_server(TLS13);
        let client = std::mem::replace(&mut server.connection, Arc::clone(&other.connection));
        let driver = SocketDriver::new(Arc::into_inner(client).unwrap());
        (Self { say, reads, server: Mutex::new((server, Vec::new(), times)) }, driver)
    }

    fn left(&self) -> usize {
        self.server.lock().unwrap().2
    }
}

/// A client answers requests; a server that does not read the answers must not fill the client's memory with them.
#[test]
fn answers_leave_before_another_request_is_taken() {
    // An answer has about a thousand bytes.
    const REQUESTS: usize = 2_000;
    let (requests, driver) = Repeating::new(&POST_HANDSHAKE_STAGE, REQUESTS, false, |server| {
        let request = server.certificate_request13(b"one more");
        server.send_handshake(&request);
    });
    for _ in 0..20 {
        let error = driver.read(&requests, &mut [0; 100], Deadline::Now).unwrap_err();
        assert!(error.is_retryable(), "{error:?}");
    }
    assert!(requests.left() > REQUESTS - 400, "{} requests were taken", REQUESTS - requests.left());
}

#[test]
fn a_flood_of_tickets_does_not_outlast_the_deadline() {
    // So many that they take far longer than the deadline; when they run out, the test has failed.
    let (tickets, driver) = Repeating::new(&STAGE, 100_000, true, |server| {
        server.tickets.clear();
        server.send_ticket(b"one more");
    });
    let deadline = Deadline::after(Some(Duration::from_millis(20)));
    let result = driver.read(&tickets, &mut [0; 100], deadline);
    assert!(matches!(result, Err(Error::TimedOut { operation: "read" })), "{result:?}");
    assert!(tickets.left() > 0, "every ticket was taken first");
}
