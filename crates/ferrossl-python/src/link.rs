//! How a connection reaches its peer: over a Python socket, or between two memory BIOs.

use ferrossl::connection::{Connection, Handshake};
use ferrossl::socket::{Deadline, MemoryConnection, ONE_RECORD, SocketDriver};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};

use crate::deadline;
use crate::descriptor::{Deliver, PySocketTransport};
use crate::exceptions::{BindingResult, plain_ssl_error};
use crate::memory_bio::Bio;

/// Work on fewer bytes than this is done with the GIL held: letting go of it costs more.
const SMALL: usize = 4096;

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

    /// Begins an operation: its deadline counts from here. Over a socket `deliver` is called while it goes on, too.
    ///
    /// SSLError when the Python socket is gone or closed.
    pub(crate) fn begin<'a, 'py>(
        &'a self,
        py: Python<'py>,
        deliver: Option<Deliver<'a>>,
    ) -> PyResult<Operation<'a, 'py>> {
        let (driver, socket, timeout) = match self {
            Self::Socket { driver, socket, timeout } => (driver, socket, timeout),
            Self::Memory(memory) => return Ok(Operation::Memory(memory)),
        };
        let gone = || plain_ssl_error(1, "Underlying socket connection gone");
        let socket = socket.bind(py).upgrade().ok_or_else(gone)?;
        let number = socket.call_method0(intern!(py, "fileno"))?.extract()?;
        let transport = PySocketTransport::new(py, number, deliver)?.ok_or_else(gone)?;
        let deadline = deadline::from_python(&timeout.bind(py).call1((&socket,))?)?;
        Ok(Operation::Socket { driver, socket, transport, deadline })
    }

    /// Lets a server that has said nothing give its tickets, as far as they go without waiting.
    pub(crate) fn give_tickets(&self, py: Python<'_>) {
        if matches!(self, Self::Socket { .. })
            && self.connection().holds_tickets()
            && let Ok(Operation::Socket { driver, transport, .. }) = self.begin(py, None)
        {
            driver.give_tickets(&transport);
        }
    }

    /// What is held here for good that the collector must know of: another module's BIOs.
    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Self::Memory(memory) = self else { return Ok(()) };
        visit.call(memory.incoming.foreign())?;
        visit.call(memory.outgoing.foreign())
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
    fn run<T: Send>(
        &self,
        py: Python<'_>,
        size: usize,
        room: usize,
        mut step: impl FnMut(&MemoryConnection) -> ferrossl::Result<T> + Send,
    ) -> BindingResult<ferrossl::Result<T>> {
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
    fn read(&self, py: Python<'_>, buffer: &mut [u8]) -> BindingResult<ferrossl::Result<usize>> {
        let room = buffer.len() - 1;
        let mut filled = match self.run(py, 0, room, |connection| connection.read_with_spare(buffer))? {
            Ok(filled) => filled,
            Err(error) => {
                if matches!(error, ferrossl::Error::Closed) {
                    self.incoming.give_back(py)?;
                }
                return Ok(Err(error));
            }
        };
        // Smaller records one by one. What is there already is handed out; an error shows up at the next read.
        while room - filled >= ONE_RECORD && self.incoming.has_more(py).unwrap_or(false) {
            let rest = &mut buffer[filled..];
            match self.run(py, 0, room - filled, |connection| connection.read_with_spare(rest)) {
                Ok(Ok(bytes)) => filled += bytes,
                _ => break,
            }
        }
        Ok(Ok(filled))
    }
}

/// An operation that has begun: over a socket it has one deadline, however many steps it takes.
pub(crate) enum Operation<'a, 'py> {
    Socket {
        driver: &'a SocketDriver,
        /// Must live as long as the transport, which has its descriptor.
        socket: Bound<'py, PyAny>,
        transport: PySocketTransport<'a>,
        deadline: Deadline,
    },
    Memory(&'a Memory),
}

impl<'py> Operation<'_, 'py> {
    /// One step of the handshake: to its end, or to the ClientHello.
    pub(crate) fn handshake(&self, py: Python<'_>) -> BindingResult<ferrossl::Result<Handshake>> {
        match self {
            Self::Socket { driver, transport, deadline, .. } => {
                Ok(py.detach(|| driver.handshake(transport, *deadline)))
            }
            // Signatures are work enough to let others run.
            Self::Memory(memory) => memory.run(py, SMALL, 0, MemoryConnection::handshake),
        }
    }

    /// The last byte of `buffer` is spare.
    pub(crate) fn read(&self, py: Python<'_>, buffer: &mut [u8]) -> BindingResult<ferrossl::Result<usize>> {
        match self {
            Self::Socket { driver, transport, deadline, .. } => {
                Ok(py.detach(|| driver.read_with_spare(transport, buffer, *deadline)))
            }
            Self::Memory(memory) => memory.read(py, buffer),
        }
    }

    pub(crate) fn write(&self, py: Python<'_>, bytes: &[u8]) -> BindingResult<ferrossl::Result<usize>> {
        match self {
            Self::Socket { driver, transport, deadline, .. } => {
                Ok(py.detach(|| driver.write(transport, bytes, *deadline)))
            }
            Self::Memory(memory) => memory.run(py, bytes.len(), 0, |connection| connection.write(bytes)),
        }
    }

    pub(crate) fn close(&self, py: Python<'_>) -> BindingResult<ferrossl::Result<()>> {
        match self {
            Self::Socket { driver, transport, deadline, .. } => {
                Ok(py.detach(|| driver.close(transport, *deadline)))
            }
            Self::Memory(memory) => memory.run(py, 0, 0, MemoryConnection::close),
        }
    }

    /// Behind a close: what lies behind the peer's close_notify is the program's again. Returns the Python socket.
    pub(crate) fn into_clear_text(self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self {
            Self::Socket { socket, .. } => Ok(Some(socket)),
            Self::Memory(memory) => memory.incoming.give_back(py).map(|()| None),
        }
    }
}
