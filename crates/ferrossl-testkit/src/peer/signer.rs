//! A certificate with its key, as the peer signs with it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaEncoding, RsaKeyPair,
};

use super::wire::scheme;
use crate::KeyKind;

enum Key {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A certificate chain with the leaf's key ([`crate::Pki::signer`]).
pub struct Signer {
    /// The certificates in DER, the own one first.
    pub chain: Vec<Vec<u8>>,
    kind: KeyKind,
    key: Key,
}

impl Signer {
    pub(crate) fn new(chain: Vec<Vec<u8>>, kind: KeyKind, pkcs8: &[u8]) -> Self {
        let key = match kind {
            KeyKind::Rsa2048 => Key::Rsa(RsaKeyPair::from_pkcs8(pkcs8).expect("an RSA key")),
            KeyKind::P256 => Key::Ecdsa(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).expect("a P-256 key"),
            ),
            KeyKind::P384 => Key::Ecdsa(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, pkcs8).expect("a P-384 key"),
            ),
            KeyKind::Ed25519 => {
                Key::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).expect("an Ed25519 key"))
            }
        };
        Self { chain, kind, key }
    }

    /// The scheme that goes with the key in both versions.
    #[must_use]
    pub const fn scheme(&self) -> u16 {
        match self.kind {
            KeyKind::Rsa2048 => scheme::RSA_PSS_SHA256,
            KeyKind::P256 => scheme::ECDSA_P256_SHA256,
            KeyKind::P384 => scheme::ECDSA_P384_SHA384,
            KeyKind::Ed25519 => scheme::ED25519,
        }
    }

    /// Whether the key is an RSA key.
    #[must_use]
    pub const fn is_rsa(&self) -> bool {
        matches!(self.kind, KeyKind::Rsa2048)
    }

    /// A signature under this scheme. For a scheme that the key cannot do, it is one of the key's own scheme: a
    /// lie that only the number tells.
    ///
    /// # Panics
    ///
    /// When aws-lc has no random numbers.
    #[must_use]
    pub fn sign(&self, number: u16, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Rsa(key) => {
                let encoding: &'static dyn RsaEncoding = match number {
                    scheme::RSA_PKCS1_SHA256 => &RSA_PKCS1_SHA256,
                    0x0501 => &RSA_PKCS1_SHA384,
                    0x0601 => &RSA_PKCS1_SHA512,
                    0x0805 => &RSA_PSS_SHA384,
                    scheme::RSA_PSS_SHA512 => &RSA_PSS_SHA512,
                    _ => &RSA_PSS_SHA256,
                };
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(encoding, &random, message, &mut signature).expect("a signature");
                signature
            }
            Key::Ecdsa(key) => key.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Key::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }
}
