//! Other settings for a connection that has begun with some: before its handshake, or where a server has read the
//! ClientHello (`SSL_set_SSL_CTX` of OpenSSL's, with demands that stay).

use std::sync::Arc;

use super::Connection;
use super::state::State;
use crate::context::Snapshot;
use crate::error::{Error, Failure, Result};
use crate::openssl_names::alerts::AlertNumber;
use crate::sync::lock;
use crate::verify::ExpectedName;

impl Connection {
    /// Makes a server stop at the ClientHello, so that its caller may choose other settings.
    pub fn pause_at_client_hello(&self) {
        if let State::AwaitingClientHello { pause, .. } = &mut *lock(&self.state) {
            *pause = true;
        }
    }

    /// Goes on after [`Handshake::ClientHello`](super::Handshake::ClientHello), under the settings that the connection has:
    /// its first ones, or those of [`Self::exchange_settings`].
    ///
    /// # Errors
    ///
    /// Whatever the handshake fails with; the alert for the peer is queued. [`Error::TooEarly`] when no ClientHello waits.
    pub fn proceed(&self) -> Result<()> {
        let mut state = lock(&self.state);
        self.outbox.append(|output| state.proceed(output))
    }

    /// Ends the handshake after [`Handshake::ClientHello`](super::Handshake::ClientHello) with this alert; `error` is what later
    /// calls get.
    pub fn refuse(&self, alert: AlertNumber, error: Error) {
        let mut state = lock(&self.state);
        if matches!(*state, State::Paused { .. }) {
            self.outbox.append(|output| state.refuse(Failure { alert: Some(alert), error }, output));
        }
    }

    /// Exchanges the settings, before the handshake or while a ClientHello waits.
    ///
    /// The new ones bring certificates, trust, cipher suites, application protocols (on a server) and the key log. What the
    /// settings demand or forbid that the connection began with stays so: versions, verification, client certificates.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] when the handshake has begun, and when a name is to be checked now and there is none.
    pub fn exchange_settings(&self, snapshot: &Arc<Snapshot>) -> Result<()> {
        match &mut *lock(&self.state) {
            State::NotBegun { snapshot: current, expected, .. } => {
                let next = snapshot.combined_with(current, false);
                if next.settings().check_hostname && expected.is_none() {
                    let resumption = self.resumption.as_deref().map(lock);
                    let name = resumption.as_ref().and_then(|resumption| resumption.server_name.as_deref());
                    *expected = Some(ExpectedName::new(name.ok_or_else(super::name_is_missing)?));
                }
                *current = next;
            }
            // Nothing of what has come in depends on settings.
            State::AwaitingClientHello { snapshot: current, .. }
            | State::Paused { snapshot: current, .. } => {
                *current = snapshot.combined_with(current, true);
            }
            State::Failed(..) => {}
            State::Handshaking(_) | State::Open(_) => {
                return Err(Error::Setting("the handshake has begun under the old context".into()));
            }
        }
        Ok(())
    }
}
