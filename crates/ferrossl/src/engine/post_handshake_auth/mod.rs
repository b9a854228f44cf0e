//! Authentication of clients after the handshake (RFC 8446 section 4.6.2), which rustls does not have: how far it is, and what
//! comes of an answer. `messages.rs` has what is said, `transcript.rs` what is signed.

pub(crate) mod messages;
pub(crate) mod transcript;

use std::sync::Arc;

use super::hooks::callback_scope::{self, CallbackScope};
use super::identities::Identities;
use super::verifier::PeerVerifier;
use crate::error::{Error, Failure, Result};
use crate::openssl_names::reasons;
use crate::settings::VerifyMode;
use crate::verify::VerifiedChain;
use crate::wire::handshake::handshake_type;
use messages::{Client, Handshake, Server};

/// How far authentication after the handshake is.
pub(crate) enum PostHandshakeAuth {
    /// Not offered, or not in TLS 1.3.
    None,
    /// This client has offered it.
    OfferedByUs(Arc<Identities>),
    /// This client answers.
    Client(Box<Client>, Arc<Identities>),
    /// The client has offered it to this server.
    OfferedByPeer(Arc<PeerVerifier>),
    /// This server asks.
    Server(Box<Server>, Arc<PeerVerifier>, ClientIdentity),
}

/// What a server knows of its client.
#[derive(Default)]
pub(crate) struct ClientIdentity {
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

impl PostHandshakeAuth {
    /// Whether it waits for the end of the handshake.
    pub(crate) const fn is_only_offered(&self) -> bool {
        matches!(self, Self::OfferedByUs(_) | Self::OfferedByPeer(_))
    }

    /// Where the handshake is done and no key of it was changed: from an offer to the thing itself.
    pub(crate) fn begin(&mut self, scope: &mut CallbackScope) {
        let offer = std::mem::replace(self, Self::None);
        let key_count = match &offer {
            Self::OfferedByUs(_) => scope.keys.sealing_key_count,
            _ => scope.keys.opening_key_count,
        };
        let transcript = scope.handshake_log.transcript.take();
        let handshake =
            transcript.zip(scope.secrets.as_ref().filter(|secrets| secrets.are_there(true))).and_then(
                |(transcript, secrets)| Handshake::new(&transcript, secrets.client.as_bytes(), key_count),
            );
        *self = match (offer, handshake) {
            (Self::OfferedByUs(identities), Some(handshake)) => {
                Self::Client(Box::new(Client::new(handshake)), identities)
            }
            (Self::OfferedByPeer(verifier), Some(handshake)) => {
                Self::Server(Box::new(Server::new(handshake)), verifier, ClientIdentity::default())
            }
            _ => Self::None,
        };
    }

    /// Gives up what was offered: the version has no such thing.
    pub(crate) fn withdraw(&mut self) {
        *self = Self::None;
    }

    /// Whether this side is a client that answers requests.
    pub(crate) const fn is_client(&self) -> bool {
        matches!(self, Self::Client(..))
    }

    /// Whether this server has asked and not got the whole answer; `None` on everybody else.
    pub(crate) fn awaits_answer(&self) -> Option<bool> {
        match self {
            Self::Server(server, ..) => Some(server.awaits_answer()),
            _ => None,
        }
    }

    /// Whether a part of the answer to this server's request is there, and not all of it.
    pub(crate) fn is_being_answered(&self) -> bool {
        matches!(self, Self::Server(server, ..) if server.is_being_answered())
    }

    /// Whether a handshake message of this type belongs here.
    pub(crate) fn takes(&self, kind: u8) -> bool {
        match self {
            Self::Client(..) => kind == handshake_type::CERTIFICATE_REQUEST,
            // The messages of an answer follow one another, and nothing else comes between.
            Self::Server(server, ..) if server.is_being_answered() => true,
            Self::Server(server, ..) => {
                server.awaits_answer()
                    && matches!(
                        kind,
                        handshake_type::CERTIFICATE
                            | handshake_type::CERTIFICATE_VERIFY
                            | handshake_type::FINISHED
                    )
            }
            _ => false,
        }
    }

    /// Takes a whole message that belongs here. What a client answers.
    pub(crate) fn take_message(
        &mut self,
        message: &[u8],
        scope: &mut Box<CallbackScope>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::Client(client, identities) => {
                let key_count = scope.keys.sealing_key_count;
                client.answer(message, key_count, |schemes| identities.choose(schemes, true)).map(Some)
            }
            Self::Server(server, verifier, identity) => {
                let key_count = scope.keys.opening_key_count;
                // The verifier leaves its verdict in the scope.
                scope.verification.verdict = None;
                let proved =
                    callback_scope::enter(scope, || server.answered(message, key_count, &**verifier));
                let verdict = scope.verification.verdict.take();
                let proved = proved?;
                if let Some(Ok(chain)) = verdict {
                    identity.claimed = Some(chain);
                }
                if let Some(certificates) = proved {
                    let verified_chain = identity.claimed.take();
                    identity.proved = Some(Authenticated { certificates, verified_chain });
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// A server's request for a certificate, to be sent.
    pub(crate) fn request(&mut self) -> Result<Vec<u8>> {
        let fail = |reason| Err(Error::Misuse { reason });
        match self {
            Self::Client(..) => fail(reasons::NOT_SERVER),
            Self::Server(_, verifier, _) if verifier.mode == VerifyMode::None => {
                fail(reasons::INVALID_CONFIG)
            }
            Self::Server(server, verifier, _) => {
                let schemes: Vec<u16> = verifier.schemes().into_iter().map(u16::from).collect();
                server.request(&schemes)
            }
            _ => fail(reasons::EXTENSION_NOT_RECEIVED),
        }
    }

    /// Who the client has turned out to be, if it was asked and has answered.
    pub(crate) const fn identity(&self) -> Option<&Authenticated> {
        match self {
            Self::Server(_, _, identity) => identity.proved.as_ref(),
            _ => None,
        }
    }
}
