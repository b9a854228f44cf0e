//! Private keys: PKCS #1, SEC 1 and PKCS #8, in clear and encrypted.

use std::fmt;

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode;
use pkcs8::der::asn1::{AnyRef, ObjectIdentifier};
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::PasswordSource;
use super::key_kind::KindOfKey;
#[cfg(feature = "legacy")]
use super::legacy_encryption::{DekInfo, decrypt_pbes1, is_des};
use crate::crypto::SigningKey;
use crate::error::{Error, Result, Source};
use crate::openssl_names::reasons;
use crate::pem::{self, Block};
use crate::x509::{Oid, PublicKey, oids};

/// The longest password in bytes (`PEM_BUFSIZE` of OpenSSL).
pub const MAX_PASSWORD: usize = 1024;

/// A private key that can sign handshakes. Its bytes are wiped when it is dropped.
pub struct PrivateKey {
    signing: SigningKey,
}

/// What a key file turned out to hold.
pub(super) enum Loaded {
    Key(PrivateKey),
    /// A key that is whole, and of a kind that cannot be used here.
    Unusable(KindOfKey),
}

impl Loaded {
    /// The first private key of a PEM text.
    pub(super) fn from_pem(text: &[u8], password: Option<&mut PasswordSource<'_>>) -> Result<Self> {
        for block in pem::read(text) {
            let block = block?;
            let (load, kind): (Load, Kind) = match block.label.as_str() {
                "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => (SigningKey::from_pkcs8, KindOfKey::of_pkcs8),
                "RSA PRIVATE KEY" => (SigningKey::from_pkcs1, KindOfKey::of_pkcs1),
                "EC PRIVATE KEY" => (SigningKey::from_sec1, KindOfKey::of_sec1),
                "DSA PRIVATE KEY" => return Ok(Self::Unusable(KindOfKey::dsa())),
                _ => continue,
            };
            let (contents, was_encrypted) = decrypted(&block, password)?;
            return match (load(&contents), kind(&contents)) {
                (Some(signing), _) => Ok(Self::Key(PrivateKey { signing })),
                (None, Some(kind)) if !kind.usable => Ok(Self::Unusable(kind)),
                (None, _) => {
                    // One wrong password in 256 leaves padding that looks right.
                    let guess = if was_encrypted { ", or the password is wrong" } else { "" };
                    let text = format!("the private key is damaged{guess}");
                    Err(Error::material(reasons::DECODE_ERROR, text))
                }
            };
        }
        Err(Error::material(reasons::NO_START_LINE, pem::nothing_found("private key that can be read", text)))
    }
}

type Load = fn(&[u8]) -> Option<SigningKey>;
type Kind = fn(&[u8]) -> Option<KindOfKey>;

impl PrivateKey {
    /// Reads the first private key of a PEM text.
    ///
    /// # Errors
    ///
    /// `PEM: NO_START_LINE` when there is none, `PEM: BAD_PASSWORD_READ` for an encrypted key without a password,
    /// `EVP: BAD_DECRYPT` for a wrong one, `EVP: DECODE_ERROR` for a damaged key, `SSL: UNKNOWN_CERTIFICATE_TYPE` for
    /// a kind of key that is not supported.
    pub fn from_pem(text: &[u8], password: Option<&mut PasswordSource<'_>>) -> Result<Self> {
        match Loaded::from_pem(text, password) {
            Ok(Loaded::Key(key)) => Ok(key),
            Ok(Loaded::Unusable(kind)) => Err(unsupported(&kind)),
            Err(error) => Err(error.read_as(Source::Identity)),
        }
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        self.signing.public_key()
    }

    pub(crate) const fn signing(&self) -> &SigningKey {
        &self.signing
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("kind", &self.public_key().kind()).finish_non_exhaustive()
    }
}

/// The error for a key of a kind that cannot be used here.
pub(super) fn unsupported(kind: &KindOfKey) -> Error {
    let text = format!(
        "{} is not supported; keys with RSA of 2048 to 8192 bits, P-256, P-384, P-521 and Ed25519 are",
        kind.name
    );
    Error::material(reasons::UNKNOWN_CERTIFICATE_TYPE, text)
}

/// The block's contents in clear, and whether they were encrypted; the password is asked for only when it is needed.
fn decrypted(block: &Block, password: Option<&mut PasswordSource<'_>>) -> Result<(Zeroizing<Vec<u8>>, bool)> {
    let wrong = || Error::material(reasons::BAD_DECRYPT, "wrong password");
    if let Some(header) = block.encryption()? {
        return traditional(header, block, password).map(|plain| (plain, true));
    }
    if block.label != "ENCRYPTED PRIVATE KEY" {
        return Ok((block.contents.clone(), false));
    }
    let scheme = encryption_scheme(&block.contents)
        .ok_or_else(|| Error::material(reasons::DECODE_ERROR, "the encrypted key is damaged"))?;
    let unsupported = || {
        let text = format!(
            "the key is encrypted with {scheme}, which is not supported; 'openssl pkcs8 -topk8' encrypts it with AES"
        );
        Error::material(reasons::UNSUPPORTED_ENCRYPTION, text)
    };
    let info = EncryptedPrivateKeyInfoRef::try_from(block.contents.as_slice()).map_err(|_| unsupported())?;
    let plain = match &info.encryption_algorithm {
        #[cfg(feature = "legacy")]
        EncryptionScheme::Pbes1(algorithm) if is_des(algorithm) => {
            decrypt_pbes1(algorithm, &ask(password)?, info.encrypted_data.as_bytes()).ok_or_else(wrong)?
        }
        EncryptionScheme::Pbes2(_) => {
            let plain = info.decrypt(&*ask(password)?).map_err(|_| wrong())?;
            plain.to_bytes()
        }
        _ => return Err(unsupported()),
    };
    Ok((plain, true))
}

/// Decrypts a block in OpenSSL's traditional way (RFC 1421).
#[cfg(feature = "legacy")]
fn traditional(
    header: &str,
    block: &Block,
    password: Option<&mut PasswordSource<'_>>,
) -> Result<Zeroizing<Vec<u8>>> {
    let info = DekInfo::read(header)?;
    let wrong = || Error::material(reasons::BAD_DECRYPT, "wrong password");
    info.decrypt(&ask(password)?, &block.contents).ok_or_else(wrong)
}

#[cfg(not(feature = "legacy"))]
fn traditional(header: &str, _: &Block, _: Option<&mut PasswordSource<'_>>) -> Result<Zeroizing<Vec<u8>>> {
    let text = format!(
        "the key is encrypted in PEM's traditional way ({header}), which needs the feature 'legacy'; \
         'openssl pkcs8 -topk8' encrypts it with AES"
    );
    Err(Error::material(reasons::UNSUPPORTED_ENCRYPTION, text))
}

/// The name of what an EncryptedPrivateKeyInfo is encrypted with (RFC 5958 section 3); `None` when it is damaged.
fn encryption_scheme(der: &[u8]) -> Option<String> {
    let [algorithm, _data] = <[AnyRef<'_>; 2]>::try_from(Vec::<AnyRef<'_>>::from_der(der).ok()?).ok()?;
    let algorithm: AlgorithmIdentifierRef<'_> = algorithm.decode_as().ok()?;
    let named = |oid: ObjectIdentifier| match Oid::new(oid.as_bytes()) {
        oids::PBE_MD2_DES => "PBE-MD2-DES".to_owned(),
        oids::PBE_MD2_RC2 => "PBE-MD2-RC2-64".to_owned(),
        oids::PBE_MD5_RC2 => "PBE-MD5-RC2-64".to_owned(),
        oids::PBE_SHA1_RC2 => "PBE-SHA1-RC2-64".to_owned(),
        oids::PKCS12_SHA1_RC4_128 => "PBE-SHA1-RC4-128".to_owned(),
        oids::PKCS12_SHA1_RC4_40 => "PBE-SHA1-RC4-40".to_owned(),
        oids::PKCS12_SHA1_3DES => "PBE-SHA1-3DES".to_owned(),
        oids::PKCS12_SHA1_2DES => "PBE-SHA1-2DES".to_owned(),
        oids::PKCS12_SHA1_RC2_128 => "PBE-SHA1-RC2-128".to_owned(),
        oids::PKCS12_SHA1_RC2_40 => "PBE-SHA1-RC2-40".to_owned(),
        oids::PBES2 => "PBES2".to_owned(),
        oids::ARIA_128_CBC => "ARIA-128-CBC".to_owned(),
        oids::ARIA_192_CBC => "ARIA-192-CBC".to_owned(),
        oids::ARIA_256_CBC => "ARIA-256-CBC".to_owned(),
        oids::CAMELLIA_128_CBC => "CAMELLIA-128-CBC".to_owned(),
        oids::CAMELLIA_192_CBC => "CAMELLIA-192-CBC".to_owned(),
        oids::CAMELLIA_256_CBC => "CAMELLIA-256-CBC".to_owned(),
        _ => oid.to_string(),
    };
    let outer = named(algorithm.oid);
    // PBES2's parameters: how the key is derived, and what it encrypts with (RFC 8018 appendix A.4).
    let inner = algorithm.parameters.filter(|_| outer == "PBES2").and_then(|parameters| {
        let [_derivation, cipher] =
            <[AlgorithmIdentifierRef<'_>; 2]>::try_from(parameters.decode_as::<Vec<_>>().ok()?).ok()?;
        Some(named(cipher.oid))
    });
    Some(inner.map_or(outer, |cipher| format!("PBES2 and {cipher}")))
}

fn ask(password: Option<&mut PasswordSource<'_>>) -> Result<Zeroizing<Vec<u8>>> {
    match password {
        Some(source) => source(),
        None => {
            Err(Error::material(reasons::BAD_PASSWORD_READ, "the key is encrypted and there is no password"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names are those of OpenSSL, which `openssl pkcs8 -v1` takes.
    #[test]
    fn what_a_key_is_encrypted_with_has_openssls_name() {
        // EncryptedPrivateKeyInfo with an algorithm of PKCS #5 and nothing in it.
        let named = |last| {
            let algorithm = [0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, last];
            encryption_scheme(&[&[0x30, 15][..], &algorithm, &[4, 0]].concat()).unwrap()
        };
        assert_eq!(named(1), "PBE-MD2-DES");
        assert_eq!(named(4), "PBE-MD2-RC2-64");
        assert_eq!(named(6), "PBE-MD5-RC2-64");
        assert_eq!(named(11), "PBE-SHA1-RC2-64");
        assert_eq!(named(99), "1.2.840.113549.1.5.99");
    }
}
