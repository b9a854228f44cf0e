//! A scripted peer: a client or server of TLS 1.2 and 1.3 that can say anything at any time, under the right keys.
//!
//! It is written by hand, so that no library's manners limit it, and talks to a [`Connection`] in memory. Left alone
//! it behaves; a test makes it misbehave in one place:
//!
//! ```
//! use ferrossl::{Connection, Context, Version};
//! use ferrossl_testkit::Pki;
//! use ferrossl_testkit::peer::{Peer, wire::{alert, extension, message}};
//!
//! let context = Context::server();
//! context.use_identity(Pki::new().identity("localhost"));
//! // A message is changed on its way: the header's length follows, and so do the transcript and Finished.
//! let mut peer = Peer::client(Version::Tls13, Connection::server(context.snapshot()));
//! peer.change(message::FINISHED, |body| body[0] ^= 1);
//! let outcome = peer.run();
//! assert_eq!(outcome.alert(), Some(alert::DECRYPT_ERROR));
//! assert!(outcome.error.is_some());
//!
//! // Anything may be sent at any time.
//! let mut peer = Peer::client(Version::Tls13, Connection::server(context.snapshot()));
//! peer.complete_handshake();
//! peer.send_handshake(&[message::FINISHED, 0, 0, 0]);
//! assert_eq!(peer.outcome().alert(), Some(alert::UNEXPECTED_MESSAGE));
//! ```
//!
//! | file | job |
//! |---|---|
//! | [`wire`] | vectors, records, and the numbers of things |
//! | [`crypto`] | suites, HKDF, PRF, key agreement |
//! | [`records`] | sealing and opening |
//! | [`hellos`] | hellos as lists of fields |
//! | `schedule` | secrets of TLS 1.3 and 1.2 |
//! | `talk` | sending and receiving, at the level of bytes, records and messages |
//! | `hooks` | changing, replacing and preceding the steps of the handshake |
//! | `client13`, `server13`, `client12`, `server12` | the steps |
//! | `post_handshake` | tickets, key updates, authentication after the handshake |
//! | `outcome` | what has come of it |
//! | `stage` | contexts and peers for tests |

mod certificates;
mod client12;
mod client13;
pub mod crypto;
pub mod hellos;
mod hooks;
mod outcome;
mod post_handshake;
pub mod records;
mod schedule;
mod server12;
mod server13;
mod setup;
mod signer;
mod stage;
mod talk;
#[cfg(test)]
mod tests;
pub mod wire;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use ferrossl::{Connection, Error, Version};

use crypto::{Share, Suite};
use hellos::{ClientHello, ServerHello};
use hooks::Hooks;
use records::Keys;
use schedule::{Secrets12, Secrets13};

pub use hooks::Step;
pub use outcome::{Alert, Outcome};
pub use setup::{Setup, Ticket};
pub use signer::Signer;
pub use stage::Stage;
pub use talk::Received;

/// Which side the peer plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It speaks first.
    Client,
    /// It answers.
    Server,
}

/// Why a script could not go on: the connection did not say what the next step needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped(pub String);

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stopped {}

/// The outcome of a step that needs an answer.
pub type Flow<T = ()> = Result<T, Stopped>;

/// A scripted peer and the connection that it talks to.
pub struct Peer {
    /// What it offers, chooses and does; may be changed at any time.
    pub setup: Setup,
    /// The connection under examination.
    pub connection: Arc<Connection>,
    /// What the connection has failed with.
    pub error: Option<Error>,
    /// Everything that the connection has sent so far, in order.
    pub records: Vec<Received>,
    /// What the peer seals with; clear text without.
    pub write: Option<Keys>,
    /// What the peer opens with; clear text without.
    pub read: Option<Keys>,
    /// The session tickets that the peer has been given, or has given out.
    pub tickets: Vec<Ticket>,
    role: Role,
    version: Version,
    /// The data that the connection has given to its reader.
    delivered: Vec<u8>,
    /// Whether the connection has told its reader that the peer has closed.
    closed: bool,
    /// Bytes for the connection.
    out: Vec<u8>,
    /// Handshake bytes that are gathered for one record.
    held: Option<Vec<u8>>,
    /// Bytes of the connection's.
    inbox: Vec<u8>,
    /// How many of them have been opened.
    taken: usize,
    /// Handshake bytes of the connection's that are no whole message yet.
    partial: Vec<u8>,
    messages: VecDeque<Vec<u8>>,
    transcript: Vec<u8>,
    hooks: Hooks,
    /// The connection's keys behind its change_cipher_spec in TLS 1.2.
    next_read: Option<Keys>,
    suite: Option<Suite>,
    shares: Vec<Share>,
    client_hello: Option<ClientHello>,
    server_hello: Option<ServerHello>,
    secrets13: Option<Secrets13>,
    secrets12: Option<Secrets12>,
    /// The connection's certificates, its own first.
    certificates: Vec<Vec<u8>>,
    /// A CertificateRequest of the connection's that waits for its answer.
    request: Option<Vec<u8>>,
    /// What the connection has said after the handshake and nobody has taken.
    post_handshake_messages: Vec<Vec<u8>>,
    key_updates: u64,
    resumed: bool,
    done: bool,
}

impl Peer {
    /// A client that talks to a server.
    #[must_use]
    pub fn client(version: Version, server: impl Into<Arc<Connection>>) -> Self {
        Self::new(Role::Client, version, server.into())
    }

    /// A server that talks to a client, and shows this certificate.
    #[must_use]
    pub fn server(
        version: Version,
        signer: impl Into<Arc<Signer>>,
        client: impl Into<Arc<Connection>>,
    ) -> Self {
        let mut peer = Self::new(Role::Server, version, client.into());
        peer.setup.signer = Some(signer.into());
        peer
    }

    fn new(role: Role, version: Version, connection: Arc<Connection>) -> Self {
        Self {
            setup: Setup::new(version),
            connection,
            error: None,
            records: Vec::new(),
            write: None,
            read: None,
            tickets: Vec::new(),
            role,
            version,
            delivered: Vec::new(),
            closed: false,
            out: Vec::new(),
            held: None,
            inbox: Vec::new(),
            taken: 0,
            partial: Vec::new(),
            messages: VecDeque::new(),
            transcript: Vec::new(),
            hooks: Hooks::default(),
            next_read: None,
            suite: None,
            shares: Vec::new(),
            client_hello: None,
            server_hello: None,
            secrets13: None,
            secrets12: None,
            certificates: Vec::new(),
            request: None,
            post_handshake_messages: Vec::new(),
            key_updates: 0,
            resumed: false,
            done: false,
        }
    }

    /// Which side it plays.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The version that it speaks: on a client that offers both, known with the ServerHello.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The ClientHello that was sent or received last.
    #[must_use]
    pub const fn last_client_hello(&self) -> Option<&ClientHello> {
        self.client_hello.as_ref()
    }

    /// The certificates that the connection has shown, its own first.
    #[must_use]
    pub fn peer_certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// Whether the handshake resumed a session.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.resumed
    }

    /// How often the connection has changed its keys since the handshake.
    #[must_use]
    pub const fn key_updates(&self) -> u64 {
        self.key_updates
    }

    /// The handshake's messages so far.
    #[must_use]
    pub fn transcript(&self) -> &[u8] {
        &self.transcript
    }

    /// Does the whole handshake as far as it goes, with whatever the script has put in its way.
    ///
    /// # Errors
    ///
    /// What stopped it.
    pub fn handshake(&mut self) -> Flow {
        match (self.role, self.version) {
            (Role::Client, _) => {
                self.send_client_hello();
                self.receive_server_hello()?;
                if self.version == Version::Tls12 {
                    self.go_on_as_client12()?;
                } else {
                    self.go_on_as_client13()?;
                }
            }
            (Role::Server, Version::Tls12) => self.serve12()?,
            (Role::Server, _) => self.serve13()?,
        }
        self.done = true;
        self.exchange();
        Ok(())
    }

    /// Does the whole handshake, which must combine on both sides.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub fn complete_handshake(&mut self) {
        let result = self.handshake();
        let error = self.error.as_ref();
        assert!(result.is_ok() && error.is_none(), "{result:?}, {error:?}, {:?}", self.alerts());
        assert!(self.connection.negotiated().is_some(), "the connection is not done");
    }

    /// Does the handshake as far as it goes, and says what has come of it.
    pub fn run(&mut self) -> Outcome {
        let stopped = self.handshake().err();
        Outcome { stopped, ..self.outcome() }
    }
}
