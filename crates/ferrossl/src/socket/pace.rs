//! When small pieces go out and tickets are let go of: what a connection over a socket knows of its own past.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::sync;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How many steps (sends, reads, waits) behind the handshake neither side waits for acknowledgements.
///
/// On a new TCP connection the system acknowledges the first segments at once, so that the first small pieces do not wait
/// for each other. A handshake uses that up: to the system it looks like a conversation, in which acknowledgements can
/// wait for the answer. So we do the same for the first exchange of data, and leave the rest to the program's options.
const FRESH_STEPS: u8 = 32;

/// How long a client must have been silent before a server that has nothing to say gives it its tickets.
const SILENCE: Duration = Duration::from_secs(1);

pub(super) struct Pace {
    fresh: AtomicU8,
    /// Since when nothing has come in, as far as anybody has looked.
    silent_since: Mutex<Option<Instant>>,
}

impl Pace {
    pub(super) const fn new() -> Self {
        Self { fresh: AtomicU8::new(FRESH_STEPS), silent_since: Mutex::new(None) }
    }

    /// Whether this step belongs to the beginning of the connection. Counts it.
    pub(super) fn is_fresh(&self) -> bool {
        // A plain look first: for most of a connection's life there is nothing to count.
        self.fresh.load(Ordering::Relaxed) > 0
            && self
                .fresh
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                .is_ok()
    }

    /// Whether no step has been counted yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.fresh.load(Ordering::Relaxed) == FRESH_STEPS
    }

    /// Whether there are such steps to come. Does not count.
    pub(super) fn is_young(&self) -> bool {
        self.fresh.load(Ordering::Relaxed) > 0
    }

    /// Something came in.
    pub(super) fn heard(&self) {
        *sync::lock(&self.silent_since) = None;
    }

    /// Nothing is there. How long that must last before tickets are let go of; zero when it has.
    pub(super) fn silence_left(&self) -> Duration {
        let mut since = sync::lock(&self.silent_since);
        SILENCE.saturating_sub(since.get_or_insert_with(Instant::now).elapsed())
    }
}
