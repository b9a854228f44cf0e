//! Which certificates are trusted: files, folders, bytes and the system's places.
//!
//! Bundles are parsed once per process and shared; loading takes no lock while it reads or parses.

mod bundle;
mod cache;
mod directory;
mod store;
pub mod system;

pub use bundle::Bundle;
pub use store::{Statistics, TrustStore};
