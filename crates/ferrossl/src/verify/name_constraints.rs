//! Which names a CA may issue certificates for (RFC 5280 section 4.2.1.10), as OpenSSL's `v3_ncons.c` and
//! `check_name_constraints` of `x509_vfy.c` compare them.

use std::sync::Arc;

use super::proxy::has_proxy_name;
use super::{CommonName, Policy, failure};
use crate::error::{VerificationDetail, VerificationError};
use crate::openssl_names::verify_codes::VerifyCode;
use crate::verify::issuer_match::is_self_issued;
use crate::x509::{Certificate, GeneralName, Name, NameConstraints, Subtree};

/// Names times constraints that a chain may cost. OpenSSL allows as many for each certificate and issuer
/// (`NAME_CHECK_MAX`); with several issuers that adds up to seconds, and no honest chain comes near it once.
const MAX_COMPARISONS: usize = 1 << 20;

/// id-on-SmtpUTF8Mailbox
const SMTP_UTF8_MAILBOX: &str = "1.3.6.1.5.5.7.8.9";

/// Checks every certificate against the constraints of all above it, from the root down.
pub(super) fn check(chain: &[Arc<Certificate>], policy: &Policy) -> Result<(), VerificationError> {
    let mut budget = MAX_COMPARISONS;
    for (depth, certificate) in chain.iter().enumerate().rev() {
        // Self-issued certificates are key roll-overs; only the leaf counts in any case.
        if depth > 0 && is_self_issued(certificate) {
            continue;
        }
        if certificate.extensions().proxy.is_some() && !has_proxy_name(certificate) {
            return Err(failure(VerifyCode::ProxySubjectNameViolation, chain, depth));
        }
        for issuer in chain[depth + 1..].iter().rev() {
            let Some(constraints) = &issuer.extensions().name_constraints else { continue };
            check_names(certificate, constraints, &mut budget)
                .and_then(|()| match depth {
                    0 => check_common_names(certificate, constraints, policy),
                    _ => Ok(()),
                })
                .map_err(|code| VerificationError {
                    detail: VerificationDetail::Particular(
                        "an issuer's name constraints do not allow the name",
                    ),
                    ..failure(code, chain, depth)
                })?;
        }
    }
    Ok(())
}

/// `NAME_CONSTRAINTS_check`: the subject, the email addresses in it, and the alternative names.
fn check_names(
    certificate: &Certificate,
    constraints: &NameConstraints,
    budget: &mut usize,
) -> Result<(), VerifyCode> {
    let subject = certificate.subject();
    let alternatives = certificate.extensions().subject_alt_names.as_deref().unwrap_or_default();
    let names = subject.attribute_count() + alternatives.len();
    let cost = names.saturating_mul(constraints.permitted.len() + constraints.excluded.len());
    *budget = budget.checked_sub(cost).ok_or(VerifyCode::Unspecified)?;
    if !subject.is_empty() {
        check_name(&GeneralName::Directory(subject.clone()), constraints)?;
        for email in subject.email_addresses() {
            let email = email.ok_or(VerifyCode::UnsupportedNameSyntax)?;
            check_name(&GeneralName::Email(email), constraints)?;
        }
    }
    alternatives.iter().try_for_each(|name| check_name(name, constraints))
}

/// `NAME_CONSTRAINTS_check_CN`: a common name counts where it would count as a host name.
fn check_common_names(
    certificate: &Certificate,
    constraints: &NameConstraints,
    policy: &Policy,
) -> Result<(), VerifyCode> {
    let alternatives = certificate.extensions().subject_alt_names.as_deref().unwrap_or_default();
    let has_dns_name = alternatives.iter().any(|name| matches!(name, GeneralName::Dns(_)));
    if policy.common_name == CommonName::Never || has_dns_name {
        return Ok(());
    }
    for name in certificate.subject().common_names() {
        let name = name.trim_end_matches('\0');
        if name.contains('\0') {
            return Err(VerifyCode::UnsupportedNameSyntax);
        }
        if looks_like_host(name) {
            check_name(&GeneralName::Dns(name.to_owned()), constraints)?;
        }
    }
    Ok(())
}

/// `cn2dnsid`: letters, digits and underscores, with single dots and hyphens inside, and two labels at least.
fn looks_like_host(name: &str) -> bool {
    let labels: Vec<_> = name.split('.').collect();
    labels.len() > 1
        && labels.iter().all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        })
}

/// `nc_match`: of the permitted subtrees of the name's kind, if there are any, one must match; of the
/// excluded ones, none.
fn check_name(name: &GeneralName, constraints: &NameConstraints) -> Result<(), VerifyCode> {
    let of_kind = |subtree: &&Subtree| is_of_kind(name, &subtree.base);
    let mut permitted = None;
    for subtree in constraints.permitted.iter().filter(of_kind) {
        if subtree.has_distance {
            return Err(VerifyCode::SubtreeMinMax);
        }
        if permitted != Some(true) {
            permitted = Some(is_within(name, &subtree.base)?);
        }
    }
    if permitted == Some(false) {
        return Err(VerifyCode::PermittedViolation);
    }
    for subtree in constraints.excluded.iter().filter(of_kind) {
        if subtree.has_distance {
            return Err(VerifyCode::SubtreeMinMax);
        }
        if is_within(name, &subtree.base)? {
            return Err(VerifyCode::ExcludedViolation);
        }
    }
    Ok(())
}

/// Whether a constraint on names like `base` is about this name. Other names are of as many kinds as they say; an email
/// address in Unicode (RFC 8398) is one of them, and constraints on email addresses are about it.
fn is_of_kind(name: &GeneralName, base: &GeneralName) -> bool {
    match (name, base) {
        (GeneralName::OtherName(kind, _), GeneralName::Email(_)) => kind == SMTP_UTF8_MAILBOX,
        (GeneralName::OtherName(kind, _), GeneralName::OtherName(base, _)) => {
            kind == base && kind != SMTP_UTF8_MAILBOX
        }
        _ => std::mem::discriminant(name) == std::mem::discriminant(base),
    }
}

/// `nc_match_single`, for two names of one kind. Email addresses in Unicode are not compared: where they would have to
/// be, the chain is refused.
fn is_within(name: &GeneralName, base: &GeneralName) -> Result<bool, VerifyCode> {
    match (name, base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => Ok(is_name_prefix(name, base)),
        (GeneralName::Dns(name), GeneralName::Dns(base)) => Ok(is_dns_within(name, base)),
        (GeneralName::Email(name), GeneralName::Email(base)) => is_email_within(name, base),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => is_uri_within(name, base),
        (GeneralName::Ip(name), GeneralName::Ip(base)) => is_address_within(name, base),
        _ => Err(VerifyCode::UnsupportedConstraintType),
    }
}

fn is_name_prefix(name: &Name, base: &Name) -> bool {
    name.canonical().starts_with(base.canonical())
}

/// Equal but for case, and whether `suffix` is where `text` ends.
fn ends_with(text: &str, suffix: &str) -> bool {
    text.len()
        .checked_sub(suffix.len())
        .and_then(|start| text.get(start..))
        .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

fn is_dns_within(name: &str, base: &str) -> bool {
    if base.is_empty() || name.eq_ignore_ascii_case(base) {
        return true;
    }
    // Labels may come in front, but not parts of labels.
    ends_with(name, base)
        && name.len() > base.len()
        && (base.starts_with('.') || name.as_bytes()[name.len() - base.len() - 1] == b'.')
}

fn is_email_within(name: &str, base: &str) -> Result<bool, VerifyCode> {
    let (local, host) = name.rsplit_once('@').ok_or(VerifyCode::UnsupportedNameSyntax)?;
    Ok(match base.rsplit_once('@') {
        // All mailboxes of the hosts below.
        None if base.starts_with('.') => name.len() > base.len() && ends_with(name, base),
        None => host.eq_ignore_ascii_case(base),
        // The local part counts as written (RFC 5321 section 2.4).
        Some((base_local, base_host)) => {
            (base_local.is_empty() || base_local == local) && host.eq_ignore_ascii_case(base_host)
        }
    })
}

fn is_uri_within(name: &str, base: &str) -> Result<bool, VerifyCode> {
    let (_, rest) = name.split_once(':').ok_or(VerifyCode::UnsupportedNameSyntax)?;
    let rest = rest.strip_prefix("//").ok_or(VerifyCode::UnsupportedNameSyntax)?;
    // A port ends the host; without one, a slash does.
    let host = rest.split_once(':').or_else(|| rest.split_once('/')).map_or(rest, |(host, _)| host);
    if host.is_empty() {
        return Err(VerifyCode::UnsupportedNameSyntax);
    }
    Ok(if base.starts_with('.') {
        host.len() > base.len() && ends_with(host, base)
    } else {
        host.eq_ignore_ascii_case(base)
    })
}

fn is_address_within(address: &[u8], base: &[u8]) -> Result<bool, VerifyCode> {
    if !matches!(address.len(), 4 | 16) || !matches!(base.len(), 8 | 32) {
        return Err(VerifyCode::UnsupportedNameSyntax);
    }
    if address.len() * 2 != base.len() {
        return Ok(false);
    }
    let (network, mask) = base.split_at(address.len());
    Ok(address.iter().zip(network).zip(mask).all(|((byte, network), mask)| (byte ^ network) & mask == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns() {
        for (name, base, expected) in [
            ("a.example.com", "example.com", true),
            ("example.com", "Example.COM", true),
            ("badexample.com", "example.com", false),
            ("a.example.com", ".example.com", true),
            ("example.com", ".example.com", false),
            ("anything", "", true),
            ("com", "example.com", false),
        ] {
            assert_eq!(is_dns_within(name, base), expected, "{name} {base}");
        }
    }

    #[test]
    fn email() {
        for (name, base, expected) in [
            ("me@example.com", "example.com", Ok(true)),
            ("me@a.example.com", "example.com", Ok(false)),
            ("me@a.example.com", ".example.com", Ok(true)),
            ("me@example.com", ".example.com", Ok(false)),
            ("me@example.com", "me@example.com", Ok(true)),
            ("Me@example.com", "me@example.com", Ok(false)),
            ("me@example.com", "@example.com", Ok(true)),
            ("nobody", "example.com", Err(VerifyCode::UnsupportedNameSyntax)),
        ] {
            assert_eq!(is_email_within(name, base), expected, "{name} {base}");
        }
    }

    #[test]
    fn uri() {
        for (name, base, expected) in [
            ("https://example.com/path", "example.com", Ok(true)),
            ("https://example.com:8443/", "example.com", Ok(true)),
            ("https://a.example.com", ".example.com", Ok(true)),
            ("https://a.example.com", "example.com", Ok(false)),
            ("https://.example.com/", ".example.com", Ok(false)),
            ("urn:isbn:1", "example.com", Err(VerifyCode::UnsupportedNameSyntax)),
            ("https:///path", "example.com", Err(VerifyCode::UnsupportedNameSyntax)),
        ] {
            assert_eq!(is_uri_within(name, base), expected, "{name} {base}");
        }
    }

    #[test]
    fn addresses() {
        let network = [10, 0, 0, 0, 255, 0, 0, 0];
        assert_eq!(is_address_within(&[10, 9, 8, 7], &network), Ok(true));
        assert_eq!(is_address_within(&[11, 9, 8, 7], &network), Ok(false));
        assert_eq!(is_address_within(&[0; 16], &network), Ok(false));
        assert_eq!(is_address_within(&[0; 5], &network), Err(VerifyCode::UnsupportedNameSyntax));
    }

    #[test]
    fn common_names_that_may_be_hosts() {
        for (name, expected) in [
            ("www.example.com", true),
            ("localhost", false),
            ("A Person", false),
            ("a..b", false),
            ("-a.b", false),
            ("a_b.c", true),
        ] {
            assert_eq!(looks_like_host(name), expected, "{name}");
        }
    }

    #[test]
    fn names_times_constraints_are_counted() {
        let names = |count: usize| (0..count).map(|number| format!("n{number}.test")).collect::<Vec<_>>();
        let made = rcgen::generate_simple_self_signed(names(1023)).unwrap();
        let certificate = Certificate::from_der(made.cert.der()).unwrap();
        // With the common name there are 1024.
        assert_eq!(certificate.subject().attribute_count(), 1);
        let subtree = || Subtree { base: GeneralName::Dns("test".into()), has_distance: false };
        let constraints = NameConstraints { permitted: vec![subtree()], excluded: Vec::new() };
        let cost = |budget: usize| {
            let mut left = budget;
            check_names(&certificate, &constraints, &mut left).map(|()| budget - left)
        };
        assert_eq!(cost(MAX_COMPARISONS), Ok(1024));
        assert_eq!(cost(1024), Ok(1024));
        assert_eq!(cost(1023), Err(VerifyCode::Unspecified));
        let both = NameConstraints { permitted: vec![subtree(), subtree()], excluded: vec![subtree()] };
        let mut left = 3 * 1024 - 1;
        assert_eq!(check_names(&certificate, &both, &mut left), Err(VerifyCode::Unspecified));
    }

    #[test]
    fn other_names_are_of_their_own_kinds() {
        let other = |kind: &str| GeneralName::OtherName(kind.to_owned(), vec![5, 0]);
        let permitting = |base: GeneralName| NameConstraints {
            permitted: vec![Subtree { base, has_distance: false }],
            excluded: Vec::new(),
        };
        let email = permitting(GeneralName::Email("example.com".into()));
        assert_eq!(check_name(&other("1.2.3"), &email), Ok(()));
        assert_eq!(check_name(&other(SMTP_UTF8_MAILBOX), &email), Err(VerifyCode::UnsupportedConstraintType));
        assert_eq!(check_name(&other("1.2.3"), &permitting(other("1.2.4"))), Ok(()));
        let same = permitting(other("1.2.3"));
        assert_eq!(check_name(&other("1.2.3"), &same), Err(VerifyCode::UnsupportedConstraintType));
        assert_eq!(check_name(&other(SMTP_UTF8_MAILBOX), &permitting(other(SMTP_UTF8_MAILBOX))), Ok(()));
    }
}
