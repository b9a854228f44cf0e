//! Signature algorithms of certificates and handshakes, checked by aws-lc-rs.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{self, RsaPssSaltLength, UnparsedPublicKey, VerificationAlgorithm};

use super::algorithm::AlgorithmIdentifier;
use super::der::Oid;
use super::oids;
use super::pss::{Hash, Pss};
use super::public_key::{KeyKind, PublicKey};
use super::signature_scheme as scheme;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    RsaPkcs1(Hash),
    RsaPss(Pss),
    Ecdsa(Hash),
    Ed25519,
}

/// The kind of key that an algorithm goes with, for those that this library cannot check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Rsa,
    RsaPss,
    Ec,
    Other,
}

/// The algorithm that a certificate is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureAlgorithm(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Known(Scheme),
    /// OpenSSL knows it (`OBJ_find_sigid_algs`), and no signature of it is ever good here. The signatures of trust
    /// anchors, which are not looked at, may be of that kind.
    Foreign(Family),
    /// OpenSSL does not know it either: no key can have made it.
    Unknown,
}

impl SignatureAlgorithm {
    /// What an AlgorithmIdentifier stands for.
    pub(super) fn of(algorithm: &AlgorithmIdentifier<'_>) -> Self {
        let known = |scheme| Kind::Known(scheme);
        Self(match algorithm.identifier {
            oids::SHA1_WITH_RSA => known(Scheme::RsaPkcs1(Hash::Sha1)),
            oids::SHA256_WITH_RSA => known(Scheme::RsaPkcs1(Hash::Sha256)),
            oids::SHA384_WITH_RSA => known(Scheme::RsaPkcs1(Hash::Sha384)),
            oids::SHA512_WITH_RSA => known(Scheme::RsaPkcs1(Hash::Sha512)),
            oids::RSASSA_PSS => match algorithm.parameters.and_then(Pss::read) {
                Some(pss) => known(Scheme::RsaPss(pss)),
                None => Kind::Foreign(Family::RsaPss),
            },
            oids::ECDSA_WITH_SHA1 => known(Scheme::Ecdsa(Hash::Sha1)),
            oids::ECDSA_WITH_SHA256 => known(Scheme::Ecdsa(Hash::Sha256)),
            oids::ECDSA_WITH_SHA384 => known(Scheme::Ecdsa(Hash::Sha384)),
            oids::ECDSA_WITH_SHA512 => known(Scheme::Ecdsa(Hash::Sha512)),
            // RFC 8410 section 3: no parameters.
            oids::ED25519 if algorithm.parameters.is_none() => known(Scheme::Ed25519),
            other => foreign(other).map_or(Kind::Unknown, Kind::Foreign),
        })
    }

    /// Security bits of the digest; 0 for an algorithm that this library does not know.
    #[must_use]
    pub const fn security_bits(&self) -> u16 {
        match self.0 {
            Kind::Known(Scheme::RsaPkcs1(hash) | Scheme::RsaPss(Pss { hash, .. }) | Scheme::Ecdsa(hash)) => {
                hash.security_bits()
            }
            Kind::Known(Scheme::Ed25519) => 128,
            Kind::Foreign(_) | Kind::Unknown => 0,
        }
    }

    /// The digest for `tls-server-end-point`.
    pub(super) fn end_point_digest(&self) -> Option<&'static Algorithm> {
        match self.0 {
            Kind::Known(Scheme::Ed25519) | Kind::Foreign(_) | Kind::Unknown => None,
            Kind::Known(Scheme::RsaPkcs1(hash) | Scheme::RsaPss(Pss { hash, .. }) | Scheme::Ecdsa(hash)) => {
                Some(match hash {
                    Hash::Sha1 | Hash::Sha256 => &SHA256,
                    Hash::Sha384 => &SHA384,
                    Hash::Sha512 => &SHA512,
                })
            }
        }
    }

    /// Whether a key of this kind can have made such a signature at all.
    #[must_use]
    pub const fn fits(&self, kind: KeyKind) -> bool {
        match self.0 {
            Kind::Known(Scheme::RsaPkcs1(_)) | Kind::Foreign(Family::Rsa) => matches!(kind, KeyKind::Rsa(_)),
            Kind::Known(Scheme::RsaPss(_)) | Kind::Foreign(Family::RsaPss) => {
                matches!(kind, KeyKind::Rsa(_) | KeyKind::RsaPss(_))
            }
            Kind::Known(Scheme::Ecdsa(_)) | Kind::Foreign(Family::Ec) => {
                !matches!(kind, KeyKind::Rsa(_) | KeyKind::RsaPss(_) | KeyKind::Ed25519 | KeyKind::Other)
            }
            Kind::Known(Scheme::Ed25519) => matches!(kind, KeyKind::Ed25519),
            Kind::Foreign(Family::Other) => matches!(kind, KeyKind::Ed25519 | KeyKind::Other),
            Kind::Unknown => false,
        }
    }

    /// Whether `key` signed `message` with this algorithm.
    #[must_use]
    pub fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        matches!(self.0, Kind::Known(scheme) if verify(scheme, key, message, signature))
    }
}

/// The key of a signature algorithm that OpenSSL knows and this library does not.
fn foreign(identifier: Oid<'_>) -> Option<Family> {
    Some(match identifier {
        // MD2, MD4, MD5, SHA-224, SHA-512/224 and SHA-512/256 with RSA; SHA, SHA-1 and MD5 under other numbers.
        oids::MD2_WITH_RSA
        | oids::MD4_WITH_RSA
        | oids::MD5_WITH_RSA
        | oids::SHA224_WITH_RSA
        | oids::SHA512_224_WITH_RSA
        | oids::SHA512_256_WITH_RSA
        | oids::OIW_MD5_WITH_RSA
        | oids::OIW_SHA_WITH_RSA
        | oids::OIW_SHA1_WITH_RSA
        | oids::RIPEMD160_WITH_RSA
        | oids::MDC2_WITH_RSA
        // SHA-3 with RSA
        | oids::SHA3_224_WITH_RSA
        | oids::SHA3_256_WITH_RSA
        | oids::SHA3_384_WITH_RSA
        | oids::SHA3_512_WITH_RSA => Family::Rsa,
        // ECDSA with a digest that the parameters name, or of the key's choice; SHA-224 and SHA-3
        oids::ECDSA_WITH_RECOMMENDED
        | oids::ECDSA_WITH_SPECIFIED
        | oids::ECDSA_WITH_SHA224
        | oids::ECDSA_WITH_SHA3_224
        | oids::ECDSA_WITH_SHA3_256
        | oids::ECDSA_WITH_SHA3_384
        | oids::ECDSA_WITH_SHA3_512 => Family::Ec,
        // DSA, Ed448, and Ed25519 with parameters: no algorithm, but one whose number OpenSSL knows
        oids::DSA_WITH_SHA1
        | oids::OIW_DSA_WITH_SHA
        | oids::OIW_DSA_WITH_SHA1
        | oids::DSA_WITH_SHA224
        | oids::DSA_WITH_SHA256
        | oids::ED25519
        | oids::ED448 => Family::Other,
        _ => return None,
    })
}

/// The verification of RSASSA-PSS with this digest and this length of the salt. aws-lc-rs takes lengths that are
/// known when it is compiled: those of the digests, none, and the longest that fits, which OpenSSL's
/// command line writes by default.
fn pss_algorithm(pss: Pss, key_bits: u32) -> Option<&'static dyn VerificationAlgorithm> {
    macro_rules! with_salt {
        ($base:expr) => {
            match pss.salt {
                salt if salt == pss.hash.length() => &$base,
                0 => &const { $base.with_pss_salt_length(RsaPssSaltLength::Custom(0)) },
                20 => &const { $base.with_pss_salt_length(RsaPssSaltLength::Custom(20)) },
                32 => &const { $base.with_pss_salt_length(RsaPssSaltLength::Custom(32)) },
                48 => &const { $base.with_pss_salt_length(RsaPssSaltLength::Custom(48)) },
                64 => &const { $base.with_pss_salt_length(RsaPssSaltLength::Custom(64)) },
                // RFC 8017 section 9.1.1: the encoded message holds a digest, the salt and two bytes.
                salt if u32::from(salt) + u32::from(pss.hash.length()) + 2 == (key_bits + 6) / 8 => {
                    &const { $base.with_pss_salt_length(RsaPssSaltLength::Max) }
                }
                _ => return None,
            }
        };
    }
    Some(match pss.hash {
        Hash::Sha1 => return None,
        Hash::Sha256 => with_salt!(signature::RSA_PSS_2048_8192_SHA256),
        Hash::Sha384 => with_salt!(signature::RSA_PSS_2048_8192_SHA384),
        Hash::Sha512 => with_salt!(signature::RSA_PSS_2048_8192_SHA512),
    })
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
        (Scheme::RsaPss(pss), KeyKind::Rsa(bits) | KeyKind::RsaPss(bits)) if key.permits_pss(pss) => {
            match pss_algorithm(pss, bits) {
                Some(algorithm) => algorithm,
                None => return false,
            }
        }
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

/// Handshake signature schemes that [`verify_handshake_signature`] can check, in the order in which they are offered: that
/// of OpenSSL's `tls12_sigalgs`, but for `rsa_pss_rsae_*`, which stand before `rsa_pss_pss_*` here.
pub(crate) const HANDSHAKE_SCHEMES: [u16; 13] = [
    scheme::ECDSA_SECP256R1_SHA256,
    scheme::ECDSA_SECP384R1_SHA384,
    scheme::ECDSA_SECP521R1_SHA512,
    scheme::ED25519,
    scheme::RSA_PSS_RSAE_SHA256,
    scheme::RSA_PSS_RSAE_SHA384,
    scheme::RSA_PSS_RSAE_SHA512,
    scheme::RSA_PSS_PSS_SHA256,
    scheme::RSA_PSS_PSS_SHA384,
    scheme::RSA_PSS_PSS_SHA512,
    scheme::RSA_PKCS1_SHA256,
    scheme::RSA_PKCS1_SHA384,
    scheme::RSA_PKCS1_SHA512,
];

/// Security bits of a handshake scheme's digest, which the security level weighs (`sigalg_security_bits` of OpenSSL).
pub(crate) const fn handshake_security_bits(scheme: u16) -> u16 {
    match scheme {
        scheme::ECDSA_SECP521R1_SHA512
        | scheme::RSA_PSS_RSAE_SHA512
        | scheme::RSA_PSS_PSS_SHA512
        | scheme::RSA_PKCS1_SHA512 => Hash::Sha512.security_bits(),
        scheme::ECDSA_SECP384R1_SHA384
        | scheme::RSA_PSS_RSAE_SHA384
        | scheme::RSA_PSS_PSS_SHA384
        | scheme::RSA_PKCS1_SHA384 => Hash::Sha384.security_bits(),
        _ => Hash::Sha256.security_bits(),
    }
}

/// `rsa_pss_pss_*`, for keys that may sign with PSS only. Of those that the peer takes, a key uses the first: that with the
/// shortest digest.
const PSS_SCHEMES: [(u16, Hash); 3] = [
    (scheme::RSA_PSS_PSS_SHA256, Hash::Sha256),
    (scheme::RSA_PSS_PSS_SHA384, Hash::Sha384),
    (scheme::RSA_PSS_PSS_SHA512, Hash::Sha512),
];

/// Whether a scheme is one of `rsa_pss_pss_*`. The engine speaks them in TLS 1.3 only.
pub(crate) fn is_pss_only(scheme: u16) -> bool {
    PSS_SCHEMES.iter().any(|&(known, _)| known == scheme)
}

/// The schemes that a key of the kind `id-RSASSA-PSS` may sign handshakes with.
pub(crate) fn pss_schemes(key: &PublicKey) -> impl Iterator<Item = u16> {
    PSS_SCHEMES.into_iter().filter(|&(_, hash)| key.permits_pss(Pss::of_tls(hash))).map(|(scheme, _)| scheme)
}

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
    let is_rsae = matches!(kind, KeyKind::Rsa(_));
    let is_pss = matches!(kind, KeyKind::RsaPss(_));
    let pss = |hash| Scheme::RsaPss(Pss::of_tls(hash));
    let known = match scheme {
        scheme::ECDSA_SECP256R1_SHA256 if curve_fits(KeyKind::P256) => Scheme::Ecdsa(Hash::Sha256),
        scheme::ECDSA_SECP384R1_SHA384 if curve_fits(KeyKind::P384) => Scheme::Ecdsa(Hash::Sha384),
        scheme::ECDSA_SECP521R1_SHA512 if curve_fits(KeyKind::P521) => Scheme::Ecdsa(Hash::Sha512),
        scheme::ED25519 => Scheme::Ed25519,
        scheme::RSA_PSS_RSAE_SHA256 if is_rsae => pss(Hash::Sha256),
        scheme::RSA_PSS_RSAE_SHA384 if is_rsae => pss(Hash::Sha384),
        scheme::RSA_PSS_RSAE_SHA512 if is_rsae => pss(Hash::Sha512),
        scheme::RSA_PSS_PSS_SHA256 if is_pss => pss(Hash::Sha256),
        scheme::RSA_PSS_PSS_SHA384 if is_pss => pss(Hash::Sha384),
        scheme::RSA_PSS_PSS_SHA512 if is_pss => pss(Hash::Sha512),
        scheme::RSA_PKCS1_SHA256 if !tls13 => Scheme::RsaPkcs1(Hash::Sha256),
        scheme::RSA_PKCS1_SHA384 if !tls13 => Scheme::RsaPkcs1(Hash::Sha384),
        scheme::RSA_PKCS1_SHA512 if !tls13 => Scheme::RsaPkcs1(Hash::Sha512),
        _ => return false,
    };
    verify(known, key, message, signature)
}

#[cfg(test)]
mod tests;
