//! The sessions that a server remembers itself, when it gives out no tickets.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustls::server::StoresServerSessions;

use crate::context::Counters;

/// `SSL_SESSION_CACHE_MAX_SIZE_DEFAULT` of OpenSSL.
const CAPACITY: usize = 20 * 1024;
/// OpenSSL's default for `SSL_CTX_set_timeout`.
const LIFETIME: Duration = Duration::from_secs(7200);

/// A bounded memory of sessions, the oldest forgotten first.
#[derive(Debug)]
pub(super) struct ServerSessions {
    state: Mutex<State>,
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct State {
    values: HashMap<Vec<u8>, (Instant, Vec<u8>)>,
    order: VecDeque<Vec<u8>>,
}

impl ServerSessions {
    pub(super) fn new(counters: Arc<Counters>) -> Self {
        Self { state: Mutex::default(), counters }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, key: &[u8], take: bool) -> Option<Vec<u8>> {
        let mut state = self.lock();
        let is_fresh = state.values.get(key).map(|(since, _)| since.elapsed() < LIFETIME);
        match is_fresh {
            None => {
                self.counters.misses.add();
                return None;
            }
            Some(false) => self.counters.timeouts.add(),
            Some(true) if !take => return state.values.get(key).map(|(_, value)| value.clone()),
            Some(true) => {}
        }
        let removed = state.values.remove(key);
        state.order.retain(|known| known != key);
        self.counters.number.set(state.values.len());
        removed.filter(|_| is_fresh == Some(true)).map(|(_, value)| value)
    }
}

impl StoresServerSessions for ServerSessions {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        let mut state = self.lock();
        if state.values.insert(key.clone(), (Instant::now(), value)).is_none() {
            state.order.push_back(key);
        }
        if state.values.len() > CAPACITY {
            self.counters.cache_full.add();
            if let Some(oldest) = state.order.pop_front() {
                state.values.remove(&oldest);
            }
        }
        self.counters.number.set(state.values.len());
        true
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.find(key, false)
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.find(key, true)
    }

    fn can_cache(&self) -> bool {
        true
    }
}
