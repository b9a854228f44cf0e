//! The transcript's hash, patched: a ClientHello whose bytes on the wire were given `post_handshake_auth` is
//! hashed as it was sent. Nothing is changed for connections that do not offer it.
//!
//! Relies on, and the tests of authentication after the handshake (full, after HelloRetryRequest, resumed, both) fail when
//! a rustls release changes it: the transcript, and the part of it that PSK binders are made over, is hashed through
//! `Context::update` with each call beginning at a message's beginning.

use rustls::crypto::hash::{Context, Hash, HashAlgorithm, Output};

use crate::engine::hooks::callback_scope;
use crate::wire::hello;

struct Hooked(&'static dyn Hash);

struct HookedContext(Box<dyn Context>);

impl Hash for Hooked {
    fn start(&self) -> Box<dyn Context> {
        Box::new(HookedContext(self.0.start()))
    }

    fn hash(&self, data: &[u8]) -> Output {
        self.0.hash(data)
    }

    fn output_len(&self) -> usize {
        self.0.output_len()
    }

    fn algorithm(&self) -> HashAlgorithm {
        self.0.algorithm()
    }
}

impl Context for HookedContext {
    fn fork_finish(&self) -> Output {
        self.0.fork_finish()
    }

    fn fork(&self) -> Box<dyn Context> {
        Box::new(Self(self.0.fork()))
    }

    fn finish(self: Box<Self>) -> Output {
        self.0.finish()
    }

    fn update(&mut self, data: &[u8]) {
        let offers = || callback_scope::with(|scope| scope.post_handshake_auth.is_offered) == Some(true);
        let changed = if hello::begins_a_transcript(data) && offers() {
            hello::transcript_with_post_handshake_auth(data)
        } else {
            None
        };
        self.0.update(changed.as_deref().unwrap_or(data));
    }
}

/// The hash, hooked. rustls wants hashes that live for ever.
pub(crate) fn hooked(hash: &'static dyn Hash) -> &'static dyn Hash {
    Box::leak(Box::new(Hooked(hash)))
}
