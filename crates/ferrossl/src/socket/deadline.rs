//! How long an operation may wait: one point in time for all its system calls together.

use std::time::{Duration, Instant};

/// When an operation gives up. There is no fourth case, so programs may match all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// Do not wait at all: what cannot be done at once fails with `WantRead` or `WantWrite`.
    Now,
    /// Wait until then, and fail with `TimedOut`.
    At(Instant),
    /// Wait as long as it takes.
    Never,
}

impl Deadline {
    /// From a timeout as Python's sockets have it: `None` waits for ever, zero not at all.
    #[must_use]
    pub fn after(timeout: Option<Duration>) -> Self {
        match timeout {
            None => Self::Never,
            Some(Duration::ZERO) => Self::Now,
            // A time that no clock can show is for ever.
            Some(timeout) => Instant::now().checked_add(timeout).map_or(Self::Never, Self::At),
        }
    }

    /// What is left; `None` for [`Self::Never`].
    #[must_use]
    pub fn remaining(self) -> Option<Duration> {
        match self {
            Self::Now => Some(Duration::ZERO),
            Self::At(end) => Some(end.saturating_duration_since(Instant::now())),
            Self::Never => None,
        }
    }
}
