//! The keys of TLS 1.2: traffic keys of our own for AEADs, and for anything else (CBC) an encrypter or decrypter as rustls
//! has them, with the count of records beside it.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use rustls::Error;
use rustls::crypto::cipher::{
    InboundOpaqueMessage, MessageDecrypter, MessageEncrypter, OutboundChunks, OutboundOpaqueMessage,
    OutboundPlainMessage,
};
use zeroize::Zeroizing;

use super::traffic_key::TrafficKey;
use crate::byte_queue::ByteQueue;
use crate::error::Failure;
use crate::openssl_names::alerts::{BAD_RECORD_MAC, RECORD_OVERFLOW};
use crate::openssl_names::reasons::{DATA_LENGTH_TOO_LONG, DECRYPTION_FAILED_OR_BAD_RECORD_MAC};
use crate::sync::lock;
use crate::wire::record::{APPLICATION_DATA, HEADER, MAX_DATA};

/// The key that this side seals with, and how many records it has sealed.
#[derive(Clone)]
pub(crate) enum Tls12SealingKey {
    Aead(TrafficKey),
    Other(Arc<Mutex<Counted>>),
}

/// An encrypter, and how many records it has sealed.
pub(crate) struct Counted {
    encrypter: Box<dyn MessageEncrypter>,
    sequence: u64,
}

impl Counted {
    fn seal(&mut self, message: OutboundPlainMessage<'_>) -> Result<OutboundOpaqueMessage, Error> {
        let sealed = self.encrypter.encrypt(message, self.sequence)?;
        // 2^64 records do not happen; if they did, no nonce may come twice.
        self.sequence = self.sequence.checked_add(1).ok_or(Error::EncryptError)?;
        Ok(sealed)
    }
}

impl Tls12SealingKey {
    /// The key behind an encrypter.
    pub(super) fn other(encrypter: Box<dyn MessageEncrypter>) -> Self {
        Self::Other(Arc::new(Mutex::new(Counted { encrypter, sequence: 0 })))
    }

    /// How long the body of a record with this many bytes of contents is.
    pub(super) fn sealed_length(&self, length: usize) -> usize {
        match self {
            Self::Aead(key) => key.sealed_length(length),
            Self::Other(counted) => lock(counted).encrypter.encrypted_payload_len(length),
        }
    }

    /// Seals a record of rustls' own.
    pub(super) fn seal_message(
        &self,
        message: OutboundPlainMessage<'_>,
    ) -> Result<OutboundOpaqueMessage, Error> {
        match self {
            Self::Aead(key) => {
                let payload = key.seal_message(&message)?;
                Ok(OutboundOpaqueMessage::new(message.typ, message.version, payload))
            }
            Self::Other(counted) => lock(counted).seal(message),
        }
    }

    /// Seals `data` as records at the end of `output`; when it fails, none of them are there.
    pub(crate) fn seal(&self, data: &[u8], output: &mut ByteQueue) -> Result<(), Error> {
        if let Self::Aead(key) = self {
            return key.seal(data, output);
        }
        let mut records = Vec::new();
        self.seal_as(APPLICATION_DATA, data, &mut records)?;
        output.extend(&records);
        Ok(())
    }

    /// Seals contents of this type, a few, as records at the end of `output`.
    pub(crate) fn seal_as(&self, content_type: u8, data: &[u8], output: &mut Vec<u8>) -> Result<(), Error> {
        let counted = match self {
            Self::Aead(key) => return key.seal_as(content_type, data, output),
            Self::Other(counted) => counted,
        };
        let mut counted = lock(counted);
        for piece in data.chunks(MAX_DATA) {
            let message = OutboundPlainMessage {
                typ: content_type.into(),
                version: rustls::ProtocolVersion::TLSv1_2,
                payload: OutboundChunks::Single(piece),
            };
            output.append(&mut counted.seal(message)?.encode());
        }
        Ok(())
    }
}

/// The key that the peer seals with, and how many of its records were opened.
pub(crate) enum Tls12OpeningKey {
    Aead(TrafficKey),
    Other { decrypter: Box<dyn MessageDecrypter>, sequence: u64 },
}

impl Tls12OpeningKey {
    /// The key behind a decrypter.
    pub(super) fn other(decrypter: Box<dyn MessageDecrypter>) -> Self {
        Self::Other { decrypter, sequence: 0 }
    }

    /// The key that can open data without the engine.
    pub(crate) const fn traffic_key(&self) -> Option<&TrafficKey> {
        match self {
            Self::Aead(key) => Some(key),
            Self::Other { .. } => None,
        }
    }

    /// The contents of a whole record.
    pub(crate) fn open(&mut self, record: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
        match self {
            Self::Aead(key) => key.open_any(record).map(|(_, contents)| contents),
            Self::Other { decrypter, sequence } => {
                let mut record = Zeroizing::new(record.to_vec());
                let place = open_in_place(&mut **decrypter, *sequence, &mut record)?;
                *sequence += 1;
                record.truncate(place.end);
                record.drain(..place.start);
                Ok(record)
            }
        }
    }
}

/// Opens a whole record where it lies. Returns where in it the contents are.
fn open_in_place(
    decrypter: &mut dyn MessageDecrypter,
    sequence: u64,
    record: &mut [u8],
) -> Result<Range<usize>, Failure> {
    let not_ours = || Failure::new(BAD_RECORD_MAC, DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "");
    let start = record.as_ptr().addr();
    let (&mut [content_type, major, minor, ..], body) =
        record.split_first_chunk_mut::<HEADER>().ok_or_else(not_ours)?;
    let message =
        InboundOpaqueMessage::new(content_type.into(), u16::from_be_bytes([major, minor]).into(), body);
    let plain = decrypter.decrypt(message, sequence).map_err(|error| match error {
        Error::PeerSentOversizedRecord => Failure::new(RECORD_OVERFLOW, DATA_LENGTH_TOO_LONG, ""),
        _ => not_ours(),
    })?;
    if plain.payload.len() > MAX_DATA {
        return Err(Failure::new(RECORD_OVERFLOW, DATA_LENGTH_TOO_LONG, ""));
    }
    let offset = plain.payload.as_ptr().addr() - start;
    Ok(offset..offset + plain.payload.len())
}
