//! Drives a connection over a transport: the only place that waits, and no lock is held while it does.

use std::io;
use std::time::Duration;

use super::deadline::Deadline;
use super::look_ahead::{LookAhead, Seen};
use super::operation::Operation;
use super::pace::Pace;
use super::retry::{Retries, Write};
use super::transport::{Interest, Transport, failed};
use crate::connection::{Closing, Connection, Handshake, Limit, Read, Room};
use crate::error::{Error, Result};

/// How much data a record may have. A reader with room for more gets as many records as are there already.
pub const ONE_RECORD: usize = 1 << 14;
/// How many pieces of records an operation takes that it does not wait for.
const MAX_EXTRA_PIECES: usize = 128;
/// Bytes of a record's body, at most, that may be an alert and nothing else, whatever protects it. Those of TLS 1.2 with
/// AES-CBC and SHA-256 are the longest without padding of the peer's choice: an IV of 16, and 2 + 32 made whole blocks of.
const LAST_WORD: usize = 64;

/// A connection and what its operations over a socket must remember.
pub struct SocketDriver {
    pub(super) connection: Connection,
    retries: Retries,
    pub(super) pace: Pace,
    look_ahead: LookAhead,
}

impl SocketDriver {
    /// Wraps a connection.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self { connection, retries: Retries::new(), pace: Pace::new(), look_ahead: LookAhead::new() }
    }

    /// The connection.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Does the handshake, or goes on with it. Returns at a ClientHello if the connection was told to.
    ///
    /// # Errors
    ///
    /// `WantRead` and `WantWrite` under [`Deadline::Now`], `TimedOut`, and whatever the handshake fails with.
    pub fn handshake(&self, transport: &impl Transport, deadline: Deadline) -> Result<Handshake> {
        let operation = Operation::new(transport, deadline, "handshake");
        let mut is_first = true;
        loop {
            let step = self.connection.handshake().inspect_err(|_| self.send_alert(transport))?;
            match step {
                Handshake::ClientHello(info) => return Ok(Handshake::ClientHello(info)),
                Handshake::Done => return self.end_handshake(&operation).map(|()| Handshake::Done),
                Handshake::NeedRead => {
                    // The first step may have taken long, and a signal that came meanwhile wakes nobody who waits.
                    if is_first && deadline != Deadline::Now {
                        transport.interrupted().map_err(failed)?;
                    }
                    // A client's hello, or a flight that waited for a callback, ends what this side has to say. So does all
                    // that a server says in a handshake; a client may have begun a flight that more is to come to.
                    if (is_first || self.connection.is_server()) && self.connection.wants_send() {
                        self.send_flight(transport)?;
                        // The answer takes its time, so it is not looked for before it is waited for.
                        if deadline != Deadline::Now && !self.connection.wants_send() {
                            operation.wait(Interest::Read, None)?;
                        }
                    }
                    is_first = false;
                    self.receive(&operation)?;
                }
            }
        }
    }

    /// Sends the last flight. It answers the peer's, so nothing of ours waits for an acknowledgement that it could be held back
    /// for, and takes along the one that the peer may wait for.
    fn end_handshake(&self, operation: &Operation<'_, impl Transport>) -> Result<()> {
        if self.connection.wants_send() && self.pace.is_untouched() {
            match self.connection.send_with(|bytes| operation.transport.send(bytes)) {
                Ok(()) => return Ok(()),
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        self.flush(operation)?;
        self.acknowledge(operation.transport);
        Ok(())
    }

    /// Reads at least one byte, and more where records are there already. 0 only for an empty buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] after close_notify, [`Error::UnexpectedEof`] without, `WantRead` under
    /// [`Deadline::Now`], `TimedOut`, and whatever the connection fails with.
    pub fn read(&self, transport: &impl Transport, buffer: &mut [u8], deadline: Deadline) -> Result<usize> {
        self.read_to(transport, &mut Room::new(buffer), deadline)
    }

    /// As [`Self::read`], with [a spare byte](Connection::read_with_spare) at the end of `buffer`.
    ///
    /// # Errors
    ///
    /// As for [`Self::read`].
    pub fn read_with_spare(
        &self,
        transport: &impl Transport,
        buffer: &mut [u8],
        deadline: Deadline,
    ) -> Result<usize> {
        self.read_to(transport, &mut Room::with_spare(buffer), deadline)
    }

    fn read_to(&self, transport: &impl Transport, room: &mut Room<'_>, deadline: Deadline) -> Result<usize> {
        let operation = Operation::new(transport, deadline, "read");
        loop {
            match self.connection.read_to(room) {
                Ok(Read::Data(_)) => {
                    self.send_alert(transport);
                    self.read_more(transport, room);
                    self.acknowledge(transport);
                    return Ok(room.filled());
                }
                Ok(Read::Closed) => {
                    self.send_alert(transport);
                    return Err(Error::Closed);
                }
                Ok(Read::NeedRead) => {
                    if let Seen::Data { more } = self.look(&operation, room)? {
                        if more {
                            self.read_more(transport, room);
                        }
                        self.acknowledge(transport);
                        return Ok(room.filled());
                    }
                    self.receive(&operation)?;
                }
                Ok(Read::NeedWrite) => {
                    operation.step()?;
                    self.flush(&operation)?;
                }
                Err(error) => {
                    self.send_alert(transport);
                    return Err(error);
                }
            }
        }
    }

    /// Reads what the transport shows, if it is data and the transport can, waiting for it if need be.
    fn look(&self, operation: &Operation<'_, impl Transport>, room: &mut Room<'_>) -> Result<Seen> {
        // A request has just gone out, and the look cannot wait for the answer itself.
        if matches!(operation.deadline, Deadline::At(_))
            && self.look_ahead.expects_nothing()
            && self.connection.position().is_some()
        {
            self.wait_for_more(operation, io::ErrorKind::WouldBlock.into())?;
        }
        loop {
            // Where there is nothing else to wait for, or to do, the system waits in the same call.
            let waits = operation.deadline == Deadline::Never
                && !self.connection.wants_send()
                && !self.connection.holds_tickets()
                && !self.pace.is_young();
            match self.look_ahead.read(&self.connection, operation.transport, room, waits) {
                Ok(seen) => {
                    self.pace.heard();
                    return Ok(seen);
                }
                Err(error) => self.wait_for_more(operation, error)?,
            }
        }
    }

    /// Fills a large buffer from records that are there already. An error shows up at the next read.
    ///
    /// What may be the peer's last word stays with the transport: a program that waits with `select()` for something to read
    /// would never hear of it otherwise, while the peer waits for the answer.
    fn read_more(&self, transport: &impl Transport, room: &mut Room<'_>) {
        for _ in 0..MAX_EXTRA_PIECES {
            if room.left() < ONE_RECORD {
                break;
            }
            match self.look_ahead.read(&self.connection, transport, room, false) {
                Ok(Seen::Data { more: true }) => continue,
                Ok(Seen::Data { more: false }) | Err(_) => break,
                Ok(Seen::Other) if self.look_ahead.works() => break,
                Ok(Seen::Other) => {}
            }
            match self.connection.fill(Limit::Record, |place| transport.receive(place)) {
                Ok(received) if received > 0 => {}
                _ => break,
            }
            // Only the length tells: an alert of TLS 1.3 looks like data (RFC 8446 section 5.2).
            if (1..=LAST_WORD).contains(&self.connection.wanted()) {
                break;
            }
            match self.connection.read_to(room) {
                Ok(Read::Data(_) | Read::NeedRead) => {}
                _ => {
                    // Nothing is left there that would tell the program, so the peer must hear of it now, and hang up.
                    self.send_alert(transport);
                    break;
                }
            }
        }
    }

    /// Encrypts and sends `data`; returns how many bytes that were, whose records are all with the transport by
    /// then: everything, or under [`Deadline::Now`] at least the beginning.
    ///
    /// # Errors
    ///
    /// `WantWrite` under [`Deadline::Now`], `TimedOut`, and whatever the connection fails with. After the first two a part
    /// may have gone out: try again with the same bytes, which goes on behind it.
    pub fn write(&self, transport: &impl Transport, data: &[u8], deadline: Deadline) -> Result<usize> {
        let operation = Operation::new(transport, deadline, "write");
        let mut done = 0;
        // Whatever the failure is: what is queued goes out with the next operation, if the transport recovers.
        let give_up = |error: Error, queued: usize| {
            if queued > 0 {
                self.retries.add(&data[..queued]);
            }
            Err(error)
        };
        loop {
            if let Err(error) = self.flush(&operation) {
                if done == 0 {
                    self.retries.sent_away(data);
                }
                return give_up(error, done);
            }
            let write = match done {
                0 => self.retries.claim(data, deadline == Deadline::Now),
                _ => Write::New,
            };
            match write {
                Write::Again(bytes) => done = bytes,
                Write::NotYet => return Err(Error::WantWrite),
                Write::New => match self.connection.write(&data[done..]) {
                    Ok(Some(bytes)) => {
                        done += bytes;
                        if let Err(error) = self.flush(&operation) {
                            return give_up(error, done);
                        }
                    }
                    Ok(None) => {
                        self.receive(&operation)?;
                        continue;
                    }
                    Err(error) => {
                        self.send_alert(transport);
                        return Err(error);
                    }
                },
            }
            if done == data.len() || deadline == Deadline::Now {
                self.look_ahead.sent();
                return Ok(done);
            }
            if let Err(error) = operation.step() {
                return give_up(error, done);
            }
        }
    }

    /// Says close_notify and waits for the peer's.
    ///
    /// # Errors
    ///
    /// As for [`Connection::close`]; `WantRead` and `WantWrite` under [`Deadline::Now`], `TimedOut`.
    pub fn close(&self, transport: &impl Transport, deadline: Deadline) -> Result<()> {
        let operation = Operation::new(transport, deadline, "shutdown");
        loop {
            match self.connection.close()? {
                Closing::Done => {
                    return match self.flush(&operation) {
                        // Both sides have said what they had to say; a peer may be gone by now.
                        Err(Error::Io(_)) => Ok(()),
                        other => other,
                    };
                }
                Closing::NeedRead => {
                    self.flush(&operation)?;
                    self.receive(&operation)?;
                }
                Closing::NeedWrite => {
                    operation.step()?;
                    self.flush(&operation)?;
                }
            }
        }
    }

    /// Sends a server's session tickets, if it still has them, as far as that goes without waiting: for who hangs up without
    /// [`Self::close`].
    pub fn give_tickets(&self, transport: &impl Transport) {
        if self.connection.holds_tickets() {
            self.connection.release_tickets();
            self.send_alert(transport);
        }
    }

    /// Sends everything that is queued.
    fn flush(&self, operation: &Operation<'_, impl Transport>) -> Result<()> {
        while self.connection.wants_send() {
            match self.send_queued(operation.transport) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if operation.deadline == Deadline::Now {
                        return Err(Error::WantWrite);
                    }
                    operation.wait(Interest::Write, None)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    operation.transport.interrupted().map_err(failed)?;
                }
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(())
    }

    /// Sends what is queued as far as that goes without waiting.
    pub(super) fn send_queued(&self, transport: &impl Transport) -> io::Result<()> {
        let settled = self.connection.negotiated().is_some();
        // Behind close_notify nothing follows that it could be sent together with.
        let at_once = settled && (self.connection.has_closed() || self.pace.is_fresh());
        self.connection.send_with(
            |bytes| {
                if at_once { transport.send_at_once(bytes) } else { transport.send(bytes) }
            },
        )
    }

    /// Has the peer know that what it sent has come in, where it may be waiting for that.
    pub(super) fn acknowledge(&self, transport: &impl Transport) {
        if self.connection.negotiated().is_some() && self.pace.is_fresh() {
            transport.acknowledge_now();
        }
    }

    /// Receives a piece of the record under way, waiting for it if need be.
    ///
    /// What is queued is sent before waiting and not earlier: a flight that goes out in pieces would meet
    /// Nagle's algorithm and the peer's delayed acknowledgement, 40 ms each time on Linux. And it is sent
    /// without waiting for room: a peer that is still sending may not read before it is through.
    fn receive(&self, operation: &Operation<'_, impl Transport>) -> Result<()> {
        let transport = operation.transport;
        operation.step()?;
        loop {
            match self.connection.fill(Limit::Record, |room| transport.receive(room)) {
                Ok(_) => {
                    self.pace.heard();
                    return Ok(());
                }
                Err(error) => self.wait_for_more(operation, error)?,
            }
        }
    }

    /// What to do about the error of a transport that has nothing for us: sends what is queued, and waits.
    fn wait_for_more(&self, operation: &Operation<'_, impl Transport>, error: io::Error) -> Result<()> {
        let transport = operation.transport;
        match error.kind() {
            io::ErrorKind::WouldBlock => {}
            io::ErrorKind::Interrupted => return transport.interrupted().map_err(failed),
            _ => return Err(failed(error)),
        }
        let limit = self.let_go_of_tickets();
        if self.connection.wants_send() {
            self.send_flight(transport)?;
        }
        self.acknowledge(transport);
        let (interest, want) = if self.connection.wants_send() {
            (Interest::ReadOrWrite, Error::WantWrite)
        } else {
            (Interest::Read, Error::WantRead)
        };
        if operation.deadline == Deadline::Now {
            return Err(want);
        }
        operation.wait(interest, limit)
    }

    /// A client that has been silent for a while is not about to hang up over unread tickets with data of its own on
    /// the way, so a server that has nothing to say gives it those. Otherwise: how long to wait until that is so.
    fn let_go_of_tickets(&self) -> Option<Duration> {
        if !self.connection.holds_tickets() {
            return None;
        }
        let left = self.pace.silence_left();
        if left.is_zero() {
            self.connection.release_tickets();
            return None;
        }
        Some(left)
    }

    /// Sends what is queued as far as that goes without waiting. Its failure is not the news: the caller
    /// has an error of its own to report, or goes on to read.
    fn send_alert(&self, transport: &impl Transport) {
        if self.connection.wants_send() {
            let _ = self.send_queued(transport);
        }
    }

    /// Sends what is queued as far as that goes without waiting.
    fn send_flight(&self, transport: &impl Transport) -> Result<()> {
        match self.send_queued(transport) {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                Ok(())
            }
            other => other.map_err(|error| self.why_refused(transport, failed(error))),
        }
    }

    /// A peer that refuses the handshake says why and hangs up. When our next flight then cannot be sent,
    /// what it said is the better error.
    fn why_refused(&self, transport: &impl Transport, error: Error) -> Error {
        if !matches!(error, Error::Io(_)) {
            return error;
        }
        for _ in 0..MAX_EXTRA_PIECES {
            match self.connection.fill(Limit::Record, |room| transport.receive(room)) {
                Ok(received) if received > 0 => match self.connection.handshake() {
                    Err(refusal @ Error::AlertReceived(_)) => return refusal,
                    Ok(_) => {}
                    Err(_) => break,
                },
                _ => break,
            }
        }
        error
    }
}
