//! Which alert tells the peer of an error of rustls'. What this crate refuses itself names its alert in its [`Failure`].
//!
//! [`Failure`]: crate::error::Failure

use rustls::server::AcceptedAlert;
use rustls::{AlertDescription, Error as E, InvalidMessage as M, PeerIncompatible as I, PeerMisbehaved as P};

use crate::openssl_names::alerts::{
    AlertNumber, CERTIFICATE_REQUIRED, DECODE_ERROR, DECRYPT_ERROR, HANDSHAKE_FAILURE, ILLEGAL_PARAMETER,
    INTERNAL_ERROR, MISSING_EXTENSION, NO_APPLICATION_PROTOCOL, PROTOCOL_VERSION, RECORD_OVERFLOW,
    UNEXPECTED_MESSAGE, UNSUPPORTED_EXTENSION,
};
use crate::wire::record::ALERT;

/// The alert for an error, `None` when the peer has said itself that it gives up. `engines` is the alert that rustls would
/// have sent, if it would have sent one: where the RFCs leave a choice, it stays.
pub(crate) fn alert_for(
    error: &E,
    peer: Peer,
    tls13: bool,
    engines: Option<AlertNumber>,
) -> Option<AlertNumber> {
    if let E::AlertReceived(_) = error {
        return None;
    }
    Some(match prescribed(error, peer, tls13) {
        Some(alert) => alert,
        None => engines.unwrap_or_else(|| usual(error)),
    })
}

/// Who gets the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Client,
    Server,
}

/// What the RFCs prescribe, whatever rustls does.
fn prescribed(error: &E, peer: Peer, tls13: bool) -> Option<AlertNumber> {
    Some(match error {
        // RFC 8446 section 6.2, RFC 5246 section 7.2.2.
        E::InappropriateMessage { .. } | E::InappropriateHandshakeMessage { .. } => UNEXPECTED_MESSAGE,
        // RFC 8446 section 4.4.2.4: a server must have a certificate. TLS 1.2 does not know certificate_required (RFC 5246
        // section 7.4.6).
        E::NoCertificatesPresented if peer == Peer::Server => DECODE_ERROR,
        E::NoCertificatesPresented if tls13 => CERTIFICATE_REQUIRED,
        E::NoCertificatesPresented => HANDSHAKE_FAILURE,
        // Records are opened before rustls sees them, so this is a Finished or a binder (RFC 8446 sections 4.4.4, 4.2.11).
        E::DecryptError => DECRYPT_ERROR,
        E::PeerSentOversizedRecord => RECORD_OVERFLOW,
        E::NoApplicationProtocol => NO_APPLICATION_PROTOCOL,
        E::InvalidMessage(M::InvalidContentType | M::UnexpectedMessage(_) | M::InvalidEmptyPayload) => {
            UNEXPECTED_MESSAGE
        }
        E::InvalidMessage(
            M::InvalidKeyUpdate
            | M::PreSharedKeyIsNotFinalExtension
            | M::DuplicateExtension(_)
            | M::HandshakePayloadTooLarge
            | M::CertificatePayloadTooLarge
            | M::UnsupportedCompression,
        ) => ILLEGAL_PARAMETER,
        E::InvalidMessage(M::MessageTooLarge) => RECORD_OVERFLOW,
        E::InvalidMessage(M::UnknownProtocolVersion) => PROTOCOL_VERSION,
        E::InvalidMessage(M::UnknownHelloRetryRequestExtension | M::UnknownCertificateExtension) => {
            UNSUPPORTED_EXTENSION
        }
        E::PeerIncompatible(
            I::ServerDoesNotSupportTls12Or13
            | I::ServerTlsVersionIsDisabledByOurConfig
            | I::SupportedVersionsExtensionRequired
            | I::Tls12NotOffered
            | I::Tls12NotOfferedOrEnabled,
        ) => PROTOCOL_VERSION,
        // RFC 8446 section 9.2.
        E::PeerIncompatible(
            I::KeyShareExtensionRequired
            | I::NamedGroupsExtensionRequired
            | I::SignatureAlgorithmsExtensionRequired,
        ) if tls13 => MISSING_EXTENSION,
        // RFC 8446 section 4.2, RFC 5246 section 7.4.1.4.
        E::PeerMisbehaved(
            P::UnsolicitedCertExtension | P::UnsolicitedEncryptedExtension | P::UnexpectedCleartextExtension,
        ) => UNSUPPORTED_EXTENSION,
        E::PeerMisbehaved(
            P::SignedHandshakeWithUnadvertisedSigScheme
            | P::SignedKxWithWrongAlgorithm
            | P::InvalidKeyShare
            | P::PskExtensionMustBeLast,
        ) => ILLEGAL_PARAMETER,
        // RFC 8446 section 4.2.9.
        E::PeerMisbehaved(P::MissingPskModesExtension) => MISSING_EXTENSION,
        E::PeerMisbehaved(
            P::KeyEpochWithPendingFragment
            | P::MessageInterleavedWithHandshakeMessage
            | P::RejectedEarlyDataInterleavedWithHandshakeMessage
            | P::IllegalMiddleboxChangeCipherSpec
            | P::IllegalTlsInnerPlaintext
            | P::TooManyEmptyFragments
            | P::TooManyKeyUpdateRequests
            | P::TooManyRenegotiationRequests
            | P::TooManyWarningAlertsReceived
            | P::TooMuchEarlyDataReceived,
        ) => UNEXPECTED_MESSAGE,
        E::PeerMisbehaved(P::IncorrectBinder) => DECRYPT_ERROR,
        _ => return None,
    })
}

/// What fits where rustls sends nothing.
fn usual(error: &E) -> AlertNumber {
    match error {
        E::InvalidMessage(_) => DECODE_ERROR,
        E::PeerMisbehaved(_) => ILLEGAL_PARAMETER,
        E::PeerIncompatible(_) => HANDSHAKE_FAILURE,
        E::InvalidCertificate(error) => AlertDescription::from(error.clone()).into(),
        _ => INTERNAL_ERROR,
    }
}

/// The alert that rustls would send.
pub(crate) fn engines_alert(mut alert: AcceptedAlert) -> Option<AlertNumber> {
    let mut records = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = alert.write_all(&mut records);
    match *records {
        [ALERT, _, _, 0, 2, _, alert] => Some(alert),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::{CertificateError, ContentType, HandshakeType};

    /// One row for each class of error: (error, TLS 1.3, what rustls would have sent, what is sent).
    #[test]
    fn each_error_has_its_alert() {
        let handshake = E::InappropriateHandshakeMessage {
            expect_types: vec![HandshakeType::Finished],
            got_type: HandshakeType::Certificate,
        };
        let record = E::InappropriateMessage {
            expect_types: vec![ContentType::Handshake],
            got_type: ContentType::ApplicationData,
        };
        let engines = Some(80);
        for (error, tls13, engines, alert) in [
            (handshake, true, None, UNEXPECTED_MESSAGE),
            (record, false, engines, UNEXPECTED_MESSAGE),
            (E::NoCertificatesPresented, true, None, CERTIFICATE_REQUIRED),
            (E::NoCertificatesPresented, false, Some(116), HANDSHAKE_FAILURE),
            (E::DecryptError, true, Some(20), DECRYPT_ERROR),
            (E::PeerSentOversizedRecord, true, None, RECORD_OVERFLOW),
            (E::NoApplicationProtocol, true, None, NO_APPLICATION_PROTOCOL),
            (M::InvalidContentType.into(), true, Some(50), UNEXPECTED_MESSAGE),
            (M::InvalidEmptyPayload.into(), true, Some(50), UNEXPECTED_MESSAGE),
            (M::PreSharedKeyIsNotFinalExtension.into(), true, Some(50), ILLEGAL_PARAMETER),
            (M::DuplicateExtension(1).into(), true, Some(50), ILLEGAL_PARAMETER),
            (M::UnknownCertificateExtension.into(), true, Some(50), UNSUPPORTED_EXTENSION),
            (M::HandshakePayloadTooLarge.into(), true, None, ILLEGAL_PARAMETER),
            (M::MessageTooLarge.into(), true, Some(50), RECORD_OVERFLOW),
            (M::UnknownProtocolVersion.into(), true, None, PROTOCOL_VERSION),
            (M::MessageTooShort.into(), true, None, DECODE_ERROR),
            (M::MessageTooShort.into(), true, engines, INTERNAL_ERROR),
            (I::Tls12NotOfferedOrEnabled.into(), false, Some(40), PROTOCOL_VERSION),
            (I::KeyShareExtensionRequired.into(), true, Some(40), MISSING_EXTENSION),
            (I::SignatureAlgorithmsExtensionRequired.into(), false, None, HANDSHAKE_FAILURE),
            (I::NoCipherSuitesInCommon.into(), true, None, HANDSHAKE_FAILURE),
            (P::UnsolicitedEncryptedExtension.into(), true, None, UNSUPPORTED_EXTENSION),
            (P::SignedHandshakeWithUnadvertisedSigScheme.into(), true, Some(51), ILLEGAL_PARAMETER),
            (P::InvalidKeyShare.into(), true, None, ILLEGAL_PARAMETER),
            (P::MissingPskModesExtension.into(), true, None, MISSING_EXTENSION),
            (P::KeyEpochWithPendingFragment.into(), true, None, UNEXPECTED_MESSAGE),
            (P::TooManyKeyUpdateRequests.into(), true, None, UNEXPECTED_MESSAGE),
            (P::IncorrectBinder.into(), true, None, DECRYPT_ERROR),
            (P::SelectedUnofferedCipherSuite.into(), true, None, ILLEGAL_PARAMETER),
            (CertificateError::UnknownIssuer.into(), true, None, 48),
            (CertificateError::Expired.into(), true, Some(45), 45),
            (E::FailedToGetRandomBytes, true, None, INTERNAL_ERROR),
        ] {
            assert_eq!(alert_for(&error, Peer::Client, tls13, engines), Some(alert), "{error:?}");
        }
        let nobody = alert_for(&E::NoCertificatesPresented, Peer::Server, true, Some(CERTIFICATE_REQUIRED));
        assert_eq!(nobody, Some(DECODE_ERROR));
        let received = E::AlertReceived(AlertDescription::HandshakeFailure);
        assert_eq!(alert_for(&received, Peer::Server, true, None), None);
    }
}
