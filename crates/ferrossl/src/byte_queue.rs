//! A queue of bytes: records on their way, or whatever a program has put into a `MemoryBio`. What they mean is for others.
//!
//! The memory behind the bytes is initialised once and then written over, so a record that is sealed into it costs no clearing
//! of the place first (which took as long as a fifth of the sealing). It comes from the [`pool`] and goes back there as soon
//! as the queue is empty.

use crate::pool;

/// Bytes in order, with room for more behind them.
#[derive(Default)]
pub(crate) struct ByteQueue {
    room: Vec<u8>,
    start: usize,
    /// End of the bytes; what lies behind is room for more, whatever stands there.
    end: usize,
}

impl ByteQueue {
    pub(crate) const fn new() -> Self {
        Self { room: Vec::new(), start: 0, end: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.end - self.start
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// What is in the queue, the oldest first.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.room[self.start..self.end]
    }

    /// Takes this many of the oldest bytes out, at most all.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
        if self.is_empty() {
            self.start = 0;
            self.end = 0;
            pool::give_back(&mut self.room);
        }
    }

    /// Puts bytes at the end.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
        self.end += bytes.len();
    }

    /// Room for this many bytes behind the others, to be written over. They are in the queue once [`Self::add`] says so.
    ///
    /// Each byte is moved a few times at most, however small the pieces are that come in, and however much waits.
    pub(crate) fn room(&mut self, length: usize) -> &mut [u8] {
        if self.end + length > self.room.len() {
            let waiting = self.start..self.end;
            let needed = waiting.len() + length;
            if needed <= self.room.len() && waiting.len() <= self.start {
                self.room.copy_within(waiting.clone(), 0);
            } else {
                let mut larger = pool::take(needed.max(2 * waiting.len()));
                larger[..waiting.len()].copy_from_slice(&self.room[waiting.clone()]);
                let mut smaller = std::mem::replace(&mut self.room, larger);
                pool::give_back(&mut smaller);
            }
            self.start = 0;
            self.end = waiting.len();
        }
        &mut self.room[self.end..self.end + length]
    }

    /// The first `count` bytes of the [room](Self::room) are in the queue now.
    pub(crate) fn add(&mut self, count: usize) {
        self.end = self.room.len().min(self.end + count);
    }
}

#[cfg(test)]
impl ByteQueue {
    /// The buffer that is kept, in bytes.
    pub(crate) fn kept(&self) -> usize {
        self.room.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However small the pieces are: with a buffer that grew by each of them, this would move gigabytes.
    #[test]
    fn a_backlog_is_moved_a_few_times_at_most() {
        let mut queue = ByteQueue::new();
        let (mut moved, mut consumed) = (0, 0);
        for piece in 0..100_000usize {
            let before = (queue.room.as_ptr(), queue.start, queue.len());
            queue.extend(&piece.to_be_bytes());
            if (queue.room.as_ptr(), queue.start) != (before.0, before.1) {
                moved += before.2;
            }
            // Somebody reads, but less than comes in.
            if piece % 3 == 0 {
                assert_eq!(queue.bytes()[..8], (piece / 3).to_be_bytes());
                queue.consume(8);
                consumed += 1;
            }
        }
        assert_eq!(queue.len(), (100_000 - consumed) * 8);
        assert!(moved < 10 * 100_000 * 8, "{moved} bytes were moved");
    }

    #[test]
    fn bytes_come_out_as_they_went_in() {
        let mut queue = ByteQueue::new();
        let bytes: Vec<u8> = (0..200_000u32).map(|i| (i * 13) as u8).collect();
        let (mut put, mut taken) = (0, 0);
        for round in 0.. {
            let piece = (round * 37 % 1501).min(bytes.len() - put);
            let room = queue.room(piece + 100);
            room[..piece].copy_from_slice(&bytes[put..put + piece]);
            // What was not added does not count.
            room[piece..].fill(255);
            queue.add(piece);
            put += piece;
            let piece = (round * 31 % 1489).min(queue.len());
            assert!(queue.bytes()[..piece] == bytes[taken..taken + piece], "round {round}");
            queue.consume(piece);
            taken += piece;
            if put == bytes.len() && queue.is_empty() {
                break;
            }
        }
        assert_eq!(taken, bytes.len());
    }

    #[test]
    fn an_empty_queue_keeps_little() {
        let mut queue = ByteQueue::new();
        for length in [1, 5_000, 100_000, 1 << 20] {
            queue.extend(&vec![7; length]);
            queue.consume(length);
            assert!(queue.kept() <= 4096, "{length}: {}", queue.kept());
        }
    }
}
