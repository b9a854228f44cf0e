//! A private key that rustls can sign handshakes with.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};

use super::pss_key;
use crate::x509::{PublicKey, read_spki};

/// A loaded private key and its public half.
pub(crate) struct SigningKey {
    key: Arc<dyn rustls::sign::SigningKey>,
    public: PublicKey,
}

impl SigningKey {
    /// `None` for a key that is damaged, or of a kind that is not supported; likewise for the other two.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Option<Self> {
        match pss_key::from_pkcs8(der) {
            Some((key, public)) => Some(Self { key, public }),
            None => Self::load(&PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der))),
        }
    }

    pub(crate) fn from_pkcs1(der: &[u8]) -> Option<Self> {
        Self::load(&PrivateKeyDer::Pkcs1(PrivatePkcs1KeyDer::from(der)))
    }

    pub(crate) fn from_sec1(der: &[u8]) -> Option<Self> {
        Self::load(&PrivateKeyDer::Sec1(PrivateSec1KeyDer::from(der)))
    }

    fn load(der: &PrivateKeyDer<'_>) -> Option<Self> {
        let key = any_supported_type(der).ok()?;
        let public = key.public_key().and_then(|spki| read_spki(spki.as_ref()))?;
        Some(Self { key, public })
    }

    pub(crate) const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn rustls(&self) -> Arc<dyn rustls::sign::SigningKey> {
        Arc::clone(&self.key)
    }
}
