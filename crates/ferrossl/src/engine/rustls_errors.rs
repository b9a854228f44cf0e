//! rustls' errors under OpenSSL's reasons, and in sentences; nothing decides by the text.

use rustls::{CertificateError, InvalidMessage, PeerIncompatible, PeerMisbehaved};

use crate::error::Error;
use crate::openssl_names::reasons::{self as r, Reason};

pub(crate) fn convert(error: rustls::Error) -> Error {
    use rustls::Error as E;
    let reason = match &error {
        E::AlertReceived(alert) => return Error::AlertReceived((*alert).into()),
        E::InappropriateMessage { .. } | E::InappropriateHandshakeMessage { .. } => r::UNEXPECTED_MESSAGE,
        E::InvalidMessage(message) => invalid_message(message),
        E::NoCertificatesPresented => r::PEER_DID_NOT_RETURN_A_CERTIFICATE,
        // Records are opened elsewhere (`tls13_aead.rs`, `tls12_aead.rs`): this is a Finished.
        E::DecryptError => r::DIGEST_CHECK_FAILED,
        E::PeerIncompatible(incompatible) => peer_incompatible(incompatible),
        E::PeerMisbehaved(misbehaved) => peer_misbehaved(misbehaved),
        E::InvalidCertificate(CertificateError::BadSignature) => r::BAD_SIGNATURE,
        E::InvalidCertificate(CertificateError::BadEncoding) => r::LENGTH_MISMATCH,
        E::InvalidCertificate(_) => r::CERTIFICATE_VERIFY_FAILED,
        E::NoApplicationProtocol => r::NO_APPLICATION_PROTOCOL,
        E::PeerSentOversizedRecord => r::ENCRYPTED_LENGTH_TOO_LONG,
        // What the peer has no part in.
        other => return Error::internal(sentence(other)),
    };
    match error {
        // Here the reason says more than the error does.
        E::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            Error::protocol(reason, "")
        }
        _ => Error::protocol(reason, sentence(&error)),
    }
}

/// What happened, for people. rustls shows the names of its variants.
fn sentence(error: &rustls::Error) -> String {
    use rustls::Error as E;
    match error {
        E::PeerIncompatible(incompatible) => match incompatibility(incompatible) {
            Some(text) => text.to_owned(),
            None => format!("the peer cannot do what is needed: {}", words(&format!("{incompatible:?}"))),
        },
        E::PeerMisbehaved(misbehaved) => {
            format!("the peer broke the protocol: {}", words(&format!("{misbehaved:?}")))
        }
        E::InvalidMessage(message) => {
            format!("a message of the peer's cannot be read: {}", words(&format!("{message:?}")))
        }
        E::InvalidCertificate(CertificateError::BadEncoding) => {
            "the peer's certificate cannot be read".to_owned()
        }
        E::InvalidCertificate(CertificateError::BadSignature) => {
            "the peer's signature does not fit its certificate".to_owned()
        }
        E::DecryptError => "a record does not open with the connection's key".to_owned(),
        E::NoApplicationProtocol => "no application protocol is in both lists (ALPN)".to_owned(),
        E::NoCertificatesPresented => "the peer has sent no certificate".to_owned(),
        other => other.to_string(),
    }
}

fn incompatibility(incompatible: &PeerIncompatible) -> Option<&'static str> {
    use PeerIncompatible as P;
    Some(match incompatible {
        P::NoCipherSuitesInCommon => "no cipher suite is enabled on both sides",
        P::NoKxGroupsInCommon => "no group for the key exchange is enabled on both sides",
        P::NoSignatureSchemesInCommon | P::NoCertificateRequestSignatureSchemesInCommon => {
            "no signature scheme is enabled on both sides"
        }
        P::ServerDoesNotSupportTls12Or13 => "the server speaks neither TLS 1.2 nor TLS 1.3",
        P::ServerTlsVersionIsDisabledByOurConfig => "the server chose a version of TLS that is disabled here",
        P::SupportedVersionsExtensionRequired | P::Tls12NotOffered | P::Tls12NotOfferedOrEnabled => {
            "no version of TLS is enabled on both sides"
        }
        P::KeyShareExtensionRequired => "the client has sent no key_share",
        P::NamedGroupsExtensionRequired => "the client has sent no supported_groups",
        P::SignatureAlgorithmsExtensionRequired => "the client has sent no signature_algorithms",
        P::ExtendedMasterSecretExtensionRequired => "the peer does not do extended_master_secret",
        P::NoEcPointFormatsInCommon | P::EcPointsExtensionRequired | P::UncompressedEcPointsRequired => {
            "the peer does not take uncompressed points of elliptic curves"
        }
        P::NullCompressionRequired => "the client does not offer to do without compression",
        _ => return None,
    })
}

/// The name of a variant as words: `MissingData("x")` is "missing data (x)".
fn words(variant: &str) -> String {
    let (name, values) = variant.split_once('(').unwrap_or((variant, ""));
    let mut text = String::new();
    for (index, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && index > 0 {
            text.push(' ');
        }
        text.push(letter.to_ascii_lowercase());
    }
    let values = values.trim_end_matches(')').replace('"', "");
    if values.is_empty() { text } else { format!("{text} ({values})") }
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

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, ContentType};

    use super::*;

    fn reason(error: impl Into<rustls::Error>) -> &'static str {
        convert(error.into()).report().reason.map_or("none", |reason| reason.name)
    }

    #[test]
    fn rustls_errors_have_openssls_reasons() {
        use rustls::Error as E;
        for (error, expected) in [
            (E::NoCertificatesPresented, "PEER_DID_NOT_RETURN_A_CERTIFICATE"),
            (E::DecryptError, "DIGEST_CHECK_FAILED"),
            (E::NoApplicationProtocol, "NO_APPLICATION_PROTOCOL"),
            (E::PeerSentOversizedRecord, "ENCRYPTED_LENGTH_TOO_LONG"),
            (E::InvalidCertificate(CertificateError::BadSignature), "BAD_SIGNATURE"),
            (E::InvalidCertificate(CertificateError::BadEncoding), "LENGTH_MISMATCH"),
            (E::InvalidCertificate(CertificateError::Expired), "CERTIFICATE_VERIFY_FAILED"),
            (
                E::InappropriateMessage { expect_types: vec![], got_type: ContentType::Alert },
                "UNEXPECTED_MESSAGE",
            ),
            (E::FailedToGetCurrentTime, "INTERNAL_ERROR"),
        ] {
            assert_eq!(reason(error.clone()), expected, "{error:?}");
        }
        let alert = convert(E::AlertReceived(AlertDescription::HandshakeFailure));
        assert!(matches!(alert, Error::AlertReceived(_)));
    }

    #[test]
    fn messages_that_are_wrong() {
        use InvalidMessage as M;
        for (message, expected) in [
            (M::MessageTooLarge, "PACKET_LENGTH_TOO_LONG"),
            (M::HandshakePayloadTooLarge, "EXCESSIVE_MESSAGE_SIZE"),
            (M::CertificatePayloadTooLarge, "EXCESSIVE_MESSAGE_SIZE"),
            (M::InvalidContentType, "BAD_RECORD_TYPE"),
            (M::UnexpectedMessage("this"), "UNEXPECTED_MESSAGE"),
            (M::UnknownProtocolVersion, "WRONG_VERSION_NUMBER"),
            (M::InvalidCcs, "INVALID_CCS_MESSAGE"),
            (M::InvalidEmptyPayload, "RECORD_TOO_SMALL"),
            (M::MessageTooShort, "LENGTH_TOO_SHORT"),
            (M::MissingData("this"), "LENGTH_TOO_SHORT"),
            (M::TrailingData("this"), "LENGTH_MISMATCH"),
            (M::NoSignatureSchemes, "NO_SHARED_SIGNATURE_ALGORITHMS"),
            (M::MissingKeyExchange, "NO_SHARED_GROUPS"),
            (M::UnsupportedCurveType, "NO_SHARED_GROUPS"),
            (M::InvalidServerName, "BAD_EXTENSION"),
        ] {
            assert_eq!(reason(message), expected, "{message:?}");
        }
        // Where the reason says all, nothing is added.
        for message in [M::InvalidContentType, M::UnknownProtocolVersion] {
            let Error::Protocol { detail, .. } = convert(message.into()) else { panic!("a protocol error") };
            assert_eq!(detail, "");
        }
        let Error::Protocol { detail, .. } = convert(M::InvalidCcs.into()) else {
            panic!("a protocol error")
        };
        assert_ne!(detail, "");
    }

    #[test]
    fn peers_that_do_not_fit() {
        use PeerIncompatible as P;
        for (incompatible, expected) in [
            (P::NoCipherSuitesInCommon, "NO_SHARED_CIPHER"),
            (P::NoKxGroupsInCommon, "NO_SHARED_GROUPS"),
            (P::NamedGroupsExtensionRequired, "NO_SHARED_GROUPS"),
            (P::KeyShareExtensionRequired, "NO_SHARED_GROUPS"),
            (P::NoSignatureSchemesInCommon, "NO_SHARED_SIGNATURE_ALGORITHMS"),
            (P::NoCertificateRequestSignatureSchemesInCommon, "NO_SHARED_SIGNATURE_ALGORITHMS"),
            (P::SignatureAlgorithmsExtensionRequired, "NO_SHARED_SIGNATURE_ALGORITHMS"),
            (P::ServerDoesNotSupportTls12Or13, "UNSUPPORTED_PROTOCOL"),
            (P::ServerTlsVersionIsDisabledByOurConfig, "UNSUPPORTED_PROTOCOL"),
            (P::SupportedVersionsExtensionRequired, "UNSUPPORTED_PROTOCOL"),
            (P::Tls12NotOffered, "UNSUPPORTED_PROTOCOL"),
            (P::Tls12NotOfferedOrEnabled, "UNSUPPORTED_PROTOCOL"),
            (P::Tls13RequiredForQuic, "UNSUPPORTED_PROTOCOL"),
            (P::NullCompressionRequired, "SSL_HANDSHAKE_FAILURE"),
        ] {
            assert_eq!(reason(incompatible.clone()), expected, "{incompatible:?}");
        }
    }

    #[test]
    fn peers_that_misbehave() {
        use PeerMisbehaved as P;
        for (misbehaved, expected) in [
            (P::TooManyKeyUpdateRequests, "TOO_MANY_KEY_UPDATES"),
            (P::TooManyWarningAlertsReceived, "TOO_MANY_WARN_ALERTS"),
            (P::TooManyRenegotiationRequests, "NO_RENEGOTIATION"),
            (P::TooManyEmptyFragments, "RECORD_TOO_SMALL"),
            (P::SignedKxWithWrongAlgorithm, "WRONG_CERTIFICATE_TYPE"),
            (P::SignedHandshakeWithUnadvertisedSigScheme, "WRONG_SIGNATURE_TYPE"),
            (P::IllegalMiddleboxChangeCipherSpec, "UNEXPECTED_MESSAGE"),
            (P::InvalidKeyShare, "SSL_HANDSHAKE_FAILURE"),
        ] {
            assert_eq!(reason(misbehaved.clone()), expected, "{misbehaved:?}");
        }
    }

    #[test]
    fn no_name_of_a_variant_is_shown() {
        for (error, text) in [
            (
                PeerIncompatible::Tls12NotOfferedOrEnabled.into(),
                "[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol: no version of TLS is enabled on both sides",
            ),
            (
                PeerIncompatible::NoCipherSuitesInCommon.into(),
                "[SSL: NO_SHARED_CIPHER] no shared cipher: no cipher suite is enabled on both sides",
            ),
            (
                PeerIncompatible::NoSignatureSchemesInCommon.into(),
                "[SSL: NO_SHARED_SIGNATURE_ALGORITHMS] no shared signature algorithms: \
                 no signature scheme is enabled on both sides",
            ),
            (
                PeerIncompatible::UncompressedEcPointsRequired.into(),
                "[SSL: SSL_HANDSHAKE_FAILURE] ssl handshake failure: \
                 the peer does not take uncompressed points of elliptic curves",
            ),
            (
                PeerMisbehaved::IllegalMiddleboxChangeCipherSpec.into(),
                "[SSL: UNEXPECTED_MESSAGE] unexpected message: \
                 the peer broke the protocol: illegal middlebox change cipher spec",
            ),
            (
                InvalidMessage::MissingData("ClientHello").into(),
                "[SSL: LENGTH_TOO_SHORT] length too short: \
                 a message of the peer's cannot be read: missing data (ClientHello)",
            ),
        ] {
            assert_eq!(convert(error).to_string(), text);
        }
    }
}
