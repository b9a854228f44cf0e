//! `_ssl._SSLContext`: who this side is, whom it trusts, and certificates without a connection.

use std::sync::Arc;

use ferrossl::TrustStore;
use ferrossl::verify::{ExpectedName, Purpose};
use ferrossl::x509::Certificate;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::arguments::{Truth, bundle, optional_path};
use crate::certificate::{PyCertificate, to_dict};

use crate::context::PyContext;
use crate::exceptions::BindingResult;
use crate::interpreter::WayBack;
use crate::password;

#[pymethods]
impl PyContext {
    /// Load a private key and the certificate chain that belongs to it from PEM files.
    ///
    /// certfile has the chain, one's own certificate first, and the key too where keyfile is None. password is a str,
    /// bytes or bytearray, or a callable that returns one; it is asked for only when the key is encrypted, on the terminal
    /// where it is None. OSError when a file cannot be read, SSLError when what is in it is damaged, too weak, or does not
    /// fit together.
    #[pyo3(signature = (certfile, keyfile=None, password=None))]
    fn load_cert_chain(
        &self,
        py: Python<'_>,
        certfile: Option<Bound<'_, PyAny>>,
        keyfile: Option<Bound<'_, PyAny>>,
        password: Option<Bound<'_, PyAny>>,
    ) -> BindingResult<()> {
        let Some(certfile) = optional_path(certfile, "certfile")? else {
            return Err(PyTypeError::new_err("certfile should be a valid filesystem path").into());
        };
        let keyfile = optional_path(keyfile, "keyfile")?;
        if let Some(password) = &password {
            password::check(password)?;
        }
        let password = password.map(Bound::unbind);
        let way_back = WayBack::new(py)?;
        Ok(py.detach(|| {
            let mut ask = || {
                let ask = |py: Python<'_>| match &password {
                    Some(password) => password::ask(password.bind(py)),
                    None => password::prompt(py),
                };
                // SAFETY: inside of `Python::detach`, on the thread that has called it.
                unsafe { way_back.attach(ask) }
            };
            self.context.use_identity_files(certfile, keyfile.as_deref(), Some(&mut ask))
        })?)
    }

    /// Trust the certificates of a PEM file, of a folder with hashed names, of PEM text or DER bytes.
    ///
    /// cafile and capath are paths, cadata is a str (PEM) or a bytes-like object (DER); revocation lists among them count
    /// where `verify_flags` ask for them. They come on top of what is trusted already. TypeError when all are None; OSError
    /// when the file cannot be read, SSLError when there is no certificate in it. A folder is read when it is needed.
    #[pyo3(signature = (cafile=None, capath=None, cadata=None))]
    fn load_verify_locations(
        &self,
        py: Python<'_>,
        cafile: Option<Bound<'_, PyAny>>,
        capath: Option<Bound<'_, PyAny>>,
        cadata: Option<Bound<'_, PyAny>>,
    ) -> BindingResult<()> {
        if cafile.is_none() && capath.is_none() && cadata.is_none() {
            return Err(PyTypeError::new_err("cafile, capath and cadata cannot be all omitted").into());
        }
        let (cafile, capath) = (optional_path(cafile, "cafile")?, optional_path(capath, "capath")?);
        let mut added = TrustStore::new();
        if let Some(cadata) = cadata {
            added.add_bundle(Arc::new(bundle(&cadata)?));
        }
        py.detach(|| cafile.map_or(Ok(()), |path| added.add_file(&path)))?;
        if let Some(capath) = capath {
            added.add_directory(capath);
        }
        self.context.update(|settings| settings.trust.extend(added));
        Ok(())
    }

    /// Trust the certificates of the default file and folder, or those that SSL_CERT_FILE and SSL_CERT_DIR name. What is
    /// not there is passed over, without an error.
    fn set_default_verify_paths(&self, py: Python<'_>) {
        py.detach(|| self.context.trust_default_paths());
    }

    /// Trust what the system trusts for TLS servers, where it keeps that elsewhere than in files: macOS's keychains.
    fn _trust_system(&self, py: Python<'_>) {
        py.detach(|| self.context.trust_system());
    }

    /// The trusted CA certificates that are loaded, as dicts like those of `getpeercert()` or, with binary_form, as bytes
    /// in DER. Those of a folder are in it once they were needed.
    #[pyo3(signature = (binary_form=Truth(false)), text_signature = "($self, /, binary_form=False)")]
    fn get_ca_certs<'py>(&self, py: Python<'py>, binary_form: Truth) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        let trust = self.context.with_settings(|settings| settings.trust.clone());
        for certificate in trust.authorities() {
            if binary_form.0 {
                list.append(PyBytes::new(py, certificate.der()))?;
            } else {
                list.append(to_dict(py, &certificate)?)?;
            }
        }
        Ok(list)
    }

    /// Verifies a chain without a connection: DER certificates, the peer's own first. Returns the verified
    /// chain. `time` is in seconds since 1970, by default now.
    #[pyo3(signature = (chain, server_hostname, for_server, time))]
    fn _verify_chain<'py>(
        &self,
        py: Python<'py>,
        chain: Vec<Vec<u8>>,
        server_hostname: Option<&str>,
        for_server: bool,
        time: i64,
    ) -> BindingResult<Vec<Bound<'py, PyCertificate>>> {
        let expected = server_hostname.map(ExpectedName::new);
        let purpose = if for_server { Purpose::Server } else { Purpose::Client };
        let verified = py.detach(|| {
            let chain = chain
                .iter()
                .map(|der| Certificate::from_der(der).map(Arc::new))
                .collect::<ferrossl::Result<Vec<_>>>()?;
            self.context.verify_chain(&chain, purpose, expected.as_ref(), time)
        });
        verified?
            .certificates()
            .iter()
            .map(|certificate| Ok(Bound::new(py, PyCertificate::new(Arc::clone(certificate)))?))
            .collect()
    }

    /// How much is loaded, as a dict of ints: "x509" certificates, "x509_ca" of them CAs, and "crl" revocation lists.
    fn cert_store_stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let trust = self.context.with_settings(|settings| settings.trust.clone());
        let statistics = trust.statistics();
        let stats = PyDict::new(py);
        stats.set_item("x509", statistics.certificates)?;
        stats.set_item("crl", statistics.revocation_lists)?;
        stats.set_item("x509_ca", statistics.authorities)?;
        Ok(stats)
    }
}
