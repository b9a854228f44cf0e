//! The extensions of a certificate that the checks and `getpeercert()` use (RFC 5280 section 4.2).

use std::collections::HashSet;

use super::crl::full_names;
use super::der::{Tlv, all_items, items, named_bits, oid, only, small_integer, tag};
use super::general_name::GeneralName;
use super::name::Name;

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

/// One of `cRLDistributionPoints`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DistributionPoint {
    /// Its full names, if it has any.
    pub names: Option<Vec<GeneralName>>,
    /// It is for some reasons of revocation only.
    pub has_reasons: bool,
    /// Somebody else than the certificate's issuer signs its CRLs.
    pub has_other_issuer: bool,
}

impl DistributionPoint {
    /// Whether a CRL of the certificate's issuer, for all reasons, may come from here.
    #[must_use]
    pub const fn is_by_certificate_issuer(&self) -> bool {
        !self.has_reasons && !self.has_other_issuer
    }
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
        self.distribution_points.iter().filter_map(|point| point.names.as_ref()).flatten().filter_map(
            |name| match name {
                GeneralName::Uri(uri) => Some(uri.as_str()),
                _ => None,
            },
        )
    }

    /// Reads the contents of `[3] EXPLICIT Extensions`; `None` when the list itself is damaged.
    pub(super) fn read(contents: &[u8]) -> Option<Self> {
        let mut this = Self::default();
        // A set: a certificate may come with thousands of extensions, from somebody who means harm.
        let mut seen = HashSet::new();
        for extension in all_items(only(contents, tag::SEQUENCE)?.value)? {
            let mut fields = items(extension.value);
            let identifier = oid(fields.expect(tag::OID)?.value)?;
            let critical = match fields.optional(tag::BOOLEAN) {
                Some(value) => value.value.first().is_some_and(|&byte| byte != 0),
                None => false,
            };
            let value = fields.expect(tag::OCTET_STRING)?.value;
            this.count += 1;
            // RFC 5280 section 4.2: no extension twice. OpenSSL marks such a certificate invalid.
            if seen.contains(&identifier) || this.take(&identifier, critical, value).is_none() {
                this.invalid = true;
            }
            seen.insert(identifier);
        }
        // RFC 3820 section 3.5: a proxy is no CA and has no other names.
        let is_ca = this.basic_constraints.is_some_and(|constraints| constraints.ca);
        let has_names = seen.iter().any(|oid| matches!(oid.as_str(), "2.5.29.17" | "2.5.29.18"));
        this.invalid |= this.proxy.is_some() && (is_ca || has_names);
        Some(this)
    }

    /// Keeps one extension; `None` when it is one that we read and its value is damaged.
    fn take(&mut self, identifier: &str, critical: bool, value: &[u8]) -> Option<()> {
        match identifier {
            "2.5.29.19" => self.basic_constraints = Some(basic_constraints(value, critical)?),
            "2.5.29.15" => {
                let bits = named_bits(only(value, tag::BIT_STRING)?.value)?;
                // OpenSSL 3: a keyUsage without any bit is an error (X509V3_R_EMPTY_KEY_USAGE).
                self.key_usage = Some(KeyUsage(if bits == 0 { return None } else { bits }));
            }
            "2.5.29.37" => self.extended_key_usage = Some(extended_key_usage(value)?),
            "2.16.840.1.113730.1.1" => {
                let bits = named_bits(only(value, tag::BIT_STRING)?.value)?;
                self.netscape_cert_type = Some(NetscapeCertType((bits >> 8) as u8));
            }
            "2.5.29.14" => {
                self.subject_key_id = Some(only(value, tag::OCTET_STRING)?.value.to_vec());
                self.subject_key_id_critical = critical;
                // OpenSSL's list of what it handles (`X509_supported_extension`) lacks both identifiers.
                self.unhandled_critical |= critical;
            }
            "2.5.29.35" => {
                self.authority_key_id = Some(authority_key_id(value)?);
                self.authority_key_id_critical = critical;
                self.unhandled_critical |= critical;
            }
            "2.5.29.17" => {
                self.subject_alt_names = Some(general_names(only(value, tag::SEQUENCE)?.value)?);
                self.subject_alt_names_critical = critical;
            }
            "2.5.29.30" => self.name_constraints = Some(name_constraints(value)?),
            "1.3.6.1.5.5.7.1.14" => self.proxy = Some(proxy_info(value)?),
            "1.3.6.1.5.5.7.1.1" => {
                // For people to read only: OpenSSL minds no damage here.
                let _ = self.authority_info_access(value);
                self.unhandled_critical |= critical;
            }
            "2.5.29.31" => self.crl_distribution_points(value)?,
            // Understood by OpenSSL (`X509_supported_extension`) and without effect on its default checks:
            // certificate policies, policy constraints, policy mappings, inhibit any policy, OCSP no check.
            "2.5.29.32" | "2.5.29.36" | "2.5.29.33" | "2.5.29.54" | "1.3.6.1.5.5.7.48.1.5" => {}
            _ => self.unhandled_critical |= critical,
        }
        Some(())
    }

    fn authority_info_access(&mut self, value: &[u8]) -> Option<()> {
        for access in all_items(only(value, tag::SEQUENCE)?.value)? {
            let mut fields = items(access.value);
            let method = oid(fields.expect(tag::OID)?.value)?;
            let Some(GeneralName::Uri(uri)) = GeneralName::read(fields.next()?) else { continue };
            match method.as_str() {
                "1.3.6.1.5.5.7.48.1" => self.ocsp_uris.push(uri),
                "1.3.6.1.5.5.7.48.2" => self.ca_issuers_uris.push(uri),
                _ => {}
            }
        }
        Some(())
    }

    fn crl_distribution_points(&mut self, value: &[u8]) -> Option<()> {
        for point in all_items(only(value, tag::SEQUENCE)?.value)? {
            let mut fields = items(point.value);
            // A point may have reasons or an issuer only (CVE-2019-5010 is about forgetting that).
            let name = fields.optional(tag::explicit(0));
            let names = match &name {
                Some(name) => full_names(name.value)?,
                None => None,
            };
            let has_reasons = fields.optional(tag::implicit(1)).is_some();
            let issuer = fields.optional(tag::explicit(2));
            let has_other_issuer = issuer.is_some();
            // RFC 5280 section 4.2.1.13: one of both must be there (`setup_dp` of OpenSSL).
            self.invalid |= name.is_none() && issuer.is_none_or(|issuer| issuer.value.is_empty());
            self.distribution_points.push(DistributionPoint { names, has_reasons, has_other_issuer });
        }
        Some(())
    }
}

fn basic_constraints(value: &[u8], critical: bool) -> Option<BasicConstraints> {
    let mut fields = items(only(value, tag::SEQUENCE)?.value);
    let ca = match fields.optional(tag::BOOLEAN) {
        Some(flag) => *flag.value.first()? != 0,
        None => false,
    };
    let path_length = match fields.optional(tag::INTEGER) {
        Some(number) => Some(small_integer(number.value)?),
        None => None,
    };
    fields.is_empty().then_some(BasicConstraints { ca, path_length, critical })
}

fn extended_key_usage(value: &[u8]) -> Option<ExtendedKeyUsage> {
    let mut usage = ExtendedKeyUsage::default();
    for purpose in all_items(only(value, tag::SEQUENCE)?.value)? {
        match oid(purpose.value)?.as_str() {
            // serverAuth, Microsoft's and Netscape's server-gated cryptography
            "1.3.6.1.5.5.7.3.1" | "1.3.6.1.4.1.311.10.3.3" | "2.16.840.1.113730.4.1" => {
                usage.server_auth = true;
            }
            "1.3.6.1.5.5.7.3.2" => usage.client_auth = true,
            // anyExtendedKeyUsage does not count for OpenSSL's purposes.
            _ => {}
        }
    }
    Some(usage)
}

pub(super) fn authority_key_id(value: &[u8]) -> Option<AuthorityKeyIdentifier> {
    let mut fields = items(only(value, tag::SEQUENCE)?.value);
    let key_id = fields.optional(tag::implicit(0)).map(|field| field.value.to_vec());
    let issuer = match fields.optional(tag::explicit(1)) {
        Some(names) => general_names(names.value)?.into_iter().find_map(|name| match name {
            GeneralName::Directory(name) => Some(name),
            _ => None,
        }),
        None => None,
    };
    let serial = fields.optional(tag::implicit(2)).map(|field| field.value.to_vec());
    fields.is_empty().then_some(AuthorityKeyIdentifier { key_id, issuer, serial })
}

fn proxy_info(value: &[u8]) -> Option<ProxyInfo> {
    let mut fields = items(only(value, tag::SEQUENCE)?.value);
    let path_length = match fields.optional(tag::INTEGER) {
        Some(number) => Some(small_integer(number.value)?),
        None => None,
    };
    fields.expect(tag::SEQUENCE)?;
    fields.is_empty().then_some(ProxyInfo { path_length })
}

fn name_constraints(value: &[u8]) -> Option<NameConstraints> {
    let mut fields = items(only(value, tag::SEQUENCE)?.value);
    let mut subtrees = |number| match fields.optional(tag::explicit(number)) {
        Some(list) => all_items(list.value)?.into_iter().map(subtree).collect(),
        None => Some(Vec::new()),
    };
    let constraints = NameConstraints { permitted: subtrees(0)?, excluded: subtrees(1)? };
    fields.is_empty().then_some(constraints)
}

fn subtree(item: Tlv<'_>) -> Option<Subtree> {
    let mut fields = items(item.value);
    let base = GeneralName::read(fields.next()?)?;
    let minimum = fields.optional(tag::implicit(0));
    let maximum = fields.optional(tag::implicit(1));
    let has_distance = minimum.is_some_and(|distance| distance.value != [0]) || maximum.is_some();
    fields.is_empty().then_some(Subtree { base, has_distance })
}

pub(super) fn general_names(contents: &[u8]) -> Option<Vec<GeneralName>> {
    all_items(contents)?.into_iter().map(GeneralName::read).collect()
}
