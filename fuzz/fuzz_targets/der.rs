//! The readers of certificates and CRLs: any bytes are read or refused.

#![no_main]

use ferrossl::x509::{Certificate, RevocationList, trust_from_der};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificate) = Certificate::from_der(bytes) {
        assert_eq!(certificate.der(), bytes);
        let _ = (certificate.serial_text(), certificate.subject().rdns(), certificate.issuer().one_line());
        let _ = (certificate.not_before().openssl_text(), certificate.extensions().crl_uris().count());
    }
    if let Ok(list) = RevocationList::from_der(bytes) {
        assert_eq!(list.der(), bytes);
        let _ = list.revokes(&[1]);
    }
    let _ = trust_from_der(bytes);
});
