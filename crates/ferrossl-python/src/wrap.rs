//! `_ssl._SSLContext._wrap_socket` and `_wrap_bio`: new connections, and what they refuse.

use std::sync::Arc;

use ferrossl::connection::Connection;
use ferrossl::socket::{MemoryConnection, SocketDriver};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;

use crate::context::PyContext;
use crate::exceptions::{BindingResult, plain_ssl_error};
use crate::link::{Link, Memory};
use crate::memory_bio::Bio;
use crate::session;
use crate::socket::PySslSocket;

#[pymethods]
impl PyContext {
    /// Private: a connection over a Python socket, which it knows by a weak reference.
    #[pyo3(signature = (sock, server_side, server_hostname=None, *, owner=None, session=None))]
    fn _wrap_socket(
        slf: &Bound<'_, Self>,
        sock: &Bound<'_, PyAny>,
        server_side: bool,
        server_hostname: Option<&str>,
        owner: Option<&Bound<'_, PyAny>>,
        session: Option<&Bound<'_, PyAny>>,
    ) -> BindingResult<PySslSocket> {
        let py = slf.py();
        // That of the socket below, not of a subclass, as with CPython: eventlet's sockets wait by themselves, under a
        // timeout of their own, and have none below.
        let below = py.import(intern!(py, "_socket"))?.getattr(intern!(py, "socket"))?;
        let kind = if sock.is_instance(&below)? { below } else { sock.get_type().into_any() };
        let (connection, keeps_messages) = connection(slf, server_side, server_hostname, session)?;
        let link = Link::Socket {
            driver: SocketDriver::new(connection),
            socket: PyWeakrefReference::new(sock)?.unbind(),
            timeout: kind.getattr(intern!(py, "gettimeout"))?.unbind(),
        };
        Ok(PySslSocket::new(link, slf, keeps_messages, server_hostname, owner.or(Some(sock)))?)
    }

    /// Private: a connection between two memory BIOs, ours or another module's.
    #[pyo3(signature = (incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None))]
    fn _wrap_bio(
        slf: &Bound<'_, Self>,
        incoming: &Bound<'_, PyAny>,
        outgoing: &Bound<'_, PyAny>,
        server_side: bool,
        server_hostname: Option<&str>,
        owner: Option<&Bound<'_, PyAny>>,
        session: Option<&Bound<'_, PyAny>>,
    ) -> BindingResult<PySslSocket> {
        let (incoming, outgoing) = (Bio::new(incoming)?, Bio::new(outgoing)?);
        let (connection, keeps_messages) = connection(slf, server_side, server_hostname, session)?;
        let connection =
            MemoryConnection::new(connection, Arc::clone(incoming.queue()), Arc::clone(outgoing.queue()));
        let link = Link::Memory(Memory { connection, incoming, outgoing });
        Ok(PySslSocket::new(link, slf, keeps_messages, server_hostname, owner)?)
    }
}

/// The connection itself, ready for its handshake: with the session to resume, and told whether to keep its messages; and
/// whether it does.
fn connection(
    context: &Bound<'_, PyContext>,
    server_side: bool,
    server_hostname: Option<&str>,
    session: Option<&Bound<'_, PyAny>>,
) -> BindingResult<(Connection, bool)> {
    let this = context.get();
    if server_side && this.is_client_only() {
        let text = "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context";
        return Err(plain_ssl_error(1, text).into());
    }
    if !server_side && this.is_server_only() {
        let text = "Cannot create a client socket with a PROTOCOL_TLS_SERVER context";
        return Err(plain_ssl_error(1, text).into());
    }
    if let Some(name) = server_hostname {
        if name.is_empty() || name.starts_with('.') {
            return Err(PyValueError::new_err(
                "server_hostname cannot be an empty string or start with a leading dot.",
            )
            .into());
        }
        if name.contains('\0') {
            return Err(PyTypeError::new_err("server_hostname must not contain null bytes").into());
        }
    }
    let connection = if server_side {
        Connection::server(this.snapshot())
    } else {
        Connection::client(&this.snapshot(), server_hostname)?
    };
    let keeps_messages = this.message_callback(context.py()).is_some();
    if keeps_messages {
        connection.log_messages();
    }
    if let Some(session) = session.filter(|session| !session.is_none()) {
        session::resume(&connection, context, session)?;
    }
    Ok((connection, keeps_messages))
}
