//! `_ssl._SSLSocket`: a TLS connection over a Python socket or over two memory BIOs.

use std::sync::{Arc, Mutex};

use ferrossl::connection::{Binding, ClientHelloInfo, Connection, Handshake, Negotiated};
use ferrossl::x509::Certificate;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::arguments::Truth;
use crate::buffers::{Input, MAX_READ, Output, with_scratch};
use crate::certificate::{PyCertificate, to_dict};
use crate::context::PyContext;
use crate::exceptions::BindingResult;
use crate::link::Link;
use crate::messages;
use crate::owner::OwnerReference;
use crate::session::{self, PySslSession};
use crate::sni::{self, Answer};
use crate::sync::lock;

/// A TLS connection.
#[pyclass(frozen, immutable_type, name = "_SSLSocket", module = "ferrossl._ferrossl")]
pub(crate) struct PySslSocket {
    link: Link,
    context: Mutex<Py<PyContext>>,
    /// Whether the connection keeps the messages that go by: the context had a callback for them when this was made.
    keeps_messages: bool,
    owner: OwnerReference,
    server_hostname: Option<String>,
}

impl PySslSocket {
    /// `context` is the one that the connection of `link` was made with; `owner` is what its callbacks get.
    pub(crate) fn new(
        link: Link,
        context: &Bound<'_, PyContext>,
        keeps_messages: bool,
        server_hostname: Option<&str>,
        owner: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self {
            link,
            context: Mutex::new(context.clone().unbind()),
            keeps_messages,
            owner: OwnerReference::new(owner)?,
            server_hostname: server_hostname.map(str::to_owned),
        })
    }

    pub(crate) const fn link(&self) -> &Link {
        &self.link
    }

    const fn connection(&self) -> &Connection {
        self.link.connection()
    }

    fn negotiated(&self) -> Option<&Negotiated> {
        self.connection().negotiated()
    }

    fn context<'py>(&self, py: Python<'py>) -> Bound<'py, PyContext> {
        lock(&self.context).bind(py).clone()
    }

    /// Tells the context's message callback, where there is one, what has gone by.
    pub(crate) fn deliver_messages(&self, py: Python<'_>) -> PyResult<()> {
        if !self.keeps_messages {
            return Ok(());
        }
        match self.context(py).get().message_callback(py) {
            Some(callback) => {
                messages::deliver(&callback, self.connection(), self.owner.find(py).or_none().as_ref())
            }
            None => Ok(()),
        }
    }

    /// Does the handshake as far as it goes, with the context's SNI callback in between.
    fn handshake(&self, py: Python<'_>) -> BindingResult<()> {
        if self.connection().is_server()
            && self.negotiated().is_none()
            && self.context(py).get().sni_callback(py).is_some()
        {
            self.connection().pause_at_client_hello();
        }
        let deliver = |py: Python<'_>| self.deliver_messages(py);
        let operation = self.link.begin(py, Some(&deliver))?;
        loop {
            let step = operation.handshake(py)?;
            deliver(py)?;
            match step? {
                Handshake::ClientHello(info) => self.answer(py, &info),
                _ => return Ok(()),
            }
        }
    }

    /// Asks the SNI callback about a ClientHello, and does what it says.
    fn answer(&self, py: Python<'_>, info: &ClientHelloInfo) {
        let context = self.context(py);
        let answer = match context.get().sni_callback(py) {
            Some(callback) => sni::ask(&callback, self.owner.find(py), &context, info),
            // Taken away since the pause was asked for.
            None => Answer::Proceed,
        };
        match answer {
            Answer::Proceed => {
                // The context may be changed in place, too: protocols and trust count with OpenSSL until they are used.
                let snapshot = self.context(py).get().snapshot();
                let proceeded = self.connection().exchange_settings(&snapshot);
                // Its failure is the connection's, and the next step of the handshake reports it.
                let _ = proceeded.and_then(|()| self.connection().proceed());
            }
            Answer::Refuse(alert, error) => self.connection().refuse(alert, error),
        }
    }

    /// OpenSSL does the handshake at the first read or write if nobody has asked for it before.
    fn ensure_handshake(&self, py: Python<'_>) -> BindingResult<()> {
        if self.negotiated().is_some() { Ok(()) } else { self.handshake(py) }
    }

    fn read_into(&self, py: Python<'_>, buffer: &mut [u8]) -> BindingResult<usize> {
        self.ensure_handshake(py)?;
        let deliver = |py: Python<'_>| self.deliver_messages(py);
        let read = self.link.begin(py, Some(&deliver))?.read(py, buffer)?;
        deliver(py)?;
        match read {
            // The peer has closed and we have not: the end of the data. Reading on after our own close is
            // an error.
            Err(ferrossl::Error::Closed) if !self.connection().has_closed() => Ok(0),
            other => Ok(other?),
        }
    }

    fn certificates<'py>(
        py: Python<'py>,
        certificates: impl Iterator<Item = Arc<Certificate>>,
    ) -> PyResult<Vec<Bound<'py, PyCertificate>>> {
        certificates.map(|certificate| Bound::new(py, PyCertificate::new(certificate))).collect()
    }
}

#[pymethods]
impl PySslSocket {
    /// Does the handshake, or goes on with it.
    fn do_handshake(&self, py: Python<'_>) -> BindingResult<()> {
        self.handshake(py)
    }

    /// read(size) returns up to size bytes; read(size, buffer) puts them into the buffer and returns how many.
    #[pyo3(signature = (size, buffer=None, /))]
    fn read<'py>(
        &self,
        py: Python<'py>,
        size: isize,
        buffer: Option<&Bound<'py, PyAny>>,
    ) -> BindingResult<Bound<'py, PyAny>> {
        let Some(buffer) = buffer else {
            let Ok(size) = usize::try_from(size) else {
                return Err(PyValueError::new_err("size should not be negative").into());
            };
            if size == 0 {
                return Ok(PyBytes::new(py, b"").into_any());
            }
            return with_scratch(size, |scratch| {
                let bytes = self.read_into(py, scratch)?;
                Ok(PyBytes::new(py, &scratch[..bytes]).into_any())
            });
        };
        let output = Output::new(buffer)?;
        let size = match usize::try_from(size) {
            Ok(size) if size > 0 && size < output.len() => size,
            _ => output.len(),
        };
        if size == 0 {
            return Ok(0usize.into_pyobject(py)?.into_any());
        }
        with_scratch(size, |scratch| {
            let bytes = self.read_into(py, scratch)?;
            output.write(py, &scratch[..bytes]);
            Ok(bytes.into_pyobject(py)?.into_any())
        })
    }

    /// Sends the beginning of data and returns how many bytes that were.
    #[pyo3(signature = (data, /))]
    fn write(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> BindingResult<usize> {
        let input = Input::new(data)?;
        let bytes = input.as_slice();
        self.ensure_handshake(py)?;
        if bytes.is_empty() {
            return Ok(0);
        }
        Ok(self.link.begin(py, None)?.write(py, bytes)??)
    }

    /// Says close_notify and waits for the peer's. Returns the Python socket, from here on in clear text.
    fn shutdown<'py>(&self, py: Python<'py>) -> BindingResult<Option<Bound<'py, PyAny>>> {
        let deliver = |py: Python<'_>| self.deliver_messages(py);
        let operation = self.link.begin(py, Some(&deliver))?;
        let closed = operation.close(py)?;
        deliver(py)?;
        closed?;
        Ok(operation.into_clear_text(py)?)
    }

    /// The Python socket is about to be closed or shut down: a server that has said nothing gives its tickets now.
    fn give_tickets(&self, py: Python<'_>) {
        self.link.give_tickets(py);
    }

    /// How many bytes can be read without waiting.
    fn pending(&self) -> usize {
        self.connection().pending().min(MAX_READ)
    }

    /// The peer's certificate: a dictionary (empty when it was not verified), or DER; None when there is none.
    #[pyo3(signature = (binary_mode=Truth(false), /), text_signature = "($self, binary_mode=False, /)")]
    fn getpeercert<'py>(
        &self,
        py: Python<'py>,
        binary_mode: Truth,
    ) -> BindingResult<Option<Bound<'py, PyAny>>> {
        if self.negotiated().is_none() {
            return Err(PyValueError::new_err("handshake not done yet").into());
        }
        let certificates = self.connection().peer_certificates();
        let Some(der) = certificates.first() else { return Ok(None) };
        if binary_mode.0 {
            return Ok(Some(PyBytes::new(py, der).into_any()));
        }
        if !self.context(py).get().verifies() {
            return Ok(Some(PyDict::new(py).into_any()));
        }
        Ok(Some(to_dict(py, &Certificate::from_der(der)?)?.into_any()))
    }

    /// The certificates that the peer sent, its own first, verified or not.
    fn get_unverified_chain<'py>(
        &self,
        py: Python<'py>,
    ) -> BindingResult<Option<Vec<Bound<'py, PyCertificate>>>> {
        if self.negotiated().is_none() {
            return Ok(None);
        }
        let certificates = self
            .connection()
            .peer_certificates()
            .iter()
            .map(|der| Certificate::from_der(der).map(Arc::new))
            .collect::<ferrossl::Result<Vec<_>>>()?;
        Ok(Some(Self::certificates(py, certificates.into_iter())?))
    }

    /// The chain that was verified, from the peer's certificate to the trusted one. Under CERT_NONE the chain as far
    /// as it goes, of which nothing has been checked.
    fn get_verified_chain<'py>(&self, py: Python<'py>) -> PyResult<Option<Vec<Bound<'py, PyCertificate>>>> {
        match self.connection().verified_chain() {
            Some(chain) => Self::certificates(py, chain.certificates().iter().cloned()).map(Some),
            None => match self.negotiated().and_then(|negotiated| negotiated.unjudged_chain.as_ref()) {
                Some(chain) => Self::certificates(py, chain.certificates().iter().cloned()).map(Some),
                None => Ok(None),
            },
        }
    }

    /// (name, protocol, secret bits) of the cipher suite.
    fn cipher(&self) -> Option<(&'static str, &'static str, u16)> {
        self.negotiated()
            .map(|negotiated| (negotiated.cipher.name, negotiated.cipher.protocol, negotiated.cipher.bits))
    }

    /// The suites that the client offered and this server knows; None on a client.
    fn shared_ciphers(&self) -> Option<Vec<(&'static str, &'static str, u16)>> {
        let shared = self.negotiated()?.shared_ciphers.as_ref()?;
        Some(shared.iter().map(|cipher| (cipher.name, cipher.protocol, cipher.bits)).collect())
    }

    fn version(&self) -> Option<&'static str> {
        self.negotiated().map(|negotiated| negotiated.version.name())
    }

    /// None: there is no compression (CVE-2012-4929).
    const fn compression(&self) -> Option<&'static str> {
        None
    }

    fn selected_alpn_protocol(&self) -> Option<String> {
        let protocol = self.negotiated()?.alpn_protocol.as_ref()?;
        Some(String::from_utf8_lossy(protocol).into_owned())
    }

    /// Bytes that both ends of this connection, and nobody else, can compute.
    #[pyo3(signature = (cb_type="tls-unique"))]
    fn get_channel_binding<'py>(
        &self,
        py: Python<'py>,
        cb_type: &str,
    ) -> BindingResult<Option<Bound<'py, PyBytes>>> {
        let Some(binding) = Binding::by_name(cb_type) else {
            return Err(
                PyValueError::new_err(format!("'{cb_type}' channel binding type not implemented")).into()
            );
        };
        let bytes = self.connection().channel_binding(binding)?;
        Ok(bytes.map(|bytes| PyBytes::new(py, &bytes)))
    }

    /// Keying material that both sides can compute (RFC 5705, RFC 8446 section 7.5).
    #[pyo3(signature = (label, length, context=None))]
    fn export_keying_material<'py>(
        &self,
        py: Python<'py>,
        label: &[u8],
        length: usize,
        context: Option<&[u8]>,
    ) -> BindingResult<Bound<'py, PyBytes>> {
        let bytes = self.connection().export_keying_material(length, label, context)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The session that this connection has made or resumed; None before the handshake is done.
    #[getter(session)]
    fn get_session(&self, py: Python<'_>) -> Option<PySslSession> {
        Some(PySslSession::new(self.connection().session()?, self.context(py).unbind()))
    }

    #[setter(session)]
    fn set_session(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> BindingResult<()> {
        session::resume(self.connection(), &self.context(py), value)
    }

    /// Ask the client for a certificate now (TLS 1.3); the request goes out with the next write or read.
    fn verify_client_post_handshake(&self) -> BindingResult<()> {
        Ok(self.connection().request_client_certificate()?)
    }

    #[getter(context)]
    fn get_context<'py>(&self, py: Python<'py>) -> Bound<'py, PyContext> {
        self.context(py)
    }

    /// Changes the context: before the handshake, or in an SNI callback, which may choose the one for the name.
    /// ValueError during the handshake; after it, for the eyes of the program only.
    #[setter(context)]
    fn set_context(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> BindingResult<()> {
        let Ok(value) = value.cast::<PyContext>() else {
            return Err(PyTypeError::new_err("The value must be a SSLContext").into());
        };
        if self.negotiated().is_none() {
            let snapshot = value.get().snapshot();
            py.detach(|| self.connection().exchange_settings(&snapshot))?;
        }
        let new = value.clone().unbind();
        // Dropped outside of the lock: a finaliser may come back here.
        let _old = std::mem::replace(&mut *lock(&self.context), new);
        Ok(())
    }

    #[getter]
    fn owner<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.owner.find(py).or_none()
    }

    #[setter]
    fn set_owner(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.owner.set(value)
    }

    #[getter]
    fn server_side(&self) -> bool {
        self.connection().is_server()
    }

    #[getter]
    fn server_hostname(&self) -> Option<&str> {
        self.server_hostname.as_deref()
    }

    #[getter]
    fn session_reused(&self) -> bool {
        self.negotiated().is_some_and(|negotiated| negotiated.resumed)
    }

    /// What is held here for good: the context, and another module's BIOs. (They break a cycle; nothing here can.)
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(context) = self.context.try_lock() {
            visit.call(&*context)?;
        }
        self.link.traverse(&visit)
    }
}
