//! Adapts the context's key log to rustls. Also keeps the secrets that a connection goes on with when its handshake is done.
//!
//! Relies on, and the tests of key updates, exporters and authentication after the handshake fail when a rustls release changes
//! it: rustls hands out the secrets under these labels, inside the call that derives them.

use std::sync::Arc;

use super::callback_scope;
use crate::key_log::KeyLog;

#[derive(Debug)]
struct Adapter(Option<Arc<dyn KeyLog>>);

impl rustls::KeyLog for Adapter {
    fn will_log(&self, _: &str) -> bool {
        true
    }

    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        callback_scope::with(|scope| {
            scope.secrets.get_or_insert_default().note(label, client_random, secret);
        });
        if let Some(log) = &self.0 {
            log.log(label, client_random, secret);
        }
    }
}

/// rustls' key log for a context with this one.
pub(crate) fn adapted(log: Option<Arc<dyn KeyLog>>) -> Arc<dyn rustls::KeyLog> {
    Arc::new(Adapter(log))
}
