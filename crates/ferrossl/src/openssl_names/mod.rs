//! Tables of OpenSSL's numbers and names: what programs match on.
//!
//! This is the one place that speaks OpenSSL. It knows nothing of connections or certificates.

mod absent_ciphers;
pub mod alerts;
pub mod cipher_list;
mod cipher_words;
pub mod ciphers;
pub mod groups;
pub mod objects;
pub mod reasons;
pub mod verify_alerts;
pub mod verify_codes;
