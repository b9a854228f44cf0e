//! Tables of what may sign with what, and real signatures of every kind tried under every name.

use super::*;
use crate::x509::der::{items, tag};
use crate::x509::public_key::read_spki;

const MESSAGE: &[u8] = b"what both sides have said";
const VECTORS: &str = include_str!("vectors.txt");

fn rows(kind: &str) -> impl Iterator<Item = (&str, &str)> {
    VECTORS.lines().filter_map(move |line| line.strip_prefix(kind)?.strip_prefix(' ')?.split_once(' '))
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn keys() -> Vec<(&'static str, PublicKey)> {
    rows("key").map(|(name, spki)| (name, read_spki(&bytes(spki)).unwrap())).collect()
}

/// The signatures that belong to a key: owner, algorithm, signature. All RSA keys have one modulus, so that only
/// what they say about themselves makes the difference.
fn signatures(key: &str) -> Vec<(&'static str, Vec<u8>)> {
    let owner = if key.starts_with("pss") { "rsa" } else { key };
    rows("sign")
        .filter(|(name, _)| *name == owner)
        .map(|(_, rest)| rest.split_once(' ').unwrap())
        .map(|(algorithm, signature)| (algorithm, bytes(signature)))
        .collect()
}

/// RFC 8446 section 4.2.3: number, algorithm of the signature, keys in both versions, more keys in TLS 1.2.
const SCHEMES: [(u16, &str, &[&str], &[&str]); 13] = [
    (0x0401, "pkcs1-sha256", &[], &["rsa"]),
    (0x0501, "pkcs1-sha384", &[], &["rsa"]),
    (0x0601, "pkcs1-sha512", &[], &["rsa"]),
    (0x0403, "ecdsa-sha256", &["p256"], &["p384", "p521"]),
    (0x0503, "ecdsa-sha384", &["p384"], &["p256", "p521"]),
    (0x0603, "ecdsa-sha512", &["p521"], &["p256", "p384"]),
    (0x0804, "pss-sha256-32", &["rsa"], &[]),
    (0x0805, "pss-sha384-48", &["rsa"], &[]),
    (0x0806, "pss-sha512-64", &["rsa"], &[]),
    (0x0807, "ed25519", &["ed25519"], &[]),
    (0x0809, "pss-sha256-32", &["pss"], &[]),
    (0x080a, "pss-sha384-48", &["pss", "pss-sha384"], &[]),
    (0x080b, "pss-sha512-64", &["pss"], &[]),
];

#[test]
fn a_scheme_takes_its_own_signatures_by_its_own_keys_only() {
    for (name, key) in keys() {
        for (algorithm, signature) in signatures(name) {
            for (scheme, wanted, always, before) in SCHEMES {
                for tls13 in [true, false] {
                    let may = always.contains(&name) || (!tls13 && before.contains(&name));
                    let found = verify_handshake_signature(scheme, tls13, &key, MESSAGE, &signature);
                    let case = format!("{scheme:#06x}, TLS 1.3 {tls13}: {algorithm} by {name}");
                    assert_eq!(found, may && algorithm == wanted, "{case}");
                    let other =
                        verify_handshake_signature(scheme, tls13, &key, b"something else", &signature);
                    assert!(!other, "{case}");
                }
            }
            // SHA-1, Ed448, and numbers that stand for nothing.
            for scheme in [0, 0x0201, 0x0203, 0x0402, 0x0808, 0x080c, 0x081a, u16::MAX] {
                for tls13 in [true, false] {
                    assert!(!verify_handshake_signature(scheme, tls13, &key, MESSAGE, &signature));
                }
            }
        }
    }
}

#[test]
fn every_scheme_that_is_offered_is_in_the_table_and_the_other_way_round() {
    let mut offered = HANDSHAKE_SCHEMES;
    offered.sort_unstable();
    let mut known = SCHEMES.map(|row| row.0);
    known.sort_unstable();
    assert_eq!(offered, known);
    for (scheme, algorithm, ..) in SCHEMES {
        let expected = match algorithm {
            name if name.contains("sha512") => 256,
            name if name.contains("sha384") => 192,
            _ => 128,
        };
        assert_eq!(handshake_security_bits(scheme), expected, "{scheme:#06x}");
        assert_eq!(is_pss_only(scheme), (0x0809..=0x080b).contains(&scheme), "{scheme:#06x}");
    }
}

#[test]
fn a_key_for_pss_offers_what_it_permits() {
    let keys = keys();
    let schemes = |name| {
        let (_, key) = keys.iter().find(|(found, _)| *found == name).unwrap();
        pss_schemes(key).collect::<Vec<_>>()
    };
    assert_eq!(schemes("pss"), [0x0809, 0x080a, 0x080b]);
    assert_eq!(schemes("pss-sha384"), [0x080a]);
}

fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(contents.len()).unwrap()], contents].concat()
}

fn algorithm(oid: &[u8], parameters: &[u8]) -> SignatureAlgorithm {
    let raw = tlv(tag::SEQUENCE, &[&tlv(tag::OID, oid), parameters].concat());
    SignatureAlgorithm::of(&AlgorithmIdentifier::take(&mut items(&raw)).unwrap())
}

/// `RSASSA-PSS-params` with a digest (the last number of its identifier) and a salt.
fn pss(digest: u8, salt: u8) -> SignatureAlgorithm {
    let digest = tlv(tag::OID, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, digest]);
    let digest = tlv(tag::SEQUENCE, &digest);
    let mask = tlv(tag::SEQUENCE, &[&tlv(tag::OID, &MGF1)[..], &digest].concat());
    let (digest, mask) = (tlv(tag::explicit(0), &digest), tlv(tag::explicit(1), &mask));
    // 128 and more have a byte for the sign in front.
    let sign: &[u8] = if salt < 0x80 { &[] } else { &[0] };
    let salt = tlv(tag::explicit(2), &tlv(tag::INTEGER, &[sign, &[salt]].concat()));
    algorithm(&RSASSA_PSS, &tlv(tag::SEQUENCE, &[digest, mask, salt].concat()))
}

const RSASSA_PSS: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const MGF1: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];

/// The algorithms that a certificate can name: the name of the signature, what reads it, security bits, and the length
/// of the digest for `tls-server-end-point`.
fn certificate_algorithms() -> Vec<(String, SignatureAlgorithm, u16, usize)> {
    let rsa = |last| algorithm(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, last], &[5, 0]);
    let ecdsa = |rest: &[u8]| algorithm(&[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4], rest].concat(), &[]);
    let mut found = vec![
        ("pkcs1-sha1".to_owned(), rsa(5), 63, 32),
        ("pkcs1-sha256".to_owned(), rsa(11), 128, 32),
        ("pkcs1-sha384".to_owned(), rsa(12), 192, 48),
        ("pkcs1-sha512".to_owned(), rsa(13), 256, 64),
        ("ecdsa-sha1".to_owned(), ecdsa(&[1]), 63, 32),
        ("ecdsa-sha256".to_owned(), ecdsa(&[3, 2]), 128, 32),
        ("ecdsa-sha384".to_owned(), ecdsa(&[3, 3]), 192, 48),
        ("ecdsa-sha512".to_owned(), ecdsa(&[3, 4]), 256, 64),
        ("ed25519".to_owned(), algorithm(&[0x2b, 0x65, 0x70], &[]), 128, 0),
    ];
    for (digest, length, bits, longest) in [(1, 32u8, 128, 222), (2, 48, 192, 206), (3, 64, 256, 190)] {
        for salt in [0, 7, 20, 32, 48, 64, longest] {
            let name = format!("pss-sha{}-{salt}", u16::from(length) * 8);
            found.push((name, pss(digest, salt), bits, usize::from(length)));
        }
    }
    found
}

#[test]
fn a_certificates_algorithm_takes_its_own_signatures_only() {
    for (name, key) in keys() {
        for (made_with, signature) in signatures(name) {
            for (wanted, algorithm, ..) in certificate_algorithms() {
                let may = match name {
                    "pss" => wanted.starts_with("pss"),
                    // RFC 4055 section 3.3: this digest, and a salt that is at least as long.
                    "pss-sha384" => ["pss-sha384-48", "pss-sha384-64", "pss-sha384-206"].contains(&&*wanted),
                    // aws-lc-rs does not know this one.
                    "p384" => wanted != "ecdsa-sha1",
                    // A length of the salt that nobody uses, and aws-lc-rs has no name for.
                    _ => true,
                };
                let may = may && !wanted.ends_with("-7");
                let case = format!("{made_with} by {name} as {wanted}");
                assert_eq!(algorithm.verify(&key, MESSAGE, &signature), may && made_with == wanted, "{case}");
                assert!(!algorithm.verify(&key, b"something else", &signature), "{case}");
            }
        }
    }
}

#[test]
fn how_strong_an_algorithm_is_and_what_it_binds_with() {
    for (name, algorithm, bits, digest) in certificate_algorithms() {
        assert_eq!(algorithm.security_bits(), bits, "{name}");
        let found = algorithm.end_point_digest().map_or(0, Algorithm::output_len);
        assert_eq!(found, digest, "{name}");
    }
    let unknown = algorithm(&[0x2a, 3, 4], &[]);
    assert_eq!(unknown.security_bits(), 0);
    assert!(unknown.end_point_digest().is_none());
    assert!(!keys().iter().any(|(_, key)| unknown.verify(key, MESSAGE, &[])));
}

#[test]
fn parameters_of_pss() {
    // All that is left out: SHA-1 and 20 bytes, which no verification here knows.
    let left_out = algorithm(&RSASSA_PSS, &tlv(tag::SEQUENCE, &[]));
    assert_eq!(left_out.0, Kind::Known(Scheme::RsaPss(Pss { hash: Hash::Sha1, salt: 20 })));
    assert_eq!(left_out.security_bits(), 63);
    // None at all, and a digest that is none of SHA-2's: nobody here can check it, and no damage.
    for parameters in
        [vec![], tlv(tag::SEQUENCE, &tlv(tag::explicit(0), &tlv(tag::SEQUENCE, &tlv(tag::OID, &[42]))))]
    {
        assert_eq!(algorithm(&RSASSA_PSS, &parameters).0, Kind::Foreign(Family::RsaPss));
    }
}

#[test]
fn which_key_can_have_made_which_signature() {
    let kinds = [
        ("rsa", KeyKind::Rsa(2048)),
        ("pss", KeyKind::RsaPss(2048)),
        ("ec", KeyKind::P256),
        ("ec", KeyKind::P384),
        ("ec", KeyKind::P521),
        ("ec", KeyKind::OtherCurve),
        ("ec", KeyKind::ExplicitCurve),
        ("ed25519", KeyKind::Ed25519),
        ("other", KeyKind::Other),
    ];
    for (name, algorithm, ..) in certificate_algorithms() {
        let by: &[&str] = match name.split('-').next() {
            Some("pkcs1") => &["rsa"],
            Some("pss") => &["rsa", "pss"],
            Some("ecdsa") => &["ec"],
            _ => &["ed25519"],
        };
        for (word, kind) in kinds {
            assert_eq!(algorithm.fits(kind), by.contains(&word), "{name} by {kind:?}");
        }
    }
    let unknown = algorithm(&[0x2a, 3, 4], &[]);
    assert!(!kinds.iter().any(|&(_, kind)| unknown.fits(kind)));
}
