//! `_ssl._SSLContext`: Python's view of a context's settings. The names and enums are the Python class's.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicI32, AtomicU64};
use std::sync::{Arc, Mutex};

use ferrossl::key_log::KeyLogFile;
use ferrossl::verify::{ChainEnd, CommonName, CrlCheck, IssuerSearch, Policy, ProxyCertificates, Strictness};
use ferrossl::{Context, Settings, Snapshot, VerifyMode};
use pyo3::exceptions::{PyAttributeError, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::optional_path;
use crate::buffers::Input;
use crate::exceptions::BindingResult;
use crate::sync::lock;

const PROTOCOL_TLS: i32 = 2;
const PROTOCOL_TLSV1_2: i32 = 5;
const PROTOCOL_TLS_CLIENT: i32 = 16;
const PROTOCOL_TLS_SERVER: i32 = 17;

const MINIMUM_SUPPORTED: i32 = -2;
const MAXIMUM_SUPPORTED: i32 = -1;
const TLSV1: i32 = 0x301;
const TLSV1_2: i32 = 0x303;
const TLSV1_3: i32 = 0x304;

const OP_LEGACY_SERVER_CONNECT: u64 = 0x4;
const OP_IGNORE_UNEXPECTED_EOF: u64 = 0x80;
const OP_NO_TICKET: u64 = 0x4000;
const OP_CIPHER_SERVER_PREFERENCE: u64 = 0x40_0000;
const OP_NO_TLSV1_2: u64 = 0x800_0000;
const OP_NO_TLSV1_3: u64 = 0x2000_0000;
/// `OP_ALL | OP_NO_SSLv3 | OP_CIPHER_SERVER_PREFERENCE | OP_ENABLE_MIDDLEBOX_COMPAT | OP_NO_COMPRESSION`,
/// what a new context of CPython has.
const DEFAULT_OPTIONS: u64 = 0x8000_0050 | 0x200_0000 | OP_CIPHER_SERVER_PREFERENCE | 0x10_0000 | 0x2_0000;

const HOSTFLAG_NO_PARTIAL_WILDCARDS: u64 = 0x4;
const HOSTFLAG_NEVER_CHECK_SUBJECT: u64 = 0x20;

const VERIFY_CRL_CHECK_LEAF: u64 = 0x4;
const VERIFY_CRL_CHECK_CHAIN: u64 = 0xc;
const VERIFY_X509_STRICT: u64 = 0x20;
const VERIFY_ALLOW_PROXY_CERTS: u64 = 0x40;
const VERIFY_X509_TRUSTED_FIRST: u64 = 0x8000;
const VERIFY_X509_PARTIAL_CHAIN: u64 = 0x8_0000;

/// A server has its tickets in memory before it sends any.
const MOST_TICKETS: usize = 1 << 12;

/// What Python asks back that the core does not keep. Written under the lock of the core's settings only, which are made
/// from them; each is read by itself, so reading needs no lock, and there is none here.
struct Numbers {
    options: AtomicU64,
    minimum: AtomicI32,
    maximum: AtomicI32,
    verify_flags: AtomicU64,
}

/// Settings for many TLS connections.
#[pyclass(frozen, immutable_type, subclass, name = "_SSLContext", module = "ferrossl._ferrossl")]
pub(crate) struct PyContext {
    pub(crate) context: Context,
    protocol: i32,
    numbers: Numbers,
    /// What `keylog_filename` was set to.
    key_log: Mutex<Option<Py<PyAny>>>,
    sni_callback: Mutex<Option<Py<PyAny>>>,
    message_callback: Mutex<Option<Py<PyAny>>>,
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

    fn match_common_name(&self, matches: bool) {
        let common_name = if matches { CommonName::IfNoDnsName } else { CommonName::Never };
        self.context.update(|settings| settings.policy.common_name = common_name);
    }

    /// Changes the numbers and hands their meaning on to the core.
    fn change(&self, change: impl FnOnce(&Numbers)) {
        self.context.update(|settings| {
            change(&self.numbers);
            apply(&self.numbers, self.protocol, settings);
        });
    }

    fn set_version(&self, value: i32, field: impl FnOnce(&Numbers) -> &AtomicI32) -> PyResult<()> {
        if self.protocol == PROTOCOL_TLSV1_2 {
            return Err(PyValueError::new_err(
                "The context's protocol doesn't support modification of highest and lowest version.",
            ));
        }
        if !matches!(value, MINIMUM_SUPPORTED | MAXIMUM_SUPPORTED | 0x300..=TLSV1_3) {
            return Err(PyValueError::new_err(format!("Unsupported TLS/SSL version 0x{value:x}")));
        }
        self.change(|numbers| field(numbers).store(value, Relaxed));
        Ok(())
    }
}

fn apply(numbers: &Numbers, protocol: i32, settings: &mut Settings) {
    let (options, verify_flags) = (numbers.options.load(Relaxed), numbers.verify_flags.load(Relaxed));
    let (minimum, maximum) = (numbers.minimum.load(Relaxed), numbers.maximum.load(Relaxed));
    let maximum = if maximum == MAXIMUM_SUPPORTED { TLSV1_3 } else { maximum };
    let enabled = |version, off| (minimum..=maximum).contains(&version) && options & off == 0;
    settings.versions.tls12 = enabled(TLSV1_2, OP_NO_TLSV1_2);
    settings.versions.tls13 = enabled(TLSV1_3, OP_NO_TLSV1_3) && protocol != PROTOCOL_TLSV1_2;
    settings.ignore_unexpected_eof = options & OP_IGNORE_UNEXPECTED_EOF != 0;
    settings.legacy_server_connect = options & OP_LEGACY_SERVER_CONNECT != 0;
    settings.tickets = options & OP_NO_TICKET == 0;
    settings.server_preference = options & OP_CIPHER_SERVER_PREFERENCE != 0;
    apply_flags(verify_flags, &mut settings.policy);
}

/// Each flag is a knob of the policy; `VERIFY_CRL_CHECK_CHAIN` is two flags, of which the second alone checks nothing.
fn apply_flags(flags: u64, policy: &mut Policy) {
    fn choose<T>(flag: bool, set: T, clear: T) -> T {
        if flag { set } else { clear }
    }
    let flag = |bit| flags & bit != 0;
    let checked =
        choose(flags & VERIFY_CRL_CHECK_CHAIN == VERIFY_CRL_CHECK_CHAIN, CrlCheck::Chain, CrlCheck::Leaf);
    policy.crl_check = choose(flag(VERIFY_CRL_CHECK_LEAF), checked, CrlCheck::None);
    policy.proxy_certificates =
        choose(flag(VERIFY_ALLOW_PROXY_CERTS), ProxyCertificates::Allowed, ProxyCertificates::Refused);
    policy.strictness = choose(flag(VERIFY_X509_STRICT), Strictness::Rfc5280, Strictness::Common);
    policy.issuer_search =
        choose(flag(VERIFY_X509_TRUSTED_FIRST), IssuerSearch::TrustedFirst, IssuerSearch::PeerFirst);
    policy.chain_end = choose(flag(VERIFY_X509_PARTIAL_CHAIN), ChainEnd::AnyTrusted, ChainEnd::Root);
}

/// Flags that demand what is not checked here (`X509_V_FLAG_*`): certificate policies, delta CRLs, signatures of roots,
/// Suite B. Passed over, they would be promises that nobody keeps.
const VERIFY_DEMANDS: u64 = 0x80 | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000 | 0x1_0000 | 0x2_0000;

fn not_supported(what: &str) -> PyErr {
    PyValueError::new_err(format!("{what} is not supported by ferrossl"))
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
            numbers: Numbers {
                options: AtomicU64::new(DEFAULT_OPTIONS),
                minimum: AtomicI32::new(TLSV1_2),
                maximum: AtomicI32::new(MAXIMUM_SUPPORTED),
                verify_flags: AtomicU64::new(VERIFY_X509_TRUSTED_FIRST),
            },
            key_log: Mutex::new(None),
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
        self.numbers.options.load(Relaxed)
    }

    #[setter]
    fn set_options(&self, value: u64) {
        self.change(|numbers| numbers.options.store(value, Relaxed));
    }

    #[getter]
    fn minimum_version(&self) -> i32 {
        self.numbers.minimum.load(Relaxed)
    }

    #[setter]
    fn set_minimum_version(&self, value: i32) -> PyResult<()> {
        let value = if value == MAXIMUM_SUPPORTED { TLSV1_3 } else { value };
        self.set_version(value, |numbers| &numbers.minimum)
    }

    #[getter]
    fn maximum_version(&self) -> i32 {
        self.numbers.maximum.load(Relaxed)
    }

    #[setter]
    fn set_maximum_version(&self, value: i32) -> PyResult<()> {
        // What CPython makes of it with an OpenSSL that has TLS 1.0: nothing that can connect is left.
        let value = if value == MINIMUM_SUPPORTED { TLSV1 } else { value };
        self.set_version(value, |numbers| &numbers.maximum)
    }

    #[getter]
    fn verify_flags(&self) -> u64 {
        self.numbers.verify_flags.load(Relaxed)
    }

    #[setter]
    fn set_verify_flags(&self, value: u64) -> PyResult<()> {
        // What is left are flags that mean nothing here, or would only have less checked.
        if value & VERIFY_DEMANDS != 0 {
            return Err(not_supported(&format!("verify flag 0x{:x}", value & VERIFY_DEMANDS)));
        }
        self.change(|numbers| numbers.verify_flags.store(value, Relaxed));
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

    /// bool: whether a client compares the server's certificate with `server_hostname`.
    ///
    /// True under PROTOCOL_TLS_CLIENT, else False. Setting it to True makes CERT_REQUIRED of a `verify_mode` of CERT_NONE. While
    /// it is True, a client without `server_hostname` is refused with ValueError when it is made, not at the handshake.
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

    /// bool: whether the subject's common name may match where a certificate names no host in its subjectAltName; True by
    /// default. Counts only with `check_hostname`.
    #[getter]
    fn hostname_checks_common_name(&self) -> bool {
        self.context.with_settings(|settings| settings.policy.common_name == CommonName::IfNoDnsName)
    }

    #[setter]
    fn set_hostname_checks_common_name(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.match_common_name(value.is_truthy()?);
        Ok(())
    }

    /// int, read-only: OpenSSL's security level, 0 to 5; 2 by default.
    ///
    /// It is the least strength that certificates, keys and signatures must have, in bits: 80 at level 1, then 112, 128, 192
    /// and 256. `set_ciphers("...@SECLEVEL=n")` changes it.
    #[getter]
    fn security_level(&self) -> u8 {
        self.context.with_settings(|settings| settings.policy.security_level)
    }

    /// int: how many session tickets a server gives out after a handshake of TLS 1.3, 0 to 4096; 2 by default.
    ///
    /// ValueError for other numbers, and when it is set on a context that is not of PROTOCOL_TLS_SERVER.
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
        if count > MOST_TICKETS {
            return Err(PyValueError::new_err(format!("value must be at most {MOST_TICKETS}")));
        }
        self.context.update(|settings| settings.ticket_count = count);
        Ok(())
    }

    /// bool: whether signatures of certificates and CRLs that were found right are remembered, for all contexts of the process,
    /// and not computed again when the same certificate comes again; True by default.
    ///
    /// Nothing else of a verification is remembered. `signature_stats()` counts them. Of ferrossl's own.
    #[getter]
    fn remember_signatures(&self) -> bool {
        self.context.with_settings(|settings| settings.remember_signatures)
    }

    #[setter]
    fn set_remember_signatures(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let value = value.is_truthy()?;
        self.context.update(|settings| settings.remember_signatures = value);
        Ok(())
    }

    /// bool: authentication of clients after the handshake (TLS 1.3, RFC 8446 section 4.6.2); False by default.
    ///
    /// A client with it offers to authenticate later. A server with it asks clients of TLS 1.3 for nothing in the handshake;
    /// its connections ask with `verify_client_post_handshake()`. Set it before connections are made.
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

    /// str, bytes or path-like object, or None: the file to which the secrets of connections are appended, in the format of NSS
    /// key logs (RFC 9850). Whoever has that file can read the traffic.
    ///
    /// Setting it opens the file: OSError when that fails, TypeError for what is no path. None, the default, logs nothing. It
    /// cannot be deleted: AttributeError.
    #[getter]
    fn keylog_filename(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        lock(&self.key_log).as_ref().map(|value| value.clone_ref(py))
    }

    #[setter]
    fn set_keylog_filename(&self, value: Option<Bound<'_, PyAny>>) -> BindingResult<()> {
        let path = optional_path(value.clone(), "keylog_filename")?;
        let log = path.as_deref().map(KeyLogFile::append_to).transpose()?;
        let log = log.map(|log| Arc::new(log) as _);
        // The old one is dropped outside of the lock: the last to have it closes the file.
        let _old = self.context.update(|settings| std::mem::replace(&mut settings.key_log, log));
        let value = value.filter(|value| !value.is_none());
        // Dropped outside of the lock: a finaliser may come back here.
        let _old = std::mem::replace(&mut *lock(&self.key_log), value.map(Bound::unbind));
        Ok(())
    }

    #[deleter]
    fn delete_keylog_filename(&self) -> PyResult<()> {
        Err(PyAttributeError::new_err("keylog_filename cannot be deleted; set it to None"))
    }

    /// Private: OpenSSL's `X509_CHECK_FLAG_*`. Wildcards that are only a part of a label never match, and whether
    /// the common name counts is a matter of choice; the rest does not exist here.
    #[getter(_host_flags)]
    fn host_flags(&self) -> u64 {
        let never = if self.hostname_checks_common_name() { 0 } else { HOSTFLAG_NEVER_CHECK_SUBJECT };
        HOSTFLAG_NO_PARTIAL_WILDCARDS | never
    }

    #[setter(_host_flags)]
    fn set_host_flags(&self, value: u64) -> PyResult<()> {
        if value & !HOSTFLAG_NEVER_CHECK_SUBJECT != HOSTFLAG_NO_PARTIAL_WILDCARDS {
            return Err(not_supported(&format!("the combination 0x{value:x} of flags for host names")));
        }
        self.match_common_name(value & HOSTFLAG_NEVER_CHECK_SUBJECT == 0);
        Ok(())
    }

    /// callable or None: a server asks it about each ClientHello, as `sni_callback(sslobj, name, context)`.
    ///
    /// `name` is the name that the client has sent, as A-label, or None; `context` is this context. It may set
    /// `sslobj.context` to another one. None goes on; an int is the alert to refuse the client with (`ALERT_DESCRIPTION_*`).
    /// Anything else refuses the client too, as does an exception, and goes to `sys.unraisablehook`. ValueError when it is set
    /// on a context of PROTOCOL_TLS_CLIENT, TypeError for what is not callable.
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

    #[deleter(_msg_callback)]
    fn delete_msg_callback(&self) -> PyResult<()> {
        Err(PyAttributeError::new_err("_msg_callback cannot be deleted; set it to None"))
    }

    /// Takes the protocols as they stand on the wire: each with its length in front.
    fn _set_alpn_protocols(&self, wire: &Bound<'_, PyAny>) -> BindingResult<()> {
        let input = Input::new(wire)?;
        let mut rest = input.as_slice();
        let mut protocols = Vec::new();
        while let Some((&length, tail)) = rest.split_first() {
            let Some((name, tail)) = tail.split_at_checked(usize::from(length)) else {
                return Err(PyValueError::new_err("malformed list of ALPN protocols").into());
            };
            protocols.push(name);
            rest = tail;
        }
        Ok(self.context.set_alpn_protocols(&protocols)?)
    }

    /// What has happened to this context's connections, as a dict of ints: under "connect", "accept" and their "_good"
    /// how many handshakes were begun and done, under "hits" how many of them resumed a session, and what OpenSSL counts
    /// of a server's cache.
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

    /// How many signatures of certificates and CRLs this context's verifications have computed, and how many were remembered
    /// (`remember_signatures`): a dict with `computed` and `remembered`. Of ferrossl's own.
    fn signature_stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counters = self.context.counters();
        let stats = PyDict::new(py);
        stats.set_item("computed", counters.signatures.computed())?;
        stats.set_item("remembered", counters.signatures.remembered())?;
        Ok(stats)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        for held in [&self.key_log, &self.sni_callback, &self.message_callback] {
            if let Ok(held) = held.try_lock()
                && let Some(held) = &*held
            {
                visit.call(held)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        let _old = [&self.key_log, &self.sni_callback, &self.message_callback].map(|held| lock(held).take());
    }
}
