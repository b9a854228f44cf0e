//! Which alert tells the peer what is wrong with its certificate: OpenSSL's table (`ssl_x509err2alert`).

use super::alerts::{
    AlertNumber, BAD_CERTIFICATE, CERTIFICATE_EXPIRED, CERTIFICATE_REVOKED, CERTIFICATE_UNKNOWN,
    DECRYPT_ERROR, INTERNAL_ERROR, UNKNOWN_CA, UNSUPPORTED_CERTIFICATE,
};
use super::verify_codes::VerifyCode;

/// The alert for a verdict.
#[must_use]
pub const fn alert(code: VerifyCode) -> AlertNumber {
    use VerifyCode as V;
    match code {
        V::CertHasExpired | V::CrlHasExpired => CERTIFICATE_EXPIRED,
        V::CertRevoked => CERTIFICATE_REVOKED,
        V::UnableToGetIssuerCert
        | V::UnableToGetIssuerCertLocally
        | V::UnableToVerifyLeafSignature
        | V::UnableToGetCrl
        | V::DepthZeroSelfSignedCert
        | V::SelfSignedCertInChain
        | V::CertChainTooLong
        | V::PathLengthExceeded
        | V::InvalidCa => UNKNOWN_CA,
        V::CertSignatureFailure | V::CrlSignatureFailure => DECRYPT_ERROR,
        V::InvalidPurpose => UNSUPPORTED_CERTIFICATE,
        V::CertNotYetValid
        | V::CrlNotYetValid
        | V::ErrorInCertNotBeforeField
        | V::ErrorInCertNotAfterField
        | V::ErrorInCrlLastUpdateField
        | V::ErrorInCrlNextUpdateField
        | V::CertRejected
        | V::HostnameMismatch
        | V::IpAddressMismatch
        | V::EeKeyTooSmall
        | V::CaKeyTooSmall
        | V::CaMdTooWeak
        | V::EcKeyExplicitParams => BAD_CERTIFICATE,
        V::Unspecified => INTERNAL_ERROR,
        _ => CERTIFICATE_UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By number, as they stand in OpenSSL's `ssl/statem/statem_lib.c` (3.0); what is not named there is
    /// certificate_unknown.
    #[test]
    fn each_verdict_has_openssls_alert() {
        let named = [
            (42, &[9, 11, 13, 14, 15, 16, 28, 62, 64, 66, 67, 68, 94][..]),
            (43, &[26]),
            (44, &[23]),
            (45, &[10, 12]),
            (48, &[2, 3, 18, 19, 20, 21, 22, 25, 79]),
            (51, &[7, 8]),
            (80, &[1]),
        ];
        for &code in VerifyCode::ALL {
            let expected = named.iter().find(|(_, codes)| codes.contains(&code.number()));
            assert_eq!(alert(code), expected.map_or(46, |&(alert, _)| alert), "{code:?}");
        }
    }
}
