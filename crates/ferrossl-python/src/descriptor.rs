//! A Python socket's file descriptor as a transport.

use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::time::Duration;

use ferrossl::socket::{FdTransport, Interest, Transport};
use pyo3::prelude::*;

/// The transport of one operation on a Python socket.
pub(crate) struct PySocketTransport(FdTransport<BorrowedFd<'static>>);

impl PySocketTransport {
    /// `fd` is what `socket.fileno()` said a moment ago, and not -1.
    pub(crate) fn new(fd: RawFd) -> Self {
        // SAFETY: a borrowed descriptor must stay open while it is used and must not be -1. The caller has
        // checked for -1, and holds a reference to the Python socket that owns the descriptor for as long
        // as the operation runs. What is not guaranteed: another thread may call `close()` on that socket
        // meanwhile. The system calls then fail with EBADF, or, if the number was given out again, reach
        // another file, exactly as they do in CPython's own socket module; no memory of ours is involved.
        Self(FdTransport(unsafe { BorrowedFd::borrow_raw(fd) }))
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
