//! The private message callback of a context: handshake messages, alerts and record headers as they go by.

use ferrossl::connection::{Connection, LoggedMessage};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

const CHANGE_CIPHER_SPEC: u16 = 20;
const ALERT: u16 = 21;
const RECORD_HEADER: u16 = 256;
/// `SSL3_MT_CHANGE_CIPHER_SPEC` of OpenSSL: the record type has no message type of its own.
const CHANGE_CIPHER_SPEC_MESSAGE: u16 = 0x0101;
const TLSV1_2: u16 = 0x0303;

/// Calls the context's callback for what has gone by since the last time; `owner` is its first argument. No lock is held
/// meanwhile; what the callback raises comes out of the operation, as with CPython.
pub(crate) fn deliver(
    callback: &Bound<'_, PyAny>,
    connection: &Connection,
    owner: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let negotiated = connection.negotiated().map_or(TLSV1_2, |negotiated| negotiated.version.wire());
    let mut first_failure = Ok(());
    for logged in connection.take_logged_messages() {
        let direction = if logged.sent { "write" } else { "read" };
        let (version, message) = numbers(&logged, negotiated);
        let data = PyBytes::new(callback.py(), &logged.data);
        let arguments = (owner, direction, version, logged.content_type, message, data);
        let result = callback.call1(arguments).map(|_| ());
        first_failure = first_failure.and(result);
    }
    first_failure
}

/// The version and the kind of message, as CPython takes them from OpenSSL's callback.
fn numbers(logged: &LoggedMessage, negotiated: u16) -> (u16, u16) {
    let byte = |index: usize| u16::from(logged.data.get(index).copied().unwrap_or(0));
    match logged.content_type {
        RECORD_HEADER => (byte(1) << 8 | byte(2), byte(0)),
        CHANGE_CIPHER_SPEC => (negotiated, CHANGE_CIPHER_SPEC_MESSAGE),
        ALERT => (negotiated, byte(1)),
        _ => (negotiated, byte(0)),
    }
}
