//! `_ssl.Certificate`, and certificates as the dictionaries of `getpeercert()`.

use std::sync::Arc;

use ferrossl::error::AtPath;
use ferrossl::pem;
use ferrossl::x509::{self, Attribute, Certificate, GeneralName};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::exceptions::{BindingResult, plain_ssl_error};

/// `ENCODING_PEM` and `ENCODING_DER` of `_ssl` (`X509_FILETYPE_*`; PEM_AUX is not supported).
const ENCODING_PEM: i32 = 1;
const ENCODING_DER: i32 = 2;

/// A certificate of the peer's chain.
#[pyclass(frozen, immutable_type, name = "Certificate", module = "ferrossl._ferrossl")]
pub(crate) struct PyCertificate {
    certificate: Arc<Certificate>,
}

impl PyCertificate {
    pub(crate) const fn new(certificate: Arc<Certificate>) -> Self {
        Self { certificate }
    }
}

#[pymethods]
impl PyCertificate {
    /// The certificate's bytes: PEM as str, or DER as bytes.
    #[pyo3(signature = (format=ENCODING_PEM))]
    fn public_bytes<'py>(&self, py: Python<'py>, format: i32) -> PyResult<Bound<'py, PyAny>> {
        let der = self.certificate.der();
        match format {
            ENCODING_PEM => Ok(pem::encode("CERTIFICATE", der).into_pyobject(py)?.into_any()),
            ENCODING_DER => Ok(PyBytes::new(py, der).into_any()),
            _ => Err(PyValueError::new_err("Unsupported format")),
        }
    }

    /// The certificate as the dictionary of `getpeercert()`.
    fn get_info<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        to_dict(py, &self.certificate)
    }

    fn __repr__(&self) -> String {
        format!("<Certificate '{}'>", self.certificate.subject().one_line())
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.certificate == other.certificate
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.certificate.der().hash(&mut hasher);
        hasher.finish()
    }
}

/// Reads the first certificate of a PEM file as the dictionary of `getpeercert()`.
#[pyfunction]
#[pyo3(name = "_test_decode_cert", signature = (path, /))]
pub(crate) fn decode_certificate_file<'py>(
    py: Python<'py>,
    path: std::path::PathBuf,
) -> BindingResult<Bound<'py, PyDict>> {
    let text = std::fs::read(&path).at(&path)?;
    match x509::certificates_from_pem(&text)?.first() {
        Some(certificate) => Ok(to_dict(py, certificate)?),
        None => Err(plain_ssl_error(0, "Error decoding PEM-encoded file").into()),
    }
}

/// The dictionary of `getpeercert()`.
pub(crate) fn to_dict<'py>(py: Python<'py>, certificate: &Certificate) -> PyResult<Bound<'py, PyDict>> {
    let info = PyDict::new(py);
    let extensions = certificate.extensions();
    info.set_item("subject", name_tuple(py, certificate.subject().rdns())?)?;
    info.set_item("issuer", name_tuple(py, certificate.issuer().rdns())?)?;
    info.set_item("version", certificate.version())?;
    info.set_item("serialNumber", certificate.serial_text())?;
    info.set_item("notBefore", certificate.not_before().openssl_text())?;
    info.set_item("notAfter", certificate.not_after().openssl_text())?;
    if let Some(names) = &extensions.subject_alt_names {
        let names = names.iter().map(|name| general_name(py, name)).collect::<PyResult<Vec<_>>>()?;
        info.set_item("subjectAltName", PyTuple::new(py, names)?)?;
    }
    let crl_uris = extensions.crl_uris().map(str::to_owned).collect();
    for (key, uris) in [
        ("OCSP", &extensions.ocsp_uris),
        ("caIssuers", &extensions.ca_issuers_uris),
        ("crlDistributionPoints", &crl_uris),
    ] {
        if !uris.is_empty() {
            info.set_item(key, PyTuple::new(py, uris)?)?;
        }
    }
    Ok(info)
}

fn name_tuple<'py>(py: Python<'py>, rdns: Vec<Vec<Attribute>>) -> PyResult<Bound<'py, PyTuple>> {
    let rdns = rdns
        .into_iter()
        .map(|rdn| PyTuple::new(py, rdn.into_iter().map(|attribute| (attribute.long_name, attribute.value))))
        .collect::<PyResult<Vec<_>>>()?;
    PyTuple::new(py, rdns)
}

fn general_name<'py>(py: Python<'py>, name: &GeneralName) -> PyResult<Bound<'py, PyAny>> {
    let pair = |kind: &str, value: &str| Ok((kind, value).into_pyobject(py)?.into_any());
    match name {
        GeneralName::Email(text) => pair("email", text),
        GeneralName::Dns(text) => pair("DNS", text),
        GeneralName::Uri(text) => pair("URI", text),
        GeneralName::Directory(name) => {
            Ok(("DirName", name_tuple(py, name.rdns())?).into_pyobject(py)?.into_any())
        }
        GeneralName::Ip(bytes) => pair("IP Address", &address_text(bytes)),
        GeneralName::RegisteredId(oid) => pair("Registered ID", oid),
        GeneralName::OtherName(..) => pair("othername", "<unsupported>"),
        GeneralName::X400(_) => pair("X400Name", "<unsupported>"),
        _ => pair("EdiPartyName", "<unsupported>"),
    }
}

/// As CPython's `_ssl` writes addresses: capital hexadecimal groups without any shortening for version 6.
fn address_text(bytes: &[u8]) -> String {
    if let Ok([a, b, c, d]) = <[u8; 4]>::try_from(bytes) {
        return format!("{a}.{b}.{c}.{d}");
    }
    match bytes.as_chunks::<2>() {
        (groups, []) if groups.len() == 8 => groups
            .iter()
            .map(|&group| format!("{:X}", u16::from_be_bytes(group)))
            .collect::<Vec<_>>()
            .join(":"),
        _ => "<invalid>".to_owned(),
    }
}
