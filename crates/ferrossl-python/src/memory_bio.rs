//! `ssl.MemoryBIO`.

use std::sync::Arc;

use ferrossl::MemoryBio;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffers::Input;
use crate::exceptions::plain_ssl_error;

/// A queue of bytes between a TLS connection and a program that moves them itself.
#[pyclass(frozen, subclass, name = "MemoryBIO", module = "ferrossl._ferrossl")]
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
    #[pyo3(signature = (size=-1, /))]
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
