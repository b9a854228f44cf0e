//! Records of data where they lie: opened from bytes that are not, or not yet, this connection's own, and sealed into a
//! queue that is somebody else's. Whatever is not plainly a whole record of data goes the other way, through the inbox.
//!
//! Locks: receive → the queue's own, and state → outbox → the queue's own. Under the last one nothing else is taken but a
//! traffic key, so two connections may share a queue.

use std::io;

use super::receive::Receive;
use super::{Connection, Room};
use crate::byte_queue::ByteQueue;
use crate::error::Result;
use crate::sync::lock;
use crate::wire::record::MAX_DATA;

/// A queue of records that others may use at the same time.
pub(crate) trait SharedQueue {
    /// Lends the queue; nobody else has it meanwhile.
    fn with<R>(&self, work: impl FnOnce(&mut ByteQueue) -> R) -> R;
}

impl Connection {
    /// Where in the peer's stream the next record of data begins that could be opened where it lies: how many bytes were taken
    /// from the transport until now. `None` while something else comes first: the handshake, bytes that were taken already,
    /// data that nobody has read, an end.
    #[must_use]
    pub fn position(&self) -> Option<u64> {
        let receive = lock(&self.receive);
        (self.reads_in_place(&receive) && receive.leftover() == 0 && !self.ends.is_transport_end())
            .then_some(receive.taken_in)
    }

    fn reads_in_place(&self, receive: &Receive) -> bool {
        receive.opens_in_place() && !self.ends.peer_closed()
    }

    /// Reads from `bytes`, which stand at [`Self::position`] `at` of the peer's stream and are still with the transport: opens the whole
    /// records of data at their beginning straight into `buffer`, whose last byte is lent only ([`Self::read_with_spare`]), as many as fit, and has `discard` take from the
    /// transport what was used, and nothing behind it. The beginning of a record that is not whole is taken in where nothing
    /// else is there. (Bytes behind close_notify are never taken: it is not data.)
    ///
    /// Returns how many bytes of data that were. 0 when `at` is past by now, and where the next record is not whole, or not one
    /// of data: then [`Self::fill`] and [`Self::read`] go on.
    ///
    /// # Errors
    ///
    /// Those of `discard`, which must take all that it is given the length of.
    pub fn read_peeked(
        &self,
        at: u64,
        bytes: &mut [u8],
        buffer: &mut [u8],
        discard: impl FnOnce(&mut [u8]) -> io::Result<()>,
    ) -> io::Result<usize> {
        self.read_peeked_to(at, bytes, &mut Room::with_spare(buffer), discard)
    }

    /// [`Self::read_peeked`] to the end of what is in `room`.
    pub(crate) fn read_peeked_to(
        &self,
        at: u64,
        bytes: &mut [u8],
        room: &mut Room<'_>,
        discard: impl FnOnce(&mut [u8]) -> io::Result<()>,
    ) -> io::Result<usize> {
        let mut receive = lock(&self.receive);
        if receive.taken_in != at || receive.leftover() > 0 || !self.reads_in_place(&receive) {
            return Ok(0);
        }
        let before = room.filled();
        let mut used = receive.open_records(self.is_server, bytes, room);
        if used == 0 && receive.is_beginning_of_record(self.is_server, bytes) {
            receive.inbox.extend(bytes);
            used = bytes.len();
        }
        if room.filled() > before {
            self.note_data(&mut receive);
        }
        if used > 0 {
            receive.taken_in += used as u64;
            discard(&mut bytes[..used])?;
        }
        Ok(room.filled() - before)
    }

    /// Reads what is left of an earlier record, and the whole records of data at the front of `source`, as [`Self::read_peeked`]
    /// does.
    pub(crate) fn read_from(&self, source: &impl SharedQueue, room: &mut Room<'_>) -> usize {
        if self.negotiated().is_none() || room.left() == 0 {
            return 0;
        }
        let before = room.filled();
        let mut receive = lock(&self.receive);
        receive.take_leftover(room);
        if self.reads_in_place(&receive) && (room.filled() == before || room.left() >= MAX_DATA) {
            source.with(|queue| {
                let used = receive.open_records(self.is_server, queue.bytes(), room);
                queue.consume(used);
                receive.taken_in += used as u64;
            });
            if room.filled() > before {
                self.note_data(&mut receive);
            }
        }
        room.filled() - before
    }

    /// [`Self::write`] with the records at the end of `target`, unless others wait to be sent first: then behind those.
    pub(crate) fn write_to(&self, target: &impl SharedQueue, data: &[u8]) -> Result<Option<usize>> {
        self.write_with(data, |outbox, seal| outbox.append_data_past(target, seal))
    }
}
