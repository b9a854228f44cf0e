//! Bytes in and out of Python objects. `bytes` are immutable and may be read while other threads run; anything
//! else is copied while the GIL is held, because its owner may write to it.

use std::cell::RefCell;

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyBufferError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// The most bytes that one read takes from a connection.
pub(crate) const MAX_READ: usize = 256 * 1024;

thread_local! {
    /// Where reads decrypt to before the bytes become a Python object.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lends this thread's scratch buffer: `size` bytes, capped at [`MAX_READ`], and a spare one, as
/// `Connection::read_with_spare` has it.
pub(crate) fn with_scratch<R>(size: usize, use_it: impl FnOnce(&mut [u8]) -> R) -> R {
    let size = size.min(MAX_READ);
    // Taken out, so that a nested use (a signal handler that reads) gets one of its own.
    let mut scratch = SCRATCH.take();
    if scratch.len() <= size {
        scratch.resize(size + 1, 0);
    }
    let result = use_it(&mut scratch[..=size]);
    SCRATCH.set(scratch);
    result
}

/// Bytes that a program hands in.
pub(crate) enum Input<'py> {
    /// A `bytes` object, used in place.
    Bytes(Bound<'py, PyBytes>),
    /// The contents of another object with a buffer.
    Copied(Vec<u8>),
}

impl<'py> Input<'py> {
    /// Takes any C-contiguous buffer, whatever its items are.
    pub(crate) fn new(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast_exact::<PyBytes>() {
            return Ok(Self::Bytes(bytes.clone()));
        }
        let py = object.py();
        let gaps = || PyBufferError::new_err("the buffer is not C-contiguous");
        if let Ok(buffer) = PyBuffer::<u8>::get(object) {
            if !buffer.is_c_contiguous() {
                return Err(gaps());
            }
            return Ok(Self::Copied(buffer.to_vec(py)?));
        }
        // Items of another type, for instance an array of numbers: memoryview knows how.
        let view = py.import("builtins")?.getattr("memoryview")?.call1((object,)).map_err(|_| {
            PyTypeError::new_err(format!(
                "a bytes-like object is required, not '{}'",
                object.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string())
            ))
        })?;
        if !view.getattr("c_contiguous")?.extract::<bool>()? {
            return Err(gaps());
        }
        Ok(Self::Bytes(view.call_method0("tobytes")?.cast_into::<PyBytes>()?))
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes.as_bytes(),
            Self::Copied(bytes) => bytes,
        }
    }
}

/// A writable buffer, seen as bytes.
pub(crate) struct Output(PyBuffer<u8>);

impl Output {
    /// Takes any C-contiguous writable buffer, whatever its items are.
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let buffer = match PyBuffer::<u8>::get(object) {
            Ok(buffer) => buffer,
            // Items of another type, for instance an array of numbers: memoryview knows how.
            Err(_) => {
                let view = py.import("builtins")?.getattr("memoryview")?.call1((object,))?;
                PyBuffer::get(&view.call_method1("cast", ("B",))?)?
            }
        };
        if buffer.readonly() {
            return Err(PyTypeError::new_err("read-write bytes-like object expected"));
        }
        if !buffer.is_c_contiguous() {
            return Err(PyBufferError::new_err("the buffer is not C-contiguous"));
        }
        Ok(Self(buffer))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len_bytes()
    }

    /// Writes `bytes`, which must not be longer than the buffer, at its beginning.
    pub(crate) fn write(&self, _py: Python<'_>, bytes: &[u8]) {
        assert!(bytes.len() <= self.len());
        let target: *mut u8 = self.0.buf_ptr().cast();
        // SAFETY: the buffer is writable, C-contiguous and at least as long as `bytes` (checked above), and
        // it cannot be resized or freed while `self.0` holds its export. `bytes` is our own memory, so the
        // two do not overlap. We hold the GIL (`_py`), so no Python code writes to it meanwhile; what is not
        // guaranteed is that nobody else does who got the pointer from another export and works without the
        // GIL, as with every use of Python's buffers.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len()) };
    }
}
