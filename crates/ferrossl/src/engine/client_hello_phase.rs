//! The server's beginning: read the ClientHello, let somebody choose, then start.
//!
//! The hello is put together and looked at here, and given to rustls whole.
//!
//! Relies on: `Acceptor` hands out the ClientHello once it has the records that it is in.

use std::sync::Arc;

use rustls::server::{Accepted, Acceptor};

use crate::engine::alerts::{Peer, alert_for, engines_alert};
use crate::engine::config::ServerConfig;
use crate::engine::hooks::handshake_log::{HandshakeLog, LoggedMessage};
use crate::engine::post_handshake_auth::PostHandshakeAuth;
use crate::engine::post_handshake_auth::transcript::Transcript;
use crate::engine::rustls_connection::incoming::Incoming;
use crate::engine::rustls_connection::{RustlsConnection, ServerStart};
use crate::engine::rustls_errors::convert;
use crate::error::{Error, Failure, Result};
use crate::openssl_names::alerts;
use crate::openssl_names::reasons;
use crate::wire::handshake::{Reassembly, handshake_type};
use crate::wire::record::{
    ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, FATAL, HANDSHAKE, HEADER, MAX_DATA, plaintext_alert,
    unknown_record,
};
use crate::wire::{hello, hello_rules};

/// A server that has not seen a whole ClientHello yet.
pub(crate) struct AwaitingClientHello {
    acceptor: Acceptor,
    handshake_log: HandshakeLog,
    partial: Reassembly,
}

/// A whole ClientHello, not answered yet.
pub(crate) struct ReceivedClientHello {
    accepted: Accepted,
    handshake_log: HandshakeLog,
}

/// What a ClientHello says that settings may be chosen by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientHelloInfo {
    /// The host name that the client asks for, as it has written it.
    pub server_name: Option<String>,
    /// The application protocols that the client offers.
    pub alpn_protocols: Vec<Vec<u8>>,
}

impl AwaitingClientHello {
    pub(crate) fn new() -> Self {
        // Whether the client may have to authenticate after the handshake is known when its hello is.
        let mut handshake_log = HandshakeLog::default();
        handshake_log.transcript = Some(Transcript::default());
        Self { acceptor: Acceptor::default(), handshake_log, partial: Reassembly::default() }
    }

    /// Keeps what is observed from here on.
    pub(crate) fn log_messages(&mut self) {
        self.handshake_log.keep_log();
    }

    /// The messages that went by since the last time.
    pub(crate) fn take_logged_messages(&mut self) -> Vec<LoggedMessage> {
        self.handshake_log.take_log()
    }

    /// Takes one record; the hello once it is whole. A refusal's alert goes to `output`.
    pub(crate) fn feed(
        &mut self,
        record: &[u8],
        output: &mut Vec<u8>,
    ) -> Result<Option<ReceivedClientHello>> {
        self.take_record(record).map_err(|failure| self.refuse(failure, output))
    }

    /// Puts the alert for a failure to `output`; hands the error back.
    pub(crate) fn refuse(&mut self, failure: Failure, output: &mut Vec<u8>) -> Error {
        refuse_in_clear(&mut self.handshake_log, failure, output)
    }

    fn take_record(&mut self, record: &[u8]) -> Result<Option<ReceivedClientHello>, Failure> {
        let Some((header, body)) = record.split_first_chunk::<HEADER>() else { return Ok(None) };
        self.handshake_log.received_header(header);
        match header[0] {
            HANDSHAKE => {}
            // RFC 8446 section 6.2: a peer that gives up is not answered. One that begins with an alert has not begun.
            ALERT if matches!(body, [FATAL, 1..=255]) && !self.partial.is_empty() => {
                self.handshake_log.received_other(ALERT, body);
                return Err(Failure::silent(Error::AlertReceived(body[1])));
            }
            ALERT | CHANGE_CIPHER_SPEC | APPLICATION_DATA => {
                let detail = "the connection does not begin with a ClientHello";
                return Err(Failure::unexpected(detail));
            }
            _ => return Err(unknown_record()),
        }
        if body.is_empty() {
            let detail = "an empty record that is not of data";
            return Err(Failure::new(alerts::UNEXPECTED_MESSAGE, reasons::RECORD_TOO_SMALL, detail));
        }
        self.partial.add(body);
        if self.partial.message_type() != Some(handshake_type::CLIENT_HELLO) {
            return Err(Failure::unexpected("the first message is not a ClientHello"));
        }
        let Some(hello) = self.partial.next()? else { return Ok(None) };
        if !self.partial.is_empty() {
            return Err(Failure::unexpected("the ClientHello does not end where its record ends"));
        }
        hello_rules::check(&hello)?;
        self.handshake_log.received_message(&hello);
        for piece in hello.chunks(MAX_DATA) {
            let record = [&[HANDSHAKE, 3, 1][..], &(piece.len() as u16).to_be_bytes(), piece].concat();
            if let Some(accepted) = self.give(&record)? {
                return Ok(Some(ReceivedClientHello {
                    accepted,
                    handshake_log: std::mem::take(&mut self.handshake_log),
                }));
            }
        }
        // rustls has had it whole, and would have said why it does not take it.
        Err(Failure::damaged("the ClientHello is not whole"))
    }

    fn give(&mut self, mut record: &[u8]) -> Result<Option<Accepted>, Failure> {
        while !record.is_empty() {
            let read = self.acceptor.read_tls(&mut record);
            read.map_err(|error| Failure::damaged(error.to_string()))?;
            match self.acceptor.accept() {
                Ok(None) => {}
                Ok(accepted) => return Ok(accepted),
                Err((error, alert)) => {
                    let alert = alert_for(&error, Peer::Client, false, engines_alert(alert));
                    return Err(Failure { alert, error: convert(error) });
                }
            }
        }
        Ok(None)
    }
}

/// The alert for a failure before there are keys.
fn refuse_in_clear(log: &mut HandshakeLog, failure: Failure, output: &mut Vec<u8>) -> Error {
    let start = output.len();
    output.extend(failure.alert.into_iter().flat_map(plaintext_alert));
    log.sent_records(&output[start..]);
    failure.error
}

/// What a client is told that comes to settings which leave nothing.
fn nothing_in_common(error: Error) -> Failure {
    let alert = match &error {
        Error::NothingEnabled { reason: reasons::NO_PROTOCOLS_AVAILABLE, .. } => alerts::PROTOCOL_VERSION,
        Error::Internal { .. } => alerts::INTERNAL_ERROR,
        _ => alerts::HANDSHAKE_FAILURE,
    };
    Failure { alert: Some(alert), error }
}

impl ReceivedClientHello {
    /// The messages that went by since the last time.
    pub(crate) fn take_logged_messages(&mut self) -> Vec<LoggedMessage> {
        self.handshake_log.take_log()
    }

    pub(crate) fn info(&self) -> ClientHelloInfo {
        let hello = self.accepted.client_hello();
        ClientHelloInfo {
            server_name: hello::server_name(self.handshake_log.client_hello())
                .or_else(|| hello.server_name().map(str::to_owned)),
            alpn_protocols: hello.alpn().into_iter().flatten().map(<[u8]>::to_vec).collect(),
        }
    }

    /// Goes on under `config`. A refusal's alert goes to `output`; then all that was logged comes with the error.
    pub(crate) fn start(
        self,
        config: Result<&ServerConfig>,
        output: &mut Vec<u8>,
    ) -> Result<RustlsConnection, (Error, Vec<LoggedMessage>)> {
        let mut log = self.handshake_log.fork();
        let started = config.map_err(nothing_in_common).and_then(|config| self.answer(config));
        started.map_err(|failure| {
            let error = refuse_in_clear(&mut log, failure, output);
            (error, log.take_log())
        })
    }

    /// Puts the alert for a failure to `output`; hands the error back.
    pub(crate) fn refuse(&mut self, failure: Failure, output: &mut Vec<u8>) -> Error {
        refuse_in_clear(&mut self.handshake_log, failure, output)
    }

    fn answer(mut self, config: &ServerConfig) -> Result<RustlsConnection, Failure> {
        if let Some((reason, detail)) = config.cannot_serve {
            let error = Error::nothing_enabled(reason, detail);
            return Err(Failure { alert: Some(alerts::HANDSHAKE_FAILURE), error });
        }
        let hello_bytes = self.handshake_log.client_hello();
        hello_rules::check_for(hello_bytes, config.tls12, config.tls13)?;
        let speaks_tls13 = config.tls13 && hello::offers_tls13(hello_bytes);
        let offers_post_handshake_auth = hello::offers_post_handshake_auth(hello_bytes);
        let offers_early_data = speaks_tls13 && hello::offers_early_data(hello_bytes);
        let post_handshake_auth = match speaks_tls13 {
            true if offers_post_handshake_auth => {
                PostHandshakeAuth::OfferedByPeer(Arc::clone(&config.verifier))
            }
            _ => {
                self.handshake_log.transcript = None;
                PostHandshakeAuth::None
            }
        };
        let defers_client_auth = speaks_tls13 && config.post_handshake_auth;
        let offered = self.info().alpn_protocols;
        let overlap = config.with_alpn.alpn_protocols.iter().any(|ours| offered.contains(ours));
        let config = if overlap { &config.with_alpn } else { &config.without_alpn };
        let hello = self.accepted.client_hello();
        let ours = config.crypto_provider().cipher_suites.iter().map(|suite| suite.suite());
        let shared_ciphers =
            ours.filter(|suite| hello.cipher_suites().contains(suite)).map(u16::from).collect();
        let start = ServerStart {
            shared_ciphers,
            handshake_log: self.handshake_log,
            post_handshake_auth,
            defers_client_auth,
            incoming: Incoming::behind_hello(offers_early_data),
            speaks_tls13,
        };
        RustlsConnection::accept(self.accepted, config.clone(), start)
    }
}
