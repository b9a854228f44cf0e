//! `ssl.MemoryBIO`, and the like of it from the standard library: asyncio makes those for whatever context
//! it is given.

use std::sync::Arc;

use ferrossl::MemoryBio;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffers::Input;
use crate::exceptions::{IntoPython, plain_ssl_error};

/// A queue of bytes between a TLS connection and a program that moves them itself.
#[pyclass(frozen, immutable_type, subclass, name = "MemoryBIO", module = "ferrossl")]
pub(crate) struct PyMemoryBio {
    pub(crate) bio: Arc<MemoryBio>,
}

#[pymethods]
impl PyMemoryBio {
    #[new]
    fn new() -> Self {
        Self { bio: Arc::new(MemoryBio::new()) }
    }

    /// Read up to size bytes from the memory BIO.
    ///
    /// If size is not specified or negative, read all bytes. An empty result means that there are none
    /// now, or, if `eof` is true, never again.
    #[pyo3(signature = (size=-1, /), text_signature = "($self, size=-1, /)")]
    fn read<'py>(&self, py: Python<'py>, size: isize) -> Bound<'py, PyBytes> {
        let limit = usize::try_from(size).unwrap_or(usize::MAX);
        self.bio.read_with(limit, |bytes| PyBytes::new(py, bytes))
    }

    /// Write the bytes b into the memory BIO. Returns the number of bytes written.
    #[pyo3(signature = (b, /))]
    fn write(&self, py: Python<'_>, b: &Bound<'_, PyAny>) -> PyResult<usize> {
        let input = Input::new(b)?;
        self.bio
            .write(input.as_slice())
            .map_err(|error| plain_ssl_error(py, "SSLError", 0, &error.report().text))
    }

    /// Write an EOF marker to the memory BIO. After this, writing is an error.
    fn write_eof(&self) {
        self.bio.write_eof();
    }

    /// The number of bytes pending in the memory BIO.
    #[getter]
    fn pending(&self) -> usize {
        self.bio.pending()
    }

    /// Whether the memory BIO is at EOF.
    #[getter]
    fn eof(&self) -> bool {
        self.bio.is_eof()
    }
}

/// One BIO of a connection.
pub(crate) struct Bio {
    queue: Arc<MemoryBio>,
    /// Another module's BIO, whose bytes pass through `queue`.
    foreign: Option<Py<PyAny>>,
}

impl Bio {
    /// Takes our own BIO, or anything with its methods.
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(own) = object.cast::<PyMemoryBio>() {
            return Ok(Self { queue: Arc::clone(&own.get().bio), foreign: None });
        }
        for name in ["read", "write", "write_eof", "eof", "pending"] {
            if !object.hasattr(name)? {
                return Err(PyTypeError::new_err(format!(
                    "a MemoryBIO is required, not '{}'",
                    object.get_type().name()?
                )));
            }
        }
        Ok(Self { queue: Arc::new(MemoryBio::new()), foreign: Some(object.clone().unbind()) })
    }

    pub(crate) const fn queue(&self) -> &Arc<MemoryBio> {
        &self.queue
    }

    /// Brings in what the other module's BIO has.
    pub(crate) fn take_in(&self, py: Python<'_>) -> PyResult<()> {
        let Some(foreign) = &self.foreign else { return Ok(()) };
        let bytes = foreign.call_method0(py, "read")?.into_bound(py).cast_into::<PyBytes>()?;
        if !bytes.as_bytes().is_empty() {
            self.queue.write(bytes.as_bytes()).python(py)?;
        }
        if foreign.getattr(py, "eof")?.extract(py)? {
            self.queue.write_eof();
        }
        Ok(())
    }

    /// Moves what was written to the other module's BIO.
    pub(crate) fn give_out(&self, py: Python<'_>) -> PyResult<()> {
        let Some(foreign) = &self.foreign else { return Ok(()) };
        if self.queue.pending() > 0 {
            let bytes = self.queue.read_with(usize::MAX, |bytes| PyBytes::new(py, bytes));
            foreign.call_method1(py, "write", (bytes,))?;
        }
        Ok(())
    }

    /// Puts back what was brought in and belongs to nobody here: clear text behind the peer's close_notify.
    pub(crate) fn give_back(&self, py: Python<'_>) -> PyResult<()> {
        match &self.foreign {
            // A BIO that is marked as ended takes no more; reading it from the queue is all that is left.
            Some(foreign) if !foreign.getattr(py, "eof")?.extract::<bool>(py)? => self.give_out(py),
            _ => Ok(()),
        }
    }
}
