//! One rustls connection: how it begins, and what it knows. `incoming.rs` and `outgoing.rs` have its two ways.

pub(crate) mod client_auth;
pub(crate) mod incoming;
mod outgoing;
#[cfg(test)]
mod say;

use std::sync::Arc;

use rustls::pki_types::{DnsName, IpAddr, Ipv4Addr, ServerName};
use rustls::server::Accepted;
use rustls::{ClientConnection, Connection, HandshakeKind, ProtocolVersion};

use crate::engine::alerts::{Peer, alert_for};
use crate::engine::client_hello_phase::{Start, engines_alert};
use crate::engine::config::ClientConfig;
use crate::engine::connection::client_auth::Later;
use crate::engine::connection::incoming::Incoming;
use crate::engine::hooks::callback_scope;
use crate::engine::hooks::callback_scope::Current;
use crate::engine::hooks::handshake_log::{Observed, TicketFacts};
use crate::engine::hooks::tls13_aead::SharedDirection;
use crate::engine::post_handshake_auth::transcript::Transcript;
use crate::engine::resumption::client_tickets::Tickets;
use crate::engine::rustls_errors::convert;
use crate::error::{Failure, Result};
use crate::openssl_names::alerts::{AlertNumber, HANDSHAKE_FAILURE, INTERNAL_ERROR};
use crate::openssl_names::reasons;
use crate::settings::Version;
use crate::verify::{ExpectedName, UnjudgedChain, VerifiedChain};

/// A TLS connection whose handshake has begun.
pub(crate) struct Session {
    pub(crate) inner: Connection,
    pub(crate) current: Current,
    /// What is remembered of the records that came in.
    pub(crate) incoming: Incoming,
    /// The fatal alert that rustls wanted to send; another may be sent in its place.
    pub(crate) engines_alert: Option<AlertNumber>,
    /// Whether this client offers TLS 1.3.
    pub(crate) offers_tls13: bool,
    /// What a client's sessions come from.
    pub(crate) tickets: Option<Arc<Tickets>>,
    /// Whether this client talks to servers without RFC 5746.
    pub(crate) takes_legacy_servers: bool,
    shared_ciphers: Option<Vec<u16>>,
    /// The key that data was last sealed with.
    pub(crate) sealed_with: Option<SharedDirection>,
    /// Authentication after the handshake.
    pub(crate) later: Later,
    /// Records of ours that go out behind those of rustls.
    pub(crate) queued: Vec<u8>,
    /// This side has said close_notify.
    pub(crate) has_closed: bool,
}

impl Session {
    /// Begins as a client. The name is sent (SNI) when it is a host name; `expected` is checked. A session is
    /// resumed if `tickets` has one.
    pub(crate) fn connect(
        config: &ClientConfig,
        server_name: Option<&str>,
        expected: Option<ExpectedName>,
        tickets: Arc<Tickets>,
    ) -> Result<Self> {
        // rustls wants a name. An address keeps it from sending one (RFC 6066 section 3 allows host names only).
        let no_name = ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([0, 0, 0, 0])));
        let name = match server_name.map(ExpectedName::new) {
            Some(ExpectedName::Host(host)) => match DnsName::try_from(host) {
                Ok(host) => ServerName::DnsName(host),
                Err(_) => no_name,
            },
            Some(ExpectedName::Ip(_)) | None => no_name,
        };
        let mut current = Current { expected, ..Current::default() };
        let mut later = Later::None;
        if config.later_authentication {
            current.offers_later_authentication = true;
            current.observer.transcript = Some(Transcript::default());
            later = Later::OfferedByUs(Arc::clone(&config.identities));
        }
        let (offers_tls13, takes_legacy_servers) = (config.tls13, config.legacy_servers);
        let kept = Arc::clone(&tickets);
        let config = config.with_tickets(tickets);
        let client = callback_scope::enter(&mut current, || ClientConnection::new(config, name));
        let mut session = Self::new(Connection::Client(client.map_err(convert)?), current, later);
        session.offers_tls13 = offers_tls13;
        session.tickets = Some(kept);
        session.takes_legacy_servers = takes_legacy_servers;
        Ok(session)
    }

    /// Goes on as a server where the ClientHello is known and the configuration chosen.
    pub(crate) fn accept(
        accepted: Accepted,
        config: Arc<rustls::ServerConfig>,
        start: Start,
    ) -> Result<Self, Failure> {
        let Start { shared_ciphers, observer, later, asks_later, incoming, speaks_tls13 } = start;
        let mut current =
            Current { observer, asks_later, speaks_tls13, is_server: true, ..Current::default() };
        match callback_scope::enter(&mut current, || accepted.into_connection(config)) {
            // We and rustls have read the same hello; if ever we did not agree, nobody gets in unasked.
            Ok(server) if asks_later && server.protocol_version() == Some(ProtocolVersion::TLSv1_2) => {
                let detail = "the versions of the handshake do not agree";
                Err(Failure::new(INTERNAL_ERROR, reasons::INTERNAL_ERROR, detail))
            }
            Ok(server) => {
                let mut session = Self::new(Connection::Server(server), current, later);
                session.incoming = incoming;
                session.shared_ciphers = Some(shared_ciphers);
                Ok(session)
            }
            // rustls would say access_denied.
            Err(_) if current.no_identity_fits => {
                let detail = match shared_ciphers[..] {
                    [] => "no cipher suite is enabled on both sides",
                    _ => "no certificate of this server is of a kind that the client can check",
                };
                Err(Failure::new(HANDSHAKE_FAILURE, reasons::NO_SHARED_CIPHER, detail))
            }
            Err((error, alert)) => {
                let alert = alert_for(&error, Peer::Client, speaks_tls13, engines_alert(alert));
                Err(Failure { alert, error: convert(error) })
            }
        }
    }

    fn new(mut inner: Connection, current: Current, later: Later) -> Self {
        // The caller decides how much is under way at once.
        inner.set_buffer_limit(None);
        Self {
            inner,
            current,
            incoming: Incoming::default(),
            engines_alert: None,
            offers_tls13: false,
            tickets: None,
            takes_legacy_servers: false,
            shared_ciphers: None,
            sealed_with: None,
            later,
            queued: Vec::new(),
            has_closed: false,
        }
    }

    /// Asks the peer for a new key of its own, as any peer may.
    #[cfg(test)]
    pub(crate) fn ask_for_new_keys(&mut self) {
        let Self { inner, current, .. } = self;
        callback_scope::enter(current, || inner.refresh_traffic_keys()).unwrap();
    }

    pub(crate) fn is_handshaking(&self) -> bool {
        self.inner.is_handshaking()
    }

    pub(crate) fn version(&self) -> Option<Version> {
        match self.inner.protocol_version()? {
            ProtocolVersion::TLSv1_2 => Some(Version::Tls12),
            ProtocolVersion::TLSv1_3 => Some(Version::Tls13),
            _ => None,
        }
    }

    pub(crate) fn cipher_suite(&self) -> Option<u16> {
        self.inner.negotiated_cipher_suite().map(|suite| suite.suite().into())
    }

    /// The suites that the client offered and this server has, in the server's order; `None` on a client.
    pub(crate) fn shared_ciphers(&self) -> Option<&[u16]> {
        self.shared_ciphers.as_deref()
    }

    pub(crate) fn alpn_protocol(&self) -> Option<Vec<u8>> {
        self.inner.alpn_protocol().map(<[u8]>::to_vec)
    }

    /// Keeps what is observed from here on for [`Self::take_observed`].
    pub(crate) fn observe(&mut self) {
        self.current.observer.start_log();
    }

    /// The messages that went by since the last time.
    pub(crate) fn take_observed(&mut self) -> Vec<Observed> {
        self.current.observer.take_log()
    }

    /// The newest ticket of the session.
    pub(crate) const fn ticket(&self) -> Option<&TicketFacts> {
        self.current.observer.seen().ticket.as_ref()
    }

    /// The session's id as the ServerHello has it; of no meaning in TLS 1.3.
    pub(crate) fn session_id(&self) -> &[u8] {
        &self.current.observer.seen().session_id
    }

    /// `verify_data` of the first Finished of each side: ours, the peer's.
    pub(crate) fn finished(&self) -> (&[u8], &[u8]) {
        let seen = self.current.observer.seen();
        (&seen.own_finished, &seen.peer_finished)
    }

    /// The certificate that this side has shown, in DER.
    pub(crate) fn own_certificate(&self) -> Option<&[u8]> {
        self.current.observer.seen().own_certificate.as_deref()
    }

    pub(crate) fn is_resumed(&self) -> bool {
        self.inner.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// The certificates that the peer sent, its own first.
    pub(crate) fn peer_certificates(&self) -> Vec<Vec<u8>> {
        self.inner.peer_certificates().into_iter().flatten().map(|der| der.to_vec()).collect()
    }

    /// The chain that the verifier built; `None` when nothing was verified.
    pub(crate) fn verified_chain(&self) -> Option<VerifiedChain> {
        self.current.verdict.as_ref()?.as_ref().ok().cloned()
    }

    /// Whether exported keying material belongs to this handshake and no other: always in TLS 1.3, and in TLS 1.2 with the
    /// extended master secret (RFC 7627).
    pub(crate) fn exports_are_unique(&self) -> bool {
        let observer = &self.current.observer;
        observer.is_tls13() || observer.has_extended_master_secret()
    }

    /// The chain that was put together where nothing was to be verified.
    pub(crate) fn unjudged_chain(&self) -> Option<UnjudgedChain> {
        self.current.unjudged.clone()
    }

    /// RFC 5705 and RFC 8446 section 7.5: `length` bytes that both sides can compute.
    pub(crate) fn export(&self, length: usize, label: &[u8], context: Option<&[u8]>) -> Result<Vec<u8>> {
        self.inner.export_keying_material(vec![0; length], label, context).map_err(convert)
    }
}
