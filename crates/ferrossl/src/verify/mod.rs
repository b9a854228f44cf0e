//! Whether a certificate chain is good: OpenSSL's verdict, in OpenSSL's order, because the first stage
//! that fails decides the code.
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
mod proxy;
mod revocation;
mod security_level;
mod signatures;
mod strict;
mod trust_settings;

use std::net::IpAddr;
use std::sync::Arc;

use crate::error::{VerificationDetail, VerificationError};
use crate::openssl_names::verify_codes::VerifyCode;
use crate::x509::{Certificate, RevocationList};

pub(crate) use extensions::{CaKind, ca_kind};
pub use hostname::matches_host;
pub(crate) use issuer_match::is_self_signed;
pub(crate) use security_level::least_bits;

/// Where trusted certificates come from.
pub trait TrustAnchors {
    /// Every trusted certificate whose subject has this canonical form (see [`crate::x509::Name::canonical`]).
    fn by_subject(&self, canonical: &[u8]) -> Vec<Arc<Certificate>>;

    /// Every revocation list whose issuer has this canonical form.
    fn revocation_lists(&self, canonical: &[u8]) -> Vec<Arc<RevocationList>>;
}

/// What the certificate is to be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The peer is a TLS server.
    Server,
    /// The peer is a TLS client.
    Client,
}

/// Whom the certificate must be for.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// The knobs of a verification. The default is strict where OpenSSL's default context is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// `X509_V_FLAG_PARTIAL_CHAIN`: any certificate of the trust store ends a chain, not only a self-signed one.
    pub partial_chain: bool,
    /// `X509_V_FLAG_X509_STRICT`: refuse what RFC 5280 forbids even where it is common.
    pub strict: bool,
    /// `X509_V_FLAG_TRUSTED_FIRST`: look for an issuer in the trust store before the peer's own chain.
    pub trusted_first: bool,
    /// `X509_V_FLAG_ALLOW_PROXY_CERTS`: certificates that the holder of a certificate has made (RFC 3820).
    pub allow_proxies: bool,
    /// `X509_V_FLAG_CRL_CHECK`: a CRL must speak for the peer's certificate.
    pub crl_check: bool,
    /// `X509_V_FLAG_CRL_CHECK_ALL`: together with `crl_check`, for every certificate of the chain.
    pub crl_check_chain: bool,
    /// The security level, 0 to 5 (`SSL_CTX_set_security_level`): least strength of keys and digests.
    pub security_level: u8,
    /// Whether a certificate without DNS names may match by its common name.
    pub match_common_name: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            partial_chain: false,
            strict: false,
            trusted_first: true,
            allow_proxies: false,
            crl_check: false,
            crl_check_chain: false,
            security_level: 2,
            match_common_name: true,
        }
    }
}

/// A chain that passed every check, from the peer's certificate to the trust anchor.
/// Only [`verify`] makes one.
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

/// Puts together the chain that [`verify`] would judge, as far as it goes. OpenSSL does so when nobody asked for a
/// verification, and programs compare the fingerprints of CA certificates with what comes out.
#[must_use]
pub fn build_without_judging(
    leaf: Arc<Certificate>,
    untrusted: &[Arc<Certificate>],
    anchors: &dyn TrustAnchors,
    policy: &Policy,
    purpose: Purpose,
    now: i64,
) -> UnjudgedChain {
    // With a key that is too weak, OpenSSL stops before it looks for issuers.
    if security_level::check_leaf_key(&leaf, policy).is_err() {
        return UnjudgedChain(vec![leaf]);
    }
    UnjudgedChain(chain::build_what_there_is(leaf, untrusted, anchors, policy, purpose, now))
}

/// Verifies the peer's `leaf` with the help of the `untrusted` certificates that it sent along.
///
/// `now` is in seconds since 1970. Without `expected` no name is compared.
///
/// # Errors
///
/// The first failing stage's code, with the certificate and the values that were compared.
pub fn verify(
    leaf: Arc<Certificate>,
    untrusted: &[Arc<Certificate>],
    anchors: &dyn TrustAnchors,
    policy: &Policy,
    purpose: Purpose,
    expected: Option<&ExpectedName>,
    now: i64,
) -> Result<VerifiedChain, VerificationError> {
    security_level::check_leaf_key(&leaf, policy)?;
    let chain = chain::build(leaf, untrusted, anchors, policy, purpose, now)?;
    extensions::check(&chain, policy, purpose)?;
    security_level::check_chain(&chain, policy)?;
    if let Some(expected) = expected {
        hostname::check(&chain[0], expected, policy)?;
    }
    revocation::check(&chain, anchors, policy, now)?;
    signatures::check(&chain, policy, now)?;
    name_constraints::check(&chain, policy)?;
    distrusted::check(&chain)?;
    Ok(VerifiedChain(chain))
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
