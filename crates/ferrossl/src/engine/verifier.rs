//! Implements rustls' verifier traits with `crate::verify`, for clients and servers.

use std::fmt;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, PeerMisbehaved, SignatureScheme};

use crate::engine::hooks::callback_scope;
use crate::engine::post_handshake_auth::messages::ClientVerifier;
use crate::engine::rustls_errors::convert;
use crate::error::Failure;
use crate::openssl_names::alerts::{BAD_CERTIFICATE, DECRYPT_ERROR, ILLEGAL_PARAMETER};
use crate::openssl_names::reasons::{BAD_SIGNATURE, WRONG_SIGNATURE_TYPE};
use crate::settings::{Counters, Settings, VerifyMode};
use crate::trust::TrustStore;
use crate::verify::{self, Policy, Purpose, SignatureMemory, Verification};
use crate::x509::{
    Certificate, HANDSHAKE_SCHEMES, handshake_security_bits, is_pss_only, verify_handshake_signature,
};

/// Whether a scheme may sign a handshake of TLS 1.3: not with PKCS #1 padding, and not with SHA-1 (RFC 8446 section 4.2.3).
pub(crate) fn signs_tls13(scheme: u16) -> bool {
    !matches!(scheme.to_be_bytes(), [2..=6, 1] | [2, 3])
}

/// Verifies peers for one snapshot of a context.
pub(crate) struct PeerVerifier {
    pub(crate) mode: VerifyMode,
    pub(crate) purpose: Purpose,
    pub(crate) policy: Policy,
    pub(crate) trust: TrustStore,
    /// Whether TLS 1.3 may be agreed on.
    pub(crate) tls13: bool,
    memory: Option<&'static SignatureMemory>,
    counters: Arc<Counters>,
}

impl PeerVerifier {
    pub(crate) fn new(settings: &Settings, purpose: Purpose, counters: &Arc<Counters>) -> Arc<Self> {
        Arc::new(Self {
            mode: settings.verify_mode,
            purpose,
            policy: settings.policy,
            trust: settings.trust.clone(),
            tls13: settings.versions.tls13,
            memory: settings.signature_memory(),
            counters: Arc::clone(counters),
        })
    }

    fn verify(&self, leaf: &[u8], rest: &[CertificateDer<'_>], now: UnixTime) -> Result<(), rustls::Error> {
        let bad_encoding = |_| rustls::Error::from(CertificateError::BadEncoding);
        let leaf = Arc::new(Certificate::from_der(leaf).map_err(bad_encoding)?);
        let expected = callback_scope::with(|scope| {
            scope.verification.leaf = Some(Arc::clone(&leaf));
            scope.verification.expected.clone()
        })
        .flatten();
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let rest = rest.iter().map(|der| Certificate::from_der(der).map(Arc::new));
        if self.mode == VerifyMode::None {
            let rest: Vec<_> = rest.filter_map(Result::ok).collect();
            let chain = self.verification(leaf, now).with_untrusted(&rest).build_without_judging();
            callback_scope::with(|scope| scope.verification.unjudged = Some(chain));
            return Ok(());
        }
        let rest =
            rest.map(|certificate| certificate.map_err(bad_encoding)).collect::<Result<Vec<_>, _>>()?;
        let verdict =
            self.verification(leaf, now).with_untrusted(&rest).with_expected_name(expected.as_ref()).run();
        // What rustls is told stands for the verdict, which has its own alert.
        let outcome =
            verdict.as_ref().map(|_| ()).map_err(|_| CertificateError::ApplicationVerificationFailure.into());
        callback_scope::with(|scope| scope.verification.verdict = Some(verdict));
        outcome
    }

    fn verification(&self, leaf: Arc<Certificate>, now: i64) -> Verification<'_> {
        Verification::new(leaf, &self.trust, self.purpose, now)
            .with_policy(self.policy)
            .with_memory(self.memory)
            .with_counts(&self.counters.signatures)
    }

    fn offers(&self, scheme: u16) -> bool {
        handshake_security_bits(scheme) >= verify::least_bits(self.policy.security_level)
            && (self.tls13 || !is_pss_only(scheme))
    }

    pub(crate) fn schemes(&self) -> Vec<SignatureScheme> {
        let offered = HANDSHAKE_SCHEMES.into_iter().filter(|&scheme| self.offers(scheme));
        offered.map(SignatureScheme::from).collect()
    }

    fn accepts_scheme(&self, scheme: SignatureScheme, tls13: bool) -> bool {
        let scheme = u16::from(scheme);
        HANDSHAKE_SCHEMES.contains(&scheme) && self.offers(scheme) && (!tls13 || signs_tls13(scheme))
    }

    fn signature(
        &self,
        tls13: bool,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        // RFC 8446 section 4.4.3, RFC 5246 section 7.4.3: only what this side has offered, and in TLS 1.3 no PKCS #1.
        if !self.accepts_scheme(signed.scheme, tls13) {
            return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
        }
        let known = callback_scope::with(|scope| scope.verification.leaf.clone()).flatten();
        let leaf = match known.filter(|known| known.der() == leaf.as_ref()) {
            Some(known) => known,
            None => Arc::new(
                Certificate::from_der(leaf)
                    .map_err(|_| rustls::Error::from(CertificateError::BadEncoding))?,
            ),
        };
        if verify_handshake_signature(
            signed.scheme.into(),
            tls13,
            leaf.public_key(),
            message,
            signed.signature(),
        ) {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(CertificateError::BadSignature.into())
        }
    }
}

impl ClientVerifier for PeerVerifier {
    fn verify(&self, chain: &[Vec<u8>]) -> Result<(), Failure> {
        let (leaf, rest) =
            chain.split_first().map_or((&[][..], &[][..]), |(leaf, rest)| (leaf.as_slice(), rest));
        let rest: Vec<_> = rest.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        Self::verify(self, leaf, &rest, UnixTime::now()).map_err(|error| {
            match callback_scope::with(|scope| scope.verification.verdict.take()).flatten() {
                Some(Err(verdict)) => Failure::verdict(verdict),
                _ => Failure { alert: Some(BAD_CERTIFICATE), error: convert(error) },
            }
        })
    }

    fn verify_signature(
        &self,
        leaf: &[u8],
        scheme: u16,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Failure> {
        if !self.accepts_scheme(scheme.into(), true) {
            let detail = "the peer has signed in a way that it was not offered";
            return Err(Failure::new(ILLEGAL_PARAMETER, WRONG_SIGNATURE_TYPE, detail));
        }
        let is_right = Certificate::from_der(leaf).is_ok_and(|leaf| {
            verify_handshake_signature(scheme, true, leaf.public_key(), message, signature)
        });
        is_right.then_some(()).ok_or_else(|| Failure::new(DECRYPT_ERROR, BAD_SIGNATURE, ""))
    }

    fn accepts_nobody(&self) -> bool {
        self.mode != VerifyMode::Required
    }
}

impl fmt::Debug for PeerVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerVerifier")
            .field("mode", &self.mode)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

impl ServerCertVerifier for PeerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.verify(end_entity, intermediates, now).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signature(false, message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signature(true, message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}

impl ClientCertVerifier for PeerVerifier {
    fn offer_client_auth(&self) -> bool {
        let post_handshake_auth =
            callback_scope::with(|scope| scope.post_handshake_auth.defers_client_auth) == Some(true);
        self.mode != VerifyMode::None && !post_handshake_auth
    }

    fn client_auth_mandatory(&self) -> bool {
        self.mode == VerifyMode::Required
    }

    /// None, as with CPython: a server there does not name the CAs that it trusts.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.verify(end_entity, intermediates, now).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signature(false, message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signature(true, message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes()
    }
}
