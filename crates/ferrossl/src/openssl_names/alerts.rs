//! TLS alerts (RFC 8446 section 6, RFC 5246 section 7.2) under the names of `openssl/sslerr.h`.
//!
//! A received alert `n` is the reason `1000 + n` of the SSL library (`SSL_AD_REASON_OFFSET`).

use super::reasons::{Library, Reason};

/// The number of an alert on the wire.
pub type AlertNumber = u8;

/// `close_notify` (0): the proper end.
pub const CLOSE_NOTIFY: AlertNumber = 0;
/// `handshake_failure` (40).
pub const HANDSHAKE_FAILURE: AlertNumber = 40;
/// `illegal_parameter` (47): a field has a wrong value.
pub const ILLEGAL_PARAMETER: AlertNumber = 47;
/// `decode_error` (50): a message cannot be read.
pub const DECODE_ERROR: AlertNumber = 50;
/// `decrypt_error` (51): a signature or a Finished is wrong.
pub const DECRYPT_ERROR: AlertNumber = 51;
/// `bad_certificate` (42): a certificate cannot be read.
pub const BAD_CERTIFICATE: AlertNumber = 42;
/// `certificate_expired` (45).
pub const CERTIFICATE_EXPIRED: AlertNumber = 45;
/// `certificate_revoked` (44).
pub const CERTIFICATE_REVOKED: AlertNumber = 44;
/// `certificate_unknown` (46).
pub const CERTIFICATE_UNKNOWN: AlertNumber = 46;
/// `unknown_ca` (48).
pub const UNKNOWN_CA: AlertNumber = 48;
/// `unsupported_certificate` (43).
pub const UNSUPPORTED_CERTIFICATE: AlertNumber = 43;
/// `unexpected_message` (10): a message came at the wrong time.
pub const UNEXPECTED_MESSAGE: AlertNumber = 10;
/// `protocol_version` (70).
pub const PROTOCOL_VERSION: AlertNumber = 70;
/// `bad_record_mac` (20).
pub const BAD_RECORD_MAC: AlertNumber = 20;
/// `record_overflow` (22).
pub const RECORD_OVERFLOW: AlertNumber = 22;
/// `internal_error` (80).
pub const INTERNAL_ERROR: AlertNumber = 80;
/// `inappropriate_fallback` (86), of RFC 7507.
pub const INAPPROPRIATE_FALLBACK: AlertNumber = 86;
/// `user_canceled` (90), a warning.
pub const USER_CANCELED: AlertNumber = 90;
/// `no_renegotiation` (100), a warning of TLS 1.2.
pub const NO_RENEGOTIATION: AlertNumber = 100;
/// `missing_extension` (109), of TLS 1.3 only.
pub const MISSING_EXTENSION: AlertNumber = 109;
/// `unsupported_extension` (110).
pub const UNSUPPORTED_EXTENSION: AlertNumber = 110;
/// `no_application_protocol` (120), of RFC 7301.
pub const NO_APPLICATION_PROTOCOL: AlertNumber = 120;
/// `certificate_required` (116), of TLS 1.3 only.
pub const CERTIFICATE_REQUIRED: AlertNumber = 116;

const fn ssl(number: u32, name: &'static str) -> Reason {
    Reason { library: Library::Ssl, number, name }
}

/// All alerts that OpenSSL has a name for, by number.
pub const RECEIVED: &[(AlertNumber, Reason)] = &[
    (0, ssl(1000, "SSLV3_ALERT_CLOSE_NOTIFY")),
    (10, ssl(1010, "SSLV3_ALERT_UNEXPECTED_MESSAGE")),
    (20, ssl(1020, "SSLV3_ALERT_BAD_RECORD_MAC")),
    (21, ssl(1021, "TLSV1_ALERT_DECRYPTION_FAILED")),
    (22, ssl(1022, "TLSV1_ALERT_RECORD_OVERFLOW")),
    (30, ssl(1030, "SSLV3_ALERT_DECOMPRESSION_FAILURE")),
    (40, ssl(1040, "SSLV3_ALERT_HANDSHAKE_FAILURE")),
    (41, ssl(1041, "SSLV3_ALERT_NO_CERTIFICATE")),
    (42, ssl(1042, "SSLV3_ALERT_BAD_CERTIFICATE")),
    (43, ssl(1043, "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE")),
    (44, ssl(1044, "SSLV3_ALERT_CERTIFICATE_REVOKED")),
    (45, ssl(1045, "SSLV3_ALERT_CERTIFICATE_EXPIRED")),
    (46, ssl(1046, "SSLV3_ALERT_CERTIFICATE_UNKNOWN")),
    (47, ssl(1047, "SSLV3_ALERT_ILLEGAL_PARAMETER")),
    (48, ssl(1048, "TLSV1_ALERT_UNKNOWN_CA")),
    (49, ssl(1049, "TLSV1_ALERT_ACCESS_DENIED")),
    (50, ssl(1050, "TLSV1_ALERT_DECODE_ERROR")),
    (51, ssl(1051, "TLSV1_ALERT_DECRYPT_ERROR")),
    (60, ssl(1060, "TLSV1_ALERT_EXPORT_RESTRICTION")),
    (70, ssl(1070, "TLSV1_ALERT_PROTOCOL_VERSION")),
    (71, ssl(1071, "TLSV1_ALERT_INSUFFICIENT_SECURITY")),
    (80, ssl(1080, "TLSV1_ALERT_INTERNAL_ERROR")),
    (86, ssl(1086, "TLSV1_ALERT_INAPPROPRIATE_FALLBACK")),
    (90, ssl(1090, "TLSV1_ALERT_USER_CANCELLED")),
    (100, ssl(1100, "TLSV1_ALERT_NO_RENEGOTIATION")),
    (109, ssl(1109, "TLSV13_ALERT_MISSING_EXTENSION")),
    (110, ssl(1110, "TLSV1_UNSUPPORTED_EXTENSION")),
    (111, ssl(1111, "TLSV1_CERTIFICATE_UNOBTAINABLE")),
    (112, ssl(1112, "TLSV1_UNRECOGNIZED_NAME")),
    (113, ssl(1113, "TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE")),
    (114, ssl(1114, "TLSV1_BAD_CERTIFICATE_HASH_VALUE")),
    (115, ssl(1115, "TLSV1_ALERT_UNKNOWN_PSK_IDENTITY")),
    (116, ssl(1116, "TLSV13_ALERT_CERTIFICATE_REQUIRED")),
    (120, ssl(1120, "TLSV1_ALERT_NO_APPLICATION_PROTOCOL")),
];

/// The reason of a received alert; an alert without a name keeps its number (`1000 + n`).
#[must_use]
pub fn received(alert: AlertNumber) -> Reason {
    RECEIVED
        .iter()
        .find(|(number, _)| *number == alert)
        .map_or_else(|| ssl(1000 + u32::from(alert), "UNKNOWN_ALERT_TYPE"), |(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_is_number_plus_thousand() {
        for (alert, reason) in RECEIVED {
            assert_eq!(reason.number, 1000 + u32::from(*alert));
        }
        assert_eq!(received(48).text(), "tlsv1 alert unknown ca");
        assert_eq!(received(201).number, 1201);
    }
}
