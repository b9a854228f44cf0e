//! Adapts the context's key log to rustls. Also keeps `client_application_traffic_secret_0`, which authentication after the
//! handshake needs, for connections that may come to it.
//!
//! Relies on, and the tests of authentication after the handshake fail when a rustls release changes it: rustls hands the
//! secret over under this label, inside the call that derives it.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::callback_scope;
use crate::key_log::KeyLog;

/// The secret that the client's Finished is keyed with after the handshake.
const CLIENT_SECRET: &str = "CLIENT_TRAFFIC_SECRET_0";

#[derive(Debug)]
struct Adapter(Option<Arc<dyn KeyLog>>);

fn may_authenticate_after_handshake() -> bool {
    callback_scope::with(|scope| scope.handshake_log.transcript.is_some()) == Some(true)
}

impl rustls::KeyLog for Adapter {
    /// rustls derives for the log only what it asks for.
    fn will_log(&self, label: &str) -> bool {
        self.0.is_some() || (label == CLIENT_SECRET && may_authenticate_after_handshake())
    }

    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        if label == CLIENT_SECRET && may_authenticate_after_handshake() {
            let secret = Zeroizing::new(secret.to_vec());
            callback_scope::with(|scope| scope.post_handshake_auth.client_secret = Some(secret));
        }
        if let Some(log) = &self.0 {
            log.log(label, client_random, secret);
        }
    }
}

/// rustls' key log for a context with this one.
pub(crate) fn adapted(log: Option<Arc<dyn KeyLog>>) -> Arc<dyn rustls::KeyLog> {
    Arc::new(Adapter(log))
}
