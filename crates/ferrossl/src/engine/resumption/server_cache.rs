//! The sessions that a server remembers itself, when it gives out no tickets.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rustls::server::StoresServerSessions;

use crate::settings::Counters;
use crate::sync;

/// `SSL_SESSION_CACHE_MAX_SIZE_DEFAULT` of OpenSSL.
const CAPACITY: usize = 20 * 1024;
/// OpenSSL's default for `SSL_CTX_set_timeout`.
const LIFETIME: Duration = Duration::from_secs(7200);

/// A bounded memory of sessions, the oldest forgotten first.
#[derive(Debug)]
pub(crate) struct ServerCache {
    state: Mutex<State>,
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
struct State {
    values: HashMap<Vec<u8>, (Instant, Vec<u8>)>,
    order: VecDeque<Vec<u8>>,
}

impl ServerCache {
    pub(crate) fn new(counters: Arc<Counters>) -> Self {
        Self { state: Mutex::default(), counters }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state)
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

impl StoresServerSessions for ServerCache {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions() -> ServerCache {
        ServerCache::new(Arc::default())
    }

    fn counted(sessions: &ServerCache) -> [usize; 4] {
        let counters = &sessions.counters;
        [&counters.number, &counters.misses, &counters.timeouts, &counters.cache_full]
            .map(|count| count.get())
    }

    #[test]
    fn what_was_put_is_found_until_it_is_taken() {
        let sessions = sessions();
        assert!(sessions.can_cache());
        assert!(sessions.put(vec![1], vec![10]) && sessions.put(vec![2], vec![20]));
        for _ in 0..2 {
            assert_eq!(sessions.get(&[1]), Some(vec![10]));
        }
        assert_eq!(counted(&sessions), [2, 0, 0, 0]);
        assert_eq!(sessions.take(&[1]), Some(vec![10]));
        assert_eq!(counted(&sessions), [1, 0, 0, 0]);
        assert_eq!((sessions.take(&[1]), sessions.get(&[3])), (None, None));
        assert_eq!(counted(&sessions), [1, 2, 0, 0]);
        // A newer value takes the place of the old one.
        sessions.put(vec![2], vec![21]);
        assert_eq!(sessions.get(&[2]), Some(vec![21]));
        assert_eq!(counted(&sessions)[0], 1);
    }

    #[test]
    fn a_session_grows_old() {
        let sessions = sessions();
        for key in 1..=2 {
            sessions.put(vec![key], vec![key]);
        }
        let Some(long_ago) = Instant::now().checked_sub(LIFETIME) else { return };
        if let Some((since, _)) = sessions.lock().values.get_mut(&vec![1]) {
            *since = long_ago;
        }
        assert_eq!(sessions.get(&[1]), None);
        assert_eq!(counted(&sessions), [1, 0, 1, 0]);
        assert_eq!(sessions.get(&[1]), None);
        assert_eq!(counted(&sessions), [1, 1, 1, 0]);
        assert_eq!(sessions.get(&[2]), Some(vec![2]));
        assert_eq!(sessions.lock().order.len(), 1);
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let sessions = sessions();
        let key = |number: usize| number.to_be_bytes().to_vec();
        for number in 0..CAPACITY {
            sessions.put(key(number), vec![]);
        }
        assert_eq!(counted(&sessions), [CAPACITY, 0, 0, 0]);
        sessions.put(key(CAPACITY), vec![]);
        assert_eq!(counted(&sessions), [CAPACITY, 0, 0, 1]);
        assert_eq!(sessions.get(&key(0)), None);
        assert!(sessions.get(&key(1)).is_some() && sessions.get(&key(CAPACITY)).is_some());
    }
}
