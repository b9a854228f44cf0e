//! The `password` argument of `load_cert_chain`: str, bytes, bytearray, or a callable that returns one.

use ferrossl::Error;
use ferrossl::identity::MAX_PASSWORD;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyString};
use zeroize::Zeroizing;

/// Gets the password when a key turns out to be encrypted, and not before.
pub(crate) fn ask(password: &Bound<'_, PyAny>) -> ferrossl::Result<Zeroizing<Vec<u8>>> {
    let given = if password.is_callable() {
        password.call0().and_then(|value| bytes(&value, "password callback must return a string"))
    } else {
        bytes(password, "password should be a string or callable")
    };
    // The exception travels through the core as the cause of an I/O error and comes out as it was.
    given.map_err(|error| Error::from(std::io::Error::other(error)))
}

/// Asks on the terminal, as OpenSSL does when nobody has given a password.
pub(crate) fn prompt(py: Python<'_>) -> ferrossl::Result<Zeroizing<Vec<u8>>> {
    let ask = || {
        let answer = py.import("getpass")?.getattr("getpass")?.call1(("Enter PEM pass phrase:",))?;
        bytes(&answer, "getpass.getpass() must return a string")
    };
    ask().map_err(|error| Error::from(std::io::Error::other(error)))
}

/// Refuses what can never be a password, before any file is read.
pub(crate) fn check(password: &Bound<'_, PyAny>) -> PyResult<()> {
    if password.is_callable() {
        return Ok(());
    }
    bytes(password, "password should be a string or callable").map(|_| ())
}

fn bytes(value: &Bound<'_, PyAny>, wrong_type: &'static str) -> PyResult<Zeroizing<Vec<u8>>> {
    let bytes = if let Ok(text) = value.cast::<PyString>() {
        text.to_cow()?.as_bytes().to_vec()
    } else if let Ok(bytes) = value.cast::<PyBytes>() {
        bytes.as_bytes().to_vec()
    } else if let Ok(bytes) = value.cast::<PyByteArray>() {
        bytes.to_vec()
    } else {
        return Err(PyTypeError::new_err(wrong_type));
    };
    let bytes = Zeroizing::new(bytes);
    if bytes.len() > MAX_PASSWORD {
        return Err(PyValueError::new_err(format!("password cannot be longer than {MAX_PASSWORD} bytes")));
    }
    Ok(bytes)
}
