//! Which kind a key is of, also when it is none that can be used here: so that an error can name it.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use pkcs8::der::{Decode, Tag, Tagged};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::x509::{KeyKind, Oid, PublicKey, oids};

/// The kinds that a server has one certificate of each for (`SSL_PKEY_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Rsa,
    RsaPss,
    Dsa,
    Ec,
    Ed25519,
    Ed448,
    /// Keys that cannot sign, and unknown ones.
    Other,
}

/// A kind of key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KindOfKey {
    pub(super) family: Family,
    /// For people, with its article: `a key on the curve secp256k1`.
    pub(super) name: String,
    /// Whether keys of this kind can be used here.
    pub(super) usable: bool,
}

/// Sizes of RSA keys that can be used, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

impl KindOfKey {
    fn new(family: Family, name: impl Into<String>, usable: bool) -> Self {
        Self { family, name: name.into(), usable }
    }

    fn rsa(family: Family, bits: usize) -> Self {
        let kind = if family == Family::Rsa { "RSA" } else { "RSA-PSS" };
        Self::new(family, format!("an {kind} key of {bits} bits"), RSA_BITS.contains(&bits))
    }

    fn curve(oid: &ObjectIdentifier) -> Self {
        let (name, usable) = match Oid::new(oid.as_bytes()) {
            oids::SECP256R1 => ("prime256v1".to_owned(), true),
            oids::SECP384R1 => ("secp384r1".to_owned(), true),
            oids::SECP521R1 => ("secp521r1".to_owned(), true),
            oids::SECP256K1 => ("secp256k1".to_owned(), false),
            oids::SECP224R1 => ("secp224r1".to_owned(), false),
            oids::SECP192R1 => ("prime192v1".to_owned(), false),
            oids::BRAINPOOL_P256R1 => ("brainpoolP256r1".to_owned(), false),
            oids::BRAINPOOL_P384R1 => ("brainpoolP384r1".to_owned(), false),
            oids::BRAINPOOL_P512R1 => ("brainpoolP512r1".to_owned(), false),
            _ => (oid.to_string(), false),
        };
        Self::new(Family::Ec, format!("a key on the curve {name}"), usable)
    }

    /// Of the PKCS #8 or SubjectPublicKeyInfo with this algorithm; `rsa_bits` finds the size of an RSA key.
    fn of_algorithm(
        algorithm: &AlgorithmIdentifierRef<'_>,
        rsa_bits: impl FnOnce() -> Option<usize>,
    ) -> Option<Self> {
        Some(match Oid::new(algorithm.oid.as_bytes()) {
            oids::RSA_ENCRYPTION => Self::rsa(Family::Rsa, rsa_bits()?),
            oids::RSASSA_PSS => Self::rsa(Family::RsaPss, rsa_bits()?),
            oids::EC_PUBLIC_KEY => match algorithm.parameters?.decode_as() {
                Ok(curve) => Self::curve(&curve),
                Err(_) => Self::new(Family::Ec, "a key on a curve without a name", false),
            },
            oids::ED25519 => Self::new(Family::Ed25519, "an Ed25519 key", true),
            oids::ED448 => Self::new(Family::Ed448, "an Ed448 key", false),
            oids::DSA => Self::dsa(),
            oids::X25519 => Self::new(Family::Other, "an X25519 key", false),
            oids::X448 => Self::new(Family::Other, "an X448 key", false),
            oids::DH_KEY_AGREEMENT | oids::DH_PUBLIC_NUMBER => {
                Self::new(Family::Other, "a Diffie-Hellman key", false)
            }
            _ => Self::new(Family::Other, format!("a key of the kind {}", algorithm.oid), false),
        })
    }

    pub(super) fn dsa() -> Self {
        Self::new(Family::Dsa, "a DSA key", false)
    }

    /// Of a private key in PKCS #8; `None` when it is damaged.
    pub(super) fn of_pkcs8(der: &[u8]) -> Option<Self> {
        let info = PrivateKeyInfoRef::try_from(der).ok()?;
        Self::of_algorithm(&info.algorithm, || private_rsa_bits(info.private_key.as_bytes()))
    }

    /// Of a private key in PKCS #1.
    pub(super) fn of_pkcs1(der: &[u8]) -> Option<Self> {
        private_rsa_bits(der).map(|bits| Self::rsa(Family::Rsa, bits))
    }

    /// Of a private key in SEC 1 (RFC 5915).
    pub(super) fn of_sec1(der: &[u8]) -> Option<Self> {
        let fields = Vec::<AnyRef<'_>>::from_der(der).ok()?;
        let named = fields.iter().find(|field| matches!(field.tag(), Tag::ContextSpecific { .. }))?;
        Some(match ObjectIdentifier::from_der(named.value()) {
            Ok(curve) => Self::curve(&curve),
            Err(_) => Self::new(Family::Ec, "a key on a curve without a name", false),
        })
    }

    /// Of a certificate's key.
    pub(super) fn of_public(key: &PublicKey) -> Option<Self> {
        let info = SubjectPublicKeyInfoRef::try_from(key.spki()).ok()?;
        Self::of_algorithm(&info.algorithm, || match key.kind() {
            KeyKind::Rsa(bits) | KeyKind::RsaPss(bits) => usize::try_from(bits).ok(),
            _ => None,
        })
    }
}

/// The modulus is the second number of an RSAPrivateKey (RFC 8017 appendix A.1.2).
fn private_rsa_bits(der: &[u8]) -> Option<usize> {
    let fields = Vec::<AnyRef<'_>>::from_der(der).ok()?;
    let modulus = fields.get(1).filter(|field| field.tag() == Tag::Integer)?.value();
    let start = modulus.iter().position(|&byte| byte != 0)?;
    Some((modulus.len() - start) * 8 - modulus[start].leading_zeros() as usize)
}
