//! A session that a client may resume later.

use std::sync::Arc;

use crate::engine::ClientTickets;
use crate::verify::VerifiedChain;

/// A TLS session (`SSLSession` of Python). On a client it can be resumed ([`super::Connection::resume`]); on a
/// server it only tells.
#[derive(Clone, Debug)]
pub struct SavedSession {
    pub(super) id: Vec<u8>,
    pub(super) time: u64,
    pub(super) ticket_lifetime_hint: u32,
    pub(super) has_ticket: bool,
    pub(super) tickets: Option<Arc<ClientTickets>>,
    pub(super) server_name: Option<String>,
    pub(super) verified_chain: Option<VerifiedChain>,
}

impl SavedSession {
    /// OpenSSL's default for `SSL_CTX_set_timeout`, in seconds.
    const TIMEOUT: u32 = 7200;

    /// The session's id: what the server has given, else the SHA-256 of its ticket. Empty before there is either.
    #[must_use]
    pub fn id(&self) -> &[u8] {
        &self.id
    }

    /// When the session was made, in seconds since 1970.
    #[must_use]
    pub const fn time(&self) -> u64 {
        self.time
    }

    /// For how many seconds it is good, as far as this side is concerned.
    #[must_use]
    pub const fn timeout(&self) -> u32 {
        if self.ticket_lifetime_hint > 0 { self.ticket_lifetime_hint } else { Self::TIMEOUT }
    }

    /// For how many seconds the server says that its ticket is good; 0 without a ticket.
    #[must_use]
    pub const fn ticket_lifetime_hint(&self) -> u32 {
        self.ticket_lifetime_hint
    }

    /// Whether the server has sent a ticket.
    #[must_use]
    pub const fn has_ticket(&self) -> bool {
        self.has_ticket
    }
}

impl PartialEq for SavedSession {
    /// The same id.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for SavedSession {}
