//! TLS on the wire: records, handshake messages, hellos and extensions as bytes. No rustls, no state of a connection, no locks.

pub(crate) mod certificate;
pub(crate) mod extension;
pub(crate) mod handshake;
pub(crate) mod hello;
pub(crate) mod hello_rules;
pub(crate) mod record;
pub(crate) mod vector;
