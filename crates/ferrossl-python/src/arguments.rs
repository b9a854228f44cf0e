//! Arguments of context methods that may be of several types: paths, and certificates from memory.

use std::ffi::OsString;
use std::path::PathBuf;

use ferrossl::trust::Bundle;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::buffers::Input;
use crate::exceptions::BindingResult;

/// A yes or no as Python's own functions take it: any object, for its truth. `getpeercert(1)` is common.
pub(crate) struct Truth(pub(crate) bool);

impl<'py> FromPyObject<'_, 'py> for Truth {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        value.is_truthy().map(Self)
    }
}

/// A path as Python has them: str, bytes or an object with `__fspath__`.
pub(crate) fn optional_path(value: Option<Bound<'_, PyAny>>, name: &str) -> PyResult<Option<PathBuf>> {
    let Some(value) = value.filter(|value| !value.is_none()) else { return Ok(None) };
    let os = value.py().import("os")?;
    let text = os
        .getattr("fsdecode")?
        .call1((&value,))
        .map_err(|_| PyTypeError::new_err(format!("{name} should be a valid filesystem path")))?;
    if text.contains("\0")? {
        return Err(PyValueError::new_err("embedded null byte"));
    }
    Ok(Some(text.extract::<OsString>()?.into()))
}

/// A path (or a name, where CPython takes one like a path) that must be there.
pub(crate) fn required_path(value: Bound<'_, PyAny>, name: &str) -> PyResult<PathBuf> {
    optional_path(Some(value), name)?
        .ok_or_else(|| PyTypeError::new_err(format!("{name} should be a valid filesystem path")))
}

/// Certificates and CRLs from `cadata`: PEM as str, DER as bytes.
pub(crate) fn bundle(cadata: &Bound<'_, PyAny>) -> BindingResult<Bundle> {
    let wrong_type = || PyTypeError::new_err("cadata should be an ASCII string or a bytes-like object");
    let empty = || PyValueError::new_err("Empty certificate data");
    if let Ok(text) = cadata.cast::<PyString>() {
        let text = text.to_cow()?;
        if !text.is_ascii() {
            return Err(wrong_type().into());
        }
        if text.is_empty() {
            return Err(empty().into());
        }
        return Ok(Bundle::from_pem(text.as_bytes())?);
    }
    let input = Input::new(cadata).map_err(|_| wrong_type())?;
    if input.as_slice().is_empty() {
        return Err(empty().into());
    }
    Ok(Bundle::from_der(input.as_slice())?)
}
