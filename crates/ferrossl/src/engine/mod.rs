//! The seam to rustls: with `crypto/`, the only place that knows its types. Bytes go in, bytes come out.
//!
//! What is relied upon beyond rustls' documentation stands at the head of the file that relies on it, most of it in
//! `hooks/`.

mod alerts;
mod client_hello_phase;
mod config;
mod established;
#[cfg(fuzzing)]
pub mod fuzzing;
mod hooks;
mod identities;
mod post_handshake_auth;
mod provider;
mod resumption;
mod rustls_connection;
mod rustls_errors;
mod verifier;

pub use client_hello_phase::ClientHelloInfo;
pub(crate) use client_hello_phase::{AwaitingClientHello, ReceivedClientHello};
pub(crate) use config::{ClientConfig, ServerConfig, compile_client, compile_server};
pub use hooks::handshake_log::LoggedMessage;
pub(crate) use hooks::traffic_key::TrafficKey;
pub(crate) use resumption::client_tickets::ClientTickets;
pub(crate) use resumption::memory::{ClientMemory, ServerMemory};
pub(crate) use rustls_connection::RustlsConnection;
pub(crate) use rustls_connection::incoming::Fed;
