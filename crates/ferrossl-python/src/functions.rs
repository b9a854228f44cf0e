//! Functions of `_ssl` that belong to no class.

use std::ffi::c_int;

use ferrossl::openssl_names::objects::{self, Object};
use ferrossl::trust::system;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::exceptions::{BindingError, BindingResult};

/// n bytes that are fit for keys.
#[pyfunction]
#[pyo3(signature = (n, /))]
pub(crate) fn random_bytes(py: Python<'_>, n: c_int) -> BindingResult<Bound<'_, PyBytes>> {
    let Ok(length) = usize::try_from(n) else {
        return Err(PyValueError::new_err("num must be positive").into());
    };
    Ok(PyBytes::new_with(py, length, |buffer| {
        ferrossl::random::fill(buffer).map_err(|error| BindingError::from(error).into())
    })?)
}

type ObjectTuple = (u16, &'static str, &'static str, &'static str);

const fn tuple(object: &Object) -> ObjectTuple {
    (object.nid, object.short_name, object.long_name, object.oid)
}

/// Look up an object by its identifier in dotted form, or by its names too. Returns (nid, shortname, longname, oid).
#[pyfunction]
#[pyo3(signature = (txt, name=false))]
pub(crate) fn txt2obj(txt: &str, name: bool) -> PyResult<ObjectTuple> {
    objects::by_oid(txt).or_else(|| if name { objects::by_name(txt) } else { None }).map(tuple).ok_or_else(
        || PyValueError::new_err(format!("unknown object '{}'", txt.chars().take(100).collect::<String>())),
    )
}

/// Look up an object by OpenSSL's number. Returns (nid, shortname, longname, oid).
#[pyfunction]
#[pyo3(signature = (nid, /))]
pub(crate) fn nid2obj(nid: c_int) -> PyResult<ObjectTuple> {
    if nid < 0 {
        return Err(PyValueError::new_err("NID must be positive"));
    }
    u16::try_from(nid)
        .ok()
        .and_then(objects::by_nid)
        .map(tuple)
        .ok_or_else(|| PyValueError::new_err(format!("unknown NID {nid}")))
}

/// (file variable, built-in file, folder variable, built-in folder) of the system's trusted certificates.
#[pyfunction]
pub(crate) fn default_verify_paths() -> (&'static str, String, &'static str, String) {
    (
        system::CERT_FILE_VARIABLE,
        system::default_file().to_string_lossy().into_owned(),
        system::CERT_DIR_VARIABLE,
        system::default_directory().to_string_lossy().into_owned(),
    )
}

/// The versions of this library and of the engine.
#[pyfunction]
pub(crate) const fn engine_versions() -> (&'static str, &'static str) {
    (env!("CARGO_PKG_VERSION"), "rustls 0.23.46, aws-lc-rs")
}
