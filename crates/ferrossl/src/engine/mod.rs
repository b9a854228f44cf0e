//! The seam to rustls: the only place that knows its types. Bytes go in, bytes come out.
//!
//! What is relied upon beyond rustls' documentation stands at the head of the file that relies on it.

mod accept;
mod alerts;
mod cbc;
mod cbc_mac;
mod client_hello;
mod compile;
mod current;
mod dhe;
mod errors;
mod failure;
mod groups;
mod hello_rules;
mod incoming;
mod later_auth;
mod later_session;
mod memory;
mod modp_groups;
mod observer;
mod outgoing;
mod pss_key;
mod reassembly;
mod record_keys;
#[cfg(test)]
mod say;
mod server_sessions;
mod session;
mod signing_key;
mod signs_as_sent;
mod suites;
mod ticket_nonce;
mod tickets;
mod transcript;
mod verifier;
mod watched_hash;
mod watched_tls12;

pub use accept::HelloInfo;
pub(crate) use accept::{Hello, WaitingForHello, plaintext_alert, refuse_in_clear};
pub(crate) use compile::{ClientConfig, ServerConfig, compile_client, compile_server};
pub(crate) use failure::Failure;
pub(crate) use incoming::{Fed, unknown_record};
pub(crate) use memory::{ClientMemory, ServerMemory};
pub use observer::Observed;
pub(crate) use record_keys::{MAX_DATA, MAX_PROTECTED, SharedDirection, room_for};
pub(crate) use session::Session;
pub(crate) use signing_key::SigningKey;
pub(crate) use tickets::Tickets;

#[cfg(fuzzing)]
pub mod fuzzing;
