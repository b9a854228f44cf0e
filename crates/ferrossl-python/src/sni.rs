//! The server's `sni_callback`: runs between the ClientHello and the answer, with no lock held.

use ferrossl::Error;
use ferrossl::connection::HelloInfo;
use ferrossl::openssl_names::alerts::{AlertNumber, HANDSHAKE_FAILURE, INTERNAL_ERROR};
use ferrossl::openssl_names::reasons::CALLBACK_FAILED;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::context::PyContext;
use crate::socket::PySslSocket;

/// Calls `callback(sslobj, name, context)` and does what it says: `None` goes on with the connection's
/// context, which the callback may have changed; a number is the alert that refuses the client. An
/// exception or anything else refuses too, and is reported through `sys.unraisablehook`.
pub(crate) fn answer(
    py: Python<'_>,
    socket: &PySslSocket,
    callback: &Bound<'_, PyAny>,
    initial: &Bound<'_, PyContext>,
    info: &HelloInfo,
) {
    let refusal = match call(py, socket, callback, initial, info) {
        Ok(result) if result.is_none() => None,
        Ok(result) => Some(match result.extract::<AlertNumber>() {
            Ok(alert) => alert,
            Err(_) => {
                let text = "servername callback must return None or an integer";
                PyTypeError::new_err(text).write_unraisable(py, Some(callback));
                INTERNAL_ERROR
            }
        }),
        Err(error) => {
            error.write_unraisable(py, Some(callback));
            Some(HANDSHAKE_FAILURE)
        }
    };
    let connection = socket.connection();
    match refusal {
        Some(alert) => {
            connection.refuse(alert, Error::Protocol { reason: CALLBACK_FAILED, detail: String::new() })
        }
        None => {
            let snapshot = socket.context(py).get().snapshot();
            // Its failure is the connection's, and the next step of the handshake reports it.
            let _ = connection.choose(&snapshot);
        }
    }
}

fn call<'py>(
    py: Python<'py>,
    socket: &PySslSocket,
    callback: &Bound<'py, PyAny>,
    initial: &Bound<'py, PyContext>,
    info: &HelloInfo,
) -> PyResult<Bound<'py, PyAny>> {
    let owner = socket.owner_or_none(py)?;
    callback.call1((owner, info.server_name.as_deref(), initial))
}
