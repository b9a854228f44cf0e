//! Which kind a key is of, also when it is none that can be used here: so that an error can name it.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use pkcs8::der::{Decode, Tag, Tagged};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::x509::{KeyKind, PublicKey};

/// The kinds that a server has one certificate of each for (`SSL_PKEY_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Rsa,
    RsaPss,
    Dsa,
    Ec,
    Ed25519,
    Ed448,
    /// Keys that cannot sign, or that nobody knows.
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
        let (name, usable) = match oid.to_string().as_str() {
            "1.2.840.10045.3.1.7" => ("prime256v1".to_owned(), true),
            "1.3.132.0.34" => ("secp384r1".to_owned(), true),
            "1.3.132.0.35" => ("secp521r1".to_owned(), true),
            "1.3.132.0.10" => ("secp256k1".to_owned(), false),
            "1.3.132.0.33" => ("secp224r1".to_owned(), false),
            "1.2.840.10045.3.1.1" => ("prime192v1".to_owned(), false),
            "1.3.36.3.3.2.8.1.1.7" => ("brainpoolP256r1".to_owned(), false),
            "1.3.36.3.3.2.8.1.1.11" => ("brainpoolP384r1".to_owned(), false),
            "1.3.36.3.3.2.8.1.1.13" => ("brainpoolP512r1".to_owned(), false),
            other => (other.to_owned(), false),
        };
        Self::new(Family::Ec, format!("a key on the curve {name}"), usable)
    }

    /// Of the PKCS #8 or SubjectPublicKeyInfo with this algorithm; `rsa_bits` finds the size of an RSA key.
    fn of_algorithm(
        algorithm: &AlgorithmIdentifierRef<'_>,
        rsa_bits: impl FnOnce() -> Option<usize>,
    ) -> Option<Self> {
        Some(match algorithm.oid.to_string().as_str() {
            "1.2.840.113549.1.1.1" => Self::rsa(Family::Rsa, rsa_bits()?),
            "1.2.840.113549.1.1.10" => Self::rsa(Family::RsaPss, rsa_bits()?),
            "1.2.840.10045.2.1" => match algorithm.parameters?.decode_as() {
                Ok(curve) => Self::curve(&curve),
                Err(_) => Self::new(Family::Ec, "a key on a curve without a name", false),
            },
            "1.3.101.112" => Self::new(Family::Ed25519, "an Ed25519 key", true),
            "1.3.101.113" => Self::new(Family::Ed448, "an Ed448 key", false),
            "1.2.840.10040.4.1" => Self::dsa(),
            "1.3.101.110" => Self::new(Family::Other, "an X25519 key", false),
            "1.3.101.111" => Self::new(Family::Other, "an X448 key", false),
            "1.2.840.113549.1.3.1" | "1.2.840.10046.2.1" => {
                Self::new(Family::Other, "a Diffie-Hellman key", false)
            }
            other => Self::new(Family::Other, format!("a key of the kind {other}"), false),
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
