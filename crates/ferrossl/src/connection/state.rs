//! The states of a connection's engine, and what a record does in each.
//!
//! | state           | a record                                   | next                              |
//! |-----------------|--------------------------------------------|-----------------------------------|
//! | NotBegun        | none: a client has not been asked yet      | Open                              |
//! | AwaitingClientHello | a part of the ClientHello; the last part   | itself; Paused or Open            |
//! | Paused          | none: the caller chooses or refuses        | Open or Failed                    |
//! | Open            | handshake, data, alert                     | itself                            |
//! | Failed          | none: the error stays                      | itself                            |
//!
//! Any error leads to Failed; its alert is queued before. What was observed until then is kept there.

use std::sync::Arc;

use crate::context::Snapshot;
use crate::engine::{
    AwaitingClientHello, ClientTickets, Fed, LoggedMessage, ReceivedClientHello, RustlsConnection,
    refuse_in_clear,
};
use crate::error::{Error, Failure, Result};
use crate::verify::ExpectedName;
use crate::wire::record::MAX_DATA;

pub(super) enum Machine {
    NotBegun { snapshot: Arc<Snapshot>, expected: Option<ExpectedName>, observe: bool },
    AwaitingClientHello { waiting: AwaitingClientHello, snapshot: Arc<Snapshot>, pause: bool },
    Paused { hello: ReceivedClientHello, snapshot: Arc<Snapshot> },
    Open(Box<RustlsConnection>),
    Failed(Error, Vec<LoggedMessage>),
}

impl Machine {
    /// Keeps the error for later calls and hands it back.
    pub(super) fn fail(&mut self, error: Error) -> Error {
        let observed = self.take_logged_messages();
        *self = Self::Failed(error.clone(), observed);
        error
    }

    /// The messages that went by since the last time.
    pub(super) fn take_logged_messages(&mut self) -> Vec<LoggedMessage> {
        match self {
            Self::NotBegun { .. } => Vec::new(),
            Self::AwaitingClientHello { waiting, .. } => waiting.take_logged_messages(),
            Self::Paused { hello, .. } => hello.take_logged_messages(),
            Self::Open(session) => session.take_logged_messages(),
            Self::Failed(_, observed) => std::mem::take(observed),
        }
    }

    /// Keeps a failure that the engine has not seen, and queues its alert.
    pub(super) fn refuse(&mut self, failure: Failure, output: &mut Vec<u8>) -> Error {
        let error = match self {
            Self::Open(session) => {
                let error = session.refuse(failure);
                session.drain_output(output);
                error
            }
            Self::AwaitingClientHello { .. } | Self::Paused { .. } => refuse_in_clear(failure, output),
            Self::NotBegun { .. } | Self::Failed(..) => failure.error,
        };
        self.fail(error)
    }

    /// The longest body that the next record may have, in bytes.
    pub(super) fn longest_body(&self) -> usize {
        match self {
            Self::Open(session) => session.longest_body(),
            _ => MAX_DATA,
        }
    }

    /// Takes one record.
    pub(super) fn feed(&mut self, record: &[u8], output: &mut Vec<u8>) -> Result<Fed> {
        match self {
            Self::Open(session) => {
                let fed = session.feed(record);
                session.drain_output(output);
                fed
            }
            Self::AwaitingClientHello { waiting, snapshot, pause } => {
                if let Some(hello) = waiting.feed(record, output)? {
                    let (snapshot, pause) = (Arc::clone(snapshot), *pause);
                    *self = Self::Paused { hello, snapshot: Arc::clone(&snapshot) };
                    if !pause {
                        self.choose(&snapshot, output)?;
                    }
                }
                Ok(Fed::default())
            }
            Self::Paused { .. } => Err(super::WAITS_FOR_A_CHOICE),
            Self::NotBegun { .. } => Err(Error::TooEarly("the handshake has not begun")),
            Self::Failed(error, _) => Err(error.clone()),
        }
    }

    /// Leaves NotBegun for Open.
    pub(super) fn connect(&mut self, server_name: Option<&str>, tickets: Arc<ClientTickets>) -> Result<()> {
        let Self::NotBegun { snapshot, expected, observe } = self else { return Ok(()) };
        let config = match snapshot.client() {
            Ok(config) => config,
            Err(error) => return Err(self.fail(error)),
        };
        match RustlsConnection::connect(config, server_name, expected.take(), tickets) {
            Ok(mut session) => {
                if *observe {
                    session.log_messages();
                }
                *self = Self::Open(Box::new(session));
                Ok(())
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Leaves Paused for Open.
    pub(super) fn choose(&mut self, chosen: &Arc<Snapshot>, output: &mut Vec<u8>) -> Result<()> {
        let placeholder = Self::Failed(Error::TooEarly("there is no ClientHello to answer"), Vec::new());
        let (hello, first) = match std::mem::replace(self, placeholder) {
            Self::Paused { hello, snapshot } => (hello, snapshot),
            other => {
                *self = other;
                return Err(Error::TooEarly("there is no ClientHello to answer"));
            }
        };
        let next = chosen.combined_with(&first, true);
        *self = Self::Failed(Error::TooEarly("there is no ClientHello to answer"), hello.logged_messages());
        let started = next.server().and_then(|config| hello.start(config, output));
        let mut session = started.map_err(|error| self.fail(error))?;
        session.drain_output(output);
        *self = Self::Open(Box::new(session));
        Ok(())
    }
}
