//! How a connection reaches its peer: over a Python socket, or between two memory BIOs.

use ferrossl::connection::Connection;
use ferrossl::socket::{Deadline, MemoryConnection, ONE_RECORD, SocketDriver};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};

use crate::deadline;
use crate::descriptor::PySocketTransport;
use crate::exceptions::plain_ssl_error;
use crate::memory_bio::Bio;

/// Work on fewer bytes than this is done with the GIL held: letting go of it costs more.
pub(crate) const SMALL: usize = 4096;

pub(crate) enum Link {
    Socket {
        driver: SocketDriver,
        socket: Py<PyWeakrefReference>,
        /// The method that says the socket's timeout.
        timeout: Py<PyAny>,
    },
    Memory(Memory),
}

impl Link {
    pub(crate) const fn connection(&self) -> &Connection {
        match self {
            Self::Socket { driver, .. } => driver.connection(),
            Self::Memory(memory) => memory.connection.connection(),
        }
    }
}

/// A connection over memory BIOs, ours or another module's.
pub(crate) struct Memory {
    pub(crate) connection: MemoryConnection,
    pub(crate) incoming: Bio,
    pub(crate) outgoing: Bio,
}

impl Memory {
    /// Runs `step` on the connection, again and again while another module's BIO has records that it wants; lets go of
    /// the GIL when there is much to do. `room` is how much data the step has a place for.
    pub(crate) fn run<T: Send>(
        &self,
        py: Python<'_>,
        size: usize,
        room: usize,
        mut step: impl FnMut(&MemoryConnection) -> ferrossl::Result<T> + Send,
    ) -> PyResult<ferrossl::Result<T>> {
        let mut size = size.max(self.incoming.queue().pending());
        let result = loop {
            let result =
                if size >= SMALL { py.detach(|| step(&self.connection)) } else { step(&self.connection) };
            if !matches!(result, Err(ferrossl::Error::WantRead)) {
                break Ok(result);
            }
            match self.incoming.take_in(py, room) {
                Ok(Some(taken)) => size = size.max(taken),
                Ok(None) => break Ok(result),
                Err(error) => break Err(error),
            }
        };
        self.outgoing.give_out(py)?;
        result
    }

    /// Reads at least one byte, and from another module's BIO as many whole records as are there and fit.
    pub(crate) fn read(&self, py: Python<'_>, buffer: &mut [u8]) -> PyResult<ferrossl::Result<usize>> {
        let mut filled = match self.run(py, 0, buffer.len(), |connection| connection.read(buffer))? {
            Ok(filled) => filled,
            Err(error) => {
                if matches!(error, ferrossl::Error::Closed) {
                    self.incoming.give_back(py)?;
                }
                return Ok(Err(error));
            }
        };
        // Smaller records one by one. What is there already is handed out; an error shows up at the next read.
        while buffer.len() - filled >= ONE_RECORD && self.incoming.has_more(py).unwrap_or(false) {
            let rest = &mut buffer[filled..];
            match self.run(py, 0, rest.len(), |connection| connection.read(rest)) {
                Ok(Ok(bytes)) => filled += bytes,
                _ => break,
            }
        }
        Ok(Ok(filled))
    }
}

/// The Python socket below, its descriptor, and the deadline of an operation that begins now.
/// The socket's reference must live as long as the transport is used.
pub(crate) fn begin<'py>(
    py: Python<'py>,
    socket: &Py<PyWeakrefReference>,
    timeout: &Py<PyAny>,
) -> PyResult<(Bound<'py, PyAny>, PySocketTransport<'static>, Deadline)> {
    let gone = || plain_ssl_error(py, "SSLError", 1, "Underlying socket connection gone");
    let socket = socket.bind(py).upgrade().ok_or_else(gone)?;
    let number = socket.call_method0(intern!(py, "fileno"))?.extract()?;
    let transport = PySocketTransport::new(py, number)?.ok_or_else(gone)?;
    let deadline = deadline::from_python(&timeout.bind(py).call1((&socket,))?)?;
    Ok((socket, transport, deadline))
}
