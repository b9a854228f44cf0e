//! The first bytes of a connection, and of records: TLS, or a peer that speaks something else.

use crate::error::{Error, Result};
use crate::openssl_names::reasons::{HTTP_REQUEST, HTTPS_PROXY_REQUEST, WRONG_VERSION_NUMBER};

/// The first byte of every version (RFC 8446 section 5.1).
pub(super) const MAJOR_VERSION: u8 = 3;

/// Whether a record header may begin a connection: ContentType 20 (change_cipher_spec) to 24 (heartbeat), version 3.x.
const fn looks_like_tls(header: &[u8]) -> bool {
    matches!(header[0], 20..=24) && header[1] == MAJOR_VERSION
}

/// Checks the first record header. No alert is sent to a peer that does not speak TLS, as with OpenSSL
/// (`ssl3_get_record`).
pub(super) fn check(header: &[u8], is_server: bool) -> Result<()> {
    if looks_like_tls(header) {
        return Ok(());
    }
    if is_server {
        if [b"GET " as &[u8], b"POST ", b"HEAD ", b"PUT "].iter().any(|method| header.starts_with(method)) {
            return Err(Error::protocol(HTTP_REQUEST, ""));
        }
        if header.starts_with(b"CONNE") {
            return Err(Error::protocol(HTTPS_PROXY_REQUEST, ""));
        }
    }
    Err(Error::protocol(WRONG_VERSION_NUMBER, ""))
}
