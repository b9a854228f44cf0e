//! Sessions of a connection: the one that it resumes, and the one that it makes.

use std::sync::Arc;

use super::handshake::now;
use super::state::State;
use super::{Connection, SavedSession};
use crate::engine::ClientTickets;
use crate::error::{Error, Result};
use crate::settings::Version;
use crate::sync::lock;

/// What a client's session comes from.
pub(super) struct ClientResumption {
    pub(super) server_name: Option<String>,
    pub(super) tickets: Arc<ClientTickets>,
    /// The session that was handed in.
    pub(super) offered: Option<SavedSession>,
    /// When the handshake was done, in seconds since 1970.
    pub(super) time: u64,
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
        // The state's lock keeps the handshake from beginning meanwhile.
        let state = lock(&self.state);
        if !matches!(*state, State::NotBegun { .. } | State::Failed(..)) {
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
        let negotiated = self.negotiated()?;
        let state = lock(&self.state);
        let connection = state.as_open()?;
        let ticket = connection.ticket();
        let resumption = self.resumption.as_ref().map(|resumption| lock(resumption));
        let offered = resumption
            .as_ref()
            .and_then(|resumption| resumption.offered.as_ref())
            .filter(|_| negotiated.resumed);
        let own_id = match negotiated.version {
            Version::Tls12 => connection.session_id(),
            // RFC 8446 appendix D.4: present for middleboxes only.
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
}
