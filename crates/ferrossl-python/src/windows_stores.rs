//! `enum_certificates` and `enum_crls`: what the certificate stores of Windows hold.

use std::ffi::{CStr, c_void};
use std::io;
use std::ptr::null_mut;

use ferrossl::Error;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFrozenSet, PyString};
use windows_sys::Win32::Foundation::{CRYPT_E_NOT_FOUND, SetLastError};
use windows_sys::Win32::Security::Cryptography::{
    CERT_CONTEXT, CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG,
    CERT_STORE_PROV_SYSTEM_W, CERT_STORE_READONLY_FLAG, CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY_ID,
    CERT_SYSTEM_STORE_CURRENT_USER_ID, CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE_ID,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY_ID, CERT_SYSTEM_STORE_LOCAL_MACHINE_ID,
    CERT_SYSTEM_STORE_LOCATION_SHIFT, CERT_SYSTEM_STORE_SERVICES_ID, CERT_SYSTEM_STORE_USERS_ID, CTL_USAGE,
    CertCloseStore, CertEnumCRLsInStore, CertEnumCertificatesInStore, CertGetEnhancedKeyUsage, CertOpenStore,
    HCERTSTORE, PKCS_7_ASN_ENCODING, X509_ASN_ENCODING,
};

use crate::exceptions::BindingResult;

/// The places where Windows has stores under the same names, in the order in which they are asked.
const LOCATIONS: [u32; 7] = [
    CERT_SYSTEM_STORE_LOCAL_MACHINE_ID,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE_ID,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY_ID,
    CERT_SYSTEM_STORE_CURRENT_USER_ID,
    CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY_ID,
    CERT_SYSTEM_STORE_SERVICES_ID,
    CERT_SYSTEM_STORE_USERS_ID,
];

/// A certificate or a CRL, and its encoding as Windows numbers it.
#[derive(PartialEq, Eq)]
struct Stored {
    bytes: Vec<u8>,
    encoding: u32,
}

/// What a certificate may be used for.
#[derive(PartialEq, Eq)]
enum Uses {
    Any,
    /// Object identifiers in dotted form; none of them: nothing.
    Only(Vec<String>),
}

/// (bytes, encoding type, trust), as Python gets them.
type CertificateTuple<'py> = (Bound<'py, PyBytes>, Bound<'py, PyAny>, Bound<'py, PyAny>);

/// Retrieve certificates from Windows' cert store.
///
/// store_name may be one of 'CA', 'ROOT' or 'MY'; the system may provide more. Returns a list of
/// (bytes, encoding_type, trust) tuples: encoding_type is "x509_asn" or "pkcs_7_asn", trust a set of OIDs, or
/// True where the certificate may be used for everything. OSError when no such store can be opened.
#[pyfunction]
#[pyo3(signature = (store_name))]
pub(crate) fn enum_certificates<'py>(
    py: Python<'py>,
    store_name: &str,
) -> BindingResult<Vec<CertificateTuple<'py>>> {
    let name = wide(store_name)?;
    let found = py.detach(|| collect(&name, certificates)).map_err(Error::from)?;
    found
        .into_iter()
        .map(|(stored, uses)| {
            let trust = match uses {
                Uses::Any => PyBool::new(py, true).to_owned().into_any(),
                Uses::Only(identifiers) => PyFrozenSet::new(py, identifiers)?.into_any(),
            };
            Ok((PyBytes::new(py, &stored.bytes), encoding_type(py, stored.encoding)?, trust))
        })
        .collect()
}

/// Retrieve CRLs from Windows' cert store.
///
/// store_name may be one of 'CA', 'ROOT' or 'MY'; the system may provide more. Returns a list of
/// (bytes, encoding_type) tuples: encoding_type is "x509_asn" or "pkcs_7_asn". OSError when no such store can
/// be opened.
#[pyfunction]
#[pyo3(signature = (store_name))]
pub(crate) fn enum_crls<'py>(
    py: Python<'py>,
    store_name: &str,
) -> BindingResult<Vec<(Bound<'py, PyBytes>, Bound<'py, PyAny>)>> {
    let name = wide(store_name)?;
    let found = py.detach(|| collect(&name, revocation_lists)).map_err(Error::from)?;
    found
        .into_iter()
        .map(|stored| Ok((PyBytes::new(py, &stored.bytes), encoding_type(py, stored.encoding)?)))
        .collect()
}

/// UTF-16 with a final zero.
fn wide(name: &str) -> PyResult<Vec<u16>> {
    if name.contains('\0') {
        return Err(PyValueError::new_err("embedded null character"));
    }
    Ok(name.encode_utf16().chain([0]).collect())
}

fn encoding_type(py: Python<'_>, encoding: u32) -> PyResult<Bound<'_, PyAny>> {
    Ok(match encoding {
        X509_ASN_ENCODING => PyString::intern(py, "x509_asn").into_any(),
        PKCS_7_ASN_ENCODING => PyString::intern(py, "pkcs_7_asn").into_any(),
        other => other.into_pyobject(py)?.into_any(),
    })
}

/// What the stores of this name hold in all locations, once each. Some locations lack some stores; that
/// none has this one is an error.
fn collect<T: PartialEq>(name: &[u16], entries: impl Fn(&Store) -> io::Result<Vec<T>>) -> io::Result<Vec<T>> {
    let mut found: Vec<T> = Vec::new();
    let mut refusal = None;
    let mut opened = 0;
    for location in LOCATIONS {
        match Store::open(name, location) {
            Ok(store) => {
                opened += 1;
                for entry in entries(&store)? {
                    if !found.contains(&entry) {
                        found.push(entry);
                    }
                }
            }
            Err(error) => refusal = Some(error),
        }
    }
    match refusal {
        Some(error) if opened == 0 => Err(error),
        _ => Ok(found),
    }
}

/// An open certificate store.
struct Store(HCERTSTORE);

impl Store {
    /// Opens the store `name`, UTF-16 with a final zero, read-only.
    fn open(name: &[u16], location: u32) -> io::Result<Self> {
        debug_assert_eq!(name.last(), Some(&0));
        let flags = CERT_STORE_READONLY_FLAG | (location << CERT_SYSTEM_STORE_LOCATION_SHIFT);
        // SAFETY: this provider takes a pointer to a wide string that ends with a zero, as `name` does, and
        // keeps none of it. Zero stands for the default where the encoding and the cryptographic provider go.
        let handle =
            unsafe { CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, flags, name.as_ptr().cast::<c_void>()) };
        if handle.is_null() { Err(io::Error::last_os_error()) } else { Ok(Self(handle)) }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: the handle is open, this is its only owner, and no context of it is used any more: `certificates`
        // and `revocation_lists` copy what they return.
        unsafe { CertCloseStore(self.0, 0) };
    }
}

fn certificates(store: &Store) -> io::Result<Vec<(Stored, Uses)>> {
    let mut found = Vec::new();
    let mut current: *mut CERT_CONTEXT = null_mut();
    loop {
        // SAFETY: the store is open. `current` is null, or what the last call returned and nobody has freed: this
        // call frees it.
        current = unsafe { CertEnumCertificatesInStore(store.0, current) };
        // SAFETY: null, or a context that lives until it goes into the next call above, at the end of this turn.
        let Some(context) = (unsafe { current.as_ref() }) else { break };
        // SAFETY: the context's bytes live as long as the context, and are copied at once.
        let bytes = unsafe { copy(context.pbCertEncoded, context.cbCertEncoded) };
        // No way out of the loop between two calls: the context would be lost.
        found.push((Stored { bytes, encoding: context.dwCertEncodingType }, uses(context)));
    }
    found.into_iter().map(|(stored, uses)| Ok((stored, uses?))).collect()
}

fn revocation_lists(store: &Store) -> io::Result<Vec<Stored>> {
    let mut found = Vec::new();
    let mut current = null_mut();
    loop {
        // SAFETY: as for certificates.
        current = unsafe { CertEnumCRLsInStore(store.0, current) };
        // SAFETY: as for certificates.
        let Some(context) = (unsafe { current.as_ref() }) else { break };
        // SAFETY: as for certificates.
        let bytes = unsafe { copy(context.pbCrlEncoded, context.cbCrlEncoded) };
        found.push(Stored { bytes, encoding: context.dwCertEncodingType });
    }
    Ok(found)
}

/// # Safety
///
/// `start` points to `length` bytes, or `length` is zero.
unsafe fn copy(start: *const u8, length: u32) -> Vec<u8> {
    if length == 0 {
        return Vec::new();
    }
    // SAFETY: promised by the caller; a `u32` fits a `usize` on every Windows.
    unsafe { std::slice::from_raw_parts(start, length as usize) }.to_vec()
}

/// What the system's owner has set for a certificate counts, else what the certificate says of itself.
fn uses(context: &CERT_CONTEXT) -> io::Result<Uses> {
    match uses_from(context, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG)? {
        Uses::Any => uses_from(context, CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG),
        only @ Uses::Only(_) => Ok(only),
    }
}

fn uses_from(context: &CERT_CONTEXT, source: u32) -> io::Result<Uses> {
    let mut size = 0;
    // SAFETY: a null buffer asks for the size only.
    if unsafe { CertGetEnhancedKeyUsage(context, source, null_mut(), &raw mut size) } == 0 {
        return none_said(io::Error::last_os_error());
    }
    // Words, so that the structure at the beginning is aligned.
    let mut buffer = vec![0_u64; (size as usize).div_ceil(size_of::<u64>()).max(size_of::<CTL_USAGE>() / 8)];
    let usage = buffer.as_mut_ptr().cast::<CTL_USAGE>();
    // SAFETY: always allowed. An empty list is told from a missing one by the last error alone, so no older one
    // may stand there.
    unsafe { SetLastError(0) };
    // SAFETY: the buffer has the size that was asked for, and `size` says so.
    if unsafe { CertGetEnhancedKeyUsage(context, source, usage, &raw mut size) } == 0 {
        return none_said(io::Error::last_os_error());
    }
    let missing = io::Error::last_os_error().raw_os_error() == Some(CRYPT_E_NOT_FOUND);
    // SAFETY: the buffer is aligned and large enough for the structure, which the call has filled, or left zero.
    let usage = unsafe { usage.read() };
    if usage.cUsageIdentifier == 0 {
        return Ok(if missing { Uses::Any } else { Uses::Only(Vec::new()) });
    }
    let identifiers = (0..usage.cUsageIdentifier as usize).map(|index| {
        // SAFETY: the array has that many pointers, each to a string that ends with a zero; all of it is in `buffer`,
        // which is still there.
        let text = unsafe { CStr::from_ptr((*usage.rgpszUsageIdentifier.add(index)).cast()) };
        text.to_string_lossy().into_owned()
    });
    Ok(Uses::Only(identifiers.collect()))
}

/// A certificate about which nothing is said may be used for everything.
fn none_said(error: io::Error) -> io::Result<Uses> {
    if error.raw_os_error() == Some(CRYPT_E_NOT_FOUND) { Ok(Uses::Any) } else { Err(error) }
}
