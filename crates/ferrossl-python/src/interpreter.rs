//! What belongs to the interpreter that asks. There may be several in a process that share the GIL, as mod_wsgi and
//! uWSGI have them; no Python object of one may turn up in another. (One with a GIL of its own cannot load this module.)

use std::ptr::NonNull;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use pyo3::{ffi, intern};

const ERRORS: &str = "ferrossl._errors";

/// The classes of `ferrossl._errors` that are raised here. (`SSLSyscallError` is not: the system's errors are `OSError`s.)
#[derive(Clone, Copy, Debug)]
pub(crate) enum ExceptionClass {
    Ssl,
    ZeroReturn,
    WantRead,
    WantWrite,
    Eof,
    CertVerification,
}

impl ExceptionClass {
    const fn name(self) -> &'static str {
        match self {
            Self::Ssl => "SSLError",
            Self::ZeroReturn => "SSLZeroReturnError",
            Self::WantRead => "SSLWantReadError",
            Self::WantWrite => "SSLWantWriteError",
            Self::Eof => "SSLEOFError",
            Self::CertVerification => "SSLCertVerificationError",
        }
    }
}

/// This interpreter's class.
pub(crate) fn exception_class(py: Python<'_>, class: ExceptionClass) -> PyResult<Bound<'_, PyAny>> {
    let name = class.name();
    classes(py)?.get_item(name)?.ok_or_else(|| PyRuntimeError::new_err(format!("there is no class '{name}'")))
}

/// The names of `ferrossl._errors`, kept where CPython keeps what an interpreter's extension modules need
/// (`PyInterpreterState_GetDict`): errors are raised too often to be imported each time. A copy, because the module's own
/// names are gone when the interpreter ends, and connections may end after it.
fn classes(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    // SAFETY: `py` says that this thread is attached to an interpreter, so there is a current one. The dictionary is a
    // borrowed reference; it is NULL, without an exception, when there is none.
    let kept = unsafe {
        let dict = ffi::PyInterpreterState_GetDict(ffi::PyInterpreterState_Get());
        Bound::from_borrowed_ptr_or_opt(py, dict)
    };
    let kept = kept.ok_or_else(|| PyRuntimeError::new_err("this interpreter has no dictionary"))?;
    let kept = kept.cast_into::<PyDict>()?;
    let key = intern!(py, ERRORS);
    if let Some(classes) = kept.get_item(key)? {
        return Ok(classes.cast_into()?);
    }
    let classes = py.import(key)?.dict().copy()?;
    kept.set_item(key, &classes)?;
    Ok(classes)
}

/// The way back into the interpreter and the thread state that an operation was called from, while the GIL is released.
///
/// `Python::attach` would not do: CPython's `PyGILState_Ensure` knows one thread state for each thread, which may be of
/// another interpreter.
pub(crate) struct WayBack(NonNull<ffi::PyThreadState>);

// SAFETY: `attach`, the only use of the pointer, is unsafe and asks for the thread that the thread state belongs to.
unsafe impl Send for WayBack {}
// SAFETY: as for `Send`.
unsafe impl Sync for WayBack {}

impl WayBack {
    pub(crate) fn new(_py: Python<'_>) -> PyResult<Self> {
        // SAFETY: `_py` says that this thread is attached, so it has a thread state.
        NonNull::new(unsafe { ffi::PyThreadState_Get() })
            .map(Self)
            .ok_or_else(|| PyRuntimeError::new_err("there is no thread state"))
    }

    /// Runs `work` with the GIL.
    ///
    /// # Safety
    ///
    /// To be called by the thread that has made this, inside of a `Python::detach` of the same call.
    pub(crate) unsafe fn attach<R>(&self, work: impl FnOnce(Python<'_>) -> R) -> R {
        struct Leave;
        impl Drop for Leave {
            fn drop(&mut self) {
                // SAFETY: made below, where the thread has just been attached; so it is left as it was found.
                unsafe { ffi::PyEval_SaveThread() };
            }
        }
        // SAFETY: the thread state is this thread's, and not current: the caller is inside of `Python::detach`, which
        // has put this very one aside and cannot come back before us.
        unsafe { ffi::PyEval_RestoreThread(self.0.as_ptr()) };
        let _leave = Leave;
        // SAFETY: attached by the line above, until `_leave` is dropped; `work` cannot keep the token, because it must
        // take one of any lifetime.
        work(unsafe { Python::assume_attached() })
    }
}
