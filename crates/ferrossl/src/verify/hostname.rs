//! Host names and addresses, as `X509_check_host` with `X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS` (the flag
//! that CPython sets) and `X509_check_ip` compare them.

use std::net::IpAddr;

use super::{CommonName, ExpectedName, Policy};
use crate::error::{VerificationDetail, VerificationError};
use crate::openssl_names::verify_codes::VerifyCode;
use crate::x509::{Certificate, GeneralName};

/// Checks that the certificate is for `expected`.
pub(super) fn check(
    certificate: &Certificate,
    expected: &ExpectedName,
    policy: &Policy,
) -> Result<(), VerificationError> {
    let names = certificate.extensions().subject_alt_names.as_deref().unwrap_or_default();
    let (matched, code, text) = match expected {
        ExpectedName::Host(host) => {
            (host_matches(certificate, names, host, policy), VerifyCode::HostnameMismatch, host.clone())
        }
        ExpectedName::Ip(address) => (
            names.iter().any(|name| name_is_address(name, *address)),
            VerifyCode::IpAddressMismatch,
            address.to_string(),
        ),
    };
    if matched {
        return Ok(());
    }
    Err(VerificationError {
        code,
        depth: 0,
        subject: certificate.subject().one_line(),
        detail: VerificationDetail::Name { expected: text, presented: presented(certificate, names) },
    })
}

fn host_matches(certificate: &Certificate, names: &[GeneralName], host: &str, policy: &Policy) -> bool {
    let mut has_dns_name = false;
    for name in names {
        if let GeneralName::Dns(pattern) = name {
            has_dns_name = true;
            if matches_host(pattern, host) {
                return true;
            }
        }
    }
    // Names of other kinds do not keep the common name from counting.
    !has_dns_name
        && policy.common_name == CommonName::IfNoDnsName
        && certificate.subject().common_names().any(|name| matches_host(&name, host))
}

fn name_is_address(name: &GeneralName, address: IpAddr) -> bool {
    match (name, address) {
        (GeneralName::Ip(bytes), IpAddr::V4(v4)) => bytes == &v4.octets(),
        (GeneralName::Ip(bytes), IpAddr::V6(v6)) => bytes == &v6.octets(),
        _ => false,
    }
}

fn presented(certificate: &Certificate, names: &[GeneralName]) -> Vec<String> {
    let mut found: Vec<String> = names
        .iter()
        .filter_map(|name| match name {
            GeneralName::Dns(dns) => Some(dns.escape_debug().to_string()),
            GeneralName::Ip(_) => name.ip().map(|ip| ip.to_string()),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        found.extend(certificate.subject().common_names().map(|name| name.escape_debug().to_string()));
    }
    found
}

/// Whether a name of a certificate, possibly with a wildcard for its first label, covers `host`.
#[must_use]
pub fn matches_host(pattern: &str, host: &str) -> bool {
    let is_sub_domain_suffix = host.len() > 1 && host.starts_with('.');
    match pattern.strip_prefix('*') {
        Some(suffix) if !is_sub_domain_suffix && is_wildcard_suffix(suffix) => {
            let Some(split) = host.len().checked_sub(suffix.len()) else { return false };
            let (Some(label), Some(rest)) = (host.get(..split), host.get(split..)) else { return false };
            // The star stands for one label, never for an empty one.
            !label.is_empty()
                && equal(suffix, rest)
                && (label == "*" || label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
        }
        _ => equal(pattern, host),
    }
}

/// What may follow a star (`valid_star`): at least two labels, none of them empty or with a hyphen at an end.
fn is_wildcard_suffix(suffix: &str) -> bool {
    let Some(labels) = suffix.strip_prefix('.') else { return false };
    labels.contains('.')
        && labels.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// Equal but for ASCII case; a null byte in the certificate's name matches nothing (CVE-2009-2408).
fn equal(pattern: &str, host: &str) -> bool {
    !pattern.is_empty() && !pattern.contains('\0') && pattern.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn openssls_rules() {
        for (pattern, host, expected) in [
            ("example.com", "EXAMPLE.com", true),
            ("example.com", "example.com.", false),
            ("*.example.com", "www.example.com", true),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "example.com", false),
            ("*.example.com", ".example.com", false),
            ("*.my-site.com", "www.my-site.com", true),
            ("*.my_site.com", "www.my_site.com", false),
            ("*.com", "example.com", false),
            ("*", "localhost", false),
            ("w*.example.com", "www.example.com", false),
            ("*w.example.com", "www.example.com", false),
            ("www.*.com", "www.example.com", false),
            ("*.example.com", "xn--mnchen-3ya.example.com", true),
            ("xn--*.example.com", "xn--a.example.com", false),
            ("*.*.com", "a.b.com", false),
            ("*.-a.com", "b.-a.com", false),
            ("", "", false),
            ("a\0.example.com", "a\0.example.com", false),
        ] {
            assert_eq!(matches_host(pattern, host), expected, "{pattern:?} {host:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_reflexive(pattern in ".{0,30}", host in "[a-z0-9.-]{1,30}") {
            let _ = matches_host(&pattern, &host);
            prop_assert!(matches_host(&host, &host));
        }
    }
}
