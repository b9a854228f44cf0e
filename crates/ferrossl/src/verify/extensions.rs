//! What the extensions allow: CA or not, purpose, path length (`check_extensions` of `x509_vfy.c` and
//! OpenSSL's `v3_purp.c`).

use std::sync::Arc;

use super::{Policy, ProxyCertificates, Purpose, Strictness, failure, strict};
use crate::error::VerificationError;
use crate::openssl_names::verify_codes::VerifyCode;
use crate::verify::issuer_match::{is_self_issued, is_self_signed};
use crate::verify::trust_settings::{Stated, stated_trust};
use crate::x509::{Certificate, KeyKind, KeyUsage, NetscapeCertType};

/// What `X509_check_ca` makes of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CaKind {
    /// 0: no CA.
    No,
    /// 1: `basicConstraints` says so.
    Yes,
    /// 3: a self-signed version 1 certificate.
    V1Root,
    /// 4: no `basicConstraints`, but `keyUsage` has `keyCertSign`.
    ByKeyUsage,
    /// 5: Netscape's certificate type says so.
    ByNetscape,
}

/// Whether the certificate is a CA, and by what.
pub(crate) fn ca_kind(certificate: &Certificate) -> CaKind {
    let extensions = certificate.extensions();
    if extensions.invalid || extensions.key_usage.is_some_and(|usage| !usage.any(KeyUsage::KEY_CERT_SIGN)) {
        return CaKind::No;
    }
    if let Some(constraints) = extensions.basic_constraints {
        return if constraints.ca { CaKind::Yes } else { CaKind::No };
    }
    if certificate.version() == 1 && is_self_signed(certificate) {
        CaKind::V1Root
    } else if extensions.key_usage.is_some() {
        CaKind::ByKeyUsage
    } else if extensions.netscape_cert_type.is_some_and(|kind| kind.any(NetscapeCertType::ANY_CA)) {
        CaKind::ByNetscape
    } else {
        CaKind::No
    }
}

/// What a certificate's place in the chain asks of it (`must_be_ca`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The leaf: CA or not.
    Leaf,
    /// Above a proxy: the holder's own certificate, or another proxy.
    Holder,
    /// Above anything else.
    Authority,
}

/// Checks every certificate of the chain, leaf first.
pub(super) fn check(
    chain: &[Arc<Certificate>],
    policy: &Policy,
    purpose: Purpose,
) -> Result<(), VerificationError> {
    let fail = |code, depth| Err(failure(code, chain, depth));
    let is_strict = policy.strictness == Strictness::Rfc5280;
    let mut issuers_below: u64 = 0;
    let mut proxies_below: u64 = 0;
    let mut role = Role::Leaf;
    for (depth, certificate) in chain.iter().enumerate() {
        let extensions = certificate.extensions();
        if extensions.unhandled_critical {
            return fail(VerifyCode::UnhandledCriticalExtension, depth);
        }
        if extensions.proxy.is_some() && policy.proxy_certificates == ProxyCertificates::Refused {
            return fail(VerifyCode::ProxyCertificatesNotAllowed, depth);
        }
        let kind = ca_kind(certificate);
        match role {
            Role::Leaf if is_strict && !matches!(kind, CaKind::Yes | CaKind::No) => {
                return fail(VerifyCode::InvalidCa, depth);
            }
            Role::Holder if kind != CaKind::No => return fail(VerifyCode::InvalidNonCa, depth),
            // Below the top, and everywhere when strict, only basicConstraints count.
            Role::Authority
                if kind == CaKind::No || (kind != CaKind::Yes && (depth + 1 < chain.len() || is_strict)) =>
            {
                return fail(VerifyCode::InvalidCa, depth);
            }
            _ => {}
        }
        if chain.len() > 1 && certificate.public_key().kind() == KeyKind::ExplicitCurve {
            return fail(VerifyCode::EcKeyExplicitParams, depth);
        }
        if is_strict && chain.len() > 1 {
            strict::check(chain, depth)?;
        }
        // Trust settings, which only certificates of the trust store have, go before what the certificate says.
        let is_trusted_for_it = stated_trust(certificate, purpose) == Some(Stated::Trusted);
        if !is_trusted_for_it && !fits_purpose(certificate, policy, purpose, role == Role::Authority) {
            return fail(VerifyCode::InvalidPurpose, depth);
        }
        let limit = extensions.basic_constraints.and_then(|constraints| constraints.path_length);
        if depth > 1 && limit.is_some_and(|limit| issuers_below > limit.saturating_add(proxies_below)) {
            return fail(VerifyCode::PathLengthExceeded, depth);
        }
        // RFC 5280 section 4.2.1.9: self-issued intermediates do not count.
        if depth > 0 && !is_self_issued(certificate) {
            issuers_below += 1;
        }
        role = match extensions.proxy {
            Some(proxy) => {
                if let Some(limit) = proxy.path_length {
                    if proxies_below > limit {
                        return fail(VerifyCode::ProxyPathLengthExceeded, depth);
                    }
                    proxies_below = limit;
                }
                proxies_below += 1;
                Role::Holder
            }
            None => Role::Authority,
        };
    }
    Ok(())
}

/// `check_purpose_ssl_server` and `check_purpose_ssl_client`.
fn fits_purpose(certificate: &Certificate, policy: &Policy, purpose: Purpose, is_authority: bool) -> bool {
    let extensions = certificate.extensions();
    if extensions.invalid {
        // `X509_check_purpose` cannot tell, and that counts only when strict. A chain cannot lead through such
        // a certificate; it may be a trusted leaf.
        return policy.strictness == Strictness::Common;
    }
    let extended = extensions.extended_key_usage.is_none_or(|usage| match purpose {
        Purpose::Server => usage.server_auth,
        Purpose::Client => usage.client_auth,
    });
    if !extended {
        return false;
    }
    let netscape = |bits| extensions.netscape_cert_type.is_none_or(|kind| kind.any(bits));
    if is_authority {
        return match ca_kind(certificate) {
            CaKind::No => false,
            CaKind::ByNetscape => netscape(NetscapeCertType::SSL_CA),
            _ => true,
        };
    }
    let (usages, kind) = match purpose {
        Purpose::Server => (
            KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_ENCIPHERMENT | KeyUsage::KEY_AGREEMENT,
            NetscapeCertType::SSL_SERVER,
        ),
        Purpose::Client => {
            (KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_AGREEMENT, NetscapeCertType::SSL_CLIENT)
        }
    };
    netscape(kind) && extensions.key_usage.is_none_or(|usage| usage.any(usages))
}
