//! Who this side is: a certificate chain and the private key that belongs to it.

mod legacy_encryption;
mod private_key;

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::openssl_names::reasons;
use crate::x509::{self, Certificate, KeyKind};

pub use private_key::{MAX_PASSWORD, PrivateKey};

/// Asks for the password of an encrypted key; called only when there is one.
pub type PasswordSource<'a> = dyn FnMut() -> Result<zeroize::Zeroizing<Vec<u8>>> + 'a;

/// A certificate chain, leaf first, with the leaf's private key.
#[derive(Clone)]
pub struct Identity {
    chain: Vec<Arc<Certificate>>,
    key: Arc<PrivateKey>,
}

impl Identity {
    /// Reads an identity from PEM texts, which may be one and the same.
    ///
    /// # Errors
    ///
    /// `PEM: NO_START_LINE` when a certificate or key is missing, the PEM and ASN.1 errors of damaged ones,
    /// `X509: KEY_VALUES_MISMATCH` when the key belongs to another certificate, and what `password` returns.
    pub fn from_pem(chain: &[u8], key: &[u8], password: Option<&mut PasswordSource<'_>>) -> Result<Self> {
        let chain = x509::certificates_from_pem(chain)?;
        if chain.is_empty() {
            return Err(Error::material(reasons::NO_START_LINE, "there is no certificate"));
        }
        let key = PrivateKey::from_pem(key, password)?;
        Self::new(chain, key)
    }

    /// Joins a chain and a key.
    ///
    /// # Errors
    ///
    /// As [`Self::from_pem`] for what does not fit together.
    pub fn new(chain: Vec<Certificate>, key: PrivateKey) -> Result<Self> {
        let Some(leaf) = chain.first() else {
            return Err(Error::material(reasons::NO_START_LINE, "there is no certificate"));
        };
        if key.public_key().bits() != leaf.public_key().bits()
            || key.public_key().kind() != leaf.public_key().kind()
        {
            return Err(Error::material(
                reasons::KEY_VALUES_MISMATCH,
                format!("the private key is not that of the certificate for '{}'", leaf.subject().one_line()),
            ));
        }
        Ok(Self { chain: chain.into_iter().map(Arc::new).collect(), key: Arc::new(key) })
    }

    /// The certificates, the own one first.
    #[must_use]
    pub fn chain(&self) -> &[Arc<Certificate>] {
        &self.chain
    }

    /// The private key.
    #[must_use]
    pub fn key(&self) -> &Arc<PrivateKey> {
        &self.key
    }

    /// Whether another identity is for the same kind of key, so that a server has use for one of both only.
    #[must_use]
    pub fn same_kind(&self, other: &Self) -> bool {
        let family = |kind| match kind {
            KeyKind::Rsa(_) => 0,
            KeyKind::RsaPss(_) => 3,
            KeyKind::Ed25519 => 1,
            _ => 2,
        };
        family(self.key.public_key().kind()) == family(other.key.public_key().kind())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("chain", &self.chain).finish_non_exhaustive()
    }
}
