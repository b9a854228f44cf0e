//! Timeouts as Python's sockets have them.

use std::time::Duration;

use ferrossl::socket::Deadline;
use pyo3::prelude::*;

/// The deadline of an operation that begins now, from `socket.gettimeout()`: seconds or `None`.
pub(crate) fn from_python(timeout: &Bound<'_, PyAny>) -> PyResult<Deadline> {
    let seconds: Option<f64> = timeout.extract()?;
    // A time that no `Duration` can hold is for ever; a negative one cannot be set.
    let timeout = seconds.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    Ok(Deadline::after(timeout))
}
