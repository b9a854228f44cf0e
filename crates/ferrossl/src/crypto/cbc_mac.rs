//! HMAC over a secret number of bytes in constant time, for records whose padding hides how long they are.
//!
//! An attacker who can tell from the time how long the data under a MAC was can decrypt records byte by byte
//! (Lucky Thirteen, Al Fardan and Paterson 2013). So every block that could be the last one is hashed, and the
//! state behind the one that is gets picked without a branch.

use subtle::{ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};
use zeroize::Zeroizing;

/// Bytes of a block of SHA-1 and SHA-256.
const BLOCK: usize = 64;
/// The most that the length can differ: a padding of 1 to 256 bytes, or none that makes sense.
const MAX_PADDING: usize = 256;

/// The digest under the MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MacHash {
    Sha1,
    Sha256,
}

impl MacHash {
    /// The MAC's length, and its key's, in bytes.
    pub(crate) const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// FIPS 180-4 section 5.3; SHA-1 uses the first five words.
    const fn initial(self) -> [u32; 8] {
        match self {
            Self::Sha1 => [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0, 0, 0, 0],
            Self::Sha256 => [
                0x6a09_e667,
                0xbb67_ae85,
                0x3c6e_f372,
                0xa54f_f53a,
                0x510e_527f,
                0x9b05_688c,
                0x1f83_d9ab,
                0x5be0_cd19,
            ],
        }
    }

    fn compress(self, state: &mut [u32; 8], block: &[u8; BLOCK]) {
        match self {
            Self::Sha1 => {
                if let Some(state) = state.first_chunk_mut() {
                    sha1::block_api::compress(state, std::slice::from_ref(block));
                }
            }
            Self::Sha256 => sha2::block_api::compress256(state, std::slice::from_ref(block)),
        }
    }

    fn bytes(self, state: &[u32; 8]) -> Vec<u8> {
        let mut bytes: Vec<u8> = state.iter().flat_map(|word| word.to_be_bytes()).collect();
        bytes.truncate(self.length());
        bytes
    }
}

/// The MAC of `header` and the first `length` bytes of `data`. How long both slices are may show; `length`, which is
/// at most [`MAX_PADDING`] below the length of `data`, does not.
pub(crate) fn mac(hash: MacHash, key: &[u8], header: &[u8; 13], data: &[u8], length: usize) -> Vec<u8> {
    // RFC 2104; the keys of these suites are shorter than a block.
    let padded = |byte: u8| {
        let mut block = Zeroizing::new([byte; BLOCK]);
        block.iter_mut().zip(key).for_each(|(place, key)| *place ^= key);
        block
    };
    // The states behind the padded keys are as good as the key.
    let mut inner = Zeroizing::new(hash.initial());
    hash.compress(&mut inner, &padded(0x36));

    let total = (header.len() + length) as u32;
    let most = header.len() + data.len();
    let least = most.saturating_sub(MAX_PADDING).max(header.len());
    let bits = (u64::from(total) + BLOCK as u64) * 8;
    // Behind the message come 0x80 and eight bytes of its length.
    let last = (total + 8) / BLOCK as u32;
    let byte_at = |position: usize| match position.checked_sub(header.len()) {
        None => header[position],
        Some(index) => data.get(index).copied().unwrap_or(0),
    };
    let mut found = [0u32; 8];
    for number in 0..(most + 9).div_ceil(BLOCK) {
        let start = number * BLOCK;
        let mut block = [0; BLOCK];
        block.iter_mut().enumerate().for_each(|(offset, byte)| *byte = byte_at(start + offset));
        let is_last = (number as u32).ct_eq(&last);
        if start + BLOCK > least {
            for (offset, byte) in block.iter_mut().enumerate() {
                let position = (start + offset) as u32;
                *byte = u8::conditional_select(&0, byte, total.ct_gt(&position));
                *byte |= u8::conditional_select(&0, &0x80, total.ct_eq(&position));
            }
            for (place, byte) in block[BLOCK - 8..].iter_mut().zip(bits.to_be_bytes()) {
                *place |= u8::conditional_select(&0, &byte, is_last);
            }
        }
        hash.compress(&mut inner, &block);
        for (found, word) in found.iter_mut().zip(inner.iter()) {
            found.conditional_assign(word, is_last);
        }
    }

    let mut outer = Zeroizing::new(hash.initial());
    hash.compress(&mut outer, &padded(0x5c));
    let digest = hash.bytes(&found);
    let mut block = [0; BLOCK];
    block[..digest.len()].copy_from_slice(&digest);
    block[digest.len()] = 0x80;
    block[BLOCK - 8..].copy_from_slice(&((BLOCK + digest.len()) as u64 * 8).to_be_bytes());
    hash.compress(&mut outer, &block);
    hash.bytes(&outer)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;

    use super::*;

    #[test]
    fn it_is_hmac_for_every_length() {
        let header: [u8; 13] = std::array::from_fn(|index| index as u8);
        for (hash, algorithm) in
            [(MacHash::Sha1, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY), (MacHash::Sha256, hmac::HMAC_SHA256)]
        {
            let key = hmac::Key::new(algorithm, &vec![7; hash.length()]);
            for size in [0, 1, 41, 42, 43, 50, 51, 52, 63, 64, 106, 107, 300, 555, 1000] {
                let data: Vec<u8> = (0..size).map(|index| (index * 7) as u8).collect();
                for length in data.len().saturating_sub(MAX_PADDING)..=data.len() {
                    let mut context = hmac::Context::with_key(&key);
                    context.update(&header);
                    context.update(&data[..length]);
                    let found = mac(hash, &vec![7; hash.length()], &header, &data, length);
                    assert_eq!(found, context.sign().as_ref(), "{hash:?} {length} of {size}");
                }
            }
        }
    }
}
