//! The states of a connection's engine, and what a record does in each.
//!
//! | state           | a record                                   | next                              |
//! |-----------------|--------------------------------------------|-----------------------------------|
//! | NotBegun        | none: a client has not been asked yet      | Open                              |
//! | WaitingForHello | a part of the ClientHello; the last part   | itself; Paused or Open            |
//! | Paused          | none: the caller chooses or refuses        | Open or Failed                    |
//! | Open            | handshake, data, alert                     | itself                            |
//! | Failed          | none: the error stays                      | itself                            |
//!
//! Any error leads to Failed; its alert is queued before.

use std::sync::Arc;

use crate::context::Snapshot;
use crate::engine::{ClientConfig, Fed, Hello, Session, Tickets, WaitingForHello};
use crate::error::{Error, Result};
use crate::verify::ExpectedName;

pub(super) enum Machine {
    NotBegun { config: ClientConfig, expected: Option<ExpectedName>, observe: bool },
    WaitingForHello { waiting: WaitingForHello, snapshot: Arc<Snapshot>, pause: bool },
    Paused { hello: Hello },
    Open(Box<Session>),
    Failed(Error),
}

impl Machine {
    /// Keeps the error for later calls and hands it back.
    pub(super) fn fail(&mut self, error: Error) -> Error {
        *self = Self::Failed(error.clone());
        error
    }

    /// Takes one record.
    pub(super) fn feed(&mut self, record: &[u8], output: &mut Vec<u8>) -> Result<Fed> {
        match self {
            Self::Open(session) => {
                let fed = session.feed(record);
                session.drain_output(output);
                fed
            }
            Self::WaitingForHello { waiting, snapshot, pause } => {
                if let Some(hello) = waiting.feed(record, output)? {
                    let (snapshot, pause) = (Arc::clone(snapshot), *pause);
                    *self = Self::Paused { hello };
                    if !pause {
                        self.choose(&snapshot, output)?;
                    }
                }
                Ok(Fed { peer_closed: false })
            }
            Self::Paused { .. } => Err(super::WAITS_FOR_A_CHOICE),
            Self::NotBegun { .. } => Err(Error::TooEarly("the handshake has not begun")),
            Self::Failed(error) => Err(error.clone()),
        }
    }

    /// Leaves NotBegun for Open.
    pub(super) fn connect(&mut self, server_name: Option<&str>, tickets: Arc<Tickets>) -> Result<()> {
        let Self::NotBegun { config, expected, observe } = self else { return Ok(()) };
        match Session::connect(config, server_name, expected.take(), tickets) {
            Ok(mut session) => {
                if *observe {
                    session.observe();
                }
                *self = Self::Open(Box::new(session));
                Ok(())
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Leaves Paused for Open.
    pub(super) fn choose(&mut self, snapshot: &Snapshot, output: &mut Vec<u8>) -> Result<()> {
        let config = snapshot.server().map_err(|error| self.fail(error))?;
        let placeholder = Self::Failed(Error::TooEarly("there is no ClientHello to answer"));
        match std::mem::replace(self, placeholder) {
            Self::Paused { hello } => match hello.start(config, output) {
                Ok(mut session) => {
                    session.drain_output(output);
                    *self = Self::Open(Box::new(session));
                    Ok(())
                }
                Err(error) => Err(self.fail(error)),
            },
            other => {
                *self = other;
                Err(Error::TooEarly("there is no ClientHello to answer"))
            }
        }
    }
}
