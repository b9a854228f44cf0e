//! The steps of a server of TLS 1.3.

use super::crypto::{Share, Suite};
use super::hellos::{ClientHello, Extensions, ServerHello};
use super::schedule::{Secrets13, binder, finished};
use super::wire::{RETRY_RANDOM, Reader, TLS12, TLS13, extension, handshake, message, vec8, vec16};
use super::{Flow, Peer, Role, Step, Stopped, Ticket};

fn stopped(text: &str) -> Stopped {
    Stopped(text.into())
}

impl Peer {
    pub(super) fn serve13(&mut self) -> Flow {
        self.receive_client_hello()?;
        if self.setup.retry_with.is_none() {
            self.setup.retry_with = self.group_to_ask_for();
        }
        if let Some(group) = self.setup.retry_with {
            self.send_retry(group);
            self.receive_client_hello()?;
        }
        self.send_server_hello()?;
        self.send_server_flight();
        self.receive_client_flight()
    }

    /// Takes a ClientHello, and chooses the suite.
    ///
    /// # Errors
    ///
    /// When none comes, or one that has nothing in common with the setup.
    pub fn receive_client_hello(&mut self) -> Flow {
        let message = self.receive(message::CLIENT_HELLO)?;
        let hello = ClientHello::read(&message).ok_or_else(|| stopped("a ClientHello that does not read"))?;
        let suite = self.setup.suites.iter().find(|suite| {
            let fits = self.setup.signer.as_ref().is_none_or(|signer| {
                **suite & 0xff00 == 0x1300
                    || Suite::find(**suite).is_some_and(|suite| suite.wants_rsa() == signer.is_rsa())
            });
            fits && hello.suites.contains(suite)
        });
        let suite = suite.and_then(|suite| Suite::find(*suite));
        self.suite = Some(suite.ok_or_else(|| stopped("no suite in common"))?);
        self.client_hello = Some(hello);
        Ok(())
    }

    /// The group of a HelloRetryRequest, where the client has sent no half for any group of the setup's.
    fn group_to_ask_for(&self) -> Option<u16> {
        let hello = self.client_hello.as_ref()?;
        let groups = &self.setup.shares;
        let offered = hello.list(extension::SUPPORTED_GROUPS);
        let has_share = groups.iter().any(|group| hello.share(*group).is_some());
        groups.iter().find(|group| !has_share && offered.contains(group)).copied()
    }

    fn hello_with(&self, random: [u8; 32], extensions: Extensions) -> ServerHello {
        let session_id = self.client_hello.as_ref().map(|hello| hello.session_id.clone());
        ServerHello {
            version: TLS12,
            random,
            session_id: session_id.unwrap_or_default(),
            suite: self.suite.map_or(0, |suite| suite.number),
            compression: 0,
            extensions,
        }
    }

    /// Says HelloRetryRequest for a group.
    pub fn send_retry(&mut self, group: u16) {
        let mut extensions = Extensions::default();
        extensions.set(extension::SUPPORTED_VERSIONS, &TLS13.to_be_bytes());
        extensions.set(extension::KEY_SHARE, &group.to_be_bytes());
        extensions.set(extension::COOKIE, &vec16(b"a cookie"));
        let hello = self.hello_with(RETRY_RANDOM, extensions);
        let hello = self.edited_server_hello(hello);
        if let Some(suite) = self.suite {
            self.transcript = handshake(message::MESSAGE_HASH, &suite.hash(&self.transcript));
        }
        self.step_message(hello.encode());
        if self.setup.middlebox {
            self.step(Step::ChangeCipherSpec, Vec::new());
        }
    }

    /// The ticket that the client offers and the setup knows, if its binder is right, and its place in the offer.
    fn offered_ticket(&self, hello: &ClientHello) -> Option<(u16, Ticket)> {
        let mut offer = Reader(hello.extensions.get(extension::PRE_SHARED_KEY)?);
        let mut identities = Reader(offer.vector(2)?);
        let mut binders = Reader(offer.vector(2)?);
        let binders_length = 2 + binders.0.len();
        let mut index = 0;
        while let Some(identity) = identities.vector(2) {
            identities.bytes(4)?;
            let said = binders.vector(1)?;
            if let Some(ticket) = self.setup.known_tickets.iter().find(|known| known.identity == identity) {
                let suite = self.suite.filter(|suite| suite.number == ticket.suite)?;
                let transcript = &self.transcript[..self.transcript.len() - binders_length];
                let right = binder(suite, &ticket.secret, transcript) == said;
                return right.then(|| (index, ticket.clone()));
            }
            index += 1;
        }
        None
    }

    /// Says ServerHello, and derives the keys of the handshake.
    ///
    /// # Errors
    ///
    /// When the client has sent no half of a key agreement that fits.
    pub fn send_server_hello(&mut self) -> Flow {
        let (Some(client), Some(suite)) = (self.client_hello.clone(), self.suite) else {
            return Err(stopped("no ClientHello yet"));
        };
        let wanted = self.setup.retry_with.map_or_else(|| self.setup.shares.clone(), |group| vec![group]);
        let theirs = wanted.iter().find_map(|group| Some((*group, client.share(*group)?.to_vec())));
        let (group, theirs) = theirs.ok_or_else(|| stopped("no key_share that fits"))?;
        let share = Share::new(group);
        let psk = self.offered_ticket(&client);
        self.resumed = psk.is_some();
        let mut extensions = Extensions::default();
        extensions.set(extension::SUPPORTED_VERSIONS, &TLS13.to_be_bytes());
        extensions.set(extension::KEY_SHARE, &share.entry());
        if let Some((index, _)) = &psk {
            extensions.set(extension::PRE_SHARED_KEY, &index.to_be_bytes());
        }
        let hello = self.hello_with([0x5A; 32], extensions);
        let hello = self.edited_server_hello(hello);
        self.server_hello = Some(hello.clone());
        self.step_message(hello.encode());
        if self.setup.middlebox && self.setup.retry_with.is_none() {
            self.step(Step::ChangeCipherSpec, Vec::new());
        }
        let agreed = share.agree(&theirs).ok_or_else(|| stopped("the client's key_share is none"))?;
        let psk = psk.map(|(_, ticket)| ticket.secret);
        let secrets = Secrets13::new(suite, psk.as_deref(), &agreed, &self.transcript);
        self.seal_with(secrets.keys(&secrets.server_handshake));
        self.read = Some(secrets.keys(&secrets.client_handshake));
        self.secrets13 = Some(secrets);
        Ok(())
    }

    /// Says everything from EncryptedExtensions to Finished, and goes over to the keys for data.
    pub fn send_server_flight(&mut self) {
        let mut extensions = Extensions::default();
        if let Some(protocol) = self.setup.alpn.first() {
            extensions.set(extension::ALPN, &vec16(&vec8(protocol)));
        }
        self.step_message(handshake(message::ENCRYPTED_EXTENSIONS, &extensions.encode()));
        if !self.resumed {
            if self.setup.ask_for_certificate {
                self.step_message(self.certificate_request13(&[]));
            }
            if let Some(signer) = self.setup.signer.clone() {
                self.step_message(self.certificate_message(&[], &signer.chain));
                let signed = self.signed13(Role::Server, &self.transcript);
                let body = self.signature(&signer, &signed);
                self.step_message(handshake(message::CERTIFICATE_VERIFY, &body));
            }
        }
        let Some(secrets) = self.secrets13.clone() else { return };
        let body = finished(secrets.suite, &secrets.server_handshake, &self.transcript);
        self.step_message(handshake(message::FINISHED, &body));
        if let Some(secrets) = &mut self.secrets13 {
            secrets.server_is_done(&self.transcript);
            let keys = secrets.keys(&secrets.server_data);
            self.seal_with(keys);
        }
    }

    /// Takes what a client says last, checks it, and goes over to the keys for data.
    ///
    /// # Errors
    ///
    /// When it does not come, or is not right.
    pub fn receive_client_flight(&mut self) -> Flow {
        if self.setup.ask_for_certificate && !self.resumed {
            let certificate = self.receive(message::CERTIFICATE)?;
            self.read_certificates(&certificate)?;
            if !self.certificates.is_empty() {
                let signed = self.signed13(Role::Client, &self.transcript);
                let signature = self.receive(message::CERTIFICATE_VERIFY)?;
                self.check_signature(&signature[4..], &signed)?;
            }
        }
        let before = self.transcript.len();
        let said = self.receive(message::FINISHED)?;
        let Some(secrets) = &mut self.secrets13 else { return Err(stopped("no ServerHello yet")) };
        if said[4..] != finished(secrets.suite, &secrets.client_handshake, &self.transcript[..before]) {
            return Err(stopped("the client's Finished is wrong"));
        }
        secrets.client_is_done(&self.transcript);
        self.read = Some(secrets.keys(&secrets.client_data));
        Ok(())
    }
}
