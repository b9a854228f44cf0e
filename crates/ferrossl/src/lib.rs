//! TLS for sockets: the vocabulary of Python's `ssl` module, over rustls and aws-lc.
//!
//! # A tour
//!
//! A [`Context`] holds settings for many connections. A client's asks for a certificate that verifies and
//! names the right host; it only has to be told whom to trust:
//!
//! ```no_run
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//! use ferrossl::{Context, SslSocket};
//!
//! let context = Context::client();
//! context.trust_system();
//! let stream = TcpStream::connect(("example.org", 443))?;
//! let mut socket = SslSocket::connect(&context, stream, "example.org")?;
//! socket.write_all(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n")?;
//! let mut page = Vec::new();
//! socket.read_to_end(&mut page)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A server's context needs an identity: a certificate chain and its private key.
//!
//! ```no_run
//! use std::net::TcpListener;
//! use ferrossl::{Context, SslSocket};
//!
//! let context = Context::server();
//! context.use_identity_files("server.pem", None, None)?;
//! let listener = TcpListener::bind(("127.0.0.1", 8443))?;
//! let (stream, _) = listener.accept()?;
//! let socket = SslSocket::accept(&context, stream)?;
//! println!("{:?}", socket.negotiated());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Both in one process, without a network. A [`MemoryConnection`] reads from one queue and writes to another:
//!
//! ```
//! use std::sync::Arc;
//! use ferrossl::{Connection, Context, Error, Identity, MemoryBio, MemoryConnection};
//!
//! // A certificate to play with, by the crate rcgen.
//! let made = rcgen::generate_simple_self_signed(["example.org".to_owned()])?;
//! let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
//! let server_context = Context::server();
//! server_context.use_identity(Identity::from_pem(certificate.as_bytes(), key.as_bytes(), None)?);
//! let client_context = Context::client();
//! client_context.trust_pem(certificate.as_bytes())?;
//!
//! let (up, down) = (Arc::new(MemoryBio::new()), Arc::new(MemoryBio::new()));
//! let client = Connection::client(&client_context.snapshot(), Some("example.org"))?;
//! let client = MemoryConnection::new(client, down.clone(), up.clone());
//! let server = MemoryConnection::new(Connection::server(server_context.snapshot()), up, down);
//!
//! // Each side says WantRead when it is the other's turn.
//! assert!(matches!(client.handshake(), Err(Error::WantRead)));
//! assert!(matches!(server.handshake(), Err(Error::WantRead)));
//! client.handshake()?;
//! server.handshake()?;
//! client.write(b"hello")?;
//! let mut buffer = [0; 16];
//! assert_eq!(server.read(&mut buffer)?, 5);
//! assert_eq!(client.connection().negotiated().unwrap().version.name(), "TLSv1.3");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What goes wrong is an [`enum@Error`] that keeps everything it knows:
//!
//! ```
//! use ferrossl::{Context, Error};
//!
//! let context = Context::client();
//! match context.trust_pem(b"no certificate") {
//!     Err(Error::Material { reason, .. }) => assert_eq!(reason.name, "NO_START_LINE"),
//!     other => panic!("{other:?}"),
//! }
//! ```
//!
//! # Map
//!
//! | module | job |
//! |---|---|
//! | [`settings`], [`context`] | settings that may change at any time, and the snapshots that connections share |
//! | [`connection`] | TLS without I/O: bytes in, bytes out |
//! | [`socket`] | transports, deadlines, `SslSocket`, memory queues |
//! | [`verify`] | certificate chains: OpenSSL's verdicts, in OpenSSL's order |
//! | [`x509`], [`pem`] | certificates and PEM, read |
//! | [`trust`], [`identity`] | whom to trust, and who we are |
//! | [`error`], [`openssl_names`] | errors kept whole, and OpenSSL's numbers for them |
//!
//! # Features
//!
//! | feature | brings | default |
//! |---|---|---|
//! | `legacy` | suites of TLS 1.2 with CBC or with Diffie-Hellman over a prime field, and reading private keys that are encrypted in PEM's traditional way or with PBES1 | off |
//!
//! The crate has no unsafe code and starts no threads.

#![forbid(unsafe_code)]

mod byte_queue;
pub mod connection;
pub mod context;
mod crypto;
mod engine;
pub mod error;
pub mod identity;
pub mod key_log;
pub mod openssl_names;
pub mod pem;
mod pool;
pub mod random;
pub mod settings;
pub mod socket;
mod sync;
pub mod trust;
pub mod verify;
mod wire;
pub mod x509;

pub use connection::{Connection, Negotiated};
pub use context::{Context, Settings, Snapshot, VerifyMode, Version, Versions};
#[cfg(feature = "legacy")]
pub use crypto::DhParameters;
#[cfg(fuzzing)]
#[doc(hidden)]
pub use engine::fuzzing;
pub use error::{Error, Result, VerificationError};
pub use identity::Identity;
pub use socket::{MemoryBio, MemoryConnection, SslSocket};
pub use trust::TrustStore;
