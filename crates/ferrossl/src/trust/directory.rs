//! Folders of certificates named after their subject's hash, as `openssl rehash` makes them.
//! They are looked into on demand, as OpenSSL's `by_dir` does.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::sync;
use crate::x509::{self, Certificate, RevocationList};

/// A folder, and what has been found in it so far.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    found: Mutex<Vec<Arc<Certificate>>>,
}

impl Directory {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, found: Mutex::new(Vec::new()) }
    }

    /// What lookups have brought to light so far.
    pub(super) fn found(&self) -> Vec<Arc<Certificate>> {
        sync::lock(&self.found).clone()
    }

    /// The CRLs of an issuer: `hash.r0`, `hash.r1`, … until a number is missing. They are read each time,
    /// because what revokes must be fresh.
    pub(super) fn revocation_lists(&self, canonical: &[u8]) -> Vec<Arc<RevocationList>> {
        let hash = subject_hash(canonical);
        let mut matching = Vec::new();
        for number in 0u32.. {
            let Ok(text) = fs::read(self.path.join(format!("{hash:08x}.r{number}"))) else { break };
            let lists = x509::trust_from_pem(&text).map(|(_, lists)| lists).unwrap_or_default();
            matching.extend(lists.into_iter().filter(|l| l.issuer().canonical() == canonical).map(Arc::new));
        }
        matching
    }

    /// Looks for `hash.0`, `hash.1`, … until a number is missing. A file that cannot be read is passed
    /// over, as OpenSSL passes over it.
    pub(super) fn by_subject(&self, canonical: &[u8]) -> Vec<Arc<Certificate>> {
        let known: Vec<_> =
            self.found().into_iter().filter(|c| c.subject().canonical() == canonical).collect();
        if !known.is_empty() {
            return known;
        }
        let hash = subject_hash(canonical);
        let mut matching = Vec::new();
        for number in 0u32.. {
            let Ok(text) = fs::read(self.path.join(format!("{hash:08x}.{number}"))) else { break };
            let certificates = x509::certificates_from_pem(&text).unwrap_or_default();
            matching.extend(
                certificates.into_iter().filter(|c| c.subject().canonical() == canonical).map(Arc::new),
            );
        }
        let mut found = sync::lock(&self.found);
        for certificate in &matching {
            if !found.contains(certificate) {
                found.push(Arc::clone(certificate));
            }
        }
        matching
    }
}

/// `X509_NAME_hash`: the first four bytes of the SHA-1 of the canonical name, least significant first.
fn subject_hash(canonical: &[u8]) -> u32 {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, canonical);
    let first = hash.as_ref();
    u32::from_le_bytes([first[0], first[1], first[2], first[3]])
}
