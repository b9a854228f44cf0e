//! The steps of a client, and the rest of them in TLS 1.3.
//!
//! ```text
//! ClientHello, early data          →
//!                                  ←  HelloRetryRequest
//! ClientHello                      →
//!                                  ←  ServerHello, EncryptedExtensions, CertificateRequest,
//!                                     Certificate, CertificateVerify, Finished
//! Certificate, CertificateVerify,  →
//! Finished
//! ```

use ferrossl::Version;

use super::crypto::{Share, Suite};
use super::hellos::{ClientHello, Extensions, ServerHello};
use super::records::Keys;
use super::schedule::{Secrets13, binder, early_keys, finished};
use super::wire::{
    RENEGOTIATION_SCSV, RETRY_RANDOM, Reader, TLS12, TLS13, extension, handshake, message, numbers, vec8,
    vec16,
};
use super::{Flow, Peer, Role, Step, Stopped};

fn stopped(text: &str) -> Stopped {
    Stopped(text.into())
}

impl Peer {
    /// Seals with these keys from here on.
    pub(super) fn seal_with(&mut self, keys: Keys) {
        self.flush();
        self.write = Some(keys);
    }

    /// The ClientHello that the setup makes, without PSK binders.
    #[must_use]
    pub fn client_hello(&mut self) -> ClientHello {
        let setup = &self.setup;
        let (tls12, tls13) = (setup.speaks(Version::Tls12), setup.speaks(Version::Tls13));
        let mut extensions = Extensions::default();
        if let Some(name) = &setup.server_name {
            let name = [vec![0], vec16(name.as_bytes())].concat();
            extensions.set(extension::SERVER_NAME, &vec16(&name));
        }
        extensions.set(extension::SUPPORTED_GROUPS, &vec16(&numbers(&setup.groups)));
        extensions.set(extension::SIGNATURE_ALGORITHMS, &vec16(&numbers(&setup.schemes)));
        if !setup.alpn.is_empty() {
            let names: Vec<u8> = setup.alpn.iter().flat_map(|name| vec8(name)).collect();
            extensions.set(extension::ALPN, &vec16(&names));
        }
        let mut suites = setup.suites.clone();
        if tls12 {
            suites.push(RENEGOTIATION_SCSV);
            extensions.set(extension::EC_POINT_FORMATS, &[1, 0]);
            if setup.extended_master_secret {
                extensions.set(extension::EXTENDED_MASTER_SECRET, &[]);
            }
            let ticket = setup.ticket.as_ref().filter(|_| !tls13);
            extensions.set(extension::SESSION_TICKET, ticket.map_or(&[], |ticket| &ticket.identity));
        }
        if tls13 {
            if self.shares.is_empty() {
                self.shares = setup.shares.iter().map(|group| Share::new(*group)).collect();
            }
            let shares: Vec<u8> = self.shares.iter().flat_map(Share::entry).collect();
            let versions: Vec<u16> = setup.versions.iter().map(|version| version.wire()).collect();
            extensions.set(extension::SUPPORTED_VERSIONS, &vec8(&numbers(&versions)));
            extensions.set(extension::KEY_SHARE, &vec16(&shares));
            extensions.set(extension::PSK_KEY_EXCHANGE_MODES, &vec8(&[1]));
            if setup.post_handshake_auth {
                extensions.set(extension::POST_HANDSHAKE_AUTH, &[]);
            }
            if let Some(ticket) = &setup.ticket {
                if !setup.early_data.is_empty() {
                    extensions.set(extension::EARLY_DATA, &[]);
                }
                let length = Suite::find(ticket.suite).map_or(32, Suite::hash_length);
                let identity = [&vec16(&ticket.identity)[..], &ticket.age_add.to_be_bytes()].concat();
                let binders = vec16(&vec8(&vec![0; length]));
                extensions.set(extension::PRE_SHARED_KEY, &[vec16(&identity), binders].concat());
            }
        }
        ClientHello {
            version: TLS12,
            random: [0xC1; 32],
            session_id: vec![0x5E; 32],
            suites,
            compression: vec![0],
            extensions,
        }
    }

    /// The message, with the binder of the ticket that it offers.
    fn with_binder(&self, hello: &ClientHello) -> Vec<u8> {
        let mut message = hello.encode();
        let (Some(ticket), Some(offer)) =
            (&self.setup.ticket, hello.extensions.get(extension::PRE_SHARED_KEY))
        else {
            return message;
        };
        let Some(suite) = Suite::find(ticket.suite) else { return message };
        let length = suite.hash_length();
        // The binders are the last thing of the extension, which is the last thing of a decent hello.
        let binders = 2 + 1 + length;
        let place = message.windows(offer.len().max(1)).rposition(|window| window == offer);
        if let Some(end) = place.map(|place| place + offer.len()).filter(|_| offer.len() > binders) {
            let transcript = [&self.transcript, &message[..end - binders]].concat();
            let binder = binder(suite, &ticket.secret, &transcript);
            message[end - length..end].copy_from_slice(&binder);
        }
        message
    }

    /// Says ClientHello, and the early data of the setup.
    pub fn send_client_hello(&mut self) {
        let hello = self.client_hello();
        let hello = self.edited_client_hello(hello);
        let message = self.with_binder(&hello);
        self.client_hello = Some(hello);
        self.step_message(message);
        let early = std::mem::take(&mut self.setup.early_data);
        if let Some(ticket) = self.setup.ticket.clone().filter(|_| !early.is_empty())
            && let Some(suite) = Suite::find(ticket.suite)
        {
            self.step(Step::ChangeCipherSpec, Vec::new());
            let keys = early_keys(suite, &ticket.secret, &self.transcript);
            self.seal_with(keys);
            for data in early {
                self.send_data(&data);
            }
        }
    }

    /// Takes the ServerHello, answering a HelloRetryRequest, and derives the keys of the handshake.
    ///
    /// # Errors
    ///
    /// When none comes, or one that was not asked for.
    pub fn receive_server_hello(&mut self) -> Flow {
        let mut hello = self.take_server_hello()?;
        if hello.random == RETRY_RANDOM {
            self.answer_retry(&hello)?;
            hello = self.take_server_hello()?;
        }
        let suite = Suite::find(hello.suite).ok_or_else(|| stopped("a suite that was not offered"))?;
        self.suite = Some(suite);
        let chosen = hello.extensions.get(extension::SUPPORTED_VERSIONS);
        self.version = if chosen == Some(&TLS13.to_be_bytes()) { Version::Tls13 } else { Version::Tls12 };
        self.server_hello = Some(hello.clone());
        if self.version == Version::Tls12 {
            return Ok(());
        }
        let psk = match hello.extensions.get(extension::PRE_SHARED_KEY) {
            Some(_) => self.setup.ticket.as_ref().map(|ticket| ticket.secret.clone()),
            None => None,
        };
        self.resumed = psk.is_some();
        let share = hello.extensions.get(extension::KEY_SHARE).map(Reader);
        let agreed = share.and_then(|mut share| {
            let group = share.u16()?;
            self.shares.iter().find(|own| own.group() == group)?.agree(share.vector(2)?)
        });
        let agreed = agreed.ok_or_else(|| stopped("no key_share that fits"))?;
        let secrets = Secrets13::new(suite, psk.as_deref(), &agreed, &self.transcript);
        self.read = Some(secrets.keys(&secrets.server_handshake));
        if self.write.is_none() {
            if self.setup.middlebox {
                self.step(Step::ChangeCipherSpec, Vec::new());
            }
            self.seal_with(secrets.keys(&secrets.client_handshake));
        }
        self.secrets13 = Some(secrets);
        Ok(())
    }

    fn take_server_hello(&mut self) -> Flow<ServerHello> {
        let message = self.receive(message::SERVER_HELLO)?;
        ServerHello::read(&message).ok_or_else(|| stopped("a ServerHello that does not read"))
    }

    /// Says the second ClientHello.
    fn answer_retry(&mut self, retry: &ServerHello) -> Flow {
        let suite = Suite::find(retry.suite).ok_or_else(|| stopped("a suite that was not offered"))?;
        let request = retry.encode();
        let first = &self.transcript[..self.transcript.len() - request.len()];
        // RFC 8446 section 4.4.1.
        self.transcript = [handshake(message::MESSAGE_HASH, &suite.hash(first)), request].concat();
        // Early data is over: what follows is clear text again.
        self.write = None;
        if let Some(group) = retry.extensions.get(extension::KEY_SHARE).and_then(|body| Reader(body).u16()) {
            if !self.setup.groups.contains(&group) {
                return Err(stopped("a group that was not offered"));
            }
            self.shares = vec![Share::new(group)];
        }
        let mut hello = self.client_hello();
        hello.extensions.remove(extension::EARLY_DATA);
        if let Some(cookie) = retry.extensions.get(extension::COOKIE) {
            hello.extensions.set(extension::COOKIE, cookie);
            // pre_shared_key stays the last one.
            hello.extensions.0.sort_by_key(|(kind, _)| *kind == extension::PRE_SHARED_KEY);
        }
        let hello = self.edited_client_hello(hello);
        let message = self.with_binder(&hello);
        self.client_hello = Some(hello);
        self.step_message(message);
        Ok(())
    }

    /// From behind the ServerHello to the end.
    pub(super) fn go_on_as_client13(&mut self) -> Flow {
        self.receive_server_flight()?;
        self.send_client_flight();
        Ok(())
    }

    /// Takes what the server says behind its hello, and checks it.
    ///
    /// # Errors
    ///
    /// When it does not come, or is not right.
    pub fn receive_server_flight(&mut self) -> Flow {
        self.receive(message::ENCRYPTED_EXTENSIONS)?;
        if self.peek()? == message::CERTIFICATE_REQUEST {
            self.request = Some(self.receive(message::CERTIFICATE_REQUEST)?);
        }
        if !self.resumed {
            let certificate = self.receive(message::CERTIFICATE)?;
            self.read_certificates(&certificate)?;
            let signed = self.signed13(Role::Server, &self.transcript);
            let signature = self.receive(message::CERTIFICATE_VERIFY)?;
            self.check_signature(&signature[4..], &signed)?;
        }
        let before = self.transcript.len();
        let said = self.receive(message::FINISHED)?;
        let Some(secrets) = &mut self.secrets13 else { return Err(stopped("no ServerHello yet")) };
        let expected = finished(secrets.suite, &secrets.server_handshake, &self.transcript[..before]);
        if said[4..] != expected {
            return Err(stopped("the server's Finished is wrong"));
        }
        secrets.server_is_done(&self.transcript);
        self.read = Some(secrets.keys(&secrets.server_data));
        let keys = secrets.keys(&secrets.client_handshake);
        // Early data went out under keys of its own, and nobody has taken it.
        if self.write.as_ref().is_some_and(|write| write.secret != keys.secret) {
            self.seal_with(keys);
        }
        Ok(())
    }

    /// Says what a client says last, and goes over to the keys for data.
    pub fn send_client_flight(&mut self) {
        if let Some(request) = self.request.take() {
            let context = Reader(&request[4..]).vector(1).unwrap_or_default().to_vec();
            let signer = self.setup.signer.clone();
            let chain = signer.as_ref().map(|signer| signer.chain.clone()).unwrap_or_default();
            self.step_message(self.certificate_message(&context, &chain));
            if let Some(signer) = signer {
                let signed = self.signed13(Role::Client, &self.transcript);
                let body = self.signature(&signer, &signed);
                self.step_message(handshake(message::CERTIFICATE_VERIFY, &body));
            }
        }
        let Some(secrets) = self.secrets13.clone() else { return };
        let body = finished(secrets.suite, &secrets.client_handshake, &self.transcript);
        self.step_message(handshake(message::FINISHED, &body));
        self.seal_with(secrets.keys(&secrets.client_data));
        if let Some(secrets) = &mut self.secrets13 {
            secrets.client_is_done(&self.transcript);
        }
    }
}
