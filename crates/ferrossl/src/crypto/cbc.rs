//! AES-CBC with a MAC before it (RFC 5246 section 6.2.3.2), for the suites that need it: obsolete, and there only
//! when a program asks for one by name. Opening a record takes the same time whatever its padding is.
//!
//! rustls knows AEADs only. Its key block has the order of RFC 5246 section 6.3 (keys of both sides, then IVs of both
//! sides), so MAC keys are taken for its keys, and cipher keys for its IVs. Relies on that, and on MAC keys being
//! at most 32 bytes: a MAC with SHA-384 does not fit.

use aes::{Aes128, Aes256};
use aws_lc_rs::hmac;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, KeyBlockShape, MessageDecrypter, MessageEncrypter,
    OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload, Tls12AeadAlgorithm,
    UnsupportedOperationError,
};
use rustls::{ConnectionTrafficSecrets, Error};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};
use zeroize::Zeroizing;

use super::cbc_mac::{MacHash, mac};
use crate::random;

const BLOCK: usize = 16;

/// A cipher and a MAC.
#[derive(Clone, Copy)]
pub(crate) struct Cbc {
    pub(crate) hash: MacHash,
    /// 16 or 32.
    pub(crate) key_length: usize,
}

struct Direction {
    hash: MacHash,
    mac_key: Zeroizing<Vec<u8>>,
    key: Zeroizing<Vec<u8>>,
}

impl Cbc {
    fn direction(self, mac_key: &AeadKey, key: &[u8]) -> Direction {
        Direction {
            hash: self.hash,
            mac_key: Zeroizing::new(mac_key.as_ref().to_vec()),
            key: Zeroizing::new(key.to_vec()),
        }
    }
}

impl Tls12AeadAlgorithm for Cbc {
    fn encrypter(&self, key: AeadKey, iv: &[u8], _extra: &[u8]) -> Box<dyn MessageEncrypter> {
        Box::new(self.direction(&key, iv))
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        Box::new(self.direction(&key, iv))
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        KeyBlockShape {
            enc_key_len: self.hash.length(),
            fixed_iv_len: self.key_length,
            explicit_nonce_len: 0,
        }
    }

    fn extract_keys(
        &self,
        _: AeadKey,
        _: &[u8],
        _: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

/// What the MAC covers in front of the data (RFC 5246 section 6.2.3.1): count, type, version, length.
fn header(sequence: u64, content_type: u8, length: usize) -> [u8; 13] {
    let mut header = [0; 13];
    header[..8].copy_from_slice(&sequence.to_be_bytes());
    header[8..11].copy_from_slice(&[content_type, 3, 3]);
    header[11..].copy_from_slice(&(length as u16).to_be_bytes());
    header
}

impl MessageEncrypter for Direction {
    fn encrypt(
        &mut self,
        message: OutboundPlainMessage<'_>,
        sequence: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        let mut text = Zeroizing::new(message.payload.to_vec());
        let algorithm = match self.hash {
            MacHash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            MacHash::Sha256 => hmac::HMAC_SHA256,
        };
        let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, &self.mac_key));
        context.update(&header(sequence, message.typ.into(), text.len()));
        context.update(&text);
        text.extend_from_slice(context.sign().as_ref());
        let padding = BLOCK - 1 - text.len() % BLOCK;
        let padded = text.len() + padding + 1;
        text.resize(padded, padding as u8);
        let mut iv = [0; BLOCK];
        random::fill(&mut iv).map_err(|_| Error::FailedToGetRandomBytes)?;
        let done = match self.key.len() {
            16 => cbc::Encryptor::<Aes128>::new_from_slices(&self.key, &iv)
                .map(|cipher| cipher.encrypt_padded::<NoPadding>(&mut text, padded).is_ok()),
            _ => cbc::Encryptor::<Aes256>::new_from_slices(&self.key, &iv)
                .map(|cipher| cipher.encrypt_padded::<NoPadding>(&mut text, padded).is_ok()),
        };
        if done != Ok(true) {
            return Err(Error::EncryptError);
        }
        let mut payload = PrefixedPayload::with_capacity(BLOCK + padded);
        payload.extend_from_slice(&iv);
        payload.extend_from_slice(&text);
        Ok(OutboundOpaqueMessage::new(message.typ, message.version, payload))
    }

    fn encrypted_payload_len(&self, length: usize) -> usize {
        BLOCK + (length + self.hash.length() + 1).next_multiple_of(BLOCK)
    }
}

impl MessageDecrypter for Direction {
    fn decrypt<'a>(
        &mut self,
        mut message: InboundOpaqueMessage<'a>,
        sequence: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let content_type = u8::from(message.typ);
        let (iv, text) = message.payload.split_at_mut_checked(BLOCK).ok_or(Error::DecryptError)?;
        if !text.len().is_multiple_of(BLOCK) || text.len() < self.hash.length() + 1 {
            return Err(Error::DecryptError);
        }
        let done = match self.key.len() {
            16 => cbc::Decryptor::<Aes128>::new_from_slices(&self.key, iv)
                .map(|cipher| cipher.decrypt_padded::<NoPadding>(text).is_ok()),
            _ => cbc::Decryptor::<Aes256>::new_from_slices(&self.key, iv)
                .map(|cipher| cipher.decrypt_padded::<NoPadding>(text).is_ok()),
        };
        if done != Ok(true) {
            return Err(Error::DecryptError);
        }
        let (length, good) = unpadded(text, self.hash.length());
        let covered = &text[..text.len() - self.hash.length()];
        let computed =
            mac(self.hash, &self.mac_key, &header(sequence, content_type, length), covered, length);
        let shown = copied(text, length, self.hash.length());
        // The first branch on anything secret: whether the record is right at all, which the alert tells anyway.
        if !bool::from(good & computed.ct_eq(&shown)) {
            return Err(Error::DecryptError);
        }
        Ok(message.into_plain_message_range(BLOCK..BLOCK + length))
    }
}

/// The length of the data in front of MAC and padding, and whether the padding is right (RFC 5246 section 6.2.3.2: each
/// of its bytes says how many there are besides the last). If not, the record is treated as if it had none.
fn unpadded(text: &[u8], mac: usize) -> (usize, Choice) {
    let size = text.len() as u32;
    let padding = text.last().copied().unwrap_or(0);
    let needed = mac as u32 + u32::from(padding) + 1;
    let mut good = !needed.ct_gt(&size);
    for (index, byte) in text.iter().rev().take(256).enumerate() {
        let is_padding = !(index as u32).ct_gt(&u32::from(padding));
        good &= !is_padding | byte.ct_eq(&padding);
    }
    let removed = u32::conditional_select(&0, &(u32::from(padding) + 1), good);
    ((size - mac as u32 - removed) as usize, good)
}

/// The bytes from `start` on, without showing where that is; it is at most 256 and the MAC before the end.
fn copied(text: &[u8], start: usize, count: usize) -> Vec<u8> {
    let first = text.len().saturating_sub(count + 256);
    let mut copy = vec![0; count];
    for (index, byte) in text.iter().enumerate().skip(first) {
        for (offset, place) in copy.iter_mut().enumerate() {
            let is_it = (index as u32).ct_eq(&((start + offset) as u32));
            *place |= u8::conditional_select(&0, byte, is_it);
        }
    }
    copy
}

#[cfg(test)]
mod tests;
