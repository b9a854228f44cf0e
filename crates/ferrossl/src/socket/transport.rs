//! What a socket must be able to do for us, and file descriptors that can.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, SendFlags, recv, send};

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Bytes from the peer.
    Read,
    /// Room for bytes to the peer.
    Write,
    /// Either.
    ReadOrWrite,
}

/// Moves bytes without waiting, and waits without moving any.
pub trait Transport {
    /// Receives; `WouldBlock` when nothing is there, 0 at the end.
    ///
    /// # Errors
    ///
    /// The system's.
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Sends; `WouldBlock` when there is no room.
    ///
    /// # Errors
    ///
    /// The system's.
    fn send(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Waits at most `timeout` (`None`: for ever). False when the time ran out.
    ///
    /// # Errors
    ///
    /// The system's; `Interrupted` makes the caller ask [`Self::interrupted`] and wait again.
    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool>;

    /// A signal came in during a wait. An error ends the operation.
    ///
    /// # Errors
    ///
    /// Whatever the signal asks for; none by default.
    fn interrupted(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A stream socket's file descriptor, in blocking or non-blocking mode.
#[derive(Debug)]
pub struct FdTransport<F>(pub F);

impl<F: AsFd> Transport for FdTransport<F> {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let (received, _) = recv(&self.0, buffer, RecvFlags::DONTWAIT)?;
        Ok(received)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        // A peer that has gone is an error to handle, not a signal that ends the process.
        Ok(send(&self.0, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL)?)
    }

    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        let flags = match interest {
            Interest::Read => PollFlags::IN,
            Interest::Write => PollFlags::OUT,
            Interest::ReadOrWrite => PollFlags::IN | PollFlags::OUT,
        };
        // A timeout that the system's type cannot hold is for ever.
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut fds = [PollFd::new(&self.0, flags)];
        Ok(poll(&mut fds, timeout.as_ref())? > 0)
    }
}
