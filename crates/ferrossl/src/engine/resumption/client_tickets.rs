//! What a client may resume sessions with.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard};

use crate::sync;

use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;

/// ClientTickets of TLS 1.3 that are kept; a server that sends more has the oldest forgotten.
const MAX_TICKETS: usize = 8;

/// The tickets of one session. Connections that resume it share them: what they are given in turn serves
/// the next ones, because a ticket of TLS 1.3 is used only once (RFC 8446 appendix C.4).
#[derive(Default)]
pub(crate) struct ClientTickets(Mutex<State>);

#[derive(Default)]
struct State {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    tls13: VecDeque<Tls13ClientSessionValue>,
}

impl ClientTickets {
    /// Gives up a session of TLS 1.2.
    pub(crate) fn forget_tls12(&self) {
        self.lock().tls12 = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.0)
    }
}

impl fmt::Debug for ClientTickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientTickets")
    }
}

// The store is for one server, whatever its name: who hands a session in has compared that.
impl ClientSessionStore for ClientTickets {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        self.lock().group = Some(group);
    }

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.lock().group
    }

    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.lock().tls12 = Some(value);
    }

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.lock().tls12.clone()
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        self.lock().tls12 = None;
    }

    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        let mut state = self.lock();
        if state.tls13.len() == MAX_TICKETS {
            state.tls13.pop_front();
        }
        state.tls13.push_back(value);
    }

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.lock().tls13.pop_back()
    }
}
