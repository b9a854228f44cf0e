//! Where the system keeps its trusted certificates, and the variables that override that.

use std::env;
use std::path::PathBuf;

/// Names the file with the trusted certificates (`X509_get_default_cert_file_env`).
pub const CERT_FILE_VARIABLE: &str = "SSL_CERT_FILE";
/// Names the folders with the trusted certificates, separated like `PATH` (`X509_get_default_cert_dir_env`).
pub const CERT_DIR_VARIABLE: &str = "SSL_CERT_DIR";

/// The bundles of Linux distributions and BSDs, the most common first; the first that exists is used.
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
const DIRECTORIES: [&str; 3] = ["/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs"];

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

fn first_existing(candidates: &[&str]) -> PathBuf {
    candidates.iter().map(PathBuf::from).find(|path| path.exists()).unwrap_or_else(|| candidates[0].into())
}
