//! Authentication of clients after the handshake (RFC 8446 section 4.6.2).

pub(crate) mod messages;
pub(crate) mod transcript;
