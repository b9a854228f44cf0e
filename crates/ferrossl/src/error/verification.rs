//! A refused certificate: the verdict, where in the chain, and the values that were compared.

use std::fmt;

use crate::openssl_names::verify_codes::VerifyCode;

/// Why a certificate chain was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
        /// The end: this second itself is refused, as by OpenSSL.
        not_after: i64,
    },
    /// The certificate is for other names.
    Name {
        /// The host name or IP address that was asked for.
        expected: String,
        /// The names that the certificate has.
        presented: Vec<String>,
    },
    /// The certificate's issuer is not among the trusted certificates.
    MissingIssuer {
        /// The issuer's name as one line.
        issuer: String,
        /// Whether a trusted certificate has that name.
        namesake: Namesake,
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

/// Whether a trusted certificate has the name of the issuer that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Namesake {
    /// None has it.
    None,
    /// One has it, but its key is another one than the certificate was signed with.
    OtherKey,
    /// One has it, but is not the certificate that is named: its serial number or its own issuer is another, or its
    /// extensions are damaged.
    OtherCertificate,
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
                    let (date, span) = (utc(*not_before), span(not_before.saturating_sub(*now)));
                    format!("it starts at {date}, in {span}; is this machine's clock right?")
                } else {
                    format!("it ended at {}, {} ago", utc(*not_after), span(now.saturating_sub(*not_after)))
                }
            }
            (VerificationDetail::MissingIssuer { issuer, namesake }, _) => match namesake {
                Namesake::None => format!(
                    "no trusted certificate is named '{issuer}'; load that CA, or have the peer send its whole chain"
                ),
                Namesake::OtherKey => format!(
                    "a trusted certificate has the name '{issuer}', but another key; load the CA that signed this one"
                ),
                Namesake::OtherCertificate => format!(
                    "a trusted certificate has the name '{issuer}', but is not the one that this one says it is signed with"
                ),
            },
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

/// `2026-11-21 15:54:47 UTC` of seconds since 1970 (Howard Hinnant's `civil_from_days`).
fn utc(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02} UTC", second % 60)
}

/// A length of time in the unit that people would use.
fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        172_800.. => (seconds / 86_400, "day"),
        7_200.. => (seconds / 3_600, "hour"),
        120.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for VerificationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for VerificationError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_spans() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_795_276_487, "2026-11-21 15:54:47 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(utc(seconds), text);
        }
        for (seconds, text) in [
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_200, "2 hours"),
            (172_800, "2 days"),
            (1_728_996, "20 days"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}
