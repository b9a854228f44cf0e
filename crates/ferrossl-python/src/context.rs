//! `_ssl._SSLContext`: Python's view of a context's settings. The names and enums are the Python class's.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ferrossl::dh_parameters::DhParameters;
use ferrossl::key_log::KeyLogFile;
use ferrossl::openssl_names::ciphers;
use ferrossl::openssl_names::groups::Group;
use ferrossl::verify::{ExpectedName, Purpose, verify};
use ferrossl::x509::Certificate;
use ferrossl::{Context, Settings, Snapshot, TrustStore, VerifyMode, Versions};
use pyo3::exceptions::{PyNotImplementedError, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};

use crate::arguments::{bundle, optional_path, required_path};
use crate::buffers::Input;
use crate::certificate::{PyCertificate, to_dict};
use crate::exceptions::{IntoPython, plain_ssl_error};
use crate::password;
use crate::socket::PySslSocket;

const PROTOCOL_TLS: i32 = 2;
const PROTOCOL_TLSV1_2: i32 = 5;
const PROTOCOL_TLS_CLIENT: i32 = 16;
const PROTOCOL_TLS_SERVER: i32 = 17;

const MINIMUM_SUPPORTED: i32 = -2;
const MAXIMUM_SUPPORTED: i32 = -1;
const TLSV1: i32 = 0x301;
const TLSV1_2: i32 = 0x303;
const TLSV1_3: i32 = 0x304;

const OP_IGNORE_UNEXPECTED_EOF: u64 = 0x80;
const OP_NO_TICKET: u64 = 0x4000;
const OP_CIPHER_SERVER_PREFERENCE: u64 = 0x40_0000;
const OP_NO_TLSV1_2: u64 = 0x800_0000;
const OP_NO_TLSV1_3: u64 = 0x2000_0000;
/// `OP_ALL | OP_NO_SSLv3 | OP_CIPHER_SERVER_PREFERENCE | OP_ENABLE_MIDDLEBOX_COMPAT | OP_NO_COMPRESSION`,
/// what a new context of CPython has.
const DEFAULT_OPTIONS: u64 = 0x8000_0050 | 0x200_0000 | OP_CIPHER_SERVER_PREFERENCE | 0x10_0000 | 0x2_0000;

const VERIFY_CRL_CHECK_LEAF: u64 = 0x4;
const VERIFY_CRL_CHECK_CHAIN: u64 = 0xc;
const VERIFY_X509_STRICT: u64 = 0x20;
const VERIFY_ALLOW_PROXY_CERTS: u64 = 0x40;
const VERIFY_X509_TRUSTED_FIRST: u64 = 0x8000;
const VERIFY_X509_PARTIAL_CHAIN: u64 = 0x8_0000;
const VERIFY_SUPPORTED: u64 = VERIFY_CRL_CHECK_CHAIN
    | VERIFY_ALLOW_PROXY_CERTS
    | VERIFY_X509_STRICT
    | VERIFY_X509_TRUSTED_FIRST
    | VERIFY_X509_PARTIAL_CHAIN;

/// What Python asks back that the core does not keep.
struct Numbers {
    options: u64,
    minimum: i32,
    maximum: i32,
    verify_flags: u64,
    key_log: Option<PathBuf>,
}

/// Settings for many TLS connections.
#[pyclass(frozen, immutable_type, subclass, name = "_SSLContext", module = "ferrossl._ferrossl")]
pub(crate) struct PyContext {
    context: Context,
    protocol: i32,
    numbers: Mutex<Numbers>,
    sni_callback: Mutex<Option<Py<PyAny>>>,
    message_callback: Mutex<Option<Py<PyAny>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PyContext {
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.context.snapshot()
    }

    pub(crate) fn sni_callback<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        lock(&self.sni_callback).as_ref().map(|callback| callback.bind(py).clone())
    }

    pub(crate) fn message_callback<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        lock(&self.message_callback).as_ref().map(|callback| callback.bind(py).clone())
    }

    pub(crate) fn verifies(&self) -> bool {
        self.context.with_settings(|settings| settings.verify_mode != VerifyMode::None)
    }

    pub(crate) const fn is_client_only(&self) -> bool {
        self.protocol == PROTOCOL_TLS_CLIENT
    }

    pub(crate) const fn is_server_only(&self) -> bool {
        self.protocol == PROTOCOL_TLS_SERVER
    }

    /// Changes the numbers and hands their meaning on to the core.
    fn change(&self, change: impl FnOnce(&mut Numbers)) {
        let mut numbers = lock(&self.numbers);
        change(&mut numbers);
        self.context.update(|settings| apply(&numbers, self.protocol, settings));
    }

    fn set_version(&self, value: i32, field: impl FnOnce(&mut Numbers) -> &mut i32) -> PyResult<()> {
        if self.protocol == PROTOCOL_TLSV1_2 {
            return Err(PyValueError::new_err(
                "The context's protocol doesn't support modification of highest and lowest version.",
            ));
        }
        if !matches!(value, MINIMUM_SUPPORTED | MAXIMUM_SUPPORTED | 0x300..=TLSV1_3) {
            return Err(PyValueError::new_err(format!("Unsupported TLS/SSL version 0x{value:x}")));
        }
        self.change(|numbers| *field(numbers) = value);
        Ok(())
    }
}

fn apply(numbers: &Numbers, protocol: i32, settings: &mut Settings) {
    let maximum = if numbers.maximum == MAXIMUM_SUPPORTED { TLSV1_3 } else { numbers.maximum };
    let enabled = |version, off| (numbers.minimum..=maximum).contains(&version) && numbers.options & off == 0;
    settings.versions = Versions {
        tls12: enabled(TLSV1_2, OP_NO_TLSV1_2),
        tls13: enabled(TLSV1_3, OP_NO_TLSV1_3) && protocol != PROTOCOL_TLSV1_2,
    };
    settings.ignore_unexpected_eof = numbers.options & OP_IGNORE_UNEXPECTED_EOF != 0;
    settings.tickets = numbers.options & OP_NO_TICKET == 0;
    settings.server_preference = numbers.options & OP_CIPHER_SERVER_PREFERENCE != 0;
    let flag = |bit| numbers.verify_flags & bit != 0;
    settings.policy.crl_check = flag(VERIFY_CRL_CHECK_LEAF);
    settings.policy.crl_check_chain = flag(VERIFY_CRL_CHECK_CHAIN & !VERIFY_CRL_CHECK_LEAF);
    settings.policy.allow_proxies = flag(VERIFY_ALLOW_PROXY_CERTS);
    settings.policy.strict = flag(VERIFY_X509_STRICT);
    settings.policy.trusted_first = flag(VERIFY_X509_TRUSTED_FIRST);
    settings.policy.partial_chain = flag(VERIFY_X509_PARTIAL_CHAIN);
}

fn not_yet(what: &str) -> PyErr {
    PyNotImplementedError::new_err(format!("{what} is not supported by ferrossl yet"))
}

#[pymethods]
impl PyContext {
    #[new]
    #[pyo3(signature = (protocol, /))]
    fn new(protocol: i32) -> PyResult<Self> {
        let context = match protocol {
            PROTOCOL_TLS_CLIENT => Context::client(),
            PROTOCOL_TLS | PROTOCOL_TLS_SERVER | PROTOCOL_TLSV1_2 => Context::server(),
            other => {
                return Err(PyValueError::new_err(format!(
                    "invalid or unsupported protocol version {other}"
                )));
            }
        };
        let this = Self {
            context,
            protocol,
            numbers: Mutex::new(Numbers {
                options: DEFAULT_OPTIONS,
                minimum: TLSV1_2,
                maximum: MAXIMUM_SUPPORTED,
                verify_flags: VERIFY_X509_TRUSTED_FIRST,
                key_log: None,
            }),
            sni_callback: Mutex::new(None),
            message_callback: Mutex::new(None),
        };
        this.change(|_| {});
        Ok(this)
    }

    #[getter]
    fn protocol(&self) -> i32 {
        self.protocol
    }

    #[getter]
    fn options(&self) -> u64 {
        lock(&self.numbers).options
    }

    #[setter]
    fn set_options(&self, value: u64) {
        self.change(|numbers| numbers.options = value);
    }

    #[getter]
    fn minimum_version(&self) -> i32 {
        lock(&self.numbers).minimum
    }

    #[setter]
    fn set_minimum_version(&self, value: i32) -> PyResult<()> {
        let value = if value == MAXIMUM_SUPPORTED { TLSV1_3 } else { value };
        self.set_version(value, |numbers| &mut numbers.minimum)
    }

    #[getter]
    fn maximum_version(&self) -> i32 {
        lock(&self.numbers).maximum
    }

    #[setter]
    fn set_maximum_version(&self, value: i32) -> PyResult<()> {
        // What CPython makes of it with an OpenSSL that has TLS 1.0: nothing that can connect is left.
        let value = if value == MINIMUM_SUPPORTED { TLSV1 } else { value };
        self.set_version(value, |numbers| &mut numbers.maximum)
    }

    #[getter]
    fn verify_flags(&self) -> u64 {
        lock(&self.numbers).verify_flags
    }

    #[setter]
    fn set_verify_flags(&self, value: u64) -> PyResult<()> {
        if value & !VERIFY_SUPPORTED != 0 {
            return Err(not_yet(&format!("verify flag 0x{:x}", value & !VERIFY_SUPPORTED)));
        }
        self.change(|numbers| numbers.verify_flags = value);
        Ok(())
    }

    #[getter]
    fn verify_mode(&self) -> i32 {
        self.context.with_settings(|settings| match settings.verify_mode {
            VerifyMode::None => 0,
            VerifyMode::Optional => 1,
            VerifyMode::Required => 2,
        })
    }

    #[setter]
    fn set_verify_mode(&self, value: i32) -> PyResult<()> {
        let mode = match value {
            0 => VerifyMode::None,
            1 => VerifyMode::Optional,
            2 => VerifyMode::Required,
            _ => return Err(PyValueError::new_err("invalid value for verify_mode")),
        };
        self.context.update(|settings| {
            if mode == VerifyMode::None && settings.check_hostname {
                return Err(PyValueError::new_err(
                    "Cannot set verify_mode to CERT_NONE when check_hostname is enabled.",
                ));
            }
            settings.verify_mode = mode;
            Ok(())
        })
    }

    #[getter]
    fn check_hostname(&self) -> bool {
        self.context.with_settings(|settings| settings.check_hostname)
    }

    #[setter]
    fn set_check_hostname(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let value = value.is_truthy()?;
        self.context.update(|settings| {
            settings.check_hostname = value;
            if value && settings.verify_mode == VerifyMode::None {
                settings.verify_mode = VerifyMode::Required;
            }
        });
        Ok(())
    }

    #[getter]
    fn hostname_checks_common_name(&self) -> bool {
        self.context.with_settings(|settings| settings.policy.match_common_name)
    }

    #[setter]
    fn set_hostname_checks_common_name(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let value = value.is_truthy()?;
        self.context.update(|settings| settings.policy.match_common_name = value);
        Ok(())
    }

    #[getter]
    fn security_level(&self) -> u8 {
        self.context.with_settings(|settings| settings.policy.security_level)
    }

    #[getter]
    fn num_tickets(&self) -> usize {
        self.context.with_settings(|settings| settings.ticket_count)
    }

    #[setter]
    fn set_num_tickets(&self, value: i64) -> PyResult<()> {
        let count =
            usize::try_from(value).map_err(|_| PyValueError::new_err("value must be non-negative"))?;
        if !self.is_server_only() {
            return Err(PyValueError::new_err("SSLContext is not a server context."));
        }
        self.context.update(|settings| settings.ticket_count = count);
        Ok(())
    }

    #[getter]
    fn post_handshake_auth(&self) -> bool {
        self.context.with_settings(|settings| settings.post_handshake_auth)
    }

    #[setter]
    fn set_post_handshake_auth(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let value = value.is_truthy()?;
        self.context.update(|settings| settings.post_handshake_auth = value);
        Ok(())
    }

    #[getter]
    fn keylog_filename(&self) -> Option<String> {
        lock(&self.numbers).key_log.as_ref().map(|path| path.to_string_lossy().into_owned())
    }

    #[setter]
    fn set_keylog_filename(&self, py: Python<'_>, value: Option<Bound<'_, PyAny>>) -> PyResult<()> {
        let value = optional_path(value, "keylog_filename")?;
        let log = value.as_deref().map(KeyLogFile::append_to).transpose().python(py)?;
        lock(&self.numbers).key_log = value;
        self.context.update(|settings| settings.key_log = log.map(|log| Arc::new(log) as _));
        Ok(())
    }

    #[getter]
    fn get_sni_callback<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.sni_callback(py)
    }

    #[setter]
    fn set_sni_callback(&self, value: Option<Bound<'_, PyAny>>) -> PyResult<()> {
        if self.is_client_only() {
            return Err(PyValueError::new_err("sni_callback cannot be set on TLS_CLIENT context"));
        }
        if value.as_ref().is_some_and(|value| !value.is_callable()) {
            return Err(PyTypeError::new_err("not a callable object"));
        }
        // Dropped outside of the lock: a finaliser may come back here.
        let _old = std::mem::replace(&mut *lock(&self.sni_callback), value.map(Bound::unbind));
        Ok(())
    }

    #[getter(_msg_callback)]
    fn get_msg_callback<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.message_callback(py)
    }

    /// Private: called with (owner, direction, version, content type, message type, bytes) for each message.
    #[setter(_msg_callback)]
    fn set_msg_callback(&self, value: Option<Bound<'_, PyAny>>) -> PyResult<()> {
        if value.as_ref().is_some_and(|value| !value.is_callable()) {
            return Err(PyTypeError::new_err("not a callable object"));
        }
        let _old = std::mem::replace(&mut *lock(&self.message_callback), value.map(Bound::unbind));
        Ok(())
    }

    /// Load a private key and the certificate chain that belongs to it from PEM files.
    #[pyo3(signature = (certfile, keyfile=None, password=None))]
    fn load_cert_chain(
        &self,
        py: Python<'_>,
        certfile: Option<Bound<'_, PyAny>>,
        keyfile: Option<Bound<'_, PyAny>>,
        password: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let Some(certfile) = optional_path(certfile, "certfile")? else {
            return Err(PyTypeError::new_err("certfile should be a valid filesystem path"));
        };
        let keyfile = optional_path(keyfile, "keyfile")?;
        let result = match password {
            Some(password) => {
                password::check(&password)?;
                let mut ask = || password::ask(&password);
                self.context.use_identity_files(certfile, keyfile.as_deref(), Some(&mut ask))
            }
            None => py.detach(|| {
                self.context.use_identity_files(certfile, keyfile.as_deref(), Some(&mut password::prompt))
            }),
        };
        result.python(py)
    }

    /// Trust the certificates of a PEM file, of a folder with hashed names, of PEM text or DER bytes.
    #[pyo3(signature = (cafile=None, capath=None, cadata=None))]
    fn load_verify_locations(
        &self,
        py: Python<'_>,
        cafile: Option<Bound<'_, PyAny>>,
        capath: Option<Bound<'_, PyAny>>,
        cadata: Option<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        if cafile.is_none() && capath.is_none() && cadata.is_none() {
            return Err(PyTypeError::new_err("cafile, capath and cadata cannot be all omitted"));
        }
        let (cafile, capath) = (optional_path(cafile, "cafile")?, optional_path(capath, "capath")?);
        let mut added = TrustStore::new();
        if let Some(cadata) = cadata {
            added.add_bundle(Arc::new(bundle(&cadata)?));
        }
        py.detach(|| cafile.map_or(Ok(()), |path| added.add_file(&path))).python(py)?;
        if let Some(capath) = capath {
            added.add_directory(capath);
        }
        self.context.update(|settings| settings.trust.extend(added));
        Ok(())
    }

    /// Trust the system's certificates, or those that SSL_CERT_FILE and SSL_CERT_DIR name.
    fn set_default_verify_paths(&self, py: Python<'_>) {
        py.detach(|| self.context.trust_system());
    }

    /// The trusted CA certificates that are loaded, as dictionaries or in DER.
    #[pyo3(signature = (binary_form=false))]
    fn get_ca_certs<'py>(&self, py: Python<'py>, binary_form: bool) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        let trust = self.context.with_settings(|settings| settings.trust.clone());
        for certificate in trust.authorities() {
            if binary_form {
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
    ) -> PyResult<Vec<Bound<'py, PyCertificate>>> {
        let (trust, policy) =
            self.context.with_settings(|settings| (settings.trust.clone(), settings.policy));
        let expected = server_hostname.map(ExpectedName::new);
        let purpose = if for_server { Purpose::Server } else { Purpose::Client };
        let verified = py.detach(|| {
            let mut chain = chain
                .iter()
                .map(|der| Certificate::from_der(der).map(Arc::new))
                .collect::<ferrossl::Result<Vec<_>>>()?;
            if chain.is_empty() {
                return Err(ferrossl::Error::Setting("there is no certificate to verify".into()));
            }
            let leaf = chain.remove(0);
            Ok(verify(leaf, &chain, &trust, &policy, purpose, expected.as_ref(), time)?)
        });
        verified
            .python(py)?
            .certificates()
            .iter()
            .map(|certificate| Bound::new(py, PyCertificate::new(Arc::clone(certificate))))
            .collect()
    }

    /// How many certificates are loaded.
    fn cert_store_stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let trust = self.context.with_settings(|settings| settings.trust.clone());
        let statistics = trust.statistics();
        let stats = PyDict::new(py);
        stats.set_item("x509", statistics.certificates)?;
        stats.set_item("crl", statistics.revocation_lists)?;
        stats.set_item("x509_ca", statistics.authorities)?;
        Ok(stats)
    }

    /// The enabled cipher suites, the preferred one first.
    fn get_ciphers<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let chosen = self.context.with_settings(|settings| settings.cipher_suites.clone());
        let tls13 = ciphers::ALL.iter().filter(|suite| suite.is_tls13());
        tls13
            .chain(chosen)
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
    #[pyo3(signature = (cipherlist, /))]
    fn set_ciphers(&self, py: Python<'_>, cipherlist: &str) -> PyResult<()> {
        let text = "No cipher can be selected.";
        self.context.set_ciphers(cipherlist).map_err(|_| plain_ssl_error(py, "SSLError", 0, text))
    }

    /// Takes the protocols as they stand on the wire: each with its length in front.
    fn _set_alpn_protocols(&self, py: Python<'_>, wire: &Bound<'_, PyAny>) -> PyResult<()> {
        let input = Input::new(wire)?;
        let mut rest = input.as_slice();
        let mut protocols = Vec::new();
        while let Some((&length, tail)) = rest.split_first() {
            let Some((name, tail)) = tail.split_at_checked(usize::from(length)) else {
                return Err(PyValueError::new_err("malformed list of ALPN protocols"));
            };
            protocols.push(name);
            rest = tail;
        }
        self.context.set_alpn_protocols(&protocols).python(py)
    }

    /// Use the parameters for ephemeral Diffie-Hellman (TLS 1.2) in a PEM file.
    #[pyo3(signature = (path, /))]
    fn load_dh_params(&self, py: Python<'_>, path: Bound<'_, PyAny>) -> PyResult<()> {
        let path = required_path(path, "path")?;
        let parameters = py.detach(|| DhParameters::from_pem(&std::fs::read(path)?)).python(py)?;
        self.context.use_dh_parameters(parameters);
        Ok(())
    }

    /// Use this group for the key exchange, and no other.
    #[pyo3(signature = (name, /))]
    fn set_ecdh_curve(&self, name: Bound<'_, PyAny>) -> PyResult<()> {
        let name = required_path(name, "name")?.to_string_lossy().into_owned();
        let Some(group) = Group::by_name(&name) else {
            return Err(PyValueError::new_err(format!("unknown elliptic curve name '{name}'")));
        };
        self.context.update(|settings| settings.group = Some(group));
        Ok(())
    }

    /// What has happened to this context's connections: how many handshakes were begun and done, and sessions.
    fn session_stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counters = self.context.counters();
        let stats = PyDict::new(py);
        for (name, count) in [
            ("number", counters.number.get()),
            ("connect", counters.connect.get()),
            ("connect_good", counters.connect_good.get()),
            ("connect_renegotiate", 0),
            ("accept", counters.accept.get()),
            ("accept_good", counters.accept_good.get()),
            ("accept_renegotiate", 0),
            ("hits", counters.hits.get()),
            ("misses", counters.misses.get()),
            ("timeouts", counters.timeouts.get()),
            ("cache_full", counters.cache_full.get()),
        ] {
            stats.set_item(name, count)?;
        }
        Ok(stats)
    }

    #[pyo3(signature = (sock, server_side, server_hostname=None, *, owner=None, session=None))]
    fn _wrap_socket(
        slf: &Bound<'_, Self>,
        sock: &Bound<'_, PyAny>,
        server_side: bool,
        server_hostname: Option<&str>,
        owner: Option<&Bound<'_, PyAny>>,
        session: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PySslSocket> {
        let made = PySslSocket::over_socket(slf, sock, server_side, server_hostname, owner)?;
        made.begin_with(slf.py(), session)
    }

    #[pyo3(signature = (incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None))]
    fn _wrap_bio(
        slf: &Bound<'_, Self>,
        incoming: &Bound<'_, PyAny>,
        outgoing: &Bound<'_, PyAny>,
        server_side: bool,
        server_hostname: Option<&str>,
        owner: Option<&Bound<'_, PyAny>>,
        session: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PySslSocket> {
        let made = PySslSocket::over_memory(slf, incoming, outgoing, server_side, server_hostname, owner)?;
        made.begin_with(slf.py(), session)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        for callback in [&self.sni_callback, &self.message_callback] {
            if let Ok(callback) = callback.try_lock()
                && let Some(callback) = &*callback
            {
                visit.call(callback)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let _old = (lock(&self.sni_callback).take(), lock(&self.message_callback).take());
    }
}
