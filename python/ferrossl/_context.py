"""``SSLContext`` and the functions that make one."""

from __future__ import annotations

import operator
import os
import socket
import sys
import time as _time
from collections.abc import Callable, Iterable

from ferrossl import _ferrossl, _object, _socket
from ferrossl._enums import (
    AlertDescription,
    Options,
    Purpose,
    TLSVersion,
    VerifyFlags,
    VerifyMode,
    _ASN1Object,
    _SSLMethod,
    known_purpose,
)
from ferrossl._errors import SSLError
from ferrossl._ferrossl import SSLSession
from ferrossl._interop import class_property
from ferrossl._object import SSLObject
from ferrossl._public import public_module
from ferrossl._socket import SSLSocket
from ferrossl._system_trust import WINDOWS_STORES, load_system_trust, load_windows_store
from ferrossl._typing import Any, Self

# A number: whether any of them is among others is all that is asked.
_VERSION_OPTIONS = (
    int(Options.OP_NO_SSLv3)
    | int(Options.OP_NO_TLSv1)
    | int(Options.OP_NO_TLSv1_1)
    | int(Options.OP_NO_TLSv1_2)
    | int(Options.OP_NO_TLSv1_3)
)
_DEPRECATED_PROTOCOLS = (
    _SSLMethod.PROTOCOL_TLS,
    _SSLMethod.PROTOCOL_TLSv1,
    _SSLMethod.PROTOCOL_TLSv1_1,
    _SSLMethod.PROTOCOL_TLSv1_2,
)
_DEPRECATED_VERSIONS = (TLSVersion.SSLv3, TLSVersion.TLSv1, TLSVersion.TLSv1_1)


class SSLContext(_ferrossl._SSLContext):
    """Settings for many TLS connections: whom to trust, who we are, which protocols.

    May be changed at any time and used from any thread; a change counts for the connections that are
    made after it. ``sslsocket_class`` and ``sslobject_class`` are the classes that :meth:`wrap_socket` and
    :meth:`wrap_bio` make; a subclass may have others there.
    """

    sslsocket_class: type[SSLSocket] = SSLSocket
    sslobject_class: type[SSLObject] = SSLObject
    # What `load_default_certs()` asks on Windows. Private in the standard library too, but programs change it there.
    _windows_cert_stores: tuple[str, ...] = WINDOWS_STORES

    __class__ = class_property("SSLContext")

    def __new__(cls, protocol: int | None = None, *args: object, **kwargs: object) -> Self:
        """``PROTOCOL_TLS_CLIENT`` verifies servers and their names; ``PROTOCOL_TLS_SERVER`` asks clients for nothing."""
        if protocol is None:
            import warnings

            warnings.warn(
                "ssl.SSLContext() without protocol argument is deprecated.", DeprecationWarning, stacklevel=2
            )
            protocol = _SSLMethod.PROTOCOL_TLS
        self = super().__new__(cls, protocol)
        if protocol in _DEPRECATED_PROTOCOLS:
            name = _SSLMethod(protocol).name
            import warnings

            warnings.warn(f"ssl.{name} is deprecated", DeprecationWarning, stacklevel=2)
        return self

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")

    @staticmethod
    def _encode_hostname(hostname: str | bytes | None) -> str | None:
        """The A-label of a host name, as it goes over the wire and into comparisons."""
        if hostname is None:
            return None
        if isinstance(hostname, str):
            return hostname.encode("idna").decode("ascii")
        return hostname.decode("ascii")

    def wrap_socket(
        self,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: str | bytes | None = None,
        session: SSLSession | None = None,
    ) -> SSLSocket:
        """Take a stream socket over and return it under TLS; ``sock`` itself is detached, and not to be used any more.

        A connected one does the handshake at once, unless ``do_handshake_on_connect`` is False; one that is not does it
        in ``connect()``. ``suppress_ragged_eofs`` makes reads take an end without close_notify for the end of the data.
        ``server_hostname`` (clients only) is sent to the server, and compared with its certificate where
        ``check_hostname`` says so. ``session`` (clients only) is one to resume.

        NotImplementedError for other sockets, ValueError for arguments that do not fit the side or the context,
        SSLError when the handshake fails; then the socket is closed.
        """
        return self.sslsocket_class._create(
            sock=sock,
            server_side=server_side,
            do_handshake_on_connect=do_handshake_on_connect,
            suppress_ragged_eofs=suppress_ragged_eofs,
            server_hostname=server_hostname,  # type: ignore[arg-type]
            context=self,
            session=session,
        )

    def wrap_bio(
        self,
        incoming: _ferrossl.MemoryBIO,
        outgoing: _ferrossl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: SSLSession | None = None,
    ) -> SSLObject:
        """A TLS connection between two memory BIOs: it reads what the peer has sent from ``incoming``, and writes what the
        peer is to get to ``outgoing``. The other arguments and errors are those of :meth:`wrap_socket`."""
        return self.sslobject_class._create(
            incoming,
            outgoing,
            server_side=server_side,
            server_hostname=self._encode_hostname(server_hostname),
            session=session,
            context=self,
        )

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Offer (client) or accept (server) these application protocols, the preferred one first (RFC 7301).

        Each is an ASCII text of 1 to 255 characters; SSLError for another length.
        """
        wire = bytearray()
        for protocol in alpn_protocols:
            name = bytes(protocol, "ascii")
            if not 0 < len(name) < 256:
                raise SSLError("ALPN protocols must be 1 to 255 bytes long")
            wire.append(len(name))
            wire.extend(name)
        self._set_alpn_protocols(wire)

    def set_npn_protocols(self, npn_protocols: Iterable[str]) -> None:
        """NotImplementedError: next protocol negotiation is gone; ALPN has taken its place."""
        raise NotImplementedError("NPN is not supported; use set_alpn_protocols()")

    def set_servername_callback(self, server_name_callback: Callable[..., Any] | None) -> None:
        """Set ``sni_callback`` to a function that gets the name as U-label (an internationalised name is decoded).

        None takes it away. TypeError for what is not callable, ValueError on a context of ``PROTOCOL_TLS_CLIENT``.
        """
        if server_name_callback is None:
            self.sni_callback = None
            return
        if not callable(server_name_callback):
            raise TypeError("not a callable object")
        given = server_name_callback

        def decode(sslobj: Any, name: str | None, context: SSLContext) -> Any:
            try:
                label = self._decode_hostname(name)
            except UnicodeError:
                # The manual's word for a name that cannot be decoded.
                return AlertDescription.ALERT_DESCRIPTION_INTERNAL_ERROR
            return given(sslobj, label, context)

        self.sni_callback = decode

    @staticmethod
    def _decode_hostname(name: str | None) -> str | None:
        return None if name is None else name.encode("ascii").decode("idna")

    def load_default_certs(self, purpose: Purpose = Purpose.SERVER_AUTH) -> None:
        """Trust the system's certificates, or those that SSL_CERT_FILE and SSL_CERT_DIR name.

        On Windows both: those of its stores ``CA`` and ``ROOT`` that are trusted for ``purpose``, and the files. On
        macOS those of the keychains that are trusted for TLS servers. Elsewhere ``purpose`` makes no difference.
        """
        load_system_trust(self, known_purpose(purpose))

    if sys.platform == "win32":

        def _load_windows_store_certs(self, storename: str, purpose: _ASN1Object) -> None:
            load_windows_store(self, storename, purpose, _ferrossl.enum_certificates)

    def verify_chain(
        self,
        chain: Iterable[bytes],
        *,
        server_hostname: str | bytes | None = None,
        purpose: Purpose = Purpose.SERVER_AUTH,
        time: float | None = None,
    ) -> list[bytes]:
        """Verify certificates without a connection, with this context's trust, flags and CRLs.

        ``chain`` has DER certificates, the peer's own first. Without ``server_hostname`` no name is
        compared. ``time`` is in seconds since 1970, by default now. Returns the verified chain in DER, the
        trusted certificate last; raises :class:`SSLCertVerificationError` when it does not verify.
        """
        kind = known_purpose(purpose)
        if kind not in (Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH):
            raise ValueError(purpose)
        verified = self._verify_chain(
            [bytes(der) for der in chain],
            self._encode_hostname(server_hostname),
            kind == Purpose.SERVER_AUTH,
            int(_time.time() if time is None else time),
        )
        return [certificate.public_bytes(2) for certificate in verified]

    @property
    def minimum_version(self) -> TLSVersion:
        """The lowest protocol version. What is below TLS 1.2 can be set, but does not exist here.

        ValueError for numbers that are no version, and under ``PROTOCOL_TLSv1_2``, which has one version only.
        """
        return TLSVersion(super().minimum_version)

    @minimum_version.setter
    def minimum_version(self, value: int) -> None:
        _warn_about_version(value)
        _ferrossl._SSLContext.minimum_version.__set__(self, value)  # type: ignore[attr-defined]

    @property
    def maximum_version(self) -> TLSVersion:
        """The highest protocol version. Below TLS 1.2, connections fail with NO_PROTOCOLS_AVAILABLE.

        ValueError for numbers that are no version, and under ``PROTOCOL_TLSv1_2``, which has one version only.
        """
        return TLSVersion(super().maximum_version)

    @maximum_version.setter
    def maximum_version(self, value: int) -> None:
        _warn_about_version(value)
        _ferrossl._SSLContext.maximum_version.__set__(self, value)  # type: ignore[attr-defined]

    @property
    def options(self) -> Options:
        """OpenSSL's option bits; :class:`Options` says which of them have an effect."""
        return Options(super().options)

    @options.setter
    def options(self, value: int) -> None:
        if sys.version_info >= (3, 14) and operator.index(value) < 0:
            raise ValueError("options must be non-negative")
        if operator.index(value) & ~int(super().options) & _VERSION_OPTIONS:
            import warnings

            warnings.warn(
                "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated", DeprecationWarning, stacklevel=2
            )
        _ferrossl._SSLContext.options.__set__(self, value)  # type: ignore[attr-defined]

    @property
    def protocol(self) -> _SSLMethod:
        """The ``PROTOCOL_*`` that the context was made for; read-only."""
        return _SSLMethod(super().protocol)

    @property
    def verify_flags(self) -> VerifyFlags:
        """OpenSSL's flags for the verification of certificates: see :class:`VerifyFlags`.

        ValueError for those that demand what is not checked here (certificate policies, delta CRLs, Suite B).
        """
        return VerifyFlags(super().verify_flags)

    @verify_flags.setter
    def verify_flags(self, value: int) -> None:
        _ferrossl._SSLContext.verify_flags.__set__(self, value)  # type: ignore[attr-defined]

    @property
    def verify_mode(self) -> VerifyMode:
        """What is asked of the peer's certificate: see :class:`VerifyMode`.

        ValueError for other numbers, and for CERT_NONE while ``check_hostname`` is True.
        """
        return VerifyMode(super().verify_mode)

    @verify_mode.setter
    def verify_mode(self, value: int) -> None:
        _ferrossl._SSLContext.verify_mode.__set__(self, value)  # type: ignore[attr-defined]

    @property
    def _msg_callback(self) -> Any:
        """Private: called for each handshake message, alert and record header that goes by.

        With (connection, "read" or "write", version, content type, message type, bytes); what it raises comes out of
        the operation. For debugging only: neither its arguments nor its order are promised.
        """
        inner = super()._msg_callback
        return None if inner is None else inner.user_function

    @_msg_callback.setter
    def _msg_callback(self, callback: Any) -> None:
        native = _ferrossl._SSLContext._msg_callback
        if callback is None:
            native.__set__(self, None)
            return
        if not callable(callback):
            raise TypeError(f"{callback} is not callable.")

        from ferrossl._message_enums import _TLSAlertType, _TLSContentType, _TLSMessageType

        def inner(
            connection: Any, direction: str, version: int, content_type: int, message: int, data: bytes
        ) -> Any:
            kind = _named(_TLSContentType, content_type)
            names: Any = {_TLSContentType.HEADER: _TLSContentType, _TLSContentType.ALERT: _TLSAlertType}
            enum = names.get(kind, _TLSMessageType)
            return callback(
                connection, direction, _named(TLSVersion, version), kind, _named(enum, message), data
            )

        inner.user_function = callback  # type: ignore[attr-defined]
        native.__set__(self, inner)

    @_msg_callback.deleter
    def _msg_callback(self) -> None:
        raise AttributeError("_msg_callback cannot be deleted; set it to None")


# `typing.get_type_hints()` and `inspect` look for the class where the annotations stand.
for _module in _object, _socket:
    _module.SSLContext = SSLContext  # type: ignore[attr-defined]
del _module


def _named(enum: Any, value: int) -> Any:
    try:
        return enum(value)
    except ValueError:
        return value


def _warn_about_version(value: int) -> None:
    if value in _DEPRECATED_VERSIONS:
        import warnings

        warnings.warn(
            f"ssl.TLSVersion.{TLSVersion(value).name} is deprecated", DeprecationWarning, stacklevel=3
        )


def _current_class() -> type[SSLContext]:
    """What programs see as ``SSLContext``."""
    return public_module().SSLContext  # type: ignore[no-any-return]


def create_default_context(
    purpose: Purpose = Purpose.SERVER_AUTH,
    *,
    cafile: Any = None,
    capath: Any = None,
    cadata: Any = None,
) -> SSLContext:
    """A context with secure settings.

    For ``SERVER_AUTH`` (a client): the server's certificate and name must verify, against the CAs given
    or else the system's. For ``CLIENT_AUTH`` (a server): clients are asked for nothing.
    """
    kind = known_purpose(purpose)
    if kind == Purpose.SERVER_AUTH:
        context = _current_class()(_SSLMethod.PROTOCOL_TLS_CLIENT)
        context.verify_mode = VerifyMode.CERT_REQUIRED
        context.check_hostname = True
    elif kind == Purpose.CLIENT_AUTH:
        context = _current_class()(_SSLMethod.PROTOCOL_TLS_SERVER)
    else:
        raise ValueError(purpose)
    if sys.version_info >= (3, 13):
        context.verify_flags |= VerifyFlags.VERIFY_X509_PARTIAL_CHAIN | VerifyFlags.VERIFY_X509_STRICT
    if cafile or capath or cadata:
        context.load_verify_locations(cafile, capath, cadata)
    elif context.verify_mode != VerifyMode.CERT_NONE:
        context.load_default_certs(kind)
    _log_keys(context)
    return context


def _log_keys(context: SSLContext) -> None:
    path = None if sys.flags.ignore_environment else os.environ.get("SSLKEYLOGFILE")
    if path:
        context.keylog_filename = path


def _create_unverified_context(
    protocol: int | None = None,
    *,
    cert_reqs: int = VerifyMode.CERT_NONE,
    check_hostname: bool = False,
    purpose: Purpose = Purpose.SERVER_AUTH,
    certfile: Any = None,
    keyfile: Any = None,
    cafile: Any = None,
    capath: Any = None,
    cadata: Any = None,
) -> SSLContext:
    """A context that verifies nothing unless told to: dangerous, and what the standard library's clients
    for FTP, IMAP, POP, SMTP and NNTP use by default."""
    kind = known_purpose(purpose)
    if kind == Purpose.SERVER_AUTH:
        default = _SSLMethod.PROTOCOL_TLS_CLIENT
    elif kind == Purpose.CLIENT_AUTH:
        default = _SSLMethod.PROTOCOL_TLS_SERVER
    else:
        raise ValueError(purpose)
    context = _current_class()(default if protocol is None else protocol)
    context.check_hostname = check_hostname
    if cert_reqs is not None:
        context.verify_mode = cert_reqs
    if check_hostname:
        context.check_hostname = True
    if keyfile and not certfile:
        raise ValueError("certfile must be specified")
    if certfile or keyfile:
        context.load_cert_chain(certfile, keyfile)
    if cafile or capath or cadata:
        context.load_verify_locations(cafile, capath, cadata)
    elif context.verify_mode != VerifyMode.CERT_NONE:
        context.load_default_certs(kind)
    _log_keys(context)
    return context


_create_default_https_context = create_default_context
_create_stdlib_context = _create_unverified_context
