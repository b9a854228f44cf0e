//! Whatever a peer says between its data, and however it comes in: a reader that looks before it takes gets the same bytes as
//! one that cannot look, and nothing that it has taken keeps quiet about itself.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use ferrossl::Error;
use ferrossl::socket::{Deadline, Interest, SocketDriver, Transport};
use ferrossl_testkit::peer::Peer;
use ferrossl_testkit::peer::wire::{alert, content};

use super::{STAGE, TLS12, TLS13};

const CLEAR_TEXT: &[u8] = b"\x17\x03\x03\x00\x05clear text";

/// Numbers that look random and are the same each time (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    fn one_of(&mut self, choices: &[usize]) -> usize {
        choices[self.below(choices.len())]
    }
}

/// What has come in so far.
struct Line {
    inbound: RefCell<Vec<u8>>,
    sent: RefCell<Vec<u8>>,
    shows: bool,
}

impl Line {
    fn copy(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let inbound = self.inbound.borrow();
        if inbound.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = inbound.len().min(buffer.len());
        buffer[..count].copy_from_slice(&inbound[..count]);
        Ok(count)
    }

    fn left(&self) -> usize {
        self.inbound.borrow().len()
    }
}

impl Transport for Line {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.copy(buffer)?;
        self.inbound.borrow_mut().drain(..count);
        Ok(count)
    }

    fn peek(&self, buffer: &mut [u8], _: bool) -> io::Result<usize> {
        if self.shows { self.copy(buffer) } else { Err(io::ErrorKind::Unsupported.into()) }
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.sent.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn wait(&self, _: Interest, _: Option<Duration>) -> io::Result<bool> {
        panic!("nobody may wait here")
    }
}

/// Has the peer say something, which may be data.
fn say(peer: &mut Peer, is_tls13: bool, numbers: &mut Numbers, said: &mut Vec<u8>) {
    let size = numbers.one_of(&[1, 2, 40, 1000, 5000, 1 << 14, 40_000]);
    let data: Vec<u8> = (0..size).map(|_| numbers.below(256) as u8).collect();
    match numbers.below(if is_tls13 { 10 } else { 7 }) {
        0 => peer.send_data(b""),
        1 => peer.send_alert(alert::WARNING, alert::USER_CANCELED),
        2..=6 => {
            for record in data.chunks(1 << 14) {
                peer.send_data(record);
            }
            said.extend(data);
        }
        7 => peer.send_key_update(numbers.below(2) == 0),
        8 => peer.send_ticket(b"a ticket"),
        _ => {
            let data = &data[..size.min(9000)];
            let padding = numbers.one_of(&[1, 100, (1 << 14) - data.len()]);
            peer.send_sealed(content::APPLICATION_DATA, data, padding);
            said.extend(data);
        }
    }
}

/// Reads until there is nothing more. What `select()` and `pending()` say must be so.
fn read_all(client: &SocketDriver, line: &Line, numbers: &mut Numbers, heard: &mut Vec<u8>) -> Option<Error> {
    loop {
        let is_quiet = line.left() == 0 && client.connection().pending() == 0;
        let mut buffer = vec![0; numbers.one_of(&[1, 7, 100, 1 << 14, (1 << 14) + 1, 50_000, 300_000])];
        match client.read(line, &mut buffer, Deadline::Now) {
            Ok(bytes) => {
                assert!(!is_quiet, "data that nobody could know of");
                heard.extend_from_slice(&buffer[..bytes]);
            }
            Err(Error::WantRead) => {
                assert_eq!(line.left(), 0, "what cannot be read yet wakes who waits");
                return None;
            }
            Err(error) => {
                assert!(!is_quiet, "an end that nobody could know of: {error:?}");
                return Some(error);
            }
        }
    }
}

#[test]
fn whatever_comes_and_however_it_comes() {
    for seed in 0..160u64 {
        let (is_tls13, shows, is_damaged) = (seed % 2 == 0, seed / 2 % 2 == 0, seed / 4 % 2 == 0);
        let mut numbers = Numbers(seed);
        let mut server = STAGE.scripted_server(if is_tls13 { TLS13 } else { TLS12 });
        server.complete_handshake();
        let other = STAGE.scripted_server(TLS13);
        let client = std::mem::replace(&mut server.connection, Arc::clone(&other.connection));
        let client = SocketDriver::new(Arc::into_inner(client).unwrap());
        let line = Line { inbound: RefCell::default(), sent: RefCell::default(), shows };
        let (mut said, mut heard) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            say(&mut server, is_tls13, &mut numbers, &mut said);
            // Nothing of what may be said is refused for being said too often with data between.
            server.send_data(b"data");
            said.extend(b"data");
        }
        let mut bytes = server.take_output();
        if is_damaged {
            server.send_data(b"damaged");
            let mut damaged = server.take_output();
            *damaged.last_mut().unwrap() ^= 1;
            bytes.extend(damaged);
        } else {
            server.close();
            bytes.extend(server.take_output());
        }
        // Without anything behind it, nothing else tells of the end.
        let clear_text = if seed / 8 % 2 == 0 { CLEAR_TEXT } else { b"" };
        bytes.extend(clear_text);
        let mut end = None;
        while end.is_none() {
            assert!(!bytes.is_empty() || line.left() > 0, "seed {seed}: no end");
            let piece = numbers.one_of(&[1, 6, 30, 3000, 20_000, 400_000]).min(bytes.len());
            line.inbound.borrow_mut().extend(bytes.drain(..piece));
            end = read_all(&client, &line, &mut numbers, &mut heard);
        }
        assert!(heard == said, "seed {seed}: {} of {} bytes, then {end:?}", heard.len(), said.len());
        let left = [line.inbound.take(), bytes].concat();
        match end.unwrap() {
            Error::Closed => assert!(!is_damaged && left == clear_text, "seed {seed}: {left:?}"),
            error => {
                assert!(is_damaged, "seed {seed}: {error:?}");
                assert_eq!(error.report().reason.unwrap().name, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC");
                assert!(!line.sent.borrow().is_empty(), "the peer is told");
            }
        }
    }
}
