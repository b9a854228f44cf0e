//! Test tools for ferrossl: a PKI made on the spot, a pair of connections in memory, faulty transports, and
//! a scripted peer that can say anything.
//!
//! Nothing here is for production: keys are made without care for who reads them.

mod allocations;
mod keys;
mod pair;
pub mod peer;
mod pki;
mod soak;
mod transports;

pub use allocations::CountingAllocator;
pub use keys::KeyKind;
pub use pair::{Pair, contexts};
pub use pki::{Leaf, Pki};
pub use soak::{Numbers, Tally, soak};
pub use transports::{Fault, Wire, wire};
