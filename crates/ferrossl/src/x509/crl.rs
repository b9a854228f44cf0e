//! Certificate revocation lists (RFC 5280 section 5), version 1 and 2.

use std::fmt;
use std::ops::Range;

use super::der::{all_items, items, oid, only, small_integer, tag, whole_bits};
use super::extensions::{AuthorityKeyIdentifier, authority_key_id, general_names};
use super::general_name::GeneralName;
use super::name::Name;
use super::public_key::PublicKey;
use super::signature::SignatureAlgorithm;
use super::time::Time;
use crate::error::{Error, Result};
use crate::openssl_names::reasons;

/// `removeFromCRL` of `CRLReason`.
const REMOVE_FROM_CRL: u64 = 8;

/// `issuingDistributionPoint`: what a CRL is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuingDistributionPoint {
    /// The full names of the distribution point, if it has any.
    pub names: Option<Vec<GeneralName>>,
    /// Only certificates that are no CAs'.
    pub only_users: bool,
    /// Only CA certificates.
    pub only_authorities: bool,
    /// Only attribute certificates.
    pub only_attributes: bool,
    /// Only some reasons, or certificates of other issuers too: OpenSSL does not take such CRLs by default.
    pub needs_extended_support: bool,
    /// It contradicts itself.
    pub invalid: bool,
}

/// A certificate revocation list.
#[derive(Clone)]
pub struct RevocationList {
    der: Vec<u8>,
    tbs: Range<usize>,
    issuer: Name,
    this_update: Time,
    next_update: Option<Time>,
    /// Serial numbers, sorted.
    revoked: Vec<Vec<u8>>,
    authority_key_id: Option<AuthorityKeyIdentifier>,
    distribution_point: Option<IssuingDistributionPoint>,
    is_delta: bool,
    unhandled_critical: bool,
    algorithm: SignatureAlgorithm,
    algorithms_agree: bool,
    signature: Vec<u8>,
}

impl RevocationList {
    /// Reads one CRL from its DER encoding, with nothing behind it.
    ///
    /// # Errors
    ///
    /// `ASN1: NESTED_ASN1_ERROR` when the bytes are no CRL.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        read(der).ok_or_else(|| Error::material(reasons::NESTED_ASN1_ERROR, "the bytes are not a CRL"))
    }

    /// The DER encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Who signed it.
    #[must_use]
    pub const fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// When it was made.
    #[must_use]
    pub const fn this_update(&self) -> &Time {
        &self.this_update
    }

    /// When the next one is due, if the list says so.
    #[must_use]
    pub const fn next_update(&self) -> Option<&Time> {
        self.next_update.as_ref()
    }

    /// Whether the certificate with this serial number of the list's issuer is revoked.
    #[must_use]
    pub fn revokes(&self, serial: &[u8]) -> bool {
        self.revoked.binary_search_by(|known| known.as_slice().cmp(serial)).is_ok()
    }

    /// `authorityKeyIdentifier`.
    #[must_use]
    pub const fn authority_key_id(&self) -> Option<&AuthorityKeyIdentifier> {
        self.authority_key_id.as_ref()
    }

    /// `issuingDistributionPoint`.
    #[must_use]
    pub const fn distribution_point(&self) -> Option<&IssuingDistributionPoint> {
        self.distribution_point.as_ref()
    }

    /// Whether it only adds to another CRL.
    #[must_use]
    pub const fn is_delta(&self) -> bool {
        self.is_delta
    }

    /// A critical extension, of the list or of an entry, that nobody here understands.
    #[must_use]
    pub const fn unhandled_critical(&self) -> bool {
        self.unhandled_critical
    }

    /// Whether this key made the signature.
    #[must_use]
    pub fn is_signed_by(&self, issuer_key: &PublicKey) -> bool {
        self.algorithms_agree
            && self.algorithm.verify(issuer_key, &self.der[self.tbs.clone()], &self.signature)
    }
}

/// Two lists are equal when their bytes are.
impl PartialEq for RevocationList {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for RevocationList {}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevocationList({}, {} revoked)", self.issuer.one_line(), self.revoked.len())
    }
}

fn read(der: &[u8]) -> Option<RevocationList> {
    let [tbs, algorithm, signature] = all_items(only(der, tag::SEQUENCE)?.value)?.try_into().ok()?;
    if tbs.tag != tag::SEQUENCE || signature.tag != tag::BIT_STRING {
        return None;
    }
    let mut fields = items(tbs.value);
    if let Some(version) = fields.optional(tag::INTEGER) {
        small_integer(version.value)?;
    }
    let inner_algorithm = fields.expect(tag::SEQUENCE)?;
    let issuer = Name::read(fields.expect(tag::SEQUENCE)?.raw)?;
    let this_update = Time::read(fields.next()?)?;
    let next_update = match fields.optional(tag::UTC_TIME).or_else(|| fields.optional(tag::GENERALIZED_TIME))
    {
        Some(time) => Some(Time::read(time)?),
        None => None,
    };
    // The signed part's place in `der`: both slices are of the same buffer.
    let start = tbs.raw.as_ptr() as usize - der.as_ptr() as usize;
    let mut list = RevocationList {
        der: der.to_vec(),
        tbs: start..start + tbs.raw.len(),
        issuer,
        this_update,
        next_update,
        revoked: Vec::new(),
        authority_key_id: None,
        distribution_point: None,
        is_delta: false,
        unhandled_critical: false,
        algorithm: SignatureAlgorithm::read(algorithm.raw)?,
        algorithms_agree: inner_algorithm.raw == algorithm.raw,
        signature: whole_bits(signature.value)?.to_vec(),
    };
    if let Some(entries) = fields.optional(tag::SEQUENCE) {
        for entry in all_items(entries.value)? {
            list.take_entry(entry.value)?;
        }
        list.revoked.sort();
    }
    if let Some(extensions) = fields.optional(tag::explicit(0)) {
        for extension in all_items(only(extensions.value, tag::SEQUENCE)?.value)? {
            let (identifier, critical, value) = extension_fields(extension.value)?;
            list.take_extension(&identifier, critical, value)?;
        }
    }
    fields.is_empty().then_some(list)
}

fn extension_fields(contents: &[u8]) -> Option<(String, bool, &[u8])> {
    let mut fields = items(contents);
    let identifier = oid(fields.expect(tag::OID)?.value)?;
    let critical =
        fields.optional(tag::BOOLEAN).is_some_and(|flag| flag.value.first().is_some_and(|&b| b != 0));
    Some((identifier, critical, fields.expect(tag::OCTET_STRING)?.value))
}

impl RevocationList {
    fn take_entry(&mut self, contents: &[u8]) -> Option<()> {
        let mut fields = items(contents);
        let serial = fields.expect(tag::INTEGER)?.value.to_vec();
        Time::read(fields.next()?)?;
        let mut removed = false;
        if let Some(extensions) = fields.optional(tag::SEQUENCE) {
            for extension in all_items(extensions.value)? {
                let (identifier, critical, value) = extension_fields(extension.value)?;
                match identifier.as_str() {
                    "2.5.29.21" => {
                        // ENUMERATED
                        let reason = only(value, 0x0a)?;
                        removed = small_integer(reason.value)? == REMOVE_FROM_CRL;
                    }
                    // invalidityDate; certificateIssuer only makes sense in indirect CRLs, and is critical there.
                    "2.5.29.24" => {}
                    _ => self.unhandled_critical |= critical,
                }
            }
        }
        if !removed {
            self.revoked.push(serial);
        }
        Some(())
    }

    fn take_extension(&mut self, identifier: &str, critical: bool, value: &[u8]) -> Option<()> {
        match identifier {
            "2.5.29.35" => self.authority_key_id = Some(authority_key_id(value)?),
            "2.5.29.28" => self.distribution_point = Some(issuing_distribution_point(value)?),
            "2.5.29.27" => self.is_delta = true,
            // cRLNumber
            "2.5.29.20" => {}
            _ => self.unhandled_critical |= critical,
        }
        Some(())
    }
}

fn issuing_distribution_point(value: &[u8]) -> Option<IssuingDistributionPoint> {
    let mut point = IssuingDistributionPoint::default();
    for field in all_items(only(value, tag::SEQUENCE)?.value)? {
        let flag = field.value.first().is_some_and(|&byte| byte != 0);
        match field.tag {
            t if t == tag::explicit(0) => point.names = full_names(field.value)?,
            t if t == tag::implicit(1) => point.only_users = flag,
            t if t == tag::implicit(2) => point.only_authorities = flag,
            t if t == tag::implicit(3) => point.needs_extended_support = true,
            t if t == tag::implicit(4) => point.needs_extended_support |= flag,
            t if t == tag::implicit(5) => point.only_attributes = flag,
            _ => return None,
        }
    }
    let kinds = [point.only_users, point.only_authorities, point.only_attributes];
    point.invalid = kinds.into_iter().filter(|&only| only).count() > 1;
    Some(point)
}

/// The names of `DistributionPointName`; `None` in it for a name relative to the issuer's.
pub(super) fn full_names(contents: &[u8]) -> Option<Option<Vec<GeneralName>>> {
    match items(contents).optional(tag::explicit(0)) {
        Some(names) => general_names(names.value).map(Some),
        None => Some(None),
    }
}
