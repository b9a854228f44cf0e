//! The AEADs of TLS 1.3 as rustls gets them: thin wrappers of ours that leave each new key, with the count of its records,
//! where our own path can use both.
//!
//! rustls keeps the state machine. What comes in is opened before rustls sees it (`incoming.rs`), so its decrypter only hands
//! through what it is given.
//!
//! Relies on, and a test of the connection's fails when a rustls release changes it: rustls makes an encrypter or
//! decrypter for each new traffic key on the thread and inside the call that processes a record; the last one made for
//! a direction is the one in use; its own sequence numbers are not needed.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Algorithm, CHACHA20_POLY1305, NONCE_LEN};
use rustls::crypto::CipherSuiteCommon;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, MessageDecrypter, MessageEncrypter,
    OutboundOpaqueMessage, OutboundPlainMessage, Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls::{CipherSuite, ConnectionTrafficSecrets, ContentType, ProtocolVersion, Tls13CipherSuite};

use super::handshake_log::HandshakeLog;
use super::placeholders::{left_to_us, placeholder};
use super::traffic_key::TrafficKey;
use super::{callback_scope, patched_transcript_hash, ticket_nonce};
use crate::crypto::hkdf;
use crate::wire::record::HANDSHAKE;

/// The AEAD of a suite, hooked.
struct HookedAead(&'static Algorithm);

impl Tls13AeadAlgorithm for HookedAead {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        let key = traffic_key(self.0, &key, &iv);
        callback_scope::with(|scope| {
            scope.keys.sealing = Some(key.clone());
            scope.keys.sealing_key_count += 1;
        });
        Box::new(Encrypter(key))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        let key = traffic_key(self.0, &key, &iv);
        callback_scope::with(|scope| {
            scope.keys.opening = Some(key.clone());
            scope.keys.opening_key_count += 1;
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

fn traffic_key(algorithm: &'static Algorithm, key: &AeadKey, iv: &Iv) -> TrafficKey {
    // As long as every nonce of TLS 1.3 here (RFC 8446 section 5.3).
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(iv.as_ref());
    TrafficKey::tls13(algorithm, key.as_ref(), &nonce)
}

/// rustls' encrypter.
struct Encrypter(TrafficKey);

impl MessageEncrypter for Encrypter {
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
        let payload = self.0.seal_message(&message)?;
        // Every protected record looks like data of TLS 1.2 (RFC 8446 section 5.2).
        Ok(OutboundOpaqueMessage::new(ContentType::ApplicationData, ProtocolVersion::TLSv1_2, payload))
    }

    fn encrypted_payload_len(&self, length: usize) -> usize {
        self.0.sealed_length(length)
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

/// The AEAD of a suite; `None` for one that is not known here.
pub(crate) const fn algorithm(suite: CipherSuite) -> Option<&'static Algorithm> {
    Some(match suite {
        CipherSuite::TLS13_AES_128_GCM_SHA256 => &AES_128_GCM,
        CipherSuite::TLS13_AES_256_GCM_SHA384 => &AES_256_GCM,
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => &CHACHA20_POLY1305,
        _ => return None,
    })
}

/// The suite with its AEAD, its transcript's hash and its ticket keys hooked; `None` for one whose AEAD is not known here.
/// Meant to be called once per process and suite: rustls wants suites that live for ever.
pub(crate) fn hooked(suite: &'static Tls13CipherSuite) -> Option<&'static Tls13CipherSuite> {
    let algorithm = algorithm(suite.common.suite)?;
    let hkdf = hkdf::prepared(suite.common.hash_provider.algorithm()).unwrap_or(suite.hkdf_provider);
    Some(Box::leak(Box::new(Tls13CipherSuite {
        common: CipherSuiteCommon {
            suite: suite.common.suite,
            hash_provider: patched_transcript_hash::hooked(suite.common.hash_provider),
            confidentiality_limit: suite.common.confidentiality_limit,
        },
        hkdf_provider: ticket_nonce::hooked(hkdf),
        aead_alg: Box::leak(Box::new(HookedAead(algorithm))),
        quic: None,
    })))
}
