//! Where the system keeps its trusted certificates, and the variables that override that: files and folders on every
//! system, and what Windows and macOS have instead.

use std::env;
use std::path::PathBuf;

/// Names the file with the trusted certificates (`X509_get_default_cert_file_env`).
pub const CERT_FILE_VARIABLE: &str = "SSL_CERT_FILE";
/// Names the folders with the trusted certificates, separated like `PATH` (`X509_get_default_cert_dir_env`).
pub const CERT_DIR_VARIABLE: &str = "SSL_CERT_DIR";

/// The bundles of Linux distributions and BSDs, the most common first; the first that exists is used.
#[cfg(not(windows))]
const FILES: [&str; 8] = [
    "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",   // Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // newer RHEL
    "/etc/ssl/ca-bundle.pem",             // SUSE
    "/etc/ssl/cert.pem",                  // macOS, OpenBSD, Alpine
    "/usr/local/share/certs/ca-root-nss.crt", // FreeBSD
    "/usr/local/etc/ssl/cert.pem",        // FreeBSD
    "/etc/openssl/certs/ca-certificates.crt", // NetBSD
];

/// Folders with hashed names.
#[cfg(not(windows))]
const DIRECTORIES: [&str; 3] = ["/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs"];

/// Where OpenSSL looks in CPython's builds for Windows, spelled as it spells it. Only administrators can write there.
#[cfg(windows)]
const FILES: [&str; 1] = [r"C:\Program Files\Common Files\SSL/cert.pem"];
#[cfg(windows)]
const DIRECTORIES: [&str; 1] = [r"C:\Program Files\Common Files\SSL/certs"];

/// The built-in file: the first one that exists, else the first of the list.
#[must_use]
pub fn default_file() -> PathBuf {
    first_existing(&FILES)
}

/// The built-in folder: the first one that exists, else the first of the list.
#[must_use]
pub fn default_directory() -> PathBuf {
    first_existing(&DIRECTORIES)
}

/// The file to load: `SSL_CERT_FILE`, else the built-in one.
#[must_use]
pub fn file() -> PathBuf {
    env::var_os(CERT_FILE_VARIABLE).map_or_else(default_file, PathBuf::from)
}

/// The folders to look into: `SSL_CERT_DIR`, else the built-in one.
#[must_use]
pub fn directories() -> Vec<PathBuf> {
    match env::var_os(CERT_DIR_VARIABLE) {
        Some(list) => env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()).collect(),
        None => vec![default_directory()],
    }
}

/// Whether `SSL_CERT_FILE` or `SSL_CERT_DIR` say what to trust.
#[cfg(any(windows, target_os = "macos"))]
pub(super) fn is_overridden() -> bool {
    env::var_os(CERT_FILE_VARIABLE).is_some() || env::var_os(CERT_DIR_VARIABLE).is_some()
}

/// What the certificate stores of Windows, or the keychains of macOS, trust for TLS servers: those that can be read.
/// They are read each time, so that a certificate which was removed from the system counts no longer.
#[cfg(any(windows, target_os = "macos"))]
pub(super) fn native_certificates() -> Vec<crate::x509::Certificate> {
    let found = rustls_native_certs::load_native_certs().certs;
    found.iter().filter_map(|der| crate::x509::Certificate::from_der(der).ok()).collect()
}

fn first_existing(candidates: &[&str]) -> PathBuf {
    candidates.iter().map(PathBuf::from).find(|path| path.exists()).unwrap_or_else(|| candidates[0].into())
}

#[cfg(all(test, any(windows, target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn the_system_trusts_somebody() {
        assert!(!native_certificates().is_empty());
    }
}

#[cfg(all(test, not(windows)))]
mod default_places {
    use super::*;

    #[test]
    fn they_are_absolute_and_there_where_one_of_them_is() {
        // An empty path would be the working directory.
        for (found, candidates) in [(default_file(), &FILES[..]), (default_directory(), &DIRECTORIES[..])] {
            assert!(
                found.is_absolute() && candidates.iter().any(|path| found == PathBuf::from(path)),
                "{found:?}"
            );
            assert_eq!(
                found.exists(),
                candidates.iter().any(|path| PathBuf::from(path).exists()),
                "{found:?}"
            );
        }
    }
}
