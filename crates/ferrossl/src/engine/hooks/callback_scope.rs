//! What belongs to the connection that a callback of rustls' is running for.
//!
//! A verifier belongs to a whole context, because rustls resumes a session only under the same one, and suites, hashes and
//! AEADs live for ever. So what belongs to one connection reaches them through a thread-local that is set round each call
//! into rustls.
//!
//! Relies on: rustls calls back on the thread and inside the call that processes a record.

use std::cell::RefCell;
use std::sync::Arc;

use super::handshake_log::HandshakeLog;
use super::secrets::Secrets;
use super::tls12_keys::{Tls12OpeningKey, Tls12SealingKey};
use super::traffic_key::TrafficKey;
use crate::error::VerificationError;
use crate::verify::{ExpectedName, UnjudgedChain, VerifiedChain};
use crate::x509::Certificate;
use rustls::sign::CertifiedKey;

/// What callbacks for one connection need and leave.
#[derive(Default)]
pub(crate) struct CallbackScope {
    pub(crate) verification: VerificationScope,
    pub(crate) keys: KeyScope,
    /// What the keys of an open connection are derived from; `None` once it goes on without rustls.
    pub(crate) secrets: Option<Box<Secrets>>,
    /// Sees the messages go by.
    pub(crate) handshake_log: HandshakeLog,
    pub(crate) post_handshake_auth: PostHandshakeAuthScope,
    /// `None` on a client.
    pub(crate) server: Option<ServerScope>,
    /// Whether no alert of rustls' goes out, a warning neither.
    pub(crate) is_muted: bool,
}

/// The question and the answer of a verification.
#[derive(Default)]
pub(crate) struct VerificationScope {
    /// Whom the peer's certificate must be for; `None` when no name is checked.
    pub(crate) expected: Option<ExpectedName>,
    /// The peer's own certificate, kept for the handshake signature that follows.
    pub(crate) leaf: Option<Arc<Certificate>>,
    /// The verdict. rustls gets an error of its own in its place, which picks the alert.
    pub(crate) verdict: Option<Result<VerifiedChain, VerificationError>>,
    /// The chain that was put together where nothing was to be verified. No verdict, and never taken for one.
    pub(crate) unjudged: Option<UnjudgedChain>,
}

/// The keys that rustls has made.
#[derive(Default)]
pub(crate) struct KeyScope {
    /// The newest key for what we send (TLS 1.3).
    pub(crate) sealing: Option<TrafficKey>,
    /// How many of them there have been.
    pub(crate) sealing_key_count: u32,
    /// The newest key for what we receive (TLS 1.3).
    pub(crate) opening: Option<TrafficKey>,
    /// How many of them there have been.
    pub(crate) opening_key_count: u32,
    /// The key for what we send in TLS 1.2, once there is one; in use behind our change_cipher_spec.
    pub(crate) tls12_sealing: Option<Tls12SealingKey>,
    /// The key for what we receive in TLS 1.2, once there is one; in use behind the peer's change_cipher_spec.
    pub(crate) tls12_opening: Option<Tls12OpeningKey>,
}

/// What authentication after the handshake (RFC 8446 section 4.6.2) needs of the handshake.
#[derive(Default)]
pub(crate) struct PostHandshakeAuthScope {
    /// Whether this client offers it.
    pub(crate) is_offered: bool,
    /// Whether this server asks for a certificate after the handshake only.
    pub(crate) defers_client_auth: bool,
}

/// What only a server has.
#[derive(Default)]
pub(crate) struct ServerScope {
    /// Whether TLS 1.3 is spoken with this client.
    pub(crate) speaks_tls13: bool,
    /// Whether this side has no identity that the client could check.
    pub(crate) no_identity_fits: bool,
    /// The identity that was chosen for this client, shared with the configuration.
    pub(crate) identity: Option<Arc<CertifiedKey>>,
    /// Tickets that rustls wants sealed, which wait to be changed (`ticket_nonce.rs`).
    pub(crate) held_tickets: Vec<u8>,
}

thread_local! {
    static SCOPE: RefCell<Option<CallbackScope>> = const { RefCell::new(None) };
}

/// Runs `call` with `scope` as the current connection's, and puts it back afterwards, also on a panic.
pub(crate) fn enter<R>(scope: &mut CallbackScope, call: impl FnOnce() -> R) -> R {
    struct Restore<'a>(&'a mut CallbackScope);
    impl Drop for Restore<'_> {
        fn drop(&mut self) {
            if let Some(scope) = SCOPE.take() {
                *self.0 = scope;
            }
        }
    }
    SCOPE.set(Some(std::mem::take(scope)));
    let _restore = Restore(scope);
    call()
}

/// Looks at the current connection's scope; `None` outside of [`enter`].
pub(crate) fn with<R>(look: impl FnOnce(&mut CallbackScope) -> R) -> Option<R> {
    SCOPE.with_borrow_mut(|scope| scope.as_mut().map(look))
}
