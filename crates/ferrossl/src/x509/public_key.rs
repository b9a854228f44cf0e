//! SubjectPublicKeyInfo: what kind of key, how strong, and its bits.

use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};

use super::algorithm::AlgorithmIdentifier;
use super::der::{Oid, bit_string, integer, items, only, small_integer, tag, whole_bits};
use super::oids;
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
    /// Another named curve: not usable here.
    OtherCurve,
    /// An elliptic curve that is not named but spelled out, which OpenSSL refuses in chains.
    ExplicitCurve,
    /// Ed25519.
    Ed25519,
    /// Any other, and keys that are damaged: not usable here.
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
    /// (NIST SP 800-57 part 1, table 2); `None` for a key that is not usable here.
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
            KeyKind::OtherCurve | KeyKind::ExplicitCurve | KeyKind::Other => return None,
        })
    }
}

/// Reads a SubjectPublicKeyInfo; `None` when it is damaged. An unknown kind of key is not damage, and neither is a key
/// that makes no sense: as in OpenSSL, the certificate can be read, and nothing can be done with the key.
pub(crate) fn read_spki(raw: &[u8]) -> Option<PublicKey> {
    let mut fields = items(only(raw, tag::SEQUENCE)?.value);
    let algorithm = AlgorithmIdentifier::take(&mut fields)?;
    let contents = fields.expect(tag::BIT_STRING)?.value;
    fields.finish()?;
    // OpenSSL wants the algorithm's identifier in numbers, and does not load a key whose identifier is too long for that.
    if algorithm.identifier.is_too_long() {
        return None;
    }
    let (_, bits) = bit_string(contents)?;
    let (kind, restriction) =
        whole_bits(contents).and_then(|bits| usable(&algorithm, bits)).unwrap_or((KeyKind::Other, None));
    Some(PublicKey { kind, bits: bits.to_vec(), spki: raw.to_vec(), restriction })
}

/// The kind of a key that makes sense, and what it says about its signatures.
fn usable(algorithm: &AlgorithmIdentifier<'_>, bits: &[u8]) -> Option<(KeyKind, Option<Pss>)> {
    let mut restriction = None;
    let kind = match (algorithm.identifier, algorithm.parameters) {
        (oids::RSA_ENCRYPTION, _) => KeyKind::Rsa(rsa_bits(bits)?),
        (oids::RSASSA_PSS, parameters) => {
            restriction = match parameters {
                Some(parameters) => Some(Pss::read(parameters)?),
                None => None,
            };
            KeyKind::RsaPss(rsa_bits(bits)?)
        }
        (oids::EC_PUBLIC_KEY, Some(curve)) if curve.tag == tag::OID => match Oid::read(curve.value)? {
            oids::SECP256R1 if is_point(bits, 32, &signature::ECDSA_P256_SHA256_ASN1) => KeyKind::P256,
            oids::SECP384R1 if is_point(bits, 48, &signature::ECDSA_P384_SHA384_ASN1) => KeyKind::P384,
            oids::SECP521R1 if is_point(bits, 66, &signature::ECDSA_P521_SHA512_ASN1) => KeyKind::P521,
            oids::SECP256R1 | oids::SECP384R1 | oids::SECP521R1 => return None,
            _ => KeyKind::OtherCurve,
        },
        (oids::EC_PUBLIC_KEY, Some(curve)) if curve.tag == tag::SEQUENCE => KeyKind::ExplicitCurve,
        (oids::ED25519, None) if bits.len() == 32 => KeyKind::Ed25519,
        _ => return None,
    };
    Some((kind, restriction))
}

/// Whether these are a point of the algorithm's curve, compressed or not. The form is looked at first, because the
/// library would take a whole SubjectPublicKeyInfo as well.
fn is_point(bits: &[u8], coordinate: usize, curve: &'static dyn VerificationAlgorithm) -> bool {
    let is_form = match bits.first() {
        Some(4) => bits.len() == 1 + 2 * coordinate,
        Some(2 | 3) => bits.len() == 1 + coordinate,
        _ => false,
    };
    is_form && ParsedPublicKey::new(curve, bits).is_ok()
}

/// The length of the modulus of an `RSAPublicKey`; both numbers are positive.
fn rsa_bits(key: &[u8]) -> Option<u32> {
    let mut fields = items(only(key, tag::SEQUENCE)?.value);
    let modulus = integer(fields.expect(tag::INTEGER)?.value)?;
    small_integer(fields.expect(tag::INTEGER)?.value)?;
    fields.finish()?;
    if modulus[0] & 0x80 != 0 {
        return None;
    }
    let digits = modulus.iter().position(|&byte| byte != 0)?;
    let bytes = u32::try_from(modulus.len() - digits).ok()?;
    Some(bytes * 8 - modulus[digits].leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::super::der::wrap;
    use super::*;

    const EC: [u8; 9] = [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    const P256: [u8; 10] = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    const RSA: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    const ED25519: [u8; 5] = [6, 3, 0x2b, 0x65, 0x70];

    fn spki(algorithm: &[u8], unused: u8, key: &[u8]) -> Vec<u8> {
        let key = wrap(tag::BIT_STRING, &[&[unused], key].concat());
        wrap(tag::SEQUENCE, &[wrap(tag::SEQUENCE, algorithm), key].concat())
    }

    fn kind(algorithm: &[u8], key: &[u8]) -> KeyKind {
        read_spki(&spki(algorithm, 0, key)).unwrap().kind()
    }

    #[test]
    fn points_are_on_their_curve() {
        use aws_lc_rs::signature::KeyPair;
        let document = signature::EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let point = document.public_key().as_ref().to_vec();
        let algorithm = [&EC[..], &P256].concat();
        assert_eq!(kind(&algorithm, &point), KeyKind::P256);
        let compressed = [&[2 | point[64] & 1], &point[1..33]].concat();
        assert_eq!(kind(&algorithm, &compressed), KeyKind::P256);
        let mut elsewhere = point.clone();
        elsewhere[64] ^= 1;
        let nested = spki(&algorithm, 0, &point);
        for damaged in
            [&elsewhere[..], &point[1..], &point[..64], &[&point[..], &[0]].concat(), &[0], &[], &nested]
        {
            assert_eq!(kind(&algorithm, damaged), KeyKind::Other, "{damaged:02x?}");
        }
        // Bits that do not count, a curve that is not this one's, and none.
        assert_eq!(read_spki(&spki(&algorithm, 1, &point)).unwrap().kind(), KeyKind::Other);
        assert_eq!(read_spki(&spki(&algorithm, 8, &point)), None);
        let p384 = [&EC[..], &[6, 5, 0x2b, 0x81, 4, 0, 34]].concat();
        assert_eq!(kind(&p384, &point), KeyKind::Other);
        assert_eq!(kind(&EC, &point), KeyKind::Other);
        assert_eq!(kind(&[&EC[..], &[5, 0]].concat(), &point), KeyKind::Other);
        assert_eq!(kind(&[&EC[..], &[0x30, 0]].concat(), &point), KeyKind::ExplicitCurve);
        assert_eq!(kind(&[&EC[..], &[6, 5, 0x2b, 0x81, 4, 0, 10]].concat(), &point), KeyKind::OtherCurve);
    }

    #[test]
    fn moduli_are_positive_and_not_padded() {
        let key = |modulus: &[u8], exponent: &[u8]| {
            wrap(tag::SEQUENCE, &[wrap(tag::INTEGER, modulus), wrap(tag::INTEGER, exponent)].concat())
        };
        assert_eq!(kind(&RSA, &key(&[0x7f, 1], &[3])), KeyKind::Rsa(15));
        assert_eq!(kind(&RSA, &key(&[0, 0x80, 1], &[3])), KeyKind::Rsa(16));
        let good = key(&[0x7f, 1], &[3]);
        for damaged in [
            key(&[0x80, 1], &[3]),
            key(&[0, 0x7f, 1], &[3]),
            key(&[0], &[3]),
            key(&[0x7f, 1], &[]),
            key(&[0x7f, 1], &[0x83]),
            [&good[..], &[0]].concat(),
            wrap(tag::SET, &good[2..]),
            wrap(tag::SEQUENCE, &[&good[2..], &[5, 0]].concat()),
        ] {
            assert_eq!(kind(&RSA, &damaged), KeyKind::Other, "{damaged:02x?}");
        }
    }

    #[test]
    fn edwards_keys_have_no_parameters() {
        assert_eq!(kind(&ED25519, &[5; 32]), KeyKind::Ed25519);
        assert_eq!(kind(&ED25519, &[5; 33]), KeyKind::Other);
        assert_eq!(kind(&[&ED25519[..], &[5, 0]].concat(), &[5; 32]), KeyKind::Other);
    }

    #[test]
    fn damage_round_the_key_is_damage() {
        let good = spki(&ED25519, 0, &[5; 32]);
        assert!(read_spki(&good).is_some());
        assert_eq!(read_spki(&[&good[..], &[0]].concat()), None);
        assert_eq!(read_spki(&wrap(tag::SET, &good[2..])), None);
        assert_eq!(read_spki(&wrap(tag::SEQUENCE, &[&good[2..], &[5, 0]].concat())), None);
        assert_eq!(read_spki(&spki(&[5, 0], 0, &[5; 32])), None);
        let long = wrap(tag::OID, &[1; 700]);
        assert_eq!(read_spki(&spki(&long, 0, &[5; 32])), None);
        assert!(read_spki(&spki(&wrap(tag::OID, &[1; 500]), 0, &[5; 32])).is_some());
    }

    /// NIST SP 800-57 part 1, table 2, on both sides of each step.
    #[test]
    fn how_strong_a_key_is() {
        let bits = |kind| PublicKey { kind, bits: vec![], spki: vec![], restriction: None }.security_bits();
        let rsa = [(1023, 0), (1024, 80), (2047, 80), (2048, 112), (3071, 112), (3072, 128), (7679, 128)];
        for (size, expected) in rsa.into_iter().chain([(7680, 192), (15_359, 192), (15_360, 256)]) {
            assert_eq!(bits(KeyKind::Rsa(size)), Some(expected), "{size}");
            assert_eq!(bits(KeyKind::RsaPss(size)), Some(expected), "{size}");
        }
        for (kind, expected) in [
            (KeyKind::P256, Some(128)),
            (KeyKind::Ed25519, Some(128)),
            (KeyKind::P384, Some(192)),
            (KeyKind::P521, Some(256)),
            (KeyKind::OtherCurve, None),
            (KeyKind::ExplicitCurve, None),
            (KeyKind::Other, None),
        ] {
            assert_eq!(bits(kind), expected, "{kind:?}");
        }
    }
}
