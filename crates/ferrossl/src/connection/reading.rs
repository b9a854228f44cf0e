//! Reading: records of data straight into the caller's buffer, all others through the engine.

use super::receive::{Opened, Receive};
use super::state::State;
use super::{Connection, Handshake, Read, Room, WAITS_FOR_A_CHOICE};
use crate::error::{Error, Result};
use crate::sync::lock;

/// With more than this many bytes waiting for the peer in answers to what it has said, it is not heard until it has taken
/// them. No peer that means well gets near it: what it asks for is small, and it reads.
const MAX_ANSWERS: usize = 64 * 1024;

/// What came of a record that the engine has got.
pub(super) enum Processed {
    Record,
    NeedRead,
    NeedWrite,
    Closed,
}

impl Connection {
    /// Decrypts received bytes into `buffer`, from as many whole records as are there and fit.
    /// An empty buffer gets `Data(0)`.
    ///
    /// # Errors
    ///
    /// [`Error::UnexpectedEof`] when the transport ended without close_notify, [`Error::TooEarly`] while a
    /// ClientHello waits for a choice, and whatever the protocol fails with. Data in front of a failure is
    /// given out first.
    pub fn read(&self, buffer: &mut [u8]) -> Result<Read> {
        self.read_to(&mut Room::new(buffer))
    }

    /// As [`Self::read`], but the last byte of `buffer` is lent only, and not for data: with it also a record of TLS 1.3
    /// that fills the rest of the buffer exactly is opened straight into it.
    ///
    /// # Errors
    ///
    /// As for [`Self::read`].
    pub fn read_with_spare(&self, buffer: &mut [u8]) -> Result<Read> {
        self.read_to(&mut Room::with_spare(buffer))
    }

    /// [`Self::read`] to the end of what is in `room`.
    pub(crate) fn read_to(&self, room: &mut Room<'_>) -> Result<Read> {
        let mut receive = lock(&self.receive);
        if self.negotiated().is_none() {
            match self.handshake_locked(&mut receive, &mut lock(&self.state))? {
                Handshake::Done => {}
                Handshake::NeedRead => return Ok(Read::NeedRead),
                Handshake::ClientHello(_) => return Err(WAITS_FOR_A_CHOICE),
            }
        }
        if room.left() == 0 {
            return Ok(Read::Data(0));
        }
        let before = room.filled();
        receive.take_leftover(room);
        while room.left() > 0 {
            match self.read_record(&mut receive, room) {
                Ok(Read::Data(_)) => {}
                _ if room.filled() > before => break,
                other => return other,
            }
        }
        Ok(Read::Data(room.filled() - before))
    }

    /// Data of one record. The state's lock, which a sender holds while it seals, is taken for what is no data only.
    fn read_record(&self, receive: &mut Receive, room: &mut Room<'_>) -> Result<Read> {
        if !self.ends.peer_closed() {
            match receive.open_record(self.is_server, room) {
                Opened::Data => {
                    self.note_data(receive);
                    return Ok(Read::Data(room.filled()));
                }
                Opened::Incomplete if !self.ends.ends_reading() => {
                    return Ok(if self.owes_answers() { Read::NeedWrite } else { Read::NeedRead });
                }
                Opened::Incomplete | Opened::Engine => {}
            }
        }
        self.read_through_engine(receive, room)
    }

    /// Behind a client's tickets, data says that there are no more for now.
    pub(super) fn note_data(&self, receive: &mut Receive) {
        // A sender has the state's lock for long, and there is no hurry.
        if receive.has_tickets
            && let Ok(mut state) = self.state.try_lock()
        {
            receive.has_tickets = false;
            if let State::Open(connection) = &mut *state {
                connection.let_rustls_go();
            }
        }
    }

    /// Reads what the engine has decrypted, or has it process one record.
    fn read_through_engine(&self, receive: &mut Receive, room: &mut Room<'_>) -> Result<Read> {
        let mut state = lock(&self.state);
        if !receive.engine_has_data {
            match self.process_record(receive, &mut state)? {
                Processed::Record => {}
                Processed::NeedRead => return Ok(Read::NeedRead),
                Processed::NeedWrite => return Ok(Read::NeedWrite),
                Processed::Closed => return Ok(Read::Closed),
            }
        }
        let connection = state.opened()?;
        let bytes = connection.read(room.rest());
        room.fill(bytes);
        receive.engine_has_data = connection.pending() > 0;
        Ok(Read::Data(room.filled()))
    }

    /// Whether the peer has to read before it is heard. What is held back for company is let go then.
    fn owes_answers(&self) -> bool {
        let owes = self.outbox.answers() > MAX_ANSWERS;
        if owes {
            self.outbox.release();
        }
        owes
    }

    /// Processes one record of an open connection.
    pub(super) fn process_record(&self, receive: &mut Receive, state: &mut State) -> Result<Processed> {
        if self.ends.peer_closed() {
            return Ok(Processed::Closed);
        }
        if self.owes_answers() {
            return Ok(Processed::NeedWrite);
        }
        let connection = state.opened()?;
        let inbox = &mut receive.inbox;
        let record = match inbox.next_record(self.is_server) {
            Ok(Some(record)) => record,
            Ok(None) => return self.at_the_end(),
            Err(failure) => {
                receive.opening = None;
                return Err(self.outbox.append(|output| state.refuse(failure, output)));
            }
        };
        let fed = connection.feed(inbox.bytes(&record));
        inbox.consume(record);
        self.outbox.append(|output| connection.drain_output(output));
        match fed {
            Ok(fed) => {
                if fed.peer_closed {
                    self.ends.set_peer_closed();
                    // Everything that the peer has said is here: nothing of it can be lost any more.
                    self.outbox.release();
                }
                inbox.set_longest_body(connection.longest_body());
                receive.engine_has_data = connection.pending() > 0;
                receive.opening = connection.opening();
                receive.has_tickets = connection.has_its_tickets();
                Ok(Processed::Record)
            }
            Err(error) => {
                // Nothing that comes after a fatal error counts.
                receive.opening = None;
                Err(state.fail(error))
            }
        }
    }

    /// What it means that no whole record is there.
    fn at_the_end(&self) -> Result<Processed> {
        match self.ends.is_transport_end() {
            false => Ok(Processed::NeedRead),
            true if self.ignore_unexpected_eof => Ok(Processed::Closed),
            true => {
                self.ends.set_truncated();
                Err(Error::UnexpectedEof)
            }
        }
    }

    /// How many decrypted bytes can be read without another record.
    #[must_use]
    pub fn pending(&self) -> usize {
        let receive = lock(&self.receive);
        if !receive.engine_has_data {
            return receive.leftover();
        }
        receive.leftover() + lock(&self.state).as_open().map_or(0, |connection| connection.pending())
    }
}
