//! The extensions of a certificate that the checks and `getpeercert()` use (RFC 5280 section 4.2).

use std::collections::HashSet;

use super::der::{Items, Oid, all_items, all_of, boolean, items, named_bits, only, tag};
use super::distribution_point::{DistributionPoint, PointName, distribution_points};
use super::extension_values::{
    authority_key_id, basic_constraints, extended_key_usage, name_constraints, proxy_info,
};
use super::general_name::{GeneralName, general_names};
use super::name::Name;
use super::oids;

/// `keyUsage`: the named bits, first bit (`digitalSignature`) at the top of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// `digitalSignature`.
    pub const DIGITAL_SIGNATURE: u16 = 0x8000;
    /// `keyEncipherment`.
    pub const KEY_ENCIPHERMENT: u16 = 0x2000;
    /// `keyAgreement`.
    pub const KEY_AGREEMENT: u16 = 0x0800;
    /// `keyCertSign`.
    pub const KEY_CERT_SIGN: u16 = 0x0400;
    /// `cRLSign`.
    pub const CRL_SIGN: u16 = 0x0200;

    /// Whether any of these bits is set.
    #[must_use]
    pub const fn any(self, bits: u16) -> bool {
        self.0 & bits != 0
    }
}

/// `extendedKeyUsage`: the purposes that OpenSSL looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtendedKeyUsage {
    /// `serverAuth`, or one of the old server-gated purposes that OpenSSL takes for it.
    pub server_auth: bool,
    /// `clientAuth`.
    pub client_auth: bool,
}

/// Netscape's certificate type, first bit (`sslClient`) at the top of 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetscapeCertType(u8);

impl NetscapeCertType {
    /// `sslClient`.
    pub const SSL_CLIENT: u8 = 0x80;
    /// `sslServer`.
    pub const SSL_SERVER: u8 = 0x40;
    /// `sslCA`.
    pub const SSL_CA: u8 = 0x04;
    /// `sslCA`, `emailCA` or `objectCA`.
    pub const ANY_CA: u8 = 0x07;

    /// Whether any of these bits is set.
    #[must_use]
    pub const fn any(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// `basicConstraints`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the subject is a CA.
    pub ca: bool,
    /// How many CA certificates may follow below.
    pub path_length: Option<u64>,
    /// Whether the extension is critical.
    pub critical: bool,
}

/// `authorityKeyIdentifier`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorityKeyIdentifier {
    /// `keyIdentifier`.
    pub key_id: Option<Vec<u8>>,
    /// The first directory name of `authorityCertIssuer`.
    pub issuer: Option<Name>,
    /// `authorityCertSerialNumber`.
    pub serial: Option<Vec<u8>>,
}

/// `proxyCertInfo` (RFC 3820 section 3.8): the holder of a certificate has signed this one on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxyInfo {
    /// How many proxies may follow below.
    pub path_length: Option<u64>,
}

/// A part of the name space (`GeneralSubtree`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// Where the part begins.
    pub base: GeneralName,
    /// There is a `minimum` other than 0 or a `maximum`, which RFC 5280 forbids.
    pub has_distance: bool,
}

/// `nameConstraints`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameConstraints {
    /// Of these parts of the name space, names of their kind must be in one.
    pub permitted: Vec<Subtree>,
    /// Names must be in none of these.
    pub excluded: Vec<Subtree>,
}

/// What the extensions of a certificate say.
#[derive(Clone, Debug, Default)]
pub struct Extensions {
    /// How many extensions there are.
    pub count: usize,
    /// An extension that cannot be read, as OpenSSL's `EXFLAG_INVALID`: such a certificate fits no chain.
    pub invalid: bool,
    /// A critical extension that nobody here understands.
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
        let list = all_of(only(contents, tag::SEQUENCE)?.value, tag::SEQUENCE)?
            .into_iter()
            .map(|extension| Extension::read(extension.value))
            .collect::<Option<Vec<_>>>()?;
        // Sets: a certificate may come with thousands of extensions, from somebody who means harm.
        let (mut seen, mut twice) = (HashSet::new(), HashSet::new());
        for extension in &list {
            if !seen.insert(extension.identifier) {
                twice.insert(extension.identifier);
            }
        }
        let mut this = Self { count: list.len(), ..Self::default() };
        for extension in &list {
            this.unhandled_critical |= extension.is_unhandled();
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
            oids::KEY_USAGE => {
                let bits = named_bits(only(value, tag::BIT_STRING)?.value)?;
                // OpenSSL 3: a keyUsage without any bit is an error (X509V3_R_EMPTY_KEY_USAGE).
                self.key_usage = Some(KeyUsage(if bits == 0 { return None } else { bits }));
            }
            oids::EXT_KEY_USAGE => self.extended_key_usage = Some(extended_key_usage(value)?),
            oids::NETSCAPE_CERT_TYPE => {
                let bits = named_bits(only(value, tag::BIT_STRING)?.value)?;
                self.netscape_cert_type = Some(NetscapeCertType((bits >> 8) as u8));
            }
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
                // For people to read only: OpenSSL minds no damage here.
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
            // Resources of the Internet (RFC 3779) must be among the issuer's, and nobody here compares them. So such
            // certificates are refused, critical or not.
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

/// One extension of a certificate, of a CRL or of a CRL's entry, whose value nobody has read yet.
#[derive(Debug)]
pub(super) struct Extension<'a> {
    pub(super) identifier: Oid<'a>,
    pub(super) critical: bool,
    pub(super) value: &'a [u8],
}

impl<'a> Extension<'a> {
    /// Reads the contents of an `Extension`; `None` when it is damaged.
    pub(super) fn read(contents: &'a [u8]) -> Option<Self> {
        let mut fields: Items<'a> = items(contents);
        let identifier = Oid::read(fields.expect(tag::OID)?.value)?;
        let critical = match fields.optional(tag::BOOLEAN) {
            Some(flag) => boolean(flag.value)?,
            None => false,
        };
        let value = fields.expect(tag::OCTET_STRING)?.value;
        fields.finish()?;
        Some(Self { identifier, critical, value })
    }

    /// Whether a certificate with it must be refused, because it is critical and nobody here understands it.
    ///
    /// The list is OpenSSL's (`X509_supported_extension`), which lacks both key identifiers. Certificate policies,
    /// policy constraints, policy mappings, inhibit any policy and OCSP no check have no effect on its default checks.
    fn is_unhandled(&self) -> bool {
        self.critical
            && !matches!(
                self.identifier,
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
}
