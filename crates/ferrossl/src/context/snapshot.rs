//! One generation of a context's settings, compiled for the engine when first needed.

use std::sync::{Arc, Mutex, OnceLock, Weak};

use crate::engine::{ClientConfig, ClientMemory, ServerConfig, ServerMemory, compile_client, compile_server};
use crate::error::Result;
use crate::settings::combined::combine;
use crate::settings::{Counters, Settings};
use crate::sync;

/// Immutable settings that connections share.
pub struct Snapshot {
    settings: Settings,
    counters: Arc<Counters>,
    client: OnceLock<Result<ClientConfig>>,
    server: OnceLock<Result<ServerConfig>>,
    memory: Memory,
    combinations: Mutex<Vec<Combination>>,
}

/// What outlives a change of settings that leaves sessions alone.
#[derive(Clone)]
pub(super) struct Memory {
    client: Arc<ClientMemory>,
    server: Arc<ServerMemory>,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

impl Memory {
    fn following(last: Option<&Self>, settings: &Settings, counters: &Arc<Counters>) -> Self {
        Self {
            client: ClientMemory::following(last.map(|last| &last.client), settings),
            server: ServerMemory::following(last.map(|last| &last.server), settings, counters),
        }
    }
}

/// What connections that began under `first` go on with; `None` where it is the snapshot that keeps this.
struct Combination {
    first: Weak<Snapshot>,
    is_server: bool,
    next: Option<Arc<Snapshot>>,
}

/// How many of them a snapshot remembers: connections that share one share sessions and compiled settings.
const COMBINATIONS: usize = 16;

impl Snapshot {
    /// `last` is what the generation before has left.
    pub(super) fn new(settings: Settings, counters: Arc<Counters>, last: Option<&Memory>) -> Self {
        Self {
            memory: Memory::following(last, &settings, &counters),
            settings,
            counters,
            client: OnceLock::new(),
            server: OnceLock::new(),
            combinations: Mutex::new(Vec::new()),
        }
    }

    pub(super) const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The settings of this generation.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What a connection that has begun under `first` goes on with when its context is exchanged for this one.
    pub(crate) fn combined_with(self: &Arc<Self>, first: &Arc<Self>, is_server: bool) -> Arc<Self> {
        if Arc::ptr_eq(self, first) {
            return Arc::clone(self);
        }
        let or_self = |next: &Option<Arc<Self>>| Arc::clone(next.as_ref().unwrap_or(self));
        let mut combinations = sync::lock(&self.combinations);
        if combinations.iter().any(|known| known.next.as_ref().is_some_and(|next| Arc::ptr_eq(next, first))) {
            // The demands of this one are in it already: it was set twice.
            return Arc::clone(first);
        }
        combinations.retain(|known| known.first.strong_count() > 0);
        let same = |known: &&Combination| {
            known.is_server == is_server && std::ptr::eq(known.first.as_ptr(), Arc::as_ptr(first))
        };
        if let Some(known) = combinations.iter().find(same) {
            return or_self(&known.next);
        }
        if combinations.len() == COMBINATIONS {
            combinations.remove(0);
        }
        let next = combine(&first.settings, &self.settings, is_server)
            .map(|settings| Arc::new(Self::new(settings, Arc::clone(&self.counters), None)));
        let result = or_self(&next);
        combinations.push(Combination { first: Arc::downgrade(first), is_server, next });
        result
    }

    pub(crate) const fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    pub(crate) fn client(&self) -> Result<&ClientConfig> {
        self.client
            .get_or_init(|| compile_client(&self.settings, &self.memory.client, &self.counters))
            .as_ref()
            .map_err(Clone::clone)
    }

    pub(crate) fn server(&self) -> Result<&ServerConfig> {
        self.server
            .get_or_init(|| compile_server(&self.settings, &self.memory.server, &self.counters))
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("settings", &self.settings).finish_non_exhaustive()
    }
}
