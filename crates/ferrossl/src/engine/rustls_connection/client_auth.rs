//! Where authentication after the handshake meets the connection: its messages are sealed and queued here.

use super::RustlsConnection;
use crate::engine::post_handshake_auth::Authenticated;
use crate::error::{Error, Failure, Result};
use crate::openssl_names::reasons;
use crate::settings::Version;
use crate::wire::record::HANDSHAKE;

impl RustlsConnection {
    /// Once the handshake is done, before a key of it is changed: from an offer to the thing itself.
    pub(super) fn begin_post_handshake_auth(&mut self) {
        if self.is_handshaking() || !self.post_handshake_auth.is_only_offered() {
            return;
        }
        if self.version() == Some(Version::Tls13) {
            self.post_handshake_auth.begin(&mut self.scope);
        } else {
            self.post_handshake_auth.withdraw();
        }
    }

    /// Takes a whole message that is for authentication after the handshake.
    pub(super) fn take_post_handshake_auth(&mut self, message: &[u8]) -> Result<(), Failure> {
        if self.post_handshake_auth.is_client() {
            if self.has_closed {
                return Ok(());
            }
            // The Finished of the answer is made for the key that seals it, so no change of keys may come between.
            let mut records = std::mem::take(&mut self.queued);
            let settled = self.sealing(&mut records);
            self.queued = records;
            settled.map_err(Failure::silent)?;
        }
        match self.post_handshake_auth.take_message(message, &mut self.scope)? {
            None => Ok(()),
            Some(answer) => {
                self.bear_answer(answer.len())?;
                self.queue(HANDSHAKE, &answer).map_err(Failure::silent)
            }
        }
    }

    /// Has a server ask the client for a certificate.
    pub(crate) fn request_client_certificate(&mut self) -> Result<()> {
        let fail = |reason| Err(Error::Misuse { reason });
        if self.version() != Some(Version::Tls13) {
            return fail(reasons::WRONG_SSL_VERSION);
        }
        if self.has_closed {
            return fail(reasons::PROTOCOL_IS_SHUTDOWN);
        }
        let request = self.post_handshake_auth.request()?;
        self.queue(HANDSHAKE, &request)
    }

    /// Who the client has turned out to be after the handshake, if it was asked and has answered.
    pub(crate) const fn post_handshake_identity(&self) -> Option<&Authenticated> {
        self.post_handshake_auth.identity()
    }
}
