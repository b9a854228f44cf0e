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

/// Fingerprints of writes that wait for their second call.
pub(super) struct Retries {
    hasher: RandomState,
    waiting: Mutex<VecDeque<(usize, u64)>>,
}

impl Retries {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), waiting: Mutex::new(VecDeque::new()) }
    }

    /// Notes that `data` is encrypted and queued.
    pub(super) fn add(&self, data: &[u8]) {
        let fingerprint = (data.len(), self.hasher.hash_one(data));
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == CAPACITY {
            waiting.pop_front();
        }
        waiting.push_back(fingerprint);
    }

    /// Whether the beginning of `data` was queued by an earlier call, and how much of it. Counts once.
    pub(super) fn claim(&self, data: &[u8]) -> Option<usize> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let found = waiting.iter().position(|&(length, hash)| {
            data.get(..length).is_some_and(|prefix| self.hasher.hash_one(prefix) == hash)
        })?;
        waiting.remove(found).map(|(length, _)| length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_write_counts_once_whatever_comes_between() {
        let retries = Retries::new();
        retries.add(b"first");
        retries.add(b"second");
        assert_eq!(retries.claim(b"third"), None);
        assert_eq!(retries.claim(b"second and more"), Some(6));
        assert_eq!(retries.claim(b"first"), Some(5));
        assert_eq!(retries.claim(b"first"), None);
    }
}
