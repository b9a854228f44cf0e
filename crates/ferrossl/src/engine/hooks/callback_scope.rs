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

/// What a thread has: some connection's scope inside of a call, and an empty one that nobody sees outside.
#[derive(Default)]
struct Current {
    scope: Box<CallbackScope>,
    is_inside: bool,
}

thread_local! {
    static CURRENT: RefCell<Current> = RefCell::default();
}

/// Runs `call` with `scope` as the current connection's, and puts it back afterwards, also on a panic.
///
/// Only the boxes change places: this is done for each message, and a scope is a thousand bytes.
pub(crate) fn enter<R>(scope: &mut Box<CallbackScope>, call: impl FnOnce() -> R) -> R {
    struct Restore<'a> {
        scope: &'a mut Box<CallbackScope>,
        was_inside: bool,
    }
    impl Drop for Restore<'_> {
        fn drop(&mut self) {
            exchange(self.scope, self.was_inside);
        }
    }
    let was_inside = exchange(scope, true);
    let _restore = Restore { scope, was_inside };
    call()
}

fn exchange(scope: &mut Box<CallbackScope>, is_inside: bool) -> bool {
    CURRENT.with_borrow_mut(|current| {
        std::mem::swap(&mut current.scope, scope);
        std::mem::replace(&mut current.is_inside, is_inside)
    })
}

/// Looks at the current connection's scope; `None` outside of [`enter`].
pub(crate) fn with<R>(look: impl FnOnce(&mut CallbackScope) -> R) -> Option<R> {
    CURRENT.with_borrow_mut(|current| current.is_inside.then(|| look(&mut current.scope)))
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn muted() -> Option<bool> {
        with(|scope| scope.is_muted)
    }

    #[test]
    fn each_call_sees_its_own_connection_and_leaves_what_it_changed() {
        let (mut outer, mut inner) = (Box::<CallbackScope>::default(), Box::<CallbackScope>::default());
        assert_eq!(muted(), None);
        enter(&mut outer, || {
            with(|scope| scope.is_muted = true);
            enter(&mut inner, || assert_eq!(muted(), Some(false)));
            assert_eq!(muted(), Some(true));
        });
        assert_eq!((muted(), outer.is_muted, inner.is_muted), (None, true, false));
    }

    #[test]
    fn a_panic_leaves_nothing_behind() {
        let mut scope = Box::<CallbackScope>::default();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            enter(&mut scope, || {
                with(|scope| scope.is_muted = true);
                panic!("in a callback");
            })
        }));
        assert!(panicked.is_err());
        assert_eq!((muted(), scope.is_muted), (None, true));
    }
}
