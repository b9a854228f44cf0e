//! The steps of a server of TLS 1.2.

use super::client12::CLIENT_FINISHED;
use super::crypto::Share;
use super::hellos::{Extensions, ServerHello};
use super::wire::{Reader, TLS12, extension, handshake, message, vec8, vec16};
use super::{Flow, Peer, Stopped, Ticket};

fn stopped(text: &str) -> Stopped {
    Stopped(text.into())
}

impl Peer {
    pub(super) fn serve12(&mut self) -> Flow {
        self.receive_client_hello()?;
        let ticket = self.offered_ticket12();
        self.send_server_hello12(ticket.is_some())?;
        if let Some(ticket) = ticket {
            let keys = self.derive_resumed12(&ticket)?;
            self.send_finished12(keys)?;
            return self.receive_finished12(CLIENT_FINISHED);
        }
        let share = self.send_server_flight12()?;
        self.receive_client_flight12(&share)
    }

    fn offered_ticket12(&self) -> Option<Ticket> {
        let offered = self.client_hello.as_ref()?.extensions.get(extension::SESSION_TICKET)?;
        let known = self.setup.known_tickets.iter().find(|known| known.identity == offered)?;
        self.suite.filter(|suite| suite.number == known.suite)?;
        Some(known.clone())
    }

    /// Says ServerHello.
    fn send_server_hello12(&mut self, resumes: bool) -> Flow {
        let client = self.client_hello.clone().ok_or_else(|| stopped("no ClientHello yet"))?;
        let mut extensions = Extensions::default();
        extensions.set(extension::RENEGOTIATION_INFO, &[0]);
        if self.setup.extended_master_secret
            && client.extensions.get(extension::EXTENDED_MASTER_SECRET).is_some()
        {
            extensions.set(extension::EXTENDED_MASTER_SECRET, &[]);
        }
        if !resumes && client.extensions.get(extension::SESSION_TICKET).is_some() {
            extensions.set(extension::SESSION_TICKET, &[]);
        }
        if let Some(protocol) = self.setup.alpn.first() {
            extensions.set(extension::ALPN, &vec16(&vec8(protocol)));
        }
        let hello = ServerHello {
            version: TLS12,
            random: [0x5A; 32],
            session_id: if resumes { client.session_id } else { Vec::new() },
            suite: self.suite.map_or(0, |suite| suite.number),
            compression: 0,
            extensions,
        };
        let hello = self.edited_server_hello(hello);
        self.server_hello = Some(hello.clone());
        self.step_message(hello.encode());
        Ok(())
    }

    /// Says everything up to ServerHelloDone; the server's half of the key agreement.
    fn send_server_flight12(&mut self) -> Flow<Share> {
        let signer = self.setup.signer.clone().ok_or_else(|| stopped("a server needs a certificate"))?;
        self.step_message(self.certificate_message(&[], &signer.chain));
        let share = Share::new(*self.setup.shares.first().ok_or_else(|| stopped("no group"))?);
        let parameters = [&[3][..], &share.group().to_be_bytes(), &vec8(&share.public())].concat();
        let signature = self.signature(&signer, &self.signed_parameters(&parameters)?);
        self.step_message(handshake(message::SERVER_KEY_EXCHANGE, &[parameters, signature].concat()));
        if self.setup.ask_for_certificate {
            self.step_message(self.certificate_request12());
        }
        self.step_message(handshake(message::SERVER_HELLO_DONE, &[]));
        Ok(share)
    }

    fn receive_client_flight12(&mut self, share: &Share) -> Flow {
        if self.setup.ask_for_certificate {
            let certificate = self.receive(message::CERTIFICATE)?;
            self.read_certificates(&certificate)?;
        }
        let exchange = self.receive(message::CLIENT_KEY_EXCHANGE)?;
        let theirs = Reader(&exchange[4..]).vector(1).and_then(|theirs| share.agree(theirs));
        let keys = self.derive12(&theirs.ok_or_else(|| stopped("the client's half is none"))?)?;
        if !self.certificates.is_empty() {
            let signed = self.transcript.clone();
            let signature = self.receive(message::CERTIFICATE_VERIFY)?;
            self.check_signature(&signature[4..], &signed)?;
        }
        self.receive_finished12(CLIENT_FINISHED)?;
        let offers_tickets = self
            .client_hello
            .as_ref()
            .is_some_and(|hello| hello.extensions.get(extension::SESSION_TICKET).is_some());
        if let Some(secrets) = self.secrets12.clone().filter(|_| offers_tickets) {
            let identity = b"a ticket of TLS 1.2".to_vec();
            let body = [&7200u32.to_be_bytes()[..], &vec16(&identity)].concat();
            self.tickets.push(Ticket {
                identity,
                secret: secrets.master,
                suite: secrets.suite.number,
                age_add: 0,
                nonce: Vec::new(),
                extensions: Vec::new(),
                extended: secrets.extended,
            });
            self.step_message(handshake(message::NEW_SESSION_TICKET, &body));
        }
        self.send_finished12(keys)
    }
}
