//! A failure of the protocol, with the alert that tells the peer.

use crate::error::{Error, VerificationError};
use crate::openssl_names::alerts::{self, AlertNumber};
use crate::openssl_names::reasons::{self, Reason};
use crate::openssl_names::verify_alerts;

/// What went wrong, and what the peer is told.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// `None` where the peer must not be answered: it has said itself that it gives up, or it does not speak TLS.
    pub(crate) alert: Option<AlertNumber>,
    /// What the program is told.
    pub(crate) error: Error,
}

impl Failure {
    pub(crate) fn new(alert: AlertNumber, reason: Reason, detail: impl Into<String>) -> Self {
        Self { alert: Some(alert), error: Error::protocol(reason, detail) }
    }

    /// `unexpected_message`: what came may be sent, but not now.
    pub(crate) fn unexpected(detail: impl Into<String>) -> Self {
        Self::new(alerts::UNEXPECTED_MESSAGE, reasons::UNEXPECTED_MESSAGE, detail)
    }

    /// `decode_error`: a length is wrong.
    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::new(alerts::DECODE_ERROR, reasons::LENGTH_MISMATCH, detail)
    }

    /// A certificate that does not verify.
    pub(crate) fn verdict(verdict: VerificationError) -> Self {
        Self { alert: Some(verify_alerts::alert(verdict.code)), error: verdict.into() }
    }

    /// One that the peer is not told.
    pub(crate) const fn silent(error: Error) -> Self {
        Self { alert: None, error }
    }
}
