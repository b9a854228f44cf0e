//! What this crate adds to the cryptography of rustls' provider. Knows rustls' traits for it, and no settings.

pub(crate) mod cbc;
pub(crate) mod cbc_mac;
pub(crate) mod dh_parameters;
pub(crate) mod dhe;
pub(crate) mod groups;
pub(crate) mod modp_groups;
pub(crate) mod pss_key;
pub(crate) mod signing_key;

pub use dh_parameters::DhParameters;
