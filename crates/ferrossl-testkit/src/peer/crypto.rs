//! Hashes, key derivation and key agreement, as TLS puts them together.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Algorithm, CHACHA20_POLY1305};
use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, X25519};
use aws_lc_rs::{digest, hmac};

use super::wire::{group, vec8, vec16};

/// What the peer knows of a cipher suite.
#[derive(Clone, Copy, Debug)]
pub struct Suite {
    /// Its number.
    pub number: u16,
    pub(crate) aead: &'static Algorithm,
    sha384: bool,
    /// Whether a nonce has a part that stands in the record (AES-GCM of TLS 1.2, RFC 5288).
    pub(crate) explicit_nonce: bool,
}

/// `TLS_AES_128_GCM_SHA256`.
pub const AES128_SHA256: u16 = 0x1301;
/// `TLS_AES_256_GCM_SHA384`.
pub const AES256_SHA384: u16 = 0x1302;
/// `TLS_CHACHA20_POLY1305_SHA256`.
pub const CHACHA20_SHA256: u16 = 0x1303;
/// `TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256`.
pub const ECDHE_ECDSA_AES128: u16 = 0xC02B;
/// `TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384`.
pub const ECDHE_ECDSA_AES256: u16 = 0xC02C;
/// `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`.
pub const ECDHE_RSA_AES128: u16 = 0xC02F;
/// `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`.
pub const ECDHE_RSA_AES256: u16 = 0xC030;
/// `TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256`.
pub const ECDHE_RSA_CHACHA20: u16 = 0xCCA8;
/// `TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256`.
pub const ECDHE_ECDSA_CHACHA20: u16 = 0xCCA9;

/// The suites of TLS 1.3 that the peer speaks.
pub const SUITES_13: [u16; 3] = [AES128_SHA256, AES256_SHA384, CHACHA20_SHA256];
/// The suites of TLS 1.2 that the peer speaks.
pub const SUITES_12: [u16; 6] = [
    ECDHE_ECDSA_AES128,
    ECDHE_ECDSA_AES256,
    ECDHE_RSA_AES128,
    ECDHE_RSA_AES256,
    ECDHE_ECDSA_CHACHA20,
    ECDHE_RSA_CHACHA20,
];

impl Suite {
    /// The suite with this number, if the peer speaks it.
    #[must_use]
    pub fn find(number: u16) -> Option<Self> {
        let (aead, sha384, explicit_nonce) = match number {
            AES128_SHA256 => (&AES_128_GCM, false, false),
            AES256_SHA384 => (&AES_256_GCM, true, false),
            CHACHA20_SHA256 | ECDHE_ECDSA_CHACHA20 | ECDHE_RSA_CHACHA20 => (&CHACHA20_POLY1305, false, false),
            ECDHE_ECDSA_AES128 | ECDHE_RSA_AES128 => (&AES_128_GCM, false, true),
            ECDHE_ECDSA_AES256 | ECDHE_RSA_AES256 => (&AES_256_GCM, true, true),
            _ => return None,
        };
        Some(Self { number, aead, sha384, explicit_nonce })
    }

    /// Whether a suite of TLS 1.2 wants a certificate with an RSA key.
    #[must_use]
    pub fn wants_rsa(self) -> bool {
        matches!(self.number, ECDHE_RSA_AES128 | ECDHE_RSA_AES256 | ECDHE_RSA_CHACHA20)
    }

    pub(crate) fn hash(self, data: &[u8]) -> Vec<u8> {
        let algorithm = if self.sha384 { &digest::SHA384 } else { &digest::SHA256 };
        digest::digest(algorithm, data).as_ref().to_vec()
    }

    pub(crate) const fn hash_length(self) -> usize {
        if self.sha384 { 48 } else { 32 }
    }

    pub(crate) fn hmac(self, key: &[u8], data: &[u8]) -> Vec<u8> {
        let algorithm = if self.sha384 { hmac::HMAC_SHA384 } else { hmac::HMAC_SHA256 };
        hmac::sign(&hmac::Key::new(algorithm, key), data).as_ref().to_vec()
    }

    /// HKDF-Extract (RFC 5869 section 2.2).
    pub(crate) fn extract(self, salt: &[u8], secret: &[u8]) -> Vec<u8> {
        self.hmac(salt, secret)
    }

    /// HKDF-Expand-Label (RFC 8446 section 7.1).
    pub(crate) fn expand(self, secret: &[u8], label: &str, context: &[u8], length: usize) -> Vec<u8> {
        let label = [b"tls13 ", label.as_bytes()].concat();
        let info = [&(length as u16).to_be_bytes()[..], &vec8(&label), &vec8(context)].concat();
        let (mut okm, mut block) = (Vec::new(), Vec::new());
        for counter in 1u8.. {
            block = self.hmac(secret, &[&block[..], &info, &[counter]].concat());
            okm.extend_from_slice(&block);
            if okm.len() >= length {
                break;
            }
        }
        okm.truncate(length);
        okm
    }

    /// Derive-Secret over a transcript that is hashed already.
    pub(crate) fn derive(self, secret: &[u8], label: &str, hash: &[u8]) -> Vec<u8> {
        self.expand(secret, label, hash, self.hash_length())
    }

    /// The PRF of TLS 1.2 (RFC 5246 section 5).
    pub(crate) fn prf(self, secret: &[u8], label: &str, seed: &[u8], length: usize) -> Vec<u8> {
        let seed = [label.as_bytes(), seed].concat();
        let (mut output, mut chain) = (Vec::new(), seed.clone());
        while output.len() < length {
            chain = self.hmac(secret, &chain);
            output.extend(self.hmac(secret, &[&chain[..], &seed].concat()));
        }
        output.truncate(length);
        output
    }
}

/// One side's half of a key agreement.
pub struct Share {
    group: u16,
    key: PrivateKey,
}

impl Share {
    /// A new half for X25519 or a NIST curve.
    ///
    /// # Panics
    ///
    /// For any other group.
    #[must_use]
    pub fn new(number: u16) -> Self {
        let algorithm = match number {
            group::X25519 => &X25519,
            group::SECP256R1 => &ECDH_P256,
            group::SECP384R1 => &ECDH_P384,
            group::SECP521R1 => &ECDH_P521,
            other => panic!("the peer has no group {other}"),
        };
        Self { group: number, key: PrivateKey::generate(algorithm).expect("a key") }
    }

    /// The group.
    #[must_use]
    pub const fn group(&self) -> u16 {
        self.group
    }

    /// What is sent of it.
    ///
    /// # Panics
    ///
    /// Never: the key is a good one.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        self.key.compute_public_key().expect("the public key").as_ref().to_vec()
    }

    /// The entry of a `key_share` extension.
    #[must_use]
    pub fn entry(&self) -> Vec<u8> {
        [&self.group.to_be_bytes()[..], &vec16(&self.public())].concat()
    }

    /// The shared secret; `None` when the other side's half is not one of this group.
    #[must_use]
    pub fn agree(&self, other: &[u8]) -> Option<Vec<u8>> {
        let other = UnparsedPublicKey::new(self.key.algorithm(), other);
        agreement::agree(&self.key, other, (), |secret| Ok(secret.to_vec())).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5869 appendix A has no labels, so RFC 8448 section 3 it is: the early secret and what is derived from it.
    #[test]
    fn the_key_schedule_of_the_rfc() {
        let suite = Suite::find(AES128_SHA256).unwrap();
        let early = suite.extract(&[0; 32], &[0; 32]);
        assert_eq!(early[..4], [0x33, 0xad, 0x0a, 0x1c]);
        let derived = suite.derive(&early, "derived", &suite.hash(&[]));
        assert_eq!(derived[..4], [0x6f, 0x26, 0x15, 0xa1]);
    }

    #[test]
    fn both_halves_agree() {
        for number in [group::X25519, group::SECP256R1, group::SECP384R1, group::SECP521R1] {
            let (one, other) = (Share::new(number), Share::new(number));
            assert_eq!(one.agree(&other.public()), other.agree(&one.public()));
            assert!(one.agree(&[0]).is_none());
        }
    }
}
