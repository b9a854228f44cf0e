//! The settings of a context, as plain data.

pub(crate) mod combined;
mod counters;

use std::sync::Arc;

#[cfg(feature = "legacy")]
use crate::crypto::DhParameters;
use crate::identity::Identity;
use crate::key_log::KeyLog;
use crate::openssl_names::cipher_list;
use crate::openssl_names::ciphers::{self, CipherName};
use crate::openssl_names::groups::Group;
use crate::trust::TrustStore;
use crate::verify::{Policy, SignatureMemory};

pub use counters::{Count, Counters};

/// A protocol version that exists here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Version {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl Version {
    /// The two bytes on the wire.
    #[must_use]
    pub const fn wire(self) -> u16 {
        match self {
            Self::Tls12 => 0x0303,
            Self::Tls13 => 0x0304,
        }
    }

    /// The name that Python's `SSLSocket.version()` gives.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "TLSv1.2",
            Self::Tls13 => "TLSv1.3",
        }
    }
}

/// The enabled protocol versions. With none enabled, connections fail with `NO_PROTOCOLS_AVAILABLE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Versions {
    /// TLS 1.2 is enabled.
    pub tls12: bool,
    /// TLS 1.3 is enabled.
    pub tls13: bool,
}

impl Versions {
    /// None is enabled.
    pub const NONE: Self = Self { tls12: false, tls13: false };
    /// All that exist here are enabled.
    pub const ALL: Self = Self { tls12: true, tls13: true };

    /// This one is enabled and no other.
    #[must_use]
    pub const fn only(version: Version) -> Self {
        match version {
            Version::Tls12 => Self { tls12: true, ..Self::NONE },
            Version::Tls13 => Self { tls13: true, ..Self::NONE },
        }
    }
}

/// What is asked of the peer's certificate. There is no fourth mode, so programs may match all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyMode {
    /// Dangerous on a client: whatever certificate the server shows will do. That it has the certificate's
    /// key is checked all the same. A server asks for none.
    None,
    /// A server asks for a certificate and verifies it if there is one. On a client the same as `Required`.
    Optional,
    /// There must be one, and it must verify.
    Required,
}

/// Everything that connections of a context have in common. From outside of this crate one is made by changing the fields
/// of [`Settings::default`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Enabled protocol versions. Default: both.
    pub versions: Versions,
    /// What is asked of the peer's certificate. Default: nothing, which is right for servers only.
    pub verify_mode: VerifyMode,
    /// Whether a client compares the server's name. Default: no.
    pub check_hostname: bool,
    /// The knobs of verification.
    pub policy: Policy,
    /// Who is trusted. Default: nobody.
    pub trust: TrustStore,
    /// Who this side is; at most one for each kind of key.
    pub identities: Vec<Identity>,
    /// Application protocols, the preferred one first (RFC 7301).
    pub alpn_protocols: Vec<Vec<u8>>,
    /// The suites of TLS 1.2, the preferred one first; those of TLS 1.3 are always there.
    /// Default: those with authenticated encryption.
    pub cipher_suites: Vec<&'static CipherName>,
    /// The only group for elliptic curves, if one was asked for. Default: X25519, P-256, P-384, P-521 and
    /// X25519MLKEM768.
    pub group: Option<Group>,
    /// A server's parameters for suites with Diffie-Hellman. Default: none, and then none of these suites.
    #[cfg(feature = "legacy")]
    pub dh_parameters: Option<Arc<DhParameters>>,
    /// Whether a server's order of cipher suites goes before the client's. Default: yes.
    pub server_preference: bool,
    /// Whether a server gives out session tickets; without, it remembers sessions itself. Default: yes.
    pub tickets: bool,
    /// Dangerous: take an end of the transport without close_notify for the proper end of the data
    /// (`SSL_OP_IGNORE_UNEXPECTED_EOF`), so that nobody notices when data is cut off. Default: no.
    pub ignore_unexpected_eof: bool,
    /// Dangerous: a client talks to servers of TLS 1.2 that do not say that they renegotiate safely (RFC 5746;
    /// `SSL_OP_LEGACY_SERVER_CONNECT`), so that somebody else may have spoken to them in its name before. Default: no.
    pub legacy_server_connect: bool,
    /// Where secrets are logged, for tools that read captured traffic. Default: nowhere.
    pub key_log: Option<Arc<dyn KeyLog>>,
    /// Whether a client offers to authenticate after the handshake, and whether a server with `verify_mode` asks
    /// clients of TLS 1.3 for nothing before that (RFC 8446 section 4.6.2). Default: no.
    pub post_handshake_auth: bool,
    /// How many tickets a TLS 1.3 server gives out after the handshake. Default: 2.
    pub ticket_count: usize,
    /// Whether signatures of certificates and CRLs that were found right are remembered, for all contexts of the process
    /// ([`crate::verify::SignatureMemory`]), and not computed again. Default: yes.
    pub remember_signatures: bool,
}

impl Settings {
    /// The memory of signatures that verifications under these settings use, if any.
    pub(crate) fn signature_memory(&self) -> Option<&'static SignatureMemory> {
        self.remember_signatures.then(SignatureMemory::shared)
    }

    /// The enabled cipher suites in order: those of TLS 1.3, then the chosen ones of TLS 1.2.
    pub fn suites(&self) -> impl Iterator<Item = &'static CipherName> {
        let tls13 = ciphers::all().filter(|suite| suite.is_tls13());
        tls13.chain(self.cipher_suites.iter().copied())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            versions: Versions::ALL,
            verify_mode: VerifyMode::None,
            check_hostname: false,
            policy: Policy::default(),
            trust: TrustStore::new(),
            identities: Vec::new(),
            alpn_protocols: Vec::new(),
            cipher_suites: cipher_list::default_suites(),
            group: None,
            #[cfg(feature = "legacy")]
            dh_parameters: None,
            server_preference: true,
            tickets: true,
            ignore_unexpected_eof: false,
            legacy_server_connect: false,
            key_log: None,
            post_handshake_auth: false,
            ticket_count: 2,
            remember_signatures: true,
        }
    }
}
