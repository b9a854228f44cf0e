//! TLS on the wire: records, handshake messages and hellos as bytes. No rustls, no state of a connection, no locks.

pub(crate) mod handshake;
pub(crate) mod hello;
pub(crate) mod hello_rules;
pub(crate) mod record;
