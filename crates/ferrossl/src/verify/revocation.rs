//! Whether a CRL revokes a certificate, as `check_revocation` of OpenSSL's `x509_vfy.c` decides it without
//! extended CRL support: one complete CRL of the certificate's issuer must cover it.

use std::sync::Arc;

use super::{CrlCheck, Policy, Signatures, TrustAnchors, failure};
use crate::error::{VerificationDetail, VerificationError};
use crate::openssl_names::verify_codes::VerifyCode;
use crate::verify::issuer_match::authority_key_id_fits;
use crate::x509::{ALL_REASONS, Certificate, DistributionPoint, GeneralName, KeyUsage, RevocationList};

/// How well a CRL fits a certificate; the field that comes first counts most (`CRL_SCORE_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Score {
    nothing_critical: bool,
    in_scope: bool,
    in_time: bool,
    /// Signed by the certificate's own issuer, and not by another certificate further up that has its name.
    by_issuer: bool,
}

/// Checks the leaf, or the whole chain.
pub(super) fn check(
    chain: &[Arc<Certificate>],
    anchors: &dyn TrustAnchors,
    policy: &Policy,
    now: i64,
    signatures: Signatures<'_>,
) -> Result<(), VerificationError> {
    let count = match policy.crl_check {
        CrlCheck::None => 0,
        CrlCheck::Leaf => 1,
        CrlCheck::Chain => chain.len(),
    };
    (0..count).try_for_each(|depth| check_certificate(chain, depth, anchors, now, signatures))
}

fn check_certificate(
    chain: &[Arc<Certificate>],
    depth: usize,
    anchors: &dyn TrustAnchors,
    now: i64,
    signatures: Signatures<'_>,
) -> Result<(), VerificationError> {
    let certificate = &chain[depth];
    if certificate.extensions().proxy.is_some() {
        // Made by a holder, not by a CA: there is no list that could name it.
        return Ok(());
    }
    let fail = |code| Err(failure(code, chain, depth));
    let lists = anchors.revocation_lists(certificate.issuer().canonical());
    let best = lists
        .iter()
        .filter_map(|list| score(list, chain, depth, now).map(|(score, issuer)| (score, list, issuer)))
        // Of lists that fit equally well, the newest; of those, the first.
        .reduce(|best, next| {
            let rank = |(score, list, _): &(Score, &Arc<RevocationList>, usize)| {
                (*score, list.this_update().seconds())
            };
            if rank(&next) > rank(&best) { next } else { best }
        });
    let Some((score, list, issuer)) = best else { return fail(VerifyCode::UnableToGetCrl) };
    let issuer = &chain[issuer];
    if issuer.extensions().key_usage.is_some_and(|usage| !usage.any(KeyUsage::CRL_SIGN)) {
        return fail(VerifyCode::KeyUsageNoCrlSign);
    }
    if !score.in_scope {
        return fail(VerifyCode::DifferentCrlScope);
    }
    if !score.in_time {
        return Err(VerificationError {
            detail: period(list, now),
            ..failure(time_problem(list, now).unwrap_or(VerifyCode::CrlHasExpired), chain, depth)
        });
    }
    if !signatures.is_right(&**list, issuer.public_key()) {
        return fail(VerifyCode::CrlSignatureFailure);
    }
    if list.unhandled_critical() {
        return fail(VerifyCode::UnhandledCriticalCrlExtension);
    }
    if list.revokes(certificate.serial()) {
        return Err(VerificationError {
            detail: VerificationDetail::Revoked { serial: certificate.serial_text() },
            ..failure(VerifyCode::CertRevoked, chain, depth)
        });
    }
    if reasons(list, certificate) != Some(ALL_REASONS) {
        // For the other reasons there would have to be another list, which OpenSSL never finds without extended support.
        return fail(VerifyCode::UnableToGetCrl);
    }
    Ok(())
}

/// `get_crl_score`: how well the list fits, and who in the chain has signed it; `None` when it does not at all.
fn score(
    list: &RevocationList,
    chain: &[Arc<Certificate>],
    depth: usize,
    now: i64,
) -> Option<(Score, usize)> {
    let certificate = &chain[depth];
    let point = list.distribution_point();
    if list.is_delta() || point.is_some_and(|point| point.invalid || point.needs_extended_support) {
        return None;
    }
    // The lists were looked up by this name.
    debug_assert!(list.issuer() == certificate.issuer());
    let issuer = locate_issuer(list, chain, depth)?;
    let reasons = reasons(list, certificate);
    if reasons == Some(0) {
        return None;
    }
    let direct = (depth + 1).min(chain.len() - 1);
    let score = Score {
        nothing_critical: !list.unhandled_critical(),
        in_scope: reasons.is_some(),
        in_time: time_problem(list, now).is_none(),
        by_issuer: issuer == direct,
    };
    Some((score, issuer))
}

/// `crl_akid_check`: the certificate's issuer, or a certificate further up with the list's issuer's name.
fn locate_issuer(list: &RevocationList, chain: &[Arc<Certificate>], depth: usize) -> Option<usize> {
    let fits = |candidate: &Certificate| authority_key_id_fits(candidate, list.authority_key_id());
    let direct = (depth + 1).min(chain.len() - 1);
    if fits(&chain[direct]) {
        return Some(direct);
    }
    (direct + 1..chain.len()).find(|&above| chain[above].subject() == list.issuer() && fits(&chain[above]))
}

/// `crl_crldp_check`: the reasons of revocation that the list speaks about for this certificate; `None` when the
/// certificate is out of its scope. The first distribution point that fits decides.
fn reasons(list: &RevocationList, certificate: &Certificate) -> Option<u16> {
    let extensions = certificate.extensions();
    let is_ca = extensions.basic_constraints.is_some_and(|constraints| constraints.ca);
    let scope = list.distribution_point();
    if scope.is_some_and(|scope| {
        scope.only_attributes || (is_ca && scope.only_users) || (!is_ca && scope.only_authorities)
    }) {
        return None;
    }
    let listed = scope.and_then(|scope| scope.name.as_ref());
    let is_by_list_issuer = |point: &DistributionPoint| {
        point.issuers.as_ref().is_none_or(|names| {
            names.iter().any(|name| matches!(name, GeneralName::Directory(name) if name == list.issuer()))
        })
    };
    let is_listed = |point: &DistributionPoint| match (&point.name, listed) {
        (Some(name), Some(listed)) => name.is_same_point(listed),
        _ => true,
    };
    match extensions.distribution_points.iter().find(|&point| is_by_list_issuer(point) && is_listed(point)) {
        Some(point) => Some(point.reasons),
        None => listed.is_none().then_some(ALL_REASONS),
    }
}

fn period(list: &RevocationList, now: i64) -> VerificationDetail {
    let next_update = list.next_update().and_then(|time| time.seconds());
    match (list.this_update().seconds(), next_update) {
        (Some(not_before), Some(not_after)) => VerificationDetail::Period { now, not_before, not_after },
        _ => VerificationDetail::None,
    }
}

fn time_problem(list: &RevocationList, now: i64) -> Option<VerifyCode> {
    let Some(this_update) = list.this_update().seconds() else {
        return Some(VerifyCode::ErrorInCrlLastUpdateField);
    };
    if now < this_update {
        return Some(VerifyCode::CrlNotYetValid);
    }
    match list.next_update().map(|time| time.seconds()) {
        Some(None) => Some(VerifyCode::ErrorInCrlNextUpdateField),
        Some(Some(next_update)) if next_update <= now => Some(VerifyCode::CrlHasExpired),
        _ => None,
    }
}
