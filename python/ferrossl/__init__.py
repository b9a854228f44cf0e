"""TLS for sockets, in Rust: a drop-in for the standard library's ``ssl``.

    import ferrossl as ssl

Names, behaviour and errors follow the standard library's module; where they differ,
``docs/compatibility.md`` says so. Both may be used side by side in one process.
"""

from __future__ import annotations

import sys as _sys
from socket import SO_TYPE, SOCK_STREAM, SOL_SOCKET, create_connection, socket

from ferrossl import _ssl
from ferrossl._certificates import (
    PEM_FOOTER,
    PEM_HEADER,
    DefaultVerifyPaths,
    DER_cert_to_PEM_cert,
    PEM_cert_to_DER_cert,
    cert_time_to_seconds,
    get_default_verify_paths,
    get_protocol_name,
    get_server_certificate,
)
from ferrossl._constants import *  # noqa: F403
from ferrossl._constants import _DEFAULT_CIPHERS, _FERROSSL_VERSION, _OPENSSL_API_VERSION, _PROTOCOL_NAMES
from ferrossl._context import (
    SSLContext,
    _create_default_https_context,
    _create_stdlib_context,
    _create_unverified_context,
    create_default_context,
)
from ferrossl._enums import (
    AlertDescription,
    Options,
    Purpose,
    SSLErrorNumber,
    TLSVersion,
    VerifyFlags,
    VerifyMode,
    _ASN1Object,
    _SSLMethod,
    _TLSAlertType,
    _TLSContentType,
    _TLSMessageType,
)
from ferrossl._errors import (
    CertificateError,
    SSLCertVerificationError,
    SSLEOFError,
    SSLError,
    SSLSyscallError,
    SSLWantReadError,
    SSLWantWriteError,
    SSLZeroReturnError,
)
from ferrossl._ferrossl import MemoryBIO, _SSLContext
from ferrossl._ferrossl import nid2obj as _nid2obj
from ferrossl._ferrossl import txt2obj as _txt2obj
from ferrossl._interop import install
from ferrossl._object import SSLObject
from ferrossl._random import RAND_add, RAND_bytes, RAND_status
from ferrossl._session import SSLSession
from ferrossl._socket import SSLSocket
from ferrossl._system_trust import *  # noqa: F403

if _sys.version_info < (3, 12):
    from ferrossl._legacy import (
        RAND_pseudo_bytes,
        _dnsname_match,
        _inet_paton,
        _ipaddress_match,
        match_hostname,
        wrap_socket,
    )

# What tracebacks and reprs show is the place where users find a class, not the file that it stands in.
for _name, _value in list(globals().items()):
    if not _name.startswith("_") and isinstance(_value, type) and _value.__module__.startswith("ferrossl._"):
        _value.__module__ = __name__
del _name, _value

_RESTRICTED_SERVER_CIPHERS = _DEFAULT_CIPHERS
socket_error = OSError
__version__: str = _FERROSSL_VERSION
