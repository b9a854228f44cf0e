//! The server's `sni_callback`: runs between the ClientHello and the answer, with no lock held.

use ferrossl::Error;
use ferrossl::connection::ClientHelloInfo;
use ferrossl::openssl_names::alerts::{AlertNumber, HANDSHAKE_FAILURE, INTERNAL_ERROR};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::context::PyContext;
use crate::owner::Owner;

/// What a server does with a ClientHello.
pub(crate) enum Answer {
    /// Goes on with the connection's context, which the callback may have changed.
    Proceed,
    /// Sends this alert; later calls on the connection get the error.
    Refuse(AlertNumber, Error),
}

/// Calls `callback(owner, name, context)` and returns what it says: `None` proceeds; a number is the alert that refuses
/// the client. An exception or anything else refuses too, and is reported through `sys.unraisablehook`. When the object
/// that the callback would get is gone already, the client is refused without it.
pub(crate) fn ask(
    callback: &Bound<'_, PyAny>,
    owner: Owner<'_>,
    context: &Bound<'_, PyContext>,
    info: &ClientHelloInfo,
) -> Answer {
    let owner = match owner {
        Owner::There(owner) => Some(owner),
        Owner::Never => None,
        // Nothing is left for the callback to get, and it may be there to refuse.
        Owner::Gone => return refuse(INTERNAL_ERROR),
    };
    match callback.call1((owner, info.server_name.as_deref(), context)) {
        Ok(result) if result.is_none() => Answer::Proceed,
        Ok(result) => refuse(result.extract::<AlertNumber>().unwrap_or_else(|_| {
            let text = "servername callback must return None or an integer";
            PyTypeError::new_err(text).write_unraisable(callback.py(), Some(callback));
            INTERNAL_ERROR
        })),
        Err(error) => {
            error.write_unraisable(callback.py(), Some(callback));
            refuse(HANDSHAKE_FAILURE)
        }
    }
}

const fn refuse(alert: AlertNumber) -> Answer {
    Answer::Refuse(alert, Error::Refused)
}
