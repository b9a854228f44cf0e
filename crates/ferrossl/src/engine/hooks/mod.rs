//! Where this crate stands between rustls and its cryptography.

pub(crate) mod callback_scope;
pub(crate) mod handshake_log;
pub(crate) mod patched_transcript_hash;
pub(crate) mod signs_as_sent;
pub(crate) mod tls12_aead;
pub(crate) mod tls13_aead;
