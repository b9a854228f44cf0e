"""``SSLObject``: TLS over two memory BIOs, for programs that move the bytes themselves."""

from __future__ import annotations

import socket

from ferrossl import _ferrossl
from ferrossl._arguments import check_arguments
from ferrossl._chains import chain
from ferrossl._ferrossl import SSLSession
from ferrossl._interop import class_property
from ferrossl._typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from ferrossl._context import SSLContext


class SSLObject:
    """A TLS connection without a socket.

    Made by :meth:`SSLContext.wrap_bio`. No method waits: one that needs more from the peer raises
    :class:`SSLWantReadError`, and the program moves bytes between the BIOs and its transport.
    """

    _sslobj: Any

    def __init__(self, *args: object, **kwargs: object) -> None:
        raise TypeError(
            f"{type(self).__name__} does not have a public constructor. "
            "Instances are returned by SSLContext.wrap_bio()."
        )

    __class__ = class_property("SSLObject")

    @classmethod
    def _create(
        cls,
        incoming: _ferrossl.MemoryBIO,
        outgoing: _ferrossl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | None = None,
        session: SSLSession | None = None,
        context: SSLContext | None = None,
    ) -> SSLObject:
        if context is None:
            raise ValueError("context is required")
        check_arguments(context, server_side, server_hostname, session)
        self = cls.__new__(cls)
        self._sslobj = context._wrap_bio(
            incoming, outgoing, server_side, server_hostname, owner=self, session=session
        )
        return self

    @classmethod
    def _over_socket(
        cls, sock: socket.socket, server_side: bool, server_hostname: str | None, context: SSLContext
    ) -> SSLObject:
        """For event loops that read and write the socket natively: nobody calls :meth:`read` and :meth:`write`."""
        check_arguments(context, server_side, server_hostname, None)
        self = cls.__new__(cls)
        name = context._encode_hostname(server_hostname)
        self._sslobj = context._wrap_socket(sock, server_side, name, owner=self)
        return self

    @property
    def context(self) -> SSLContext:
        """The context. Another one may be set before the handshake, and by an SNI callback.

        It brings its certificates, trust and suites, and a server's application protocols; the demands of both count.
        ValueError during the handshake.
        """
        context: SSLContext = self._sslobj.context
        return context

    @context.setter
    def context(self, context: SSLContext) -> None:
        self._sslobj.context = context

    @property
    def session(self) -> SSLSession | None:
        """The session, which a client may resume later; None before the handshake is done.

        Set it before the handshake to resume an earlier one of the same context and the same server name. A
        server of TLS 1.3 sends its tickets after the handshake: read some data first.
        """
        session: SSLSession | None = self._sslobj.session
        return session

    @session.setter
    def session(self, session: SSLSession) -> None:
        self._sslobj.session = session

    @property
    def session_reused(self) -> bool:
        """Whether the handshake resumed an earlier session."""
        reused: bool = self._sslobj.session_reused
        return reused

    @property
    def server_side(self) -> bool:
        """Whether this is the server's side."""
        server_side: bool = self._sslobj.server_side
        return server_side

    @property
    def server_hostname(self) -> str | None:
        """The name that the client asked for, as A-label, or None."""
        name: str | None = self._sslobj.server_hostname
        return name

    @overload
    def read(self, len: int = 1024, buffer: None = None) -> bytes: ...

    @overload
    def read(self, len: int, buffer: Buffer) -> int: ...

    @overload
    def read(self, len: int = 1024, *, buffer: Buffer) -> int: ...

    def read(self, len: int = 1024, buffer: Any = None) -> bytes | int:
        """Read up to len bytes.

        Returns the bytes, or with a buffer their number; empty (or 0) at the peer's close_notify. Does the handshake first
        where it is not done. SSLWantReadError when the peer has to say more.
        """
        result: bytes | int = self._sslobj.read(len) if buffer is None else self._sslobj.read(len, buffer)
        return result

    def write(self, data: Any) -> int:
        """Encrypt data into the outgoing BIO; returns the number of bytes. Does the handshake first where it is not done."""
        written: int = self._sslobj.write(data)
        return written

    def getpeercert(self, binary_form: bool = False) -> Any:
        """The peer's certificate: a dict (empty when it was not verified), or DER.

        None when the peer has sent none. ValueError before the handshake is done.
        """
        return self._sslobj.getpeercert(binary_form)

    def get_verified_chain(self) -> list[bytes]:
        """The verified chain in DER, the peer's certificate first.

        Under CERT_NONE it is the chain as far as it goes, and nothing in it has been checked. Empty before the handshake is
        done, on a resumed session, and when the peer has sent no certificate.
        """
        return chain(self._sslobj.get_verified_chain())

    def get_unverified_chain(self) -> list[bytes]:
        """The certificates that the peer sent, in DER, its own first; empty before the handshake is done."""
        return chain(self._sslobj.get_unverified_chain())

    def selected_npn_protocol(self) -> None:
        """None: next protocol negotiation is gone; ALPN has taken its place. Deprecated."""
        import warnings

        warnings.warn("ssl NPN is deprecated, use ALPN instead", DeprecationWarning, stacklevel=2)
        return None

    def selected_alpn_protocol(self) -> str | None:
        """The application protocol that both sides agreed on, or None."""
        protocol: str | None = self._sslobj.selected_alpn_protocol()
        return protocol

    def cipher(self) -> tuple[str, str, int] | None:
        """(name, protocol, secret bits) of the cipher suite; None before the handshake is done."""
        cipher: tuple[str, str, int] | None = self._sslobj.cipher()
        return cipher

    def shared_ciphers(self) -> list[tuple[str, str, int]] | None:
        """The suites that the client offered and this server has; None on a client."""
        ciphers: list[tuple[str, str, int]] | None = self._sslobj.shared_ciphers()
        return ciphers

    def compression(self) -> None:
        """None: compressed TLS is insecure, and does not exist here."""
        return None

    def pending(self) -> int:
        """How many bytes can be read without another record."""
        pending: int = self._sslobj.pending()
        return pending

    def do_handshake(self) -> None:
        """Start or go on with the handshake. SSLWantReadError when the peer has to say more, SSLError when it fails."""
        self._sslobj.do_handshake()

    def unwrap(self) -> None:
        """Say close_notify and look for the peer's; SSLWantReadError while it has not come.

        SSLError before the handshake is done.
        """
        self._sslobj.shutdown()

    def get_channel_binding(self, cb_type: str = "tls-unique") -> bytes | None:
        """Bytes that both ends of this connection, and nobody else, can compute; None before the handshake.

        ``cb_type`` is one of ``CHANNEL_BINDING_TYPES``; ValueError for others. In TLS 1.3 "tls-unique" is what CPython
        gives, which proves less than "tls-exporter" (RFC 9266).
        """
        binding: bytes | None = self._sslobj.get_channel_binding(cb_type)
        return binding

    def export_keying_material(self, label: bytes, length: int, context: bytes | None = None) -> bytes:
        """``length`` bytes that both ends can compute (RFC 5705). ValueError before the handshake is done."""
        material: bytes = self._sslobj.export_keying_material(label, length, context)
        return material

    def version(self) -> str | None:
        """The protocol version, for instance "TLSv1.3"; None before the handshake is done."""
        version: str | None = self._sslobj.version()
        return version

    def verify_client_post_handshake(self) -> None:
        """Ask the client for a certificate now (TLS 1.3). The request goes out with the next write or read.

        Reads deal with the answer: they fail if it does not verify, and :meth:`getpeercert` shows it afterwards.
        SSLError if the client did not offer it (``SSLContext.post_handshake_auth``).
        """
        self._sslobj.verify_client_post_handshake()
