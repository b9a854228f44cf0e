//! Who the peer is: by the handshake, or by authentication after it.

use super::Connection;
use super::state::State;
use crate::error::{Error, Result};
use crate::openssl_names::reasons;
use crate::settings::Version;
use crate::sync::lock;
use crate::verify::VerifiedChain;

impl Connection {
    /// The certificates that the peer has shown last, its own first, in DER, verified or not; none before the
    /// handshake is done.
    #[must_use]
    pub fn peer_certificates(&self) -> Vec<Vec<u8>> {
        let Some(negotiated) = self.negotiated() else { return Vec::new() };
        match lock(&self.state).as_open().and_then(|connection| connection.post_handshake_identity()) {
            Some(identity) => identity.certificates.clone(),
            None => negotiated.peer_certificates.clone(),
        }
    }

    /// The chain that was verified last; `None` when nothing was.
    #[must_use]
    pub fn verified_chain(&self) -> Option<VerifiedChain> {
        let negotiated = self.negotiated()?;
        match lock(&self.state).as_open().and_then(|connection| connection.post_handshake_identity()) {
            Some(identity) => identity.verified_chain.clone(),
            None => negotiated.verified_chain.clone(),
        }
    }

    /// Has a server of TLS 1.3 ask the client for a certificate now (RFC 8446 section 4.6.2). The request goes out
    /// with the next write or read; what the client answers is dealt with by reads, which fail if it does not verify.
    ///
    /// # Errors
    ///
    /// `NOT_SERVER`, `STILL_IN_INIT`, `WRONG_SSL_VERSION` below TLS 1.3, `EXTENSION_NOT_RECEIVED` when the client did not offer
    /// it, `INVALID_CONFIG` when the settings ask for no certificate, `REQUEST_SENT` while an answer is awaited.
    pub fn request_client_certificate(&self) -> Result<()> {
        let fail = |reason| Err(Error::Misuse { reason });
        let mut state = lock(&self.state);
        match &mut *state {
            State::Failed(error, _) => Err(error.clone()),
            State::Open(connection) => {
                if !self.is_server {
                    let is_new = connection.version() == Some(Version::Tls13);
                    return fail(if is_new { reasons::NOT_SERVER } else { reasons::WRONG_SSL_VERSION });
                }
                connection.request_client_certificate()?;
                self.outbox.append(|output| connection.drain_output(output));
                Ok(())
            }
            _ if !self.is_server => fail(reasons::NOT_SERVER),
            _ => fail(reasons::STILL_IN_INIT),
        }
    }
}
