//! One certificate: its bytes and everything read from them.

use std::fmt;
use std::ops::Range;

use aws_lc_rs::digest::{SHA256, digest};

use super::algorithm::AlgorithmIdentifier;
use super::der::{bit_string, integer, items, only, tag, whole_bits};
use super::extensions::Extensions;
use super::name::Name;
use super::public_key::{KeyKind, PublicKey, read_spki};
use super::signature::SignatureAlgorithm;
use super::time::Time;
use super::trust_settings::TrustSettings;
use crate::error::{Error, Result};
use crate::openssl_names::reasons;

/// An X.509 certificate, version 1 to 3.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: Range<usize>,
    /// 0 for version 1, and so on; -1 for a number of more than 64 bits.
    version: i64,
    serial: Vec<u8>,
    issuer: Name,
    subject: Name,
    not_before: Time,
    not_after: Time,
    public_key: PublicKey,
    extensions: Extensions,
    algorithm: SignatureAlgorithm,
    /// What the signed part says about its signature.
    stated_algorithm: SignatureAlgorithm,
    algorithms_agree: bool,
    /// `None` when it is no whole number of bytes, and so no signature.
    signature: Option<Vec<u8>>,
    settings: TrustSettings,
}

impl Certificate {
    /// Reads one certificate from its DER encoding, with nothing behind it.
    ///
    /// # Errors
    ///
    /// `ASN1: NESTED_ASN1_ERROR` when the bytes are no certificate.
    pub fn from_der(der: &[u8]) -> Result<Self> {
        read(der).ok_or_else(|| {
            Error::material(reasons::NESTED_ASN1_ERROR, "the bytes are not an X.509 certificate")
        })
    }

    /// Reads the contents of a `TRUSTED CERTIFICATE` block: a certificate, and OpenSSL's trust settings behind it.
    ///
    /// # Errors
    ///
    /// As [`Self::from_der`], for damaged settings too: to pass over a rejection would be unsafe.
    pub fn from_trusted_der(bytes: &[u8]) -> Result<Self> {
        match super::der::split_first(bytes) {
            Some((certificate, settings)) if !settings.is_empty() => {
                let settings = TrustSettings::read(settings).ok_or_else(|| {
                    Error::material(reasons::NESTED_ASN1_ERROR, "the trust settings are damaged")
                })?;
                Ok(Self { settings, ..Self::from_der(certificate)? })
            }
            _ => Self::from_der(bytes),
        }
    }

    /// The hash of `tls-server-end-point` (RFC 5929 section 4.1): with the digest of the certificate's own signature,
    /// and SHA-256 in place of older ones. `None` for a signature without a digest.
    #[must_use]
    pub fn end_point_hash(&self) -> Option<Vec<u8>> {
        Some(digest(self.algorithm.end_point_digest()?, &self.der).as_ref().to_vec())
    }

    /// The SHA-256 of the DER encoding.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, &self.der).as_ref());
        fingerprint
    }

    /// What the owner of the trust store says about this certificate, if it came from a `TRUSTED CERTIFICATE` block.
    #[must_use]
    pub const fn trust_settings(&self) -> TrustSettings {
        self.settings
    }

    /// The DER encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The version: 1, 2 or 3, or whatever else stands in the certificate.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version.saturating_add(1)
    }

    /// The bytes of the serial number, as a big-endian two's complement integer.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The serial number as OpenSSL and Python write it: hexadecimal in capital letters, two digits per byte.
    #[must_use]
    pub fn serial_text(&self) -> String {
        let negative = self.serial.first().is_some_and(|&byte| byte & 0x80 != 0);
        let mut magnitude = self.serial.clone();
        if negative {
            // Two's complement: invert and add one.
            let mut carry = true;
            for byte in magnitude.iter_mut().rev() {
                (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
            }
        }
        let zeros = magnitude.iter().take_while(|&&byte| byte == 0).count();
        let digits = &magnitude[zeros.min(magnitude.len().saturating_sub(1))..];
        let text: String = digits.iter().map(|byte| format!("{byte:02X}")).collect();
        if negative { format!("-{text}") } else { text }
    }

    /// The issuer's name (RFC 5280 section 4.1.2.4).
    #[must_use]
    pub const fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// The subject's name (RFC 5280 section 4.1.2.6).
    #[must_use]
    pub const fn subject(&self) -> &Name {
        &self.subject
    }

    /// When its period begins (RFC 5280 section 4.1.2.5). In this second it is valid.
    #[must_use]
    pub const fn not_before(&self) -> &Time {
        &self.not_before
    }

    /// When its period ends. In this second it is refused, as by OpenSSL (`X509_cmp_time`), although RFC 5280 section 4.1.2.5
    /// has it in the period.
    #[must_use]
    pub const fn not_after(&self) -> &Time {
        &self.not_after
    }

    /// The subject's key.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The extensions.
    #[must_use]
    pub const fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The algorithm of the issuer's signature, as it stands outside of the signed part.
    #[must_use]
    pub const fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Whether a key of this kind can have made the signature that the signed part speaks of.
    #[must_use]
    pub const fn signature_fits(&self, kind: KeyKind) -> bool {
        self.stated_algorithm.fits(kind)
    }

    /// Whether the algorithm inside the signed part equals the one outside (RFC 5280 section 4.1.1.2).
    #[must_use]
    pub const fn signature_algorithms_agree(&self) -> bool {
        self.algorithms_agree
    }

    /// Whether the issuer's key made the signature.
    #[must_use]
    pub fn is_signed_by(&self, issuer_key: &PublicKey) -> bool {
        // `X509_verify` compares the two algorithm fields before it computes anything.
        self.algorithms_agree
            && self.signature.as_ref().is_some_and(|signature| {
                self.algorithm.verify(issuer_key, &self.der[self.tbs.clone()], signature)
            })
    }
}

/// Two certificates are equal when their bytes are, as with `X509_cmp`.
impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, serial {})", self.subject.one_line(), self.serial_text())
    }
}

/// As OpenSSL's templates `X509` and `X509_CINF`: what they do not load is not read here either.
fn read(der: &[u8]) -> Option<Certificate> {
    let mut whole = items(only(der, tag::SEQUENCE)?.value);
    let tbs = whole.expect(tag::SEQUENCE)?;
    let algorithm = AlgorithmIdentifier::take(&mut whole)?;
    let signature = whole.expect(tag::BIT_STRING)?.value;
    bit_string(signature)?;
    whole.finish()?;

    let mut fields = items(tbs.value);
    let version = match fields.optional(tag::explicit(0)) {
        Some(field) => small_number(integer(only(field.value, tag::INTEGER)?.value)?),
        None => 0,
    };
    let serial = integer(fields.expect(tag::INTEGER)?.value)?.to_vec();
    let stated_algorithm = AlgorithmIdentifier::take(&mut fields)?;
    let issuer = Name::read(fields.expect(tag::SEQUENCE)?.raw)?;
    let mut validity = fields.sequence()?;
    let not_before = Time::read(validity.next()?)?;
    let not_after = Time::read(validity.next()?)?;
    validity.finish()?;
    let subject = Name::read(fields.expect(tag::SEQUENCE)?.raw)?;
    let public_key = read_spki(fields.expect(tag::SEQUENCE)?.raw)?;
    // issuerUniqueID and subjectUniqueID: used by nobody since version 2.
    for number in [1, 2] {
        if let Some(identifier) = fields.optional(tag::implicit(number)) {
            bit_string(identifier.value)?;
        }
    }
    let extensions = match fields.optional(tag::explicit(3)) {
        Some(field) => Extensions::read(field.value, &issuer)?,
        None => Extensions::default(),
    };
    fields.finish()?;
    // The signed part's place in `der`: both slices are of the same buffer.
    let start = tbs.raw.as_ptr() as usize - der.as_ptr() as usize;
    Some(Certificate {
        der: der.to_vec(),
        tbs: start..start + tbs.raw.len(),
        version,
        serial,
        issuer,
        subject,
        not_before,
        not_after,
        public_key,
        extensions,
        algorithm: SignatureAlgorithm::of(&algorithm),
        stated_algorithm: SignatureAlgorithm::of(&stated_algorithm),
        algorithms_agree: stated_algorithm.raw == algorithm.raw,
        signature: whole_bits(signature).map(<[u8]>::to_vec),
        settings: TrustSettings::default(),
    })
}

/// The value of an INTEGER; -1 for one that is too large, as with `ASN1_INTEGER_get`.
fn small_number(integer: &[u8]) -> i64 {
    if integer.len() > 8 {
        return -1;
    }
    let sign = if integer.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    integer.iter().fold(sign, |value, &byte| value << 8 | i64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::super::der::{all_items, wrap};
    use super::*;

    /// The fields of the signed part of some certificate, and what stands behind that part.
    fn fields() -> (Vec<Vec<u8>>, Vec<u8>) {
        let made = rcgen::generate_simple_self_signed(vec!["a.test".to_owned()]).unwrap();
        let der = made.cert.der().to_vec();
        let whole = all_items(only(&der, tag::SEQUENCE).unwrap().value).unwrap();
        let fields = all_items(whole[0].value).unwrap().iter().map(|field| field.raw.to_vec()).collect();
        (fields, [whole[1].raw, whole[2].raw].concat())
    }

    fn with(change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Option<Certificate> {
        let (mut fields, rest) = fields();
        change(&mut fields);
        read(&wrap(tag::SEQUENCE, &[wrap(tag::SEQUENCE, &fields.concat()), rest].concat()))
    }

    #[test]
    fn versions_are_numbers_that_may_make_no_sense() {
        let version = |number: &[u8]| {
            with(|fields| fields[0] = wrap(0xa0, &wrap(tag::INTEGER, number))).map(|read| read.version())
        };
        assert_eq!(version(&[2]), Some(3));
        assert_eq!(version(&[0]), Some(1));
        assert_eq!(version(&[0xff]), Some(0));
        assert_eq!(version(&[1, 0, 0, 0, 0, 0, 0, 0, 0]), Some(0));
        assert_eq!(version(&[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Some(i64::MAX));
        assert_eq!(version(&[0, 2]), None);
        assert_eq!(version(&[]), None);
        assert_eq!(with(|fields| drop(fields.remove(0))).unwrap().version(), 1);
        assert!(with(|fields| fields[0] = wrap(0x80, &[2, 1, 2])).is_none());
    }

    #[test]
    fn every_field_is_of_its_type_and_none_stands_behind() {
        assert!(with(|_| ()).is_some());
        let (good, _) = fields();
        for (number, field) in good.iter().enumerate() {
            for tag in [0x31, 0x02, 0x04, 0x05, 0x0c, 0x30, 0xa1, 0xa3] {
                // The version too is a field that must be there or not, and nothing else.
                if tag != field[0] {
                    let mut changed = field.clone();
                    changed[0] = tag;
                    assert!(with(|fields| fields[number] = changed).is_none(), "{number} {tag:02x}");
                }
            }
            assert!(with(|fields| fields.insert(number, vec![5, 0])).is_none(), "{number}");
        }
        assert!(with(|fields| fields.push(vec![5, 0])).is_none());
        assert!(with(|fields| fields[1] = vec![2, 2, 0, 5]).is_none(), "a padded serial number");
        assert!(with(|fields| fields[1] = vec![2, 1, 0x85]).is_some(), "a negative serial number");
        let times = |fields: &mut Vec<Vec<u8>>| fields[4] = wrap(0x30, &[&fields[4][2..], &[5, 0]].concat());
        assert!(with(times).is_none(), "a third time");
        let identifier =
            |value: &'static [u8]| move |fields: &mut Vec<Vec<u8>>| fields.insert(7, value.to_vec());
        assert!(with(identifier(&[0x81, 2, 0, 7])).is_some());
        assert!(with(identifier(&[0x81, 0])).is_none());
        assert!(with(identifier(&[0x82, 1, 8])).is_none());
    }
}
