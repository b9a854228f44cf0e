//! Path building, after `build_chain` of OpenSSL's `x509_vfy.c`.

use std::sync::Arc;

use super::{ChainEnd, IssuerSearch, Verification, failure};
use crate::error::{Namesake, VerificationDetail, VerificationError};
use crate::openssl_names::verify_codes::VerifyCode;
use crate::verify::issuer_match::{has_other_key, is_self_signed, likely_issued};
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
    // It does not matter here whether it ends in a trusted certificate.
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

    /// Adds issuers until the chain ends in a trusted certificate, or cannot go on.
    fn build(&mut self) -> Result<(), VerificationError> {
        let mut candidates: Vec<_> = self.asked.untrusted.to_vec();
        let mut search_untrusted = !candidates.is_empty();
        let mut search_trusted = !search_untrusted || self.is_trusted_first();
        loop {
            if search_trusted && self.extend_from_anchors()? == Trust::Trusted {
                return Ok(());
            }
            // Above a trusted certificate, those of the peer are not looked at any more.
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
                // because another one could bring another key under a trusted name.
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

    /// The last resort of `check_trust`: with partial chains, a trusted copy of the leaf itself is enough. What
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

    /// Without TRUSTED_FIRST: drop the peer's certificates from the top, as few as possible, until there is a
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

    /// Whether a trusted certificate has the name of this one's issuer, although none is the issuer.
    fn namesake(&self, subject: &Certificate) -> Namesake {
        let named = self.asked.trust.by_subject(subject.issuer().canonical());
        match named.as_slice() {
            [] => Namesake::None,
            named if named.iter().all(|other| has_other_key(other, subject)) => Namesake::OtherKey,
            _ => Namesake::OtherCertificate,
        }
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
        // A chain that is too long has an issuer, which was not looked for.
        let detail = if self_signed || last > MAX_DEPTH {
            VerificationDetail::None
        } else {
            VerificationDetail::MissingIssuer {
                issuer: top.issuer().one_line(),
                namesake: self.namesake(top),
            }
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

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, Issuer, KeyPair};

    use super::*;
    use crate::trust::{Bundle, TrustStore};
    use crate::verify::Purpose;

    /// A CA, in DER, and what it signs with.
    fn authority(name: &str) -> (Vec<u8>, Issuer<'static, KeyPair>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        (params.self_signed(&key).unwrap().der().to_vec(), Issuer::new(params, key))
    }

    /// What is said of the issuer of a leaf, which names it by this `authorityKeyIdentifier` or by its key.
    fn detail(
        trusted: &[&[u8]],
        issuer: &Issuer<'_, KeyPair>,
        named_by: Option<&[u8]>,
    ) -> VerificationDetail {
        let mut params = CertificateParams::new(vec!["leaf.test".to_owned()]).unwrap();
        params.use_authority_key_identifier_extension = named_by.is_none();
        let extension = |value: &[u8]| CustomExtension::from_oid_content(&[2, 5, 29, 35], value.to_vec());
        params.custom_extensions.extend(named_by.map(extension));
        let made = params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap();
        let leaf = Arc::new(Certificate::from_der(made.der()).unwrap());
        let trusted = trusted.iter().map(|der| Certificate::from_der(der).unwrap()).collect();
        let mut store = TrustStore::new();
        store.add_bundle(Arc::new(Bundle::new(trusted)));
        let error = Verification::new(leaf, &store, Purpose::Server, 1_800_000_000).run().unwrap_err();
        assert_eq!(error.code, VerifyCode::UnableToGetIssuerCertLocally);
        error.detail
    }

    #[test]
    fn who_has_the_issuers_name_and_is_not_the_issuer() {
        let (right, issuer) = authority("one");
        let (namesake, _) = authority("one");
        let (stranger, _) = authority("two");
        let missing = |namesake| VerificationDetail::MissingIssuer { issuer: "CN=one".to_owned(), namesake };
        assert_eq!(detail(&[], &issuer, None), missing(Namesake::None));
        assert_eq!(detail(&[&stranger], &issuer, None), missing(Namesake::None));
        assert_eq!(detail(&[&namesake, &stranger], &issuer, None), missing(Namesake::OtherKey));
        // The number 99, which is that of neither.
        let serial = Some(&[0x30, 3, 0x82, 1, 99][..]);
        assert_eq!(detail(&[&right], &issuer, serial), missing(Namesake::OtherCertificate));
        assert_eq!(detail(&[&right, &namesake], &issuer, serial), missing(Namesake::OtherCertificate));
    }
}
