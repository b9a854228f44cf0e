//! One TLS connection without any I/O: bytes in, bytes out.
//!
//! Every method takes `&self`: a thread may read while another writes. The locks are taken in the order
//! receive → state → outbox, and held only while records are processed, never while anybody waits.
//! Records of data (but for suites with CBC) need the receiving lock only one way and the state's only the other way.
//!
//! ```text
//! transport → fill() → [receive: inbox] → data: opened into read()'s buffer
//!                                       → all else: [state: the engine]
//! write() → [state: the sealing key] → records → [outbox] → send_with() → transport
//! ```

mod bindings;
mod context_switch;
#[cfg(test)]
mod established_tests;
#[cfg(test)]
mod floods;
#[cfg(test)]
mod forgery_tests;
mod handshake;
mod in_place;
mod inbox;
mod negotiated;
mod outbox;
mod peer;
mod reading;
mod receive;
mod resumption;
mod room;
mod saved_session;
mod sniff;
mod state;
#[cfg(test)]
mod tests;
mod writing;

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use crate::context::Snapshot;
use crate::engine::AwaitingClientHello;
use crate::error::{Error, Result};
use crate::settings::Counters;
use crate::sync::lock;
use crate::verify::ExpectedName;
use outbox::Outbox;
use receive::Receive;
use resumption::ClientResumption;
use state::{Ends, State};

pub use crate::engine::{ClientHelloInfo, LoggedMessage};
pub use bindings::Binding;
pub(crate) use in_place::SharedQueue;
pub use negotiated::Negotiated;
pub(crate) use room::Room;
pub use saved_session::SavedSession;

/// The largest piece that [`Connection::write`] encrypts at once, in bytes: large enough to make system
/// calls cheap, small enough to stay in a processor's second-level cache.
pub const WRITE_BATCH: usize = 256 * 1024;

const WAITS_FOR_A_CHOICE: Error = Error::TooEarly("the ClientHello waits for a choice");

fn name_is_missing() -> Error {
    Error::Setting("check_hostname requires server_hostname".into())
}

/// How far the handshake is. A further pause would be one that a program has to ask for first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Handshake {
    /// Done: data may flow.
    Done,
    /// The peer has to say more.
    NeedRead,
    /// A server has the whole ClientHello and was told to ask ([`Connection::pause_at_client_hello`]).
    /// Go on with [`Connection::proceed`] or [`Connection::refuse`].
    ClientHello(ClientHelloInfo),
}

/// What [`Connection::read`] brought. Whoever drives a connection must do something about each of them, so a further one
/// would have to be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// This many bytes.
    Data(usize),
    /// The peer has to say more.
    NeedRead,
    /// What waits to be sent must go out before more is taken: the peer has this side answer, and does not read the answers.
    NeedWrite,
    /// The peer has closed the connection with close_notify.
    Closed,
}

/// How far the closing is. As for [`Read`], a further case would have to be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Both sides have said close_notify.
    Done,
    /// The peer has not said it yet.
    NeedRead,
    /// As [`Read::NeedWrite`].
    NeedWrite,
}

/// A TLS connection, client or server.
///
/// It has two users: the transport's side moves bytes, the program's side moves data. In a loop without threads:
///
/// 1. [`Self::handshake`], [`Self::read`], [`Self::write`] or [`Self::close`], whichever the program wants.
/// 2. Whatever came of it, send: [`Self::send_with`], for as long as [`Self::wants_send`].
/// 3. If it said `NeedRead` (`None` from `write`): wait until the transport has bytes, [`Self::fill`] with them, and go
///    to 1 with the same call. An end of the transport is 0 bytes.
/// 4. If it said `NeedWrite`: wait until the transport takes bytes, and go to 2.
///
/// Called before the handshake is done, [`Self::read`] and [`Self::write`] do their part of it first. Reading may have
/// something to be sent (answers, alerts), and writing never needs anything to be read once the handshake is done.
/// Settings are exchanged ([`Self::exchange_settings`]) and sessions offered ([`Self::resume`]) before it begins.
pub struct Connection {
    receive: Mutex<Receive>,
    state: Mutex<State>,
    outbox: Outbox,
    ends: Ends,
    /// Set where the state becomes Open, and never taken back.
    negotiated: OnceLock<Negotiated>,
    is_server: bool,
    /// What a client's session comes from; `None` on a server.
    resumption: Option<Box<Mutex<ClientResumption>>>,
    counters: Arc<Counters>,
    ignore_unexpected_eof: bool,
}

impl Connection {
    /// Begins as a client. `server_name` is sent to the server when it is a host name (as A-label), and
    /// compared with the certificate when the settings say so.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] when a name is to be checked and there is none. Settings that leave no protocol fail at the
    /// handshake, as they do with OpenSSL.
    pub fn client(snapshot: &Arc<Snapshot>, server_name: Option<&str>) -> Result<Self> {
        let expected = match server_name {
            _ if !snapshot.settings().check_hostname => None,
            Some(name) => Some(ExpectedName::new(name)),
            None => return Err(name_is_missing()),
        };
        let state = State::NotBegun { snapshot: Arc::clone(snapshot), expected, log_messages: false };
        Ok(Self::new(state, Some(ClientResumption::new(server_name)), snapshot))
    }

    /// Begins as a server: waits for the ClientHello, and then goes on under `snapshot`. Settings that leave no protocol fail
    /// at the handshake.
    #[must_use]
    pub fn server(snapshot: Arc<Snapshot>) -> Self {
        let state = State::AwaitingClientHello {
            waiting: Box::new(AwaitingClientHello::new()),
            snapshot: Arc::clone(&snapshot),
            pause: false,
            begun: false,
        };
        Self::new(state, None, &snapshot)
    }

    fn new(state: State, resumption: Option<ClientResumption>, snapshot: &Snapshot) -> Self {
        Self {
            receive: Mutex::new(Receive::new()),
            state: Mutex::new(state),
            outbox: Outbox::new(),
            ends: Ends::default(),
            negotiated: OnceLock::new(),
            is_server: resumption.is_none(),
            resumption: resumption.map(|resumption| Box::new(Mutex::new(resumption))),
            counters: Arc::clone(snapshot.counters()),
            ignore_unexpected_eof: snapshot.settings().ignore_unexpected_eof,
        }
    }

    /// Whether this side is the server.
    #[must_use]
    pub const fn is_server(&self) -> bool {
        self.is_server
    }

    /// What was agreed; `None` before the handshake is done.
    #[must_use]
    pub fn negotiated(&self) -> Option<&Negotiated> {
        self.negotiated.get()
    }

    // ---- the transport's side ----

    /// How many bytes may be read from the transport without reading past the record that is under way.
    #[must_use]
    pub fn wanted(&self) -> usize {
        lock(&self.receive).inbox.wanted()
    }

    /// Lets `receive` put up to `limit` bytes from the transport at the end of what has been received.
    /// It must not wait. 0 bytes mean that the transport has ended.
    ///
    /// # Errors
    ///
    /// Those of `receive`.
    pub fn fill(
        &self,
        limit: Limit,
        receive: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let mut side = lock(&self.receive);
        let room = match limit {
            // Another thread may have read close_notify while this one waited, and what is behind it is not ours.
            Limit::Record if self.ends.peer_closed() => 0,
            Limit::Record => side.inbox.wanted(),
            Limit::Bytes(bytes) => bytes,
            Limit::Ahead => usize::MAX,
        };
        let received = match limit {
            Limit::Ahead => side.inbox.fill_ahead(receive)?,
            Limit::Record | Limit::Bytes(_) => side.inbox.fill(room, receive)?,
        };
        side.taken_in += received as u64;
        if received == 0 && room > 0 && limit != Limit::Ahead {
            self.ends.set_transport_end();
        }
        Ok(received)
    }

    /// How many bytes have come in that no [`Self::read`] has dealt with yet. What comes out of them is less.
    #[must_use]
    pub fn received(&self) -> usize {
        let side = lock(&self.receive);
        side.inbox.waiting() + side.leftover()
    }

    /// Takes bytes from the transport.
    pub fn feed(&self, bytes: &[u8]) {
        let mut receive = lock(&self.receive);
        receive.inbox.extend(bytes);
        receive.taken_in += bytes.len() as u64;
    }

    /// Notes that the transport has ended.
    pub fn feed_eof(&self) {
        let _receive = lock(&self.receive);
        self.ends.set_transport_end();
    }

    /// Whether there is something to send.
    #[must_use]
    pub fn wants_send(&self) -> bool {
        self.outbox.wants_send()
    }

    /// How many bytes there are to send.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.outbox.waiting()
    }

    /// Whether a server keeps its session tickets until it has something else to send. They go out with that, behind the
    /// peer's close_notify, or when [`Self::release_tickets`] is called.
    #[must_use]
    pub fn holds_tickets(&self) -> bool {
        self.outbox.holds_back()
    }

    /// Has a server's session tickets sent next, whatever else there is to send.
    pub fn release_tickets(&self) {
        self.outbox.release();
    }

    /// Gives everything that is to be sent to `send`, in order, until all is sent or `send` fails.
    /// It must not wait. Threads that call this at once take turns.
    ///
    /// # Errors
    ///
    /// Those of `send`; what it did not take stays queued.
    pub fn send_with(&self, send: impl FnMut(&[u8]) -> io::Result<usize>) -> io::Result<()> {
        self.outbox.send_with(send)
    }

    /// Bytes that came in and belong to nobody here: those behind the peer's close_notify.
    #[must_use]
    pub fn take_leftover(&self) -> Vec<u8> {
        let mut receive = lock(&self.receive);
        match &*lock(&self.state) {
            State::Handshaking(_) | State::Open(_) if !self.ends.peer_closed() => Vec::new(),
            _ => receive.inbox.take_rest(),
        }
    }

    // ---- the message callback ----

    /// Keeps the messages that go by from here on for [`Self::take_logged_messages`].
    pub fn log_messages(&self) {
        lock(&self.state).log_messages();
    }

    /// The messages that went by since the last time, in order; none unless [`Self::log_messages`] was called.
    #[must_use]
    pub fn take_logged_messages(&self) -> Vec<LoggedMessage> {
        lock(&self.state).take_logged_messages()
    }
}

/// How much [`Connection::fill`] may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// Up to the end of the record that is under way, so that nothing behind close_notify is taken.
    Record,
    /// This many bytes.
    Bytes(usize),
    /// What a large buffer holds, 128 KiB in all with what waits to be read: for who reads whatever comes in, and leaves
    /// the transport to nobody else. Bytes behind close_notify are then in [`Connection::take_leftover`]. That the transport
    /// has ended is not noted: what is written still goes to a peer that has only stopped to send.
    /// `WouldBlock` where so much waits that there is no room.
    Ahead,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("is_server", &self.is_server)
            .field("negotiated", &self.negotiated())
            .finish_non_exhaustive()
    }
}
