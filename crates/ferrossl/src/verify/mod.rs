//! Whether a certificate chain is good: OpenSSL's verdict, in OpenSSL's order, because the first stage
//! that fails decides the code. [`Verification`] is the way in.
//!
//! The stages (`verify_chain` in OpenSSL's `x509_vfy.c`): build the chain → extensions, purpose and
//! path length → security level → host name → revocation → signatures and dates from the root down →
//! name constraints → keys that were compromised. Time is an argument; files, sockets and contexts are unknown here.

mod chain;
mod distrusted;
mod extensions;
mod hostname;
mod issuer_match;
mod name_constraints;
mod policy;
mod proxy;
mod revocation;
mod security_level;
mod signature_memory;
mod signatures;
mod strict;
mod trust_settings;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::error::{VerificationDetail, VerificationError};
use crate::openssl_names::verify_codes::VerifyCode;
use crate::x509::{Certificate, RevocationList};

pub(crate) use extensions::{CaKind, ca_kind};
pub use hostname::matches_host;
pub(crate) use issuer_match::is_self_signed;
pub use policy::{ChainEnd, CommonName, CrlCheck, IssuerSearch, Policy, ProxyCertificates, Strictness};
pub(crate) use security_level::least_bits;
use signature_memory::Signatures;
pub use signature_memory::{SignatureCounts, SignatureMemory};

/// Where trusted certificates come from.
pub trait TrustAnchors {
    /// Every trusted certificate whose subject has this canonical form (see [`crate::x509::Name::canonical`]).
    fn by_subject(&self, canonical: &[u8]) -> Vec<Arc<Certificate>>;

    /// Every revocation list whose issuer has this canonical form.
    fn revocation_lists(&self, canonical: &[u8]) -> Vec<Arc<RevocationList>>;
}

/// What the certificate is to be used for. TLS has these two uses and no other, so programs may match both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The peer is a TLS server.
    Server,
    /// The peer is a TLS client.
    Client,
}

/// Whom the certificate must be for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpectedName {
    /// A host name, as an A-label where it is an internationalised one.
    Host(String),
    /// An IP address.
    Ip(IpAddr),
}

impl ExpectedName {
    /// Takes text for an address if it is one, for a host name otherwise.
    #[must_use]
    pub fn new(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Host(text.to_owned()), Self::Ip)
    }
}

/// A chain that passed every check, from the peer's certificate to the trust anchor.
/// Only [`Verification::run`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedChain(Vec<Arc<Certificate>>);

impl VerifiedChain {
    /// The certificates, the peer's own first.
    #[must_use]
    pub fn certificates(&self) -> &[Arc<Certificate>] {
        &self.0
    }
}

/// A chain that was put together and not judged: it may be expired, forged, or lead to nobody. Another type than
/// [`VerifiedChain`], so that nothing takes the one for the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnjudgedChain(Vec<Arc<Certificate>>);

impl UnjudgedChain {
    /// The certificates, the peer's own first.
    #[must_use]
    pub fn certificates(&self) -> &[Arc<Certificate>] {
        &self.0
    }
}

/// A chain to verify: everything that the verdict depends on. Nothing else is looked at, neither a clock nor a file that
/// the trust store does not name. A [memory](Self::with_memory) of signatures saves work and changes no verdict.
#[derive(Clone)]
pub struct Verification<'a> {
    leaf: Arc<Certificate>,
    untrusted: &'a [Arc<Certificate>],
    trust: &'a dyn TrustAnchors,
    purpose: Purpose,
    time: i64,
    policy: Policy,
    expected_name: Option<&'a ExpectedName>,
    signatures: Signatures<'a>,
}

impl<'a> Verification<'a> {
    /// Of the peer's certificate `leaf`, at a `time` in seconds since 1970 (UTC), under the default policy. Unless more is
    /// said, the peer has sent no other certificate, and no name is compared.
    #[must_use]
    pub fn new(leaf: Arc<Certificate>, trust: &'a dyn TrustAnchors, purpose: Purpose, time: i64) -> Self {
        Self {
            leaf,
            untrusted: &[],
            trust,
            purpose,
            time,
            policy: Policy::default(),
            expected_name: None,
            signatures: Signatures::default(),
        }
    }

    /// With the help of these certificates, which the peer has sent along, in any order.
    #[must_use]
    pub const fn with_untrusted(mut self, certificates: &'a [Arc<Certificate>]) -> Self {
        self.untrusted = certificates;
        self
    }

    /// Under this policy.
    #[must_use]
    pub const fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The leaf must be for this name; with `None`, it may be for any.
    #[must_use]
    pub fn with_expected_name(mut self, name: impl Into<Option<&'a ExpectedName>>) -> Self {
        self.expected_name = name.into();
        self
    }

    /// Signatures that this memory knows are not computed again, and those that are found right are remembered there.
    #[must_use]
    pub fn with_memory(mut self, memory: impl Into<Option<&'a SignatureMemory>>) -> Self {
        self.signatures.memory = memory.into();
        self
    }

    /// Counts the signatures that are computed, and those that need not be.
    #[must_use]
    pub const fn with_counts(mut self, counts: &'a SignatureCounts) -> Self {
        self.signatures.counts = Some(counts);
        self
    }

    /// The verdict.
    ///
    /// # Errors
    ///
    /// The first failing stage's code, with the certificate and the values that were compared.
    pub fn run(self) -> Result<VerifiedChain, VerificationError> {
        let (policy, time) = (&self.policy, self.time);
        security_level::check_leaf_key(&self.leaf, policy)?;
        let chain = chain::build(&self)?;
        extensions::check(&chain, policy, self.purpose)?;
        security_level::check_chain(&chain, policy)?;
        if let Some(expected) = self.expected_name {
            hostname::check(&chain[0], expected, policy)?;
        }
        revocation::check(&chain, self.trust, policy, time, self.signatures)?;
        signatures::check(&chain, policy, time, self.signatures)?;
        name_constraints::check(&chain, policy)?;
        distrusted::check(&chain)?;
        Ok(VerifiedChain(chain))
    }

    /// Puts together the chain that [`Self::run`] would judge, as far as it goes. OpenSSL does so when nobody asked for a
    /// verification, and programs compare the fingerprints of CA certificates with what comes out.
    #[must_use]
    pub fn build_without_judging(self) -> UnjudgedChain {
        // With a key that is too weak, OpenSSL stops before it looks for issuers.
        if security_level::check_leaf_key(&self.leaf, &self.policy).is_err() {
            return UnjudgedChain(vec![self.leaf]);
        }
        UnjudgedChain(chain::build_what_there_is(&self))
    }
}

impl fmt::Debug for Verification<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("leaf", &self.leaf)
            .field("untrusted", &self.untrusted)
            .field("purpose", &self.purpose)
            .field("time", &self.time)
            .field("policy", &self.policy)
            .field("expected_name", &self.expected_name)
            .finish_non_exhaustive()
    }
}

/// The chain that a lone certificate of one's own is sent with: its issuers as far as the trust store has
/// them. OpenSSL completes such a chain the same way (unless `SSL_MODE_NO_AUTO_CHAIN` is set).
pub(crate) fn complete_chain(leaf: &Arc<Certificate>, anchors: &dyn TrustAnchors) -> Vec<Arc<Certificate>> {
    let mut chain = vec![Arc::clone(leaf)];
    while let Some(top) = chain.last()
        && !issuer_match::is_self_issued(top)
        && chain.len() <= chain::MAX_DEPTH
    {
        let issuer = anchors
            .by_subject(top.issuer().canonical())
            .into_iter()
            .find(|issuer| issuer_match::likely_issued(issuer, top));
        match issuer {
            Some(issuer) if !chain.contains(&issuer) => chain.push(issuer),
            _ => break,
        }
    }
    chain
}

fn failure(code: VerifyCode, chain: &[Arc<Certificate>], depth: usize) -> VerificationError {
    VerificationError {
        code,
        depth,
        subject: chain.get(depth).map(|c| c.subject().one_line()).unwrap_or_default(),
        detail: VerificationDetail::None,
    }
}
