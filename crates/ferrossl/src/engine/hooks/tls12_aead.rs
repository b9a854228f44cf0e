//! The AEADs of TLS 1.2 as rustls gets them: thin wrappers of ours that leave each new key, with the count of its records,
//! where our own path can use both. What is no AEAD (CBC) goes through the suite's own encrypter and decrypter.
//!
//! As in TLS 1.3 (`tls13_aead.rs`), data does not pass through rustls' state machine: its own count would end the connection
//! at 2^24 records of AES-GCM, where TLS 1.2 has no limit. What comes in is opened before rustls sees it (`incoming.rs`).
//!
//! Relies on, and a test of the connection's fails when a rustls release changes it: rustls makes one encrypter and one
//! decrypter for each handshake, inside the call that processes a record, and uses them from change_cipher_spec on.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Algorithm, CHACHA20_POLY1305};
use rustls::crypto::CipherSuiteCommon;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, KeyBlockShape, MessageDecrypter, MessageEncrypter,
    OutboundOpaqueMessage, OutboundPlainMessage, Tls12AeadAlgorithm, UnsupportedOperationError,
};
use rustls::{CipherSuite, ConnectionTrafficSecrets, Error, Tls12CipherSuite};

use super::handshake_log::HandshakeLog;
use super::placeholders::left_to_us;
use super::tls12_keys::{Tls12OpeningKey, Tls12SealingKey};
use super::traffic_key::TrafficKey;
use super::{callback_scope, patched_transcript_hash};

struct Hooked {
    /// What the suite brings.
    own: &'static dyn Tls12AeadAlgorithm,
    /// The AEAD, if it is one.
    aead: Option<&'static Algorithm>,
}

impl Tls12AeadAlgorithm for Hooked {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        let key = match self.aead {
            Some(algorithm) => Tls12SealingKey::Aead(TrafficKey::tls12(algorithm, &key, iv, extra)),
            None => Tls12SealingKey::other(self.own.encrypter(key, iv, extra)),
        };
        callback_scope::with(|scope| scope.keys.tls12_sealing = Some(key.clone()));
        Box::new(Encrypter(key))
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        let key = match self.aead {
            Some(algorithm) => Tls12OpeningKey::Aead(TrafficKey::tls12(algorithm, &key, iv, &[])),
            None => Tls12OpeningKey::other(self.own.decrypter(key, iv)),
        };
        callback_scope::with(|scope| scope.keys.tls12_opening = Some(key));
        Box::new(AlreadyOpened)
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.own.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.own.extract_keys(key, iv, explicit)
    }
}

/// rustls' encrypter.
struct Encrypter(Tls12SealingKey);

impl MessageEncrypter for Encrypter {
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
        self.0.seal_message(message)
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
    ) -> Result<InboundPlainMessage<'a>, Error> {
        Ok(message.into_plain_message())
    }
}

/// The AEAD of a suite; `None` for one without.
const fn aead_of(suite: CipherSuite) -> Option<&'static Algorithm> {
    match suite {
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
        | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
        | CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 => Some(&AES_128_GCM),
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
        | CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
        | CipherSuite::TLS_DHE_RSA_WITH_AES_256_GCM_SHA384 => Some(&AES_256_GCM),
        CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
        | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
        | CipherSuite::TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => Some(&CHACHA20_POLY1305),
        _ => None,
    }
}

/// The suite with its AEAD hooked. rustls wants suites that live for ever.
pub(crate) fn hooked(suite: &'static Tls12CipherSuite) -> &'static Tls12CipherSuite {
    Box::leak(Box::new(Tls12CipherSuite {
        common: CipherSuiteCommon {
            suite: suite.common.suite,
            hash_provider: patched_transcript_hash::hooked(suite.common.hash_provider),
            // rustls would close the connection there, in silence. Its nonces are counts here, and come never twice.
            confidentiality_limit: u64::MAX,
        },
        prf_provider: suite.prf_provider,
        kx: suite.kx,
        sign: suite.sign,
        aead_alg: Box::leak(Box::new(Hooked { own: suite.aead_alg, aead: aead_of(suite.common.suite) })),
    }))
}
