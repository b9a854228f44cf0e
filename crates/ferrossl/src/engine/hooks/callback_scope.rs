//! The connection that a rustls callback is running for.
//!
//! Relies on: rustls calls the certificate verifier (and the AEAD's factory, see `tls13_aead.rs`) on the thread and inside the call that processes the
//! record. A verifier belongs to a whole context (rustls resumes a session only under the same verifier),
//! so what belongs to one connection reaches it through this thread-local, set round every rustls call.

use std::cell::RefCell;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::engine::hooks::handshake_log::HandshakeLog;
use crate::engine::hooks::tls12_aead::{Opening, Sealing};
use crate::engine::hooks::tls13_aead::TrafficKey;
use crate::error::VerificationError;
use crate::verify::{ExpectedName, UnjudgedChain, VerifiedChain};
use crate::x509::Certificate;

/// What belongs to one connection: the question and the answer of a verification, and the traffic keys.
#[derive(Default)]
pub(crate) struct CallbackScope {
    /// Whom the peer's certificate must be for; `None` when no name is checked.
    pub(crate) expected: Option<ExpectedName>,
    /// The peer's own certificate, kept for the handshake signature that follows.
    pub(crate) leaf: Option<Arc<Certificate>>,
    /// Sees the messages go by.
    pub(crate) handshake_log: HandshakeLog,
    /// The verdict.
    pub(crate) verdict: Option<Result<VerifiedChain, VerificationError>>,
    /// The chain that was put together where nothing was to be verified. No verdict, and never taken for one.
    pub(crate) unjudged: Option<UnjudgedChain>,
    /// Whether this side has no identity that the peer could check.
    pub(crate) no_identity_fits: bool,
    /// The newest key for what we send (TLS 1.3).
    pub(crate) sealing: Option<TrafficKey>,
    /// How many of them there have been.
    pub(crate) sealing_key_count: u32,
    /// The newest key for what we receive (TLS 1.3).
    pub(crate) opening: Option<TrafficKey>,
    /// How many of them there have been.
    pub(crate) opening_key_count: u32,
    /// The key for what we send in TLS 1.2, once there is one; in use behind our change_cipher_spec.
    pub(crate) tls12_sealing: Option<Sealing>,
    /// The key for what we receive in TLS 1.2, once there is one; in use behind the peer's change_cipher_spec.
    pub(crate) tls12_opening: Option<Opening>,
    /// Whether this side is the server.
    pub(crate) is_server: bool,
    /// Whether this server speaks TLS 1.3 with its client.
    pub(crate) speaks_tls13: bool,
    /// Whether no alert of rustls' goes out, a warning neither.
    pub(crate) is_muted: bool,
    /// ClientTickets that a server's engine wants sealed, which wait to be changed (`ticket_nonce.rs`).
    pub(crate) held_tickets: Vec<u8>,
    /// Whether this client offers to authenticate after the handshake.
    pub(crate) offers_post_handshake_auth: bool,
    /// Whether this server asks for a certificate after the handshake only.
    pub(crate) defers_client_auth: bool,
    /// `client_application_traffic_secret_0`, where authentication after the handshake needs it.
    pub(crate) client_secret: Option<Zeroizing<Vec<u8>>>,
}

thread_local! {
    static CURRENT: RefCell<Option<CallbackScope>> = const { RefCell::new(None) };
}

/// Runs `call` with `state` as the current connection's, and puts the state back afterwards, also on a panic.
pub(crate) fn enter<R>(state: &mut CallbackScope, call: impl FnOnce() -> R) -> R {
    struct Restore<'a>(&'a mut CallbackScope);
    impl Drop for Restore<'_> {
        fn drop(&mut self) {
            if let Some(state) = CURRENT.take() {
                *self.0 = state;
            }
        }
    }
    CURRENT.set(Some(std::mem::take(state)));
    let _restore = Restore(state);
    call()
}

/// Looks at the current connection's state; `None` outside of [`enter`].
pub(crate) fn with<R>(look: impl FnOnce(&mut CallbackScope) -> R) -> Option<R> {
    CURRENT.with_borrow_mut(|scope| scope.as_mut().map(look))
}
