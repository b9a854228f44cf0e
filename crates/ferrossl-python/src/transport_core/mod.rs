//! The native half of `ferrossl.asyncio`'s transport: what happens for every piece of data, in one call.
//!
//! The event loop calls [`read_ready`](TransportCore::read_ready) and [`write_ready`](TransportCore::write_ready), the program
//! [`write`](TransportCore::write). Whatever is rarer (the handshake, the ends, time-outs, failures) is the other half's, in
//! Python, whose methods are called here by name.

mod receiving;
mod sending;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use ferrossl::Error;
use ferrossl::connection::WRITE_BATCH;
use ferrossl::socket::SocketDriver;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};

use crate::backlog::Backlog;
use crate::buffers::Input;
use crate::descriptor::{self, SystemSocket};
use crate::exceptions::BindingError;
use crate::link::Link;
use crate::socket::PySslSocket;
use crate::sync::lock;
use receiving::Receiver;

/// Work on fewer bytes than this is done with the GIL held: letting go of it costs more.
const SMALL: usize = 32 * 1024;

/// How many batches of data are sent in a row: others in the loop have their turn, too, however fast the peer reads.
const TURN: usize = 8;

const READ_FAILED: &str = "Fatal read error on socket transport";
const WRITE_FAILED: &str = "Fatal write error on socket transport";
const TLS_FAILED: &str = "Fatal error on SSL protocol";

/// How far the connection is.
mod phase {
    pub(super) const HANDSHAKE: u8 = 0;
    pub(super) const OPEN: u8 = 1;
    /// The program has closed it, or the peer has: what is written is still sent, then close_notify.
    pub(super) const CLOSING: u8 = 2;
    /// Nothing happens any more.
    pub(super) const LOST: u8 = 3;
}

/// A connection in an event loop.
#[pyclass(frozen, immutable_type, name = "_TransportCore", module = "ferrossl._ferrossl")]
pub(crate) struct TransportCore {
    connection: Py<PySslSocket>,
    /// The Python socket's method. Asked each time: who made the socket may close it, and its number may then be another's.
    fileno: Py<PyAny>,
    /// The other half, which holds this one.
    transport: Mutex<Option<Py<PyAny>>>,
    receiver: Mutex<Receiver>,
    backlog: Mutex<Backlog>,
    phase: AtomicU8,
    /// The program wants no data for now.
    paused: AtomicBool,
    /// The transport takes no more for now.
    blocked: AtomicBool,
    /// The peer has hung up. Unless it has said close_notify, it is sent none.
    ended: AtomicBool,
    /// The peer has said close_notify.
    peer_closed: AtomicBool,
    /// How often something was written to the closed connection; its loss counts, too.
    too_late: AtomicU32,
    /// What the other half is about to be told.
    failure: Mutex<Option<BindingError>>,
}

impl TransportCore {
    fn driver(&self) -> PyResult<&SocketDriver> {
        match self.connection.get().link() {
            Link::Socket { driver, .. } => Ok(driver),
            Link::Memory(_) => Err(PyTypeError::new_err("a connection over a socket is required")),
        }
    }

    fn socket(&self, py: Python<'_>) -> PyResult<Option<SystemSocket>> {
        Ok(descriptor::borrowed(self.fileno.bind(py).call0()?.extract()?))
    }

    fn is(&self, phase: u8) -> bool {
        self.phase.load(Ordering::Acquire) == phase
    }

    /// Calls a method of the other half.
    fn tell(&self, py: Python<'_>, method: &Bound<'_, PyString>) -> PyResult<()> {
        let transport = lock(&self.transport).as_ref().map(|transport| transport.clone_ref(py));
        match transport {
            Some(transport) => transport.call_method0(py, method).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Tells the other half of a failure, which it takes from [`Self::raise_failure`].
    fn fail(&self, py: Python<'_>, failure: impl Into<BindingError>, what: &str) -> PyResult<()> {
        let transport = lock(&self.transport).as_ref().map(|transport| transport.clone_ref(py));
        let failure = failure.into();
        let Some(transport) = transport else { return Err(failure.into()) };
        let _old = lock(&self.failure).replace(failure);
        transport.call_method1(py, intern!(py, "_failed"), (what,)).map(|_| ())
    }

    fn fail_io(&self, py: Python<'_>, error: io::Error, what: &str) -> PyResult<()> {
        self.fail(py, Error::Io(Arc::new(error)), what)
    }
}

#[pymethods]
impl TransportCore {
    /// `fileno` is the method of the Python socket that the connection was made for.
    #[new]
    fn new(connection: &Bound<'_, PySslSocket>, fileno: Py<PyAny>, transport: Py<PyAny>) -> PyResult<Self> {
        let core = Self {
            connection: connection.clone().unbind(),
            fileno,
            transport: Mutex::new(Some(transport)),
            receiver: Mutex::default(),
            backlog: Mutex::default(),
            phase: AtomicU8::new(phase::HANDSHAKE),
            paused: AtomicBool::new(false),
            blocked: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            peer_closed: AtomicBool::new(false),
            too_late: AtomicU32::new(0),
            failure: Mutex::new(None),
        };
        core.driver()?;
        Ok(core)
    }

    /// The methods of the program's protocol: `data_received`, or `get_buffer` and `buffer_updated`.
    #[pyo3(signature = (received, updated=None, /))]
    fn set_receiver(&self, received: Py<PyAny>, updated: Option<Py<PyAny>>) {
        let receiver = match updated {
            Some(updated) => Receiver::Buffer(received, updated),
            None => Receiver::Data(received),
        };
        // Dropped outside of the lock: a finaliser may come back here.
        let _old = std::mem::replace(&mut *lock(&self.receiver), receiver);
    }

    /// Whether the program wants no data for now.
    fn set_paused(&self, paused: bool) {
        self.paused.store(paused, Ordering::Release);
    }

    /// The handshake is done. Sends what was written before.
    fn open(&self, py: Python<'_>) -> PyResult<()> {
        let opened =
            self.phase.compare_exchange(phase::HANDSHAKE, phase::OPEN, Ordering::AcqRel, Ordering::Acquire);
        if opened.is_ok() && lock(&self.backlog).len() > 0 {
            return self.write_ready(py);
        }
        Ok(())
    }

    /// Takes the beginning of what the peer says, which somebody else has received.
    fn feed(&self, bytes: &[u8]) -> PyResult<()> {
        self.driver()?.connection().feed(bytes);
        Ok(())
    }

    /// The socket can be read: receives once, and hands over what came.
    fn read_ready(&self, py: Python<'_>) -> PyResult<()> {
        if self.is(phase::HANDSHAKE) {
            return self.tell(py, intern!(py, "_do_handshake"));
        }
        if self.is(phase::OPEN) && self.paused.load(Ordering::Acquire) {
            return self.tell(py, intern!(py, "_stop_reading"));
        }
        if self.is(phase::LOST) {
            return Ok(());
        }
        let received = match self.socket(py)? {
            Some(socket) => self.driver()?.receive_ahead(&socket),
            None => Err(descriptor::closed()),
        };
        match received {
            Ok(0) => {
                self.ended.store(true, Ordering::Release);
                self.go_on_reading(py)
            }
            Ok(_) => self.hand_over(py),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                self.hand_over(py)
            }
            Err(error) => self.fail_io(py, error, READ_FAILED),
        }
    }

    /// Hands over what has come in and was not wanted yet, and then the news that it was all.
    fn go_on_reading(&self, py: Python<'_>) -> PyResult<()> {
        self.hand_over(py)?;
        let has_news = self.ended.load(Ordering::Acquire) && !self.paused.load(Ordering::Acquire);
        if has_news { self.tell(py, intern!(py, "_transport_ended")) } else { Ok(()) }
    }

    /// Whether something has come in that was not handed over yet, or the end has.
    fn has_received(&self) -> PyResult<bool> {
        let connection = self.driver()?.connection();
        Ok(self.ended.load(Ordering::Acquire) || connection.received() > 0 || connection.pending() > 0)
    }

    /// The socket can be written: sends what waits.
    fn write_ready(&self, py: Python<'_>) -> PyResult<()> {
        if self.is(phase::HANDSHAKE) {
            return self.tell(py, intern!(py, "_do_handshake"));
        }
        if self.is(phase::LOST) {
            return Ok(());
        }
        self.blocked.store(false, Ordering::Release);
        for _ in 0..TURN {
            if !self.send(py)? {
                break;
            }
            let batch = lock(&self.backlog).take(py, WRITE_BATCH);
            if batch.is_empty() {
                break;
            }
            // A batch is encrypted as a whole, if not sent.
            if self.encrypt(py, &batch)?.is_none() {
                return Ok(());
            }
            if self.blocked.load(Ordering::Acquire) {
                break;
            }
        }
        self.tell(py, intern!(py, "_written"))?;
        if self.is(phase::CLOSING) { self.go_on_closing(py) } else { Ok(()) }
    }

    /// Encrypts data and sends it at once; what does not go is kept, and sent later.
    #[pyo3(signature = (data, /))]
    fn write(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<()> {
        if !(data.is_instance_of::<PyBytes>()
            || data.is_instance_of::<PyByteArray>()
            || data.is_instance_of::<PyMemoryView>())
        {
            let name = data.get_type().name()?;
            let text = format!("data: expecting a bytes-like instance, got {name}");
            return Err(PyTypeError::new_err(text));
        }
        let input = Input::new(data)?;
        if input.as_slice().is_empty() {
            return Ok(());
        }
        self.take_in(py, input)
    }

    /// Has `write` keep what it gets until `write_ready`, whether or not the socket takes it.
    fn set_blocked(&self, blocked: bool) {
        self.blocked.store(blocked, Ordering::Release);
    }

    /// Keeps data until `write_ready`.
    fn keep(&self, data: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set_blocked(true);
        lock(&self.backlog).push(Input::new(data)?, 0);
        Ok(())
    }

    /// As `write` with all of the pieces in a row.
    #[pyo3(signature = (list_of_data, /))]
    fn writelines(&self, py: Python<'_>, list_of_data: &Bound<'_, PyAny>) -> PyResult<()> {
        let mut joined = Vec::new();
        for data in list_of_data.try_iter()? {
            joined.extend_from_slice(Input::new(&data?)?.as_slice());
        }
        if joined.is_empty() {
            return Ok(());
        }
        self.take_in(py, Input::Copied(joined))
    }

    /// How many bytes wait to be sent, encrypted or not.
    fn waiting(&self) -> PyResult<usize> {
        Ok(lock(&self.backlog).len() + self.driver()?.connection().unsent())
    }

    /// Nothing more is written, and nothing handed over. `_shut_down` of the other half is called when both sides have said
    /// close_notify.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let closed =
            self.phase.compare_exchange(phase::OPEN, phase::CLOSING, Ordering::AcqRel, Ordering::Acquire);
        if closed.is_err() && !self.is(phase::CLOSING) {
            return Ok(());
        }
        self.go_on_closing(py)
    }

    /// [`Self::close`] is to wait for no close_notify, and to say none.
    fn expect_nothing(&self) {
        self.ended.store(true, Ordering::Release);
    }

    /// Everything is over: what waits is dropped.
    fn drop_all(&self) {
        if self.phase.swap(phase::LOST, Ordering::AcqRel) != phase::LOST {
            self.too_late.fetch_add(1, Ordering::Relaxed);
        }
        // Dropped outside of the locks: a finaliser may come back here.
        let _receiver = std::mem::take(&mut *lock(&self.receiver));
        let _backlog = std::mem::take(&mut *lock(&self.backlog));
        let _failure = lock(&self.failure).take();
        let _transport = lock(&self.transport).take();
    }

    /// Raises what `_failed` of the other half was called for.
    fn raise_failure(&self) -> PyResult<()> {
        let failure = lock(&self.failure).take();
        failure.map_or(Ok(()), |failure| Err(failure.into()))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.connection)?;
        visit.call(&self.fileno)?;
        if let Ok(transport) = self.transport.try_lock() {
            visit.call(&*transport)?;
        }
        if let Ok(receiver) = self.receiver.try_lock() {
            match &*receiver {
                Receiver::Nobody => {}
                Receiver::Data(received) => visit.call(received)?,
                Receiver::Buffer(get, updated) => {
                    visit.call(get)?;
                    visit.call(updated)?;
                }
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        self.drop_all();
    }
}
