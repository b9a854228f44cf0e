//! The Python face: one file per Python class, one table for exceptions. What TLS does is in `ferrossl`;
//! here arguments are taken apart, the GIL is released, the core is called, and results are converted.

mod arguments;
mod backlog;
mod buffers;
mod certificate;
mod context;
mod context_ciphers;
mod context_trust;
mod deadline;
mod descriptor;
mod exceptions;
mod functions;
mod interpreter;
mod link;
mod memory_bio;
mod messages;
mod new_bytes;
mod owner;
mod password;
mod session;
mod sni;
mod socket;
mod sync;
mod transport_core;
#[cfg(windows)]
mod windows_stores;
mod wrap;

use pyo3::prelude::*;

/// Native parts of ferrossl. Not for direct use: `ferrossl` and `ferrossl._ssl` show them.
#[pymodule]
#[pyo3(name = "_ferrossl")]
mod ferrossl_native {
    #[pymodule_export]
    use super::certificate::{PyCertificate, decode_certificate_file};
    #[pymodule_export]
    use super::context::PyContext;
    #[pymodule_export]
    use super::functions::{default_verify_paths, engine_versions, nid2obj, random_bytes, txt2obj};
    #[pymodule_export]
    use super::memory_bio::PyMemoryBio;
    #[pymodule_export]
    use super::session::PySslSession;
    #[pymodule_export]
    use super::socket::PySslSocket;
    #[pymodule_export]
    use super::transport_core::TransportCore;
    #[cfg(windows)]
    #[pymodule_export]
    use super::windows_stores::{enum_certificates, enum_crls};
}
