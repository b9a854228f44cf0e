//! The receiving side: records that came in, and decrypted bytes that nobody has taken yet.
//!
//! Records of data are opened here, without the engine, where it has handed out the key for them; all
//! others are the engine's.

use super::inbox::Inbox;
use crate::engine::TrafficKey;
use crate::wire::record::APPLICATION_DATA;

/// What came of the next record.
pub(super) enum Opened {
    /// This many bytes of data.
    Data(usize),
    /// It is the engine's.
    Engine,
    /// It is not whole yet.
    Incomplete,
}

/// Everything that receiving needs a lock for.
pub(super) struct Receive {
    pub(super) inbox: Inbox,
    /// The key for records of data; `None` where they go through the engine.
    pub(super) opening: Option<TrafficKey>,
    /// The engine has decrypted bytes. They come before those of any later record.
    pub(super) engine_has_data: bool,
    /// The engine may be cut down when data comes: a client has its tickets.
    pub(super) has_tickets: bool,
    /// The rest of a record that was larger than the caller's buffer.
    leftover: Vec<u8>,
    taken: usize,
}

impl Receive {
    pub(super) const fn new() -> Self {
        Self {
            inbox: Inbox::new(),
            opening: None,
            engine_has_data: false,
            has_tickets: false,
            leftover: Vec::new(),
            taken: 0,
        }
    }

    /// How many bytes are left of a record that was opened before.
    pub(super) const fn leftover(&self) -> usize {
        self.leftover.len() - self.taken
    }

    /// Moves what is left of a record to `buffer`.
    pub(super) fn take_leftover(&mut self, buffer: &mut [u8]) -> usize {
        let rest = &self.leftover[self.taken..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.taken += count;
        if self.taken == self.leftover.len() {
            // A buffer that is used for every record of a long answer is not worth giving back, one that idles is; and
            // decrypted data of one connection does not belong into a pool.
            self.taken = 0;
            self.leftover = Vec::new();
        }
        count
    }

    /// Opens the next record straight into `buffer`, if it is one of data and whole.
    pub(super) fn open_record(&mut self, is_server: bool, buffer: &mut [u8]) -> Opened {
        let Some(opening) = self.opening.as_ref().filter(|_| !self.engine_has_data) else {
            return Opened::Engine;
        };
        let record = match self.inbox.next_record(is_server) {
            Ok(Some(record)) => record,
            Ok(None) => return Opened::Incomplete,
            // What is wrong with a header is the engine's to say.
            Err(_) => return Opened::Engine,
        };
        let bytes = self.inbox.bytes(&record);
        if bytes[0] != APPLICATION_DATA {
            return Opened::Engine;
        }
        let room = opening.room_for(bytes);
        let opened = if let Some(buffer) = buffer.get_mut(..room) {
            opening.open(bytes, buffer)
        } else {
            self.leftover.resize(room, 0);
            let opened = opening.open(bytes, &mut self.leftover);
            self.leftover.truncate(opened.unwrap_or(0));
            self.taken = 0;
            opened.map(|_| self.take_leftover(buffer))
        };
        match opened {
            Some(bytes) => {
                self.inbox.consume(record);
                Opened::Data(bytes)
            }
            None => Opened::Engine,
        }
    }
}

#[cfg(test)]
impl Receive {
    /// The buffers that are kept, in bytes.
    pub(super) fn kept(&self) -> usize {
        self.inbox.kept() + self.leftover.capacity()
    }
}
