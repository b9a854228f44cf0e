//! What the owner of a `TRUSTED CERTIFICATE` block says it may vouch for (OpenSSL's `X509_CERT_AUX`, which
//! `openssl x509 -trustout` writes behind the certificate).

use super::der::{all_items, oid, only, tag};

const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
const ANY: &str = "2.5.29.37.0";

/// Uses of certificates, as far as TLS has a use for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// To authenticate TLS servers.
    pub server_auth: bool,
    /// To authenticate TLS clients.
    pub client_auth: bool,
}

/// Trust settings; without any, a certificate is neither trusted for a use nor rejected for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrustSettings {
    /// What it is trusted for; `None` where nothing is said. Other uses than these are rejected.
    pub trusted: Option<Uses>,
    /// What it is rejected for, whatever else is said.
    pub rejected: Uses,
}

impl TrustSettings {
    /// Reads `X509_CERT_AUX`: SEQUENCE { trust SEQUENCE OF OID OPTIONAL, reject \[0\] SEQUENCE OF OID OPTIONAL,
    /// and an alias, a key identifier and others that mean nothing to verification }.
    pub(super) fn read(raw: &[u8]) -> Option<Self> {
        let mut settings = Self::default();
        for item in all_items(only(raw, tag::SEQUENCE)?.value)? {
            if item.tag == tag::SEQUENCE {
                settings.trusted = Some(uses(item.value)?);
            } else if item.tag == tag::explicit(0) {
                settings.rejected = uses(item.value)?;
            }
        }
        Some(settings)
    }
}

fn uses(list: &[u8]) -> Option<Uses> {
    let mut uses = Uses::default();
    for item in all_items(list)? {
        if item.tag != tag::OID {
            return None;
        }
        match oid(item.value)?.as_str() {
            SERVER_AUTH => uses.server_auth = true,
            CLIENT_AUTH => uses.client_auth = true,
            ANY => uses = Uses { server_auth: true, client_auth: true },
            _ => {}
        }
    }
    Some(uses)
}
