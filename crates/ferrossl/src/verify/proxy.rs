//! Proxy certificates (RFC 3820): their names.

use crate::x509::Certificate;

/// Whether the subject is the issuer's name with one more common name, in a relative name of its own
/// (RFC 3820 section 3.4).
pub(super) fn has_proxy_name(certificate: &Certificate) -> bool {
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    let mut rdns = subject.rdns();
    let Some(last) = rdns.pop() else { return false };
    let [common_name] = last.as_slice() else { return false };
    common_name.short_name == "CN"
        && !rdns.is_empty()
        && subject.attribute_count() == issuer.attribute_count() + 1
        && subject.canonical().starts_with(issuer.canonical())
}
