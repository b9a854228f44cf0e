//! Sessions of a connection: the one that it resumes, and the one that it makes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::connection::state::Machine;
use crate::connection::{Connection, Negotiated, SavedSession, lock};
use crate::engine::{ClientTickets, RustlsConnection};
use crate::error::{Error, Result};
use crate::settings::Version;

/// What a client's session comes from.
pub(super) struct ClientResumption {
    pub(super) server_name: Option<String>,
    tickets: Arc<ClientTickets>,
    /// The session that was handed in.
    offered: Option<SavedSession>,
    /// When the handshake was done, in seconds since 1970.
    time: u64,
}

impl ClientResumption {
    pub(super) fn new(server_name: Option<&str>) -> Self {
        Self { server_name: server_name.map(str::to_owned), tickets: Arc::default(), offered: None, time: 0 }
    }
}

impl Connection {
    /// Makes a client ask to resume `session`; the server decides. A session that was made under another server
    /// name is not offered, because its certificate was verified for that one, and one that was made under
    /// other settings of the context is not either: both get a full handshake.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] on a server, and when the handshake has begun.
    pub fn resume(&self, session: &SavedSession) -> Result<()> {
        let Some(resumption) = &self.resumption else {
            return Err(Error::Setting("Cannot set session for server-side SSLSocket.".into()));
        };
        // The machine's lock keeps the handshake from beginning meanwhile.
        let machine = lock(&self.machine);
        if !matches!(*machine, Machine::NotBegun { .. } | Machine::Failed(..)) {
            return Err(Error::Setting("Cannot set session after handshake.".into()));
        }
        let mut resumption = lock(resumption);
        if let Some(tickets) =
            session.tickets.as_ref().filter(|_| session.server_name == resumption.server_name)
        {
            resumption.tickets = Arc::clone(tickets);
            resumption.offered = Some(session.clone());
        }
        Ok(())
    }

    /// The session that this connection has made or resumed; `None` before the handshake is done. A server of
    /// TLS 1.3 sends its tickets later: then ask again.
    #[must_use]
    pub fn session(&self) -> Option<SavedSession> {
        let negotiated = self.negotiated.get()?;
        let machine = lock(&self.machine);
        let Machine::Open(session) = &*machine else { return None };
        let ticket = session.ticket();
        let resumption = self.resumption.as_ref().map(|resumption| lock(resumption));
        let offered = resumption
            .as_ref()
            .and_then(|resumption| resumption.offered.as_ref())
            .filter(|_| negotiated.resumed);
        let own_id = match negotiated.version {
            Version::Tls12 => session.session_id(),
            // There it is only for the eyes of middleboxes.
            Version::Tls13 => &[],
        };
        let id = match (offered, ticket) {
            // A resumed session of TLS 1.2 is the same session, whatever new ticket comes with it.
            (Some(offered), _) if negotiated.version == Version::Tls12 => offered.id.clone(),
            (_, Some(ticket)) if own_id.is_empty() || negotiated.version == Version::Tls13 => {
                ticket.id.clone()
            }
            (Some(offered), None) => offered.id.clone(),
            _ => own_id.to_vec(),
        };
        Some(SavedSession {
            id,
            time: resumption.as_ref().map_or_else(now, |resumption| resumption.time),
            ticket_lifetime_hint: ticket
                .map(|ticket| ticket.lifetime_hint)
                .or_else(|| offered.map(|offered| offered.ticket_lifetime_hint))
                .unwrap_or(0),
            has_ticket: ticket.is_some() || offered.is_some_and(|offered| offered.has_ticket),
            tickets: resumption.as_ref().map(|resumption| Arc::clone(&resumption.tickets)),
            server_name: resumption.as_ref().and_then(|resumption| resumption.server_name.clone()),
            verified_chain: negotiated.verified_chain.clone(),
        })
    }

    /// Has a client say its ClientHello, and counts.
    pub(super) fn begin(&self, machine: &mut Machine) -> Result<()> {
        if !self.begun.swap(true, Ordering::AcqRel) {
            let counter = if self.is_server { &self.counters.accept } else { &self.counters.connect };
            counter.add();
        }
        if let (Machine::NotBegun { .. }, Some(resumption)) = (&*machine, &self.resumption) {
            let resumption = lock(resumption);
            machine.connect(resumption.server_name.as_deref(), Arc::clone(&resumption.tickets))?;
        }
        Ok(())
    }

    /// Takes down what the handshake has brought.
    pub(super) fn conclude(&self, session: &RustlsConnection) -> Negotiated {
        let mut negotiated = Negotiated::new(session);
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

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
