//! `_ssl._SSLContext`: cipher suites, and the groups of the key exchange.

use ferrossl::DhParameters;
use ferrossl::openssl_names::groups::Group;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::required_path;

use crate::context::PyContext;
use crate::exceptions::{BindingResult, plain_ssl_error};

#[pymethods]
impl PyContext {
    /// The enabled cipher suites, the preferred one first: a dict for each, with "name", "protocol", "strength_bits" and
    /// OpenSSL's other keys.
    fn get_ciphers<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let suites: Vec<_> = self.context.with_settings(|settings| settings.suites().collect());
        suites
            .into_iter()
            .map(|cipher| {
                let entry = PyDict::new(py);
                entry.set_item("id", cipher.id())?;
                entry.set_item("name", cipher.name)?;
                entry.set_item("protocol", cipher.protocol)?;
                entry.set_item("description", cipher.description())?;
                entry.set_item("strength_bits", cipher.bits)?;
                entry.set_item("alg_bits", cipher.bits)?;
                entry.set_item("aead", cipher.is_aead())?;
                entry.set_item("symmetric", cipher.symmetric())?;
                entry.set_item("digest", cipher.digest())?;
                entry.set_item("kea", cipher.key_exchange_name())?;
                entry.set_item("auth", cipher.authentication_name())?;
                Ok(entry)
            })
            .collect()
    }

    /// Choose the cipher suites of TLS 1.2 with OpenSSL's cipher-list language; those of TLS 1.3 stay.
    ///
    /// "@SECLEVEL=n" in the list sets the security level. SSLError when the list leaves no suite; then nothing has changed.
    #[pyo3(signature = (cipherlist, /))]
    fn set_ciphers(&self, cipherlist: &str) -> PyResult<()> {
        if cipherlist.contains('\0') {
            return Err(PyValueError::new_err("embedded null character"));
        }
        self.context.set_ciphers(cipherlist).map_err(|error| plain_ssl_error(0, error.to_string()))
    }

    /// Use the parameters for ephemeral Diffie-Hellman (TLS 1.2) in a PEM file: a server without has no such suites.
    ///
    /// OSError when the file cannot be read, SSLError when it holds no parameters that are fit for use.
    #[pyo3(signature = (path, /))]
    fn load_dh_params(&self, py: Python<'_>, path: Bound<'_, PyAny>) -> BindingResult<()> {
        let path = required_path(path, "path")?;
        let parameters = py.detach(|| DhParameters::from_file(&path))?;
        self.context.use_dh_parameters(parameters);
        Ok(())
    }

    /// Use this group for the key exchange, and no other: "prime256v1", "secp384r1", "secp521r1", "X25519",
    /// "X25519MLKEM768" or "SecP256r1MLKEM768", as str or bytes. ValueError for other names.
    #[pyo3(signature = (name, /))]
    fn set_ecdh_curve(&self, name: Bound<'_, PyAny>) -> PyResult<()> {
        let name = required_path(name, "name")?.to_string_lossy().into_owned();
        let Some(group) = Group::by_name(&name) else {
            return Err(PyValueError::new_err(format!("unknown elliptic curve name '{name}'")));
        };
        self.context.update(|settings| settings.group = Some(group));
        Ok(())
    }
}
