"""TLS for sockets, in Rust: a drop-in for the standard library's ``ssl``.

    import ferrossl as ssl

Names, behaviour and errors follow the standard library's module; where they differ,
``docs/compatibility.md`` says so. Both may be used side by side in one process.
"""

from __future__ import annotations

import sys as _sys
from socket import (
    SO_TYPE as SO_TYPE,
    SOCK_STREAM as SOCK_STREAM,
    SOL_SOCKET as SOL_SOCKET,
    create_connection as create_connection,
    socket as socket,
)

from ferrossl import _typing
from ferrossl._certificates import (
    _GLOBAL_DEFAULT_TIMEOUT as _GLOBAL_DEFAULT_TIMEOUT,
    PEM_FOOTER as PEM_FOOTER,
    PEM_HEADER as PEM_HEADER,
    DefaultVerifyPaths as DefaultVerifyPaths,
    DER_cert_to_PEM_cert as DER_cert_to_PEM_cert,
    PEM_cert_to_DER_cert as PEM_cert_to_DER_cert,
    cert_time_to_seconds as cert_time_to_seconds,
    get_default_verify_paths as get_default_verify_paths,
    get_protocol_name as get_protocol_name,
    get_server_certificate as get_server_certificate,
)
from ferrossl._constants import *  # noqa: F403
from ferrossl._constants import (
    _DEFAULT_CIPHERS as _DEFAULT_CIPHERS,
    _FERROSSL_VERSION as _FERROSSL_VERSION,
    _OPENSSL_API_VERSION as _OPENSSL_API_VERSION,
    _PROTOCOL_NAMES as _PROTOCOL_NAMES,
)
from ferrossl._context import (
    SSLContext as SSLContext,
    _create_default_https_context as _create_default_https_context,
    _create_stdlib_context as _create_stdlib_context,
    _create_unverified_context as _create_unverified_context,
    create_default_context as create_default_context,
)
from ferrossl._enums import (
    AlertDescription as AlertDescription,
    Options as Options,
    Purpose as Purpose,
    SSLErrorNumber as SSLErrorNumber,
    TLSVersion as TLSVersion,
    VerifyFlags as VerifyFlags,
    VerifyMode as VerifyMode,
    _ASN1Object as _ASN1Object,
    _SSLMethod as _SSLMethod,
)
from ferrossl._errors import (
    CertificateError as CertificateError,
    SSLCertVerificationError as SSLCertVerificationError,
    SSLEOFError as SSLEOFError,
    SSLError as SSLError,
    SSLSyscallError as SSLSyscallError,
    SSLWantReadError as SSLWantReadError,
    SSLWantWriteError as SSLWantWriteError,
    SSLZeroReturnError as SSLZeroReturnError,
)
from ferrossl._ferrossl import (
    MemoryBIO as MemoryBIO,
    SSLSession as SSLSession,
    _SSLContext as _SSLContext,
    nid2obj as _nid2obj,
    txt2obj as _txt2obj,
)
from ferrossl._interop import install as install, uninstall as uninstall
from ferrossl._object import SSLObject as SSLObject
from ferrossl._random import RAND_add as RAND_add, RAND_bytes as RAND_bytes, RAND_status as RAND_status
from ferrossl._socket import SSLSocket as SSLSocket
from ferrossl._system_trust import *  # noqa: F403

if _sys.version_info < (3, 12):
    from ferrossl._legacy import (
        RAND_pseudo_bytes as RAND_pseudo_bytes,
        match_hostname as match_hostname,
        wrap_socket as wrap_socket,
    )

# Private names that hardly any program asks for, and where they are: loaded when they are asked for. Public ones are here
# from the beginning, for `from ferrossl import *`.
_RARE = {
    "_TLSAlertType": "_message_enums",
    "_TLSContentType": "_message_enums",
    "_TLSMessageType": "_message_enums",
    "_dnsname_match": "_legacy",
    "_inet_paton": "_legacy",
    "_ipaddress_match": "_legacy",
    "_ssl": "_ssl",
}

if _typing.TYPE_CHECKING:
    from ferrossl import _ssl as _ssl
    from ferrossl._legacy import (
        _dnsname_match as _dnsname_match,
        _inet_paton as _inet_paton,
        _ipaddress_match as _ipaddress_match,
    )
    from ferrossl._message_enums import (
        _TLSAlertType as _TLSAlertType,
        _TLSContentType as _TLSContentType,
        _TLSMessageType as _TLSMessageType,
    )
else:
    # Not for type checkers, to which a module with this function has every name.
    def __getattr__(name):
        if name not in _RARE:
            raise AttributeError(
                f"module {__name__!r} has no attribute {name!r}", name=name, obj=_sys.modules[__name__]
            )
        home = f"{__name__}.{_RARE[name]}"
        __import__(home)  # the function of importlib would load that first
        module = _sys.modules[home]
        value = globals()[name] = module if name == _RARE[name] else getattr(module, name)
        return value

    def __dir__():
        return sorted({*globals(), *_RARE})


# What tracebacks show is the place where users find an exception, not the file that it stands in. Other classes keep
# the name of their file, by which inspect finds their source.
for _error in SSLError, *SSLError.__subclasses__():
    if _error.__module__ != __name__:  # not when the module is loaded again
        _error.__module__ = __name__
del _error

_RESTRICTED_SERVER_CIPHERS = _DEFAULT_CIPHERS
socket_error = OSError
__version__: str = _FERROSSL_VERSION
