//! Records of TLS 1.3 on a path of our own: data is sealed from the caller's bytes straight into the output, and opened
//! from the input straight into the caller's buffer; every other record that comes in is opened here too.
//!
//! rustls keeps the state machine. Its AEAD is a thin wrapper of ours that leaves each new key, with the count of its
//! records, where both can use it: one key, one count, whoever seals. What comes in is opened before rustls sees it
//! (`incoming.rs`), so its decrypter only hands through what it is given.
//!
//! Relies on, and a test of the connection's fails when a rustls release changes it: rustls makes an encrypter or
//! decrypter for each new traffic key on the thread and inside the call that processes a record; the last one made for
//! a direction is the one in use; its own sequence numbers are not needed.
//!
//! What rustls no longer sees is kept here: the limit of records under one key ([`RECORDS_PER_KEY`]), and the sizes
//! of records.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::aead::{
    AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};
use rustls::crypto::CipherSuiteCommon;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, MessageDecrypter, MessageEncrypter,
    OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload, Tls13AeadAlgorithm,
    UnsupportedOperationError, make_tls13_aad,
};
use rustls::{
    CipherSuite, ConnectionTrafficSecrets, ContentType, ProtocolVersion, SupportedCipherSuite,
    Tls13CipherSuite,
};
use zeroize::Zeroizing;

use crate::engine::hooks::handshake_log::HandshakeLog;
use crate::engine::hooks::{callback_scope, patched_transcript_hash, tls12_aead};
use crate::engine::resumption::ticket_nonce;
use crate::error::Failure;
use crate::openssl_names::alerts::{BAD_RECORD_MAC, RECORD_OVERFLOW};
use crate::openssl_names::reasons::{
    DATA_LENGTH_TOO_LONG, DECRYPTION_FAILED_OR_BAD_RECORD_MAC, ENCRYPTED_LENGTH_TOO_LONG,
};
use crate::wire::record::{APPLICATION_DATA, HANDSHAKE, HEADER, MAX_DATA, MAX_PROTECTED_TLS13};

/// Records under one key before it is changed. RFC 8446 section 5.5 allows AES-GCM 2^24.5; we stop at half
/// of what rustls allows itself (2^24), so that a few records of rustls' own never matter.
const RECORDS_PER_KEY: u64 = if cfg!(test) { 50 } else { 1 << 23 };
const TAG: usize = 16;

/// One direction's key and how many records it has seen.
pub(crate) struct Direction {
    key: LessSafeKey,
    iv: Zeroizing<[u8; 12]>,
    sequence: u64,
    /// Data has been opened since somebody asked last.
    had_data: bool,
}

/// A direction, shared between rustls' wrapper and our own path.
#[derive(Clone)]
pub(crate) struct TrafficKey(Arc<Mutex<Direction>>);

impl TrafficKey {
    fn new(algorithm: &'static Algorithm, key: &AeadKey, iv: &Iv) -> Self {
        // rustls hands out keys of the length that the algorithm asked for.
        let key = UnboundKey::new(algorithm, key.as_ref()).expect("a key of the algorithm's length");
        let mut nonce = Zeroizing::new([0; 12]);
        nonce.copy_from_slice(iv.as_ref());
        Self(Arc::new(Mutex::new(Direction {
            key: LessSafeKey::new(key),
            iv: nonce,
            sequence: 0,
            had_data: false,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Direction> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Seals contents of this type.
    pub(crate) fn seal_as(
        &self,
        content_type: u8,
        data: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<(), rustls::Error> {
        let mut direction = self.lock();
        output.reserve(data.len() + data.len().div_ceil(MAX_DATA) * (HEADER + 1 + TAG));
        for piece in data.chunks(MAX_DATA) {
            let aad = make_tls13_aad(piece.len() + 1 + TAG);
            let start = output.len();
            output.extend_from_slice(&aad);
            output.resize(start + HEADER + piece.len() + 1 + TAG, 0);
            let (body, tail) = output[start + HEADER..].split_at_mut(piece.len());
            let nonce = direction.nonce();
            if direction
                .key
                .seal_out_of_place_scatter(nonce, Aad::from(aad), piece, body, &[content_type], tail)
                .is_err()
            {
                output.truncate(start);
                return Err(rustls::Error::EncryptError);
            }
            direction.sequence += 1;
        }
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
        let mut direction = self.lock();
        // The header as it came is part of what is authenticated (RFC 8446 section 5.2).
        direction
            .key
            .open_separate_gather(direction.nonce(), Aad::from(header), text, tag, &mut contents)
            .map_err(|_| not_ours())?;
        direction.sequence += 1;
        // RFC 8446 section 5.4: contents, type and padding together.
        if contents.len() > MAX_DATA + 1 {
            return Err(Failure::new(RECORD_OVERFLOW, DATA_LENGTH_TOO_LONG, ""));
        }
        let end = contents.iter().rposition(|&byte| byte != 0);
        let end = end.ok_or_else(|| Failure::unexpected("a record that says nothing of its type"))?;
        let content_type = contents[end];
        contents.truncate(end);
        direction.had_data |= content_type == APPLICATION_DATA && end > 0;
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
        let mut direction = self.lock();
        let nonce = direction.nonce();
        direction.key.open_separate_gather(nonce, Aad::from(header), text, tag, buffer).ok()?;
        // Behind the data: its type, then any number of zeros (RFC 8446 section 5.4).
        let end = buffer.iter().rposition(|&byte| byte != 0);
        match end {
            Some(end @ 1..) if buffer[end] == APPLICATION_DATA => {
                direction.sequence += 1;
                direction.had_data = true;
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

impl Direction {
    /// RFC 8446 section 5.3: the count, exclusive-or the IV.
    fn nonce(&self) -> Nonce {
        let mut nonce = *self.iv;
        for (place, byte) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *place ^= byte;
        }
        Nonce::assume_unique_for_key(nonce)
    }
}

/// The AEAD of a suite, watched.
struct WatchedAead(&'static Algorithm);

impl Tls13AeadAlgorithm for WatchedAead {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        let direction = TrafficKey::new(self.0, &key, &iv);
        callback_scope::with(|scope| {
            scope.sealing = Some(direction.clone());
            scope.sealing_key_count += 1;
        });
        Box::new(direction)
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        let direction = TrafficKey::new(self.0, &key, &iv);
        callback_scope::with(|scope| {
            scope.opening = Some(direction.clone());
            scope.opening_key_count += 1;
        });
        Box::new(AlreadyOpened)
    }

    fn key_len(&self) -> usize {
        self.0.key_len()
    }

    fn extract_keys(&self, _: AeadKey, _: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

impl MessageEncrypter for TrafficKey {
    fn encrypt(
        &mut self,
        message: OutboundPlainMessage<'_>,
        _sequence: u64,
    ) -> Result<OutboundOpaqueMessage, rustls::Error> {
        let content_type = u8::from(message.typ);
        if HandshakeLog::wants(content_type) {
            let contents = message.payload.to_vec();
            if let Some(instead) = left_to_us(content_type, &contents) {
                return Ok(instead);
            }
            if content_type == HANDSHAKE && ticket_nonce::hold(&contents) {
                return Ok(placeholder(ContentType::Handshake, &[]));
            }
            callback_scope::with(|scope| scope.handshake_log.sealing(content_type, contents));
        }
        let mut direction = self.lock();
        let length = self.encrypted_payload_len(message.payload.len());
        let mut payload = PrefixedPayload::with_capacity(length);
        payload.extend_from_chunks(&message.payload);
        payload.extend_from_slice(&[message.typ.into()]);
        let nonce = direction.nonce();
        direction
            .key
            .seal_in_place_append_tag(nonce, Aad::from(make_tls13_aad(length)), &mut payload)
            .map_err(|_| rustls::Error::EncryptError)?;
        direction.sequence += 1;
        // Every protected record looks like data of TLS 1.2 (RFC 8446 section 5.2).
        Ok(OutboundOpaqueMessage::new(ContentType::ApplicationData, ProtocolVersion::TLSv1_2, payload))
    }

    fn encrypted_payload_len(&self, length: usize) -> usize {
        length + 1 + TAG
    }
}

/// A record in clear text in place of one that rustls wants sealed. None of these is sent: they are taken out of
/// rustls' output (`outgoing.rs`), and what they stand for is said by us.
fn placeholder(content_type: ContentType, contents: &[u8]) -> OutboundOpaqueMessage {
    let mut payload = PrefixedPayload::with_capacity(contents.len());
    payload.extend_from_slice(contents);
    OutboundOpaqueMessage::new(content_type, ProtocolVersion::TLSv1_2, payload)
}

/// The placeholder for an alert that is ours to choose: a fatal one, and any while rustls is muted.
pub(crate) fn left_to_us(content_type: u8, contents: &[u8]) -> Option<OutboundOpaqueMessage> {
    match (ContentType::from(content_type), contents) {
        (ContentType::Alert, [2, _]) => Some(placeholder(ContentType::Alert, contents)),
        (ContentType::Alert, _) if callback_scope::with(|scope| scope.is_muted) == Some(true) => {
            Some(placeholder(ContentType::Alert, &[]))
        }
        _ => None,
    }
}

/// rustls' decrypter: what it is given was opened before.
struct AlreadyOpened;

impl MessageDecrypter for AlreadyOpened {
    fn decrypt<'a>(
        &mut self,
        message: InboundOpaqueMessage<'a>,
        _sequence: u64,
    ) -> Result<InboundPlainMessage<'a>, rustls::Error> {
        message.into_tls13_unpadded_message()
    }
}

/// The suite with its AEAD watched. Meant to be called once per process and
/// suite: rustls wants suites that live for ever.
pub(crate) fn watched(suite: SupportedCipherSuite) -> SupportedCipherSuite {
    let tls13 = match suite {
        SupportedCipherSuite::Tls13(tls13) => tls13,
        SupportedCipherSuite::Tls12(tls12) => {
            return SupportedCipherSuite::Tls12(tls12_aead::watched(tls12));
        }
    };
    let algorithm = match tls13.common.suite {
        CipherSuite::TLS13_AES_128_GCM_SHA256 => &AES_128_GCM,
        CipherSuite::TLS13_AES_256_GCM_SHA384 => &AES_256_GCM,
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => &CHACHA20_POLY1305,
        _ => return suite,
    };
    SupportedCipherSuite::Tls13(Box::leak(Box::new(Tls13CipherSuite {
        common: CipherSuiteCommon {
            suite: tls13.common.suite,
            hash_provider: patched_transcript_hash::watched(tls13.common.hash_provider),
            confidentiality_limit: tls13.common.confidentiality_limit,
        },
        hkdf_provider: ticket_nonce::watched(tls13.hkdf_provider),
        aead_alg: Box::leak(Box::new(WatchedAead(algorithm))),
        quic: None,
    })))
}
