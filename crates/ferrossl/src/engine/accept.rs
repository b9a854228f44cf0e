//! The server's beginning: read the ClientHello, let somebody choose, then start.
//!
//! Relies on: `Acceptor` takes records one at a time and hands out the ClientHello once it is whole.

use rustls::server::{Accepted, Acceptor};

use super::compile::ServerConfig;
use super::errors::convert;
use super::observer::{Observed, Observer};
use super::session::Session;
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
    /// The host name that the client asks for, in lower case.
    pub server_name: Option<String>,
    /// The application protocols that the client offers.
    pub alpn_protocols: Vec<Vec<u8>>,
}

impl WaitingForHello {
    pub(crate) fn new() -> Self {
        Self { acceptor: Acceptor::default(), observer: Observer::default() }
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
            server_name: hello.server_name().map(str::to_owned),
            alpn_protocols: hello.alpn().into_iter().flatten().map(<[u8]>::to_vec).collect(),
        }
    }

    /// Goes on under `config`. A refusal's alert goes to `output`.
    pub(crate) fn start(self, config: &ServerConfig, output: &mut Vec<u8>) -> Result<Session> {
        if let Some(reason) = config.cannot_serve {
            output.extend(plaintext_alert(alerts::HANDSHAKE_FAILURE));
            return Err(Error::protocol(reasons::NO_SHARED_CIPHER, reason));
        }
        let offered = self.info().alpn_protocols;
        let overlap = config.with_alpn.alpn_protocols.iter().any(|ours| offered.contains(ours));
        let config = if overlap { &config.with_alpn } else { &config.without_alpn };
        let hello = self.accepted.client_hello();
        let ours = config.crypto_provider().cipher_suites.iter().map(|suite| suite.suite());
        let shared = ours.filter(|suite| hello.cipher_suites().contains(suite)).map(u16::from).collect();
        Session::accept(self.accepted, config.clone(), shared, self.observer, output)
    }
}

/// A fatal alert before any key is in place (RFC 8446 section 6.2), as one whole record.
pub(crate) const fn plaintext_alert(alert: AlertNumber) -> [u8; 7] {
    [21, 3, 3, 0, 2, 2, alert]
}
