//! Certificates as OpenSSL and Python show them: a reader for X.509 v1 to v3 (RFC 5280).
//!
//! Reading decides nothing: whether a certificate is good is for [`crate::verify`].

mod certificate;
mod der;
mod extensions;
mod general_name;
mod name;
mod public_key;
mod signature;
mod time;

pub use certificate::Certificate;
pub use extensions::{ExtendedKeyUsage, Extensions, KeyUsage, NetscapeCertType};
pub use general_name::GeneralName;
pub use name::{Attribute, Name};
pub use public_key::{KeyKind, PublicKey};
pub use signature::{SignatureAlgorithm, verify_handshake_signature};
pub use time::Time;

pub(crate) use public_key::read_spki;
pub(crate) use signature::HANDSHAKE_SCHEMES;

use crate::error::{Error, Result};
use crate::openssl_names::reasons;
use crate::pem;

/// The PEM labels under which OpenSSL accepts a certificate.
const PEM_LABELS: [&str; 2] = ["CERTIFICATE", "X509 CERTIFICATE"];

/// Reads every certificate of a PEM text, in order; other blocks are skipped.
///
/// # Errors
///
/// The PEM errors of [`pem::blocks`], `ASN1: NESTED_ASN1_ERROR` for a block that is no certificate, and
/// [`Error::Unsupported`] for a CRL.
pub fn certificates_from_pem(text: &[u8]) -> Result<Vec<Certificate>> {
    pem::blocks(text)?
        .into_iter()
        .filter_map(|block| match block.label.as_str() {
            label if PEM_LABELS.contains(&label) => Some(Certificate::from_der(&block.contents)),
            "TRUSTED CERTIFICATE" => Some(Certificate::from_trusted_der(&block.contents)),
            // To skip a CRL in silence would be to trust what it revokes.
            "X509 CRL" => Some(Err(Error::Unsupported("CRLs are not supported yet".into()))),
            _ => None,
        })
        .map(|certificate| match certificate {
            Err(Error::Material { reason, detail }) => {
                Err(Error::material(reason, format!("PEM lib: {detail}")))
            }
            other => other,
        })
        .collect()
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

/// Reads certificates in DER that stand one behind the other.
///
/// # Errors
///
/// `ASN1: NOT_ENOUGH_DATA` when the bytes end inside a certificate or hold none,
/// `ASN1: NESTED_ASN1_ERROR` when they are something else.
pub fn certificates_from_der(mut bytes: &[u8]) -> Result<Vec<Certificate>> {
    let mut found = Vec::new();
    while !bytes.is_empty() || found.is_empty() {
        let (first, rest) =
            der::split_first(bytes).ok_or_else(|| Error::material(reasons::NOT_ENOUGH_DATA, ""))?;
        found.push(Certificate::from_der(first)?);
        bytes = rest;
    }
    Ok(found)
}
