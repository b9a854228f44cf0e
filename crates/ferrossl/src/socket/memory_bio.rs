//! A queue of bytes between a connection and a program that moves them itself (`ssl.MemoryBIO`).

use std::io;
use std::sync::{Mutex, MutexGuard};

use crate::byte_queue::ByteQueue;
use crate::connection::SharedQueue;
use crate::error::{Error, Result};
use crate::sync;

#[derive(Default)]
struct State {
    queue: ByteQueue,
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
        let mut state = self.lock();
        if state.eof {
            return Err(Error::Setting("cannot write() after write_eof()".into()));
        }
        state.queue.extend(bytes);
        Ok(bytes.len())
    }

    /// Takes exactly so many bytes from the front as there is room for in `buffer`, or, unless `all` must be there, fewer.
    /// `WouldBlock` where there are none, or too few; 0 at the end.
    pub(super) fn receive(&self, buffer: &mut [u8], all: bool) -> io::Result<usize> {
        let mut state = self.lock();
        let count = state.queue.len().min(buffer.len());
        if state.queue.is_empty() && state.eof && !all {
            return Ok(0);
        }
        if count < if all { buffer.len() } else { 1 } {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        buffer[..count].copy_from_slice(&state.queue.bytes()[..count]);
        state.queue.consume(count);
        Ok(count)
    }

    /// Takes up to `limit` bytes from the front and shows them to `take`.
    pub fn read_with<R>(&self, limit: usize, take: impl FnOnce(&[u8]) -> R) -> R {
        let mut state = self.lock();
        let bytes = state.queue.bytes();
        let count = bytes.len().min(limit);
        let result = take(&bytes[..count]);
        state.queue.consume(count);
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
        self.lock().queue.len()
    }

    /// Whether the end is marked and everything before it was read.
    #[must_use]
    pub fn is_eof(&self) -> bool {
        let state = self.lock();
        state.eof && state.queue.is_empty()
    }
}

/// A connection is not stopped by the mark at the end: it is for who reads, as with OpenSSL.
impl SharedQueue for MemoryBio {
    fn with<R>(&self, work: impl FnOnce(&mut ByteQueue) -> R) -> R {
        work(&mut self.lock().queue)
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
            assert!(bio.lock().queue.kept() <= 4096);
        }
        bio.write(b"small").unwrap();
        assert_eq!(bio.read(usize::MAX), b"small");
        assert!(bio.lock().queue.kept() > 0);
    }
}
