//! A connection between two memory queues (`SSLContext.wrap_bio`).

use std::sync::Arc;

use super::driver::ONE_RECORD;
use super::memory_bio::MemoryBio;
use super::transport::failed;
use crate::connection::{Closing, Connection, Handshake, Limit, Read, Room, SharedQueue};
use crate::error::{Error, Result};

/// A connection that reads records from one queue and writes them to another. It never waits.
#[derive(Debug)]
pub struct MemoryConnection {
    connection: Connection,
    incoming: Arc<MemoryBio>,
    outgoing: Arc<MemoryBio>,
}

impl MemoryConnection {
    /// Joins a connection and its queues.
    #[must_use]
    pub const fn new(connection: Connection, incoming: Arc<MemoryBio>, outgoing: Arc<MemoryBio>) -> Self {
        Self { connection, incoming, outgoing }
    }

    /// The connection.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Goes on with the handshake.
    ///
    /// # Errors
    ///
    /// `WantRead` when the incoming queue has too little, and whatever the handshake fails with.
    pub fn handshake(&self) -> Result<Handshake> {
        self.run(|connection| {
            Ok(match connection.handshake()? {
                Handshake::NeedRead => None,
                other => Some(other),
            })
        })
    }

    /// Reads at least one byte; 0 only for an empty buffer.
    ///
    /// # Errors
    ///
    /// `WantRead`, [`Error::Closed`] after close_notify, [`Error::UnexpectedEof`] without.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        self.read_to(&mut Room::new(buffer))
    }

    /// As [`Self::read`], with [a spare byte](Connection::read_with_spare) at the end of `buffer`.
    ///
    /// # Errors
    ///
    /// As for [`Self::read`].
    pub fn read_with_spare(&self, buffer: &mut [u8]) -> Result<usize> {
        self.read_to(&mut Room::with_spare(buffer))
    }

    fn read_to(&self, room: &mut Room<'_>) -> Result<usize> {
        if self.connection.read_from(&*self.incoming, room) == 0 {
            self.run(|connection| match connection.read_to(room)? {
                Read::Data(bytes) => Ok(Some(bytes)),
                // What is to be sent goes to the queue at once, which has room for all of it.
                Read::NeedRead | Read::NeedWrite => Ok(None),
                Read::Closed => Err(Error::Closed),
            })?;
        }
        // A large buffer gets as many records as are there. An error shows up at the next read.
        while room.left() >= ONE_RECORD && self.incoming.pending() > 0 {
            if self.connection.read_from(&*self.incoming, room) > 0 {
                continue;
            }
            if !self.feed_record() {
                break;
            }
            match self.connection.read_to(room) {
                // A message of the protocol: what comes behind it is still there.
                Ok(Read::Data(_) | Read::NeedRead) => {}
                _ => break,
            }
        }
        Ok(room.filled())
    }

    /// Takes one more record from the incoming queue, if it is there as a whole.
    fn feed_record(&self) -> bool {
        // First the header, which says how long the body is.
        for _ in 0..2 {
            let fed = self.connection.fill(Limit::Record, |room| self.incoming.receive(room, true));
            if !matches!(fed, Ok(1..)) {
                break;
            }
        }
        self.connection.wanted() == 0
    }

    /// Encrypts all of `data` into the outgoing queue.
    ///
    /// # Errors
    ///
    /// `WantRead` while the handshake needs more from the peer, and whatever the connection fails with.
    pub fn write(&self, data: &[u8]) -> Result<usize> {
        let mut written = 0;
        loop {
            written += self.run(|connection| connection.write_to(&*self.outgoing, &data[written..]))?;
            if written == data.len() {
                return Ok(written);
            }
        }
    }

    /// Says close_notify and looks for the peer's.
    ///
    /// # Errors
    ///
    /// `WantRead` while the peer has not answered, and as for [`Connection::close`].
    pub fn close(&self) -> Result<()> {
        self.run(|connection| {
            Ok(match connection.close()? {
                Closing::Done => Some(()),
                Closing::NeedRead | Closing::NeedWrite => None,
            })
        })
    }

    /// Repeats `step` for as long as the incoming queue has what it needs (`None`).
    /// Takes no byte behind the record under way, so that what follows close_notify stays in the queue.
    fn run<R>(&self, mut step: impl FnMut(&Connection) -> Result<Option<R>>) -> Result<R> {
        loop {
            let result = step(&self.connection);
            self.connection
                .send_with(|bytes| {
                    self.outgoing.with(|queue| queue.extend(bytes));
                    Ok(bytes.len())
                })
                .map_err(failed)?;
            if let Some(result) = result? {
                return Ok(result);
            }
            let filled = self.connection.fill(Limit::Record, |room| self.incoming.receive(room, false));
            if filled.is_err() {
                return Err(Error::WantRead);
            }
        }
    }
}
