//! `_ssl._SSLContext._wrap_socket` and `_wrap_bio`: new connections, and what they refuse.

use std::sync::Arc;

use ferrossl::connection::Connection;
use ferrossl::socket::{MemoryConnection, SocketDriver};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;

use crate::context::PyContext;
use crate::exceptions::{IntoPython, plain_ssl_error};
use crate::link::{Link, Memory};
use crate::memory_bio::Bio;
use crate::socket::PySslSocket;

#[pymethods]
impl PyContext {
    #[pyo3(signature = (sock, server_side, server_hostname=None, *, owner=None, session=None))]
    fn _wrap_socket(
        slf: &Bound<'_, Self>,
        sock: &Bound<'_, PyAny>,
        server_side: bool,
        server_hostname: Option<&str>,
        owner: Option<&Bound<'_, PyAny>>,
        session: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PySslSocket> {
        let made = over_socket(slf, sock, server_side, server_hostname, owner)?;
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
        let made = over_memory(slf, incoming, outgoing, server_side, server_hostname, owner)?;
        made.begin_with(slf.py(), session)
    }
}

fn over_socket(
    context: &Bound<'_, PyContext>,
    socket: &Bound<'_, PyAny>,
    server_side: bool,
    server_hostname: Option<&str>,
    owner: Option<&Bound<'_, PyAny>>,
) -> PyResult<PySslSocket> {
    // That of the socket below, not of a subclass, as with CPython: eventlet's sockets wait by themselves, under a
    // timeout of their own, and have none below.
    let below =
        context.py().import(intern!(context.py(), "_socket"))?.getattr(intern!(context.py(), "socket"))?;
    let kind = if socket.is_instance(&below)? { below } else { socket.get_type().into_any() };
    let link = Link::Socket {
        driver: SocketDriver::new(connection(context, server_side, server_hostname)?),
        socket: PyWeakrefReference::new(socket)?.unbind(),
        timeout: kind.getattr(intern!(context.py(), "gettimeout"))?.unbind(),
    };
    PySslSocket::new(link, context, server_hostname, owner)
}

fn over_memory(
    context: &Bound<'_, PyContext>,
    incoming: &Bound<'_, PyAny>,
    outgoing: &Bound<'_, PyAny>,
    server_side: bool,
    server_hostname: Option<&str>,
    owner: Option<&Bound<'_, PyAny>>,
) -> PyResult<PySslSocket> {
    let (incoming, outgoing) = (Bio::new(incoming)?, Bio::new(outgoing)?);
    let connection = MemoryConnection::new(
        connection(context, server_side, server_hostname)?,
        Arc::clone(incoming.queue()),
        Arc::clone(outgoing.queue()),
    );
    let link = Link::Memory(Memory { connection, incoming, outgoing });
    PySslSocket::new(link, context, server_hostname, owner)
}

fn connection(
    context: &Bound<'_, PyContext>,
    server_side: bool,
    server_hostname: Option<&str>,
) -> PyResult<Connection> {
    let py = context.py();
    let this = context.get();
    if server_side && this.is_client_only() {
        let text = "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context";
        return Err(plain_ssl_error(py, "SSLError", 1, text));
    }
    if !server_side && this.is_server_only() {
        let text = "Cannot create a client socket with a PROTOCOL_TLS_SERVER context";
        return Err(plain_ssl_error(py, "SSLError", 1, text));
    }
    if let Some(name) = server_hostname {
        if name.is_empty() || name.starts_with('.') {
            return Err(PyValueError::new_err(
                "server_hostname cannot be an empty string or start with a leading dot.",
            ));
        }
        if name.contains('\0') {
            return Err(PyTypeError::new_err("server_hostname must not contain null bytes"));
        }
    }
    if server_side {
        Ok(Connection::server(this.snapshot()))
    } else {
        Connection::client(&this.snapshot(), server_hostname).python(py)
    }
}
