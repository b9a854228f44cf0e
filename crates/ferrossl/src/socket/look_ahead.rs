//! Reading from a transport that shows what has come in before it is taken: many records for two system calls, and nothing
//! behind close_notify taken.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use super::transport::Transport;
use crate::connection::{Connection, Room};
use crate::pool;
use crate::wire::record::{HEADER, MAX_DATA};

/// What fits into this is looked at in a place of the thread's stack: a request, an answer. Bytes.
const LITTLE: usize = 4096;
/// The most that is looked at at once: as much as a pooled buffer takes, in bytes.
const MUCH: usize = 272 * 1024;
/// The longest record (RFC 5246 section 6.2.3), in bytes.
const LONGEST_RECORD: usize = HEADER + MAX_DATA + 2048;
/// What a record adds to its data, at most, for the suites whose records are opened here: header, explicit nonce, type, tag.
const OVERHEAD: usize = HEADER + 8 + 1 + 16;

/// What came of a look.
pub(super) enum Seen {
    /// So much data is in the room, and whether more was there than was looked at.
    Data { more: bool },
    /// Nothing that can be read like this: whatever it is, [`Connection::fill`] and [`Connection::read`] say.
    Other,
}

/// Looks at what has come in. Remembers how much that was the last time.
pub(super) struct LookAhead {
    expects_much: AtomicBool,
    /// A look has worked, and since then something was sent: the peer is hardly done with its answer.
    expects_nothing: AtomicBool,
    works: AtomicBool,
}

impl LookAhead {
    pub(super) const fn new() -> Self {
        Self {
            expects_much: AtomicBool::new(false),
            expects_nothing: AtomicBool::new(false),
            works: AtomicBool::new(false),
        }
    }

    /// Whether the transport shows what has come in: a look has worked.
    pub(super) fn works(&self) -> bool {
        self.works.load(Ordering::Relaxed)
    }

    /// Something was sent.
    pub(super) fn sent(&self) {
        self.expects_nothing.store(self.works.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Whether to wait before the first look, which would hardly show anything. Once for each time that something was sent.
    pub(super) fn expects_nothing(&self) -> bool {
        self.expects_nothing.load(Ordering::Relaxed) && self.expects_nothing.swap(false, Ordering::Relaxed)
    }

    /// Reads whole records of data that the transport shows into `room`. With nothing there, waits or not, as
    /// [`Transport::peek`]. No lock is held while it waits.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub(super) fn read(
        &self,
        connection: &Connection,
        transport: &impl Transport,
        room: &mut Room<'_>,
        waits: bool,
    ) -> io::Result<Seen> {
        let Some(at) = connection.position() else { return Ok(Seen::Other) };
        let expects_much = self.expects_much.load(Ordering::Relaxed);
        if !expects_much {
            let mut little = [0; LITTLE];
            let seen = match transport.peek(&mut little, waits) {
                Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(Seen::Other),
                other => other?,
            };
            self.works.store(true, Ordering::Relaxed);
            if seen < LITTLE {
                return read_peeked(connection, transport, at, &mut little[..seen], room, false);
            }
            self.expects_much.store(true, Ordering::Relaxed);
        }
        let useful = room.left() + (room.left() / MAX_DATA + 1) * OVERHEAD;
        let mut place = pool::take(useful.clamp(LONGEST_RECORD, MUCH));
        // What the little place has shown is still there, if no other thread has taken it.
        let seen = transport.peek(&mut place, waits && expects_much);
        let read = match seen {
            Ok(seen) => {
                if seen < LITTLE {
                    self.expects_much.store(false, Ordering::Relaxed);
                }
                let more = seen == place.len();
                read_peeked(connection, transport, at, &mut place[..seen], room, more)
            }
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(Seen::Other),
            Err(error) => Err(error),
        };
        pool::give_back(&mut place);
        read
    }
}

fn read_peeked(
    connection: &Connection,
    transport: &impl Transport,
    at: u64,
    bytes: &mut [u8],
    room: &mut Room<'_>,
    more: bool,
) -> io::Result<Seen> {
    let read = connection.read_peeked_to(at, bytes, room, |used| transport.discard(used))?;
    Ok(if read > 0 { Seen::Data { more } } else { Seen::Other })
}
