//! One rustls connection, fed record by record.
//!
//! Relies on: rustls discards what follows close_notify, so it must never see more than one record at a time;
//! `process_new_packets` queues the fatal alert before it returns the error.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::pki_types::{DnsName, IpAddr, Ipv4Addr, ServerName};
use rustls::server::Accepted;
use rustls::{ClientConnection, Connection, HandshakeKind, ProtocolVersion};

use super::accept::plaintext_alert;
use super::client_hello;
use super::compile::ClientConfig;
use super::current::{self, Current};
use super::errors::convert;
use super::later_session::Later;
use super::observer::{Observed, Observer, TicketFacts};
use super::record_keys::SharedDirection;
use super::tickets::Tickets;
use super::transcript::Transcript;
use crate::context::Version;
use crate::error::{Error, Result};
use crate::openssl_names::alerts::{CERTIFICATE_REQUIRED, HANDSHAKE_FAILURE, INTERNAL_ERROR};
use crate::openssl_names::reasons;
use crate::verify::{ExpectedName, VerifiedChain};

/// A TLS connection whose handshake has begun.
pub(crate) struct Session {
    inner: Connection,
    pub(super) current: Current,
    shared_ciphers: Option<Vec<u16>>,
    /// The client sent no certificate although it had to.
    anonymous_client: bool,
    /// The key that data was last sealed with.
    pub(super) sealed_with: Option<SharedDirection>,
    /// Authentication after the handshake.
    pub(super) later: Later,
    /// Records of ours that go out behind those of rustls.
    pub(super) queued: Vec<u8>,
}

/// What a record brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fed {
    /// It was the peer's close_notify.
    pub(crate) peer_closed: bool,
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
        let config = config.with_tickets(tickets);
        let client = current::enter(&mut current, || ClientConnection::new(config, name));
        Ok(Self::new(Connection::Client(client.map_err(convert)?), current, None, later))
    }

    pub(super) fn accept(
        accepted: Accepted,
        config: Arc<rustls::ServerConfig>,
        shared_ciphers: Vec<u16>,
        observer: Observer,
        (later, asks_later): (Later, bool),
        output: &mut Vec<u8>,
    ) -> Result<Self> {
        let mut current = Current { observer, asks_later, ..Current::default() };
        match current::enter(&mut current, || accepted.into_connection(config)) {
            // We and rustls have read the same hello; if ever we did not agree, nobody gets in unasked.
            Ok(server) if asks_later && server.protocol_version() == Some(ProtocolVersion::TLSv1_2) => {
                output.extend(plaintext_alert(INTERNAL_ERROR));
                Err(Error::protocol(reasons::INTERNAL_ERROR, "the versions of the handshake do not agree"))
            }
            Ok(server) => Ok(Self::new(Connection::Server(server), current, Some(shared_ciphers), later)),
            // rustls would say access_denied.
            Err(_) if current.no_identity_fits => {
                output.extend(plaintext_alert(HANDSHAKE_FAILURE));
                let detail = "no certificate of this server is of a kind that the client can check";
                Err(Error::protocol(reasons::NO_SHARED_CIPHER, detail))
            }
            Err((error, mut alert)) => {
                // Writing to a Vec cannot fail.
                let _ = alert.write_all(output);
                Err(convert(error))
            }
        }
    }

    fn new(mut inner: Connection, current: Current, shared_ciphers: Option<Vec<u16>>, later: Later) -> Self {
        // The caller decides how much is under way at once.
        inner.set_buffer_limit(None);
        Self {
            inner,
            current,
            shared_ciphers,
            anonymous_client: false,
            sealed_with: None,
            later,
            queued: Vec::new(),
        }
    }

    /// Takes exactly one record.
    pub(crate) fn feed(&mut self, record: &[u8]) -> Result<Fed> {
        if self.take_later(record)? {
            return Ok(Fed { peer_closed: false });
        }
        let Self { inner, current, .. } = self;
        let mut rest = record;
        let fed = current::enter(current, || {
            let mut peer_closed = false;
            while !rest.is_empty() {
                inner.read_tls(&mut rest)?;
                peer_closed |= inner.process_new_packets().map_err(Failure::Tls)?.peer_has_closed();
            }
            Ok(Fed { peer_closed })
        });
        if fed.is_ok() {
            self.current.observer.received_record(record);
        }
        fed.map_err(|failure| match failure {
            Failure::Io(error) => error.into(),
            Failure::Tls(rustls::Error::NoCertificatesPresented) => {
                self.anonymous_client = true;
                convert(rustls::Error::NoCertificatesPresented)
            }
            Failure::Tls(error) => match self.current.verdict.take() {
                Some(Err(verdict)) => verdict.into(),
                _ => convert(error),
            },
        })
    }

    /// Moves what is to be sent to the end of `output`.
    pub(crate) fn drain_output(&mut self, output: &mut Vec<u8>) {
        let Self { inner, current, .. } = self;
        let start = output.len();
        current::enter(current, || {
            while inner.wants_write() {
                // Writing to a Vec cannot fail.
                let _ = inner.write_tls(output);
            }
        });
        if self.current.offers_later_authentication
            && self.is_handshaking()
            && let Some(changed) = client_hello::records_with_later_authentication(&output[start..])
        {
            output.truncate(start);
            output.extend(changed);
        }
        self.current.observer.sent_records(&output[start..]);
        output.append(&mut self.queued);
        self.begin_later();
        // rustls answers a missing certificate with certificate_required, which TLS 1.2 does not know
        // (RFC 5246 section 7.4.6 has handshake_failure). No key is in place yet, so the alert is clear text.
        if self.anonymous_client
            && self.version() == Some(Version::Tls12)
            && output.ends_with(&plaintext_alert(CERTIFICATE_REQUIRED))
        {
            let alert = output.len() - 1;
            output[alert] = HANDSHAKE_FAILURE;
        }
    }

    /// Moves decrypted bytes to `buffer`; 0 when there are none.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> usize {
        // The reader's errors only say that nothing is there, or what `feed` has said before.
        self.inner.reader().read(buffer).unwrap_or(0)
    }

    /// How many decrypted bytes wait, as far as they lie in one piece.
    pub(crate) fn pending(&mut self) -> usize {
        self.inner.reader().into_first_chunk().map_or(0, <[u8]>::len)
    }

    /// Encrypts all of `data`; the records go to `output`.
    pub(crate) fn write(&mut self, data: &[u8], output: &mut Vec<u8>) -> Result<()> {
        let Some(sealing) = self.sealing(output)? else {
            return self.write_through_rustls(data, output);
        };
        sealing.seal(data, output).map_err(convert)
    }

    /// The key to seal records with now, with everything that has to go out before them in `output`; `None` where
    /// they go through rustls.
    pub(super) fn sealing(&mut self, output: &mut Vec<u8>) -> Result<Option<SharedDirection>> {
        let Some(mut sealing) = self.current.sealing.clone() else { return Ok(None) };
        if sealing.is_worn_out() {
            let Self { inner, current, .. } = self;
            current::enter(current, || inner.refresh_traffic_keys()).map_err(convert)?;
            sealing = self.current.sealing.clone().unwrap_or(sealing);
        }
        if !self.sealed_with.as_ref().is_some_and(|last| last.is(&sealing)) {
            // A new key: rustls holds its KeyUpdate back until the next write, so that is what it gets.
            self.write_through_rustls(&[], output)?;
            self.sealed_with = Some(sealing.clone());
        }
        self.drain_output(output);
        Ok(Some(sealing))
    }

    fn write_through_rustls(&mut self, data: &[u8], output: &mut Vec<u8>) -> Result<()> {
        let Self { inner, current, .. } = self;
        let written = current::enter(current, || match data {
            [] => inner.writer().write(data).map(|_| ()),
            data => inner.writer().write_all(data),
        });
        written.map_err(|error| Error::protocol(reasons::INTERNAL_ERROR, error.to_string()))?;
        self.drain_output(output);
        Ok(())
    }

    /// The key for records of data that come in; `None` where they all go through rustls.
    pub(crate) fn opening(&self) -> Option<SharedDirection> {
        if self.is_handshaking() { None } else { self.current.opening.clone() }
    }

    /// Asks the peer for a new key of its own, as any peer may.
    #[cfg(test)]
    pub(crate) fn ask_for_new_keys(&mut self) {
        let Self { inner, current, .. } = self;
        current::enter(current, || inner.refresh_traffic_keys()).unwrap();
    }

    /// Queues close_notify.
    pub(crate) fn close(&mut self, output: &mut Vec<u8>) {
        self.inner.send_close_notify();
        self.drain_output(output);
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

    /// RFC 5705 and RFC 8446 section 7.5: `length` bytes that both sides can compute.
    pub(crate) fn export(&self, length: usize, label: &[u8], context: Option<&[u8]>) -> Result<Vec<u8>> {
        self.inner.export_keying_material(vec![0; length], label, context).map_err(convert)
    }
}

enum Failure {
    Io(io::Error),
    Tls(rustls::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
