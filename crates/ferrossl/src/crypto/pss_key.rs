//! RSA keys that may sign with PSS only (`id-RSASSA-PSS`, RFC 4055). rustls loads no such keys and has no names
//! for their schemes, but in TLS 1.3 it sends and takes numbers that it does not know.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::Encode;
use pkcs8::der::asn1::BitStringRef;
use pkcs8::spki::SubjectPublicKeyInfo;
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

use crate::x509::{Oid, PublicKey, oids, pss_schemes, read_spki, signature_scheme};

/// A key of this kind, if `der` is the PKCS #8 of one.
pub(crate) fn from_pkcs8(der: &[u8]) -> Option<(Arc<dyn SigningKey>, PublicKey)> {
    let info = PrivateKeyInfoRef::try_from(der).ok()?;
    if Oid::new(info.algorithm.oid.as_bytes()) != oids::RSASSA_PSS {
        return None;
    }
    let pair = KeyPair::from_der(info.private_key.as_bytes()).ok()?;
    let spki = SubjectPublicKeyInfo {
        algorithm: info.algorithm,
        subject_public_key: BitStringRef::from_bytes(pair.public_key().as_ref()).ok()?,
    };
    let public = read_spki(&spki.to_der().ok()?)?;
    let schemes = pss_schemes(&public).collect();
    Some((Arc::new(Key { pair: Arc::new(pair), schemes }), public))
}

#[derive(Debug)]
struct Key {
    pair: Arc<KeyPair>,
    /// What the key's own parameters permit.
    schemes: Vec<u16>,
}

impl SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let scheme = self.schemes.iter().find(|&&ours| offered.contains(&ours.into()))?;
        let padding: &'static dyn RsaEncoding = match *scheme {
            signature_scheme::RSA_PSS_PSS_SHA256 => &RSA_PSS_SHA256,
            signature_scheme::RSA_PSS_PSS_SHA384 => &RSA_PSS_SHA384,
            _ => &RSA_PSS_SHA512,
        };
        Some(Box::new(KeySigner { pair: Arc::clone(&self.pair), scheme: (*scheme).into(), padding }))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RSA
    }
}

#[derive(Debug)]
struct KeySigner {
    pair: Arc<KeyPair>,
    scheme: SignatureScheme,
    padding: &'static dyn RsaEncoding,
}

impl Signer for KeySigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(self.padding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::General("the RSA-PSS key cannot sign".into()))?;
        Ok(signature)
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}
