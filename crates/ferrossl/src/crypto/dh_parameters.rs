//! Parameters for ephemeral Diffie-Hellman over a prime field, as `openssl dhparam` writes them.

use std::fs;
use std::path::Path;

use crate::error::{AtPath, Error, Result};
use crate::openssl_names::reasons;
use crate::pem::{self, Block};
use crate::x509::dh_numbers;

/// The sizes of the prime that are accepted, in bits: below, it can be broken; above, a handshake takes seconds.
const BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// A prime and a generator. That the prime is one is not checked: whoever loads parameters vouches for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DhParameters {
    prime: Vec<u8>,
    generator: Vec<u8>,
}

impl DhParameters {
    /// Reads the first parameters of a PEM text (PKCS #3 or X9.42).
    ///
    /// # Errors
    ///
    /// `PEM: NO_START_LINE` when there are none, the PEM and ASN.1 errors of damaged ones, `SSL: DH_KEY_TOO_SMALL`
    /// below 2048 bits, and `DH: MODULUS_TOO_LARGE` above 8192.
    pub fn from_pem(text: &[u8]) -> Result<Self> {
        let is_wanted =
            |block: &Block| matches!(block.label.as_str(), "DH PARAMETERS" | "X9.42 DH PARAMETERS");
        let mut blocks = pem::read(text).filter(|block| block.as_ref().map_or(true, is_wanted));
        let nothing = || Error::material(reasons::NO_START_LINE, pem::nothing_found("DH parameters", text));
        let block = blocks.next().ok_or_else(nothing)??;
        let damaged = || Error::material(reasons::NESTED_ASN1_ERROR, "the DH parameters are damaged");
        let (prime, generator) = dh_numbers(&block.contents).ok_or_else(damaged)?;
        let bits = prime.len() * 8 - prime.first().map_or(0, |byte| byte.leading_zeros() as usize);
        if bits < *BITS.start() {
            return Err(Error::material(reasons::DH_KEY_TOO_SMALL, format!("the DH prime has {bits} bits")));
        }
        if bits > *BITS.end() {
            return Err(Error::material(reasons::MODULUS_TOO_LARGE, format!("the DH prime has {bits} bits")));
        }
        let is_odd = prime.last().is_some_and(|byte| byte & 1 == 1);
        let is_small = |number: &[u8]| number.is_empty() || number == [1];
        if !is_odd || is_small(&generator) || generator.len() > prime.len() {
            return Err(damaged());
        }
        Ok(Self { prime, generator })
    }

    /// Reads the first parameters of a PEM file.
    ///
    /// # Errors
    ///
    /// [`Error::File`] when it cannot be read, else those of [`Self::from_pem`].
    pub fn from_file(path: &Path) -> Result<Self> {
        Self::from_pem(&fs::read(path).at(path)?).map_err(|error| error.in_file(path))
    }

    /// The prime, big-endian, without leading zeros.
    #[must_use]
    pub fn prime(&self) -> &[u8] {
        &self.prime
    }

    /// The generator, big-endian, without leading zeros.
    #[must_use]
    pub fn generator(&self) -> &[u8] {
        &self.generator
    }
}
