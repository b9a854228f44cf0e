//! The one table from the core's errors to Python's exceptions.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io;
use std::sync::Arc;

use ferrossl::Error;
use ferrossl::error::{Kind, Report, VerificationDetail, VerificationError};
use ferrossl::openssl_names::reasons::Reason;
use pyo3::PyErrArguments;
use pyo3::exceptions::{PyNotImplementedError, PyOSError, PyTimeoutError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::interpreter::{ExceptionClass, exception_class};

/// What a function of the binding fails with: an error of the core, or what is an exception already.
///
/// It becomes a `PyErr` without a `Python` token, so that `?` is all it takes. Which classes the exception has depends on
/// the interpreter that asks (see `interpreter.rs`), so nothing of Python's is made here: the `PyErr` is a lazy one, and
/// PyO3 makes the exception where it hands it to the interpreter that has called, with that call's own token. Only
/// there: a lazy `PyErr` that is looked into before (`value()`, `is_instance_of()`, `clone_ref()`) is made by
/// `Python::attach`, which may pick another interpreter. So those are not used here.
#[derive(Debug)]
pub(crate) enum BindingError {
    Core(Error),
    Python(PyErr),
}

/// `Result` with [`BindingError`].
pub(crate) type BindingResult<T> = Result<T, BindingError>;

impl From<Error> for BindingError {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl From<PyErr> for BindingError {
    fn from(error: PyErr) -> Self {
        Self::Python(error)
    }
}

/// What cannot fail, as far as PyO3's conversions say so.
impl From<Infallible> for BindingError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<BindingError> for PyErr {
    fn from(error: BindingError) -> Self {
        match error {
            BindingError::Python(raised) => raised,
            BindingError::Core(error) => own_exception(error).unwrap_or_else(exception),
        }
    }
}

/// An exception of the program's own (from a signal handler, say), which went through the core as the cause of an I/O
/// error, as it was. Taken out rather than copied: nothing in the core keeps an I/O error of a transport or a password.
fn own_exception(error: Error) -> Result<PyErr, Error> {
    let Error::Io(cause) = error else { return Err(error) };
    let cause = Arc::try_unwrap(cause).map_err(Error::Io)?;
    // Not by `Error::from`, which would take an error of another connection's for this one's.
    cause.downcast::<PyErr>().map_err(|cause| Error::Io(Arc::new(cause)))
}

/// The exception for an error of the core.
fn exception(error: Error) -> PyErr {
    let report = error.report();
    let class = match report.kind {
        Kind::WantRead => ExceptionClass::WantRead,
        Kind::WantWrite => ExceptionClass::WantWrite,
        Kind::ZeroReturn => ExceptionClass::ZeroReturn,
        Kind::Eof => ExceptionClass::Eof,
        Kind::CertVerification => ExceptionClass::CertVerification,
        Kind::Timeout => return PyTimeoutError::new_err(report.text),
        Kind::Os => return system_error(error, report),
        Kind::Value => return PyValueError::new_err(report.text),
        Kind::Unsupported => return PyNotImplementedError::new_err(report.text),
        _ => ExceptionClass::Ssl,
    };
    let verification = match error {
        Error::Verification(verification) => Some(verification),
        _ => None,
    };
    let Report { errno, reason, text, .. } = report;
    SslException { class, errno, text, reason, verification }.into()
}

/// An `SSLError` with this text, and no library or reason.
pub(crate) fn plain_ssl_error(errno: i32, text: impl Into<String>) -> PyErr {
    let (class, text) = (ExceptionClass::Ssl, text.into());
    SslException { class, errno, text, reason: None, verification: None }.into()
}

/// An exception of `ssl`'s family that is still to be made.
struct SslException {
    class: ExceptionClass,
    errno: i32,
    text: String,
    reason: Option<Reason>,
    verification: Option<Arc<VerificationError>>,
}

impl From<SslException> for PyErr {
    fn from(exception: SslException) -> Self {
        // The arguments are the exception itself, whose class is then the one that counts. `OSError`, which is the same
        // in all interpreters, is what all of the family are.
        PyOSError::new_err(exception)
    }
}

impl PyErrArguments for SslException {
    fn arguments(self, py: Python<'_>) -> Py<PyAny> {
        match self.make(py) {
            Ok(value) => value.unbind(),
            // No class can be had, for instance at the interpreter's end: an `OSError` then, which says the same.
            Err(_) => (self.text,).arguments(py),
        }
    }
}

impl SslException {
    fn make<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let value = exception_class(py, self.class)?.call1((self.errno, &self.text))?;
        if let Some(reason) = self.reason {
            value.setattr("library", reason.library.name())?;
            if !reason.is_common() {
                value.setattr("reason", reason.name)?;
            }
        }
        if let Some(verification) = &self.verification {
            value.setattr("verify_code", verification.code.number())?;
            value.setattr("verify_message", verification.message())?;
            value.setattr("verify_depth", verification.depth)?;
            value.setattr("verify_subject", &verification.subject)?;
            value.setattr("verify_rule", verification.code.rule())?;
            value.setattr("verify_hint", verification.hint())?;
            value.setattr("verify_detail", detail(py, verification)?)?;
        }
        Ok(value)
    }
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
        VerificationDetail::MissingIssuer { issuer, .. } => values.set_item("missing_issuer", issuer)?,
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
fn system_error(error: Error, report: Report) -> PyErr {
    let (cause, filename) = match error {
        Error::Io(cause) => (cause, None),
        Error::File { path, error } => (error, Some(path.into_os_string())),
        _ => return PyOSError::new_err(report.text),
    };
    match report.errno {
        0 => PyOSError::new_err(report.text),
        number => PyOSError::new_err(SystemError { number, cause, filename }),
    }
}

/// The arguments of an `OSError` that picks its own subclass.
struct SystemError {
    number: i32,
    cause: Arc<io::Error>,
    filename: Option<OsString>,
}

impl PyErrArguments for SystemError {
    /// By the errno; the text is the system's, as Python words it.
    #[cfg(not(windows))]
    fn arguments(self, py: Python<'_>) -> Py<PyAny> {
        let strerror = || py.import("os")?.getattr("strerror")?.call1((self.number,))?.extract::<String>();
        let text = strerror().unwrap_or_else(|_| self.cause.to_string());
        match self.filename {
            // OSError's own constructor tells two arguments from three: None would be a filename too.
            None => (self.number, text).arguments(py),
            Some(filename) => (self.number, text, filename).arguments(py),
        }
    }

    /// The number is Windows' own: `OSError` makes an errno of its fourth argument, and picks its subclass from that.
    #[cfg(windows)]
    fn arguments(self, py: Python<'_>) -> Py<PyAny> {
        // CPython shows the system's text without its full stop, and Rust adds the number.
        let text = self.cause.to_string();
        let suffix = format!(" (os error {})", self.number);
        let text = text.strip_suffix(&suffix).unwrap_or(&text).trim_end_matches('.').to_owned();
        (0, text, self.filename, self.number).arguments(py)
    }
}
