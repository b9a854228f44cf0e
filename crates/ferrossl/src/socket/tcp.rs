//! TLS over a TCP stream, for Rust programs.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::Duration;

use super::deadline::Deadline;
use super::driver::SocketDriver;
use super::system::SocketTransport;
use crate::connection::{Connection, Handshake, Negotiated};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::sync;

/// A TLS connection over a [`TcpStream`].
///
/// All methods take `&self`, and `&SslSocket` is [`Read`] and [`Write`]: one thread may receive while
/// another one sends.
pub struct SslSocket {
    driver: SocketDriver,
    transport: SocketTransport<TcpStream>,
    timeout: Mutex<Option<Duration>>,
}

impl SslSocket {
    /// Connects as a client over `stream`: does the handshake and verifies the server as `context` says.
    /// `server_name` is a host name (as A-label) or an IP address.
    ///
    /// The stream's read timeout, if it has one, becomes [the timeout](Self::set_timeout); a stream in
    /// non-blocking mode needs [`Self::client`] and [`Self::handshake`].
    ///
    /// # Errors
    ///
    /// `Verification` for a certificate that does not verify, `AlertReceived` when the server refuses,
    /// and the transport's errors.
    pub fn connect(context: &Context, stream: TcpStream, server_name: &str) -> Result<Self> {
        let socket = Self::client(context, stream, Some(server_name))?;
        socket.handshake()?;
        Ok(socket)
    }

    /// Accepts as a server over `stream`: does the handshake.
    ///
    /// # Errors
    ///
    /// As for [`Self::connect`].
    pub fn accept(context: &Context, stream: TcpStream) -> Result<Self> {
        let socket = Self::server(context, stream)?;
        socket.handshake()?;
        Ok(socket)
    }

    /// A client that has not begun its handshake.
    ///
    /// # Errors
    ///
    /// Those of [`Connection::client`].
    pub fn client(context: &Context, stream: TcpStream, server_name: Option<&str>) -> Result<Self> {
        Self::new(Connection::client(&context.snapshot(), server_name)?, stream)
    }

    /// A server that has not begun its handshake.
    ///
    /// # Errors
    ///
    /// The system's, for a stream that is not open.
    pub fn server(context: &Context, stream: TcpStream) -> Result<Self> {
        Self::new(Connection::server(context.snapshot()), stream)
    }

    fn new(connection: Connection, stream: TcpStream) -> Result<Self> {
        let timeout = stream.read_timeout()?;
        Ok(Self {
            driver: SocketDriver::new(connection),
            transport: SocketTransport(stream),
            timeout: Mutex::new(timeout),
        })
    }

    /// How long each operation may take in all: `None` for ever, zero for not at all (non-blocking:
    /// [`Error::WantRead`] and [`Error::WantWrite`], as [`io::ErrorKind::WouldBlock`] in `Read` and `Write`).
    pub fn set_timeout(&self, timeout: Option<Duration>) {
        *sync::lock(&self.timeout) = timeout;
    }

    fn deadline(&self) -> Deadline {
        Deadline::after(*sync::lock(&self.timeout))
    }

    /// Does the handshake, or goes on with it. Reading and writing do it too.
    ///
    /// # Errors
    ///
    /// As for [`Self::connect`].
    pub fn handshake(&self) -> Result<()> {
        match self.driver.handshake(&self.transport, self.deadline())? {
            Handshake::Done => Ok(()),
            // Only a connection that was told to pause stops anywhere else.
            _ => Err(Error::TooEarly("the ClientHello waits for a choice")),
        }
    }

    /// Reads at least one byte.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] at the proper end, [`Error::UnexpectedEof`] when the data may be cut short.
    pub fn receive(&self, buffer: &mut [u8]) -> Result<usize> {
        self.driver.read(&self.transport, buffer, self.deadline())
    }

    /// Sends the beginning of `data`; returns how many bytes that were.
    ///
    /// # Errors
    ///
    /// The transport's and the protocol's.
    pub fn send(&self, data: &[u8]) -> Result<usize> {
        self.driver.write(&self.transport, data, self.deadline())
    }

    /// Says close_notify, waits for the peer's, and gives the TCP stream back: from here on it is clear text.
    ///
    /// # Errors
    ///
    /// As for [`Connection::close`].
    pub fn into_clear_text(self) -> Result<TcpStream> {
        self.driver.close(&self.transport, self.deadline())?;
        Ok(self.transport.0)
    }

    /// Says close_notify without waiting for the peer's.
    ///
    /// # Errors
    ///
    /// As for [`Connection::close`].
    pub fn close_notify(&self) -> Result<()> {
        match self.driver.close(&self.transport, Deadline::Now) {
            Err(Error::WantRead) => Ok(()),
            other => other,
        }
    }

    /// What the handshake agreed on; `None` before it is done.
    #[must_use]
    pub fn negotiated(&self) -> Option<&Negotiated> {
        self.driver.connection().negotiated()
    }

    /// The connection without the transport.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        self.driver.connection()
    }

    /// The TCP stream below, for its options and addresses. Do not read or write it.
    #[must_use]
    pub const fn stream(&self) -> &TcpStream {
        &self.transport.0
    }
}

impl Read for &SslSocket {
    /// 0 after close_notify; a cut-off connection is `UnexpectedEof`.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.receive(buffer) {
            Err(Error::Closed) => Ok(0),
            other => other.map_err(Into::into),
        }
    }
}

impl Write for &SslSocket {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if data.is_empty() {
            return Ok(0);
        }
        self.send(data).map_err(Into::into)
    }

    /// Nothing to do: what `write` reports as written is with the system already.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for SslSocket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buffer)
    }
}

impl Write for SslSocket {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        (&*self).write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl std::fmt::Debug for SslSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SslSocket")
            .field("stream", &self.transport.0)
            .field("connection", self.driver.connection())
            .finish_non_exhaustive()
    }
}
