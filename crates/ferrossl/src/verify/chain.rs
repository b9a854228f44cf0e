//! Path building, after `build_chain` of OpenSSL's `x509_vfy.c`.

use std::sync::Arc;

use super::{ChainEnd, IssuerSearch, Verification, failure};
use crate::error::{VerificationDetail, VerificationError};
use crate::openssl_names::verify_codes::VerifyCode;
use crate::verify::issuer_match::{is_self_signed, likely_issued};
use crate::verify::trust_settings::{Stated, stated_trust};
use crate::x509::Certificate;

/// OpenSSL's default for `X509_VERIFY_PARAM_set_depth`: issuers above the leaf.
pub(super) const MAX_DEPTH: usize = 100;

type Chain = Vec<Arc<Certificate>>;

/// The chain from the leaf to a trusted certificate.
pub(super) fn build(asked: &Verification<'_>) -> Result<Chain, VerificationError> {
    let mut builder = Builder::new(asked);
    builder.build()?;
    Ok(builder.chain)
}

/// The chain from the leaf as far as it goes, trusted or not.
pub(super) fn build_what_there_is(asked: &Verification<'_>) -> Chain {
    let mut builder = Builder::new(asked);
    // Whether the chain leads to anybody is not asked.
    let _ = builder.build();
    builder.chain
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    Trusted,
    Undecided,
}

struct Builder<'a> {
    chain: Chain,
    /// How many certificates at the front of the chain are the peer's own (`num_untrusted`).
    from_peer: usize,
    asked: &'a Verification<'a>,
}

impl<'a> Builder<'a> {
    fn new(asked: &'a Verification<'a>) -> Self {
        Self { chain: vec![Arc::clone(&asked.leaf)], from_peer: 1, asked }
    }

    /// Goes on until the chain ends in trust, or cannot.
    fn build(&mut self) -> Result<(), VerificationError> {
        let mut candidates: Vec<_> = self.asked.untrusted.to_vec();
        let mut search_untrusted = !candidates.is_empty();
        let mut search_trusted = !search_untrusted || self.is_trusted_first();
        loop {
            if search_trusted && self.extend_from_anchors()? == Trust::Trusted {
                return Ok(());
            }
            // Above a trusted certificate, the peer has no say any more.
            search_untrusted &= self.from_peer == self.chain.len();
            if search_untrusted {
                if self.extend_from_peer(&mut candidates) {
                    continue;
                }
                search_untrusted = false;
                search_trusted = true;
                continue;
            }
            if self.cut_for_an_alternative() {
                continue;
            }
            if self.leaf_is_trusted()? {
                return Ok(());
            }
            return Err(self.no_trust());
        }
    }

    fn is_trusted_first(&self) -> bool {
        self.asked.policy.issuer_search == IssuerSearch::TrustedFirst
    }

    fn takes_any_anchor(&self) -> bool {
        self.asked.policy.chain_end == ChainEnd::AnyTrusted
    }

    fn top(&self) -> &Arc<Certificate> {
        // The chain begins with the leaf and never gets shorter than that.
        self.chain.last().expect("a chain has its leaf")
    }

    /// Goes up through trusted certificates for as long as there are any.
    fn extend_from_anchors(&mut self) -> Result<Trust, VerificationError> {
        loop {
            let top = Arc::clone(self.top());
            let self_signed = is_self_signed(&top);
            let issuer = if self.chain.len() > MAX_DEPTH { None } else { self.trusted_issuer(&top) };
            match issuer {
                Some(issuer) if !self_signed => self.chain.push(issuer),
                // A self-signed certificate of the peer's: only an identical trusted one replaces it,
                // lest somebody slip in another key under a trusted name.
                Some(issuer) if self.chain.len() == self.from_peer && issuer == top => {
                    self.from_peer -= 1;
                    let last = self.chain.len() - 1;
                    self.chain[last] = issuer;
                }
                _ => return Ok(Trust::Undecided),
            }
            if self.check_trust()? == Trust::Trusted {
                return Ok(Trust::Trusted);
            }
            if is_self_signed(self.top()) {
                return Ok(Trust::Undecided);
            }
        }
    }

    /// `check_trust` for a chain that has just got trusted certificates on top.
    fn check_trust(&self) -> Result<Trust, VerificationError> {
        for depth in self.from_peer..self.chain.len() {
            let certificate = &self.chain[depth];
            match stated_trust(certificate, self.asked.purpose) {
                Some(Stated::Trusted) => return Ok(Trust::Trusted),
                Some(Stated::Rejected) => return Err(self.rejected(depth)),
                None if is_self_signed(certificate) => return Ok(Trust::Trusted),
                None => {}
            }
        }
        if self.takes_any_anchor() && self.from_peer < self.chain.len() {
            return Ok(Trust::Trusted);
        }
        Ok(Trust::Undecided)
    }

    fn rejected(&self, depth: usize) -> VerificationError {
        failure(VerifyCode::CertRejected, &self.chain, depth)
    }

    /// The last resort of `check_trust`: with partial chains, a trusted copy of the leaf itself will do. What
    /// the peer has sent above it stays in the chain, and has to pass every check as well.
    fn leaf_is_trusted(&mut self) -> Result<bool, VerificationError> {
        if !self.takes_any_anchor() || self.chain.len() != self.from_peer || self.chain.len() > MAX_DEPTH {
            return Ok(false);
        }
        let leaf = &self.chain[0];
        let copy = self.asked.trust.by_subject(leaf.subject().canonical()).into_iter().find(|c| c == leaf);
        match copy {
            Some(copy) if stated_trust(&copy, self.asked.purpose) == Some(Stated::Rejected) => {
                Err(self.rejected(0))
            }
            Some(copy) => {
                self.chain[0] = copy;
                self.from_peer = 0;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Takes the next issuer from what the peer sent; each of them is used once.
    fn extend_from_peer(&mut self, candidates: &mut Vec<Arc<Certificate>>) -> bool {
        let top = self.top();
        if self.chain.len() > MAX_DEPTH || is_self_signed(top) {
            return false;
        }
        let fitting = candidates.iter().filter(|candidate| {
            likely_issued(candidate, top) && !self.chain.iter().any(|member| member == *candidate)
        });
        let Some(best) = best_issuer(fitting, self.asked.time) else { return false };
        let best = Arc::clone(best);
        candidates.retain(|candidate| *candidate != best);
        self.chain.push(best);
        self.from_peer = self.chain.len();
        true
    }

    /// Without TRUSTED_FIRST: drop the peer's certificates from the top, as few as will do, until there is a
    /// trusted issuer of what is left (`S_DOALTERNATE`). Whether it leads to a root is another question.
    fn cut_for_an_alternative(&mut self) -> bool {
        if self.is_trusted_first() || self.chain.len() > MAX_DEPTH {
            return false;
        }
        let has_issuer = |length: &usize| self.trusted_issuer(&self.chain[length - 1]).is_some();
        let Some(length) = (1..self.from_peer).rev().find(has_issuer) else { return false };
        self.chain.truncate(length);
        self.from_peer = length;
        true
    }

    fn trusted_issuer(&self, subject: &Certificate) -> Option<Arc<Certificate>> {
        let named = self.asked.trust.by_subject(subject.issuer().canonical());
        best_issuer(named.iter().filter(|issuer| likely_issued(issuer, subject)), self.asked.time).cloned()
    }

    fn no_trust(&self) -> VerificationError {
        let last = self.chain.len() - 1;
        let top = self.top();
        let self_signed = is_self_signed(top);
        let code = if last > MAX_DEPTH {
            VerifyCode::CertChainTooLong
        } else if self_signed && last == 0 {
            VerifyCode::DepthZeroSelfSignedCert
        } else if self_signed {
            VerifyCode::SelfSignedCertInChain
        } else if self.from_peer < self.chain.len() {
            VerifyCode::UnableToGetIssuerCert
        } else {
            VerifyCode::UnableToGetIssuerCertLocally
        };
        let detail = if self_signed {
            VerificationDetail::None
        } else {
            VerificationDetail::MissingIssuer { issuer: top.issuer().one_line() }
        };
        VerificationError { detail, ..failure(code, &self.chain, last) }
    }
}

/// The first candidate that is valid now; failing that, the one that ends last
/// (`get0_best_issuer_sk`, `X509_STORE_CTX_get1_issuer`).
fn best_issuer<'a>(
    candidates: impl Iterator<Item = &'a Arc<Certificate>>,
    now: i64,
) -> Option<&'a Arc<Certificate>> {
    let mut best: Option<&Arc<Certificate>> = None;
    for candidate in candidates {
        let end = candidate.not_after().seconds();
        if candidate.not_before().seconds().is_some_and(|start| start <= now)
            && end.is_some_and(|end| now < end)
        {
            return Some(candidate);
        }
        if best.is_none_or(|best| end > best.not_after().seconds()) {
            best = Some(candidate);
        }
    }
    best
}
