//! Records on their way out: one queue, in order, that outlives a failed or partial send.
//!
//! A TLS 1.3 server's session tickets are held back until there is something else to send, or somebody knows that
//! they do no harm. A client that says what it has to say and hangs up would otherwise close its socket over unread
//! bytes, which resets the connection and may cost the server the data that was on its way.
//!
//! Two locks. `queue` is held while records are made, `sending` while they are given to the transport, so
//! that a slow system call does not hold up encryption. Whoever has `sending` is the one thread that sends.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, TryLockError};

use super::SharedQueue;
use crate::byte_queue::ByteQueue;
use crate::sync::lock;

#[derive(Default)]
struct Sending {
    records: ByteQueue,
    answers: usize,
}

/// Records that wait for the transport.
#[derive(Default)]
struct Queue {
    records: ByteQueue,
    /// How many bytes at the front are not worth sending alone.
    held_back: usize,
    /// How many bytes are no data of the program's.
    answers: usize,
}

impl Queue {
    const fn is_worth_sending(&self) -> bool {
        self.records.len() > self.held_back
    }
}

/// The outgoing side's queue.
#[derive(Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    sending: Mutex<Sending>,
    /// How many bytes of what waits, in the queue or half sent, are no data of the program's.
    answers: AtomicUsize,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Lets `make` put records at the end of the queue: what the protocol has to say.
    pub(super) fn append<R>(&self, make: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        let mut queue = lock(&self.queue);
        let mut records = Vec::new();
        let made = make(&mut records);
        if !records.is_empty() {
            queue.records.extend(&records);
            queue.answers += records.len();
            self.answers.fetch_add(records.len(), Ordering::Relaxed);
        }
        made
    }

    /// Lets `make` put records with the program's data at the end of the queue.
    pub(super) fn append_data<R>(&self, make: impl FnOnce(&mut ByteQueue) -> R) -> R {
        make(&mut lock(&self.queue).records)
    }

    /// The same at the end of `target`, where nothing waits to go there first; else at the end of the queue.
    pub(super) fn append_data_past<R>(
        &self,
        target: &impl SharedQueue,
        make: impl FnOnce(&mut ByteQueue) -> R,
    ) -> R {
        let mut queue = lock(&self.queue);
        // Never waited for: who sends waits for the queue.
        match self.sending.try_lock() {
            Ok(sending) if sending.records.is_empty() && queue.records.is_empty() => target.with(make),
            _ => make(&mut queue.records),
        }
    }

    /// How many bytes wait that are no data of the program's. Those half sent count as a whole.
    pub(super) fn answers(&self) -> usize {
        self.answers.load(Ordering::Relaxed)
    }

    /// Holds what is queued back until more follows.
    pub(super) fn hold_back(&self) {
        let mut queue = lock(&self.queue);
        queue.held_back = queue.records.len();
    }

    /// Whether something is held back.
    pub(super) fn holds_back(&self) -> bool {
        lock(&self.queue).held_back > 0
    }

    /// Lets go of what is held back.
    pub(super) fn release(&self) {
        lock(&self.queue).held_back = 0;
    }

    pub(super) fn wants_send(&self) -> bool {
        if lock(&self.queue).is_worth_sending() {
            return true;
        }
        match self.sending.try_lock() {
            Ok(sending) => !sending.records.is_empty(),
            Err(TryLockError::Poisoned(sending)) => !sending.into_inner().records.is_empty(),
            // Somebody is sending, so there is something to send.
            Err(TryLockError::WouldBlock) => true,
        }
    }

    /// How many bytes wait to be sent, those aside that are held back. While another thread sends, its bytes are not counted.
    pub(super) fn waiting(&self) -> usize {
        let half_sent = match self.sending.try_lock() {
            Ok(sending) => sending.records.len(),
            Err(_) => 0,
        };
        let queue = lock(&self.queue);
        half_sent + queue.records.len() - queue.held_back.min(queue.records.len())
    }

    /// Sends everything, in order, until `send` fails.
    pub(super) fn send_with(&self, mut send: impl FnMut(&[u8]) -> io::Result<usize>) -> io::Result<()> {
        let mut sending = lock(&self.sending);
        loop {
            while !sending.records.is_empty() {
                match send(sending.records.bytes())? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    sent => sending.records.consume(sent),
                }
            }
            self.answers.fetch_sub(std::mem::take(&mut sending.answers), Ordering::Relaxed);
            let mut queue = lock(&self.queue);
            if !queue.is_worth_sending() {
                return Ok(());
            }
            queue.held_back = 0;
            sending.answers = std::mem::take(&mut queue.answers);
            std::mem::swap(&mut queue.records, &mut sending.records);
        }
    }
}

#[cfg(test)]
impl Outbox {
    /// The buffers that are kept, in bytes.
    pub(super) fn kept(&self) -> usize {
        lock(&self.queue).records.kept() + lock(&self.sending).records.kept()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_back_goes_out_with_what_follows() {
        let outbox = Outbox::new();
        outbox.append(|queue| queue.extend(b"tickets "));
        outbox.hold_back();
        assert!(!outbox.wants_send());
        outbox.send_with(|_| panic!("nothing to send")).unwrap();
        outbox.append(|queue| queue.extend(b"data"));
        assert!(outbox.wants_send());
        let mut seen: Vec<u8> = Vec::new();
        outbox
            .send_with(|bytes| {
                seen.extend(bytes);
                Ok(bytes.len())
            })
            .unwrap();
        assert_eq!(seen, b"tickets data");
        assert!(!outbox.wants_send());
    }

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

    #[test]
    fn a_panic_of_the_transport_changes_nothing() {
        let outbox = Outbox::new();
        outbox.append(|queue| queue.extend(b"record"));
        let sending = std::panic::AssertUnwindSafe(|| outbox.send_with(|_| panic!("of the transport's")));
        assert!(std::panic::catch_unwind(sending).is_err());
        assert!(outbox.wants_send());
        outbox.send_with(|bytes| Ok(bytes.len())).unwrap();
        assert!(!outbox.wants_send());
    }
}
