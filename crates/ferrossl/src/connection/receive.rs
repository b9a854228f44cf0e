//! The receiving side: records that came in, and decrypted bytes that nobody has taken yet.
//!
//! Records of data are opened here, without the engine, where it has handed out the key for them; all
//! others are the engine's.

use super::Room;
use super::inbox::Inbox;
use crate::engine::TrafficKey;
use crate::wire::record::{APPLICATION_DATA, MAX_DATA};

/// What came of the next record.
pub(super) enum Opened {
    /// Data.
    Data,
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
    /// How many bytes of the peer's stream were taken from the transport.
    pub(super) taken_in: u64,
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
            taken_in: 0,
            leftover: Vec::new(),
            taken: 0,
        }
    }

    /// How many bytes are left of a record that was opened before.
    pub(super) const fn leftover(&self) -> usize {
        self.leftover.len() - self.taken
    }

    /// Moves what is left of a record to `room`.
    pub(super) fn take_leftover(&mut self, room: &mut Room<'_>) {
        self.taken += room.put(&self.leftover[self.taken..]);
        if self.taken == self.leftover.len() {
            // A buffer that is used for every record of a long answer is not worth giving back, one that idles is; and
            // decrypted data of one connection does not belong into a pool.
            self.taken = 0;
            self.leftover = Vec::new();
        }
    }

    /// Opens the next record straight into `room`, if it is one of data and whole.
    pub(super) fn open_record(&mut self, is_server: bool, room: &mut Room<'_>) -> Opened {
        let Some(opening) = self.opening.as_ref().filter(|_| !self.engine_has_data) else {
            return Opened::Engine;
        };
        let record = match self.inbox.next_record(is_server) {
            Ok(Some(record)) => record,
            Ok(None) => return Opened::Incomplete,
            // What is wrong with a header is the engine's to say.
            Err(_) => return Opened::Engine,
        };
        match open(opening, self.inbox.bytes(&record), room, &mut self.leftover, &mut self.taken) {
            true => {
                self.inbox.consume(record);
                Opened::Data
            }
            false => Opened::Engine,
        }
    }

    /// Whether the next record, if it is one of data, can be opened where it lies: nothing else comes first, but for what is
    /// left of the one before.
    pub(super) fn opens_in_place(&self) -> bool {
        self.opening.is_some() && !self.engine_has_data && self.inbox.is_empty()
    }

    /// Opens the whole records of data at the front of `bytes`, as many as fit into `room`; of the first one the rest is kept
    /// where it does not fit. Returns how many bytes of records that were.
    pub(super) fn open_records(&mut self, is_server: bool, bytes: &[u8], room: &mut Room<'_>) -> usize {
        let (mut used, before) = (0, room.filled());
        let Some(opening) = self.opening.as_ref() else { return 0 };
        while room.filled() == before || room.left() >= MAX_DATA {
            // What is wrong with a header is the engine's to say.
            let Ok(Some(length)) = self.inbox.record_length(is_server, &bytes[used..]) else { break };
            let record = &bytes[used..used + length];
            if !open(opening, record, room, &mut self.leftover, &mut self.taken) {
                break;
            }
            used += length;
        }
        used
    }

    /// Whether these bytes are the beginning of one record, as far as anybody can tell, and not all of it.
    pub(super) fn is_beginning_of_record(&self, is_server: bool, bytes: &[u8]) -> bool {
        !bytes.is_empty() && matches!(self.inbox.record_length(is_server, bytes), Ok(None))
    }
}

/// Opens a whole record, if it is one of data, into `room`, or, where it does not fit, into `leftover`, of which `taken` bytes
/// go to `room` then. False, with nothing changed, if it is none of data, or none that opens.
fn open(
    opening: &TrafficKey,
    record: &[u8],
    room: &mut Room<'_>,
    leftover: &mut Vec<u8>,
    taken: &mut usize,
) -> bool {
    if record[0] != APPLICATION_DATA {
        return false;
    }
    let needed = opening.room_for(record);
    if let Some(place) = room.place(needed, opening.most_data(record)) {
        let opened = opening.open(record, place);
        room.fill(opened.unwrap_or(0));
        return opened.is_some();
    }
    leftover.resize(needed, 0);
    let opened = opening.open(record, leftover);
    leftover.truncate(opened.unwrap_or(0));
    *taken = room.put(leftover);
    if *taken == leftover.len() {
        *taken = 0;
        *leftover = Vec::new();
    }
    opened.is_some()
}

#[cfg(test)]
impl Receive {
    /// The buffers that are kept, in bytes.
    pub(super) fn kept(&self) -> usize {
        self.inbox.kept() + self.leftover.capacity()
    }
}
