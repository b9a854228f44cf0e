"""``SSLSocket``: a ``socket.socket`` that speaks TLS."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable

from ferrossl import _cooperative
from ferrossl._arguments import check_arguments
from ferrossl._chains import chain
from ferrossl._constants import CHANNEL_BINDING_TYPES
from ferrossl._enums import SSLErrorNumber
from ferrossl._errors import SSLError
from ferrossl._ferrossl import SSLSession
from ferrossl._interop import class_property
from ferrossl._typing import TYPE_CHECKING, Any, NoReturn, overload

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from ferrossl._context import SSLContext

    _PlainSocket = socket.socket
else:
    _PlainSocket = _cooperative.plain_socket_class()


class SSLSocket(_PlainSocket):
    """A TLS connection over a stream socket. Made by :meth:`SSLContext.wrap_socket`.

    One thread may receive while another one sends. Timeouts count for each call as a whole; a
    non-blocking socket raises :class:`SSLWantReadError` or :class:`SSLWantWriteError` instead of waiting.

    ``server_side`` says which side this is. ``server_hostname`` is the name that a client asks for, as A-label, or None.
    ``do_handshake_on_connect`` and ``suppress_ragged_eofs`` are the arguments of :meth:`SSLContext.wrap_socket`.
    """

    server_side: bool
    server_hostname: str | None
    do_handshake_on_connect: bool
    suppress_ragged_eofs: bool
    # The context and the name are here as well as in the native connection: there is none before `connect()`, and none
    # any more after `unwrap()` and `close()`, and both are to be read all the time. gevent's and eventlet's own
    # subclasses, which they write for the standard library's class, use `_context` and `_sslobj` too.
    _context: SSLContext
    _sslobj: Any
    _connected: bool
    _session_argument: SSLSession | None = None
    _cooperative: bool = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        raise TypeError(
            f"{type(self).__name__} does not have a public constructor. "
            "Instances are returned by SSLContext.wrap_socket()."
        )

    __class__ = class_property("SSLSocket")

    @classmethod
    def _create(
        cls,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: str | None = None,
        context: SSLContext | None = None,
        session: SSLSession | None = None,
    ) -> SSLSocket:
        if context is None:
            raise ValueError("context is required")
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) != socket.SOCK_STREAM:
            raise NotImplementedError("only stream sockets are supported")
        check_arguments(context, server_side, server_hostname, session)
        timeout = sock.gettimeout()
        self = cls.__new__(cls)
        _PlainSocket.__init__(
            self, family=sock.family, type=sock.type, proto=sock.proto, fileno=sock.fileno()
        )
        sock.detach()
        self._context = context
        self._session_argument = session
        self._sslobj = None
        self._connected = False
        self._cooperative = _cooperative.is_wanted()
        self.server_side = server_side
        self.do_handshake_on_connect = do_handshake_on_connect
        self.suppress_ragged_eofs = suppress_ragged_eofs
        # From here on a failure must close the descriptor, which now is ours.
        try:
            self.server_hostname = context._encode_hostname(server_hostname)
            self.settimeout(timeout)
            self._connected = self._is_connected()
            if not self._connected:
                self._refuse_early_data()
            else:
                self._begin()
                if do_handshake_on_connect:
                    if timeout == 0.0:
                        raise ValueError(
                            "do_handshake_on_connect should not be specified for non-blocking sockets"
                        )
                    self.do_handshake()
        except BaseException:
            self.close()
            raise
        return self

    def _is_connected(self) -> bool:
        try:
            self.getpeername()
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                raise
            return False
        return True

    def _refuse_early_data(self) -> None:
        """Clear text from a peer that hung up before the handshake must not pass for TLS data.

        CVE-2023-40217: such a socket looks unconnected and would be read without TLS.
        """
        timeout = self.gettimeout()
        self.setblocking(False)
        try:
            early = _PlainSocket.recv(self, 1)
        except OSError as error:
            # EINVAL is what some systems say for a socket that never was connected.
            if error.errno not in (errno.ENOTCONN, errno.EINVAL, errno.EAGAIN, errno.EWOULDBLOCK):
                raise
            early = b""
        finally:
            self.settimeout(timeout)
        if early:
            reason = "Closed before TLS handshake with data in recv buffer."
            refused = SSLError(SSLErrorNumber.SSL_ERROR_SSL, reason)
            refused.reason = reason
            raise refused

    def _begin(self) -> None:
        def make(below: Any) -> Any:
            return self._context._wrap_socket(
                below, self.server_side, self.server_hostname, owner=self, session=self._session_argument
            )

        self._sslobj = _cooperative.CooperativeConnection(self, make) if self._cooperative else make(self)

    @property
    def context(self) -> SSLContext:
        """The context. Another one may be set before the handshake, and by an SNI callback.

        It brings its certificates, trust and suites, and a server's application protocols; the demands of both count.
        ValueError during the handshake.
        """
        return self._context

    @context.setter
    def context(self, context: SSLContext) -> None:
        if self._sslobj is not None:
            self._sslobj.context = context
        self._context = context

    @property
    def session(self) -> SSLSession | None:
        """The session, which a client may resume later; None before the handshake is done.

        Set it before the handshake to resume an earlier one of the same context and the same server name. A
        server of TLS 1.3 sends its tickets after the handshake: read some data first.
        """
        return None if self._sslobj is None else self._sslobj.session

    @session.setter
    def session(self, session: SSLSession) -> None:
        self._session_argument = session
        if self._sslobj is not None:
            self._sslobj.session = session

    @property
    def session_reused(self) -> bool | None:
        """Whether the handshake resumed an earlier session; None without a connection."""
        return None if self._sslobj is None else self._sslobj.session_reused

    def dup(self) -> NoReturn:
        """NotImplementedError: two descriptors cannot share one TLS connection."""
        raise NotImplementedError(f"Can't dup() {type(self).__name__} instances")

    def _checkClosed(self, msg: str | None = None) -> None:
        """For subclasses that know when their socket must not be used any more."""

    def _check_connected(self) -> None:
        if not self._connected:
            # Raises ENOTCONN if that is still so: a peer may have connected by now.
            self.getpeername()

    def _tls(self) -> Any:
        """The native connection, for methods that make no sense without one."""
        self._checkClosed()
        if self._sslobj is None:
            raise ValueError(f"No SSL wrapper around {self}")
        return self._sslobj

    @overload
    def read(self, len: int = 1024, buffer: None = None) -> bytes: ...

    @overload
    def read(self, len: int, buffer: Buffer) -> int: ...

    @overload
    def read(self, len: int = 1024, *, buffer: Buffer) -> int: ...

    def read(self, len: int = 1024, buffer: Any = None) -> bytes | int:
        """Read up to len bytes. Returns the bytes, or with a buffer their number.

        Empty (or 0) at the peer's close_notify, and, with ``suppress_ragged_eofs``, at an end without. Does the
        handshake first where it is not done. ValueError without a TLS connection.
        """
        self._checkClosed()
        if self._sslobj is None:
            raise ValueError("Read on closed or unwrapped SSL socket.")
        try:
            result: bytes | int = self._sslobj.read(len) if buffer is None else self._sslobj.read(len, buffer)
            return result
        except SSLError as error:
            if error.args[0] == SSLErrorNumber.SSL_ERROR_EOF and self.suppress_ragged_eofs:
                return b"" if buffer is None else 0
            raise

    def write(self, data: Any) -> int:
        """Send the beginning of data, any bytes-like object; returns how many bytes that were.

        Does the handshake first where it is not done. ValueError without a TLS connection.
        """
        self._checkClosed()
        if self._sslobj is None:
            raise ValueError("Write on closed or unwrapped SSL socket.")
        written: int = self._sslobj.write(data)
        return written

    def getpeercert(self, binary_form: bool = False) -> Any:
        """The peer's certificate: a dict (empty when it was not verified), or DER.

        None when the peer has sent none. ValueError before the handshake is done.
        """
        self._checkClosed()
        self._check_connected()
        return self._tls().getpeercert(binary_form)

    def get_verified_chain(self) -> list[bytes]:
        """The verified chain in DER, the peer's certificate first.

        Under CERT_NONE it is the chain as far as it goes, and nothing in it has been checked. Empty before the handshake is
        done, on a resumed session, and when the peer has sent no certificate. ValueError without a TLS connection.
        """
        return chain(self._tls().get_verified_chain())

    def get_unverified_chain(self) -> list[bytes]:
        """The certificates that the peer sent, in DER, its own first; empty before the handshake is done.

        ValueError without a TLS connection.
        """
        return chain(self._tls().get_unverified_chain())

    def selected_npn_protocol(self) -> None:
        """None: next protocol negotiation is gone; ALPN has taken its place. Deprecated."""
        import warnings

        warnings.warn("ssl NPN is deprecated, use ALPN instead", DeprecationWarning, stacklevel=2)
        self._checkClosed()
        return None

    def selected_alpn_protocol(self) -> str | None:
        """The application protocol that both sides agreed on, or None."""
        self._checkClosed()
        return None if self._sslobj is None else self._sslobj.selected_alpn_protocol()

    def cipher(self) -> tuple[str, str, int] | None:
        """(name, protocol, secret bits) of the cipher suite; None before the handshake is done."""
        self._checkClosed()
        return None if self._sslobj is None else self._sslobj.cipher()

    def shared_ciphers(self) -> list[tuple[str, str, int]] | None:
        """The suites that the client offered and this server has; None on a client."""
        self._checkClosed()
        return None if self._sslobj is None else self._sslobj.shared_ciphers()

    def compression(self) -> None:
        """None: compressed TLS is insecure, and does not exist here."""
        self._checkClosed()
        return None

    def version(self) -> str | None:
        """The protocol version, for instance "TLSv1.3"; None before the handshake is done."""
        self._checkClosed()
        return None if self._sslobj is None else self._sslobj.version()

    def pending(self) -> int:
        """How many bytes can be read without waiting; 0 without a TLS connection."""
        self._checkClosed()
        return 0 if self._sslobj is None else self._sslobj.pending()

    def get_channel_binding(self, cb_type: str = "tls-unique") -> bytes | None:
        """Bytes that both ends of this connection, and nobody else, can compute; None before the handshake.

        ``cb_type`` is one of ``CHANNEL_BINDING_TYPES``; ValueError for others. In TLS 1.3 "tls-unique" is what CPython
        gives, which proves less than "tls-exporter" (RFC 9266).
        """
        if self._sslobj is not None:
            binding: bytes | None = self._sslobj.get_channel_binding(cb_type)
            return binding
        if cb_type not in CHANNEL_BINDING_TYPES:
            raise ValueError(f"{cb_type} channel binding type not implemented")
        return None

    def export_keying_material(self, label: bytes, length: int, context: bytes | None = None) -> bytes:
        """``length`` bytes that both ends can compute (RFC 5705). ValueError before the handshake is done."""
        material: bytes = self._tls().export_keying_material(label, length, context)
        return material

    def verify_client_post_handshake(self) -> None:
        """Ask the client for a certificate now (TLS 1.3). The request goes out with the next write or read.

        Reads deal with the answer: they fail if it does not verify, and :meth:`getpeercert` shows it afterwards.
        SSLError if the client did not offer it (``SSLContext.post_handshake_auth``).
        """
        self._tls().verify_client_post_handshake()

    def send(self, data: Any, flags: int = 0) -> int:
        """Send the beginning of data; returns how many bytes that were. In clear text without a TLS connection.

        ValueError for ``flags`` under TLS.
        """
        self._checkClosed()
        if self._sslobj is None:
            return self._without_tls(True, super().send, data, flags)  # type: ignore[no-any-return]
        self._refuse_flags(flags, "send")
        written: int = self._sslobj.write(data)
        return written

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send all of data. In clear text without a TLS connection; ValueError for ``flags`` under TLS."""
        self._checkClosed()
        if self._sslobj is None and not self._cooperative:
            super().sendall(data, flags)
            return
        if self._sslobj is not None:
            self._refuse_flags(flags, "sendall")
        sent = 0
        if type(data) is bytes:
            if not data:
                return
            # Goes down as it is, without a copy; mostly one call takes it all.
            sent = self.send(data, flags)
            if sent == len(data):
                return
        with memoryview(data) as view, view.cast("B") as octets:
            while sent < len(octets):
                sent += self.send(octets[sent:], flags)

    def sendto(self, data: Any, flags_or_addr: Any, addr: Any = None) -> int:
        """ValueError on a TLS connection: it has one peer only."""
        self._checkClosed()
        if self._sslobj is not None:
            raise ValueError(f"sendto not allowed on instances of {type(self)}")
        if addr is None:
            return super().sendto(data, flags_or_addr)
        return super().sendto(data, flags_or_addr, addr)

    def sendmsg(self, *args: Any, **kwargs: Any) -> int:
        """NotImplementedError, also without a TLS connection: ancillary data does not fit into TLS."""
        raise NotImplementedError(f"sendmsg not allowed on instances of {type(self)}")

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a file from offset; returns the number of bytes. Through TLS it is read and sent in pieces."""
        if self._sslobj is not None:
            sent: int = self._sendfile_use_send(file, offset, count)  # type: ignore[attr-defined]
            return sent
        return super().sendfile(file, offset, count)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Receive up to buflen bytes; empty at the end of the connection. Without a TLS connection it is clear text.

        ValueError for ``flags`` under TLS.
        """
        self._checkClosed()
        if self._sslobj is None:
            return self._without_tls(False, super().recv, buflen, flags)  # type: ignore[no-any-return]
        self._refuse_flags(flags, "recv")
        return self.read(buflen)

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """Receive up to nbytes (default: what fits) into buffer; returns how many, 0 at the end."""
        self._checkClosed()
        if nbytes is None:
            nbytes = 1024
            if buffer is not None:
                with memoryview(buffer) as view:
                    nbytes = view.nbytes or 1024
        if self._sslobj is None:
            return self._without_tls(False, super().recv_into, buffer, nbytes, flags)  # type: ignore[no-any-return]
        self._refuse_flags(flags, "recv_into")
        received: int = self.read(nbytes, buffer)
        return received

    def recvfrom(self, buflen: int = 1024, flags: int = 0) -> tuple[bytes, Any]:
        """ValueError on a TLS connection: it has one peer only."""
        self._checkClosed()
        if self._sslobj is not None:
            raise ValueError(f"recvfrom not allowed on instances of {type(self)}")
        return super().recvfrom(buflen, flags)

    def recvfrom_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> tuple[int, Any]:
        """ValueError on a TLS connection: it has one peer only."""
        self._checkClosed()
        if self._sslobj is not None:
            raise ValueError(f"recvfrom_into not allowed on instances of {type(self)}")
        return super().recvfrom_into(buffer, nbytes or 0, flags)

    def recvmsg(self, *args: Any, **kwargs: Any) -> Any:
        """NotImplementedError, also without a TLS connection: ancillary data does not fit into TLS."""
        raise NotImplementedError(f"recvmsg not allowed on instances of {type(self)}")

    def recvmsg_into(self, *args: Any, **kwargs: Any) -> Any:
        """NotImplementedError, also without a TLS connection: ancillary data does not fit into TLS."""
        raise NotImplementedError(f"recvmsg_into not allowed on instances of {type(self)}")

    def _without_tls(self, write: bool, operation: Callable[..., Any], *arguments: Any) -> Any:
        if self._cooperative:
            return _cooperative.without_tls(self, write, operation, *arguments)
        return operation(*arguments)

    def _refuse_flags(self, flags: int, method: str) -> None:
        if flags != 0:
            raise ValueError(f"non-zero flags not allowed in calls to {method}() on {type(self)}")

    def shutdown(self, how: int) -> None:
        """Shut the transport down. TLS ends with it, without close_notify; see :meth:`unwrap`."""
        self._checkClosed()
        self._give_tickets()
        self._sslobj = None
        super().shutdown(how)

    def unwrap(self) -> socket.socket:
        """Say close_notify, wait for the peer's, and return the socket: from here on it is clear text.

        ValueError without a TLS connection, SSLError before the handshake is done.
        """
        plain: socket.socket = self._tls().shutdown()
        self._sslobj = None
        return plain

    def _give_tickets(self) -> None:
        if self._sslobj is not None:
            self._sslobj.give_tickets()

    def _real_close(self) -> None:
        self._give_tickets()
        self._sslobj = None
        super()._real_close()  # type: ignore[misc]

    def detach(self) -> int:
        """Give the descriptor up without closing it; TLS ends with it."""
        self._sslobj = None
        return super().detach()

    def do_handshake(self, block: bool = False) -> None:
        """Start or go on with the handshake. ``block`` makes a non-blocking socket wait for it.

        SSLError when it fails, OSError for a socket that is not connected.
        """
        self._check_connected()
        if self._sslobj is None and self.fileno() < 0:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        connection = self._tls()
        timeout = self.gettimeout()
        if timeout != 0.0 or not block:
            connection.do_handshake()
            return
        self.settimeout(None)
        try:
            connection.do_handshake()
        finally:
            self.settimeout(timeout)

    def _real_connect(self, addr: Any, connect_ex: bool) -> int | None:
        if self.server_side:
            raise ValueError("can't connect in server-side mode")
        if self._connected or self._sslobj is not None:
            raise ValueError("attempt to connect already-connected SSLSocket!")
        self._begin()
        try:
            result: int | None
            if self._cooperative:
                result = _cooperative.connect(self, super().connect_ex, addr)
                if result and not connect_ex:
                    raise OSError(result, os.strerror(result))
            else:
                result = super().connect_ex(addr) if connect_ex else super().connect(addr)
            if not result:
                self._connected = True
                if self.do_handshake_on_connect:
                    self.do_handshake()
        except (OSError, ValueError):
            self._sslobj = None
            raise
        return result

    def connect(self, addr: Any) -> None:
        """Connect to a remote address, and do the handshake if the socket was told to."""
        self._real_connect(addr, False)

    def connect_ex(self, addr: Any) -> int:
        """As :meth:`connect`, but the system's error for the connection comes back as a number."""
        return self._real_connect(addr, True) or 0

    def accept(self) -> tuple[SSLSocket, Any]:
        """Wait for a connection, and return it under TLS with its address."""
        plain, address = self._without_tls(False, super().accept)
        wrapped = self.context.wrap_socket(
            plain,
            do_handshake_on_connect=self.do_handshake_on_connect,
            suppress_ragged_eofs=self.suppress_ragged_eofs,
            server_side=True,
        )
        return wrapped, address
