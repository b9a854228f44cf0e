//! The server's `sni_callback`: runs between the ClientHello and the answer, with no lock held.

use ferrossl::Error;
use ferrossl::connection::ClientHelloInfo;
use ferrossl::openssl_names::alerts::{AlertNumber, HANDSHAKE_FAILURE, INTERNAL_ERROR};
use ferrossl::openssl_names::reasons::CALLBACK_FAILED;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::context::PyContext;
use crate::socket::{Owner, PySslSocket};

/// Calls `callback(sslobj, name, context)` and does what it says: `None` goes on with the connection's
/// context, which the callback may have changed; a number is the alert that refuses the client. An
/// exception or anything else refuses too, and is reported through `sys.unraisablehook`. When the object that the
/// callback would get is gone already, the client is refused without it.
pub(crate) fn answer(
    py: Python<'_>,
    socket: &PySslSocket,
    callback: &Bound<'_, PyAny>,
    initial: &Bound<'_, PyContext>,
    info: &ClientHelloInfo,
) {
    let owner = match socket.find_owner(py) {
        Owner::There(owner) => Some(owner),
        Owner::Never => None,
        // Nothing is left for the callback to get, and it may be there to refuse.
        Owner::Gone => {
            let error = Error::Protocol { reason: CALLBACK_FAILED, detail: String::new() };
            return socket.connection().refuse(INTERNAL_ERROR, error);
        }
    };
    let refusal = match callback.call1((owner, info.server_name.as_deref(), initial)) {
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
            // Its failure is the connection's, and the next step of the handshake reports it.
            let _ = connection.proceed();
        }
    }
}
