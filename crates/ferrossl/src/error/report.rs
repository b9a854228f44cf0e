//! The one table from [`Error`] to (class, library, reason, errno, verify code, text).

use super::Error;
use crate::openssl_names::alerts;
use std::path::Path;

use super::Source;
use crate::openssl_names::reasons::{
    CALLBACK_FAILED, CERTIFICATE_VERIFY_FAILED, INTERNAL_ERROR, Library, NO_START_LINE, NOT_ENOUGH_DATA,
    PEM_ASN1_LIB, Reason, SSL_PEM_LIB, UNEXPECTED_EOF_WHILE_READING, X509_PEM_LIB,
};

/// The exception class that Python programs catch; its `errno` is `SSL_ERROR_*` of `openssl/ssl.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `SSLError`, errno `SSL_ERROR_SSL` (1).
    Ssl,
    /// `SSLWantReadError`, errno 2.
    WantRead,
    /// `SSLWantWriteError`, errno 3.
    WantWrite,
    /// `SSLZeroReturnError`, errno 6.
    ZeroReturn,
    /// `SSLEOFError`, errno 8.
    Eof,
    /// `SSLCertVerificationError`, errno 1.
    CertVerification,
    /// `TimeoutError`.
    Timeout,
    /// `OSError`, or the subclass that belongs to its errno.
    Os,
    /// `ValueError`.
    Value,
    /// `NotImplementedError`.
    Unsupported,
}

/// An error in the numbers and names that programs match on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The exception class.
    pub kind: Kind,
    /// The errno: `SSL_ERROR_*`, or the system's for [`Kind::Os`]; 0 where there is none.
    pub errno: i32,
    /// OpenSSL's library and reason, where there are any.
    pub reason: Option<Reason>,
    /// The text, complete with its `[LIBRARY: REASON]` prefix.
    pub text: String,
}

impl Report {
    fn new(kind: Kind, errno: i32, text: impl Into<String>) -> Self {
        Self { kind, errno, reason: None, text: text.into() }
    }

    fn with_reason(kind: Kind, errno: i32, reason: Reason, text: &str) -> Self {
        let text = match reason.is_common() {
            true => format!("[{}] {text}", reason.library.name()),
            false => format!("[{}: {}] {text}", reason.library.name(), reason.name),
        };
        Self { kind, errno, reason: Some(reason), text }
    }
}

pub(super) fn report(error: &Error) -> Report {
    match error {
        Error::WantRead => Report::new(Kind::WantRead, 2, "The operation did not complete (read)"),
        Error::WantWrite => Report::new(Kind::WantWrite, 3, "The operation did not complete (write)"),
        Error::Closed => Report::new(Kind::ZeroReturn, 6, "TLS/SSL connection has been closed (EOF)"),
        Error::UnexpectedEof => Report::with_reason(
            Kind::Eof,
            8,
            UNEXPECTED_EOF_WHILE_READING,
            "EOF occurred in violation of protocol",
        ),
        Error::TimedOut { operation } => {
            Report::new(Kind::Timeout, 0, format!("The {operation} operation timed out"))
        }
        Error::Io(error) => Report::new(Kind::Os, error.raw_os_error().unwrap_or(0), error.to_string()),
        Error::File { path, error } => {
            Report::new(Kind::Os, error.raw_os_error().unwrap_or(0), format!("{error}: {}", path.display()))
        }
        Error::AlertReceived(alert) => {
            let reason = alerts::received(*alert);
            let text = match reason.name {
                "UNKNOWN_ALERT_TYPE" => format!("the peer sent alert {alert}"),
                _ => reason.text().into_owned(),
            };
            Report::with_reason(Kind::Ssl, 1, reason, &text)
        }
        Error::Protocol { reason, detail } | Error::NothingEnabled { reason, detail } => ssl(*reason, detail),
        Error::Misuse { reason } => ssl(*reason, ""),
        Error::Refused => ssl(CALLBACK_FAILED, ""),
        Error::Internal { detail } => ssl(INTERNAL_ERROR, detail),
        Error::Material { reason, detail, source, path } => {
            material(*reason, detail, *source, path.as_deref())
        }
        Error::Verification(error) => Report::with_reason(
            Kind::CertVerification,
            1,
            CERTIFICATE_VERIFY_FAILED,
            &format!("{}: {}", CERTIFICATE_VERIFY_FAILED.text(), error.message()),
        ),
        Error::Setting(text) => Report::new(Kind::Value, 0, text.clone()),
        Error::TooEarly(text) => Report::new(Kind::Value, 0, *text),
        Error::Unsupported(text) => Report::new(Kind::Unsupported, 0, text.clone()),
    }
}

fn ssl(reason: Reason, detail: &str) -> Report {
    Report::with_reason(Kind::Ssl, 1, reason, &with_detail(&reason.text(), detail))
}

/// Damaged files, under the error that OpenSSL adds last and Python shows: programs look for "PEM lib". What is really wrong
/// stands behind it.
fn material(reason: Reason, detail: &str, source: Source, path: Option<&Path>) -> Report {
    let mut text = with_detail(&reason.text(), detail);
    if let Some(path) = path {
        text = format!("{text} ({})", path.display());
    }
    let shown = match (source, reason.library) {
        (Source::Identity, Library::Pem | Library::Asn1 | Library::Evp) => SSL_PEM_LIB,
        (Source::FurtherCertificates, Library::Asn1) => PEM_ASN1_LIB,
        (Source::TrustFile, Library::Pem | Library::Asn1) => X509_PEM_LIB,
        (Source::TrustText | Source::TrustBytes, _) => {
            let kind = if source == Source::TrustText { NO_START_LINE } else { NOT_ENOUGH_DATA };
            let text = if reason == kind { detail.to_owned() } else { text };
            return Report::new(
                Kind::Ssl,
                0,
                format!("{}: cadata does not contain a certificate: {text}", kind.text()),
            );
        }
        _ => reason,
    };
    if shown != reason {
        text = format!("{}: {text}", shown.text());
    }
    Report::with_reason(Kind::Ssl, i32::try_from(shown.number).unwrap_or(0), shown, &text)
}

fn with_detail(text: &str, detail: &str) -> String {
    if detail.is_empty() { text.to_owned() } else { format!("{text}: {detail}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{VerificationDetail, VerificationError};
    use crate::openssl_names::reasons;
    use crate::openssl_names::verify_codes::VerifyCode;

    /// An error, and what programs that match on numbers and text get to see of it.
    type Row = (fn() -> Error, Kind, i32, &'static str);

    /// What comes of reading, writing, closing and the handshake.
    const OF_CONNECTIONS: &[Row] = &[
        (|| Error::WantRead, Kind::WantRead, 2, "The operation did not complete (read)"),
        (|| Error::WantWrite, Kind::WantWrite, 3, "The operation did not complete (write)"),
        (|| Error::Closed, Kind::ZeroReturn, 6, "TLS/SSL connection has been closed (EOF)"),
        (
            || Error::UnexpectedEof,
            Kind::Eof,
            8,
            "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol",
        ),
        (|| Error::TimedOut { operation: "read" }, Kind::Timeout, 0, "The read operation timed out"),
        (|| Error::AlertReceived(48), Kind::Ssl, 1, "[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca"),
        (|| Error::AlertReceived(7), Kind::Ssl, 1, "[SSL: UNKNOWN_ALERT_TYPE] the peer sent alert 7"),
        (|| Error::protocol(reasons::HTTP_REQUEST, ""), Kind::Ssl, 1, "[SSL: HTTP_REQUEST] http request"),
        (
            || Error::Misuse { reason: reasons::PROTOCOL_IS_SHUTDOWN },
            Kind::Ssl,
            1,
            "[SSL: PROTOCOL_IS_SHUTDOWN] protocol is shutdown",
        ),
        (
            || Error::nothing_enabled(reasons::NO_CIPHERS_AVAILABLE, "no suite"),
            Kind::Ssl,
            1,
            "[SSL: NO_CIPHERS_AVAILABLE] no ciphers available: no suite",
        ),
        (|| Error::Refused, Kind::Ssl, 1, "[SSL: CALLBACK_FAILED] callback failed"),
        (
            || Error::internal("no random numbers"),
            Kind::Ssl,
            1,
            "[SSL: INTERNAL_ERROR] internal error: no random numbers",
        ),
    ];

    /// What comes of keys, certificates and trust.
    const OF_MATERIAL: &[Row] = &[
        (
            || Error::material(reasons::KEY_VALUES_MISMATCH, ""),
            Kind::Ssl,
            116,
            "[X509: KEY_VALUES_MISMATCH] key values mismatch",
        ),
        (
            || Error::material(reasons::NO_START_LINE, "no key"),
            Kind::Ssl,
            108,
            "[PEM: NO_START_LINE] no start line: no key",
        ),
        (
            || {
                Error::material(reasons::NO_START_LINE, "no key")
                    .read_as(Source::Identity)
                    .in_file("a.pem".as_ref())
            },
            Kind::Ssl,
            524_297,
            "[SSL] PEM lib: no start line: no key (a.pem)",
        ),
        (
            || Error::material(reasons::EE_KEY_TOO_SMALL, "").read_as(Source::Identity),
            Kind::Ssl,
            399,
            "[SSL: EE_KEY_TOO_SMALL] ee key too small",
        ),
        (
            || Error::material(reasons::NESTED_ASN1_ERROR, "x").read_as(Source::FurtherCertificates),
            Kind::Ssl,
            524_301,
            "[PEM] ASN1 lib: nested asn1 error: x",
        ),
        (
            || Error::material(reasons::NESTED_ASN1_ERROR, "x").read_as(Source::TrustFile),
            Kind::Ssl,
            524_297,
            "[X509] PEM lib: nested asn1 error: x",
        ),
        (
            || Error::material(reasons::BAD_END_LINE, "x").read_as(Source::TrustText),
            Kind::Ssl,
            0,
            "no start line: cadata does not contain a certificate: bad end line: x",
        ),
        (
            || Error::material(reasons::NOT_ENOUGH_DATA, "x").read_as(Source::TrustBytes),
            Kind::Ssl,
            0,
            "not enough data: cadata does not contain a certificate: x",
        ),
        (
            || Error::from(mismatch()),
            Kind::CertVerification,
            1,
            "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: \
                 Hostname mismatch, certificate is not valid for 'wrong.host'.",
        ),
    ];

    /// What comes of settings and calls that are not right.
    const OF_CALLERS: &[Row] = &[
        (|| Error::Setting("no".into()), Kind::Value, 0, "no"),
        (|| Error::TooEarly("handshake not done yet"), Kind::Value, 0, "handshake not done yet"),
        (|| Error::Unsupported("not here".into()), Kind::Unsupported, 0, "not here"),
    ];

    /// A certificate for another name.
    fn mismatch() -> VerificationError {
        VerificationError {
            code: VerifyCode::HostnameMismatch,
            depth: 0,
            subject: "CN=example.org".into(),
            detail: VerificationDetail::Name { expected: "wrong.host".into(), presented: vec![] },
        }
    }

    /// One row at least for each variant, but for those of the system.
    #[test]
    fn every_row() {
        for (error, kind, errno, text) in [OF_CONNECTIONS, OF_MATERIAL, OF_CALLERS].concat() {
            let report = error().report();
            assert_eq!((report.kind, report.errno, report.text.as_str()), (kind, errno, text));
        }
    }

    /// The system's own errors: the number means something on every system; what it means, the system says.
    #[test]
    fn every_row_of_the_system() {
        let refused = || std::io::Error::from_raw_os_error(5);
        let system_text = refused().to_string();
        let file_text = format!("{system_text}: ca.pem");
        let rows: [(Error, Kind, i32, &str); 2] = [
            (refused().into(), Kind::Os, 5, &system_text),
            (Error::File { path: "ca.pem".into(), error: refused().into() }, Kind::Os, 5, &file_text),
        ];
        for (error, kind, errno, text) in rows {
            let report = error.report();
            assert_eq!((report.kind, report.errno, report.text.as_str()), (kind, errno, text));
        }
    }
}
