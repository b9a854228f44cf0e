//! A queue of bytes between a connection and a program that moves them itself (`ssl.MemoryBIO`).

use std::sync::{Mutex, MutexGuard};

use crate::error::{Error, Result};
use crate::pool;
use crate::sync;

/// What an empty queue keeps of its memory, in bytes. Idle connections are many; a burst is soon over.
const KEEP: usize = 1 << 16;

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    start: usize,
    eof: bool,
}

/// A queue of bytes with an end. Safe to share between threads.
#[derive(Default)]
pub struct MemoryBio {
    state: Mutex<State>,
}

impl MemoryBio {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state)
    }

    /// Puts bytes at the end.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] after [`Self::write_eof`].
    pub fn write(&self, bytes: &[u8]) -> Result<usize> {
        if self.lock().eof {
            return Err(Error::Setting("cannot write() after write_eof()".into()));
        }
        self.push(bytes);
        Ok(bytes.len())
    }

    /// The same for a connection, whom the mark does not stop: it is for who reads, as with OpenSSL.
    pub(super) fn push(&self, bytes: &[u8]) {
        let mut state = self.lock();
        pool::make_room(&mut state.bytes, bytes.len());
        state.bytes.extend_from_slice(bytes);
    }

    /// Takes up to `limit` bytes from the front and shows them to `take`.
    pub fn read_with<R>(&self, limit: usize, take: impl FnOnce(&[u8]) -> R) -> R {
        let mut state = self.lock();
        let end = state.bytes.len().min(state.start.saturating_add(limit));
        let result = take(&state.bytes[state.start..end]);
        state.start = end;
        if state.start == state.bytes.len() {
            if state.bytes.capacity() > KEEP {
                state.bytes = Vec::new();
            }
            state.bytes.clear();
            state.start = 0;
            pool::give_back(&mut state.bytes);
        } else if state.start > state.bytes.len() / 2 {
            let start = state.start;
            state.bytes.drain(..start);
            state.start = 0;
        }
        result
    }

    /// Takes up to `limit` bytes from the front.
    #[must_use]
    pub fn read(&self, limit: usize) -> Vec<u8> {
        self.read_with(limit, <[u8]>::to_vec)
    }

    /// Marks the end, for who reads and for [`Self::write`]. A connection that writes into it is not stopped.
    pub fn write_eof(&self) {
        self.lock().eof = true;
    }

    /// How many bytes wait.
    #[must_use]
    pub fn pending(&self) -> usize {
        let state = self.lock();
        state.bytes.len() - state.start
    }

    /// Whether the end is marked and everything before it was read.
    #[must_use]
    pub fn is_eof(&self) -> bool {
        let state = self.lock();
        state.eof && state.start == state.bytes.len()
    }
}

impl std::fmt::Debug for MemoryBio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryBio").field("pending", &self.pending()).field("eof", &self.is_eof()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_leaves_no_memory_behind() {
        let bio = MemoryBio::new();
        for _ in 0..3 {
            bio.write(&[7; 1 << 20]).unwrap();
            assert_eq!(bio.read(10).len(), 10);
            assert_eq!(bio.read(usize::MAX).len(), (1 << 20) - 10);
            assert!(bio.lock().bytes.capacity() <= KEEP);
        }
        bio.write(b"small").unwrap();
        assert_eq!(bio.read(usize::MAX), b"small");
        assert!(bio.lock().bytes.capacity() > 0);
    }
}
