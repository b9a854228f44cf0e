//! One rustls connection: how it begins, what it knows, and how it goes on without rustls (`without_rustls.rs`).
//! `incoming.rs` and `outgoing.rs` have its two ways.

mod client_auth;
pub(crate) mod incoming;
mod outgoing;
#[cfg(test)]
mod say;
mod without_rustls;

use std::sync::Arc;

use rustls::pki_types::{DnsName, IpAddr, Ipv4Addr, ServerName};
use rustls::server::Accepted;
use rustls::{ClientConnection, Connection, HandshakeKind, ProtocolVersion, SupportedCipherSuite};

use crate::engine::alerts::{Peer, alert_for, engines_alert};
use crate::engine::config::ClientConfig;
use crate::engine::established::Established;
use crate::engine::hooks::callback_scope::{self, CallbackScope, ServerScope};
use crate::engine::hooks::handshake_log::{HandshakeLog, LoggedMessage, TicketInfo};
use crate::engine::hooks::traffic_key::TrafficKey;
use crate::engine::post_handshake_auth::PostHandshakeAuth;
use crate::engine::post_handshake_auth::transcript::Transcript;
use crate::engine::resumption::client_tickets::ClientTickets;
use crate::engine::rustls_connection::incoming::Incoming;
use crate::engine::rustls_errors::convert;
use crate::error::{Error, Failure, Result};
use crate::openssl_names::alerts::{AlertNumber, HANDSHAKE_FAILURE, INTERNAL_ERROR};
use crate::openssl_names::reasons;
use crate::settings::Version;
use crate::verify::{ExpectedName, UnjudgedChain, VerifiedChain};

/// How a server's connection starts, besides its configuration.
pub(crate) struct ServerStart {
    pub(crate) shared_ciphers: Vec<u16>,
    pub(crate) handshake_log: HandshakeLog,
    pub(crate) post_handshake_auth: PostHandshakeAuth,
    /// Whether the client is asked for a certificate after the handshake only.
    pub(crate) defers_client_auth: bool,
    pub(crate) incoming: Incoming,
    pub(crate) speaks_tls13: bool,
}

/// Who speaks for this side.
enum Inner {
    /// rustls, until the handshake is done, or a client has its tickets.
    Rustls(Box<Connection>),
    /// Nobody but us from then on.
    Established(Established),
}

/// A TLS connection whose handshake has begun.
pub(crate) struct RustlsConnection {
    inner: Inner,
    scope: Box<CallbackScope>,
    /// What is remembered of the records that came in.
    incoming: Incoming,
    /// The fatal alert that rustls wanted to send; another may be sent in its place.
    engines_alert: Option<AlertNumber>,
    /// Whether this client offers TLS 1.3.
    offers_tls13: bool,
    /// What a client's sessions come from.
    tickets: Option<Arc<ClientTickets>>,
    /// Whether this client talks to servers without RFC 5746.
    takes_legacy_servers: bool,
    shared_ciphers: Option<Vec<u16>>,
    /// The key that data was last sealed with.
    sealed_with: Option<TrafficKey>,
    /// Authentication after the handshake.
    post_handshake_auth: PostHandshakeAuth,
    /// Records of ours that go out behind those of rustls.
    queued: Vec<u8>,
    /// This side has said close_notify.
    has_closed: bool,
    /// A KeyUpdate of ours that waits, where there is no rustls to keep it.
    key_update: Vec<u8>,
    /// How many keys there were at the end of the handshake: of ours, of the peer's.
    first_keys: Option<(u32, u32)>,
}

impl RustlsConnection {
    /// Begins as a client. The name is sent (SNI) when it is a host name; `expected` is checked. A session is
    /// resumed if `tickets` has one.
    pub(crate) fn connect(
        config: &ClientConfig,
        server_name: Option<&str>,
        expected: Option<ExpectedName>,
        tickets: Arc<ClientTickets>,
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
        let mut scope = Box::<CallbackScope>::default();
        scope.verification.expected = expected;
        let mut post_handshake_auth = PostHandshakeAuth::None;
        if config.post_handshake_auth {
            scope.post_handshake_auth.is_offered = true;
            scope.handshake_log.transcript = Some(Transcript::default());
            post_handshake_auth = PostHandshakeAuth::OfferedByUs(Arc::clone(&config.identities));
        }
        let (offers_tls13, takes_legacy_servers) = (config.tls13, config.legacy_servers);
        let kept = Arc::clone(&tickets);
        let config = config.with_tickets(tickets);
        let client = callback_scope::enter(&mut scope, || ClientConnection::new(config, name));
        let mut connection =
            Self::new(Connection::Client(client.map_err(convert)?), scope, post_handshake_auth);
        connection.offers_tls13 = offers_tls13;
        connection.tickets = Some(kept);
        connection.takes_legacy_servers = takes_legacy_servers;
        Ok(connection)
    }

    /// Goes on as a server where the ClientHello is known and the configuration chosen.
    pub(crate) fn accept(
        accepted: Accepted,
        config: Arc<rustls::ServerConfig>,
        start: ServerStart,
    ) -> Result<Self, Failure> {
        let ServerStart {
            shared_ciphers,
            handshake_log,
            post_handshake_auth,
            defers_client_auth,
            incoming,
            speaks_tls13,
        } = start;
        let server = ServerScope { speaks_tls13, ..ServerScope::default() };
        let mut scope =
            Box::new(CallbackScope { handshake_log, server: Some(server), ..CallbackScope::default() });
        scope.post_handshake_auth.defers_client_auth = defers_client_auth;
        match callback_scope::enter(&mut scope, || accepted.into_connection(config)) {
            // We and rustls have read the same hello; if ever we did not agree, nobody gets in unasked.
            Ok(server)
                if defers_client_auth && server.protocol_version() == Some(ProtocolVersion::TLSv1_2) =>
            {
                let detail = "the versions of the handshake do not agree";
                Err(Failure { alert: Some(INTERNAL_ERROR), error: Error::internal(detail) })
            }
            Ok(server) => {
                let mut connection = Self::new(Connection::Server(server), scope, post_handshake_auth);
                connection.incoming = incoming;
                connection.shared_ciphers = Some(shared_ciphers);
                Ok(connection)
            }
            // rustls would say access_denied.
            Err(_) if scope.server.as_ref().is_some_and(|server| server.no_identity_fits) => {
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

    fn new(mut inner: Connection, scope: Box<CallbackScope>, post_handshake_auth: PostHandshakeAuth) -> Self {
        // The caller decides how much is under way at once.
        inner.set_buffer_limit(None);
        Self {
            inner: Inner::Rustls(Box::new(inner)),
            scope,
            incoming: Incoming::default(),
            engines_alert: None,
            offers_tls13: false,
            tickets: None,
            takes_legacy_servers: false,
            shared_ciphers: None,
            sealed_with: None,
            post_handshake_auth,
            queued: Vec::new(),
            has_closed: false,
            key_update: Vec::new(),
            first_keys: None,
        }
    }

    /// rustls' connection, while there is one.
    fn rustls(&self) -> Option<&Connection> {
        match &self.inner {
            Inner::Rustls(connection) => Some(connection),
            Inner::Established(_) => None,
        }
    }

    pub(crate) fn is_handshaking(&self) -> bool {
        self.rustls().is_some_and(|connection| connection.is_handshaking())
    }

    pub(crate) fn version(&self) -> Option<Version> {
        match &self.inner {
            Inner::Established(established) => Some(established.version()),
            Inner::Rustls(connection) => match connection.protocol_version()? {
                ProtocolVersion::TLSv1_2 => Some(Version::Tls12),
                ProtocolVersion::TLSv1_3 => Some(Version::Tls13),
                _ => None,
            },
        }
    }

    fn suite(&self) -> Option<SupportedCipherSuite> {
        match &self.inner {
            Inner::Established(established) => Some(established.suite()),
            Inner::Rustls(connection) => connection.negotiated_cipher_suite(),
        }
    }

    pub(crate) fn cipher_suite(&self) -> Option<u16> {
        self.suite().map(|suite| suite.suite().into())
    }

    /// The suites that the client offered and this server has, in the server's order; `None` on a client.
    pub(crate) fn shared_ciphers(&self) -> Option<&[u16]> {
        self.shared_ciphers.as_deref()
    }

    /// For as long as rustls is there.
    pub(crate) fn alpn_protocol(&self) -> Option<Vec<u8>> {
        self.rustls()?.alpn_protocol().map(<[u8]>::to_vec)
    }

    /// Keeps what is observed from here on for [`Self::take_logged_messages`].
    pub(crate) fn log_messages(&mut self) {
        self.scope.handshake_log.keep_log();
    }

    /// The messages that went by since the last time.
    pub(crate) fn take_logged_messages(&mut self) -> Vec<LoggedMessage> {
        self.scope.handshake_log.take_log()
    }

    /// The newest ticket of the session.
    pub(crate) const fn ticket(&self) -> Option<&TicketInfo> {
        self.scope.handshake_log.seen().ticket.as_ref()
    }

    /// The session's id as the ServerHello has it; of no meaning in TLS 1.3.
    pub(crate) fn session_id(&self) -> &[u8] {
        &self.scope.handshake_log.seen().session_id
    }

    /// `verify_data` of the first Finished of each side: ours, the peer's.
    pub(crate) fn finished(&self) -> (&[u8], &[u8]) {
        let seen = self.scope.handshake_log.seen();
        (&seen.own_finished, &seen.peer_finished)
    }

    /// The certificate that this server has shown, in DER; `None` where a session was resumed.
    pub(crate) fn own_certificate(&self) -> Option<&[u8]> {
        let chosen = self.scope.server.as_ref()?.identity.as_ref()?;
        let has_shown = self.scope.handshake_log.seen().has_sent_certificate;
        chosen.cert.first().map(|der| &**der).filter(|_| has_shown)
    }

    /// For as long as rustls is there.
    pub(crate) fn is_resumed(&self) -> bool {
        self.rustls().and_then(|connection| connection.handshake_kind()) == Some(HandshakeKind::Resumed)
    }

    /// The certificates that the peer sent, its own first. For as long as rustls is there.
    pub(crate) fn peer_certificates(&self) -> Vec<Vec<u8>> {
        let shown = self.rustls().and_then(|connection| connection.peer_certificates());
        shown.into_iter().flatten().map(|der| der.to_vec()).collect()
    }

    /// The chain that the verifier built; `None` when nothing was verified.
    pub(crate) fn verified_chain(&self) -> Option<VerifiedChain> {
        self.scope.verification.verdict.as_ref()?.as_ref().ok().cloned()
    }

    /// Whether exported keying material belongs to this handshake and no other: always in TLS 1.3, and in TLS 1.2 with the
    /// extended master secret (RFC 7627).
    pub(crate) fn exports_are_unique(&self) -> bool {
        let handshake_log = &self.scope.handshake_log;
        handshake_log.is_tls13() || handshake_log.has_extended_master_secret()
    }

    /// The chain that was put together where nothing was to be verified.
    pub(crate) fn unjudged_chain(&self) -> Option<UnjudgedChain> {
        self.scope.verification.unjudged.clone()
    }

    /// RFC 5705 and RFC 8446 section 7.5: `length` bytes that both sides can compute.
    pub(crate) fn export(&self, length: usize, label: &[u8], context: Option<&[u8]>) -> Result<Vec<u8>> {
        match &self.inner {
            Inner::Established(established) => established.export(length, label, context),
            Inner::Rustls(connection) => connection.export_keying_material(vec![0; length], label, context),
        }
        .map_err(convert)
    }
}
