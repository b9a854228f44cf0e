//! Drives a connection over a transport: the only place that waits, and no lock is held while it does.

use std::io;

use super::deadline::Deadline;
use super::retry::Retries;
use super::transport::{Interest, Transport};
use crate::connection::{Closing, Connection, Handshake, Limit, Read};
use crate::error::{Error, Result};

/// How much data a record may have. A reader with room for more gets as many records as are there already.
pub const ONE_RECORD: usize = 1 << 14;

/// A connection and what its operations over a socket must remember.
pub struct SocketDriver {
    connection: Connection,
    retries: Retries,
}

impl SocketDriver {
    /// Wraps a connection.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self { connection, retries: Retries::new() }
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
        const OPERATION: &str = "handshake";
        loop {
            let step = self.connection.handshake().inspect_err(|_| self.send_alert(transport))?;
            match step {
                Handshake::Hello(info) => return Ok(Handshake::Hello(info)),
                Handshake::Done => {
                    self.flush(transport, deadline, OPERATION)?;
                    return Ok(Handshake::Done);
                }
                Handshake::NeedRead => {
                    self.receive(transport, deadline, OPERATION)?;
                }
            }
        }
    }

    /// Reads at least one byte, and more where records are there already. 0 only for an empty buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] after close_notify, [`Error::UnexpectedEof`] without, `WantRead` under
    /// [`Deadline::Now`], `TimedOut`, and whatever the connection fails with.
    pub fn read(&self, transport: &impl Transport, buffer: &mut [u8], deadline: Deadline) -> Result<usize> {
        loop {
            match self.connection.read(buffer) {
                Ok(Read::Data(bytes)) => {
                    self.send_alert(transport);
                    return Ok(bytes + self.read_more(transport, &mut buffer[bytes..]));
                }
                Ok(Read::Closed) => return Err(Error::Closed),
                Ok(Read::NeedRead) => {
                    self.receive(transport, deadline, "read")?;
                }
                Err(error) => {
                    self.send_alert(transport);
                    return Err(error);
                }
            }
        }
    }

    /// Fills a large buffer from records that are there already. An error shows up at the next read.
    fn read_more(&self, transport: &impl Transport, buffer: &mut [u8]) -> usize {
        let mut filled = 0;
        while buffer.len() - filled >= ONE_RECORD {
            match self.connection.fill(Limit::Record, |room| transport.receive(room)) {
                Ok(received) if received > 0 => {}
                _ => break,
            }
            match self.connection.read(&mut buffer[filled..]) {
                Ok(Read::Data(bytes)) => filled += bytes,
                Ok(Read::NeedRead) => {}
                _ => break,
            }
        }
        filled
    }

    /// Encrypts and sends `data`; returns how many bytes that were, whose records are all with the transport by
    /// then: everything, or under [`Deadline::Now`] at least the beginning.
    ///
    /// # Errors
    ///
    /// `WantWrite` under [`Deadline::Now`], `TimedOut`, and whatever the connection fails with. After the first two a part
    /// may have gone out: try again with the same bytes, which goes on behind it.
    pub fn write(&self, transport: &impl Transport, data: &[u8], deadline: Deadline) -> Result<usize> {
        const OPERATION: &str = "write";
        let mut done = 0;
        let give_up = |error: Error, queued: usize| {
            if queued > 0 && error.is_retryable() {
                self.retries.add(&data[..queued], matches!(error, Error::TimedOut { .. }));
            }
            Err(error)
        };
        loop {
            if let Err(error) = self.flush(transport, deadline, OPERATION) {
                return give_up(error, done);
            }
            if done == 0
                && let Some(bytes) = self.retries.claim(data)
            {
                done = bytes;
            } else {
                match self.connection.write(&data[done..]) {
                    Ok(Some(bytes)) => {
                        done += bytes;
                        if let Err(error) = self.flush(transport, deadline, OPERATION) {
                            return give_up(error, done);
                        }
                    }
                    Ok(None) => {
                        self.receive(transport, deadline, OPERATION)?;
                        continue;
                    }
                    Err(error) => {
                        self.send_alert(transport);
                        return Err(error);
                    }
                }
            }
            if done == data.len() || deadline == Deadline::Now {
                return Ok(done);
            }
        }
    }

    /// Says close_notify and waits for the peer's.
    ///
    /// # Errors
    ///
    /// As for [`Connection::close`]; `WantRead` and `WantWrite` under [`Deadline::Now`], `TimedOut`.
    pub fn close(&self, transport: &impl Transport, deadline: Deadline) -> Result<()> {
        const OPERATION: &str = "shutdown";
        loop {
            match self.connection.close()? {
                Closing::Done => {
                    return match self.flush(transport, deadline, OPERATION) {
                        // Both sides have said what they had to say; a peer may be gone by now.
                        Err(Error::Io(_)) => Ok(()),
                        other => other,
                    };
                }
                Closing::NeedRead => {
                    self.flush(transport, deadline, OPERATION)?;
                    self.receive(transport, deadline, OPERATION)?;
                }
            }
        }
    }

    /// Sends everything that is queued.
    fn flush(&self, transport: &impl Transport, deadline: Deadline, operation: &'static str) -> Result<()> {
        loop {
            match self.connection.send_with(|bytes| transport.send(bytes)) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if deadline == Deadline::Now {
                        return Err(Error::WantWrite);
                    }
                    wait(transport, Interest::Write, deadline, operation)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => transport.interrupted()?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Receives a piece of the record under way, waiting for it if need be.
    ///
    /// What is queued is sent before waiting and not earlier: a flight that goes out in pieces would meet
    /// Nagle's algorithm and the peer's delayed acknowledgement, 40 ms each time on Linux. And it is sent
    /// without waiting for room: a peer that is still sending may not read before it is through.
    fn receive(&self, transport: &impl Transport, deadline: Deadline, operation: &'static str) -> Result<()> {
        loop {
            match self.connection.fill(Limit::Record, |room| transport.receive(room)) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if self.connection.wants_send() {
                        self.send_flight(transport)?;
                    }
                    let (interest, want) = if self.connection.wants_send() {
                        (Interest::ReadOrWrite, Error::WantWrite)
                    } else {
                        (Interest::Read, Error::WantRead)
                    };
                    if deadline == Deadline::Now {
                        return Err(want);
                    }
                    wait(transport, interest, deadline, operation)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => transport.interrupted()?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sends what is queued as far as that goes without waiting. Its failure is not the news: the caller
    /// has an error of its own to report, or goes on to read.
    fn send_alert(&self, transport: &impl Transport) {
        if self.connection.wants_send() {
            let _ = self.connection.send_with(|bytes| transport.send(bytes));
        }
    }

    /// Sends what is queued as far as that goes without waiting.
    fn send_flight(&self, transport: &impl Transport) -> Result<()> {
        match self.connection.send_with(|bytes| transport.send(bytes)) {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                Ok(())
            }
            other => other.map_err(|error| self.why_refused(transport, error.into())),
        }
    }

    /// A peer that refuses the handshake says why and hangs up. When our next flight then cannot be sent,
    /// what it said is the better error.
    fn why_refused(&self, transport: &impl Transport, error: Error) -> Error {
        if !matches!(error, Error::Io(_)) {
            return error;
        }
        loop {
            match self.connection.fill(Limit::Record, |room| transport.receive(room)) {
                Ok(received) if received > 0 => match self.connection.handshake() {
                    Err(refusal @ Error::AlertReceived(_)) => return refusal,
                    Ok(_) => {}
                    Err(_) => return error,
                },
                _ => return error,
            }
        }
    }
}

fn wait(
    transport: &impl Transport,
    interest: Interest,
    deadline: Deadline,
    operation: &'static str,
) -> Result<()> {
    loop {
        match transport.wait(interest, deadline.remaining()) {
            Ok(true) => return Ok(()),
            Ok(false) => return Err(Error::TimedOut { operation }),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => transport.interrupted()?,
            Err(error) => return Err(error.into()),
        }
    }
}
