//! Where a read puts data.

/// A reader's buffer, and how far it is filled.
pub(crate) struct Room<'a> {
    buffer: &'a mut [u8],
    /// How many bytes of the buffer are for data; one behind them may be worked in.
    limit: usize,
    filled: usize,
}

impl<'a> Room<'a> {
    /// All of `buffer` is for data.
    pub(crate) const fn new(buffer: &'a mut [u8]) -> Self {
        let limit = buffer.len();
        Self { buffer, limit, filled: 0 }
    }

    /// The last byte of `buffer` is lent only. A record of TLS 1.3 has its type behind the data (RFC 8446 section 5.2), so
    /// with it also one that fills the rest to the last byte is opened in place.
    pub(crate) const fn with_spare(buffer: &'a mut [u8]) -> Self {
        let limit = buffer.len().saturating_sub(1);
        Self { buffer, limit, filled: 0 }
    }

    pub(crate) const fn filled(&self) -> usize {
        self.filled
    }

    /// How much more data there is room for.
    pub(crate) const fn left(&self) -> usize {
        self.limit - self.filled
    }

    /// The place behind the data, if this many bytes can be worked in there and it can be filled with `data` of them.
    pub(crate) fn place(&mut self, needed: usize, data: usize) -> Option<&mut [u8]> {
        if data > self.left() {
            return None;
        }
        self.buffer[self.filled..].get_mut(..needed)
    }

    /// This many bytes of the place are data now.
    pub(crate) fn fill(&mut self, count: usize) {
        self.filled = self.limit.min(self.filled + count);
    }

    /// Puts in as much of `data` as there is room for; returns how much that was.
    pub(crate) fn put(&mut self, data: &[u8]) -> usize {
        let count = data.len().min(self.left());
        self.buffer[self.filled..self.filled + count].copy_from_slice(&data[..count]);
        self.filled += count;
        count
    }

    /// What is behind the data, without the spare byte.
    pub(crate) fn rest(&mut self) -> &mut [u8] {
        &mut self.buffer[self.filled..self.limit]
    }
}
