//! Whether one certificate can have issued another (`ossl_x509_likely_issued`), signatures aside.

use crate::x509::{AuthorityKeyIdentifier, Certificate};

/// Whether `issuer`'s name, key identifiers and kind of key fit what `subject` says of its issuer.
pub(super) fn likely_issued(issuer: &Certificate, subject: &Certificate) -> bool {
    issuer.subject() == subject.issuer()
        && !issuer.extensions().invalid
        && !subject.extensions().invalid
        && authority_key_id_fits(issuer, subject.extensions().authority_key_id.as_ref())
        && subject.signature_fits(issuer.public_key().kind())
}

/// Whether `subject` says that it was signed with another key than that of `other`, which has its issuer's name.
pub(super) fn has_other_key(other: &Certificate, subject: &Certificate) -> bool {
    let said = subject.extensions().authority_key_id.as_ref();
    !key_id_fits(other, said) || !subject.signature_fits(other.public_key().kind())
}

/// `X509_check_akid`: what both sides say must agree; what one of them leaves out does not count.
pub(super) fn authority_key_id_fits(issuer: &Certificate, said: Option<&AuthorityKeyIdentifier>) -> bool {
    let Some(authority) = said else { return true };
    if !key_id_fits(issuer, said) {
        return false;
    }
    if authority.serial.as_deref().is_some_and(|serial| serial != issuer.serial()) {
        return false;
    }
    authority.issuer.as_ref().is_none_or(|name| name == issuer.issuer())
}

fn key_id_fits(issuer: &Certificate, said: Option<&AuthorityKeyIdentifier>) -> bool {
    let wanted = said.and_then(|authority| authority.key_id.as_ref());
    let found = issuer.extensions().subject_key_id.as_ref();
    wanted.zip(found).is_none_or(|(wanted, found)| wanted == found)
}

/// Whether the certificate names itself as its issuer (`EXFLAG_SI`).
pub(super) fn is_self_issued(certificate: &Certificate) -> bool {
    certificate.subject() == certificate.issuer()
}

/// Whether the certificate claims to be signed with its own key (`EXFLAG_SS`).
pub(crate) fn is_self_signed(certificate: &Certificate) -> bool {
    is_self_issued(certificate)
        && !certificate.extensions().invalid
        && authority_key_id_fits(certificate, certificate.extensions().authority_key_id.as_ref())
        && certificate.signature_fits(certificate.public_key().kind())
}
