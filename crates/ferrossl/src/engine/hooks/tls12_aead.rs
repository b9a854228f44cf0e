//! Records of TLS 1.2: rustls' AEADs, with the count of records beside them, where our own path can use both.
//!
//! As in TLS 1.3 (`tls13_aead.rs`), data does not pass through rustls' state machine: its own count would end the connection
//! at 2^24 records of AES-GCM, where TLS 1.2 has no limit. What comes in is opened before rustls sees it (`incoming.rs`).
//!
//! Relies on, and a test of the connection's fails when a rustls release changes it: rustls makes one encrypter and one
//! decrypter for each handshake, inside the call that processes a record, and uses them from change_cipher_spec on.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::crypto::CipherSuiteCommon;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, KeyBlockShape, MessageDecrypter, MessageEncrypter,
    OutboundChunks, OutboundOpaqueMessage, OutboundPlainMessage, Tls12AeadAlgorithm,
    UnsupportedOperationError,
};
use rustls::{ConnectionTrafficSecrets, Error, Tls12CipherSuite};

use crate::engine::hooks::handshake_log::HandshakeLog;
use crate::engine::hooks::tls13_aead::left_to_us;
use crate::engine::hooks::{callback_scope, patched_transcript_hash};
use crate::error::Failure;
use crate::openssl_names::alerts::{BAD_RECORD_MAC, RECORD_OVERFLOW};
use crate::openssl_names::reasons::{DATA_LENGTH_TOO_LONG, DECRYPTION_FAILED_OR_BAD_RECORD_MAC};
use crate::wire::record::{HEADER, MAX_DATA};

struct Watched(&'static dyn Tls12AeadAlgorithm);

impl Tls12AeadAlgorithm for Watched {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        let sealing = Sealing(Arc::new(Mutex::new((self.0.encrypter(key, iv, extra), 0))));
        callback_scope::with(|scope| scope.tls12_sealing = Some(sealing.clone()));
        Box::new(sealing)
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        let opening = Opening { decrypter: self.0.decrypter(key, iv), sequence: 0 };
        callback_scope::with(|scope| scope.tls12_opening = Some(opening));
        Box::new(AlreadyOpened)
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.0.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.0.extract_keys(key, iv, explicit)
    }
}

/// The key that this side seals with, and how many records it has sealed.
#[derive(Clone)]
pub(crate) struct Sealing(Arc<Mutex<(Box<dyn MessageEncrypter>, u64)>>);

impl Sealing {
    fn lock(&self) -> MutexGuard<'_, (Box<dyn MessageEncrypter>, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, message: OutboundPlainMessage<'_>) -> Result<OutboundOpaqueMessage, Error> {
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

impl MessageEncrypter for Sealing {
    fn encrypt(
        &mut self,
        message: OutboundPlainMessage<'_>,
        _sequence: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        let content_type = u8::from(message.typ);
        if HandshakeLog::wants(content_type) {
            let contents = message.payload.to_vec();
            if let Some(instead) = left_to_us(content_type, &contents) {
                return Ok(instead);
            }
            callback_scope::with(|scope| scope.handshake_log.sealing(content_type, contents));
        }
        self.next(message)
    }

    fn encrypted_payload_len(&self, length: usize) -> usize {
        self.lock().0.encrypted_payload_len(length)
    }
}

/// The key that the peer seals with, and how many of its records were opened.
pub(crate) struct Opening {
    decrypter: Box<dyn MessageDecrypter>,
    sequence: u64,
}

impl Opening {
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

/// rustls' decrypter: what it is given was opened before.
struct AlreadyOpened;

impl MessageDecrypter for AlreadyOpened {
    fn decrypt<'a>(
        &mut self,
        message: InboundOpaqueMessage<'a>,
        _sequence: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        Ok(message.into_plain_message())
    }
}

/// The suite with its AEAD watched. rustls wants suites that live for ever.
pub(crate) fn watched(suite: &'static Tls12CipherSuite) -> &'static Tls12CipherSuite {
    Box::leak(Box::new(Tls12CipherSuite {
        common: CipherSuiteCommon {
            suite: suite.common.suite,
            hash_provider: patched_transcript_hash::watched(suite.common.hash_provider),
            // rustls would close the connection there, in silence. Its nonces are counts here, and come never twice.
            confidentiality_limit: u64::MAX,
        },
        prf_provider: suite.prf_provider,
        kx: suite.kx,
        sign: suite.sign,
        aead_alg: Box::leak(Box::new(Watched(suite.aead_alg))),
    }))
}
