//! rustls' errors under OpenSSL's reasons. The text is rustls' own; nothing decides by it.

use rustls::{CertificateError, InvalidMessage, PeerIncompatible, PeerMisbehaved};

use crate::error::Error;
use crate::openssl_names::reasons::{self as r, Reason};

pub(super) fn convert(error: rustls::Error) -> Error {
    use rustls::Error as E;
    let reason = match &error {
        E::AlertReceived(alert) => return Error::AlertReceived((*alert).into()),
        E::InappropriateMessage { .. } | E::InappropriateHandshakeMessage { .. } => r::UNEXPECTED_MESSAGE,
        E::InvalidMessage(message) => invalid_message(message),
        E::NoCertificatesPresented => r::PEER_DID_NOT_RETURN_A_CERTIFICATE,
        // Records are opened elsewhere (`record_keys.rs`, `watched_tls12.rs`): this is a Finished.
        E::DecryptError => r::DIGEST_CHECK_FAILED,
        E::PeerIncompatible(incompatible) => peer_incompatible(incompatible),
        E::PeerMisbehaved(misbehaved) => peer_misbehaved(misbehaved),
        E::InvalidCertificate(CertificateError::BadSignature) => r::BAD_SIGNATURE,
        E::InvalidCertificate(CertificateError::BadEncoding) => r::LENGTH_MISMATCH,
        E::InvalidCertificate(_) => r::CERTIFICATE_VERIFY_FAILED,
        E::NoApplicationProtocol => r::NO_APPLICATION_PROTOCOL,
        E::PeerSentOversizedRecord => r::ENCRYPTED_LENGTH_TOO_LONG,
        _ => r::INTERNAL_ERROR,
    };
    match error {
        // Here the reason says more than the error does.
        E::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            Error::protocol(reason, "")
        }
        _ => Error::protocol(reason, error.to_string()),
    }
}

fn invalid_message(message: &InvalidMessage) -> Reason {
    use InvalidMessage as M;
    match message {
        M::MessageTooLarge => r::PACKET_LENGTH_TOO_LONG,
        M::HandshakePayloadTooLarge | M::CertificatePayloadTooLarge => r::EXCESSIVE_MESSAGE_SIZE,
        M::InvalidContentType => r::BAD_RECORD_TYPE,
        M::UnexpectedMessage(_) => r::UNEXPECTED_MESSAGE,
        M::UnknownProtocolVersion => r::WRONG_VERSION_NUMBER,
        M::InvalidCcs => r::INVALID_CCS_MESSAGE,
        M::InvalidEmptyPayload => r::RECORD_TOO_SMALL,
        M::MessageTooShort | M::MissingData(_) => r::LENGTH_TOO_SHORT,
        M::TrailingData(_) => r::LENGTH_MISMATCH,
        M::NoSignatureSchemes => r::NO_SHARED_SIGNATURE_ALGORITHMS,
        M::MissingKeyExchange | M::UnsupportedCurveType | M::UnsupportedKeyExchangeAlgorithm(_) => {
            r::NO_SHARED_GROUPS
        }
        _ => r::BAD_EXTENSION,
    }
}

fn peer_incompatible(incompatible: &PeerIncompatible) -> Reason {
    use PeerIncompatible as P;
    match incompatible {
        P::NoCipherSuitesInCommon => r::NO_SHARED_CIPHER,
        P::NoKxGroupsInCommon | P::NamedGroupsExtensionRequired | P::KeyShareExtensionRequired => {
            r::NO_SHARED_GROUPS
        }
        P::NoSignatureSchemesInCommon
        | P::NoCertificateRequestSignatureSchemesInCommon
        | P::SignatureAlgorithmsExtensionRequired => r::NO_SHARED_SIGNATURE_ALGORITHMS,
        P::ServerDoesNotSupportTls12Or13
        | P::ServerTlsVersionIsDisabledByOurConfig
        | P::SupportedVersionsExtensionRequired
        | P::Tls12NotOffered
        | P::Tls12NotOfferedOrEnabled
        | P::Tls13RequiredForQuic => r::UNSUPPORTED_PROTOCOL,
        _ => r::SSL_HANDSHAKE_FAILURE,
    }
}

fn peer_misbehaved(misbehaved: &PeerMisbehaved) -> Reason {
    use PeerMisbehaved as P;
    match misbehaved {
        P::TooManyKeyUpdateRequests => r::TOO_MANY_KEY_UPDATES,
        P::TooManyWarningAlertsReceived => r::TOO_MANY_WARN_ALERTS,
        P::TooManyRenegotiationRequests => r::NO_RENEGOTIATION,
        P::TooManyEmptyFragments => r::RECORD_TOO_SMALL,
        P::SignedKxWithWrongAlgorithm => r::WRONG_CERTIFICATE_TYPE,
        P::SignedHandshakeWithUnadvertisedSigScheme => r::WRONG_SIGNATURE_TYPE,
        P::IllegalMiddleboxChangeCipherSpec => r::UNEXPECTED_MESSAGE,
        _ => r::SSL_HANDSHAKE_FAILURE,
    }
}
