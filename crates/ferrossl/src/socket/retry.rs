//! Writes whose records are queued but not sent yet: the caller was told to try again with the same bytes,
//! and must not have them encrypted twice.
//!
//! OpenSSL knows one such write and fails with `BAD_WRITE_RETRY` when another comes first. Here every write
//! owns its records, so another one simply follows; each is recognised by its bytes when it comes again.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

/// More writes under way on one socket than any program has; the oldest are forgotten.
const CAPACITY: usize = 64;

/// A write whose second call is awaited.
struct Waiting {
    length: usize,
    hash: u64,
    /// It ran into its deadline: the caller may well have given up on it.
    timed_out: bool,
}

/// Fingerprints of writes that wait for their second call.
pub(super) struct Retries {
    hasher: RandomState,
    waiting: Mutex<VecDeque<Waiting>>,
}

impl Retries {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), waiting: Mutex::new(VecDeque::new()) }
    }

    /// Notes that `data` is encrypted and queued.
    pub(super) fn add(&self, data: &[u8], timed_out: bool) {
        let fingerprint = Waiting { length: data.len(), hash: self.hasher.hash_one(data), timed_out };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == CAPACITY {
            waiting.pop_front();
        }
        waiting.push_back(fingerprint);
    }

    /// Whether the beginning of `data` was queued by an earlier call, and how much of it. Counts once.
    ///
    /// When it was not, the caller goes on to something new: writes that timed out are then given up for good,
    /// so that the same bytes, sent later on purpose, are not taken for them.
    pub(super) fn claim(&self, data: &[u8]) -> Option<usize> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let found = waiting.iter().position(|write| {
            data.get(..write.length).is_some_and(|prefix| self.hasher.hash_one(prefix) == write.hash)
        });
        match found {
            Some(index) => waiting.remove(index).map(|write| write.length),
            None => {
                waiting.retain(|write| !write.timed_out);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_write_counts_once_whatever_comes_between() {
        let retries = Retries::new();
        retries.add(b"first", false);
        retries.add(b"second", false);
        assert_eq!(retries.claim(b"third"), None);
        assert_eq!(retries.claim(b"second and more"), Some(6));
        assert_eq!(retries.claim(b"first"), Some(5));
        assert_eq!(retries.claim(b"first"), None);
    }

    #[test]
    fn a_write_that_timed_out_is_given_up_with_the_next_one() {
        let retries = Retries::new();
        retries.add(b"ping", true);
        assert_eq!(retries.claim(b"ping"), Some(4));
        retries.add(b"ping", true);
        assert_eq!(retries.claim(b"other"), None);
        assert_eq!(retries.claim(b"ping"), None);
    }
}
