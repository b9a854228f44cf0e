//! The traffic key of TLS 1.3 (RFC 8446 section 7.3) and the count of its records: one key, one count, whoever seals.
//!
//! Data is sealed from the caller's bytes straight into the output, and opened from the input straight into the caller's
//! buffer. What rustls no longer sees is kept here: the limit of records under one key ([`RECORDS_PER_KEY`]), and the
//! sizes of records.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::aead::{Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use rustls::crypto::cipher::{AeadKey, Iv, PrefixedPayload, make_tls13_aad};
use zeroize::Zeroizing;

use crate::error::Failure;
use crate::openssl_names::alerts::{BAD_RECORD_MAC, RECORD_OVERFLOW};
use crate::openssl_names::reasons::{
    DATA_LENGTH_TOO_LONG, DECRYPTION_FAILED_OR_BAD_RECORD_MAC, ENCRYPTED_LENGTH_TOO_LONG,
};
use crate::sync;
use crate::wire::record::{APPLICATION_DATA, HEADER, MAX_DATA, MAX_PROTECTED_TLS13};

/// Records under one key before it is changed. RFC 8446 section 5.5 allows AES-GCM 2^24.5; we stop at half
/// of what rustls allows itself (2^24), so that a few records of rustls' own never matter.
const RECORDS_PER_KEY: u64 = if cfg!(test) { 50 } else { 1 << 23 };
/// Bytes of the tag of every AEAD of TLS 1.3.
pub(super) const TAG: usize = 16;

/// A key and how many records it has seen.
struct State {
    key: LessSafeKey,
    iv: Zeroizing<[u8; 12]>,
    sequence: u64,
    /// Data has been opened since somebody asked last.
    had_data: bool,
}

/// The key of one direction (RFC 8446 section 7.3), shared between rustls' wrapper and our own path.
#[derive(Clone)]
pub(crate) struct TrafficKey(Arc<Mutex<State>>);

impl TrafficKey {
    pub(super) fn new(algorithm: &'static Algorithm, key: &AeadKey, iv: &Iv) -> Self {
        // rustls hands out keys of the length that the algorithm asked for.
        let key = UnboundKey::new(algorithm, key.as_ref()).expect("a key of the algorithm's length");
        let mut nonce = Zeroizing::new([0; 12]);
        nonce.copy_from_slice(iv.as_ref());
        Self(Arc::new(Mutex::new(State {
            key: LessSafeKey::new(key),
            iv: nonce,
            sequence: 0,
            had_data: false,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.0)
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether the key has sealed enough.
    pub(crate) fn is_worn_out(&self) -> bool {
        self.lock().sequence >= RECORDS_PER_KEY
    }

    /// Seals `data` as records at the end of `output`.
    pub(crate) fn seal(&self, data: &[u8], output: &mut Vec<u8>) -> Result<(), rustls::Error> {
        self.seal_as(APPLICATION_DATA, data, output)
    }

    /// Seals contents of this type as records at the end of `output`.
    pub(crate) fn seal_as(
        &self,
        content_type: u8,
        data: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), rustls::Error> {
        let mut state = self.lock();
        output.reserve(data.len() + data.len().div_ceil(MAX_DATA) * (HEADER + 1 + TAG));
        for piece in data.chunks(MAX_DATA) {
            let aad = make_tls13_aad(piece.len() + 1 + TAG);
            let start = output.len();
            output.extend_from_slice(&aad);
            output.resize(start + HEADER + piece.len() + 1 + TAG, 0);
            let (body, tail) = output[start + HEADER..].split_at_mut(piece.len());
            let nonce = state.nonce();
            if state
                .key
                .seal_out_of_place_scatter(nonce, Aad::from(aad), piece, body, &[content_type], tail)
                .is_err()
            {
                output.truncate(start);
                return Err(rustls::Error::EncryptError);
            }
            state.sequence += 1;
        }
        Ok(())
    }

    /// Seals contents with their type behind them, where they lie.
    pub(super) fn seal_in_place(&self, payload: &mut PrefixedPayload) -> Result<(), rustls::Error> {
        let mut state = self.lock();
        let aad = make_tls13_aad(payload.as_ref().len() + TAG);
        let nonce = state.nonce();
        state
            .key
            .seal_in_place_append_tag(nonce, Aad::from(aad), payload)
            .map_err(|_| rustls::Error::EncryptError)?;
        state.sequence += 1;
        Ok(())
    }

    /// Opens a record of any kind: its content type and contents. A record that does not open leaves the count as it was.
    pub(crate) fn open_any(&self, record: &[u8]) -> Result<(u8, Zeroizing<Vec<u8>>), Failure> {
        let not_ours = || Failure::new(BAD_RECORD_MAC, DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "");
        let (header, body) = record.split_at_checked(HEADER).ok_or_else(not_ours)?;
        if body.len() > MAX_PROTECTED_TLS13 {
            return Err(Failure::new(RECORD_OVERFLOW, ENCRYPTED_LENGTH_TOO_LONG, ""));
        }
        let (text, tag) = body
            .len()
            .checked_sub(TAG)
            .and_then(|length| body.split_at_checked(length))
            .ok_or_else(not_ours)?;
        let mut contents = Zeroizing::new(vec![0; text.len()]);
        let mut state = self.lock();
        // The header as it came is part of what is authenticated (RFC 8446 section 5.2).
        state
            .key
            .open_separate_gather(state.nonce(), Aad::from(header), text, tag, &mut contents)
            .map_err(|_| not_ours())?;
        state.sequence += 1;
        // RFC 8446 section 5.4: contents, type and padding together.
        if contents.len() > MAX_DATA + 1 {
            return Err(Failure::new(RECORD_OVERFLOW, DATA_LENGTH_TOO_LONG, ""));
        }
        let end = contents.iter().rposition(|&byte| byte != 0);
        let end = end.ok_or_else(|| Failure::unexpected("a record that says nothing of its type"))?;
        let content_type = contents[end];
        contents.truncate(end);
        state.had_data |= content_type == APPLICATION_DATA && end > 0;
        Ok((content_type, contents))
    }

    /// Whether data has been opened since this was asked last.
    pub(crate) fn take_had_data(&self) -> bool {
        std::mem::take(&mut self.lock().had_data)
    }

    /// Opens a whole record of data into `buffer`, which must have room for its body without the tag. `None`, with the
    /// count as it was and nothing left in `buffer`, when it is anything else, empty, oversized or damaged.
    pub(crate) fn open(&self, record: &[u8], buffer: &mut [u8]) -> Option<usize> {
        let (header, body) = record.split_at_checked(HEADER)?;
        let (text, tag) = body.split_at_checked(body.len().checked_sub(TAG)?)?;
        let buffer = buffer.get_mut(..text.len()).filter(|buffer| buffer.len() <= MAX_DATA + 1)?;
        let mut state = self.lock();
        let nonce = state.nonce();
        state.key.open_separate_gather(nonce, Aad::from(header), text, tag, buffer).ok()?;
        // Behind the data: its type, then any number of zeros (RFC 8446 section 5.4).
        let end = buffer.iter().rposition(|&byte| byte != 0);
        match end {
            Some(end @ 1..) if buffer[end] == APPLICATION_DATA => {
                state.sequence += 1;
                state.had_data = true;
                Some(end)
            }
            _ => {
                // Handshake messages may be secrets, and the buffer is the caller's.
                buffer.fill(0);
                None
            }
        }
    }
}

/// The room that [`TrafficKey::open`] needs for a record.
pub(crate) const fn room_for(record: &[u8]) -> usize {
    record.len().saturating_sub(HEADER + TAG)
}

impl State {
    /// RFC 8446 section 5.3: the count, exclusive-or the IV.
    fn nonce(&self) -> Nonce {
        let mut nonce = *self.iv;
        for (place, byte) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *place ^= byte;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}
