//! A session's part in authentication after the handshake: when it may be asked, and what comes of an answer.

use std::sync::Arc;

use crate::engine::config::Resolver;
use crate::engine::connection::RustlsConnection;
use crate::engine::hooks::callback_scope;
use crate::engine::post_handshake_auth::messages::{Client, Handshake, Server};
use crate::engine::verifier::PeerVerifier;
use crate::error::{Error, Failure, Result};
use crate::openssl_names::reasons;
use crate::settings::{VerifyMode, Version};
use crate::verify::VerifiedChain;
use crate::wire::record::HANDSHAKE;

/// How far authentication after the handshake is.
pub(crate) enum PostHandshakeAuth {
    /// Not offered, or not in TLS 1.3.
    None,
    /// This client has offered it.
    OfferedByUs(Arc<Resolver>),
    /// This client answers.
    Client(Box<Client>, Arc<Resolver>),
    /// The client has offered it to this server.
    OfferedByPeer(Arc<PeerVerifier>),
    /// This server asks.
    Server(Box<Server>, Arc<PeerVerifier>, Identity),
}

/// What a server knows of its client.
#[derive(Default)]
pub(crate) struct Identity {
    /// A chain that verifies, of a client that has not proved yet that it is its own.
    claimed: Option<VerifiedChain>,
    /// Who it is, once it has.
    proved: Option<Authenticated>,
}

/// Who the client has turned out to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Authenticated {
    /// Its certificates, its own first, in DER; none when it went without.
    pub(crate) certificates: Vec<Vec<u8>>,
    /// What was verified.
    pub(crate) verified_chain: Option<VerifiedChain>,
}

impl RustlsConnection {
    /// Once the handshake is done, before a key of it is changed: from an offer to the thing itself.
    pub(crate) fn begin_post_handshake_auth(&mut self) {
        if self.is_handshaking()
            || matches!(
                self.post_handshake_auth,
                PostHandshakeAuth::None | PostHandshakeAuth::Client(..) | PostHandshakeAuth::Server(..)
            )
        {
            return;
        }
        let post_handshake_auth = std::mem::replace(&mut self.post_handshake_auth, PostHandshakeAuth::None);
        if self.version() != Some(Version::Tls13) {
            return;
        }
        let keys = match &post_handshake_auth {
            PostHandshakeAuth::OfferedByUs(_) => self.scope.sealing_key_count,
            _ => self.scope.opening_key_count,
        };
        let secret = self.scope.client_secret.take();
        let transcript = self.scope.handshake_log.transcript.take();
        let handshake = transcript
            .zip(secret)
            .and_then(|(transcript, secret)| Handshake::new(&transcript, &secret, keys));
        self.post_handshake_auth = match (post_handshake_auth, handshake) {
            (PostHandshakeAuth::OfferedByUs(identities), Some(handshake)) => {
                PostHandshakeAuth::Client(Box::new(Client::new(handshake)), identities)
            }
            (PostHandshakeAuth::OfferedByPeer(verifier), Some(handshake)) => {
                PostHandshakeAuth::Server(Box::new(Server::new(handshake)), verifier, Identity::default())
            }
            _ => PostHandshakeAuth::None,
        };
    }

    /// Takes a whole message that is for authentication after the handshake.
    pub(crate) fn take_post_handshake_auth(&mut self, message: &[u8]) -> Result<(), Failure> {
        if matches!(self.post_handshake_auth, PostHandshakeAuth::Client(..)) {
            if self.has_closed {
                return Ok(());
            }
            // The Finished of the answer is made for the key that seals it, so no change of keys may come between.
            let mut records = std::mem::take(&mut self.queued);
            let settled = self.sealing(&mut records);
            self.queued = records;
            settled.map_err(Failure::silent)?;
        }
        let answer = match &mut self.post_handshake_auth {
            PostHandshakeAuth::Client(client, identities) => {
                client.answer(message, self.scope.sealing_key_count, |schemes| {
                    identities.choose(schemes, true)
                })?
            }
            PostHandshakeAuth::Server(server, verifier, identity) => {
                let keys = self.scope.opening_key_count;
                // The verifier leaves its verdict with the connection.
                self.scope.verdict = None;
                let proved =
                    callback_scope::enter(&mut self.scope, || server.answered(message, keys, &**verifier));
                let verdict = self.scope.verdict.take();
                let proved = proved?;
                if let Some(Ok(chain)) = verdict {
                    identity.claimed = Some(chain);
                }
                if let Some(certificates) = proved {
                    let verified_chain = identity.claimed.take();
                    identity.proved = Some(Authenticated { certificates, verified_chain });
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        self.bear_answer(answer.len())?;
        self.queue(HANDSHAKE, &answer).map_err(Failure::silent)
    }

    /// Has a server ask the client for a certificate.
    pub(crate) fn request_client_certificate(&mut self) -> Result<()> {
        let fail = |reason| Err(Error::protocol(reason, ""));
        if self.version() != Some(Version::Tls13) {
            return fail(reasons::WRONG_SSL_VERSION);
        }
        if self.has_closed {
            return fail(reasons::PROTOCOL_IS_SHUTDOWN);
        }
        let request = match &mut self.post_handshake_auth {
            PostHandshakeAuth::Client(..) => return fail(reasons::NOT_SERVER),
            PostHandshakeAuth::Server(_, verifier, _) if verifier.mode == VerifyMode::None => {
                return fail(reasons::INVALID_CONFIG);
            }
            PostHandshakeAuth::Server(server, verifier, _) => {
                let schemes: Vec<u16> = verifier.schemes().into_iter().map(u16::from).collect();
                server.request(&schemes)?
            }
            _ => return fail(reasons::EXTENSION_NOT_RECEIVED),
        };
        self.queue(HANDSHAKE, &request)
    }

    /// Who the client has turned out to be after the handshake, if it was asked and has answered.
    pub(crate) fn post_handshake_identity(&self) -> Option<&Authenticated> {
        match &self.post_handshake_auth {
            PostHandshakeAuth::Server(_, _, identity) => identity.proved.as_ref(),
            _ => None,
        }
    }
}
