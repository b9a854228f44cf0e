//! The certificates and keys that this side can show, and which of them the peer can check.

use std::fmt;
use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::hooks::{callback_scope, signs_as_sent};
use super::verifier::signs_tls13;
use crate::settings::Settings;
use crate::verify::complete_chain;

/// Picks the identity that the peer can check.
pub(crate) struct Identities(Vec<Arc<CertifiedKey>>);

impl Identities {
    pub(crate) fn new(settings: &Settings) -> Self {
        // `CertifiedKey::new` does not parse the chain: rustls' own parser refuses some that OpenSSL serves.
        Self(
            settings
                .identities
                .iter()
                .map(|identity| {
                    let chain = match identity.chain() {
                        [leaf] => complete_chain(leaf, &settings.trust),
                        chain => chain.to_vec(),
                    };
                    let chain = chain.iter().map(|c| c.der().to_vec().into()).collect();
                    let key = signs_as_sent::hooked(identity.key().signing().rustls());
                    Arc::new(CertifiedKey::new(chain, key))
                })
                .collect(),
        )
    }

    /// The first identity whose key can sign a handshake of this version in one of these ways.
    pub(crate) fn choose(&self, schemes: &[SignatureScheme], tls13: bool) -> Option<Arc<CertifiedKey>> {
        let schemes: Vec<_> =
            schemes.iter().copied().filter(|&scheme| !tls13 || signs_tls13(scheme.into())).collect();
        self.0.iter().find(|key| key.key.choose_scheme(&schemes).is_some()).cloned()
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({})", self.0.len())
    }
}

impl ResolvesClientCert for Identities {
    fn resolve(&self, _root_hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let tls13 = callback_scope::with(|scope| scope.handshake_log.is_tls13()) == Some(true);
        self.choose(schemes, tls13)
    }

    fn has_certs(&self) -> bool {
        !self.0.is_empty()
    }
}

impl ResolvesServerCert for Identities {
    /// In TLS 1.2 the suites, not only the schemes, must allow the key: rustls has filtered the schemes by then.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let tls13 =
            callback_scope::with(|scope| scope.server.as_ref().is_some_and(|server| server.speaks_tls13))
                == Some(true);
        let chosen = self.choose(hello.signature_schemes(), tls13);
        callback_scope::with(|scope| {
            if let Some(server) = &mut scope.server {
                server.no_identity_fits = chosen.is_none();
                server.identity.clone_from(&chosen);
            }
        });
        chosen
    }
}
