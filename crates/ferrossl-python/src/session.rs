//! `_ssl.SSLSession`: a session that a client may resume later.

use std::hash::{DefaultHasher, Hash, Hasher};

use ferrossl::connection::{Connection, SavedSession};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::context::PyContext;
use crate::exceptions::BindingResult;

/// A TLS session. SSLSocket.session hands them out, wrap_socket(session=...) takes them.
#[pyclass(frozen, immutable_type, name = "SSLSession", module = "ferrossl")]
pub(crate) struct PySslSession {
    session: SavedSession,
    context: Py<PyContext>,
}

impl PySslSession {
    /// A session of a connection that has this context.
    pub(crate) const fn new(session: SavedSession, context: Py<PyContext>) -> Self {
        Self { session, context }
    }
}

#[pymethods]
impl PySslSession {
    /// The id: what the server has given, or the SHA-256 of its ticket; empty before there is either.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.session.id())
    }

    /// When the session was made, in seconds since 1970.
    #[getter]
    const fn time(&self) -> u64 {
        self.session.time()
    }

    /// For how many seconds it is good.
    #[getter]
    const fn timeout(&self) -> u32 {
        self.session.timeout()
    }

    /// For how many seconds the server says that its ticket is good; 0 without one.
    #[getter]
    const fn ticket_lifetime_hint(&self) -> u32 {
        self.session.ticket_lifetime_hint()
    }

    /// Whether the server has sent a ticket.
    #[getter]
    const fn has_ticket(&self) -> bool {
        self.session.has_ticket()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> Option<bool> {
        other.cast::<Self>().ok().map(|other| other.get().session == self.session)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.session.id().hash(&mut hasher);
        hasher.finish()
    }

    /// A context may keep its sessions, and they keep it. (It is the context that breaks such a cycle.)
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.context)
    }
}

/// Has a client resume the session, which must be of its own context.
pub(crate) fn resume(
    connection: &Connection,
    context: &Bound<'_, PyContext>,
    value: &Bound<'_, PyAny>,
) -> BindingResult<()> {
    let Ok(value) = value.cast::<PySslSession>() else {
        return Err(PyTypeError::new_err("Value is not a SSLSession.").into());
    };
    let session = value.get();
    if !session.context.is(context) {
        return Err(PyValueError::new_err("Session refers to a different SSLContext.").into());
    }
    Ok(connection.resume(&session.session)?)
}
