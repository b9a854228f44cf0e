//! Records (RFC 8446 section 5.1, RFC 5246 section 6.2.1): their types and sizes, and the one that is written by hand.

use crate::error::Failure;
use crate::openssl_names::alerts::{AlertNumber, UNEXPECTED_MESSAGE};
use crate::openssl_names::reasons::BAD_RECORD_TYPE;

/// `ContentType`.
pub(crate) const CHANGE_CIPHER_SPEC: u8 = 20;
/// `ContentType`.
pub(crate) const ALERT: u8 = 21;
/// `ContentType`.
pub(crate) const HANDSHAKE: u8 = 22;
/// `ContentType`; that of every protected record of TLS 1.3, too.
pub(crate) const APPLICATION_DATA: u8 = 23;

/// Type, version and length in front of every record, in bytes.
pub(crate) const HEADER: usize = 5;
/// The most data in one record, in bytes (RFC 8446 section 5.1).
pub(crate) const MAX_DATA: usize = 1 << 14;
/// The longest body of a protected record of TLS 1.3, in bytes (RFC 8446 section 5.2).
pub(crate) const MAX_PROTECTED_TLS13: usize = MAX_DATA + 256;
/// The longest body of a protected record of TLS 1.2, in bytes (RFC 5246 section 6.2.3).
pub(crate) const MAX_PROTECTED_TLS12: usize = MAX_DATA + 2048;

/// `AlertLevel` (RFC 8446 section 6).
pub(crate) const WARNING: u8 = 1;
/// `AlertLevel` (RFC 8446 section 6).
pub(crate) const FATAL: u8 = 2;

/// A fatal alert before any key is in place (RFC 8446 section 6.2), as one whole record.
pub(crate) const fn plaintext_alert(alert: AlertNumber) -> [u8; 7] {
    [ALERT, 3, 3, 0, 2, FATAL, alert]
}

/// A record of a type that nobody knows, or that has no place in these versions.
pub(crate) fn unknown_record() -> Failure {
    Failure::new(UNEXPECTED_MESSAGE, BAD_RECORD_TYPE, "")
}

/// The first record's header, its body, and what stands behind it; `None` when it is not whole.
pub(crate) fn split(records: &[u8]) -> Option<(&[u8; HEADER], &[u8], &[u8])> {
    let (header, behind) = records.split_first_chunk::<HEADER>()?;
    let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
    let (body, behind) = behind.split_at_checked(length)?;
    Some((header, body, behind))
}
