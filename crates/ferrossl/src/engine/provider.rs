//! The suites of the engine: rustls' own, and those that are put together from its parts.

use std::sync::LazyLock;

use rustls::crypto::{CipherSuiteCommon, CryptoProvider, KeyExchangeAlgorithm, SupportedKxGroup, aws_lc_rs};
use rustls::{CipherSuite, SupportedCipherSuite, Tls12CipherSuite};

use crate::crypto::cbc::Cbc;
use crate::crypto::cbc_mac::MacHash;
use crate::crypto::{dhe, groups};
use crate::engine::hooks::tls13_aead::watched;
use crate::openssl_names::ciphers::{self, CipherName, KeyExchange};
use crate::settings::Settings;
use crate::verify::least_bits;

/// Every suite that there is. rustls wants suites that live for ever.
static SUITES: LazyLock<Vec<SupportedCipherSuite>> = LazyLock::new(|| {
    let mut suites: Vec<_> = aws_lc_rs::ALL_CIPHER_SUITES.iter().map(|suite| watched(*suite)).collect();
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
        let dhe = suites.iter().find(|known| known.suite() == like).and_then(|like| with_dhe(suite, *like));
        suites.extend(dhe);
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
        let like = aws_lc_rs::ALL_CIPHER_SUITES.iter().find(|known| known.suite() == like);
        suites.extend(like.and_then(|like| with_cbc(suite, *like, Cbc { hash, key_length })));
    }
    suites
});

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
    Some(watched(SupportedCipherSuite::Tls12(Box::leak(Box::new(suite)))))
}

/// Which side a provider is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

/// rustls' provider for a context's settings: the suites of TLS 1.3, then the chosen ones of TLS 1.2, as strong
/// as the security level asks.
pub(crate) fn provider(settings: &Settings, side: Side) -> CryptoProvider {
    let level = settings.policy.security_level;
    let dhe: Vec<&'static dyn SupportedKxGroup> = match side {
        Side::Client => dhe::known().collect(),
        Side::Server => settings.dh_parameters.as_deref().and_then(dhe::for_server).into_iter().collect(),
    };
    let usable = |name: &&CipherName| {
        let enabled = if name.is_tls13() { settings.versions.tls13 } else { settings.versions.tls12 };
        enabled
            && name.bits >= least_bits(level)
            && (name.key_exchange != KeyExchange::Dhe || !dhe.is_empty())
    };
    let tls13 = ciphers::ALL.iter().filter(|suite| suite.is_tls13());
    let names: Vec<&CipherName> =
        tls13.chain(settings.cipher_suites.iter().copied()).filter(usable).collect();
    let mut groups = groups::groups(settings.group, level);
    if names.iter().any(|name| name.key_exchange == KeyExchange::Dhe) {
        groups.extend(dhe);
    }
    let engine = |name: &&CipherName| SUITES.iter().find(|suite| u16::from(suite.suite()) == name.wire);
    CryptoProvider {
        cipher_suites: names.iter().filter_map(engine).copied().collect(),
        kx_groups: groups,
        ..aws_lc_rs::default_provider()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// rustls closes a connection of TLS 1.2 by itself where a suite's limit is reached, and says so to nobody.
    #[test]
    fn no_suite_of_tls12_has_a_limit_of_records() {
        let limits: Vec<_> = SUITES
            .iter()
            .filter_map(|suite| match suite {
                SupportedCipherSuite::Tls12(suite) => Some(suite.common.confidentiality_limit),
                SupportedCipherSuite::Tls13(_) => None,
            })
            .collect();
        assert!(limits.len() > 12);
        assert!(limits.iter().all(|&limit| limit == u64::MAX), "{limits:?}");
    }
}
