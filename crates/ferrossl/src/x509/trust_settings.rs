//! What a `TRUSTED CERTIFICATE` block says that its certificate may be used for (OpenSSL's `X509_CERT_AUX`, which
//! `openssl x509 -trustout` writes behind the certificate).

use super::algorithm::AlgorithmIdentifier;
use super::der::{Oid, all_of, items, only, tag};
use super::oids;

/// The uses of certificates that TLS has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uses {
    /// To authenticate TLS servers.
    pub server_auth: bool,
    /// To authenticate TLS clients.
    pub client_auth: bool,
}

/// Trust settings; without any, a certificate is neither trusted for a use nor rejected for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrustSettings {
    /// What it is trusted for; `None` where nothing is said. Other uses than these are rejected.
    pub trusted: Option<Uses>,
    /// What it is rejected for, whatever else is said.
    pub rejected: Uses,
}

impl TrustSettings {
    /// Reads `X509_CERT_AUX`: SEQUENCE { trust SEQUENCE OF OID, reject \[0\] SEQUENCE OF OID, alias UTF8String,
    /// key identifier OCTET STRING, others \[1\] SEQUENCE OF AlgorithmIdentifier }, all optional. The first two count.
    pub(super) fn read(raw: &[u8]) -> Option<Self> {
        let mut fields = items(only(raw, tag::SEQUENCE)?.value);
        let trusted = match fields.optional(tag::SEQUENCE) {
            Some(list) => Some(uses(list.value)?),
            None => None,
        };
        let rejected = match fields.optional(tag::explicit(0)) {
            Some(list) => uses(list.value)?,
            None => Uses::default(),
        };
        fields.optional(tag::UTF8_STRING);
        fields.optional(tag::OCTET_STRING);
        if let Some(others) = fields.optional(tag::explicit(1)) {
            for other in all_of(others.value, tag::SEQUENCE)? {
                AlgorithmIdentifier::read(other)?;
            }
        }
        fields.finish()?;
        Some(Self { trusted, rejected })
    }
}

fn uses(list: &[u8]) -> Option<Uses> {
    let mut uses = Uses::default();
    for item in all_of(list, tag::OID)? {
        match Oid::read(item.value)? {
            oids::SERVER_AUTH => uses.server_auth = true,
            oids::CLIENT_AUTH => uses.client_auth = true,
            oids::ANY_EXTENDED_KEY_USAGE => uses = Uses { server_auth: true, client_auth: true },
            _ => {}
        }
    }
    Some(uses)
}

#[cfg(test)]
mod tests {
    use super::super::der::wrap;
    use super::*;

    const SERVER: [u8; 10] = [6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];

    fn read(contents: &[u8]) -> Option<TrustSettings> {
        TrustSettings::read(&wrap(tag::SEQUENCE, contents))
    }

    #[test]
    fn settings_that_cannot_be_read_are_not_passed_over() {
        let server = Uses { server_auth: true, client_auth: false };
        let (trust, reject) = (wrap(0x30, &SERVER), wrap(0xa0, &SERVER));
        assert_eq!(read(&[]), Some(TrustSettings::default()));
        assert_eq!(read(&trust).unwrap().trusted, Some(server));
        assert_eq!(read(&reject).unwrap().rejected, server);
        let rest = [0x0c, 1, b'a', 4, 1, 7, 0xa1, 5, 0x30, 3, 6, 1, 0x2a];
        assert_eq!(read(&[&trust[..], &reject, &rest].concat()).unwrap().rejected, server);
        for damaged in [
            [&reject[..], &trust].concat(),
            [&trust[..], &trust].concat(),
            [&rest[..], &reject].concat(),
            wrap(0x80, &SERVER),
            wrap(0xa2, &SERVER),
            wrap(0x30, &[5, 0]),
            wrap(0xa1, &[5, 0]),
        ] {
            assert_eq!(read(&damaged), None, "{damaged:02x?}");
        }
        assert_eq!(TrustSettings::read(&wrap(tag::SET, &[])), None);
    }
}
