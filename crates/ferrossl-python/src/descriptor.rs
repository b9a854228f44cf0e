//! A Python socket's descriptor as a transport.

use std::io;
use std::time::Duration;

use ferrossl::socket::{Interest, SocketTransport, Transport};
use pyo3::prelude::*;

use crate::interpreter::WayBack;

#[cfg(unix)]
use std::os::fd::{BorrowedFd as Borrowed, RawFd as Raw};
#[cfg(windows)]
use std::os::windows::io::{BorrowedSocket as Borrowed, RawSocket as Raw};

/// A socket of the system's that somebody else owns.
pub(crate) type SystemSocket = SocketTransport<Borrowed<'static>>;

/// A Python socket's descriptor: `number` is what `fileno()` said a moment ago; `None` for that of a closed socket, -1.
/// The caller holds a reference to the socket for as long as it uses this.
pub(crate) fn borrowed(number: i64) -> Option<SystemSocket> {
    // An `i32` on Unix. On Windows an unsigned number, of which `fileno()` shows a positive one.
    let raw = Raw::try_from(number).ok().filter(|_| number >= 0)?;
    // SAFETY: a borrowed descriptor must stay open while it is used and must not be -1. It is not -1, and the
    // caller holds a reference to the Python socket that owns the descriptor for as long as the operation
    // runs. What is not guaranteed: another thread may call `close()` on that socket meanwhile. The system
    // calls then fail with EBADF (WSAENOTSOCK), or, if the number was given out again, reach another file,
    // exactly as they do in CPython's own socket module; no memory of ours is involved.
    Some(SocketTransport(unsafe { Borrowed::borrow_raw(raw) }))
}

/// What the system says of the descriptor of a socket that is closed: EBADF, WSAENOTSOCK.
pub(crate) fn closed() -> io::Error {
    io::Error::from_raw_os_error(if cfg!(windows) { 10038 } else { 9 })
}

/// Tells the program which messages have gone by.
pub(crate) type Deliver<'a> = &'a (dyn Fn(Python<'_>) -> PyResult<()> + Sync);

/// The transport of one operation on a Python socket.
pub(crate) struct PySocketTransport<'a> {
    socket: SystemSocket,
    way_back: WayBack,
    /// Called also while the operation goes on, so that a long one does not collect messages.
    deliver: Option<Deliver<'a>>,
}

impl<'a> PySocketTransport<'a> {
    /// `number` is what `socket.fileno()` said a moment ago; `None` for that of a closed socket, -1.
    /// To be used by this thread only, with the GIL released.
    pub(crate) fn new(py: Python<'_>, number: i64, deliver: Option<Deliver<'a>>) -> PyResult<Option<Self>> {
        let Some(socket) = borrowed(number) else { return Ok(None) };
        Ok(Some(Self { socket, way_back: WayBack::new(py)?, deliver }))
    }
}

impl Transport for PySocketTransport<'_> {
    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.receive(buffer)
    }

    fn peek(&self, buffer: &mut [u8], waits: bool) -> io::Result<usize> {
        self.socket.peek(buffer, waits)
    }

    fn discard(&self, place: &mut [u8]) -> io::Result<()> {
        self.socket.discard(place)
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.send(bytes)
    }

    fn send_at_once(&self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.send_at_once(bytes)
    }

    fn acknowledge_now(&self) {
        self.socket.acknowledge_now();
    }

    fn wait(&self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.socket.wait(interest, timeout)
    }

    /// Runs Python's signal handlers, and the message callback for what has gone by; what they raise ends the operation.
    fn interrupted(&self) -> io::Result<()> {
        let call = |py: Python<'_>| {
            py.check_signals()?;
            self.deliver.map_or(Ok(()), |deliver| deliver(py))
        };
        // SAFETY: a transport is made for one operation, which runs inside of `Python::detach` on the same thread.
        unsafe { self.way_back.attach(call) }.map_err(io::Error::other)
    }
}
