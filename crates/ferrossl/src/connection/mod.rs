//! One TLS connection without any I/O: bytes in, bytes out.
//!
//! Every method takes `&self`: a thread may read while another writes. The locks are taken in the order
//! receive → machine → outbox, and held only while records are processed, never while anybody waits.
//! Records of data in TLS 1.3 need the receiving lock only one way and the machine's only the other way.
//!
//! ```text
//! transport → fill() → [receive: inbox] → data: opened into read()'s buffer
//!                                       → all else: [machine: rustls]
//! write() → [machine: the sealing key, or rustls] → records → [outbox] → send_with() → transport
//! ```

mod bindings;
mod context_switch;
#[cfg(test)]
mod floods;
#[cfg(test)]
mod forgery_tests;
mod inbox;
mod negotiated;
mod outbox;
mod peer;
mod receive;
mod resumption;
mod saved_session;
mod sniff;
mod state;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::context::Snapshot;
use crate::engine::AwaitingClientHello;
use crate::error::{Error, Result};
use crate::openssl_names::reasons;
use crate::settings::{Counters, Version};
use crate::verify::ExpectedName;
use outbox::Outbox;
use receive::Receive;
use resumption::ClientResumption;
use state::Machine;

pub use crate::engine::{ClientHelloInfo, LoggedMessage};
pub use bindings::Binding;
pub use negotiated::Negotiated;
pub use saved_session::SavedSession;

/// The largest piece that [`Connection::write`] encrypts at once, in bytes: large enough to make system
/// calls cheap, small enough to stay in a processor's second-level cache.
pub const WRITE_BATCH: usize = 256 * 1024;

/// With more than this many bytes waiting for the peer in answers to what it has said, it is not heard until it has taken
/// them. No peer that means well gets near it: what it asks for is small, and it reads.
const MAX_ANSWERS: usize = 64 * 1024;

const WAITS_FOR_A_CHOICE: Error = Error::TooEarly("the ClientHello waits for a choice");

fn name_is_missing() -> Error {
    Error::Setting("check_hostname requires server_hostname".into())
}

/// How far the handshake is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// Done: data may flow.
    Done,
    /// The peer has to say more.
    NeedRead,
    /// A server has the whole ClientHello and was told to ask ([`Connection::pause_at_client_hello`]).
    /// Go on with [`Connection::choose`] or [`Connection::refuse`].
    ClientHello(ClientHelloInfo),
}

/// What [`Connection::read`] brought.
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

/// How far the closing is.
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
/// Called before the handshake is done, [`Self::read`] and [`Self::write`] do their part of it first.
pub struct Connection {
    receive: Mutex<Receive>,
    machine: Mutex<Machine>,
    outbox: Outbox,
    negotiated: OnceLock<Negotiated>,
    is_server: bool,
    /// What a client's session comes from; `None` on a server.
    resumption: Option<Mutex<ClientResumption>>,
    /// Whether a handshake has been asked for.
    begun: AtomicBool,
    counters: Arc<Counters>,
    ignore_unexpected_eof: bool,
    /// Whether a read has told that the transport ended without close_notify.
    truncated: AtomicBool,
}

// A panic under one of these locks is a defect of ours; the connection goes on in the state it has,
// and fails in the protocol if that is not a good one. Nothing is unsafe about it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
        let machine = Machine::NotBegun { snapshot: Arc::clone(snapshot), expected, observe: false };
        Ok(Self::new(machine, Some(ClientResumption::new(server_name)), snapshot))
    }

    /// Begins as a server: waits for the ClientHello, and then goes on under `snapshot`.
    #[must_use]
    pub fn server(snapshot: Arc<Snapshot>) -> Self {
        let initial = Arc::clone(&snapshot);
        let machine = match snapshot.server() {
            Ok(_) => {
                Machine::AwaitingClientHello { waiting: AwaitingClientHello::new(), snapshot, pause: false }
            }
            Err(error) => Machine::Failed(error, Vec::new()),
        };
        Self::new(machine, None, &initial)
    }

    fn new(machine: Machine, resumption: Option<ClientResumption>, snapshot: &Snapshot) -> Self {
        Self {
            receive: Mutex::new(Receive::new()),
            machine: Mutex::new(machine),
            outbox: Outbox::new(),
            negotiated: OnceLock::new(),
            is_server: resumption.is_none(),
            resumption: resumption.map(Mutex::new),
            begun: AtomicBool::new(false),
            counters: Arc::clone(snapshot.counters()),
            ignore_unexpected_eof: snapshot.settings().ignore_unexpected_eof,
            truncated: AtomicBool::new(false),
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
            Limit::Record => side.inbox.wanted(),
            Limit::Bytes(bytes) => bytes,
        };
        side.inbox.fill(room, receive)
    }

    /// Takes bytes from the transport.
    pub fn feed(&self, bytes: &[u8]) {
        lock(&self.receive).inbox.extend(bytes);
    }

    /// Notes that the transport has ended.
    pub fn feed_eof(&self) {
        lock(&self.receive).inbox.set_eof();
    }

    /// Whether there is something to send.
    #[must_use]
    pub fn wants_send(&self) -> bool {
        self.outbox.wants_send()
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
        match &*lock(&self.machine) {
            Machine::Open(_) if !receive.inbox.peer_closed() => Vec::new(),
            _ => receive.inbox.take_rest(),
        }
    }

    // ---- the program's side ----

    /// Goes on with the handshake as far as the received bytes allow.
    ///
    /// # Errors
    ///
    /// Whatever the handshake fails with; the alert for the peer is queued, and the error stays.
    /// [`Error::UnexpectedEof`] once a read has failed with it.
    pub fn handshake(&self) -> Result<Handshake> {
        self.check_not_truncated()?;
        let mut receive = lock(&self.receive);
        let mut machine = lock(&self.machine);
        self.handshake_locked(&mut receive, &mut machine)
    }

    /// A connection that was cut off is over for both directions, as with OpenSSL: what the peer's end means is not
    /// known.
    fn check_not_truncated(&self) -> Result<()> {
        if self.truncated.load(Ordering::Acquire) { Err(Error::UnexpectedEof) } else { Ok(()) }
    }

    fn handshake_locked(&self, receive: &mut Receive, machine: &mut Machine) -> Result<Handshake> {
        self.begin(machine)?;
        loop {
            let inbox = &mut receive.inbox;
            match machine {
                Machine::Failed(error, _) => return Err(error.clone()),
                Machine::Paused { hello, .. } => return Ok(Handshake::ClientHello(hello.info())),
                Machine::Open(session) if !session.is_handshaking() => {
                    self.outbox.append(|output| session.drain_output(output));
                    self.negotiated.get_or_init(|| self.conclude(session));
                    receive.opening = session.opening();
                    return Ok(Handshake::Done);
                }
                Machine::Open(session) => self.outbox.append(|output| session.drain_output(output)),
                Machine::AwaitingClientHello { .. } | Machine::NotBegun { .. } => {}
            }
            let record = match inbox.next_record(self.is_server) {
                Ok(Some(record)) => record,
                Ok(None) if inbox.is_eof() => return Err(machine.fail(Error::UnexpectedEof)),
                Ok(None) => return Ok(Handshake::NeedRead),
                Err(failure) => return Err(self.outbox.append(|output| machine.refuse(failure, output))),
            };
            let fed = self.outbox.append(|output| machine.feed(inbox.bytes(&record), output));
            inbox.consume(record);
            inbox.set_longest_body(machine.longest_body());
            match fed {
                Ok(fed) if fed.peer_closed => {
                    inbox.set_peer_closed();
                    // Not a proper end of anything, but the peer has said that it goes (RFC 8446 section 6.1).
                    return Err(machine.fail(Error::Closed));
                }
                Ok(_) => {}
                Err(error) => return Err(machine.fail(error)),
            }
            // Behind the client's Finished, a TLS 1.3 server has tickets to send and nothing else.
            if self.is_server
                && let Machine::Open(session) = machine
                && !session.is_handshaking()
                && session.version() == Some(Version::Tls13)
            {
                self.outbox.hold_back();
            }
        }
    }

    /// Decrypts received bytes into `buffer`, from as many whole records as are there and fit.
    /// An empty buffer gets `Data(0)`.
    ///
    /// # Errors
    ///
    /// [`Error::UnexpectedEof`] when the transport ended without close_notify, [`Error::TooEarly`] while a
    /// ClientHello waits for a choice, and whatever the protocol fails with. Data in front of a failure is
    /// given out first.
    pub fn read(&self, buffer: &mut [u8]) -> Result<Read> {
        let mut receive = lock(&self.receive);
        if self.negotiated.get().is_none() {
            match self.handshake_locked(&mut receive, &mut lock(&self.machine))? {
                Handshake::Done => {}
                Handshake::NeedRead => return Ok(Read::NeedRead),
                Handshake::ClientHello(_) => return Err(WAITS_FOR_A_CHOICE),
            }
        }
        if buffer.is_empty() {
            return Ok(Read::Data(0));
        }
        let mut filled = receive.take_leftover(buffer);
        while filled < buffer.len() {
            let rest = &mut buffer[filled..];
            let read = match receive.open_record(self.is_server, rest) {
                None => self.read_through_engine(&mut receive, rest),
                Some(bytes) => Ok(Read::Data(bytes)),
            };
            match read {
                Ok(Read::Data(bytes)) => filled += bytes,
                _ if filled > 0 => break,
                other => return other,
            }
        }
        Ok(Read::Data(filled))
    }

    /// Reads what the engine has decrypted, or has it process one record.
    fn read_through_engine(&self, receive: &mut Receive, buffer: &mut [u8]) -> Result<Read> {
        let mut machine = lock(&self.machine);
        if !receive.engine_has_data {
            match self.process_record(receive, &mut machine)? {
                Processed::Record => {}
                Processed::NeedRead => return Ok(Read::NeedRead),
                Processed::NeedWrite => return Ok(Read::NeedWrite),
                Processed::Closed => return Ok(Read::Closed),
            }
        }
        let session = match &mut *machine {
            Machine::Open(session) => session,
            Machine::Failed(error, _) => return Err(error.clone()),
            _ => return Err(WAITS_FOR_A_CHOICE),
        };
        let bytes = session.read(buffer);
        receive.engine_has_data = session.pending() > 0;
        Ok(Read::Data(bytes))
    }

    /// Processes one record of an open connection.
    fn process_record(&self, receive: &mut Receive, machine: &mut Machine) -> Result<Processed> {
        let inbox = &mut receive.inbox;
        if inbox.peer_closed() {
            return Ok(Processed::Closed);
        }
        if self.outbox.answers() > MAX_ANSWERS {
            self.outbox.release();
            return Ok(Processed::NeedWrite);
        }
        let session = match machine {
            Machine::Open(session) => session,
            Machine::Failed(error, _) => return Err(error.clone()),
            _ => return Err(Error::TooEarly("handshake not done yet")),
        };
        let next = match inbox.next_record(self.is_server) {
            Ok(next) => next,
            Err(failure) => {
                receive.opening = None;
                return Err(self.outbox.append(|output| machine.refuse(failure, output)));
            }
        };
        let Some(record) = next else {
            return match inbox.is_eof() {
                true if self.ignore_unexpected_eof => Ok(Processed::Closed),
                true => {
                    self.truncated.store(true, Ordering::Release);
                    Err(Error::UnexpectedEof)
                }
                false => Ok(Processed::NeedRead),
            };
        };
        let fed = session.feed(inbox.bytes(&record));
        inbox.consume(record);
        self.outbox.append(|output| session.drain_output(output));
        match fed {
            Ok(fed) => {
                if fed.peer_closed {
                    inbox.set_peer_closed();
                    // Everything that the peer has said is here: nothing of it can be lost any more.
                    self.outbox.release();
                }
                inbox.set_longest_body(session.longest_body());
                receive.engine_has_data = session.pending() > 0;
                receive.opening = session.opening();
                Ok(Processed::Record)
            }
            Err(error) => {
                // Nothing that comes after a fatal error counts.
                receive.opening = None;
                Err(machine.fail(error))
            }
        }
    }

    /// Encrypts the beginning of `data`, at most [`WRITE_BATCH`] bytes, and queues the records.
    /// Returns how many bytes that were, or `None` when the handshake needs more from the peer first.
    ///
    /// # Errors
    ///
    /// `PROTOCOL_IS_SHUTDOWN` after [`Self::close`], [`Error::UnexpectedEof`] once a read has failed with it, and
    /// whatever the connection has failed with.
    pub fn write(&self, data: &[u8]) -> Result<Option<usize>> {
        self.check_not_truncated()?;
        if self.negotiated.get().is_none() {
            match self.handshake()? {
                Handshake::Done => {}
                Handshake::NeedRead => return Ok(None),
                Handshake::ClientHello(_) => return Err(WAITS_FOR_A_CHOICE),
            }
        }
        let batch = &data[..data.len().min(WRITE_BATCH)];
        let mut machine = lock(&self.machine);
        match &mut *machine {
            Machine::Open(_) if self.outbox.is_closed() => {
                Err(Error::protocol(reasons::PROTOCOL_IS_SHUTDOWN, ""))
            }
            Machine::Open(session) => {
                // A record that could not be made leaves a gap that nothing may be sent behind.
                if let Err(error) =
                    self.outbox.append_data(batch.len(), |output| session.write(batch, output))
                {
                    return Err(machine.fail(error));
                }
                Ok(Some(batch.len()))
            }
            Machine::Failed(error, _) => Err(error.clone()),
            _ => Err(Error::TooEarly("handshake not done yet")),
        }
    }

    /// Queues close_notify (once), and looks whether the peer has said it too.
    ///
    /// # Errors
    ///
    /// `SHUTDOWN_WHILE_IN_INIT` before the handshake is done, `APPLICATION_DATA_AFTER_CLOSE_NOTIFY` when
    /// there is data that nobody has read (it stays readable), [`Error::UnexpectedEof`] when the transport
    /// ended, and whatever the connection has failed with.
    pub fn close(&self) -> Result<Closing> {
        let mut receive = lock(&self.receive);
        let mut machine = lock(&self.machine);
        match &mut *machine {
            Machine::Failed(error, _) => return Err(error.clone()),
            Machine::Open(session) if self.negotiated.get().is_some() => {
                if self.outbox.close() {
                    self.outbox.append(|output| session.close(output));
                }
            }
            _ => return Err(Error::protocol(reasons::SHUTDOWN_WHILE_IN_INIT, "")),
        }
        loop {
            if receive.engine_has_data || receive.leftover() > 0 {
                return Err(Error::protocol(reasons::APPLICATION_DATA_AFTER_CLOSE_NOTIFY, ""));
            }
            match self.process_record(&mut receive, &mut machine)? {
                Processed::Record => {}
                Processed::NeedRead => return Ok(Closing::NeedRead),
                Processed::NeedWrite => return Ok(Closing::NeedWrite),
                Processed::Closed => return Ok(Closing::Done),
            }
        }
    }

    /// Whether this side has said close_notify.
    #[must_use]
    pub fn has_closed(&self) -> bool {
        self.outbox.is_closed()
    }

    /// How many decrypted bytes can be read without another record.
    #[must_use]
    pub fn pending(&self) -> usize {
        let receive = lock(&self.receive);
        if !receive.engine_has_data {
            return receive.leftover();
        }
        match &mut *lock(&self.machine) {
            Machine::Open(session) => receive.leftover() + session.pending(),
            _ => receive.leftover(),
        }
    }

    /// Keeps the messages that go by from here on for [`Self::take_logged_messages`].
    pub fn log_messages(&self) {
        match &mut *lock(&self.machine) {
            Machine::NotBegun { observe, .. } => *observe = true,
            Machine::AwaitingClientHello { waiting, .. } => waiting.log_messages(),
            Machine::Open(session) => session.log_messages(),
            Machine::Paused { .. } | Machine::Failed(..) => {}
        }
    }

    /// The messages that went by since the last time, in order; none unless [`Self::observe`] was called.
    #[must_use]
    pub fn take_logged_messages(&self) -> Vec<LoggedMessage> {
        lock(&self.machine).take_logged_messages()
    }
}

/// How much [`Connection::fill`] may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Up to the end of the record that is under way, so that nothing behind close_notify is taken.
    Record,
    /// This many bytes.
    Bytes(usize),
}

enum Processed {
    Record,
    NeedRead,
    NeedWrite,
    Closed,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("is_server", &self.is_server)
            .field("negotiated", &self.negotiated.get())
            .finish_non_exhaustive()
    }
}
