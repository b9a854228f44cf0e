//! Contexts: settings that may change at any time, and the immutable snapshots that connections share.

mod snapshot;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

#[cfg(feature = "legacy")]
use crate::crypto::DhParameters;
use crate::error::{AtPath, Error, Result};
use crate::identity::{self, Identity, PasswordSource};
use crate::openssl_names::cipher_list;
use crate::sync;
use crate::trust::{Bundle, TrustStore};
use crate::verify::{ExpectedName, Purpose, Verification, VerifiedChain};
use crate::x509::Certificate;

pub use crate::settings::{Count, Counters, Settings, VerifyMode, Version, Versions};
pub use snapshot::Snapshot;

/// Settings for many connections. Every method may be called at any time and from any thread; a change
/// counts for the connections that are made after it, never for live ones.
#[derive(Debug)]
pub struct Context {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    settings: Settings,
    generation: u64,
    compiled: Option<Arc<Snapshot>>,
    /// What the last snapshot leaves to the next.
    memory: Option<snapshot::Memory>,
    counters: Arc<Counters>,
}

impl State {
    fn change<R>(&mut self, change: impl FnOnce(&mut Settings) -> R) -> R {
        self.generation += 1;
        self.compiled = None;
        change(&mut self.settings)
    }
}

impl Context {
    /// A context with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let counters = Arc::default();
        Self { state: Mutex::new(State { settings, generation: 0, compiled: None, memory: None, counters }) }
    }

    /// A context for clients: the server's certificate and its name must verify. It trusts nobody yet.
    #[must_use]
    pub fn client() -> Self {
        Self::new(Settings { verify_mode: VerifyMode::Required, check_hostname: true, ..Settings::default() })
    }

    /// A context for servers: clients need no certificate. It has no certificate yet.
    #[must_use]
    pub fn server() -> Self {
        Self::new(Settings::default())
    }

    // The state is whole between any two statements, so a panic elsewhere leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state)
    }

    /// A copy of the settings.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Looks at the settings without copying them. `look` must be short: it runs under the context's lock.
    pub fn with_settings<R>(&self, look: impl FnOnce(&Settings) -> R) -> R {
        look(&self.lock().settings)
    }

    /// Changes the settings, and so begins a new generation. `change` must be short: it runs under the context's lock.
    pub fn update<R>(&self, change: impl FnOnce(&mut Settings) -> R) -> R {
        self.lock().change(change)
    }

    /// How often the settings have changed.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.lock().generation
    }

    /// What has happened to this context's connections.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.lock().counters)
    }

    /// The settings as connections share them; made anew only after a change.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        let mut state = self.lock();
        if let Some(snapshot) = &state.compiled {
            return Arc::clone(snapshot);
        }
        let (settings, counters) = (state.settings.clone(), Arc::clone(&state.counters));
        let snapshot = Arc::new(Snapshot::new(settings, counters, state.memory.as_ref()));
        state.memory = Some(snapshot.memory().clone());
        state.compiled = Some(Arc::clone(&snapshot));
        snapshot
    }

    /// Trusts what the system trusts, or what `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
    /// What cannot be read there is left out; see [`TrustStore::add_system`].
    pub fn trust_system(&self) {
        let mut added = TrustStore::new();
        added.add_system();
        self.update(|settings| settings.trust.extend(added));
    }

    /// Trusts the certificates of the default file and folder; see [`TrustStore::add_default_paths`]. On Windows and
    /// macOS that is not what the system trusts: [`Self::trust_system`] is.
    pub fn trust_default_paths(&self) {
        let mut added = TrustStore::new();
        added.add_default_paths();
        self.update(|settings| settings.trust.extend(added));
    }

    /// Trusts the certificates of a PEM file.
    ///
    /// # Errors
    ///
    /// [`Error::File`] when it cannot be read, `X509: NO_CERTIFICATE_OR_CRL_FOUND` when it has none.
    pub fn trust_file(&self, path: impl AsRef<Path>) -> Result<()> {
        // Read without the context's lock, so that nobody waits for a disk.
        let mut added = TrustStore::new();
        added.add_file(path.as_ref())?;
        self.update(|settings| settings.trust.extend(added));
        Ok(())
    }

    /// Trusts the certificates of a folder with names as `openssl rehash` makes them.
    pub fn trust_directory(&self, path: impl AsRef<Path>) {
        self.update(|settings| settings.trust.add_directory(path.as_ref().to_owned()));
    }

    /// Trusts the certificates of a PEM text.
    ///
    /// # Errors
    ///
    /// `PEM: NO_START_LINE` when it has none.
    pub fn trust_pem(&self, text: &[u8]) -> Result<()> {
        self.trust_bundle(Bundle::from_pem(text)?);
        Ok(())
    }

    /// Trusts certificates that were read before.
    pub fn trust_bundle(&self, bundle: Bundle) {
        self.update(|settings| settings.trust.add_bundle(Arc::new(bundle)));
    }

    /// Verifies a chain without a connection: certificates, the peer's own first and the others in any order, by this
    /// context's trust and policy, whatever its `verify_mode` is. Without `expected` no name is compared. `time` is in
    /// seconds since 1970 (UTC).
    ///
    /// # Errors
    ///
    /// [`Error::Verification`] with the first verdict against the chain, [`Error::Setting`] when there is no certificate.
    pub fn verify_chain(
        &self,
        chain: &[Arc<Certificate>],
        purpose: Purpose,
        expected: Option<&ExpectedName>,
        time: i64,
    ) -> Result<VerifiedChain> {
        let Some((leaf, untrusted)) = chain.split_first() else {
            return Err(Error::Setting("there is no certificate to verify".into()));
        };
        // A folder of the trust store is looked into on the way, without the context's lock.
        let (trust, policy, memory) = self
            .with_settings(|settings| (settings.trust.clone(), settings.policy, settings.signature_memory()));
        let counters = self.counters();
        let verification = Verification::new(Arc::clone(leaf), &trust, purpose, time)
            .with_untrusted(untrusted)
            .with_policy(policy)
            .with_memory(memory)
            .with_counts(&counters.signatures)
            .with_expected_name(expected);
        Ok(verification.run()?)
    }

    /// Uses the certificate chain and the private key of two PEM files; without `key`, both stand in `chain`.
    ///
    /// # Errors
    ///
    /// [`Error::File`] when one cannot be read, `SSL: EE_KEY_TOO_SMALL`, `CA_KEY_TOO_SMALL` or `CA_MD_TOO_WEAK` for what is
    /// weaker than the security level asks, else those of [`Identity::from_pem`].
    pub fn use_identity_files(
        &self,
        chain: impl AsRef<Path>,
        key: Option<&Path>,
        password: Option<&mut PasswordSource<'_>>,
    ) -> Result<()> {
        let chain_path = chain.as_ref();
        let text = fs::read(chain_path).map(zeroize::Zeroizing::new).at(chain_path)?;
        let chain = Identity::chain_from_pem(&text).map_err(|error| error.in_file(chain_path))?;
        let level = self.with_settings(|settings| settings.policy.security_level);
        identity::check_strength(&chain, level).map_err(|error| error.in_file(chain_path))?;
        let key_path = key.unwrap_or(chain_path);
        let key = match key {
            Some(key) => fs::read(key).map(zeroize::Zeroizing::new).at(key)?,
            None => text,
        };
        let identity =
            Identity::with_key_from_pem(chain, &key, password).map_err(|error| error.in_file(key_path))?;
        self.use_identity(identity);
        Ok(())
    }

    /// Uses this identity; it takes the place of an earlier one with the same kind of key.
    pub fn use_identity(&self, identity: Identity) {
        self.update(|settings| {
            settings.identities.retain(|known| !known.same_kind(&identity));
            settings.identities.push(identity);
        });
    }

    /// Chooses the suites of TLS 1.2 by a cipher list of OpenSSL's ([`crate::openssl_names::cipher_list`]), which may set
    /// the security level too.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] when the list leaves no suite that could be used; then nothing has changed. A list of suites
    /// that are not here leaves those of TLS 1.3, if that is enabled.
    pub fn set_ciphers(&self, list: &str) -> Result<()> {
        let refusal = |why: &str| Error::Setting(format!("No cipher can be selected. {why}"));
        let chosen = cipher_list::parse(list).map_err(|why| refusal(&why))?;
        let mut state = self.lock();
        if chosen.suites.is_empty() && !state.settings.versions.tls13 {
            return Err(refusal(&chosen.not_here));
        }
        state.change(|settings| {
            settings.cipher_suites = chosen.suites;
            if let Some(level) = chosen.security_level {
                settings.policy.security_level = level;
            }
        });
        Ok(())
    }

    /// Uses these parameters for Diffie-Hellman on a server (TLS 1.2).
    #[cfg(feature = "legacy")]
    pub fn use_dh_parameters(&self, parameters: DhParameters) {
        self.update(|settings| settings.dh_parameters = Some(Arc::new(parameters)));
    }

    /// Offers (client) or accepts (server) these application protocols, the preferred one first.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a name that is empty or longer than 255 bytes (RFC 7301 section 3.1).
    pub fn set_alpn_protocols(&self, protocols: &[&[u8]]) -> Result<()> {
        if protocols.iter().any(|name| name.is_empty() || name.len() > 255) {
            return Err(Error::Setting("ALPN protocols must be 1 to 255 bytes long".into()));
        }
        let protocols = protocols.iter().map(|name| name.to_vec()).collect();
        self.update(|settings| settings.alpn_protocols = protocols);
        Ok(())
    }
}
