//! The connection that a rustls callback is running for.
//!
//! Relies on: rustls calls the certificate verifier on the thread and inside the call that processes the
//! record. A verifier belongs to a whole context (rustls resumes a session only under the same verifier),
//! so what belongs to one connection reaches it through this thread-local, set round every rustls call.

use std::cell::RefCell;
use std::sync::Arc;

use crate::error::VerificationError;
use crate::verify::{ExpectedName, VerifiedChain};
use crate::x509::Certificate;

/// One connection's part of a verification: the question, and then the answer.
#[derive(Debug, Default)]
pub(super) struct Verification {
    /// Whom the peer's certificate must be for; `None` when no name is checked.
    pub(super) expected: Option<ExpectedName>,
    /// The peer's own certificate, kept for the handshake signature that follows.
    pub(super) leaf: Option<Arc<Certificate>>,
    /// The verdict.
    pub(super) verdict: Option<Result<VerifiedChain, VerificationError>>,
}

thread_local! {
    static CURRENT: RefCell<Option<Verification>> = const { RefCell::new(None) };
}

/// Runs `call` with `state` as the current connection's, and puts the state back afterwards, also on a panic.
pub(super) fn enter<R>(state: &mut Verification, call: impl FnOnce() -> R) -> R {
    struct Restore<'a>(&'a mut Verification);
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
pub(super) fn with<R>(look: impl FnOnce(&mut Verification) -> R) -> Option<R> {
    CURRENT.with_borrow_mut(|current| current.as_mut().map(look))
}
