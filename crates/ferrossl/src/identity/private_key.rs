//! Private keys: PKCS #1, SEC 1 and PKCS #8, in clear and encrypted.

use std::fmt;

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::EncryptionScheme;
use zeroize::Zeroizing;

use super::PasswordSource;
use super::legacy_encryption::{DekInfo, decrypt_pbes1};
use crate::engine::SigningKey;
use crate::error::{Error, Result};
use crate::openssl_names::reasons;
use crate::pem::{self, Block};
use crate::x509::PublicKey;

/// The longest password in bytes (`PEM_BUFSIZE` of OpenSSL).
pub const MAX_PASSWORD: usize = 1024;

/// A private key that can sign handshakes. Its bytes are wiped when it is dropped.
pub struct PrivateKey {
    signing: SigningKey,
}

impl PrivateKey {
    /// Reads the first private key of a PEM text.
    ///
    /// # Errors
    ///
    /// `PEM: NO_START_LINE` when there is none, `PEM: BAD_PASSWORD_READ` for an encrypted key without a password,
    /// `EVP: BAD_DECRYPT` for a wrong one, `EVP: DECODE_ERROR` for a damaged key.
    pub fn from_pem(text: &[u8], password: Option<&mut PasswordSource<'_>>) -> Result<Self> {
        let block = pem::blocks(text)?
            .into_iter()
            .find(|block| block.label.ends_with("PRIVATE KEY"))
            .ok_or_else(|| Error::material(reasons::NO_START_LINE, "there is no private key"))?;
        let contents = decrypted(&block, password)?;
        let signing = match block.label.as_str() {
            "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => SigningKey::from_pkcs8(&contents),
            "RSA PRIVATE KEY" => SigningKey::from_pkcs1(&contents),
            "EC PRIVATE KEY" => SigningKey::from_sec1(&contents),
            other => {
                return Err(Error::Unsupported(format!("keys of the kind '{other}' are not supported")));
            }
        };
        Ok(Self { signing: signing? })
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

/// The block's contents in clear; the password is asked for only when it is needed.
fn decrypted(block: &Block, password: Option<&mut PasswordSource<'_>>) -> Result<Zeroizing<Vec<u8>>> {
    let wrong = || Error::material(reasons::BAD_DECRYPT, "PEM lib: wrong password");
    let dek_info = block.headers.iter().find(|(name, _)| name == "DEK-Info");
    let info = if let Some((_, header)) = dek_info {
        let info = DekInfo::read(header)?;
        return info.decrypt(&ask(password)?, &block.contents).ok_or_else(wrong);
    } else if block.label == "ENCRYPTED PRIVATE KEY" {
        EncryptedPrivateKeyInfoRef::try_from(block.contents.as_slice())
            .map_err(|_| Error::material(reasons::DECODE_ERROR, "PEM lib: the encrypted key is damaged"))?
    } else {
        return Ok(block.contents.clone());
    };
    let password = ask(password)?;
    match &info.encryption_algorithm {
        EncryptionScheme::Pbes1(algorithm) => {
            decrypt_pbes1(algorithm, &password, info.encrypted_data.as_bytes()).ok_or_else(wrong)
        }
        _ => info.decrypt(&*password).map(|document| document.to_bytes()).map_err(|_| wrong()),
    }
}

fn ask(password: Option<&mut PasswordSource<'_>>) -> Result<Zeroizing<Vec<u8>>> {
    match password {
        Some(source) => source(),
        None => {
            Err(Error::material(reasons::BAD_PASSWORD_READ, "the key is encrypted and there is no password"))
        }
    }
}
