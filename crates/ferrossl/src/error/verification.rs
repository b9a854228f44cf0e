//! A refused certificate: the verdict, where in the chain, and the values that were compared.

use std::fmt;

use crate::openssl_names::verify_codes::VerifyCode;

/// Why a certificate chain was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationError {
    /// OpenSSL's verdict.
    pub code: VerifyCode,
    /// Where in the chain: 0 is the peer's own certificate.
    pub depth: usize,
    /// The subject of the certificate at that depth, as one line; empty when it has none.
    pub subject: String,
    /// The values that were compared.
    pub detail: VerificationDetail,
}

/// The values behind a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerificationDetail {
    /// Nothing more to say than the code.
    None,
    /// The certificate's period does not include the time of the check. Seconds since 1970, UTC.
    Period {
        /// The time of the check.
        now: i64,
        /// First valid second.
        not_before: i64,
        /// Last valid second.
        not_after: i64,
    },
    /// The certificate is for other names.
    Name {
        /// The host name or IP address that was asked for.
        expected: String,
        /// The names that the certificate has.
        presented: Vec<String>,
    },
    /// No trusted certificate with this subject was found.
    MissingIssuer {
        /// The issuer's name as one line.
        issuer: String,
    },
    /// A key or digest is too weak.
    Strength {
        /// Its strength, in bits of a symmetric key.
        bits: u16,
        /// What the security level asks for.
        least: u16,
    },
    /// The issuer's CRL has this serial number.
    Revoked {
        /// The certificate's serial number, hexadecimal.
        serial: String,
    },
    /// What it was in particular that broke the rule.
    Particular(&'static str),
}

impl VerificationError {
    /// OpenSSL's message, with the host name or address as Python's `verify_message` adds it.
    #[must_use]
    pub fn message(&self) -> String {
        match (&self.detail, self.code) {
            (VerificationDetail::Name { expected, .. }, VerifyCode::HostnameMismatch) => {
                format!("Hostname mismatch, certificate is not valid for '{expected}'.")
            }
            (VerificationDetail::Name { expected, .. }, VerifyCode::IpAddressMismatch) => {
                format!("IP address mismatch, certificate is not valid for '{expected}'.")
            }
            _ => self.code.text().to_owned(),
        }
    }

    /// One line that says what a person could do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match (&self.detail, self.code) {
            (VerificationDetail::Name { presented, .. }, _) if presented.is_empty() => {
                "the certificate names no host at all".to_owned()
            }
            (VerificationDetail::Name { presented, .. }, _) => {
                format!("the certificate is for {}", presented.join(", "))
            }
            (VerificationDetail::Period { now, not_before, not_after }, _) => {
                if now < not_before {
                    format!("it starts in {} seconds; is this machine's clock right?", not_before - now)
                } else {
                    format!("it ended {} seconds ago", now - not_after)
                }
            }
            (VerificationDetail::MissingIssuer { issuer }, _) => {
                format!(
                    "no trusted certificate is named '{issuer}'; load that CA, or have the peer send its whole chain"
                )
            }
            (_, VerifyCode::DepthZeroSelfSignedCert | VerifyCode::SelfSignedCertInChain) => {
                format!("'{}' vouches for itself; load it as a CA if you trust it", self.subject)
            }
            (VerificationDetail::Strength { bits, least }, _) => {
                format!("it has a strength of {bits} bits; the security level asks for {least}")
            }
            (VerificationDetail::Revoked { serial }, _) => {
                format!("its issuer has revoked the certificate with the serial number {serial}")
            }
            (VerificationDetail::Particular(text), _) => (*text).to_owned(),
            (VerificationDetail::None, code) => code.rule().to_owned(),
        }
    }
}

impl fmt::Display for VerificationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for VerificationError {}
