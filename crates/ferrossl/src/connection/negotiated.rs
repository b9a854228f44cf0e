//! What a handshake agreed on, kept for as long as the connection lives.

use crate::engine::RustlsConnection;
use crate::openssl_names::ciphers::{self, CipherName};
use crate::settings::Version;
use crate::verify::{UnjudgedChain, VerifiedChain};

/// What a handshake agreed on.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Negotiated {
    /// The protocol version.
    pub version: Version,
    /// The cipher suite.
    pub cipher: &'static CipherName,
    /// The application protocol (RFC 7301).
    pub alpn_protocol: Option<Vec<u8>>,
    /// The certificates that the peer sent, its own first, in DER. Verified or not. On a server's resumed session
    /// the client's own alone.
    pub peer_certificates: Vec<Vec<u8>>,
    /// The chain that was verified; `None` when nothing was, and on a resumed session.
    pub verified_chain: Option<VerifiedChain>,
    /// The chain that was put together and not judged, where `verify_mode` asks for no verification; `None` where one
    /// was verified, on a resumed session, and where there is no certificate.
    pub unjudged_chain: Option<UnjudgedChain>,
    /// The suites that the client offered and this server knows, in the server's order; `None` on a client.
    pub shared_ciphers: Option<Vec<&'static CipherName>>,
    /// Whether an earlier session was resumed.
    pub resumed: bool,
}

impl Negotiated {
    pub(super) fn new(connection: &RustlsConnection) -> Self {
        Self {
            // The engine has both once the handshake is done, and no version or suite outside these tables.
            version: connection.version().expect("a finished handshake has a version"),
            cipher: connection
                .cipher_suite()
                .and_then(ciphers::by_wire)
                .expect("a finished handshake has a suite of ours"),
            alpn_protocol: connection.alpn_protocol(),
            peer_certificates: connection.peer_certificates(),
            verified_chain: connection.verified_chain(),
            unjudged_chain: connection.unjudged_chain(),
            shared_ciphers: connection
                .shared_ciphers()
                .map(|offered| offered.iter().filter_map(|&wire| ciphers::by_wire(wire)).collect()),
            resumed: connection.is_resumed(),
        }
    }
}
