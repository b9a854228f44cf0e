//! The Python object that a native connection belongs to: its `SSLSocket` or `SSLObject`, which callbacks get as their
//! first argument. It holds the connection, so the connection knows it by a weak reference only.

use std::sync::Mutex;

use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};

use crate::sync::lock;

/// The reference of one connection; programs may set another one.
pub(crate) struct OwnerReference(Mutex<Option<Py<PyWeakrefReference>>>);

/// What the reference leads to.
pub(crate) enum Owner<'py> {
    There(Bound<'py, PyAny>),
    /// Collected meanwhile.
    Gone,
    /// There never was one.
    Never,
}

impl OwnerReference {
    pub(crate) fn new(owner: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let reference = owner.map(PyWeakrefReference::new).transpose()?.map(Bound::unbind);
        Ok(Self(Mutex::new(reference)))
    }

    pub(crate) fn set(&self, owner: &Bound<'_, PyAny>) -> PyResult<()> {
        let reference = PyWeakrefReference::new(owner)?.unbind();
        // Dropped outside of the lock: a finaliser may come back here.
        let _old = lock(&self.0).replace(reference);
        Ok(())
    }

    pub(crate) fn find<'py>(&self, py: Python<'py>) -> Owner<'py> {
        let reference = lock(&self.0).as_ref().map(|reference| reference.clone_ref(py));
        let Some(reference) = reference else { return Owner::Never };
        reference.bind(py).upgrade().map_or(Owner::Gone, Owner::There)
    }
}

impl<'py> Owner<'py> {
    /// For those to whom it makes no difference why there is none.
    pub(crate) fn or_none(self) -> Option<Bound<'py, PyAny>> {
        match self {
            Self::There(owner) => Some(owner),
            Self::Gone | Self::Never => None,
        }
    }
}
