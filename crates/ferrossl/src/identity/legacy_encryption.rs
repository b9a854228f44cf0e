//! Two old ways of encrypting private keys, for reading only: OpenSSL's traditional PEM encryption
//! (`DEK-Info`, RFC 1421 and `EVP_BytesToKey`) and PBES1 of PKCS #5 v1.5.
//!
//! Both derive the key with one digest, or a few, of the password: who has the file can try billions of
//! passwords per second. `openssl pkcs8 -topk8` writes the modern form.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use des::{Des, TdesEde3};
use md5::{Digest, Md5};
use pkcs8::pkcs5::pbes1;
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::openssl_names::reasons;

/// Bytes of the salt that key derivation takes from the IV (`PKCS5_SALT_LEN`).
const SALT: usize = 8;

/// A cipher of a `DEK-Info` header, and its initialisation vector.
pub(super) struct DekInfo {
    cipher: Cipher,
    iv: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
    Des,
}

impl Cipher {
    const fn key_length(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
            Self::Des => 8,
        }
    }

    const fn iv_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::TripleDes | Self::Des => 8,
        }
    }

    fn decrypt(self, key: &[u8], iv: &[u8], text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        fn run<D: KeyIvInit + BlockModeDecrypt>(key: &[u8], iv: &[u8], text: &[u8]) -> Option<Vec<u8>> {
            D::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<Pkcs7>(text).ok()
        }
        let plain = match self {
            Self::Aes128 => run::<Decryptor<Aes128>>(key, iv, text),
            Self::Aes192 => run::<Decryptor<Aes192>>(key, iv, text),
            Self::Aes256 => run::<Decryptor<Aes256>>(key, iv, text),
            Self::TripleDes => run::<Decryptor<TdesEde3>>(key, iv, text),
            Self::Des => run::<Decryptor<Des>>(key, iv, text),
        };
        plain.map(Zeroizing::new)
    }
}

impl DekInfo {
    /// Reads a header such as `AES-256-CBC,0123456789ABCDEF0123456789ABCDEF`.
    ///
    /// # Errors
    ///
    /// `PEM: UNSUPPORTED_ENCRYPTION` for a cipher that is not known here, `PEM: BAD_IV_CHARS` for a bad IV.
    pub(super) fn read(header: &str) -> Result<Self> {
        let (name, iv) = header.split_once(',').unwrap_or((header, ""));
        let cipher = match name.trim() {
            "AES-128-CBC" => Cipher::Aes128,
            "AES-192-CBC" => Cipher::Aes192,
            "AES-256-CBC" => Cipher::Aes256,
            "DES-EDE3-CBC" => Cipher::TripleDes,
            "DES-CBC" => Cipher::Des,
            other => {
                return Err(Error::material(
                    reasons::UNSUPPORTED_ENCRYPTION,
                    format!("the key is encrypted with '{other}'"),
                ));
            }
        };
        let iv = from_hex(iv.trim()).filter(|iv| iv.len() == cipher.iv_length());
        let iv =
            iv.ok_or_else(|| Error::material(reasons::BAD_IV_CHARS, "the DEK-Info header is damaged"))?;
        Ok(Self { cipher, iv })
    }

    /// Decrypts; `None` for a wrong password, as far as the padding shows it.
    pub(super) fn decrypt(&self, password: &[u8], text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let key = bytes_to_key(password, &self.iv[..SALT], self.cipher.key_length());
        self.cipher.decrypt(&key, &self.iv, text)
    }
}

/// `EVP_BytesToKey` with MD5 and one round: digests of (the digest before, password, salt), joined.
fn bytes_to_key(password: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(length + 16));
    let mut last = Zeroizing::new(Vec::with_capacity(16));
    while key.len() < length {
        let mut hasher = Md5::new();
        hasher.update(&*last);
        hasher.update(password);
        hasher.update(salt);
        let digest: Zeroizing<[u8; 16]> = Zeroizing::new(hasher.finalize().into());
        last.clear();
        last.extend_from_slice(&*digest);
        key.extend_from_slice(&*digest);
    }
    key.truncate(length);
    key
}

/// The same bytes in a vector; the array that they come from is wiped.
fn wiped<const N: usize>(digest: Zeroizing<[u8; N]>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(digest.to_vec())
}

/// Whether it is one of those that can be decrypted: RC2 is not.
pub(super) fn is_des(algorithm: &pbes1::Algorithm) -> bool {
    use pbes1::EncryptionScheme::{PbeWithMd5AndDesCbc, PbeWithSha1AndDesCbc};
    matches!(algorithm.encryption, PbeWithMd5AndDesCbc | PbeWithSha1AndDesCbc)
}

/// Decrypts PBES1 with DES (RFC 8018 section 6.1.2); `None` for a wrong password, or RC2.
pub(super) fn decrypt_pbes1(
    algorithm: &pbes1::Algorithm,
    password: &[u8],
    text: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let parameters = &algorithm.parameters;
    let hash: fn(&[u8]) -> Zeroizing<Vec<u8>> = match algorithm.encryption {
        pbes1::EncryptionScheme::PbeWithMd5AndDesCbc => {
            |bytes| wiped(Zeroizing::new(<[u8; 16]>::from(Md5::digest(bytes))))
        }
        pbes1::EncryptionScheme::PbeWithSha1AndDesCbc => {
            |bytes| wiped(Zeroizing::new(<[u8; 20]>::from(Sha1::digest(bytes))))
        }
        _ => return None,
    };
    // PBKDF1 (RFC 8018 section 5.1).
    let mut derived = Zeroizing::new([password, &parameters.salt].concat());
    for _ in 0..parameters.iteration_count {
        derived = hash(&derived);
    }
    Cipher::Des.decrypt(derived.get(..8)?, derived.get(8..16)?, text)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        assert!(DekInfo::read("AES-128-CBC,000102030405060708090A0B0C0D0E0F").is_ok());
        for (header, name) in [
            ("RC2-40-CBC,0001020304050607", "UNSUPPORTED_ENCRYPTION"),
            ("AES-128-CBC,00", "BAD_IV_CHARS"),
            ("AES-128-CBC,zz0102030405060708090A0B0C0D0E0F", "BAD_IV_CHARS"),
            ("AES-128-CBC", "BAD_IV_CHARS"),
        ] {
            let Err(Error::Material { reason, .. }) = DekInfo::read(header) else { panic!("{header}") };
            assert_eq!(reason.name, name);
        }
    }

    #[test]
    fn key_derivation_is_openssls() {
        // openssl enc -aes-128-cbc -md md5 -pass pass:secret -S 0001020304050607 -P
        let salt = [0, 1, 2, 3, 4, 5, 6, 7];
        let key = bytes_to_key(b"secret", &salt, 16);
        assert_eq!(key.iter().map(|b| format!("{b:02X}")).collect::<String>(), KEY);
    }

    const KEY: &str = "035FB8145B73CF111570DC936112BE9C";
}
