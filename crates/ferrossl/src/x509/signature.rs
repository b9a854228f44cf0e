//! Signature algorithms of certificates and handshakes, checked by aws-lc-rs.

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::der::{items, oid, only, tag};
use super::public_key::{KeyKind, PublicKey};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// Security bits, as `X509_get_signature_info` gives them: half the digest; 63 for the broken SHA-1.
    const fn security_bits(self) -> u16 {
        match self {
            Self::Sha1 => 63,
            Self::Sha256 => 128,
            Self::Sha384 => 192,
            Self::Sha512 => 256,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    RsaPkcs1(Hash),
    RsaPss(Hash),
    Ecdsa(Hash),
    Ed25519,
}

/// The algorithm that a certificate is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureAlgorithm(Option<Scheme>);

impl SignatureAlgorithm {
    /// Reads an `AlgorithmIdentifier`; `None` when it is damaged. An unknown algorithm is not damage.
    pub(super) fn read(raw: &[u8]) -> Option<Self> {
        let mut fields = items(only(raw, tag::SEQUENCE)?.value);
        let identifier = oid(fields.expect(tag::OID)?.value)?;
        Some(Self(match identifier.as_str() {
            "1.2.840.113549.1.1.5" => Some(Scheme::RsaPkcs1(Hash::Sha1)),
            "1.2.840.113549.1.1.11" => Some(Scheme::RsaPkcs1(Hash::Sha256)),
            "1.2.840.113549.1.1.12" => Some(Scheme::RsaPkcs1(Hash::Sha384)),
            "1.2.840.113549.1.1.13" => Some(Scheme::RsaPkcs1(Hash::Sha512)),
            "1.2.840.113549.1.1.10" => fields.next().and_then(|p| pss_hash(p.value)).map(Scheme::RsaPss),
            "1.2.840.10045.4.1" => Some(Scheme::Ecdsa(Hash::Sha1)),
            "1.2.840.10045.4.3.2" => Some(Scheme::Ecdsa(Hash::Sha256)),
            "1.2.840.10045.4.3.3" => Some(Scheme::Ecdsa(Hash::Sha384)),
            "1.2.840.10045.4.3.4" => Some(Scheme::Ecdsa(Hash::Sha512)),
            "1.3.101.112" => Some(Scheme::Ed25519),
            _ => None,
        }))
    }

    /// Security bits of the digest; 0 for an algorithm that this library does not know.
    #[must_use]
    pub const fn security_bits(&self) -> u16 {
        match self.0 {
            Some(Scheme::RsaPkcs1(hash) | Scheme::RsaPss(hash) | Scheme::Ecdsa(hash)) => hash.security_bits(),
            Some(Scheme::Ed25519) => 128,
            None => 0,
        }
    }

    /// Whether a key of this kind can have made such a signature at all.
    #[must_use]
    pub const fn fits(&self, kind: KeyKind) -> bool {
        match self.0 {
            Some(Scheme::RsaPkcs1(_)) => matches!(kind, KeyKind::Rsa(_)),
            Some(Scheme::RsaPss(_)) => matches!(kind, KeyKind::Rsa(_) | KeyKind::RsaPss(_)),
            Some(Scheme::Ecdsa(_)) => {
                !matches!(kind, KeyKind::Rsa(_) | KeyKind::RsaPss(_) | KeyKind::Ed25519 | KeyKind::Other)
            }
            Some(Scheme::Ed25519) => matches!(kind, KeyKind::Ed25519),
            // OpenSSL compares the numbers of two unknown algorithms; without them, leave it to the signature.
            None => true,
        }
    }

    /// Whether `key` signed `message` with this algorithm.
    #[must_use]
    pub fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        self.0.is_some_and(|scheme| verify(scheme, key, message, signature))
    }
}

/// The digest of `RSASSA-PSS-params` (RFC 4055 section 3.1); the default is SHA-1.
fn pss_hash(parameters: &[u8]) -> Option<Hash> {
    let Some(field) = items(parameters).optional(tag::explicit(0)) else { return Some(Hash::Sha1) };
    let identifier = items(only(field.value, tag::SEQUENCE)?.value).expect(tag::OID)?;
    match oid(identifier.value)?.as_str() {
        "2.16.840.1.101.3.4.2.1" => Some(Hash::Sha256),
        "2.16.840.1.101.3.4.2.2" => Some(Hash::Sha384),
        "2.16.840.1.101.3.4.2.3" => Some(Hash::Sha512),
        _ => None,
    }
}

fn verify(scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let algorithm: &'static dyn VerificationAlgorithm = match (scheme, key.kind()) {
        (Scheme::RsaPkcs1(hash), KeyKind::Rsa(_)) => match hash {
            // The security level, not the length of the key, decides about short keys.
            Hash::Sha1 => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
            Hash::Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Hash::Sha512 => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        },
        (Scheme::RsaPss(hash), KeyKind::Rsa(_) | KeyKind::RsaPss(_)) => match hash {
            Hash::Sha1 => return false,
            Hash::Sha256 => &signature::RSA_PSS_2048_8192_SHA256,
            Hash::Sha384 => &signature::RSA_PSS_2048_8192_SHA384,
            Hash::Sha512 => &signature::RSA_PSS_2048_8192_SHA512,
        },
        (Scheme::Ecdsa(hash), KeyKind::P256) => match hash {
            Hash::Sha1 => &signature::ECDSA_P256_SHA1_ASN1,
            Hash::Sha256 => &signature::ECDSA_P256_SHA256_ASN1,
            Hash::Sha384 => &signature::ECDSA_P256_SHA384_ASN1,
            Hash::Sha512 => &signature::ECDSA_P256_SHA512_ASN1,
        },
        (Scheme::Ecdsa(hash), KeyKind::P384) => match hash {
            Hash::Sha1 => return false,
            Hash::Sha256 => &signature::ECDSA_P384_SHA256_ASN1,
            Hash::Sha384 => &signature::ECDSA_P384_SHA384_ASN1,
            Hash::Sha512 => &signature::ECDSA_P384_SHA512_ASN1,
        },
        (Scheme::Ecdsa(hash), KeyKind::P521) => match hash {
            Hash::Sha1 => &signature::ECDSA_P521_SHA1_ASN1,
            Hash::Sha256 => &signature::ECDSA_P521_SHA256_ASN1,
            Hash::Sha384 => &signature::ECDSA_P521_SHA384_ASN1,
            Hash::Sha512 => &signature::ECDSA_P521_SHA512_ASN1,
        },
        (Scheme::Ed25519, KeyKind::Ed25519) => &signature::ED25519,
        _ => return false,
    };
    UnparsedPublicKey::new(algorithm, key.bits()).verify(message, signature).is_ok()
}

/// Handshake signature schemes that [`verify_handshake_signature`] can check, as numbered in
/// RFC 8446 section 4.2.3, strongest habit first.
pub(crate) const HANDSHAKE_SCHEMES: [u16; 10] =
    [0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601];

/// Whether `key` signed the handshake `message` under `scheme`.
///
/// TLS 1.3 ties each ECDSA scheme to one curve and forbids PKCS #1 v1.5 (RFC 8446 section 4.2.3);
/// TLS 1.2 does neither (RFC 5246 section 7.4.1.4.1).
#[must_use]
pub fn verify_handshake_signature(
    scheme: u16,
    tls13: bool,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let kind = key.kind();
    let curve_fits = |curve| !tls13 || kind == curve;
    let scheme = match scheme {
        0x0403 if curve_fits(KeyKind::P256) => Scheme::Ecdsa(Hash::Sha256),
        0x0503 if curve_fits(KeyKind::P384) => Scheme::Ecdsa(Hash::Sha384),
        0x0603 if curve_fits(KeyKind::P521) => Scheme::Ecdsa(Hash::Sha512),
        0x0807 => Scheme::Ed25519,
        // rsa_pss_rsae_*: for keys of the plain kind only.
        0x0804 if matches!(kind, KeyKind::Rsa(_)) => Scheme::RsaPss(Hash::Sha256),
        0x0805 if matches!(kind, KeyKind::Rsa(_)) => Scheme::RsaPss(Hash::Sha384),
        0x0806 if matches!(kind, KeyKind::Rsa(_)) => Scheme::RsaPss(Hash::Sha512),
        0x0401 if !tls13 => Scheme::RsaPkcs1(Hash::Sha256),
        0x0501 if !tls13 => Scheme::RsaPkcs1(Hash::Sha384),
        0x0601 if !tls13 => Scheme::RsaPkcs1(Hash::Sha512),
        _ => return false,
    };
    verify(scheme, key, message, signature)
}
