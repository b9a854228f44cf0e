//! The knobs of a verification. The values of each kind stand in order, from the least strict to the strictest.

/// Which certificates of the trust store end a chain (`X509_V_FLAG_PARTIAL_CHAIN`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChainEnd {
    /// Any of them.
    AnyTrusted,
    /// Only those that are self-signed.
    Root,
}

/// How much of RFC 5280 is insisted on (`X509_V_FLAG_X509_STRICT`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Strictness {
    /// Mistakes that are common and do no harm are let pass.
    Common,
    /// What RFC 5280 forbids is refused.
    Rfc5280,
}

/// Where the issuer of a certificate is looked for first (`X509_V_FLAG_TRUSTED_FIRST`). Neither is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerSearch {
    /// Among what the peer has sent. The trust store is asked where that leads nowhere.
    PeerFirst,
    /// In the trust store.
    TrustedFirst,
}

/// What is made of proxy certificates, which the holder of a certificate has signed (RFC 3820;
/// `X509_V_FLAG_ALLOW_PROXY_CERTS`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ProxyCertificates {
    /// They may do what their holder's certificate may.
    Allowed,
    /// They are refused.
    Refused,
}

/// For which certificates there must be a CRL that does not revoke them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CrlCheck {
    /// For none of them: CRLs are not looked at.
    None,
    /// For the peer's own certificate (`X509_V_FLAG_CRL_CHECK`).
    Leaf,
    /// For every certificate of the chain (`X509_V_FLAG_CRL_CHECK_ALL` together with `X509_V_FLAG_CRL_CHECK`; the first of
    /// these flags alone checks nothing, as with OpenSSL).
    Chain,
}

/// Whether the common name of a certificate's subject counts as a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CommonName {
    /// When the certificate has no DNS name (RFC 6125 section 6.4.4).
    IfNoDnsName,
    /// Never (`X509_CHECK_FLAG_NEVER_CHECK_SUBJECT`).
    Never,
}

/// The knobs of a verification. The default is that of Python's contexts for clients without flags.
///
/// From outside of this crate one is made by changing the fields of [`Policy::default`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// Which certificates of the trust store end a chain. Default: roots.
    pub chain_end: ChainEnd,
    /// How much of RFC 5280 is insisted on. Default: what is common passes.
    pub strictness: Strictness,
    /// Where issuers are looked for first. Default: in the trust store.
    pub issuer_search: IssuerSearch,
    /// What is made of proxy certificates. Default: they are refused.
    pub proxy_certificates: ProxyCertificates,
    /// For which certificates there must be a CRL. Default: none.
    pub crl_check: CrlCheck,
    /// The security level, 0 to 5 (`SSL_CTX_set_security_level`): least strength of keys and digests. Default: 2, which
    /// asks for 112 bits, as RSA with 2048 has them.
    pub security_level: u8,
    /// Whether common names count as host names. Default: where there is no DNS name.
    pub common_name: CommonName,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            chain_end: ChainEnd::Root,
            strictness: Strictness::Common,
            issuer_search: IssuerSearch::TrustedFirst,
            proxy_certificates: ProxyCertificates::Refused,
            crl_check: CrlCheck::None,
            security_level: 2,
            common_name: CommonName::IfNoDnsName,
        }
    }
}

impl Policy {
    /// What both this policy and the next one allow; where neither is stricter, this one's way.
    pub(crate) fn and(&self, next: &Self) -> Self {
        Self {
            chain_end: self.chain_end.max(next.chain_end),
            strictness: self.strictness.max(next.strictness),
            issuer_search: self.issuer_search,
            proxy_certificates: self.proxy_certificates.max(next.proxy_certificates),
            crl_check: self.crl_check.max(next.crl_check),
            security_level: self.security_level.max(next.security_level),
            common_name: self.common_name.max(next.common_name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_policy_demands_both_demand() {
        let lax = Policy {
            chain_end: ChainEnd::AnyTrusted,
            strictness: Strictness::Common,
            issuer_search: IssuerSearch::PeerFirst,
            proxy_certificates: ProxyCertificates::Allowed,
            crl_check: CrlCheck::None,
            security_level: 0,
            common_name: CommonName::IfNoDnsName,
        };
        let strict = Policy {
            chain_end: ChainEnd::Root,
            strictness: Strictness::Rfc5280,
            issuer_search: IssuerSearch::TrustedFirst,
            proxy_certificates: ProxyCertificates::Refused,
            crl_check: CrlCheck::Chain,
            security_level: 5,
            common_name: CommonName::Never,
        };
        assert_eq!(strict.and(&lax), strict);
        assert_eq!(lax.and(&strict), Policy { issuer_search: IssuerSearch::PeerFirst, ..strict });
        assert_eq!(lax.and(&lax), lax);
        let leaf = Policy { crl_check: CrlCheck::Leaf, ..lax };
        assert_eq!(
            (leaf.and(&lax).crl_check, leaf.and(&strict).crl_check),
            (CrlCheck::Leaf, CrlCheck::Chain)
        );
    }
}
