//! The handshake: how it begins, goes on, and what comes of it.

use std::time::{SystemTime, UNIX_EPOCH};

use super::receive::Receive;
use super::state::State;
use super::{Connection, Handshake, Negotiated};
use crate::engine::RustlsConnection;
use crate::error::{Error, Result};
use crate::settings::Version;
use crate::sync::lock;

impl Connection {
    /// Goes on with the handshake as far as the received bytes allow.
    ///
    /// # Errors
    ///
    /// Whatever the handshake fails with; the alert for the peer is queued, and the error stays.
    /// [`Error::UnexpectedEof`] once a read has failed with it.
    pub fn handshake(&self) -> Result<Handshake> {
        self.ends.check_not_truncated()?;
        let mut receive = lock(&self.receive);
        let mut state = lock(&self.state);
        self.handshake_locked(&mut receive, &mut state)
    }

    pub(super) fn handshake_locked(&self, receive: &mut Receive, state: &mut State) -> Result<Handshake> {
        if state.is_unbegun() {
            self.begin(state)?;
        }
        loop {
            match state {
                State::Failed(error, _) => return Err(error.clone()),
                State::Paused { hello, .. } => return Ok(Handshake::ClientHello(hello.info())),
                State::Open(_) => return Ok(Handshake::Done),
                State::Handshaking(connection) if !connection.is_handshaking() => {
                    self.negotiated.get_or_init(|| self.conclude(connection));
                    connection.finish_handshake();
                    receive.opening = connection.opening();
                    state.open();
                    return Ok(Handshake::Done);
                }
                State::Handshaking(_) | State::AwaitingClientHello { .. } | State::NotBegun { .. } => {}
            }
            if !self.take_handshake_record(receive, state)? {
                return Ok(Handshake::NeedRead);
            }
        }
    }

    /// Takes one record of the handshake, if a whole one is there.
    fn take_handshake_record(&self, receive: &mut Receive, state: &mut State) -> Result<bool> {
        let inbox = &mut receive.inbox;
        let record = match inbox.next_record(self.is_server) {
            Ok(Some(record)) => record,
            Ok(None) if self.ends.is_transport_end() => return Err(state.fail(Error::UnexpectedEof)),
            Ok(None) => return Ok(false),
            Err(failure) => return Err(self.outbox.append(|output| state.refuse(failure, output))),
        };
        let fed = self.outbox.append(|output| state.feed(inbox.bytes(&record), output));
        inbox.consume(record);
        inbox.set_longest_body(state.longest_body());
        let fed = fed.map_err(|error| state.fail(error))?;
        if fed.peer_closed {
            self.ends.set_peer_closed();
            // Not a proper end of anything, but the peer has said that it goes (RFC 8446 section 6.1).
            return Err(state.fail(Error::Closed));
        }
        // Behind the client's Finished, a TLS 1.3 server has tickets to send and nothing else.
        if let State::Handshaking(connection) = state
            && self.is_server
            && !connection.is_handshaking()
            && connection.version() == Some(Version::Tls13)
        {
            self.outbox.hold_back();
        }
        Ok(true)
    }

    /// Counts the handshake, and has a client say its ClientHello.
    fn begin(&self, state: &mut State) -> Result<()> {
        let counter = if self.is_server { &self.counters.accept } else { &self.counters.connect };
        counter.add();
        let resumption = self.resumption.as_deref().map(lock);
        let (name, tickets) = match &resumption {
            Some(resumption) => (resumption.server_name.as_deref(), resumption.tickets.clone()),
            None => (None, Default::default()),
        };
        // Compiling settings may take a while, and nobody who sends has to wait for it.
        let mut output = Vec::new();
        let begun = state.begin(name, &tickets, &mut output);
        self.outbox.append(|records| records.append(&mut output));
        begun
    }

    /// The summary of a finished handshake; updates the counters.
    fn conclude(&self, connection: &RustlsConnection) -> Negotiated {
        let mut negotiated = Negotiated::new(connection);
        let counter = if self.is_server { &self.counters.accept_good } else { &self.counters.connect_good };
        counter.add();
        if negotiated.resumed {
            self.counters.hits.add();
            if self.is_server {
                // OpenSSL's tickets hold the client's certificate and not its chain, and programs see what it shows.
                negotiated.peer_certificates.truncate(1);
            }
        }
        if let Some(resumption) = &self.resumption {
            let mut resumption = lock(resumption);
            resumption.time = now();
            if negotiated.resumed && negotiated.verified_chain.is_none() {
                negotiated.verified_chain =
                    resumption.offered.as_ref().and_then(|offered| offered.verified_chain.clone());
            }
        }
        negotiated
    }
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
