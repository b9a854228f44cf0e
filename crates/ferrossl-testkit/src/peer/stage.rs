//! Contexts on both sides, and peers that talk to connections of them.

use std::sync::Arc;

use ferrossl::{Connection, Context, VerifyMode, Version};

use super::{Peer, Signer};
use crate::{KeyKind, Leaf, Pki, contexts};

/// Contexts that trust each other's authority, and scripted peers for either side of them.
pub struct Stage {
    /// Who signs everybody's certificates.
    pub pki: Pki,
    /// The context of the clients under examination.
    pub client: Context,
    /// The context of the servers under examination.
    pub server: Context,
    signer: Arc<Signer>,
}

impl Stage {
    /// A stage on which everybody has a key of this kind, the authority too.
    #[must_use]
    pub fn new(kind: KeyKind) -> Self {
        let pki = Pki::with_key(kind);
        let leaf = Leaf { key: kind, ..Leaf::default() };
        let (client, server) = contexts(&pki, pki.issue(&leaf));
        let signer = Arc::new(pki.signer(&leaf));
        Self { pki, client, server, signer }
    }

    /// A scripted client, and a connection of [`Self::server`] for it.
    #[must_use]
    pub fn scripted_client(&self, version: Version) -> Peer {
        Peer::client(version, Connection::server(self.server.snapshot()))
    }

    /// A scripted server, and a connection of [`Self::client`] for it.
    ///
    /// # Panics
    ///
    /// When the context does not let a client begin.
    #[must_use]
    pub fn scripted_server(&self, version: Version) -> Peer {
        let client = Connection::client(&self.client.snapshot(), Some("localhost")).expect("a client");
        Peer::server(version, Arc::clone(&self.signer), client)
    }

    /// What scripted servers sign with; it serves clients as well.
    #[must_use]
    pub fn signer(&self) -> Arc<Signer> {
        Arc::clone(&self.signer)
    }

    /// Has both contexts do authentication after the handshake: the client shows a certificate, the server wants one.
    ///
    /// # Panics
    ///
    /// Never: the PKI is its own.
    pub fn take_post_handshake_auth(&self) {
        self.client.use_identity(self.pki.identity("somebody"));
        self.client.update(|settings| settings.post_handshake_auth = true);
        self.server.trust_pem(self.pki.authority_pem().as_bytes()).expect("the authority's own PEM");
        self.server.update(|settings| {
            settings.post_handshake_auth = true;
            settings.verify_mode = VerifyMode::Required;
        });
    }
}
