//! The extensions of a certificate that the checks and `getpeercert()` use (RFC 5280 section 4.2).

use std::collections::HashSet;

use super::der::{Oid, all_items, items, only, tag};
use super::distribution_point::{DistributionPoint, PointName, distribution_points};
use super::extension::Extension;
use super::extension_values::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, NameConstraints, NetscapeCertType,
    ProxyInfo, authority_key_id, basic_constraints, extended_key_usage, key_usage, name_constraints,
    netscape_cert_type, proxy_info,
};
use super::general_name::{GeneralName, general_names};
use super::name::Name;
use super::oids;

/// What the extensions of a certificate say.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Extensions {
    /// How many extensions there are.
    pub count: usize,
    /// An extension that cannot be read, as OpenSSL's `EXFLAG_INVALID`: such a certificate fits no chain.
    pub invalid: bool,
    /// A critical extension that this library does not understand.
    pub unhandled_critical: bool,
    /// `basicConstraints`.
    pub basic_constraints: Option<BasicConstraints>,
    /// `keyUsage`.
    pub key_usage: Option<KeyUsage>,
    /// `extendedKeyUsage`.
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// Netscape's certificate type.
    pub netscape_cert_type: Option<NetscapeCertType>,
    /// `subjectKeyIdentifier`.
    pub subject_key_id: Option<Vec<u8>>,
    /// `subjectKeyIdentifier` is marked critical.
    pub subject_key_id_critical: bool,
    /// `authorityKeyIdentifier`.
    pub authority_key_id: Option<AuthorityKeyIdentifier>,
    /// `authorityKeyIdentifier` is marked critical.
    pub authority_key_id_critical: bool,
    /// `subjectAltName`.
    pub subject_alt_names: Option<Vec<GeneralName>>,
    /// `subjectAltName` is marked critical.
    pub subject_alt_names_critical: bool,
    /// `nameConstraints`.
    pub name_constraints: Option<NameConstraints>,
    /// `proxyCertInfo`.
    pub proxy: Option<ProxyInfo>,
    /// The addresses of `authorityInfoAccess` under `id-ad-ocsp`.
    pub ocsp_uris: Vec<String>,
    /// The addresses of `authorityInfoAccess` under `id-ad-caIssuers`.
    pub ca_issuers_uris: Vec<String>,
    /// `cRLDistributionPoints`.
    pub distribution_points: Vec<DistributionPoint>,
}

impl Extensions {
    /// The addresses of `cRLDistributionPoints`.
    pub fn crl_uris(&self) -> impl Iterator<Item = &str> {
        let full_names = self.distribution_points.iter().filter_map(|point| match &point.name {
            Some(PointName::Full(names)) => Some(names),
            _ => None,
        });
        full_names.flatten().filter_map(|name| match name {
            GeneralName::Uri(uri) => Some(uri.as_str()),
            _ => None,
        })
    }

    /// Reads the contents of `[3] EXPLICIT Extensions` of a certificate of this issuer; `None` when the list itself is
    /// damaged.
    pub(super) fn read(contents: &[u8], issuer: &Name) -> Option<Self> {
        let list = Extension::read_all(only(contents, tag::SEQUENCE)?.value)?;
        // Sets: a certificate may come with thousands of extensions, from an attacker.
        let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
        for extension in &list {
            if !seen.insert(extension.identifier) {
                twice.insert(extension.identifier);
            }
        }
        let mut this = Self { count: list.len(), ..Self::default() };
        for extension in &list {
            this.unhandled_critical |= extension.critical && !is_handled(extension.identifier);
            // RFC 5280 section 4.2: no extension twice. Neither of them counts then, and the certificate is invalid.
            if twice.contains(&extension.identifier) || this.take(extension, issuer).is_none() {
                this.invalid = true;
            }
        }
        // RFC 3820 section 3.5: a proxy is no CA and has no other names.
        let is_ca = this.basic_constraints.is_some_and(|constraints| constraints.ca);
        let has_names = seen.contains(&oids::SUBJECT_ALT_NAME) || seen.contains(&oids::ISSUER_ALT_NAME);
        this.invalid |= this.proxy.is_some() && (is_ca || has_names);
        Some(this)
    }

    /// Keeps one extension; `None` when it is one that we read and its value is damaged.
    fn take(&mut self, extension: &Extension<'_>, issuer: &Name) -> Option<()> {
        let &Extension { identifier, critical, value } = extension;
        match identifier {
            oids::BASIC_CONSTRAINTS => self.basic_constraints = Some(basic_constraints(value, critical)?),
            oids::KEY_USAGE => self.key_usage = Some(key_usage(value)?),
            oids::EXT_KEY_USAGE => self.extended_key_usage = Some(extended_key_usage(value)?),
            oids::NETSCAPE_CERT_TYPE => self.netscape_cert_type = Some(netscape_cert_type(value)?),
            oids::SUBJECT_KEY_IDENTIFIER => {
                self.subject_key_id = Some(only(value, tag::OCTET_STRING)?.value.to_vec());
                self.subject_key_id_critical = critical;
            }
            oids::AUTHORITY_KEY_IDENTIFIER => {
                self.authority_key_id = Some(authority_key_id(value)?);
                self.authority_key_id_critical = critical;
            }
            oids::SUBJECT_ALT_NAME => {
                self.subject_alt_names = Some(general_names(value)?);
                self.subject_alt_names_critical = critical;
            }
            oids::NAME_CONSTRAINTS => self.name_constraints = Some(name_constraints(value)?),
            oids::PROXY_CERT_INFO => self.proxy = Some(proxy_info(value)?),
            oids::AUTHORITY_INFO_ACCESS => {
                // For display only: OpenSSL ignores damage here.
                let _ = self.authority_info_access(value);
            }
            oids::CRL_DISTRIBUTION_POINTS => {
                self.distribution_points = distribution_points(value, issuer)?;
                // RFC 5280 section 4.2.1.13: a point has a name or an issuer (`setup_dp` of OpenSSL).
                let is_nowhere = |point: &DistributionPoint| {
                    point.name.is_none() && point.issuers.as_ref().is_none_or(Vec::is_empty)
                };
                self.invalid |= self.distribution_points.iter().any(is_nowhere);
            }
            // Resources of the Internet (RFC 3779) must be among the issuer's, and this library does not compare them. So
            // such certificates are refused, critical or not.
            oids::IP_ADDR_BLOCKS | oids::AUTONOMOUS_SYS_IDS => self.unhandled_critical = true,
            _ => {}
        }
        Some(())
    }

    fn authority_info_access(&mut self, value: &[u8]) -> Option<()> {
        for access in all_items(only(value, tag::SEQUENCE)?.value)? {
            let mut fields = items(access.value);
            let method = Oid::read(fields.expect(tag::OID)?.value)?;
            let Some(GeneralName::Uri(uri)) = GeneralName::read(fields.next()?) else { continue };
            match method {
                oids::AD_OCSP => self.ocsp_uris.push(uri),
                oids::AD_CA_ISSUERS => self.ca_issuers_uris.push(uri),
                _ => {}
            }
        }
        Some(())
    }
}

/// Whether a certificate may have this extension as a critical one.
///
/// The list is OpenSSL's (`X509_supported_extension`), which lacks both key identifiers. Certificate policies,
/// policy constraints, policy mappings, inhibit any policy and OCSP no check have no effect on its default checks.
const fn is_handled(identifier: Oid<'_>) -> bool {
    matches!(
        identifier,
        oids::KEY_USAGE
            | oids::SUBJECT_ALT_NAME
            | oids::BASIC_CONSTRAINTS
            | oids::NAME_CONSTRAINTS
            | oids::CRL_DISTRIBUTION_POINTS
            | oids::CERTIFICATE_POLICIES
            | oids::POLICY_MAPPINGS
            | oids::POLICY_CONSTRAINTS
            | oids::EXT_KEY_USAGE
            | oids::INHIBIT_ANY_POLICY
            | oids::NETSCAPE_CERT_TYPE
            | oids::PROXY_CERT_INFO
            | oids::OCSP_NO_CHECK
    )
}
