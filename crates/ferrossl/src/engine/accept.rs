//! The server's beginning: read the ClientHello, let somebody choose, then start.
//!
//! Relies on: `Acceptor` takes records one at a time and hands out the ClientHello once it is whole.

use std::sync::Arc;

use rustls::server::{Accepted, Acceptor};

use super::client_hello;
use super::compile::ServerConfig;
use super::errors::convert;
use super::later_session::Later;
use super::observer::{Observed, Observer};
use super::session::Session;
use super::transcript::Transcript;
use crate::error::{Error, Result};
use crate::openssl_names::alerts::{self, AlertNumber};
use crate::openssl_names::reasons;

/// A server that has not seen a whole ClientHello yet.
pub(crate) struct WaitingForHello {
    acceptor: Acceptor,
    observer: Observer,
}

/// A whole ClientHello, not answered yet.
pub(crate) struct Hello {
    accepted: Accepted,
    observer: Observer,
}

/// What a ClientHello says that settings may be chosen by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelloInfo {
    /// The host name that the client asks for, as it has written it.
    pub server_name: Option<String>,
    /// The application protocols that the client offers.
    pub alpn_protocols: Vec<Vec<u8>>,
}

impl WaitingForHello {
    pub(crate) fn new() -> Self {
        // Whether the client may have to authenticate later is known when its hello is.
        let mut observer = Observer::default();
        observer.transcript = Some(Transcript::default());
        Self { acceptor: Acceptor::default(), observer }
    }

    /// Keeps what is observed from here on.
    pub(crate) fn observe(&mut self) {
        self.observer.start_log();
    }

    /// Takes one record; the hello once it is whole. A refusal's alert goes to `output`.
    pub(crate) fn feed(&mut self, record: &[u8], output: &mut Vec<u8>) -> Result<Option<Hello>> {
        let mut rest = record;
        while !rest.is_empty() {
            self.acceptor.read_tls(&mut rest)?;
            match self.acceptor.accept() {
                Ok(Some(accepted)) => {
                    let mut observer = std::mem::take(&mut self.observer);
                    observer.received_record(record);
                    return Ok(Some(Hello { accepted, observer }));
                }
                Ok(None) => {}
                Err((error, mut alert)) => {
                    // Writing to a Vec cannot fail.
                    let _ = alert.write_all(output);
                    return Err(convert(error));
                }
            }
        }
        self.observer.received_record(record);
        Ok(None)
    }
}

impl Hello {
    /// The messages that went by since the last time.
    pub(crate) fn take_observed(&mut self) -> Vec<Observed> {
        self.observer.take_log()
    }

    pub(crate) fn info(&self) -> HelloInfo {
        let hello = self.accepted.client_hello();
        HelloInfo {
            server_name: client_hello::server_name(self.observer.client_hello())
                .or_else(|| hello.server_name().map(str::to_owned)),
            alpn_protocols: hello.alpn().into_iter().flatten().map(<[u8]>::to_vec).collect(),
        }
    }

    /// Goes on under `config`. A refusal's alert goes to `output`.
    pub(crate) fn start(mut self, config: &ServerConfig, output: &mut Vec<u8>) -> Result<Session> {
        if let Some(reason) = config.cannot_serve {
            output.extend(plaintext_alert(alerts::HANDSHAKE_FAILURE));
            return Err(Error::protocol(reasons::NO_SHARED_CIPHER, reason));
        }
        let hello_bytes = self.observer.client_hello();
        let speaks_tls13 = config.tls13 && client_hello::offers_tls13(hello_bytes);
        let offers_later = client_hello::offers_later_authentication(hello_bytes);
        let later = match speaks_tls13 {
            true if offers_later => Later::OfferedByPeer(Arc::clone(&config.verifier)),
            _ => {
                self.observer.transcript = None;
                Later::None
            }
        };
        let later = (later, speaks_tls13 && config.later_authentication);
        let offered = self.info().alpn_protocols;
        let overlap = config.with_alpn.alpn_protocols.iter().any(|ours| offered.contains(ours));
        let config = if overlap { &config.with_alpn } else { &config.without_alpn };
        let hello = self.accepted.client_hello();
        let ours = config.crypto_provider().cipher_suites.iter().map(|suite| suite.suite());
        let shared = ours.filter(|suite| hello.cipher_suites().contains(suite)).map(u16::from).collect();
        Session::accept(self.accepted, config.clone(), shared, self.observer, later, output)
    }
}

/// A fatal alert before any key is in place (RFC 8446 section 6.2), as one whole record.
pub(crate) const fn plaintext_alert(alert: AlertNumber) -> [u8; 7] {
    [21, 3, 3, 0, 2, 2, alert]
}
