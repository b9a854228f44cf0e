//! What has happened to a context's connections (`SSLContext.session_stats()`, `SSLContext.signature_stats()`).

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::verify::SignatureCounts;

/// One count.
#[derive(Debug, Default)]
pub struct Count(AtomicUsize);

impl Count {
    /// The count now.
    #[must_use]
    pub fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, value: usize) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// Counts of a context, as `SSL_CTX_sess_number(3)` describes them.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Sessions that a server remembers now.
    pub number: Count,
    /// Handshakes begun as a client.
    pub connect: Count,
    /// Handshakes done as a client.
    pub connect_good: Count,
    /// Handshakes begun as a server.
    pub accept: Count,
    /// Handshakes done as a server.
    pub accept_good: Count,
    /// Sessions resumed.
    pub hits: Count,
    /// Sessions that clients asked for and that the server does not remember.
    pub misses: Count,
    /// Sessions that clients asked for too late.
    pub timeouts: Count,
    /// Sessions forgotten because there were too many.
    pub cache_full: Count,
    /// Signatures of peers' certificates, and of CRLs. OpenSSL has no such counts.
    pub signatures: SignatureCounts,
}
