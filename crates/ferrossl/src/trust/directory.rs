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

    /// What lookups have found so far.
    pub(super) fn found(&self) -> Vec<Arc<Certificate>> {
        sync::lock(&self.found).clone()
    }

    /// The CRLs of an issuer: `hash.r0`, `hash.r1`, … until a number is missing. They are read each time,
    /// because a new list must count at once.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(name: &str) -> (String, Certificate) {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), Certificate::from_der(certificate.der()).unwrap())
    }

    /// What an earlier look-up has found does not answer for another name.
    #[test]
    fn each_name_has_its_own_certificates() {
        let path = std::env::temp_dir().join(format!("ferrossl-directory-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let authorities = ["first", "second"].map(authority);
        for (pem, certificate) in &authorities {
            let hash = subject_hash(certificate.subject().canonical());
            fs::write(path.join(format!("{hash:08x}.0")), pem).unwrap();
        }
        let directory = Directory::new(path.clone());
        for _ in 0..2 {
            for (_, certificate) in &authorities {
                let found = directory.by_subject(certificate.subject().canonical());
                assert_eq!(found.len(), 1);
                assert_eq!(found[0].der(), certificate.der());
            }
        }
        assert_eq!(directory.found().len(), 2);
        assert!(directory.by_subject(b"nobody").is_empty());
        fs::remove_dir_all(path).unwrap();
    }
}
