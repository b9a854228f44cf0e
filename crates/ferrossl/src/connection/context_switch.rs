//! Other settings for a connection that has begun with some: before its handshake, or where a server has read the
//! ClientHello.

use std::sync::Arc;

use crate::connection::state::Machine;
use crate::connection::{Connection, lock};
use crate::context::Snapshot;
use crate::error::{Error, Result};
use crate::openssl_names::alerts::AlertNumber;
use crate::verify::ExpectedName;

impl Connection {
    /// Makes a server stop at the ClientHello, so that its caller may choose other settings.
    pub fn pause_at_client_hello(&self) {
        if let Machine::AwaitingClientHello { pause, .. } = &mut *lock(&self.machine) {
            *pause = true;
        }
    }

    /// Goes on after [`Handshake::ClientHello`](super::Handshake::ClientHello), under these settings.
    ///
    /// They bring certificates, trust, cipher suites, application protocols and the key log. What the settings demand
    /// or forbid that the connection began with stays so: versions, verification, client certificates.
    ///
    /// # Errors
    ///
    /// Whatever the handshake fails with; the alert for the peer is queued.
    pub fn choose(&self, snapshot: &Arc<Snapshot>) -> Result<()> {
        let mut machine = lock(&self.machine);
        self.outbox.append(|output| machine.choose(snapshot, output))
    }

    /// Ends the handshake after [`Handshake::ClientHello`](super::Handshake::ClientHello) with this alert; `error` is what later
    /// calls get.
    pub fn refuse(&self, alert: AlertNumber, error: Error) {
        let mut machine = lock(&self.machine);
        if matches!(*machine, Machine::Paused { .. }) {
            self.outbox.append(|output| output.extend(crate::wire::record::plaintext_alert(alert)));
            machine.fail(error);
        }
    }

    /// Exchanges the settings before the handshake. What they bring and what stays is as for [`Self::choose`]; a
    /// client's application protocols stay too.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] when the handshake has begun, and when a name is to be checked now and there is none.
    pub fn exchange_settings(&self, snapshot: &Arc<Snapshot>) -> Result<()> {
        match &mut *lock(&self.machine) {
            Machine::NotBegun { snapshot: current, expected, .. } => {
                let next = snapshot.combined_with(current, false);
                if next.settings().check_hostname && expected.is_none() {
                    let resumption = self.resumption.as_ref().map(lock);
                    let name = resumption.as_ref().and_then(|resumption| resumption.server_name.as_deref());
                    *expected = Some(ExpectedName::new(name.ok_or_else(super::name_is_missing)?));
                }
                *current = next;
            }
            // Nothing of what has come in depends on settings.
            Machine::AwaitingClientHello { snapshot: current, .. }
            | Machine::Paused { snapshot: current, .. } => {
                *current = snapshot.combined_with(current, true);
            }
            Machine::Failed(..) => {}
            Machine::Open(_) => {
                return Err(Error::Setting("the handshake has begun under the old context".into()));
            }
        }
        Ok(())
    }
}
