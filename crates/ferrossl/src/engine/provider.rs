//! rustls' provider for a context's settings: which suites and groups they leave, with our hooks in them.

use std::sync::LazyLock;

use rustls::SupportedCipherSuite;
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};

use super::hooks::{tls12_aead, tls13_aead};
use crate::crypto::groups;
#[cfg(feature = "legacy")]
use crate::crypto::{dhe, legacy_suites};
use crate::openssl_names::ciphers::{CipherName, KeyExchange};
use crate::settings::Settings;
use crate::verify::least_bits;

/// Every suite that there is, with our hooks in it.
static SUITES: LazyLock<Vec<SupportedCipherSuite>> = LazyLock::new(|| {
    let hooked = |suite| match suite {
        SupportedCipherSuite::Tls12(suite) => Some(SupportedCipherSuite::Tls12(tls12_aead::hooked(suite))),
        SupportedCipherSuite::Tls13(suite) => tls13_aead::hooked(suite).map(SupportedCipherSuite::Tls13),
    };
    let own = aws_lc_rs::ALL_CIPHER_SUITES.iter().copied();
    own.chain(legacy_suites()).filter_map(hooked).collect()
});

#[cfg(feature = "legacy")]
fn legacy_suites() -> Vec<SupportedCipherSuite> {
    legacy_suites::all()
}

#[cfg(not(feature = "legacy"))]
const fn legacy_suites() -> Vec<SupportedCipherSuite> {
    Vec::new()
}

/// Which side a provider is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

/// rustls' provider for a context's settings: the suites of TLS 1.3, then the chosen ones of TLS 1.2, as strong
/// as the security level asks.
pub(super) fn provider(settings: &Settings, side: Side) -> CryptoProvider {
    let level = settings.policy.security_level;
    let dhe = dhe_groups(settings, side);
    let usable = |name: &&CipherName| {
        let enabled = if name.is_tls13() { settings.versions.tls13 } else { settings.versions.tls12 };
        enabled
            && name.bits >= least_bits(level)
            && (name.key_exchange != KeyExchange::Dhe || !dhe.is_empty())
    };
    let names: Vec<&CipherName> = settings.suites().filter(usable).collect();
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

/// The groups of Diffie-Hellman over a prime field.
#[cfg(feature = "legacy")]
fn dhe_groups(settings: &Settings, side: Side) -> Vec<&'static dyn SupportedKxGroup> {
    match side {
        Side::Client => dhe::known().collect(),
        Side::Server => settings.dh_parameters.as_deref().and_then(dhe::for_server).into_iter().collect(),
    }
}

#[cfg(not(feature = "legacy"))]
const fn dhe_groups(_: &Settings, _: Side) -> Vec<&'static dyn SupportedKxGroup> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openssl_names::ciphers;

    /// A suite that has a name and no engine would be left out in silence.
    #[test]
    fn every_suite_with_a_name_is_there() {
        for name in ciphers::all() {
            let found = SUITES.iter().filter(|suite| u16::from(suite.suite()) == name.wire).count();
            assert_eq!(found, 1, "{}", name.name);
        }
        assert_eq!(SUITES.len(), ciphers::all().count());
    }

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
        assert!(limits.len() >= 6);
        assert!(limits.iter().all(|&limit| limit == u64::MAX), "{limits:?}");
    }
}
