//! Where this crate stands between rustls and its cryptography, through rustls' public traits. What each hook relies on
//! beyond rustls' documentation stands at its head, with the tests that fail when a release changes it:
//!
//! | file | hook | what for |
//! |---|---|---|
//! | `callback_scope.rs` | a thread-local round each call into rustls | gives the others the connection that they are called for |
//! | `tls13_aead.rs`, `traffic_key.rs` | `Tls13AeadAlgorithm` | traffic keys and their counts, for records that pass rustls by |
//! | `tls12_aead.rs`, `tls12_keys.rs` | `Tls12AeadAlgorithm` | the same for TLS 1.2 |
//! | `placeholders.rs` | `MessageEncrypter` | alerts and tickets of rustls' that are ours to make |
//! | `handshake_log.rs` | `MessageEncrypter`, output in clear text | Finished, session ids, tickets, the message callback |
//! | `patched_transcript_hash.rs` | `Hash` | hashes a ClientHello as it was sent: with `post_handshake_auth` |
//! | `signs_as_sent.rs` | `SigningKey` | signs it as it was sent, in TLS 1.2 |
//! | `ticket_nonce.rs` | `Hkdf` | short nonces in tickets |
//! | `key_log.rs`, `secrets.rs` | `KeyLog` | the context's key log, and the secrets that an open connection goes on with |
//!
//! The certificate verifier (`verifier.rs`) and the stores of sessions (`resumption/`) are meant by rustls to be given, and
//! are no hooks in this sense.

pub(crate) mod callback_scope;
pub(crate) mod handshake_log;
pub(crate) mod key_log;
pub(crate) mod patched_transcript_hash;
mod placeholders;
pub(crate) mod secrets;
pub(crate) mod signs_as_sent;
pub(crate) mod ticket_nonce;
pub(crate) mod tls12_aead;
pub(crate) mod tls12_keys;
pub(crate) mod tls13_aead;
pub(crate) mod traffic_key;
