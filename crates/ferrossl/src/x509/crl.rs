//! Certificate revocation lists (RFC 5280 section 5), version 1 and 2.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use aws_lc_rs::digest::{SHA256, digest};

use super::algorithm::AlgorithmIdentifier;
use super::der::{all_of, bit_string, integer, items, only, tag, whole_bits};
use super::distribution_point::{IssuingDistributionPoint, issuing_distribution_point};
use super::extension::Extension;
use super::extension_values::{AuthorityKeyIdentifier, authority_key_id};
use super::general_name::{GeneralName, general_names};
use super::name::Name;
use super::oids;
use super::public_key::PublicKey;
use super::signature::SignatureAlgorithm;
use super::time::Time;
use crate::error::{Error, Result};
use crate::openssl_names::reasons;

/// `removeFromCRL` of `CRLReason`.
const REMOVE_FROM_CRL: &[u8] = &[8];

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
    /// `None` when it is no whole number of bytes, and so no signature.
    signature: Option<Vec<u8>>,
    /// Made when it is first asked for: lists are long, and looked into again and again.
    fingerprint: OnceLock<[u8; 32]>,
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

    /// The SHA-256 of the DER encoding.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        *self.fingerprint.get_or_init(|| {
            let mut fingerprint = [0; 32];
            fingerprint.copy_from_slice(digest(&SHA256, &self.der).as_ref());
            fingerprint
        })
    }

    /// The issuer's name (RFC 5280 section 5.1.2.3).
    #[must_use]
    pub const fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// `thisUpdate`: when it was issued (RFC 5280 section 5.1.2.4).
    #[must_use]
    pub const fn this_update(&self) -> &Time {
        &self.this_update
    }

    /// `nextUpdate`: when the next one is due, if the list says so (RFC 5280 section 5.1.2.5). From this second on the list is
    /// refused, as by OpenSSL.
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

    /// Whether it is a delta CRL, which lists only what has changed since another one (RFC 5280 section 5.2.4).
    #[must_use]
    pub const fn is_delta(&self) -> bool {
        self.is_delta
    }

    /// A critical extension, of the list or of an entry, that this library does not understand.
    #[must_use]
    pub const fn unhandled_critical(&self) -> bool {
        self.unhandled_critical
    }

    /// Whether this key made the signature.
    #[must_use]
    pub fn is_signed_by(&self, issuer_key: &PublicKey) -> bool {
        self.algorithms_agree
            && self.signature.as_ref().is_some_and(|signature| {
                self.algorithm.verify(issuer_key, &self.der[self.tbs.clone()], signature)
            })
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

/// As OpenSSL's templates `X509_CRL` and `X509_CRL_INFO`; and what says which certificates the list is about must be
/// readable as well. OpenSSL passes over a scope or a key identifier that it cannot read.
fn read(der: &[u8]) -> Option<RevocationList> {
    let mut whole = items(only(der, tag::SEQUENCE)?.value);
    let tbs = whole.expect(tag::SEQUENCE)?;
    let algorithm = AlgorithmIdentifier::take(&mut whole)?;
    let signature = whole.expect(tag::BIT_STRING)?.value;
    bit_string(signature)?;
    whole.finish()?;

    let mut fields = items(tbs.value);
    if let Some(version) = fields.optional(tag::INTEGER) {
        integer(version.value)?;
    }
    let stated_algorithm = AlgorithmIdentifier::take(&mut fields)?;
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
        algorithm: SignatureAlgorithm::of(&algorithm),
        algorithms_agree: stated_algorithm.raw == algorithm.raw,
        signature: whole_bits(signature).map(<[u8]>::to_vec),
        fingerprint: OnceLock::new(),
    };
    if let Some(entries) = fields.optional(tag::SEQUENCE) {
        let mut is_about_issuer = true;
        for entry in all_of(entries.value, tag::SEQUENCE)? {
            list.take_entry(entry.value, &mut is_about_issuer)?;
        }
        list.revoked.sort();
    }
    if let Some(extensions) = fields.optional(tag::explicit(0)) {
        for extension in extensions_of(only(extensions.value, tag::SEQUENCE)?.value)? {
            list.take_extension(&extension)?;
        }
    }
    fields.finish()?;
    Some(list)
}

/// The extensions of a list or of an entry, none of them twice.
fn extensions_of(contents: &[u8]) -> Option<Vec<Extension<'_>>> {
    let mut seen = HashSet::new();
    Extension::read_all(contents).filter(|all| all.iter().all(|extension| seen.insert(extension.identifier)))
}

impl RevocationList {
    /// Keeps one entry. `is_about_issuer` is for this entry and those behind it, until one says something else: whether
    /// they are about certificates of the list's own issuer (RFC 5280 section 5.3.3).
    fn take_entry(&mut self, contents: &[u8], is_about_issuer: &mut bool) -> Option<()> {
        let mut fields = items(contents);
        let serial = integer(fields.expect(tag::INTEGER)?.value)?.to_vec();
        Time::read(fields.next()?)?;
        let mut is_removed = false;
        if let Some(extensions) = fields.optional(tag::SEQUENCE) {
            for extension in extensions_of(extensions.value)? {
                match extension.identifier {
                    oids::CERTIFICATE_ISSUER => {
                        let names = general_names(extension.value)?;
                        *is_about_issuer = names
                            .iter()
                            .any(|name| matches!(name, GeneralName::Directory(name) if *name == self.issuer));
                        // The one critical extension of entries that OpenSSL handles.
                        continue;
                    }
                    oids::CRL_REASON => {
                        is_removed = only(extension.value, tag::ENUMERATED)
                            .is_some_and(|reason| reason.value == REMOVE_FROM_CRL);
                    }
                    _ => {}
                }
                self.unhandled_critical |= extension.critical;
            }
        }
        fields.finish()?;
        if *is_about_issuer && !is_removed {
            self.revoked.push(serial);
        }
        Some(())
    }

    fn take_extension(&mut self, extension: &Extension<'_>) -> Option<()> {
        match extension.identifier {
            oids::AUTHORITY_KEY_IDENTIFIER => {
                self.authority_key_id = Some(authority_key_id(extension.value)?)
            }
            oids::ISSUING_DISTRIBUTION_POINT => {
                let point = issuing_distribution_point(extension.value, &self.issuer)?;
                self.distribution_point = Some(point);
            }
            oids::DELTA_CRL_INDICATOR => self.is_delta = true,
            // RFC 5280 section 5.2: whoever does not understand a critical extension must not use the list. cRLNumber is
            // one that OpenSSL does not understand when it is critical, and here it is not read at all.
            _ => self.unhandled_critical |= extension.critical,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::der::wrap;
    use super::*;

    const TIME: [u8; 15] = *b"\x17\x0d260601000000Z";
    const ALGORITHM: [u8; 12] = [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    const SIGNATURE: [u8; 4] = [3, 2, 0, 7];
    const ISSUER: [u8; 14] = [0x30, 12, 0x31, 10, 0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1, b'a'];

    fn extension(last: u8, critical: &[u8], value: &[u8]) -> Vec<u8> {
        wrap(0x30, &[&[6, 3, 0x55, 0x1d, last], critical, &wrap(4, value)].concat())
    }

    fn entry(serial: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
        let extensions = if extensions.is_empty() { Vec::new() } else { wrap(0x30, &extensions.concat()) };
        wrap(0x30, &[&wrap(2, serial)[..], &TIME, &extensions].concat())
    }

    fn list(entries: &[Vec<u8>], extensions: &[Vec<u8>]) -> Vec<u8> {
        let entries = wrap(0x30, &entries.concat());
        let extensions = wrap(0xa0, &wrap(0x30, &extensions.concat()));
        let tbs = [&[2, 1, 1], &ALGORITHM[..], &ISSUER, &TIME, &TIME, &entries, &extensions].concat();
        wrap(0x30, &[&wrap(0x30, &tbs), &ALGORITHM[..], &SIGNATURE].concat())
    }

    const TRUE: [u8; 3] = [1, 1, 0xff];

    #[test]
    fn an_extension_that_is_critical_must_be_understood() {
        let understood = |extensions: &[Vec<u8>]| !read(&list(&[], extensions)).unwrap().unhandled_critical();
        assert!(understood(&[extension(20, &[], &[2, 1, 5])]));
        assert!(!understood(&[extension(20, &TRUE, &[2, 1, 5])]));
        assert!(!understood(&[extension(46, &TRUE, &[0x30, 0])]));
        assert!(understood(&[extension(28, &TRUE, &[0x30, 0]), extension(35, &TRUE, &[0x30, 0])]));
        assert!(understood(&[extension(27, &TRUE, &[2, 1, 5])]));
        let in_entry =
            |extension| !read(&list(&[entry(&[5], &[extension])], &[])).unwrap().unhandled_critical();
        assert!(in_entry(extension(21, &[], &[10, 1, 1])));
        assert!(!in_entry(extension(21, &TRUE, &[10, 1, 1])));
        assert!(!in_entry(extension(24, &TRUE, &[])));
        assert!(in_entry(extension(29, &TRUE, &[0x30, 0])));
    }

    #[test]
    fn the_bytes_are_kept() {
        let bytes = list(&[entry(&[5], &[])], &[]);
        assert_eq!(RevocationList::from_der(&bytes).unwrap().der(), bytes);
    }

    #[test]
    fn booleans_are_of_one_byte() {
        for damaged in [&[1, 0][..], &[1, 2, 0, 0xff], &[0x21, 1, 0xff], &[5, 0]] {
            assert!(read(&list(&[], &[extension(99, damaged, &[5, 0])])).is_none(), "{damaged:02x?}");
        }
        assert!(read(&list(&[], &[extension(99, &[1, 1, 1], &[5, 0])])).unwrap().unhandled_critical());
        assert!(!read(&list(&[], &[extension(99, &[1, 1, 0], &[5, 0])])).unwrap().unhandled_critical());
    }

    #[test]
    fn entries_revoke_what_they_name() {
        let found = |entries: &[Vec<u8>], serial: &[u8]| read(&list(entries, &[])).unwrap().revokes(serial);
        assert!(found(&[entry(&[7], &[]), entry(&[5], &[])], &[5]));
        assert!(!found(&[entry(&[7], &[])], &[5]));
        let reason = |value: u8| extension(21, &[], &[10, 1, value]);
        assert!(found(&[entry(&[5], &[reason(1)])], &[5]));
        // removeFromCRL; and a reason that cannot be read, which is a reason all the same.
        assert!(!found(&[entry(&[5], &[reason(8)])], &[5]));
        assert!(found(&[entry(&[5], &[extension(21, &[], &[2, 1, 8])])], &[5]));
        // Of another issuer, from there on, until the list's own is named.
        let of = |letter: u8| {
            let mut name = ISSUER;
            name[13] = letter;
            extension(29, &TRUE, &wrap(0x30, &wrap(0xa4, &name)))
        };
        let entries =
            [entry(&[4], &[]), entry(&[5], &[of(b'b')]), entry(&[6], &[]), entry(&[7], &[of(b'a')])];
        let revoked: Vec<_> = (4..8).filter(|&serial| found(&entries, &[serial])).collect();
        assert_eq!(revoked, [4, 7]);
    }

    #[test]
    fn damaged_lists_are_not_read() {
        assert!(read(&list(&[entry(&[5], &[])], &[])).is_some());
        let tbs = [&ALGORITHM[..], &ISSUER, &TIME].concat();
        let whole = |tag: u8, tbs: &[u8], rest: &[u8]| wrap(0x30, &[&wrap(tag, tbs)[..], rest].concat());
        let signed = [&ALGORITHM[..], &SIGNATURE].concat();
        assert!(read(&whole(0x30, &tbs, &signed)).is_some());
        let entries = |contents: &[u8]| [&tbs[..], &wrap(0x30, contents)].concat();
        for (what, damaged) in [
            ("a SET", whole(0x31, &tbs, &signed)),
            ("no signature", whole(0x30, &tbs, &ALGORITHM)),
            ("an octet string", whole(0x30, &tbs, &[&ALGORITHM[..], &[4, 2, 0, 7]].concat())),
            ("eight unused bits", whole(0x30, &tbs, &[&ALGORITHM[..], &[3, 2, 8, 7]].concat())),
            ("something behind", whole(0x30, &tbs, &[&signed[..], &[5, 0]].concat())),
            ("something behind in the signed part", whole(0x30, &[&tbs[..], &[5, 0]].concat(), &signed)),
            ("a padded version", whole(0x30, &[&[2, 2, 0, 1], &tbs[..]].concat(), &signed)),
            ("no time", whole(0x30, &tbs[..tbs.len() - TIME.len()], &signed)),
            ("an entry in a SET", whole(0x30, &entries(&wrap(0x31, &entry(&[5], &[])[2..])), &signed)),
            ("a padded serial number", whole(0x30, &entries(&entry(&[0, 5], &[])), &signed)),
            ("an empty serial number", whole(0x30, &entries(&entry(&[], &[])), &signed)),
            (
                "something behind in an entry",
                whole(
                    0x30,
                    &entries(&wrap(0x30, &[&[2, 1, 5], &TIME[..], &[0x30, 0, 5, 0]].concat())),
                    &signed,
                ),
            ),
            (
                "an extension twice",
                list(&[], &[extension(20, &[], &[2, 1, 5]), extension(20, &[], &[2, 1, 5])]),
            ),
            ("an extension in a SET", list(&[], &[wrap(0x31, &extension(20, &[], &[2, 1, 5])[2..])])),
            ("no scope", list(&[], &[extension(28, &TRUE, &[5, 0])])),
            ("no key identifier", list(&[], &[extension(35, &[], &[5, 0])])),
        ] {
            assert!(read(&damaged).is_none(), "{what}");
        }
        // It is read, and nobody has signed it.
        let unused = whole(0x30, &tbs, &[&ALGORITHM[..], &[3, 2, 1, 6]].concat());
        assert_eq!(read(&unused).unwrap().signature, None);
    }
}
