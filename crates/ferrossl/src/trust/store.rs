//! The trust store of a context: shared bundles and folders, cheap to copy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bundle::Bundle;
use super::directory::Directory;
use super::{cache, system};
use crate::error::{Error, Result};
use crate::verify::{CaKind, TrustAnchors, ca_kind};
use crate::x509::{Certificate, RevocationList};

/// A set of trusted certificates. Copies share what was loaded.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    bundles: Vec<Arc<Bundle>>,
    directories: Vec<Arc<Directory>>,
}

/// What a store holds (`SSLContext.cert_store_stats()`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Certificates.
    pub certificates: usize,
    /// Those of them that are CAs.
    pub authorities: usize,
    /// CRLs.
    pub revocation_lists: usize,
}

impl TrustStore {
    /// An empty store: it trusts nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether both have been given the same, in the same order. What is in the files of a folder is not compared.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        fn same<T>(one: &[Arc<T>], other: &[Arc<T>]) -> bool {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| Arc::ptr_eq(one, other))
        }
        same(&self.bundles, &other.bundles) && same(&self.directories, &other.directories)
    }

    /// Adds certificates that were read before.
    pub fn add_bundle(&mut self, bundle: Arc<Bundle>) {
        if !self.bundles.iter().any(|known| Arc::ptr_eq(known, &bundle)) {
            self.bundles.push(bundle);
        }
    }

    /// Adds the certificates of a PEM file, which is parsed only when it has changed since the last time.
    ///
    /// # Errors
    ///
    /// [`crate::Error::File`] when the file cannot be read, else those of [`Bundle::from_pem_file`].
    pub fn add_file(&mut self, path: &Path) -> Result<()> {
        self.add_bundle(cache::load(path).map_err(|error| error.in_file(path))?);
        Ok(())
    }

    /// Adds everything of another store.
    pub fn extend(&mut self, other: Self) {
        for bundle in other.bundles {
            self.add_bundle(bundle);
        }
        self.directories.extend(other.directories);
    }

    /// Adds a folder with names as `openssl rehash` makes them. It is looked into during verification.
    pub fn add_directory(&mut self, path: PathBuf) {
        self.directories.push(Arc::new(Directory::new(path)));
    }

    /// Adds what the system trusts: on Windows and macOS what its certificate stores and keychains trust for TLS
    /// servers, elsewhere the [default files](Self::add_default_paths). `SSL_CERT_FILE` and `SSL_CERT_DIR`, where
    /// they are set, are used instead.
    ///
    /// Never fails: what cannot be read adds nothing, and what depends on it is then not trusted.
    pub fn add_system(&mut self) {
        #[cfg(any(windows, target_os = "macos"))]
        if !system::is_overridden() {
            let certificates = system::native_certificates();
            if !certificates.is_empty() {
                self.add_bundle(Arc::new(Bundle::new(certificates)));
                return;
            }
        }
        self.add_default_paths();
    }

    /// Adds the default file and folder, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
    ///
    /// Never fails, as OpenSSL's `SSL_CTX_set_default_verify_paths` does not: a file that is missing or empty
    /// adds nothing, and a certificate in it that cannot be read is left out, and what depends on it
    /// is then not trusted.
    pub fn add_default_paths(&mut self) {
        let file = system::file();
        match self.add_file(&file) {
            Ok(()) | Err(Error::File { .. }) => {}
            Err(_) => {
                let text = std::fs::read(&file).unwrap_or_default();
                self.add_bundle(Arc::new(Bundle::from_readable_pem(&text)));
            }
        }
        for directory in system::directories() {
            self.add_directory(directory);
        }
    }

    /// Every certificate that is loaded, once each: all of the files and bytes, and what was found in folders.
    #[must_use]
    pub fn certificates(&self) -> Vec<Arc<Certificate>> {
        let mut seen = std::collections::HashSet::new();
        let mut all = Vec::new();
        let found = self.directories.iter().flat_map(|directory| directory.found());
        let loaded = self.bundles.iter().flat_map(|bundle| bundle.certificates().iter().cloned());
        for certificate in loaded.chain(found) {
            if seen.insert(certificate.der().to_vec()) {
                all.push(certificate);
            }
        }
        all
    }

    /// The CA certificates among [`Self::certificates`].
    #[must_use]
    pub fn authorities(&self) -> Vec<Arc<Certificate>> {
        let mut all = self.certificates();
        all.retain(|certificate| ca_kind(certificate) != CaKind::No);
        all
    }

    fn loaded_revocation_lists(&self) -> impl Iterator<Item = &Arc<RevocationList>> {
        self.bundles.iter().flat_map(|bundle| bundle.revocation_lists())
    }

    /// Counts what is loaded.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        Statistics {
            certificates: self.certificates().len(),
            authorities: self.authorities().len(),
            revocation_lists: self.loaded_revocation_lists().count(),
        }
    }
}

impl TrustAnchors for TrustStore {
    fn revocation_lists(&self, canonical: &[u8]) -> Vec<Arc<RevocationList>> {
        let of_issuer = |list: &&Arc<RevocationList>| list.issuer().canonical() == canonical;
        let mut found: Vec<_> = self.loaded_revocation_lists().filter(of_issuer).cloned().collect();
        for directory in &self.directories {
            found.extend(directory.revocation_lists(canonical));
        }
        found
    }

    fn by_subject(&self, canonical: &[u8]) -> Vec<Arc<Certificate>> {
        let mut found: Vec<Arc<Certificate>> = Vec::new();
        for bundle in &self.bundles {
            for certificate in bundle.by_subject(canonical) {
                if !found.contains(certificate) {
                    found.push(Arc::clone(certificate));
                }
            }
        }
        if found.is_empty() {
            for directory in &self.directories {
                found.extend(directory.by_subject(canonical));
            }
        }
        found
    }
}
