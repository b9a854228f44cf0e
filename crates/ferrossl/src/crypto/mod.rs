//! What this crate adds to the cryptography of rustls' provider. Knows rustls' traits for it, and no settings.

mod cbc;
mod cbc_mac;
mod dh_parameters;
pub(crate) mod dhe;
pub(crate) mod groups;
mod modp_groups;
mod pss_key;
mod signing_key;
pub(crate) mod suites;

pub use dh_parameters::DhParameters;
pub(crate) use signing_key::SigningKey;
