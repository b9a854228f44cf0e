//! One operation over a transport: its deadline, its waits, and when it looks up from its work.

use std::cell::Cell;
use std::io;
use std::time::Duration;

use super::deadline::Deadline;
use super::transport::{Interest, Transport, failed};
use crate::error::{Error, Result};

/// After so many steps (pieces received, batches sent) without a wait, an operation looks at its deadline and asks for
/// signals. A record comes in two pieces, its header and its body.
const STEPS: u32 = 128;

pub(super) struct Operation<'a, T> {
    pub(super) transport: &'a T,
    pub(super) deadline: Deadline,
    name: &'static str,
    steps: Cell<u32>,
}

impl<'a, T: Transport> Operation<'a, T> {
    pub(super) const fn new(transport: &'a T, deadline: Deadline, name: &'static str) -> Self {
        Self { transport, deadline, name, steps: Cell::new(0) }
    }

    /// Counts a step. A peer that keeps an operation busy without ever giving it what it is for does not keep it for ever.
    pub(super) fn step(&self) -> Result<()> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() < STEPS {
            return Ok(());
        }
        self.steps.set(0);
        self.transport.interrupted().map_err(failed)?;
        match self.deadline.remaining() {
            Some(Duration::ZERO) if self.deadline == Deadline::Now => Err(Error::WantRead),
            Some(Duration::ZERO) => Err(self.timed_out()),
            _ => Ok(()),
        }
    }

    /// Waits, at most for `limit`, for the transport. Returns early and without an error when `limit` is over before the deadline.
    pub(super) fn wait(&self, interest: Interest, limit: Option<Duration>) -> Result<()> {
        loop {
            let left = self.deadline.remaining();
            let timeout = left.into_iter().chain(limit).min();
            match self.transport.wait(interest, timeout) {
                Ok(true) => return Ok(()),
                Ok(false) if left.is_some() && timeout == left => return Err(self.timed_out()),
                Ok(false) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    self.transport.interrupted().map_err(failed)?
                }
                Err(error) => return Err(failed(error)),
            }
        }
    }

    const fn timed_out(&self) -> Error {
        Error::TimedOut { operation: self.name }
    }
}
