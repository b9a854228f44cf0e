//! Records on their way out: one queue, in order, that outlives a failed or partial send.
//!
//! Two locks. `queue` is held while records are made, `sending` while they are given to the transport, so
//! that a slow system call does not hold up encryption. Whoever has `sending` is the one thread that sends.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, TryLockError};

use super::lock;

/// Buffers above this many bytes are given back when they run empty.
const KEEP: usize = 320 * 1024;

#[derive(Default)]
struct Sending {
    buffer: Vec<u8>,
    sent: usize,
}

/// The outgoing side's queue.
#[derive(Default)]
pub(super) struct Outbox {
    queue: Mutex<Vec<u8>>,
    sending: Mutex<Sending>,
    closed: AtomicBool,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Lets `make` put records at the end of the queue.
    pub(super) fn append<R>(&self, make: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        make(&mut lock(&self.queue))
    }

    /// Notes that close_notify is being queued; true for the first caller only.
    pub(super) fn close(&self) -> bool {
        !self.closed.swap(true, Ordering::AcqRel)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn wants_send(&self) -> bool {
        if !lock(&self.queue).is_empty() {
            return true;
        }
        match self.sending.try_lock() {
            Ok(sending) => sending.sent < sending.buffer.len(),
            Err(TryLockError::Poisoned(sending)) => {
                let sending = sending.into_inner();
                sending.sent < sending.buffer.len()
            }
            // Somebody is sending, so there is something to send.
            Err(TryLockError::WouldBlock) => true,
        }
    }

    /// Sends everything, in order, until `send` fails.
    pub(super) fn send_with(&self, mut send: impl FnMut(&[u8]) -> io::Result<usize>) -> io::Result<()> {
        let mut sending = lock(&self.sending);
        loop {
            while sending.sent < sending.buffer.len() {
                match send(&sending.buffer[sending.sent..])? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    sent => sending.sent += sent,
                }
            }
            sending.sent = 0;
            sending.buffer.clear();
            if sending.buffer.capacity() > KEEP {
                sending.buffer = Vec::new();
            }
            let mut queue = lock(&self.queue);
            if queue.is_empty() {
                return Ok(());
            }
            std::mem::swap(&mut *queue, &mut sending.buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_taken_goes_first_next_time() {
        let outbox = Outbox::new();
        outbox.append(|queue| queue.extend(b"one "));
        let mut seen: Vec<u8> = Vec::new();
        let mut calls = 0;
        let result = outbox.send_with(|bytes| {
            calls += 1;
            if calls == 2 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            seen.extend(&bytes[..2]);
            Ok(2)
        });
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert!(outbox.wants_send());
        outbox.append(|queue| queue.extend(b"two"));
        outbox
            .send_with(|bytes| {
                seen.extend(bytes);
                Ok(bytes.len())
            })
            .unwrap();
        assert_eq!(seen, b"one two");
        assert!(!outbox.wants_send());
    }
}
