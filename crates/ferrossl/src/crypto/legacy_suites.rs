//! Cipher suites that rustls does not have, put together from its parts: CBC, and Diffie-Hellman over a prime field. Obsolete,
//! and there only when a program asks for one by name.

use rustls::crypto::{CipherSuiteCommon, KeyExchangeAlgorithm, aws_lc_rs};
use rustls::{CipherSuite, SupportedCipherSuite, Tls12CipherSuite};

use super::cbc::Cbc;
use super::cbc_mac::MacHash;

/// All of them. To be called once per process: rustls wants suites that live for ever.
pub(crate) fn all() -> Vec<SupportedCipherSuite> {
    let find = |wanted| aws_lc_rs::ALL_CIPHER_SUITES.iter().find(|known| known.suite() == wanted).copied();
    let mut suites = Vec::new();
    for (suite, like) in [
        (
            CipherSuite::TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        ),
        (
            CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ),
        (
            CipherSuite::TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ),
    ] {
        suites.extend(find(like).and_then(|like| with_dhe(suite, like)));
    }
    let ecdsa = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let rsa = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
    for (suite, like, hash, key_length) in [
        (CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, ecdsa, MacHash::Sha256, 16),
        (CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, rsa, MacHash::Sha256, 16),
        (CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, ecdsa, MacHash::Sha1, 32),
        (CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, rsa, MacHash::Sha1, 32),
        (CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, ecdsa, MacHash::Sha1, 16),
        (CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, rsa, MacHash::Sha1, 16),
    ] {
        suites.extend(find(like).and_then(|like| with_cbc(suite, like, Cbc { hash, key_length })));
    }
    suites
}

/// The same suite with Diffie-Hellman over a prime field.
fn with_dhe(suite: CipherSuite, like: SupportedCipherSuite) -> Option<SupportedCipherSuite> {
    let SupportedCipherSuite::Tls12(like) = like else { return None };
    Some(SupportedCipherSuite::Tls12(Box::leak(Box::new(Tls12CipherSuite {
        common: CipherSuiteCommon {
            suite,
            hash_provider: like.common.hash_provider,
            confidentiality_limit: like.common.confidentiality_limit,
        },
        prf_provider: like.prf_provider,
        kx: KeyExchangeAlgorithm::DHE,
        sign: like.sign,
        aead_alg: like.aead_alg,
    }))))
}

/// The same suite with CBC encryption. The handshake's digest stays SHA-256, whatever the MAC's is (RFC 5246 section 5).
fn with_cbc(suite: CipherSuite, like: SupportedCipherSuite, cbc: Cbc) -> Option<SupportedCipherSuite> {
    let SupportedCipherSuite::Tls12(like) = like else { return None };
    let suite = Tls12CipherSuite {
        // The limit of records is for AEADs; the birthday bound of AES-CBC is far beyond any connection.
        common: CipherSuiteCommon {
            suite,
            hash_provider: like.common.hash_provider,
            confidentiality_limit: u64::MAX,
        },
        prf_provider: like.prf_provider,
        kx: like.kx,
        sign: like.sign,
        aead_alg: Box::leak(Box::new(cbc)),
    };
    Some(SupportedCipherSuite::Tls12(Box::leak(Box::new(suite))))
}
