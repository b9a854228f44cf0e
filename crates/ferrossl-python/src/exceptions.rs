//! The one table from the core's errors to Python's exceptions.

use std::ffi::OsStr;

use ferrossl::Error;
use ferrossl::error::{Kind, Report, VerificationDetail, VerificationError};
use pyo3::exceptions::{PyNotImplementedError, PyOSError, PyTimeoutError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::interpreter::exception_class;

/// The Python exception for an error of the core.
pub(crate) fn to_python(py: Python<'_>, error: &Error) -> PyErr {
    // An exception of the program's own (from a signal handler, say) comes back as it was.
    if let Error::Io(inner) = error
        && let Some(raised) = inner.get_ref().and_then(|inner| inner.downcast_ref::<PyErr>())
    {
        return raised.clone_ref(py);
    }
    let report = error.report();
    let class = match report.kind {
        Kind::Ssl => "SSLError",
        Kind::WantRead => "SSLWantReadError",
        Kind::WantWrite => "SSLWantWriteError",
        Kind::ZeroReturn => "SSLZeroReturnError",
        Kind::Eof => "SSLEOFError",
        Kind::CertVerification => "SSLCertVerificationError",
        Kind::Timeout => return PyTimeoutError::new_err(report.text),
        Kind::Os => return system_error(py, error, report).unwrap_or_else(|error| error),
        Kind::Value => return PyValueError::new_err(report.text),
        Kind::Unsupported => return PyNotImplementedError::new_err(report.text),
        _ => "SSLError",
    };
    let verification = match error {
        Error::Verification(verification) => Some(&**verification),
        _ => None,
    };
    ssl_error(py, class, &report, verification).unwrap_or_else(|error| error)
}

/// An `SSLError` (or the class named) with this text and no library or reason.
pub(crate) fn plain_ssl_error(py: Python<'_>, class: &str, errno: i32, text: &str) -> PyErr {
    match exception_class(py, class).and_then(|class| class.call1((errno, text))) {
        Ok(value) => PyErr::from_value(value),
        Err(error) => error,
    }
}

fn ssl_error(
    py: Python<'_>,
    class: &str,
    report: &Report,
    verification: Option<&VerificationError>,
) -> PyResult<PyErr> {
    let value = exception_class(py, class)?.call1((report.errno, &report.text))?;
    if let Some(reason) = report.reason {
        value.setattr("library", reason.library.name())?;
        if !reason.is_common() {
            value.setattr("reason", reason.name)?;
        }
    }
    if let Some(verification) = verification {
        value.setattr("verify_code", verification.code.number())?;
        value.setattr("verify_message", verification.message())?;
        value.setattr("verify_depth", verification.depth)?;
        value.setattr("verify_subject", &verification.subject)?;
        value.setattr("verify_rule", verification.code.rule())?;
        value.setattr("verify_hint", verification.hint())?;
        value.setattr("verify_detail", detail(py, verification)?)?;
    }
    Ok(PyErr::from_value(value))
}

/// The values that were compared, by name.
fn detail<'py>(py: Python<'py>, verification: &VerificationError) -> PyResult<Bound<'py, PyDict>> {
    let values = PyDict::new(py);
    match &verification.detail {
        VerificationDetail::Period { now, not_before, not_after } => {
            values.set_item("now", now)?;
            values.set_item("not_before", not_before)?;
            values.set_item("not_after", not_after)?;
        }
        VerificationDetail::Name { expected, presented } => {
            values.set_item("expected", expected)?;
            values.set_item("presented", presented)?;
        }
        VerificationDetail::MissingIssuer { issuer } => values.set_item("missing_issuer", issuer)?,
        VerificationDetail::Strength { bits, least } => {
            values.set_item("bits", bits)?;
            values.set_item("least_bits", least)?;
        }
        VerificationDetail::Revoked { serial } => values.set_item("revoked_serial", serial)?,
        VerificationDetail::Particular(text) => values.set_item("particular", text)?,
        _ => {}
    }
    Ok(values)
}

/// The system's error, with its number and the file it is about, where it has them.
fn system_error(py: Python<'_>, error: &Error, report: Report) -> PyResult<PyErr> {
    let filename = match error {
        Error::File { path, .. } => Some(path.as_os_str()),
        _ => None,
    };
    match (error, report.errno) {
        (_, 0) => Ok(PyOSError::new_err(report.text)),
        (Error::Io(inner) | Error::File { error: inner, .. }, number) => {
            numbered_error(py, number, inner, filename)
        }
        _ => Ok(PyOSError::new_err((report.errno, report.text))),
    }
}

/// `OSError` picks its own subclass from the errno; the text is the system's, as Python words it.
#[cfg(not(windows))]
fn numbered_error(
    py: Python<'_>,
    number: i32,
    _: &std::io::Error,
    filename: Option<&OsStr>,
) -> PyResult<PyErr> {
    let text: String = py.import("os")?.getattr("strerror")?.call1((number,))?.extract()?;
    Ok(match filename {
        // OSError's own constructor tells two arguments from three: None would be a filename too.
        None => PyOSError::new_err((number, text)),
        Some(filename) => PyOSError::new_err((number, text, filename.to_owned())),
    })
}

/// The number is Windows' own: `OSError` makes an errno of its fourth argument, and picks its subclass from that.
#[cfg(windows)]
fn numbered_error(
    _: Python<'_>,
    number: i32,
    error: &std::io::Error,
    filename: Option<&OsStr>,
) -> PyResult<PyErr> {
    // CPython shows the system's text without its full stop, and Rust adds the number.
    let text = error.to_string();
    let suffix = format!(" (os error {number})");
    let text = text.strip_suffix(&suffix).unwrap_or(&text).trim_end_matches('.');
    Ok(PyOSError::new_err((0, text.to_owned(), filename.map(OsStr::to_owned), number)))
}

/// Converts the error half of a core result.
pub(crate) trait IntoPython<T> {
    /// The value, or the Python exception.
    fn python(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> IntoPython<T> for Result<T, Error> {
    fn python(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| to_python(py, &error))
    }
}
