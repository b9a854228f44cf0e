//! What outlives a change of settings: ticket keys and remembered sessions of a server, and what a client's sessions
//! hang on, for as long as nothing changes that says who may resume and as whom.
//!
//! A resumed session is not verified again. So it must have been made under the very terms that count now: whom the
//! settings trust, what they ask of a certificate and when, and which versions they allow. Everything else, a renewed
//! certificate of a server for one, leaves the sessions alone.
//!
//! Relies on: a rustls client resumes a session only under the same verifier and the same identities, compared by
//! address, and a rustls server takes back what its own ticketer or store has given out, under any other settings.

use std::sync::{Arc, OnceLock};

use rustls::crypto::aws_lc_rs;
use rustls::server::ProducesTickets;

use crate::engine::identities::Identities;
use crate::engine::resumption::server_cache::ServerCache;
use crate::engine::verifier::PeerVerifier;
use crate::error::{Error, Result};
use crate::settings::{Counters, Settings, VerifyMode, Versions};
use crate::trust::TrustStore;
use crate::verify::{Policy, Purpose};

/// What a peer's certificate has to pass.
struct Verification {
    mode: VerifyMode,
    policy: Policy,
    trust: TrustStore,
}

impl Verification {
    fn of(settings: &Settings) -> Self {
        Self { mode: settings.verify_mode, policy: settings.policy, trust: settings.trust.clone() }
    }

    fn is_that_of(&self, settings: &Settings) -> bool {
        self.mode == settings.verify_mode
            && self.policy == settings.policy
            && self.trust.is_same(&settings.trust)
    }
}

/// A server's.
pub(crate) struct ServerMemory {
    versions: Versions,
    /// Whether clients are asked for a certificate after the handshake only.
    post_handshake_auth: bool,
    /// `None` where clients are asked for no certificate at all.
    verification: Option<Verification>,
    pub(crate) sessions: Arc<ServerCache>,
    ticketer: OnceLock<Option<Arc<dyn ProducesTickets>>>,
}

impl ServerMemory {
    /// The last generation's, if these settings let the same clients in by the same proofs, or a new one.
    pub(crate) fn following(
        last: Option<&Arc<Self>>,
        settings: &Settings,
        counters: &Arc<Counters>,
    ) -> Arc<Self> {
        match last {
            Some(last) if last.is_for(settings) => Arc::clone(last),
            _ => Arc::new(Self {
                versions: settings.versions,
                post_handshake_auth: settings.post_handshake_auth,
                verification: (settings.verify_mode != VerifyMode::None).then(|| Verification::of(settings)),
                sessions: Arc::new(ServerCache::new(Arc::clone(counters))),
                ticketer: OnceLock::new(),
            }),
        }
    }

    fn is_for(&self, settings: &Settings) -> bool {
        self.versions == settings.versions
            && match &self.verification {
                None => settings.verify_mode == VerifyMode::None,
                Some(verification) => {
                    self.post_handshake_auth == settings.post_handshake_auth
                        && verification.is_that_of(settings)
                }
            }
    }

    pub(crate) fn ticketer(&self) -> Result<Arc<dyn ProducesTickets>> {
        self.ticketer
            .get_or_init(|| aws_lc_rs::Ticketer::new().ok())
            .clone()
            .ok_or_else(|| Error::internal("no random numbers for ticket keys"))
    }
}

/// A client's.
pub(crate) struct ClientMemory {
    versions: Versions,
    check_hostname: bool,
    verification: Verification,
    /// The verifier has it, and sessions hang on the verifier.
    remember_signatures: bool,
    /// The certificates that this client can show, in DER.
    identities: Vec<Vec<Vec<u8>>>,
    made: OnceLock<(Arc<PeerVerifier>, Arc<Identities>)>,
}

impl ClientMemory {
    /// The last generation's, if these settings demand the same of servers and show them the same, or a new one.
    pub(crate) fn following(last: Option<&Arc<Self>>, settings: &Settings) -> Arc<Self> {
        match last {
            Some(last) if last.is_for(settings) => Arc::clone(last),
            _ => Arc::new(Self {
                versions: settings.versions,
                check_hostname: settings.check_hostname,
                verification: Verification::of(settings),
                remember_signatures: settings.remember_signatures,
                identities: shown(settings),
                made: OnceLock::new(),
            }),
        }
    }

    fn is_for(&self, settings: &Settings) -> bool {
        self.versions == settings.versions
            && self.check_hostname == settings.check_hostname
            && self.remember_signatures == settings.remember_signatures
            && self.verification.is_that_of(settings)
            && self.identities == shown(settings)
    }

    /// The verifier and the identities, made when first needed.
    pub(crate) fn verifier(
        &self,
        settings: &Settings,
        counters: &Arc<Counters>,
    ) -> (Arc<PeerVerifier>, Arc<Identities>) {
        let make =
            || (PeerVerifier::new(settings, Purpose::Server, counters), Arc::new(Identities::new(settings)));
        self.made.get_or_init(make).clone()
    }
}

fn shown(settings: &Settings) -> Vec<Vec<Vec<u8>>> {
    let chain = |identity: &crate::identity::Identity| {
        identity.chain().iter().map(|certificate| certificate.der().to_vec()).collect()
    };
    settings.identities.iter().map(chain).collect()
}
