//! What this crate adds to the cryptography of rustls' provider. Knows rustls' traits for it, and no settings.

#[cfg(feature = "legacy")]
mod cbc;
#[cfg(feature = "legacy")]
mod cbc_mac;
#[cfg(feature = "legacy")]
mod dh_parameters;
#[cfg(feature = "legacy")]
pub(crate) mod dhe;
pub(crate) mod groups;
pub(crate) mod hkdf;
#[cfg(feature = "legacy")]
pub(crate) mod legacy_suites;
#[cfg(feature = "legacy")]
mod modp_groups;
mod pss_key;
mod signing_key;

#[cfg(feature = "legacy")]
pub use dh_parameters::DhParameters;
pub(crate) use signing_key::SigningKey;
