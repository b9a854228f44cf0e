//! A `bytes` object that is filled in place.

use pyo3::ffi;
use pyo3::ffi::compat::{
    PyBytesWriter, PyBytesWriter_Create, PyBytesWriter_Discard, PyBytesWriter_FinishWithSize,
    PyBytesWriter_GetData,
};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// So much is put together on the stack and copied: faster than to shrink an object.
const SMALL: usize = 512;

/// A `bytes` object that is not one yet (`PyBytesWriter`, Python 3.15; PyO3 has the like of it for earlier ones).
struct Writer(*mut PyBytesWriter);

impl Drop for Writer {
    fn drop(&mut self) {
        // SAFETY: the writer has not been finished: that forgets it. We are attached, as whoever made it.
        unsafe { PyBytesWriter_Discard(self.0) }
    }
}

/// Makes a `bytes` object of what `fill` puts into a buffer of `room` bytes (zeros before), of which it says how many they
/// are. What else `fill` says comes back beside.
pub(crate) fn filled<R>(
    py: Python<'_>,
    room: usize,
    fill: impl FnOnce(&mut [u8]) -> (usize, R),
) -> PyResult<(Bound<'_, PyBytes>, R)> {
    if room <= SMALL {
        let mut buffer = [0; SMALL];
        let (length, said) = fill(&mut buffer[..room]);
        return Ok((PyBytes::new(py, &buffer[..length.min(room)]), said));
    }
    let size = ffi::Py_ssize_t::try_from(room)?;
    // SAFETY: we are attached (`py`), and the size is not negative. NULL, with an exception, where there is no memory.
    let writer = unsafe { PyBytesWriter_Create(size) };
    if writer.is_null() {
        return Err(PyErr::fetch(py));
    }
    let writer = Writer(writer);
    // SAFETY: the writer was made with `room` bytes, to which nobody else has a pointer. They are written before there is a
    // slice of them, because the memory is not initialised. The slice ends before the writer does.
    let (length, said) = unsafe {
        let data = PyBytesWriter_GetData(writer.0).cast::<u8>();
        std::ptr::write_bytes(data, 0, room);
        fill(std::slice::from_raw_parts_mut(data, room))
    };
    let length = ffi::Py_ssize_t::try_from(length.min(room))?;
    let writer = std::mem::ManuallyDrop::new(writer);
    // SAFETY: `length` is not above the writer's size. The call ends the writer, also where it fails (NULL, with an exception).
    let bytes = unsafe { Bound::from_owned_ptr_or_err(py, PyBytesWriter_FinishWithSize(writer.0, length))? };
    Ok((bytes.cast_into::<PyBytes>()?, said))
}
