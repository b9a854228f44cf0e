//! All states of a connection, and every way from one to the next.
//!
//! How far it is, under one lock ([`State`]):
//!
//! | state               | a record                                 | next                                  |
//! |---------------------|------------------------------------------|---------------------------------------|
//! | NotBegun            | none: a client has not been asked yet    | Handshaking ([`State::begin`])        |
//! | AwaitingClientHello | a part of the ClientHello; the last part | itself; Paused or Handshaking         |
//! | Paused              | none: the caller proceeds or refuses     | Handshaking ([`State::proceed`])      |
//! | Handshaking         | handshake, alert                         | itself; Open ([`State::open`])        |
//! | Open                | handshake, data, alert                   | itself                                |
//! | Failed              | none: the error stays                    | itself                                |
//!
//! Any error leads to Failed ([`State::fail`]); its alert is queued before. "Done" means Open or what came of Open: from then
//! on there is a [`Negotiated`](super::Negotiated), and whoever has no lock asks whether it is there.
//!
//! How its two halves have ended, under no lock ([`Ends`]): both may end in either order, and each is asked by threads that
//! are busy with the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::context::Snapshot;
use crate::engine::{
    AwaitingClientHello, ClientTickets, Fed, LoggedMessage, ReceivedClientHello, RustlsConnection,
};
use crate::error::{Error, Failure, Result};
use crate::verify::ExpectedName;
use crate::wire::record::MAX_DATA;

const NOTHING_TO_ANSWER: Error = Error::TooEarly("there is no ClientHello to answer");

pub(super) enum State {
    NotBegun {
        snapshot: Arc<Snapshot>,
        expected: Option<ExpectedName>,
        log_messages: bool,
    },
    AwaitingClientHello {
        waiting: Box<AwaitingClientHello>,
        snapshot: Arc<Snapshot>,
        /// Whether to stop at the whole ClientHello.
        pause: bool,
        /// Whether a handshake has been asked for.
        begun: bool,
    },
    Paused {
        hello: Box<ReceivedClientHello>,
        snapshot: Arc<Snapshot>,
    },
    Handshaking(Box<RustlsConnection>),
    Open(Box<RustlsConnection>),
    /// With the messages that were logged until then.
    Failed(Error, Vec<LoggedMessage>),
}

impl State {
    /// Keeps the error for later calls and hands it back.
    pub(super) fn fail(&mut self, error: Error) -> Error {
        let logged = self.take_logged_messages();
        *self = Self::Failed(error.clone(), logged);
        error
    }

    /// Whether nobody has asked for a handshake yet.
    pub(super) const fn is_unbegun(&self) -> bool {
        matches!(self, Self::NotBegun { .. } | Self::AwaitingClientHello { begun: false, .. })
    }

    /// Begins, unless it has begun. A client says its ClientHello.
    pub(super) fn begin(
        &mut self,
        server_name: Option<&str>,
        tickets: &Arc<ClientTickets>,
        output: &mut Vec<u8>,
    ) -> Result<()> {
        let begun = match self {
            Self::NotBegun { snapshot, expected, log_messages } => {
                let connected = snapshot.client().and_then(|config| {
                    RustlsConnection::connect(config, server_name, expected.take(), Arc::clone(tickets))
                });
                let log_messages = *log_messages;
                connected.map(|mut connection| {
                    if log_messages {
                        connection.log_messages();
                    }
                    connection.drain_output(output);
                    *self = Self::Handshaking(Box::new(connection));
                })
            }
            Self::AwaitingClientHello { begun, snapshot, .. } => {
                *begun = true;
                snapshot.server().map(|_| ())
            }
            _ => Ok(()),
        };
        begun.map_err(|error| self.fail(error))
    }

    /// From Handshaking to Open, once both sides have said Finished.
    pub(super) fn open(&mut self) {
        let placeholder = Self::Failed(Error::TooEarly("the handshake is not done"), Vec::new());
        *self = match std::mem::replace(self, placeholder) {
            Self::Handshaking(connection) => Self::Open(connection),
            other => other,
        };
    }

    /// From Paused to Handshaking, under the settings that the connection has now.
    pub(super) fn proceed(&mut self, output: &mut Vec<u8>) -> Result<()> {
        let (hello, snapshot) = match std::mem::replace(self, Self::Failed(NOTHING_TO_ANSWER, Vec::new())) {
            Self::Paused { hello, snapshot } => (hello, snapshot),
            other => {
                *self = other;
                return Err(NOTHING_TO_ANSWER);
            }
        };
        let mut connection = match hello.start(snapshot.server(), output) {
            Ok(connection) => connection,
            Err((error, logged)) => {
                *self = Self::Failed(error.clone(), logged);
                return Err(error);
            }
        };
        connection.drain_output(output);
        *self = Self::Handshaking(Box::new(connection));
        Ok(())
    }

    /// Takes one record.
    pub(super) fn feed(&mut self, record: &[u8], output: &mut Vec<u8>) -> Result<Fed> {
        match self {
            Self::Handshaking(connection) | Self::Open(connection) => {
                let fed = connection.feed(record);
                connection.drain_output(output);
                fed
            }
            Self::AwaitingClientHello { waiting, snapshot, pause, .. } => {
                if let Some(hello) = waiting.feed(record, output)? {
                    let (snapshot, pause) = (Arc::clone(snapshot), *pause);
                    *self = Self::Paused { hello: Box::new(hello), snapshot };
                    if !pause {
                        self.proceed(output)?;
                    }
                }
                Ok(Fed::default())
            }
            Self::Paused { .. } => Err(super::WAITS_FOR_A_CHOICE),
            Self::NotBegun { .. } => Err(Error::TooEarly("the handshake has not begun")),
            Self::Failed(error, _) => Err(error.clone()),
        }
    }

    /// Keeps a failure that the engine has not seen, and queues its alert.
    pub(super) fn refuse(&mut self, failure: Failure, output: &mut Vec<u8>) -> Error {
        let error = match self {
            Self::Handshaking(connection) | Self::Open(connection) => {
                let error = connection.refuse(failure);
                connection.drain_output(output);
                error
            }
            Self::AwaitingClientHello { waiting, .. } => waiting.refuse(failure, output),
            Self::Paused { hello, .. } => hello.refuse(failure, output),
            Self::NotBegun { .. } | Self::Failed(..) => failure.error,
        };
        self.fail(error)
    }

    /// The connection once its handshake is done; before, and when it has failed, the error that says so.
    pub(super) fn opened(&mut self) -> Result<&mut RustlsConnection> {
        match self {
            Self::Open(connection) => Ok(connection),
            Self::Failed(error, _) => Err(error.clone()),
            Self::Paused { .. } => Err(super::WAITS_FOR_A_CHOICE),
            Self::NotBegun { .. } | Self::AwaitingClientHello { .. } | Self::Handshaking(_) => {
                Err(Error::TooEarly("handshake not done yet"))
            }
        }
    }

    /// The same, for those who have no use for the reason.
    pub(super) fn as_open(&self) -> Option<&RustlsConnection> {
        match self {
            Self::Open(connection) => Some(connection),
            _ => None,
        }
    }

    /// The longest body that the next record may have, in bytes.
    pub(super) fn longest_body(&self) -> usize {
        match self {
            Self::Handshaking(connection) | Self::Open(connection) => connection.longest_body(),
            _ => MAX_DATA,
        }
    }

    /// Keeps the messages that go by from here on.
    pub(super) fn log_messages(&mut self) {
        match self {
            Self::NotBegun { log_messages, .. } => *log_messages = true,
            Self::AwaitingClientHello { waiting, .. } => waiting.log_messages(),
            Self::Handshaking(connection) | Self::Open(connection) => connection.log_messages(),
            Self::Paused { .. } | Self::Failed(..) => {}
        }
    }

    /// The messages that went by since the last time.
    pub(super) fn take_logged_messages(&mut self) -> Vec<LoggedMessage> {
        match self {
            Self::NotBegun { .. } => Vec::new(),
            Self::AwaitingClientHello { waiting, .. } => waiting.take_logged_messages(),
            Self::Paused { hello, .. } => hello.take_logged_messages(),
            Self::Handshaking(connection) | Self::Open(connection) => connection.take_logged_messages(),
            Self::Failed(_, logged) => std::mem::take(logged),
        }
    }
}

/// How the halves of a connection have ended. What is said here is never taken back.
///
/// | end             | set by                                         | then                                            |
/// |-----------------|------------------------------------------------|-------------------------------------------------|
/// | `CLOSED`        | this side's close_notify                       | writes fail                                     |
/// | `PEER_CLOSED`   | the peer's close_notify                        | reads say so; bytes behind it belong to nobody  |
/// | `TRANSPORT_END` | the transport, whose bytes have ended          | reads take what is there, then the next row     |
/// | `TRUNCATED`     | a read at `TRANSPORT_END` without close_notify | every call fails (a truncation attack looks so) |
/// | `FAILED`        | a write that could not be sealed               | reads do not wait, and get the state's error    |
#[derive(Debug, Default)]
pub(super) struct Ends(AtomicU8);

const CLOSED: u8 = 1;
const PEER_CLOSED: u8 = 2;
const TRANSPORT_END: u8 = 4;
const TRUNCATED: u8 = 8;
const FAILED: u8 = 16;

impl Ends {
    fn set(&self, end: u8) -> bool {
        self.0.fetch_or(end, Ordering::AcqRel) & end == 0
    }

    fn has(&self, end: u8) -> bool {
        self.0.load(Ordering::Acquire) & end != 0
    }

    /// This side says close_notify; true for the first caller only.
    pub(super) fn close(&self) -> bool {
        self.set(CLOSED)
    }

    pub(super) fn has_closed(&self) -> bool {
        self.has(CLOSED)
    }

    pub(super) fn set_peer_closed(&self) {
        self.set(PEER_CLOSED);
    }

    pub(super) fn peer_closed(&self) -> bool {
        self.has(PEER_CLOSED)
    }

    pub(super) fn set_transport_end(&self) {
        self.set(TRANSPORT_END);
    }

    pub(super) fn is_transport_end(&self) -> bool {
        self.has(TRANSPORT_END)
    }

    pub(super) fn set_truncated(&self) {
        self.set(TRUNCATED);
    }

    /// A connection that was truncated is over for both directions, as with OpenSSL: what the peer's end means is not known.
    pub(super) fn check_not_truncated(&self) -> Result<()> {
        if self.has(TRUNCATED) { Err(Error::UnexpectedEof) } else { Ok(()) }
    }

    pub(super) fn set_failed(&self) {
        self.set(FAILED);
    }

    /// Whether there is nothing to wait for: whatever a read is to say is known, or known to the state.
    pub(super) fn ends_reading(&self) -> bool {
        self.has(PEER_CLOSED | TRANSPORT_END | FAILED)
    }
}
