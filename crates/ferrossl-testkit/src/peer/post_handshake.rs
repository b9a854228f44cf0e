//! What happens after the handshake: tickets, key updates, authentication (RFC 8446 section 4.6).

use ferrossl::Version;

use super::hellos::Extensions;
use super::schedule::finished;
use super::wire::{Reader, handshake, message, vec8, vec16};
use super::{Flow, Peer, Role, Stopped, Ticket};

fn stopped(text: &str) -> Stopped {
    Stopped(text.into())
}

impl Peer {
    /// Changes the peer's sending keys (TLS 1.3), and asks the connection to change its own if `request` says so.
    pub fn send_key_update(&mut self, request: bool) {
        self.send_key_update_in(&[usize::MAX], request);
    }

    /// The same with the message in pieces of these sizes.
    pub fn send_key_update_in(&mut self, sizes: &[usize], request: bool) {
        let message = handshake(message::KEY_UPDATE, &[u8::from(request)]);
        self.flush();
        self.send_fragments(super::wire::content::HANDSHAKE, &message, sizes);
        self.change_write_keys();
    }

    /// Goes over to the next sending keys, without a word.
    pub fn change_write_keys(&mut self) {
        self.flush();
        self.write = self.write.take().map(|keys| keys.next());
    }

    /// A NewSessionTicket of TLS 1.3, kept among [`Peer::tickets`].
    #[must_use]
    pub fn new_ticket(&mut self, identity: &[u8], nonce: &[u8]) -> Vec<u8> {
        let Some(secrets) = &self.secrets13 else { return Vec::new() };
        let ticket = Ticket {
            identity: identity.to_vec(),
            secret: secrets.ticket_secret(nonce),
            suite: secrets.suite.number,
            age_add: 0x0102_0304,
            nonce: nonce.to_vec(),
            extensions: Extensions::default().encode(),
            extended: true,
        };
        let mut body = 7200u32.to_be_bytes().to_vec();
        body.extend(ticket.age_add.to_be_bytes());
        body.extend(vec8(nonce));
        body.extend(vec16(identity));
        body.extend_from_slice(&ticket.extensions);
        self.tickets.push(ticket);
        handshake(message::NEW_SESSION_TICKET, &body)
    }

    /// Sends a NewSessionTicket of TLS 1.3.
    pub fn send_ticket(&mut self, identity: &[u8]) {
        let message = self.new_ticket(identity, &[7]);
        self.send_handshake(&message);
    }

    fn keep_ticket13(&mut self, message: &[u8]) -> Option<()> {
        let mut reader = Reader(message.get(4..)?);
        reader.bytes(4)?;
        let age_add = reader.number(4)? as u32;
        let nonce = reader.vector(1)?.to_vec();
        let identity = reader.vector(2)?.to_vec();
        let secrets = self.secrets13.as_ref()?;
        self.tickets.push(Ticket {
            identity,
            secret: secrets.ticket_secret(&nonce),
            suite: secrets.suite.number,
            age_add,
            nonce,
            extensions: reader.0.to_vec(),
            extended: true,
        });
        Some(())
    }

    /// Deals with a message that the connection has sent after the handshake.
    pub(super) fn take_post_handshake(&mut self, received: &[u8]) {
        match (received[0], self.version) {
            (message::NEW_SESSION_TICKET, Version::Tls13) => {
                // A ticket that does not read is none.
                let _ = self.keep_ticket13(received);
            }
            (message::KEY_UPDATE, Version::Tls13) => {
                self.read = self.read.take().map(|keys| keys.next());
                self.key_updates += 1;
                if received[4..] == [1] && self.setup.answer_key_updates {
                    self.send_key_update(false);
                }
            }
            (message::CERTIFICATE_REQUEST, Version::Tls13) => self.request = Some(received.to_vec()),
            _ => self.post_handshake_messages.push(received.to_vec()),
        }
    }

    /// The messages of the client's answer to a CertificateRequest: Certificate, CertificateVerify if there is a
    /// certificate, and Finished. The keys are those of the moment.
    ///
    /// # Errors
    ///
    /// Before the handshake is done.
    pub fn post_handshake_answer(&self, request: &[u8]) -> Flow<Vec<Vec<u8>>> {
        let secrets = self.secrets13.as_ref().ok_or_else(|| stopped("no secrets yet"))?;
        let secret = self.write.as_ref().and_then(|keys| keys.secret.clone());
        let secret = secret.ok_or_else(|| stopped("no keys yet"))?;
        let context = Reader(&request[4..]).vector(1).unwrap_or_default();
        let signer = self.setup.signer.as_ref();
        let chain = signer.map(|signer| signer.chain.clone()).unwrap_or_default();
        let mut transcript = [&secrets.transcript, request].concat();
        let mut messages = vec![self.certificate_message(context, &chain)];
        transcript.extend_from_slice(&messages[0]);
        if let Some(signer) = signer {
            let body = self.signature(signer, &self.signed13(Role::Client, &transcript));
            messages.push(handshake(message::CERTIFICATE_VERIFY, &body));
            transcript.extend_from_slice(&messages[1]);
        }
        let body = finished(secrets.suite, &secret, &transcript);
        messages.push(handshake(message::FINISHED, &body));
        Ok(messages)
    }

    /// The connection's CertificateRequest, once it has come.
    ///
    /// # Errors
    ///
    /// When none comes.
    pub fn take_request(&mut self) -> Flow<Vec<u8>> {
        self.settle();
        self.request.take().ok_or_else(|| stopped("no CertificateRequest"))
    }

    /// Answers the connection's CertificateRequest with the setup's certificate, or with none.
    ///
    /// # Errors
    ///
    /// When there is nothing to answer.
    pub fn answer_request(&mut self) -> Flow {
        let request = self.take_request()?;
        for message in self.post_handshake_answer(&request)? {
            self.send_handshake(&message);
        }
        Ok(())
    }

    /// What the connection has said after the handshake, other than tickets, key updates and requests.
    pub fn take_post_handshake_messages(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.post_handshake_messages)
    }

    /// Takes a client's answer to this CertificateRequest and checks it; its certificates are
    /// [`Peer::peer_certificates`].
    ///
    /// # Errors
    ///
    /// When it does not come, or is not right.
    pub fn receive_post_handshake_answer(&mut self, request: &[u8]) -> Flow {
        self.settle();
        let secrets = self.secrets13.clone().ok_or_else(|| stopped("no secrets yet"))?;
        let mut transcript = [&secrets.transcript, request].concat();
        let next = |peer: &mut Self, kind: u8| {
            if peer.post_handshake_messages.first().is_none_or(|message| message[0] != kind) {
                let found: Vec<u8> = peer.post_handshake_messages.iter().map(|message| message[0]).collect();
                return Err(Stopped(format!("{found:?} in place of {kind}, alerts {:?}", peer.alerts())));
            }
            Ok(peer.post_handshake_messages.remove(0))
        };
        let certificate = next(self, message::CERTIFICATE)?;
        self.read_certificates(&certificate)?;
        transcript.extend(certificate);
        if !self.certificates.is_empty() {
            let signed = self.signed13(Role::Client, &transcript);
            let signature = next(self, message::CERTIFICATE_VERIFY)?;
            self.check_signature(&signature[4..], &signed)?;
            transcript.extend(signature);
        }
        let said = next(self, message::FINISHED)?;
        let secret = self.read.as_ref().and_then(|keys| keys.secret.clone()).unwrap_or_default();
        if said[4..] != finished(secrets.suite, &secret, &transcript) {
            return Err(stopped("the Finished of the answer is wrong"));
        }
        Ok(())
    }
}
