//! The steps of a client of TLS 1.2 behind the hellos (RFC 5246 section 7.3, RFC 5077 section 3.1).

use super::crypto::Share;
use super::schedule::Secrets12;
use super::wire::{Reader, extension, handshake, message, vec8};
use super::{Flow, Peer, Step, Stopped, Ticket};

pub(super) const CLIENT_FINISHED: &str = "client finished";
pub(super) const SERVER_FINISHED: &str = "server finished";

fn stopped(text: &str) -> Stopped {
    Stopped(text.into())
}

impl Peer {
    pub(super) fn go_on_as_client12(&mut self) -> Flow {
        let is_resumed = self.setup.ticket.is_some()
            && self.client_hello.as_ref().map(|hello| &hello.session_id)
                == self.server_hello.as_ref().map(|hello| &hello.session_id);
        if is_resumed {
            return self.resume_as_client12();
        }
        let theirs = self.receive_server_flight12()?;
        self.send_client_flight12(theirs)?;
        self.receive_server_finished12()?;
        Ok(())
    }

    fn randoms(&self) -> Flow<([u8; 32], [u8; 32])> {
        let client = self.client_hello.as_ref().map(|hello| hello.random);
        let server = self.server_hello.as_ref().map(|hello| hello.random);
        client.zip(server).ok_or_else(|| stopped("no hellos yet"))
    }

    /// What randoms and parameters a ServerKeyExchange signs.
    pub(super) fn signed_parameters(&self, parameters: &[u8]) -> Flow<Vec<u8>> {
        let (client, server) = self.randoms()?;
        Ok([&client[..], &server, parameters].concat())
    }

    /// Makes the secrets and both sides' keys. The connection's are used behind its change_cipher_spec; the peer's
    /// own are given back.
    pub(super) fn derive12(&mut self, shared: &[u8]) -> Flow<super::records::Keys> {
        let suite = self.suite.ok_or_else(|| stopped("no suite yet"))?;
        let (client, server) = self.randoms()?;
        let answered =
            |hello: &super::hellos::Extensions| hello.get(extension::EXTENDED_MASTER_SECRET).is_some();
        let extended = self.client_hello.as_ref().is_some_and(|hello| answered(&hello.extensions))
            && self.server_hello.as_ref().is_some_and(|hello| answered(&hello.extensions));
        let seed = if extended { self.transcript.clone() } else { [client, server].concat() };
        let secrets = Secrets12::new(suite, shared, extended, &seed);
        Ok(self.install12(secrets, client, server))
    }

    fn install12(&mut self, secrets: Secrets12, client: [u8; 32], server: [u8; 32]) -> super::records::Keys {
        let (client_keys, server_keys) = secrets.keys(&client, &server);
        self.secrets12 = Some(secrets);
        let (own, theirs) = match self.role {
            super::Role::Client => (client_keys, server_keys),
            super::Role::Server => (server_keys, client_keys),
        };
        self.next_read = Some(theirs);
        own
    }

    /// The keys of a session that is resumed; the peer's own are given back.
    pub(super) fn derive_resumed12(&mut self, ticket: &Ticket) -> Flow<super::records::Keys> {
        let suite = self.suite.ok_or_else(|| stopped("no suite yet"))?;
        let (client, server) = self.randoms()?;
        self.resumed = true;
        let secrets = Secrets12 { suite, master: ticket.secret.clone(), extended: ticket.extended };
        Ok(self.install12(secrets, client, server))
    }

    /// Takes everything up to ServerHelloDone; the group and the server's half of the key agreement.
    fn receive_server_flight12(&mut self) -> Flow<(u16, Vec<u8>)> {
        let certificate = self.receive(message::CERTIFICATE)?;
        self.read_certificates(&certificate)?;
        let exchange = self.receive(message::SERVER_KEY_EXCHANGE)?;
        let mut reader = Reader(&exchange[4..]);
        let parse = |reader: &mut Reader<'_>| {
            reader.bytes(1)?;
            Some((reader.u16()?, reader.vector(1)?.to_vec()))
        };
        let theirs = parse(&mut reader).ok_or_else(|| stopped("a ServerKeyExchange that does not read"))?;
        let parameters = &exchange[4..exchange.len() - reader.0.len()];
        self.check_signature(reader.0, &self.signed_parameters(parameters)?)?;
        if self.peek()? == message::CERTIFICATE_REQUEST {
            self.request = Some(self.receive(message::CERTIFICATE_REQUEST)?);
        }
        self.receive(message::SERVER_HELLO_DONE)?;
        Ok(theirs)
    }

    fn send_client_flight12(&mut self, (group, theirs): (u16, Vec<u8>)) -> Flow {
        let asked = self.request.take().is_some();
        let signer = self.setup.signer.clone().filter(|_| asked);
        if asked {
            let chain = signer.as_ref().map(|signer| signer.chain.clone()).unwrap_or_default();
            self.step_message(self.certificate_message(&[], &chain));
        }
        let share = Share::new(group);
        let shared = share.agree(&theirs).ok_or_else(|| stopped("the server's half is none"))?;
        self.step_message(handshake(message::CLIENT_KEY_EXCHANGE, &vec8(&share.public())));
        let keys = self.derive12(&shared)?;
        if let Some(signer) = signer {
            let body = self.signature(&signer, &self.transcript);
            self.step_message(handshake(message::CERTIFICATE_VERIFY, &body));
        }
        self.send_finished12(keys)
    }

    /// Says change_cipher_spec and Finished.
    pub(super) fn send_finished12(&mut self, keys: super::records::Keys) -> Flow {
        self.step(Step::ChangeCipherSpec, Vec::new());
        self.seal_with(keys);
        let label = if self.role == super::Role::Client { CLIENT_FINISHED } else { SERVER_FINISHED };
        let body = self.finished12(label, self.transcript.len())?;
        self.step_message(handshake(message::FINISHED, &body));
        Ok(())
    }

    fn finished12(&self, label: &str, length: usize) -> Flow<Vec<u8>> {
        let secrets = self.secrets12.as_ref().ok_or_else(|| stopped("no secrets yet"))?;
        Ok(secrets.finished(label, &self.transcript[..length]))
    }

    /// Takes a Finished and checks it.
    pub(super) fn receive_finished12(&mut self, label: &str) -> Flow {
        let before = self.transcript.len();
        let said = self.receive(message::FINISHED)?;
        if said[4..] != self.finished12(label, before)? {
            return Err(stopped("the other side's Finished is wrong"));
        }
        Ok(())
    }

    fn receive_server_finished12(&mut self) -> Flow {
        if self.peek()? == message::NEW_SESSION_TICKET {
            let ticket = self.receive(message::NEW_SESSION_TICKET)?;
            self.keep_ticket12(&ticket);
        }
        self.receive_finished12(SERVER_FINISHED)
    }

    fn keep_ticket12(&mut self, message: &[u8]) {
        let mut reader = Reader(&message[4..]);
        let identity = reader.bytes(4).and_then(|_| reader.vector(2));
        if let (Some(identity), Some(secrets)) = (identity, &self.secrets12) {
            self.tickets.push(Ticket {
                identity: identity.to_vec(),
                secret: secrets.master.clone(),
                suite: secrets.suite.number,
                age_add: 0,
                nonce: Vec::new(),
                extensions: Vec::new(),
                extended: secrets.extended,
            });
        }
    }

    fn resume_as_client12(&mut self) -> Flow {
        let ticket = self.setup.ticket.clone().ok_or_else(|| stopped("no ticket"))?;
        let keys = self.derive_resumed12(&ticket)?;
        self.receive_server_finished12()?;
        self.send_finished12(keys)
    }
}
