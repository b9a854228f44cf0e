//! Signatures and dates, from the root down (`internal_verify` of `x509_vfy.c`).

use std::sync::Arc;

use super::{ChainEnd, Policy, Signatures, failure};
use crate::error::{VerificationDetail, VerificationError};
use crate::openssl_names::verify_codes::VerifyCode;
use crate::verify::issuer_match::{is_self_signed, likely_issued};
use crate::x509::{Certificate, KeyKind, KeyUsage};

pub(super) fn check(
    chain: &[Arc<Certificate>],
    policy: &Policy,
    now: i64,
    signatures: Signatures<'_>,
) -> Result<(), VerificationError> {
    let top = chain.len() - 1;
    let ends_in_a_root = likely_issued(&chain[top], &chain[top]);
    debug_assert!(!ends_in_a_root || is_self_signed(&chain[top]));
    // A trust anchor's own signature adds nothing to the trust in it, so it is not checked. An anchor that
    // somebody else signed has been trusted by a flag or by its own trust settings; in the second case
    // OpenSSL does not look at its dates.
    if ends_in_a_root || policy.chain_end == ChainEnd::AnyTrusted {
        check_dates(chain, top, now)?;
    } else if top == 0 {
        return Err(failure(VerifyCode::UnableToVerifyLeafSignature, chain, 0));
    }
    for depth in (0..top).rev() {
        check_signature(chain, depth, signatures)?;
        check_dates(chain, depth, now)?;
    }
    Ok(())
}

fn check_signature(
    chain: &[Arc<Certificate>],
    depth: usize,
    signatures: Signatures<'_>,
) -> Result<(), VerificationError> {
    let (subject, issuer) = (&chain[depth], &chain[depth + 1]);
    let (usage, code) = if subject.extensions().proxy.is_some() {
        (KeyUsage::DIGITAL_SIGNATURE, VerifyCode::KeyUsageNoDigitalSignature)
    } else {
        (KeyUsage::KEY_CERT_SIGN, VerifyCode::KeyUsageNoCertSign)
    };
    if issuer.extensions().key_usage.is_some_and(|allowed| !allowed.any(usage)) {
        return Err(failure(code, chain, depth + 1));
    }
    if matches!(issuer.public_key().kind(), KeyKind::Other | KeyKind::OtherCurve) {
        return Err(VerificationError {
            detail: VerificationDetail::Particular("the issuer's key is of a kind that is not supported"),
            ..failure(VerifyCode::NoIssuerPublicKey, chain, depth + 1)
        });
    }
    if !signatures.is_right(&**subject, issuer.public_key()) {
        return Err(failure(VerifyCode::CertSignatureFailure, chain, depth));
    }
    Ok(())
}

fn check_dates(chain: &[Arc<Certificate>], depth: usize, now: i64) -> Result<(), VerificationError> {
    let certificate = &chain[depth];
    let Some(not_before) = certificate.not_before().seconds() else {
        return Err(failure(VerifyCode::ErrorInCertNotBeforeField, chain, depth));
    };
    let period = |code| {
        let not_after = certificate.not_after().seconds().unwrap_or(i64::MAX);
        Err(VerificationError {
            detail: VerificationDetail::Period { now, not_before, not_after },
            ..failure(code, chain, depth)
        })
    };
    if now < not_before {
        return period(VerifyCode::CertNotYetValid);
    }
    match certificate.not_after().seconds() {
        None => Err(failure(VerifyCode::ErrorInCertNotAfterField, chain, depth)),
        // OpenSSL refuses the last second itself (`X509_cmp_time`).
        Some(not_after) if not_after <= now => period(VerifyCode::CertHasExpired),
        Some(_) => Ok(()),
    }
}
