//! A set of trusted certificates and CRLs that came from one place, indexed by subject and issuer.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Error, Result, Source};
use crate::openssl_names::reasons;
use crate::pem;
use crate::x509::{self, Certificate, RevocationList};

/// Trusted certificates, in the order of their file, without duplicates.
#[derive(Debug, Default)]
pub struct Bundle {
    certificates: Vec<Arc<Certificate>>,
    by_subject: HashMap<Box<[u8]>, Vec<usize>>,
    revocation_lists: Vec<Arc<RevocationList>>,
}

impl Bundle {
    /// Indexes certificates; one that is there already is dropped.
    #[must_use]
    pub fn new(certificates: Vec<Certificate>) -> Self {
        let mut bundle = Self::default();
        for certificate in certificates {
            let place = bundle.by_subject.entry(certificate.subject().canonical().into()).or_default();
            if !place.iter().any(|&index| *bundle.certificates[index] == certificate) {
                place.push(bundle.certificates.len());
                bundle.certificates.push(Arc::new(certificate));
            }
        }
        bundle
    }

    /// Adds CRLs; one that is there already is dropped.
    #[must_use]
    pub fn with_revocation_lists(mut self, lists: Vec<RevocationList>) -> Self {
        for list in lists {
            if !self.revocation_lists.iter().any(|known| **known == list) {
                self.revocation_lists.push(Arc::new(list));
            }
        }
        self
    }

    /// Reads the certificates and CRLs of a PEM file's text.
    ///
    /// # Errors
    ///
    /// `X509: NO_CERTIFICATE_OR_CRL_FOUND` when there is none, and what is wrong with the first damaged one:
    /// a trust anchor is never skipped without a word.
    pub fn from_pem_file(text: &[u8]) -> Result<Self> {
        let as_file = |error: Error| match error {
            Error::Material { reason, detail, .. } => {
                Error::material(reason, detail).read_as(Source::TrustFile)
            }
            other => other,
        };
        let (certificates, lists) = x509::trust_from_pem(text).map_err(as_file)?;
        if certificates.is_empty() && lists.is_empty() {
            let detail = pem::nothing_found("certificate", text);
            return Err(Error::material(reasons::NO_CERTIFICATE_OR_CRL_FOUND, detail));
        }
        Ok(Self::new(certificates).with_revocation_lists(lists))
    }

    /// Reads those certificates of a PEM text that can be read.
    #[must_use]
    pub fn from_readable_pem(text: &[u8]) -> Self {
        Self::new(x509::readable_certificates_from_pem(text))
    }

    /// Reads certificates and CRLs from PEM text (`cadata` as `str`).
    ///
    /// # Errors
    ///
    /// `PEM: NO_START_LINE` when there is none, and what is wrong with the first damaged one.
    pub fn from_pem(text: &[u8]) -> Result<Self> {
        let as_text = |error: Error| error.read_as(Source::TrustText);
        let (certificates, lists) = x509::trust_from_pem(text).map_err(as_text)?;
        if certificates.is_empty() && lists.is_empty() {
            let detail = pem::nothing_found("certificate", text);
            return Err(as_text(Error::material(reasons::NO_START_LINE, detail)));
        }
        Ok(Self::new(certificates).with_revocation_lists(lists))
    }

    /// Reads certificates and CRLs in DER, one behind the other (`cadata` as bytes).
    ///
    /// # Errors
    ///
    /// `ASN1: NOT_ENOUGH_DATA` when the bytes end inside a certificate or hold none.
    pub fn from_der(bytes: &[u8]) -> Result<Self> {
        let (certificates, lists) =
            x509::trust_from_der(bytes).map_err(|error| error.read_as(Source::TrustBytes))?;
        Ok(Self::new(certificates).with_revocation_lists(lists))
    }

    /// All certificates, in order.
    #[must_use]
    pub fn certificates(&self) -> &[Arc<Certificate>] {
        &self.certificates
    }

    /// The certificates whose subject has this canonical form.
    pub fn by_subject(&self, canonical: &[u8]) -> impl Iterator<Item = &Arc<Certificate>> {
        self.by_subject.get(canonical).into_iter().flatten().map(|&index| &self.certificates[index])
    }

    /// All CRLs, in order.
    #[must_use]
    pub fn revocation_lists(&self) -> &[Arc<RevocationList>] {
        &self.revocation_lists
    }
}
