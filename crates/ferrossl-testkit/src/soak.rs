//! One connection for a long time: data both ways in records, fragments and portions of any size, with key updates, tickets,
//! authentication and empty records in between, and every byte compared.

use std::collections::VecDeque;

use ferrossl::Version;

use crate::KeyKind;
use crate::peer::wire::{alert, content};
use crate::peer::{Peer, Role, Stage};

/// A generator of numbers that repeats itself for the same seed (xorshift).
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// The generator of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub const fn next_number(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `limit`.
    pub const fn below(&mut self, limit: usize) -> usize {
        (self.next_number() % limit as u64) as usize
    }

    /// A length up to `limit` with every order of magnitude as likely as the others.
    pub const fn length(&mut self, limit: usize) -> usize {
        let bits = self.below(limit.ilog2() as usize + 2);
        self.below(1 << bits) % (limit + 1)
    }
}

/// A stream of bytes in which every place tells where it is.
#[derive(Clone, Debug)]
struct Stream {
    numbers: Numbers,
    passed: u64,
}

impl Stream {
    const fn new(seed: u64) -> Self {
        Self { numbers: Numbers::new(seed), passed: 0 }
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        self.passed += count as u64;
        (0..count).map(|_| self.numbers.next_number() as u8).collect()
    }

    fn compare(&mut self, bytes: &[u8], what: &str) {
        let expected = self.take(bytes.len());
        assert!(expected == bytes, "{what}: a wrong byte before byte {}", self.passed);
    }
}

/// What has happened on a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records of either side.
    pub records: u64,
    /// Bytes of data of either side.
    pub bytes: u64,
    /// Key updates of the peer's.
    pub updates_sent: u64,
    /// Key updates of the connection's.
    pub updates_received: u64,
    /// Tickets that the connection was given.
    pub tickets: u64,
    /// Certificates that were asked for and shown after the handshake.
    pub authentications: u64,
}

/// Runs one connection against a scripted peer until so many records have gone by.
///
/// # Panics
///
/// At the first byte that is wrong, and when anything is refused.
#[must_use]
pub fn soak(role: Role, version: Version, records: u64, seed: u64) -> Tally {
    let stage = Stage::new(KeyKind::P256);
    stage.take_post_handshake_auth();
    let mut peer = match role {
        Role::Client => stage.scripted_client(version),
        Role::Server => stage.scripted_server(version),
    };
    peer.setup.post_handshake_auth = true;
    peer.setup.signer = Some(stage.signer());
    peer.complete_handshake();
    peer.settle();
    peer.records.clear();
    let mut run = Run {
        peer,
        numbers: Numbers::new(seed),
        to_send: Stream::new(seed + 1),
        to_receive: Stream::new(seed + 1),
        to_write: Stream::new(seed + 2),
        to_read: Stream::new(seed + 2),
        tally: Tally::default(),
        last: VecDeque::new(),
    };
    while run.tally.records < records {
        run.act(version == Version::Tls13);
    }
    run.peer.close();
    run.exchange();
    let outcome = run.peer.outcome();
    assert!(outcome.is_fine() && outcome.closed, "{:?}, {:?}", outcome.error, outcome.alerts);
    assert_eq!(run.to_send.passed, run.to_receive.passed, "data to the connection was lost");
    assert_eq!(run.to_write.passed, run.to_read.passed, "data of the connection was lost");
    run.tally.bytes = run.to_send.passed + run.to_write.passed;
    run.tally
}

struct Run {
    peer: Peer,
    numbers: Numbers,
    to_send: Stream,
    to_receive: Stream,
    to_write: Stream,
    to_read: Stream,
    tally: Tally,
    /// What was done last, for whoever has to find out.
    last: VecDeque<String>,
}

impl Run {
    fn note(&mut self, what: impl Into<String>) {
        self.last.truncate(19);
        self.last.push_front(what.into());
    }

    /// Sends some data in records of any size, with an empty one and a warning now and then.
    fn send_data(&mut self) {
        let length = self.numbers.length(40_000);
        let data = self.to_send.take(length);
        self.note(format!("{length} bytes are sent"));
        let mut rest = &data[..];
        while !rest.is_empty() {
            let size = 1 + self.numbers.length(1 << 14).min((1 << 14) - 1);
            let (piece, behind) = rest.split_at(size.min(rest.len()));
            let padding = self.numbers.length(200).min((1 << 14) - piece.len());
            self.peer.send_sealed(content::APPLICATION_DATA, piece, padding);
            self.tally.records += 1;
            rest = behind;
        }
        if self.numbers.below(50) == 0 && !data.is_empty() {
            self.peer.send_data(b"");
            self.tally.records += 1;
        }
        if self.numbers.below(500) == 0 && !data.is_empty() {
            self.peer.send_alert(alert::WARNING, alert::USER_CANCELED);
            self.tally.records += 1;
        }
    }

    fn write_data(&mut self) {
        let length = self.numbers.length(60_000);
        let data = self.to_write.take(length);
        self.note(format!("{length} bytes are written"));
        let mut rest = &data[..];
        while !rest.is_empty() {
            let piece = &rest[..rest.len().min(1 + self.numbers.length(60_000))];
            let taken =
                self.peer.connection.write(piece).expect("data is taken").expect("the handshake is done");
            rest = &rest[taken..];
        }
    }

    fn act(&mut self, is_new: bool) {
        self.peer.setup.record_size = 1 + self.numbers.length(1 << 13);
        match self.numbers.below(300) {
            0..120 => self.send_data(),
            120..240 => self.write_data(),
            240..250 if is_new => {
                let request = self.numbers.below(2) == 0;
                let sizes: Vec<usize> = (0..4).map(|_| 1 + self.numbers.below(3)).collect();
                self.peer.send_key_update_in(&sizes, request);
                self.note(format!("KeyUpdate in {sizes:?}, which asks: {request}"));
                self.tally.updates_sent += 1;
                self.send_data();
            }
            250..254 if is_new => self.ticket(),
            254..257 if is_new => self.authenticate(),
            _ => self.exchange(),
        }
        // The connection writes down what is to be sent, and memory has no end: so it is not left alone for long.
        if self.numbers.below(10) == 0 {
            self.exchange();
        }
    }

    fn ticket(&mut self) {
        if self.peer.role() == Role::Server {
            let length = 1 + self.numbers.length(5_000);
            let identity = vec![13; length];
            let mut tickets = self.peer.new_ticket(&identity, &[13; 8]);
            if self.numbers.below(2) == 0 {
                // Two in a record, or across records.
                let another = self.peer.new_ticket(b"another", &[13; 8]);
                tickets.extend(another);
            }
            self.peer.send_handshake(&tickets);
            self.note(format!("tickets of {} bytes", tickets.len()));
            self.tally.tickets += 1;
        }
    }

    /// Asks for a certificate, or is asked for one.
    fn authenticate(&mut self) {
        self.exchange();
        if self.peer.role() == Role::Server {
            let context = self.numbers.next_number().to_be_bytes();
            let request = self.peer.certificate_request13(&context);
            let together = self.numbers.below(2) == 0;
            let ticket = if together { self.peer.new_ticket(b"together", &[13]) } else { Vec::new() };
            self.peer.send_handshake(&[ticket, request.clone()].concat());
            self.peer.receive_post_handshake_answer(&request).expect("an answer");
        } else {
            self.peer.connection.request_client_certificate().expect("a request");
            let request = self.peer.take_request().expect("a request");
            let messages = self.peer.post_handshake_answer(&request).expect("an answer").concat();
            self.peer.send_handshake(&messages);
            self.exchange();
            assert!(!self.peer.connection.peer_certificates().is_empty(), "nobody was authenticated");
        }
        self.note("an authentication");
        self.tally.authentications += 1;
    }

    /// Lets everything through in portions of any size, and compares.
    fn exchange(&mut self) {
        self.peer.setup.piece = 1 + self.numbers.length(100_000);
        self.note(format!("an exchange in portions of {}", self.peer.setup.piece));
        self.peer.settle();
        let error = &self.peer.error;
        assert!(error.is_none(), "{error:?} after {:?}, at last {:?}", self.tally, self.last);
        let delivered = self.peer.take_delivered();
        self.to_receive.compare(&delivered, "to the connection");
        for record in std::mem::take(&mut self.peer.records) {
            assert!(record.sealed, "a record that does not open");
            self.tally.records += 1;
            if record.content_type == content::APPLICATION_DATA {
                self.to_read.compare(&record.contents, "of the connection");
            }
        }
        self.tally.updates_received = self.peer.key_updates();
        self.peer.tickets.clear();
        assert_eq!(self.to_send.passed, self.to_receive.passed, "data to the connection is missing");
        assert_eq!(self.to_write.passed, self.to_read.passed, "data of the connection is missing");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run() {
        for (role, version) in [
            (Role::Client, Version::Tls13),
            (Role::Server, Version::Tls13),
            (Role::Client, Version::Tls12),
            (Role::Server, Version::Tls12),
        ] {
            let tally = soak(role, version, 3_000, 1);
            assert!(tally.bytes > 1_000_000, "{tally:?}");
            assert!(version == Version::Tls12 || tally.updates_sent.min(tally.updates_received) > 5);
        }
    }
}
