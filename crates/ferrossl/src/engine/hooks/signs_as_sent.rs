//! Signatures over the handshake as it went over the wire. In TLS 1.2 a client signs the messages themselves (RFC 5246 section
//! 7.4.8), and rustls hands over those that it has made: a ClientHello that was given `post_handshake_auth` on its way is
//! given it here too.
//!
//! Relies on, and the tests of client certificates fail when a rustls release changes it: what is signed in TLS 1.2 begins
//! with the ClientHello. In TLS 1.3 it begins with spaces (RFC 8446 section 4.4.3), and with a random in a server's
//! key exchange.

use std::sync::Arc;

use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

use crate::engine::hooks::callback_scope;
use crate::wire::hello;

#[derive(Debug)]
struct Hooked(Arc<dyn SigningKey>);

impl SigningKey for Hooked {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(HookedSigner(self.0.choose_scheme(offered)?)))
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        self.0.public_key()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }
}

#[derive(Debug)]
struct HookedSigner(Box<dyn Signer>);

impl Signer for HookedSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let changed = callback_scope::with(|scope| {
            let was_changed = scope.post_handshake_auth.is_offered && !scope.handshake_log.is_tls13();
            if was_changed && hello::begins_a_transcript(message) {
                hello::transcript_with_post_handshake_auth(message)
            } else {
                None
            }
        });
        self.0.sign(changed.flatten().as_deref().unwrap_or(message))
    }

    fn scheme(&self) -> SignatureScheme {
        self.0.scheme()
    }
}

/// The key, hooked.
pub(crate) fn hooked(key: Arc<dyn SigningKey>) -> Arc<dyn SigningKey> {
    Arc::new(Hooked(key))
}
