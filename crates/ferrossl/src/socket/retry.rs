//! Writes whose records are queued but not sent yet: the caller was told to try again with the same bytes,
//! and must not have them encrypted twice.
//!
//! A write is taken for the second call of an earlier one only if it is the very next: the next of the thread that
//! made the first call, or, when nothing else was written meanwhile, of any thread. Anything else is new data, and goes
//! out behind what is queued. The bytes of a write that was given up are on their way all the same; no byte
//! of what comes later is taken for them. (OpenSSL fails with `BAD_WRITE_RETRY` there, or, if the length is the same,
//! takes the new bytes for the old ones.)
//!
//! Several writers of one thread may take turns, as with greenlets: those that come while another's records fill the
//! socket are all sent away, with nothing queued, and the first one to come back may not be the one whose records
//! those were. It is sent away once more, so that the other has its turn first.

use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;

use crate::sync;
use std::thread::{self, ThreadId};

/// More writers under way on one socket than any program has.
const CAPACITY: usize = 64;
/// This much of a write's beginning, and its length, tell it from the others that were sent away.
const BEGINNING: usize = 1024;

/// A write whose second call is awaited.
struct Waiting {
    thread: ThreadId,
    length: usize,
    hash: u64,
}

/// A write of which nothing is queued, because the records of another one filled the transport.
struct SentAway {
    thread: ThreadId,
    name: u64,
    /// It has let the one that is awaited now go first.
    was_polite: bool,
}

#[derive(Default)]
struct State {
    /// At most one a thread, the oldest first.
    waiting: Vec<Waiting>,
    /// Those that have not been made since, the oldest first.
    sent_away: Vec<SentAway>,
    /// Whether the last of `waiting` is the last write of all.
    nothing_since: bool,
}

/// What a write turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Write {
    /// Its first bytes, so many, were queued by the call before.
    Again(usize),
    New,
    /// One of several that take turns; another one is to go first.
    NotYet,
}

/// Fingerprints of writes that wait for their second call.
pub(super) struct Retries {
    hasher: RandomState,
    state: Mutex<State>,
}

impl Retries {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), state: Mutex::default() }
    }

    /// Notes that `data` is encrypted and queued, and that this thread's caller is told of a failure.
    pub(super) fn add(&self, data: &[u8]) {
        let thread = thread::current().id();
        let (length, hash) = (data.len(), self.hasher.hash_one(data));
        let mut state = sync::lock(&self.state);
        state.waiting.retain(|known| known.thread != thread);
        if state.waiting.len() == CAPACITY {
            state.waiting.remove(0);
        }
        state.waiting.push(Waiting { thread, length, hash });
        state.nothing_since = true;
    }

    fn is_again(&self, known: &Waiting, data: &[u8]) -> bool {
        data.get(..known.length).is_some_and(|beginning| self.hasher.hash_one(beginning) == known.hash)
    }

    fn name(&self, data: &[u8]) -> u64 {
        self.hasher.hash_one((data.len(), &data[..data.len().min(BEGINNING)]))
    }

    /// Notes that nothing of `data` is queued because the records of another write fill the transport.
    pub(super) fn sent_away(&self, data: &[u8]) {
        let thread = thread::current().id();
        let mut state = sync::lock(&self.state);
        let own = state.waiting.iter().find(|known| known.thread == thread);
        if own.is_none_or(|known| self.is_again(known, data)) {
            return;
        }
        let name = self.name(data);
        if state.sent_away.iter().any(|known| known.thread == thread && known.name == name) {
            return;
        }
        if state.sent_away.len() == CAPACITY {
            state.sent_away.remove(0);
        }
        state.sent_away.push(SentAway { thread, name, was_polite: false });
    }

    /// What `data` is, now that everything that was queued is sent. [`Write::Again`] and [`Write::New`] count as made.
    pub(super) fn claim(&self, data: &[u8], may_send_away: bool) -> Write {
        let mut state = sync::lock(&self.state);
        let state = &mut *state;
        if state.waiting.is_empty() && state.sent_away.is_empty() {
            return Write::New;
        }
        let newest_counts = std::mem::take(&mut state.nothing_since);
        let thread = thread::current().id();
        let Some(own) = state.waiting.iter().position(|known| known.thread == thread) else {
            let name = self.name(data);
            state.sent_away.retain(|known| known.thread != thread || known.name != name);
            // Another thread's write, if nothing came between. If not, that thread still waits for it.
            let newest = state.waiting.pop_if(|known| newest_counts && self.is_again(known, data));
            return newest.map_or(Write::New, |known| Write::Again(known.length));
        };
        let mut write = Write::Again(state.waiting[own].length);
        if !self.is_again(&state.waiting[own], data) {
            write = Write::New;
            let name = self.name(data);
            let mut others = state.sent_away.iter();
            if let Some(index) = others.position(|known| known.thread == thread && known.name == name) {
                if may_send_away && !std::mem::replace(&mut state.sent_away[index].was_polite, true) {
                    state.nothing_since = newest_counts;
                    return Write::NotYet;
                }
                state.sent_away.remove(index);
            }
        }
        state.waiting.remove(own);
        for known in state.sent_away.iter_mut().filter(|known| known.thread == thread) {
            known.was_polite = false;
        }
        write
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elsewhere<R: Send>(call: impl FnOnce() -> R + Send) -> R {
        thread::scope(|scope| scope.spawn(call).join().unwrap())
    }

    #[test]
    fn the_very_next_write_is_a_retry_once() {
        let retries = Retries::new();
        assert_eq!(retries.claim(b"first", true), Write::New);
        retries.add(b"first");
        assert_eq!(retries.claim(b"first and more", true), Write::Again(5));
        assert_eq!(retries.claim(b"first", true), Write::New);
        retries.add(b"first");
        assert_eq!(retries.claim(b"fir", true), Write::New);
        assert_eq!(retries.claim(b"first", true), Write::New);
    }

    /// One note for each thread and each of its writes.
    #[test]
    fn who_is_sent_away_again_is_noted_once() {
        let retries = Retries::new();
        let noted = || sync::lock(&retries.state).sent_away.len();
        // Somebody else's records wait, and so do this thread's of another write.
        retries.add(b"other");
        for expected in [1, 1] {
            retries.sent_away(b"mine");
            assert_eq!(noted(), expected);
        }
        retries.sent_away(b"also mine");
        assert_eq!(noted(), 2);
        elsewhere(|| {
            retries.add(b"other");
            retries.sent_away(b"mine");
        });
        assert_eq!(noted(), 3);
    }

    #[test]
    fn what_comes_behind_another_write_is_new() {
        let retries = Retries::new();
        retries.add(b"h");
        assert_eq!(retries.claim(b"o", true), Write::New);
        assert_eq!(retries.claim(b"h", true), Write::New);
        retries.add(b"o");
        retries.add(b"h");
        assert_eq!(retries.claim(b"o", true), Write::New);
    }

    #[test]
    fn writers_that_were_sent_away_let_the_first_one_go_first_once() {
        let retries = Retries::new();
        retries.add(b"first");
        for other in [b"second" as &[u8], b"third", b"first", b"second"] {
            retries.sent_away(other);
        }
        assert_eq!(retries.claim(b"third", true), Write::NotYet);
        assert_eq!(retries.claim(b"second", true), Write::NotYet);
        assert_eq!(retries.claim(b"first", true), Write::Again(5));
        assert_eq!(retries.claim(b"third", true), Write::New);
        retries.add(b"third");
        assert_eq!(retries.claim(b"second", true), Write::NotYet);
        assert_eq!(retries.claim(b"third", true), Write::Again(5));
        assert_eq!(retries.claim(b"second", true), Write::New);
        // Whoever was given up does not come back, and nobody waits for it for ever.
        retries.add(b"first");
        retries.sent_away(b"second");
        assert_eq!(retries.claim(b"second", true), Write::NotYet);
        assert_eq!(retries.claim(b"second", true), Write::New);
        assert_eq!(retries.claim(b"first", true), Write::New);
        // Who may wait is not sent away.
        retries.add(b"first");
        retries.sent_away(b"second");
        assert_eq!(retries.claim(b"second", false), Write::New);
    }

    #[test]
    fn each_thread_has_a_write_of_its_own() {
        let retries = Retries::new();
        retries.add(b"first");
        elsewhere(|| {
            assert_eq!(retries.claim(b"second", true), Write::New);
            retries.add(b"second");
        });
        assert_eq!(retries.claim(b"first", true), Write::Again(5));
        // Somebody else has written since.
        assert_eq!(retries.claim(b"second", true), Write::New);
        retries.add(b"third");
        assert_eq!(elsewhere(|| retries.claim(b"third", true)), Write::Again(5));
        assert_eq!(retries.claim(b"third", true), Write::New);
    }
}
