//! A connection in an event loop, which says when the transport is ready: one system call for each time that it is.
//!
//! Nobody else reads from the transport meanwhile, so more than the record under way may be taken from it.

use std::io;

use super::driver::SocketDriver;
use super::transport::Transport;
use crate::connection::Limit;

impl SocketDriver {
    /// Receives once, whatever is there and has room ([`Limit::Ahead`]); [`Connection::read`] then has it. Returns the number
    /// of bytes, 0 at the end of the transport.
    ///
    /// # Errors
    ///
    /// The transport's: `WouldBlock` when nothing is there, or `Interrupted`, after either of which there is nothing to do.
    ///
    /// [`Connection::read`]: crate::connection::Connection::read
    pub fn receive_ahead(&self, transport: &impl Transport) -> io::Result<usize> {
        let received = self.connection.fill(Limit::Ahead, |room| transport.receive(room))?;
        if received > 0 {
            self.pace.heard();
            self.acknowledge(transport);
        }
        Ok(received)
    }

    /// Sends what is queued ([`Connection::write`]), as far as that goes without waiting. Returns whether all is gone.
    ///
    /// # Errors
    ///
    /// The transport's, but for `WouldBlock` and `Interrupted`.
    ///
    /// [`Connection::write`]: crate::connection::Connection::write
    pub fn send_pending(&self, transport: &impl Transport) -> io::Result<bool> {
        if !self.connection.wants_send() {
            return Ok(true);
        }
        match self.send_queued(transport) {
            Ok(()) => Ok(true),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
