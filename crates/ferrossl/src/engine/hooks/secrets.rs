//! The secrets that a connection goes on with when its handshake is done, as the key log gets them (`key_log.rs`).

use zeroize::Zeroizing;

use crate::wire::hello::RANDOM;

/// A hash of TLS 1.3's suites, or the master secret of TLS 1.2 (RFC 5246 section 8.1).
const LONGEST: usize = 48;

/// A secret of the key schedule, or room for one.
pub(crate) struct Secret {
    bytes: Zeroizing<[u8; LONGEST]>,
    length: u8,
}

impl Default for Secret {
    fn default() -> Self {
        Self { bytes: Zeroizing::new([0; LONGEST]), length: 0 }
    }
}

impl Secret {
    pub(crate) fn set(&mut self, secret: &[u8]) {
        if let Some(place) = self.bytes.get_mut(..secret.len()) {
            place.copy_from_slice(secret);
            self.length = secret.len() as u8;
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length.into()]
    }
}

/// The secrets of one handshake.
#[derive(Default)]
pub(crate) struct Secrets {
    /// `client_application_traffic_secret_N`.
    pub(crate) client: Secret,
    /// `server_application_traffic_secret_N`.
    pub(crate) server: Secret,
    /// `exporter_master_secret`, or the master secret of TLS 1.2.
    pub(crate) exporter: Secret,
    pub(crate) client_random: [u8; RANDOM],
}

impl Secrets {
    /// Keeps what the key log gets, if it is one of these.
    pub(crate) fn note(&mut self, label: &str, client_random: &[u8], secret: &[u8]) {
        match label {
            "CLIENT_TRAFFIC_SECRET_0" => self.client.set(secret),
            "SERVER_TRAFFIC_SECRET_0" => self.server.set(secret),
            "EXPORTER_SECRET" => self.exporter.set(secret),
            "CLIENT_RANDOM" => {
                self.exporter.set(secret);
                if let Ok(random) = client_random.try_into() {
                    self.client_random = random;
                }
            }
            _ => {}
        }
    }

    /// Whether there is everything that a connection goes on with.
    pub(crate) fn are_there(&self, is_tls13: bool) -> bool {
        let has = |secret: &Secret| secret.length > 0;
        has(&self.exporter) && (!is_tls13 || has(&self.client) && has(&self.server))
    }
}
