//! A Python socket's descriptor as a transport.

use std::io;
use std::time::Duration;

use ferrossl::socket::{Interest, SocketTransport, Transport};
use pyo3::prelude::*;

#[cfg(unix)]
use std::os::fd::{BorrowedFd as Borrowed, RawFd as Raw};
#[cfg(windows)]
use std::os::windows::io::{BorrowedSocket as Borrowed, RawSocket as Raw};

/// The transport of one operation on a Python socket.
pub(crate) struct PySocketTransport(SocketTransport<Borrowed<'static>>);

impl PySocketTransport {
    /// `number` is what `socket.fileno()` said a moment ago; `None` for that of a closed socket, -1.
    pub(crate) fn new(number: i64) -> Option<Self> {
        // An `i32` on Unix. On Windows an unsigned number, of which `fileno()` shows a positive one.
        let raw = Raw::try_from(number).ok().filter(|_| number >= 0)?;
        // SAFETY: a borrowed descriptor must stay open while it is used and must not be -1. It is not -1, and the
        // caller holds a reference to the Python socket that owns the descriptor for as long as the operation
        // runs. What is not guaranteed: another thread may call `close()` on that socket meanwhile. The system
        // calls then fail with EBADF (WSAENOTSOCK), or, if the number was given out again, reach another file,
        // exactly as they do in CPython's own socket module; no memory of ours is involved.
        Some(Self(SocketTransport(unsafe { Borrowed::borrow_raw(raw) })))
    }
}

impl Transport for PySocketTransport {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.receive(buffer)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes)
    }

    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.0.wait(interest, timeout)
    }

    /// Runs Python's signal handlers; what they raise ends the operation.
    fn interrupted(&self) -> io::Result<()> {
        Python::attach(|py| py.check_signals()).map_err(io::Error::other)
    }
}
