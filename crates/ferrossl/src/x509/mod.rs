//! Certificates as OpenSSL and Python show them: a reader for X.509 v1 to v3 (RFC 5280).
//!
//! Reading decides nothing: whether a certificate is good is for [`crate::verify`].

mod algorithm;
mod certificate;
mod crl;
mod der;
mod distribution_point;
mod extension;
mod extension_values;
mod extensions;
mod general_name;
mod name;
pub(crate) mod oids;
mod pss;
mod public_key;
mod signature;
pub(crate) mod signature_scheme;
mod time;
mod trust_settings;

pub use certificate::Certificate;
pub use crl::RevocationList;
pub use distribution_point::{DistributionPoint, IssuingDistributionPoint, PointName};
pub use extension_values::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, NameConstraints, NetscapeCertType,
    ProxyInfo, Subtree,
};
pub use extensions::Extensions;
pub use general_name::GeneralName;
pub use name::{Attribute, Name};
pub use public_key::{KeyKind, PublicKey};
pub use signature::{SignatureAlgorithm, verify_handshake_signature};
pub use time::Time;
pub use trust_settings::{TrustSettings, Uses};

pub(crate) use der::Oid;
pub(crate) use distribution_point::ALL_REASONS;
pub(crate) use public_key::read_spki;
pub(crate) use signature::{HANDSHAKE_SCHEMES, handshake_security_bits, is_pss_only, pss_schemes};

use crate::error::{Error, Result, Source};
use crate::openssl_names::reasons;
use crate::pem;

/// The PEM labels under which OpenSSL accepts a certificate.
const PEM_LABELS: [&str; 2] = ["CERTIFICATE", "X509 CERTIFICATE"];
const CRL_LABEL: &str = "X509 CRL";

/// Reads every certificate of a PEM text, in order; other blocks are skipped.
///
/// # Errors
///
/// The PEM errors of [`pem::blocks`], and `ASN1: NESTED_ASN1_ERROR` for a block that is no certificate.
pub fn certificates_from_pem(text: &[u8]) -> Result<Vec<Certificate>> {
    let mut certificates = Vec::new();
    for block in pem::read(text) {
        certificates.extend(block.and_then(|block| certificate_of_block(&block)).map_err(|error| {
            error.read_as(if certificates.is_empty() { Source::Unknown } else { Source::FurtherCertificates })
        })?);
    }
    Ok(certificates)
}

/// Reads every certificate and every CRL of a PEM text; other blocks are skipped.
///
/// # Errors
///
/// As for [`certificates_from_pem`].
pub fn trust_from_pem(text: &[u8]) -> Result<(Vec<Certificate>, Vec<RevocationList>)> {
    let (mut certificates, mut lists) = (Vec::new(), Vec::new());
    for block in pem::read(text) {
        let read = block.and_then(|block| {
            if block.label == CRL_LABEL {
                block.encryption()?;
                lists.push(RevocationList::from_der(&block.contents)?);
            }
            certificate_of_block(&block)
        });
        certificates.extend(read.map_err(|error| {
            error.read_as(if certificates.is_empty() { Source::Unknown } else { Source::FurtherCertificates })
        })?);
    }
    Ok((certificates, lists))
}

fn certificate_of_block(block: &pem::Block) -> Result<Option<Certificate>> {
    let read = match block.label.as_str() {
        label if PEM_LABELS.contains(&label) => Certificate::from_der,
        "TRUSTED CERTIFICATE" => Certificate::from_trusted_der,
        _ => return Ok(None),
    };
    match block.encryption()? {
        None => read(&block.contents).map(Some),
        Some(_) => {
            let text = format!("the {} block is encrypted", block.label);
            Err(Error::material(reasons::UNSUPPORTED_ENCRYPTION, text))
        }
    }
}

/// Reads those certificates of a PEM text that can be read; none when the text is damaged as PEM.
#[must_use]
pub fn readable_certificates_from_pem(text: &[u8]) -> Vec<Certificate> {
    pem::blocks(text)
        .unwrap_or_default()
        .iter()
        .filter(|block| PEM_LABELS.contains(&block.label.as_str()))
        .filter_map(|block| Certificate::from_der(&block.contents).ok())
        .collect()
}

/// Reads certificates and CRLs in DER that stand one behind the other, and nothing else: CPython before 3.12 passes over a
/// single byte behind them.
///
/// # Errors
///
/// `ASN1: NOT_ENOUGH_DATA` when the bytes end inside one or hold none, `ASN1: NESTED_ASN1_ERROR` when they are
/// something else.
pub fn trust_from_der(mut bytes: &[u8]) -> Result<(Vec<Certificate>, Vec<RevocationList>)> {
    let (mut certificates, mut lists) = (Vec::new(), Vec::new());
    loop {
        let source = if certificates.is_empty() { Source::Unknown } else { Source::FurtherDer };
        let cut_short =
            || Error::material(reasons::NOT_ENOUGH_DATA, "the bytes end too early, or are no DER");
        let (first, rest) = der::split_first(bytes).ok_or_else(|| cut_short().read_as(source))?;
        match Certificate::from_der(first) {
            Ok(certificate) => certificates.push(certificate),
            Err(error) => lists.push(RevocationList::from_der(first).map_err(|_| error.read_as(source))?),
        }
        if rest.is_empty() {
            return Ok((certificates, lists));
        }
        bytes = rest;
    }
}

/// The first two numbers of a SEQUENCE, big-endian without leading zeros: what DH parameters begin with.
#[cfg(feature = "legacy")]
pub(crate) fn dh_numbers(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut fields = der::items(der::only(der, der::tag::SEQUENCE)?.value);
    let mut number = || {
        let value = fields.expect(der::tag::INTEGER)?.value;
        let is_positive = value.first().is_some_and(|byte| byte & 0x80 == 0);
        is_positive.then(|| value.iter().copied().skip_while(|byte| *byte == 0).collect())
    };
    Some((number()?, number()?))
}
