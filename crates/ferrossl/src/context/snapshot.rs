//! One generation of a context's settings, compiled for the engine when first needed.

use std::sync::{Arc, OnceLock};

use super::counters::Counters;
use super::settings::Settings;
use crate::engine::{ClientConfig, ServerConfig, compile_client, compile_server};
use crate::error::Result;

/// Immutable settings that connections share.
pub struct Snapshot {
    settings: Settings,
    counters: Arc<Counters>,
    client: OnceLock<Result<ClientConfig>>,
    server: OnceLock<Result<ServerConfig>>,
}

impl Snapshot {
    pub(super) const fn new(settings: Settings, counters: Arc<Counters>) -> Self {
        Self { settings, counters, client: OnceLock::new(), server: OnceLock::new() }
    }

    /// The settings of this generation.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) const fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    pub(crate) fn client(&self) -> Result<&ClientConfig> {
        self.client.get_or_init(|| compile_client(&self.settings)).as_ref().map_err(Clone::clone)
    }

    pub(crate) fn server(&self) -> Result<&ServerConfig> {
        self.server
            .get_or_init(|| compile_server(&self.settings, &self.counters))
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("settings", &self.settings).finish_non_exhaustive()
    }
}
