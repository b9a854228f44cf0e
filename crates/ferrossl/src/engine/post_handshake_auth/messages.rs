//! Authentication of the client after the handshake (RFC 8446 sections 4.2.6 and 4.6.2), which rustls does not have.
//!
//! ```text
//! server                                  client
//! CertificateRequest ─────────────────▶
//!                     ◀───────────────── Certificate, CertificateVerify (if it has one), Finished
//! ```
//!
//! The messages are sealed and opened with the connection's own keys beside rustls, which never sees them: `incoming.rs`
//! puts messages together and brings those that belong here. What they sign is the handshake's transcript, kept by the
//! observer, and the request.

use std::sync::Arc;

use aws_lc_rs::digest::Context;
use aws_lc_rs::hkdf::{HKDF_SHA256, HKDF_SHA384, KeyType, Prk};
use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA384};
use rustls::SignatureScheme;
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use crate::engine::post_handshake_auth::transcript::Transcript;
use crate::error::{Error, Failure};
use crate::openssl_names::alerts::{self, AlertNumber};
use crate::openssl_names::reasons::{self, Reason};
use crate::random;
use crate::wire::certificate;
use crate::wire::extension::Extensions;
use crate::wire::extension::extension_type::SIGNATURE_ALGORITHMS;
use crate::wire::handshake::handshake_type::{CERTIFICATE_REQUEST, CERTIFICATE_VERIFY};
use crate::wire::handshake::{handshake_type, message};
use crate::wire::vector::vector;

/// RFC 8446 section 4.4.3: what keeps a signature from being taken for another one.
const PURPOSE: &[u8] = b"TLS 1.3, client CertificateVerify\0";

fn failure(alert: AlertNumber, reason: Reason) -> Failure {
    Failure::new(alert, reason, "")
}

/// The finished handshake, as far as it is signed.
pub(crate) struct Handshake {
    transcript: Context,
    /// `client_application_traffic_secret_0`, as the key log gets it, or a later one.
    secret: Zeroizing<Vec<u8>>,
    /// How many keys the client has had before the one of this secret.
    key: u32,
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl Handshake {
    /// `None` while the handshake goes on.
    pub(crate) fn new(transcript: &Transcript, secret: &[u8], first_key: u32) -> Option<Self> {
        let secret = Zeroizing::new(secret.to_vec());
        Some(Self { transcript: transcript.finished()?, secret, key: first_key })
    }

    fn hash(&self, messages: &[u8]) -> Vec<u8> {
        let mut transcript = self.transcript.clone();
        transcript.update(messages);
        transcript.finish().as_ref().to_vec()
    }

    /// HKDF-Expand-Label (RFC 8446 section 7.1) without a context.
    fn expand(&self, secret: &[u8], label: &[u8]) -> Zeroizing<Vec<u8>> {
        let length = self.transcript.algorithm().output_len();
        let hkdf = if length == 48 { HKDF_SHA384 } else { HKDF_SHA256 };
        let info = [&[0, length as u8, 6 + label.len() as u8][..], b"tls13 ", label, &[0]].concat();
        let mut expanded = Zeroizing::new(vec![0; length]);
        // Cannot fail: a digest's length is far below HKDF's limit.
        let _ = Prk::new_less_safe(hkdf, secret)
            .expand(&[&info], Length(length))
            .and_then(|okm| okm.fill(&mut expanded));
        expanded
    }

    /// The key of a Finished under the client's newest secret (RFC 8446 sections 4.4.4 and 7.2). The older ones are
    /// forgotten, so that each change of keys is followed once, however many requests there are.
    fn finished_key(&mut self, keys: u32) -> hmac::Key {
        while self.key < keys {
            self.secret = self.expand(&self.secret, b"traffic upd");
            self.key += 1;
        }
        let algorithm = if self.secret.len() == 48 { HMAC_SHA384 } else { HMAC_SHA256 };
        hmac::Key::new(algorithm, &self.expand(&self.secret, b"finished"))
    }

    fn signed(&self, messages: &[u8]) -> Vec<u8> {
        [&[0x20; 64][..], PURPOSE, &self.hash(messages)].concat()
    }
}

/// What a whole CertificateRequest says: its context, and how a certificate's owner may sign.
fn read_request(request: &[u8]) -> Result<(&[u8], Vec<SignatureScheme>), Failure> {
    let damaged = || failure(alerts::DECODE_ERROR, reasons::LENGTH_MISMATCH);
    let body = request.get(4..).ok_or_else(damaged)?;
    let (context, rest) = vector(body, 1).ok_or_else(damaged)?;
    let (extensions, []) = vector(rest, 2).ok_or_else(damaged)? else { return Err(damaged()) };
    let schemes = signature_schemes(extensions).ok_or_else(damaged)?;
    // RFC 8446 section 4.3.2: the one extension that must be there.
    let missing = || failure(alerts::MISSING_EXTENSION, reasons::MISSING_SIGALGS_EXTENSION);
    Ok((context, schemes.ok_or_else(missing)?))
}

/// Whether a CertificateRequest of TLS 1.3 can be read, in the handshake too, where rustls answers it.
pub(crate) fn check_request(request: &[u8]) -> Result<(), Failure> {
    read_request(request).map(|_| ())
}

/// The client's side: answers requests.
pub(crate) struct Client {
    handshake: Handshake,
}

impl Client {
    pub(crate) fn new(handshake: Handshake) -> Self {
        Self { handshake }
    }

    /// The messages that answer a whole CertificateRequest. `choose` finds the identity for the signature schemes of
    /// the request; `keys` is how many sending keys there have been.
    pub(crate) fn answer(
        &mut self,
        request: &[u8],
        keys: u32,
        choose: impl Fn(&[SignatureScheme]) -> Option<Arc<CertifiedKey>>,
    ) -> Result<Vec<u8>, Failure> {
        let (context, schemes) = read_request(request)?;
        let identity = choose(&schemes);
        let signer = identity.as_ref().and_then(|identity| identity.key.choose_scheme(&schemes));
        let chain = match (&identity, &signer) {
            (Some(identity), Some(_)) => identity.cert.as_slice(),
            _ => &[],
        };
        let body = certificate::write_tls13(context, chain.iter().map(|certificate| &**certificate));
        let mut messages = [request, &message(handshake_type::CERTIFICATE, &body)].concat();
        if let Some(signer) = signer {
            let signature = signer
                .sign(&self.handshake.signed(&messages))
                .map_err(|_| failure(alerts::INTERNAL_ERROR, reasons::INTERNAL_ERROR))?;
            let mut body = u16::from(signer.scheme()).to_be_bytes().to_vec();
            body.extend((signature.len() as u16).to_be_bytes());
            body.extend(signature);
            messages.extend(message(CERTIFICATE_VERIFY, &body));
        }
        let tag = hmac::sign(&self.handshake.finished_key(keys), &self.handshake.hash(&messages));
        messages.extend(message(handshake_type::FINISHED, tag.as_ref()));
        Ok(messages.split_off(request.len()))
    }
}

/// The schemes of a request's extensions, if they are there; `None` when the extensions cannot be read.
fn signature_schemes(extensions: &[u8]) -> Option<Option<Vec<SignatureScheme>>> {
    let mut found = None;
    for extension in Extensions::new(extensions) {
        let (number, contents) = extension?;
        if number == SIGNATURE_ALGORITHMS {
            let (schemes, []) = vector(contents, 2)? else { return None };
            let (pairs, []) = schemes.as_chunks::<2>() else { return None };
            if pairs.is_empty() {
                return None;
            }
            found = Some(pairs.iter().map(|pair| u16::from_be_bytes(*pair).into()).collect());
        }
    }
    Some(found)
}

/// What the server's side asks of its surroundings.
pub(crate) trait ClientVerifier {
    /// Whether the certificates, the client's own first, may authenticate it.
    fn verify(&self, chain: &[Vec<u8>]) -> Result<(), Failure>;
    /// Whether the owner of the certificate has signed, in a way that was asked for.
    fn verify_signature(
        &self,
        leaf: &[u8],
        scheme: u16,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Failure>;
    /// Whether a client may go without a certificate.
    fn accepts_nobody(&self) -> bool;
}

/// The server's side: asks, and checks the answers.
pub(crate) struct Server {
    handshake: Handshake,
    pending: Option<Pending>,
}

/// A request that was sent.
struct Pending {
    context: Vec<u8>,
    /// The request, and what has come of the answer.
    messages: Vec<u8>,
    /// The client's certificates, once they are there.
    chain: Option<Vec<Vec<u8>>>,
    signed: bool,
}

impl Server {
    pub(crate) fn new(handshake: Handshake) -> Self {
        Self { handshake, pending: None }
    }

    /// A CertificateRequest, to be sent.
    pub(crate) fn request(&mut self, schemes: &[u16]) -> Result<Vec<u8>, Error> {
        if self.pending.is_some() {
            return Err(Error::Misuse { reason: reasons::REQUEST_SENT });
        }
        let mut context = vec![0; 32];
        random::fill(&mut context)?;
        let list: Vec<u8> = schemes.iter().flat_map(|scheme| scheme.to_be_bytes()).collect();
        let length = list.len() as u16;
        let mut extension = SIGNATURE_ALGORITHMS.to_be_bytes().to_vec();
        extension.extend((length + 2).to_be_bytes());
        extension.extend(length.to_be_bytes());
        extension.extend(list);
        let mut body = vec![context.len() as u8];
        body.extend_from_slice(&context);
        body.extend((extension.len() as u16).to_be_bytes());
        body.extend(extension);
        let request = message(CERTIFICATE_REQUEST, &body);
        self.pending = Some(Pending { context, messages: request.clone(), chain: None, signed: false });
        Ok(request)
    }

    /// Whether the client was asked and has not answered in full.
    pub(crate) const fn awaits_answer(&self) -> bool {
        self.pending.is_some()
    }

    /// Whether a part of the answer is there, and not all of it.
    pub(crate) fn is_being_answered(&self) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.chain.is_some())
    }

    /// Takes a whole message of the answer. The client's certificates, which may be none, once it has proved itself.
    pub(crate) fn answered(
        &mut self,
        message: &[u8],
        keys: u32,
        verifier: &dyn ClientVerifier,
    ) -> Result<Option<Vec<Vec<u8>>>, Failure> {
        let unexpected = || failure(alerts::UNEXPECTED_MESSAGE, reasons::UNEXPECTED_MESSAGE);
        let pending = self.pending.as_mut().ok_or_else(unexpected)?;
        let (&kind, body) = message.first().zip(message.get(4..)).ok_or_else(unexpected)?;
        match (kind, &pending.chain) {
            (handshake_type::CERTIFICATE, None) => {
                let (context, chain) = certificate::read_tls13(body)
                    .ok_or_else(|| failure(alerts::DECODE_ERROR, reasons::LENGTH_MISMATCH))?;
                let chain: Vec<_> = chain.into_iter().map(<[u8]>::to_vec).collect();
                if context != pending.context {
                    return Err(failure(alerts::ILLEGAL_PARAMETER, reasons::INVALID_CONTEXT));
                }
                if chain.is_empty() {
                    if !verifier.accepts_nobody() {
                        let reason = reasons::PEER_DID_NOT_RETURN_A_CERTIFICATE;
                        return Err(failure(alerts::CERTIFICATE_REQUIRED, reason));
                    }
                } else {
                    verifier.verify(&chain)?;
                }
                pending.chain = Some(chain);
            }
            (CERTIFICATE_VERIFY, Some(chain)) if !pending.signed && !chain.is_empty() => {
                let parts = body.split_first_chunk::<2>().and_then(|(scheme, rest)| {
                    let (signature, rest) = vector(rest, 2)?;
                    rest.is_empty().then_some((u16::from_be_bytes(*scheme), signature))
                });
                let (scheme, signature) =
                    parts.ok_or_else(|| failure(alerts::DECODE_ERROR, reasons::LENGTH_MISMATCH))?;
                let signed = self.handshake.signed(&pending.messages);
                verifier.verify_signature(&chain[0], scheme, &signed, signature)?;
                pending.signed = true;
            }
            (handshake_type::FINISHED, Some(chain)) if pending.signed || chain.is_empty() => {
                let hash = self.handshake.hash(&pending.messages);
                hmac::verify(&self.handshake.finished_key(keys), &hash, body)
                    .map_err(|_| failure(alerts::DECRYPT_ERROR, reasons::DIGEST_CHECK_FAILED))?;
                return Ok(self.pending.take().and_then(|pending| pending.chain));
            }
            _ => return Err(unexpected()),
        }
        pending.messages.extend_from_slice(message);
        Ok(None)
    }
}

/// Reads bytes as the messages of both sides.
#[cfg(fuzzing)]
pub(crate) fn read_bytes(bytes: &[u8]) {
    if let Some((context, chain)) = certificate::read_tls13(bytes) {
        assert!(
            context.len() + chain.iter().map(|certificate| certificate.len()).sum::<usize>() <= bytes.len()
        );
    }
    let _ = signature_schemes(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = (certificate::read_tls13(&bytes), signature_schemes(&bytes), read_request(&bytes).is_ok());
        }
    }

    /// Takes every certificate and every signature.
    struct Anybody;

    impl ClientVerifier for Anybody {
        fn verify(&self, _: &[Vec<u8>]) -> Result<(), Failure> {
            Ok(())
        }

        fn verify_signature(&self, _: &[u8], _: u16, _: &[u8], _: &[u8]) -> Result<(), Failure> {
            Ok(())
        }

        fn accepts_nobody(&self) -> bool {
            true
        }
    }

    fn handshake() -> Handshake {
        let mut transcript = Transcript::default();
        for kind in [handshake_type::CLIENT_HELLO, handshake_type::FINISHED, handshake_type::FINISHED] {
            transcript.add(&message(kind, &[7; 32]));
        }
        Handshake::new(&transcript, &[9; 32], 1).unwrap()
    }

    /// A Certificate of these certificates for the server's request.
    fn certificate(request: &[u8], certificates: &[&[u8]]) -> Vec<u8> {
        let mut list = Vec::new();
        for certificate in certificates {
            list.extend([0, 0, certificate.len() as u8]);
            list.extend_from_slice(certificate);
            list.extend([0, 0]);
        }
        let context = &request[4..5 + usize::from(request[4])];
        message(handshake_type::CERTIFICATE, &[context, &[0, 0, list.len() as u8], &list].concat())
    }

    #[test]
    fn an_answer_has_its_order() {
        let verify = message(CERTIFICATE_VERIFY, &[4, 3, 0, 1, 5]);
        let finished = |messages: &[u8]| {
            let mut handshake = handshake();
            let tag = hmac::sign(&handshake.finished_key(3), &handshake.hash(messages));
            message(handshake_type::FINISHED, tag.as_ref())
        };
        let some: &[&[u8]] = &[b"leaf"];
        // Which certificates, what follows them, and what comes of the last message.
        for (certificates, follow, expected) in [
            (some, "v", Ok(false)),
            (some, "vf", Ok(true)),
            (some, "f", Err(alerts::UNEXPECTED_MESSAGE)),
            (some, "c", Err(alerts::UNEXPECTED_MESSAGE)),
            (some, "vv", Err(alerts::UNEXPECTED_MESSAGE)),
            (some, "vc", Err(alerts::UNEXPECTED_MESSAGE)),
            (some, "vx", Err(alerts::DECRYPT_ERROR)),
            (some, "vd", Err(alerts::DECODE_ERROR)),
            (&[], "f", Ok(true)),
            (&[], "v", Err(alerts::UNEXPECTED_MESSAGE)),
            (&[], "k", Err(alerts::UNEXPECTED_MESSAGE)),
        ] {
            let mut server = Server::new(handshake());
            let request = server.request(&[0x0403]).unwrap();
            assert!(server.awaits_answer() && !server.is_being_answered());
            let first = certificate(&request, certificates);
            let mut messages = [request.clone(), first.clone()].concat();
            assert!(server.answered(&first, 3, &Anybody).unwrap().is_none());
            assert!(server.is_being_answered());
            let mut last = Ok(false);
            for what in follow.chars() {
                let mut next = match what {
                    'v' => verify.clone(),
                    'f' | 'x' | 'd' => finished(&messages),
                    'c' => first.clone(),
                    _ => message(handshake_type::KEY_UPDATE, &[0]),
                };
                match what {
                    'x' => *next.last_mut().unwrap() ^= 1,
                    'd' => next = message(CERTIFICATE_VERIFY, &[4]),
                    _ => {}
                }
                if what == 'd' {
                    // Nothing was signed yet in this case.
                    server.pending.as_mut().unwrap().signed = false;
                }
                let answered = server.answered(&next, 3, &Anybody);
                last = answered.map(|proved| proved.is_some()).map_err(|failure| failure.alert.unwrap());
                messages.extend(next);
            }
            assert_eq!(last, expected, "{follow} behind {} certificates", certificates.len());
            assert_eq!(server.awaits_answer(), last != Ok(true));
        }
    }

    #[test]
    fn an_answer_is_to_the_request() {
        let mut server = Server::new(handshake());
        let request = server.request(&[0x0403]).unwrap();
        assert!(server.request(&[0x0403]).is_err());
        let mut other = request.clone();
        other[5] ^= 1;
        let failure = server.answered(&certificate(&other, &[]), 3, &Anybody).unwrap_err();
        assert_eq!(failure.alert, Some(alerts::ILLEGAL_PARAMETER));
        let nobody_asked = Server::new(handshake()).answered(&certificate(&request, &[]), 3, &Anybody);
        assert_eq!(nobody_asked.unwrap_err().alert, Some(alerts::UNEXPECTED_MESSAGE));
    }

    #[test]
    fn extensions_of_a_request() {
        let schemes = |bytes: &[u8]| signature_schemes(bytes).map(|found| found.map(|schemes| schemes.len()));
        assert_eq!(schemes(&[]), Some(None));
        assert_eq!(schemes(&[0, 1, 0, 0]), Some(None));
        assert_eq!(schemes(&[0, 1, 0, 0, 0, 13, 0, 6, 0, 4, 4, 3, 8, 4]), Some(Some(2)));
        for damaged in [
            &[0, 13, 0, 2, 0, 0][..],
            &[0, 13, 0, 5, 0, 3, 4, 3, 8],
            &[0, 13, 0, 5, 0, 2, 4, 3, 8],
            &[0, 13, 0],
            &[0],
        ] {
            assert_eq!(schemes(damaged), None, "{damaged:?}");
        }
    }
}
