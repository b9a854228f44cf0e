//! Private keys: PKCS #1, SEC 1 and PKCS #8, the latter encrypted too (PBES2).

use std::fmt;

use pkcs8::EncryptedPrivateKeyInfoRef;
use zeroize::Zeroizing;

use super::PasswordSource;
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
        if block.headers.iter().any(|(name, _)| name == "DEK-Info") {
            return Err(Error::Unsupported(
                "keys in the traditional encrypted PEM format (DEK-Info) are not supported yet; \
                 'openssl pkcs8 -topk8' converts them"
                    .into(),
            ));
        }
        let signing = match block.label.as_str() {
            "PRIVATE KEY" => SigningKey::from_pkcs8(&block.contents),
            "RSA PRIVATE KEY" => SigningKey::from_pkcs1(&block.contents),
            "EC PRIVATE KEY" => SigningKey::from_sec1(&block.contents),
            "ENCRYPTED PRIVATE KEY" => SigningKey::from_pkcs8(&decrypt(&block, password)?),
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

fn decrypt(block: &Block, password: Option<&mut PasswordSource<'_>>) -> Result<Zeroizing<Vec<u8>>> {
    let info = EncryptedPrivateKeyInfoRef::try_from(block.contents.as_slice())
        .map_err(|_| Error::material(reasons::DECODE_ERROR, "PEM lib: the encrypted key is damaged"))?;
    let Some(source) = password else {
        return Err(Error::material(
            reasons::BAD_PASSWORD_READ,
            "the key is encrypted and there is no password",
        ));
    };
    let password = source()?;
    let document = info.decrypt(&*password).map_err(|_| {
        Error::material(
            reasons::BAD_DECRYPT,
            "PEM lib: wrong password, or an encryption that is not supported",
        )
    })?;
    Ok(document.to_bytes())
}
