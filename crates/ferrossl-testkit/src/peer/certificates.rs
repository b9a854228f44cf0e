//! Certificate, CertificateVerify and CertificateRequest of both versions (RFC 8446 section 4.4, RFC 5246 section 7.4).

use ferrossl::Version;
use ferrossl::x509::{Certificate, verify_handshake_signature};

use super::hellos::Extensions;
use super::wire::{Reader, extension, handshake, message, numbers, vec8, vec16, vec24};
use super::{Flow, Peer, Role, Signer, Stopped};

const CLIENT_PURPOSE: &[u8] = b"TLS 1.3, client CertificateVerify\0";
const SERVER_PURPOSE: &[u8] = b"TLS 1.3, server CertificateVerify\0";

fn stopped(text: &str) -> Stopped {
    Stopped(text.into())
}

impl Peer {
    /// A Certificate message with this chain, which may be empty. The context is for TLS 1.3.
    #[must_use]
    pub fn certificate_message(&self, context: &[u8], chain: &[Vec<u8>]) -> Vec<u8> {
        let is_new = self.version == Version::Tls13;
        let mut list = Vec::new();
        for certificate in chain {
            list.extend(vec24(certificate));
            if is_new {
                list.extend(vec16(&[]));
            }
        }
        let context = if is_new { vec8(context) } else { Vec::new() };
        handshake(message::CERTIFICATE, &[context, vec24(&list)].concat())
    }

    /// The chain of a Certificate message.
    pub(super) fn read_certificates(&mut self, certificate: &[u8]) -> Flow {
        let is_new = self.version == Version::Tls13;
        let read = || {
            let mut reader = Reader(&certificate[4..]);
            if is_new {
                reader.vector(1)?;
            }
            let mut list = Reader(reader.vector(3)?);
            let mut chain = Vec::new();
            while !list.0.is_empty() {
                chain.push(list.vector(3)?.to_vec());
                if is_new {
                    list.vector(2)?;
                }
            }
            Some(chain)
        };
        self.certificates = read().ok_or_else(|| stopped("a Certificate that does not read"))?;
        Ok(())
    }

    /// What a CertificateVerify of TLS 1.3 signs: this transcript, for one side's purpose.
    #[must_use]
    pub fn signed13(&self, by: Role, transcript: &[u8]) -> Vec<u8> {
        let purpose = if by == Role::Client { CLIENT_PURPOSE } else { SERVER_PURPOSE };
        let hash = self.suite.map_or_else(Vec::new, |suite| suite.hash(transcript));
        [&[0x20; 64][..], purpose, &hash].concat()
    }

    /// A CertificateVerify, or the signature of a ServerKeyExchange: scheme and signature.
    #[must_use]
    pub fn signature(&self, signer: &Signer, signed: &[u8]) -> Vec<u8> {
        let scheme = self.setup.scheme.unwrap_or_else(|| signer.scheme());
        [&scheme.to_be_bytes()[..], &vec16(&signer.sign(scheme, signed))].concat()
    }

    /// Checks a scheme and a signature of the connection's.
    pub(super) fn check_signature(&self, signature: &[u8], signed: &[u8]) -> Flow {
        let mut reader = Reader(signature);
        let scheme = reader.u16().ok_or_else(|| stopped("no scheme"))?;
        let signature = reader.vector(2).ok_or_else(|| stopped("no signature"))?;
        let leaf = self.certificates.first().ok_or_else(|| stopped("no certificate"))?;
        let leaf = Certificate::from_der(leaf).map_err(|error| Stopped(error.to_string()))?;
        let is_new = self.version == Version::Tls13;
        if !self.setup.schemes.contains(&scheme) {
            return Err(Stopped(format!("a signature of scheme {scheme:#06x}, which was not offered")));
        }
        if !verify_handshake_signature(scheme, is_new, leaf.public_key(), signed, signature) {
            return Err(stopped("the connection's signature is wrong"));
        }
        Ok(())
    }

    /// A CertificateRequest of TLS 1.3.
    #[must_use]
    pub fn certificate_request13(&self, context: &[u8]) -> Vec<u8> {
        let mut extensions = Extensions::default();
        extensions.set(extension::SIGNATURE_ALGORITHMS, &vec16(&numbers(&self.setup.schemes)));
        handshake(message::CERTIFICATE_REQUEST, &[vec8(context), extensions.encode()].concat())
    }

    /// A CertificateRequest of TLS 1.2, for RSA and ECDSA keys of any authority.
    #[must_use]
    pub fn certificate_request12(&self) -> Vec<u8> {
        let body = [vec8(&[1, 64]), vec16(&numbers(&self.setup.schemes)), vec16(&[])].concat();
        handshake(message::CERTIFICATE_REQUEST, &body)
    }
}
