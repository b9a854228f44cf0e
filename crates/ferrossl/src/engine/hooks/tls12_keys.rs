//! The keys of TLS 1.2: rustls' own encrypters and decrypters, with the count of records beside them, where our own path
//! can use both.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use rustls::Error;
use rustls::crypto::cipher::{
    InboundOpaqueMessage, MessageDecrypter, MessageEncrypter, OutboundChunks, OutboundOpaqueMessage,
    OutboundPlainMessage,
};

use crate::error::Failure;
use crate::openssl_names::alerts::{BAD_RECORD_MAC, RECORD_OVERFLOW};
use crate::openssl_names::reasons::{DATA_LENGTH_TOO_LONG, DECRYPTION_FAILED_OR_BAD_RECORD_MAC};
use crate::sync;
use crate::wire::record::{HEADER, MAX_DATA};

/// The key that this side seals with, and how many records it has sealed.
#[derive(Clone)]
pub(crate) struct Tls12SealingKey(Arc<Mutex<(Box<dyn MessageEncrypter>, u64)>>);

impl Tls12SealingKey {
    fn lock(&self) -> MutexGuard<'_, (Box<dyn MessageEncrypter>, u64)> {
        sync::lock(&self.0)
    }

    /// The key behind an encrypter of rustls'.
    pub(super) fn new(encrypter: Box<dyn MessageEncrypter>) -> Self {
        Self(Arc::new(Mutex::new((encrypter, 0))))
    }

    /// How long the body of a record with this many bytes of contents is.
    pub(super) fn sealed_length(&self, length: usize) -> usize {
        self.lock().0.encrypted_payload_len(length)
    }

    /// Seals one record.
    pub(super) fn next(&self, message: OutboundPlainMessage<'_>) -> Result<OutboundOpaqueMessage, Error> {
        let (encrypter, sequence) = &mut *self.lock();
        let sealed = encrypter.encrypt(message, *sequence)?;
        // 2^64 records do not happen; if they did, no nonce may come twice.
        *sequence = sequence.checked_add(1).ok_or(Error::EncryptError)?;
        Ok(sealed)
    }

    /// Seals contents of this type as records at the end of `output`.
    pub(crate) fn seal_as(&self, content_type: u8, data: &[u8], output: &mut Vec<u8>) -> Result<(), Error> {
        for piece in data.chunks(MAX_DATA) {
            let message = OutboundPlainMessage {
                typ: content_type.into(),
                version: rustls::ProtocolVersion::TLSv1_2,
                payload: OutboundChunks::Single(piece),
            };
            output.append(&mut self.next(message)?.encode());
        }
        Ok(())
    }
}

/// The key that the peer seals with, and how many of its records were opened.
pub(crate) struct Tls12OpeningKey {
    decrypter: Box<dyn MessageDecrypter>,
    sequence: u64,
}

impl Tls12OpeningKey {
    /// The key behind a decrypter of rustls'.
    pub(super) fn new(decrypter: Box<dyn MessageDecrypter>) -> Self {
        Self { decrypter, sequence: 0 }
    }

    /// Opens a whole record where it lies. Returns where in it the contents are.
    pub(crate) fn open(&mut self, record: &mut [u8]) -> Result<Range<usize>, Failure> {
        let not_ours = || Failure::new(BAD_RECORD_MAC, DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "");
        let start = record.as_ptr().addr();
        let (&mut [content_type, major, minor, ..], body) =
            record.split_first_chunk_mut::<HEADER>().ok_or_else(not_ours)?;
        let message =
            InboundOpaqueMessage::new(content_type.into(), u16::from_be_bytes([major, minor]).into(), body);
        let plain = self.decrypter.decrypt(message, self.sequence).map_err(|error| match error {
            Error::PeerSentOversizedRecord => Failure::new(RECORD_OVERFLOW, DATA_LENGTH_TOO_LONG, ""),
            _ => not_ours(),
        })?;
        if plain.payload.len() > MAX_DATA {
            return Err(Failure::new(RECORD_OVERFLOW, DATA_LENGTH_TOO_LONG, ""));
        }
        self.sequence += 1;
        let offset = plain.payload.as_ptr().addr() - start;
        Ok(offset..offset + plain.payload.len())
    }
}
