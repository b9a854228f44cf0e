//! From a context's settings to rustls' configurations, once per generation and role.

use std::sync::Arc;

use rustls::client::{Resumption, Tls12Resumption};
use rustls::crypto::aws_lc_rs;
use rustls::{SupportedProtocolVersion, version};

use crate::engine::hooks::key_log;
use crate::engine::identities::Identities;
use crate::engine::provider::{Side, provider};
use crate::engine::resumption::client_tickets::ClientTickets;
use crate::engine::resumption::memory::{ClientMemory, ServerMemory};
use crate::engine::verifier::PeerVerifier;
use crate::error::{Error, Result};
use crate::openssl_names::reasons::{self, Reason};
use crate::settings::{Counters, Settings, VerifyMode, Versions};
use crate::verify::Purpose;

/// What a client connection is made from.
#[derive(Clone)]
pub(crate) struct ClientConfig {
    base: Arc<rustls::ClientConfig>,
    /// Whether tickets of TLS 1.2 are taken.
    tickets: bool,
    pub(crate) identities: Arc<Identities>,
    pub(crate) post_handshake_auth: bool,
    pub(crate) tls13: bool,
    /// Whether servers will do that may have renegotiated unsafely.
    pub(crate) legacy_servers: bool,
}

impl ClientConfig {
    /// The configuration of one connection. It shares the verifier and the identities: rustls resumes a session
    /// only under the same ones.
    pub(crate) fn with_tickets(&self, tickets: Arc<ClientTickets>) -> Arc<rustls::ClientConfig> {
        let mut config = (*self.base).clone();
        let kind =
            if self.tickets { Tls12Resumption::SessionIdOrTickets } else { Tls12Resumption::SessionIdOnly };
        config.resumption = Resumption::store(tickets).tls12_resumption(kind);
        Arc::new(config)
    }
}

/// What a server connection is made from.
#[derive(Clone)]
pub(crate) struct ServerConfig {
    pub(crate) with_alpn: Arc<rustls::ServerConfig>,
    /// For a client that offers no protocol of ours: rustls would abort, OpenSSL goes on without.
    pub(crate) without_alpn: Arc<rustls::ServerConfig>,
    /// Why no client can be served at all.
    pub(crate) cannot_serve: Option<(Reason, &'static str)>,
    pub(crate) verifier: Arc<PeerVerifier>,
    pub(crate) tls12: bool,
    pub(crate) tls13: bool,
    /// Whether clients of TLS 1.3 are asked for a certificate after the handshake only.
    pub(crate) post_handshake_auth: bool,
}

pub(crate) fn compile_client(
    settings: &Settings,
    memory: &ClientMemory,
    counters: &Arc<Counters>,
) -> Result<ClientConfig> {
    let (verifier, identities) = memory.verifier(settings, counters);
    let provider = provider(settings, Side::Client);
    if provider.cipher_suites.is_empty() && !versions(settings.versions)?.is_empty() {
        return Err(Error::nothing_enabled(
            reasons::NO_CIPHERS_AVAILABLE,
            "the settings leave no cipher suite",
        ));
    }
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&versions(settings.versions)?)
        .map_err(no_versions)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_cert_resolver(Arc::clone(&identities) as _);
    config.alpn_protocols.clone_from(&settings.alpn_protocols);
    config.key_log = key_log::adapted(settings.key_log.clone());
    // Each connection has a store of its own (`ClientConfig::with_tickets`).
    config.resumption = Resumption::disabled();
    Ok(ClientConfig {
        base: Arc::new(config),
        tickets: settings.tickets,
        identities,
        post_handshake_auth: settings.post_handshake_auth && settings.versions.tls13,
        tls13: settings.versions.tls13,
        legacy_servers: settings.legacy_server_connect,
    })
}

pub(crate) fn compile_server(
    settings: &Settings,
    memory: &ServerMemory,
    counters: &Arc<Counters>,
) -> Result<ServerConfig> {
    let mut provider = provider(settings, Side::Server);
    let cannot_serve = if settings.identities.is_empty() {
        Some((reasons::NO_SHARED_CIPHER, "this server has no certificate"))
    } else if provider.cipher_suites.is_empty() {
        Some((reasons::NO_CIPHERS_AVAILABLE, "the settings leave this server no cipher suite"))
    } else {
        None
    };
    if provider.cipher_suites.is_empty() {
        // rustls wants some; nobody gets as far as using them.
        provider = aws_lc_rs::default_provider();
    }
    let builder = rustls::ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&versions(settings.versions)?)
        .map_err(no_versions)?;
    let verifier = PeerVerifier::new(settings, Purpose::Client, counters);
    let builder = if settings.verify_mode == VerifyMode::None {
        builder.with_no_client_auth()
    } else {
        builder.with_client_cert_verifier(Arc::clone(&verifier) as _)
    };
    let mut config = builder.with_cert_resolver(Arc::new(Identities::new(settings)));
    config.ignore_client_order = settings.server_preference;
    config.key_log = key_log::adapted(settings.key_log.clone());
    config.send_tls13_tickets = settings.ticket_count;
    config.session_storage = Arc::clone(&memory.sessions) as _;
    if settings.tickets {
        config.ticketer = memory.ticketer()?;
    }
    let without_alpn = Arc::new(config.clone());
    config.alpn_protocols.clone_from(&settings.alpn_protocols);
    Ok(ServerConfig {
        with_alpn: Arc::new(config),
        without_alpn,
        cannot_serve,
        verifier,
        tls12: settings.versions.tls12,
        tls13: settings.versions.tls13,
        post_handshake_auth: settings.post_handshake_auth,
    })
}

fn versions(versions: Versions) -> Result<Vec<&'static SupportedProtocolVersion>> {
    let mut enabled = Vec::new();
    if versions.tls13 {
        enabled.push(&version::TLS13);
    }
    if versions.tls12 {
        enabled.push(&version::TLS12);
    }
    if enabled.is_empty() {
        return Err(Error::nothing_enabled(
            reasons::NO_PROTOCOLS_AVAILABLE,
            "the settings leave neither TLS 1.2 nor TLS 1.3",
        ));
    }
    Ok(enabled)
}

fn no_versions(error: rustls::Error) -> Error {
    Error::nothing_enabled(reasons::NO_PROTOCOLS_AVAILABLE, error.to_string())
}
