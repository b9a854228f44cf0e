//! The checks of `VERIFY_X509_STRICT`, one by one in OpenSSL's order.

use std::sync::Arc;

use super::failure;
use crate::error::VerificationError;
use crate::openssl_names::verify_codes::VerifyCode;
use crate::x509::{Certificate, KeyUsage};

/// Checks the certificate at `depth` of a chain with more than one certificate.
pub(super) fn check(chain: &[Arc<Certificate>], depth: usize) -> Result<(), VerificationError> {
    match violation(&chain[depth], depth + 1 == chain.len()) {
        Some(code) => Err(failure(code, chain, depth)),
        None => Ok(()),
    }
}

fn violation(certificate: &Certificate, is_last: bool) -> Option<VerifyCode> {
    let extensions = certificate.extensions();
    let constraints = extensions.basic_constraints;
    let is_ca = constraints.is_some_and(|constraints| constraints.ca);
    let may = |bits| extensions.key_usage.is_some_and(|usage| usage.any(bits));
    if constraints.is_some_and(|constraints| constraints.path_length.is_some()) {
        if !is_ca {
            return Some(VerifyCode::PathlenInvalidForNonCa);
        }
        if !may(KeyUsage::KEY_CERT_SIGN) {
            return Some(VerifyCode::PathlenWithoutKuKeyCertSign);
        }
    }
    if is_ca && constraints.is_some_and(|constraints| !constraints.critical) {
        return Some(VerifyCode::CaBconsNotCritical);
    }
    if is_ca && extensions.key_usage.is_none() {
        return Some(VerifyCode::CaCertMissingKeyUsage);
    }
    if !is_ca && may(KeyUsage::KEY_CERT_SIGN) {
        return Some(VerifyCode::KuKeyCertSignInvalidForNonCa);
    }
    if certificate.issuer().is_empty() {
        return Some(VerifyCode::IssuerNameEmpty);
    }
    let names = extensions.subject_alt_names.as_deref();
    if certificate.subject().is_empty() {
        if is_ca || may(KeyUsage::CRL_SIGN) || names.is_none() {
            return Some(VerifyCode::SubjectNameEmpty);
        }
        if !extensions.subject_alt_names_critical {
            return Some(VerifyCode::EmptySubjectSanNotCritical);
        }
    }
    if names.is_some_and(<[_]>::is_empty) {
        return Some(VerifyCode::EmptySubjectAltName);
    }
    if !certificate.signature_algorithms_agree() {
        return Some(VerifyCode::SignatureAlgorithmInconsistency);
    }
    if extensions.authority_key_id_critical {
        return Some(VerifyCode::AuthorityKeyIdentifierCritical);
    }
    if extensions.subject_key_id_critical {
        return Some(VerifyCode::SubjectKeyIdentifierCritical);
    }
    if certificate.version() >= 3 {
        let authority = extensions.authority_key_id.as_ref();
        if !is_last && authority.is_none_or(|authority| authority.key_id.is_none()) {
            return Some(VerifyCode::MissingAuthorityKeyIdentifier);
        }
        if is_ca && extensions.subject_key_id.is_none() {
            return Some(VerifyCode::MissingSubjectKeyIdentifier);
        }
    } else if extensions.count > 0 {
        return Some(VerifyCode::ExtensionsRequireVersion3);
    }
    None
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, CustomExtension, DistinguishedName, DnType, Issuer, KeyPair};

    use super::*;

    /// A certificate without a subject; `names` says whether its alternative names are critical.
    fn nameless(names: Option<bool>) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.distinguished_name.push(DnType::CommonName, "authority");
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = DistinguishedName::new();
        if let Some(critical) = names {
            // One DNS name, "a".
            let mut extension =
                CustomExtension::from_oid_content(&[2, 5, 29, 17], vec![0x30, 3, 0x82, 1, b'a']);
            extension.set_criticality(critical);
            params.custom_extensions.push(extension);
        }
        let issuer = Issuer::new(authority, KeyPair::generate().unwrap());
        Certificate::from_der(params.signed_by(&key, &issuer).unwrap().der()).unwrap()
    }

    /// RFC 5280 section 4.1.2.6: who has no subject is known by alternative names alone, which must be understood.
    #[test]
    fn without_a_subject_the_alternative_names_are_critical() {
        assert_eq!(violation(&nameless(None), true), Some(VerifyCode::SubjectNameEmpty));
        assert_eq!(violation(&nameless(Some(false)), true), Some(VerifyCode::EmptySubjectSanNotCritical));
        assert_eq!(violation(&nameless(Some(true)), true), None);
    }
}
