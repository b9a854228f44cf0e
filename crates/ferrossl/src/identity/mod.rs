//! Who this side is: a certificate chain and the private key that belongs to it.

mod key_kind;
#[cfg(feature = "legacy")]
mod legacy_encryption;
mod private_key;

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result, Source};
use crate::openssl_names::reasons;
use crate::pem;
use crate::verify::{is_self_signed, least_bits};
use crate::x509::{self, Certificate, KeyKind};

use key_kind::{Family, KindOfKey};
use private_key::{Loaded, unsupported};

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
    /// `X509: KEY_VALUES_MISMATCH` when the key belongs to another certificate, `SSL: NO_CERTIFICATE_ASSIGNED` when it
    /// is of another kind than the certificate's, `SSL: UNKNOWN_CERTIFICATE_TYPE` when it is of a kind that is not
    /// supported, and what `password` returns.
    pub fn from_pem(chain: &[u8], key: &[u8], password: Option<&mut PasswordSource<'_>>) -> Result<Self> {
        Self::with_key_from_pem(Self::chain_from_pem(chain)?, key, password)
    }

    /// Reads a chain, one certificate at least.
    pub(crate) fn chain_from_pem(text: &[u8]) -> Result<Vec<Certificate>> {
        let chain = x509::certificates_from_pem(text).map_err(|error| error.read_as(Source::Identity))?;
        if chain.is_empty() {
            let error = Error::material(reasons::NO_START_LINE, pem::nothing_found("certificate", text));
            return Err(error.read_as(Source::Identity));
        }
        Ok(chain)
    }

    /// Reads the key that belongs to a chain.
    pub(crate) fn with_key_from_pem(
        chain: Vec<Certificate>,
        key: &[u8],
        password: Option<&mut PasswordSource<'_>>,
    ) -> Result<Self> {
        match Loaded::from_pem(key, password).map_err(|error| error.read_as(Source::Identity))? {
            Loaded::Key(key) => Self::new(chain, key),
            Loaded::Unusable(kind) => {
                let of_leaf = chain.first().and_then(|leaf| KindOfKey::of_public(leaf.public_key()));
                match of_leaf {
                    // Neither can be used; whether they fit does not matter.
                    Some(of_leaf) if of_leaf == kind => Err(unsupported(&kind)),
                    _ if kind.family == Family::Other => Err(unsupported(&kind)),
                    _ => Err(mismatch(&chain, Some(&kind))),
                }
            }
        }
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
            return Err(mismatch(&chain, KindOfKey::of_public(key.public_key()).as_ref()));
        }
        Ok(Self { chain: chain.into_iter().map(Arc::new).collect(), key: Arc::new(key) })
    }

    /// A forger's: a certificate, and a key that is not its own.
    #[cfg(test)]
    pub(crate) fn forged(certificate: &Self, key: &Self) -> Self {
        Self { chain: certificate.chain.clone(), key: Arc::clone(&key.key) }
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

    /// Whether another identity is for the same kind of key, so that a server can use only one of the two.
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

/// Whether a chain of one's own is as strong as the security level asks (`ssl_security_cert`): the peer would have to
/// refuse it at the same level.
pub(crate) fn check_strength(chain: &[Certificate], level: u8) -> Result<()> {
    let least = least_bits(level);
    for (depth, certificate) in chain.iter().enumerate() {
        let refuse = |reason, what: &str, bits: u16| {
            let subject = certificate.subject().one_line();
            let text = format!(
                "{what} of the certificate for '{subject}' has a strength of {bits} bits; security level {level} asks for {least}"
            );
            Err(Error::material(reason, text))
        };
        // Keys of unknown kinds have an error of their own.
        if let Some(key) = certificate.public_key().security_bits().filter(|&bits| bits < least) {
            let reason = if depth == 0 { reasons::EE_KEY_TOO_SMALL } else { reasons::CA_KEY_TOO_SMALL };
            return refuse(reason, "the key", key);
        }
        let signature = certificate.signature_algorithm().security_bits();
        if signature < least && !is_self_signed(certificate) {
            return refuse(reasons::CA_MD_TOO_WEAK, "the signature", signature);
        }
    }
    Ok(())
}

/// OpenSSL keeps a certificate for each kind of key: it finds none for a key of another kind.
fn mismatch(chain: &[Certificate], key: Option<&KindOfKey>) -> Error {
    let leaf = chain.first();
    let subject = leaf.map(|leaf| leaf.subject().one_line()).unwrap_or_default();
    match (leaf.and_then(|leaf| KindOfKey::of_public(leaf.public_key())), key) {
        (Some(leaf), Some(key)) if leaf.family != key.family => Error::material(
            reasons::NO_CERTIFICATE_ASSIGNED,
            format!("the private key is {}, and the certificate for '{subject}' has {}", key.name, leaf.name),
        ),
        _ => Error::material(
            reasons::KEY_VALUES_MISMATCH,
            format!("the private key is not that of the certificate for '{subject}'"),
        ),
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("chain", &self.chain).finish_non_exhaustive()
    }
}
