//! What a peer offers, chooses and does when it is left alone.

use std::sync::Arc;

use ferrossl::Version;

use super::Signer;
use super::crypto::{SUITES_12, SUITES_13};
use super::wire::{group, scheme};

/// What a peer is like. Everything may be changed, before the handshake or in the middle of it.
#[derive(Clone)]
pub struct Setup {
    /// The versions that a client offers; a server speaks the first one.
    pub versions: Vec<Version>,
    /// The cipher suites that a client offers. A server takes the first of them that the client offers too.
    pub suites: Vec<u16>,
    /// The groups that a client offers.
    pub groups: Vec<u16>,
    /// The groups that a client sends its half of. A server takes the first for which it is sent one.
    pub shares: Vec<u16>,
    /// The signature schemes that this side says it can check.
    pub schemes: Vec<u16>,
    /// Who this side is.
    pub signer: Option<Arc<Signer>>,
    /// The scheme of its signatures, if it shall not be that of its key.
    pub scheme: Option<u16>,
    /// The host name that a client asks for.
    pub server_name: Option<String>,
    /// Application protocols: those that a client offers, the one that a server chooses.
    pub alpn: Vec<Vec<u8>>,
    /// Whether TLS 1.2 is to have an extended master secret.
    pub extended_master_secret: bool,
    /// Whether a client offers to authenticate after the handshake.
    pub post_handshake_auth: bool,
    /// Whether a server asks for a certificate in the handshake.
    pub ask_for_certificate: bool,
    /// The group that a server of TLS 1.3 demands by a HelloRetryRequest.
    pub retry_with: Option<u16>,
    /// The session that a client asks to resume.
    pub ticket: Option<Ticket>,
    /// The sessions that a server resumes.
    pub known_tickets: Vec<Ticket>,
    /// What a client of TLS 1.3 sends as early data, record by record. It needs a ticket.
    pub early_data: Vec<Vec<u8>>,
    /// Whether the change_cipher_spec of TLS 1.3 is sent (RFC 8446 appendix D.4).
    pub middlebox: bool,
    /// The most handshake bytes in a record.
    pub record_size: usize,
    /// Whether the messages of a flight share records, as far as keys allow.
    pub together: bool,
    /// Whether a request for new keys is answered.
    pub answer_key_updates: bool,
    /// The most bytes that the connection is fed at once.
    pub piece: usize,
}

impl Setup {
    /// The habits of a peer that speaks this version and no other.
    #[must_use]
    pub fn new(version: Version) -> Self {
        Self {
            versions: vec![version],
            suites: if version == Version::Tls12 { SUITES_12.to_vec() } else { SUITES_13.to_vec() },
            groups: vec![group::X25519, group::SECP256R1],
            shares: vec![group::X25519, group::SECP256R1],
            schemes: vec![
                scheme::ECDSA_P256_SHA256,
                scheme::ECDSA_P384_SHA384,
                scheme::ED25519,
                scheme::RSA_PSS_SHA256,
                scheme::RSA_PSS_SHA512,
                scheme::RSA_PKCS1_SHA256,
            ],
            signer: None,
            scheme: None,
            server_name: Some("localhost".into()),
            alpn: Vec::new(),
            extended_master_secret: true,
            post_handshake_auth: false,
            ask_for_certificate: false,
            retry_with: None,
            ticket: None,
            known_tickets: Vec::new(),
            early_data: Vec::new(),
            middlebox: true,
            record_size: 1 << 14,
            together: false,
            answer_key_updates: true,
            piece: usize::MAX,
        }
    }

    /// Has a client offer both versions.
    pub fn offer_both_versions(&mut self) {
        self.versions = vec![Version::Tls13, Version::Tls12];
        self.suites = [&SUITES_13[..], &SUITES_12].concat();
    }

    pub(super) fn speaks(&self, version: Version) -> bool {
        self.versions.contains(&version)
    }
}

/// A session that can be resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// What is sent.
    pub identity: Vec<u8>,
    /// The pre-shared key of TLS 1.3, or the master secret of TLS 1.2.
    pub secret: Vec<u8>,
    /// The cipher suite.
    pub suite: u16,
    /// What the ticket's age is hidden with.
    pub age_add: u32,
    /// The nonce that the server has sent (TLS 1.3).
    pub nonce: Vec<u8>,
    /// The extensions that the server has sent, with their length (TLS 1.3).
    pub extensions: Vec<u8>,
    /// Whether a session of TLS 1.2 has an extended master secret.
    pub extended: bool,
}
