//! SubjectPublicKeyInfo: what kind of key, how strong, and its bits.

use super::der::{all_items, items, oid, only, small_integer, tag, whole_bits};
use super::pss::Pss;

/// The kind of a public key, as far as the checks need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA (`rsaEncryption`) with this many bits.
    Rsa(u32),
    /// RSA that may sign with PSS only (`id-RSASSA-PSS`), with this many bits.
    RsaPss(u32),
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// Another named curve, with this many bits: read and weighed, but not usable here.
    OtherCurve(u32),
    /// An elliptic curve that is not named but spelled out, which OpenSSL refuses in chains.
    ExplicitCurve,
    /// Ed25519.
    Ed25519,
    /// Any other: read, shown, but not usable here.
    Other,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    kind: KeyKind,
    bits: Vec<u8>,
    spki: Vec<u8>,
    /// What a key of the kind `id-RSASSA-PSS` says about its signatures, if it does.
    restriction: Option<Pss>,
}

impl PublicKey {
    /// The kind of the key.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key's own encoding: `RSAPublicKey`, an uncompressed point, or 32 bytes of Ed25519.
    #[must_use]
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// The whole SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Whether the key may be used for signatures of RSASSA-PSS with these parameters (RFC 4055 section 3.3).
    pub(super) fn permits_pss(&self, used: Pss) -> bool {
        self.restriction.is_none_or(|restriction| restriction.permits(used))
    }

    /// The strength in bits of a symmetric key, as `EVP_PKEY_get_security_bits` counts
    /// (NIST SP 800-57 part 1, table 2); `None` for a key of an unknown kind.
    #[must_use]
    pub const fn security_bits(&self) -> Option<u16> {
        Some(match self.kind {
            KeyKind::Rsa(bits) | KeyKind::RsaPss(bits) => match bits {
                15_360.. => 256,
                7_680.. => 192,
                3_072.. => 128,
                2_048.. => 112,
                1_024.. => 80,
                _ => 0,
            },
            KeyKind::P256 | KeyKind::Ed25519 => 128,
            KeyKind::P384 => 192,
            KeyKind::P521 => 256,
            KeyKind::OtherCurve(bits) => match bits {
                512.. => 256,
                384.. => 192,
                256.. => 128,
                224.. => 112,
                192.. => 96,
                160.. => 80,
                _ => 0,
            },
            KeyKind::ExplicitCurve | KeyKind::Other => return None,
        })
    }
}

/// Reads a SubjectPublicKeyInfo; `None` when it is damaged. An unknown kind of key is not damage.
pub(crate) fn read_spki(raw: &[u8]) -> Option<PublicKey> {
    let [algorithm, key] = all_items(only(raw, tag::SEQUENCE)?.value)?.try_into().ok()?;
    if algorithm.tag != tag::SEQUENCE || key.tag != tag::BIT_STRING {
        return None;
    }
    let bits = whole_bits(key.value)?;
    let mut fields = items(algorithm.value);
    let identifier = oid(fields.expect(tag::OID)?.value)?;
    let parameters = fields.next();
    let mut restriction = None;
    let kind = match identifier.as_str() {
        "1.2.840.113549.1.1.1" => KeyKind::Rsa(rsa_bits(bits)?),
        "1.2.840.113549.1.1.10" => {
            restriction = match parameters {
                Some(parameters) if parameters.tag == tag::SEQUENCE => Some(Pss::read(parameters.value)?),
                _ => None,
            };
            KeyKind::RsaPss(rsa_bits(bits)?)
        }
        "1.2.840.10045.2.1" => match parameters {
            Some(curve) if curve.tag == tag::OID => match oid(curve.value)?.as_str() {
                "1.2.840.10045.3.1.7" => KeyKind::P256,
                "1.3.132.0.34" => KeyKind::P384,
                "1.3.132.0.35" => KeyKind::P521,
                // An uncompressed point: a byte that says so, and two coordinates.
                _ => KeyKind::OtherCurve(u32::try_from(bits.len().saturating_sub(1) * 4).ok()?),
            },
            _ => KeyKind::ExplicitCurve,
        },
        "1.3.101.112" => KeyKind::Ed25519,
        _ => KeyKind::Other,
    };
    Some(PublicKey { kind, bits: bits.to_vec(), spki: raw.to_vec(), restriction })
}

fn rsa_bits(key: &[u8]) -> Option<u32> {
    let [modulus, exponent] = all_items(only(key, tag::SEQUENCE)?.value)?.try_into().ok()?;
    if modulus.tag != tag::INTEGER || exponent.tag != tag::INTEGER {
        return None;
    }
    small_integer(exponent.value)?;
    let digits = modulus.value.iter().position(|&byte| byte != 0)?;
    let bytes = u32::try_from(modulus.value.len() - digits).ok()?;
    Some(bytes * 8 - modulus.value[digits].leading_zeros())
}
