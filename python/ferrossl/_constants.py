"""Constants of ``ssl``: what this library has and has not, and every enumeration's members as names."""

from __future__ import annotations

from ferrossl import _ferrossl
from ferrossl._enums import (
    AlertDescription,
    Options,
    SSLErrorNumber,
    TLSVersion,
    VerifyFlags,
    VerifyMode,
    _SSLMethod,
)

HAS_SNI = True
HAS_ALPN = True
HAS_ECDH = True
HAS_NPN = False
HAS_NEVER_CHECK_COMMON_NAME = True
HAS_SSLv2 = False
HAS_SSLv3 = False
HAS_TLSv1 = False
HAS_TLSv1_1 = False
HAS_TLSv1_2 = True
HAS_TLSv1_3 = True
HAS_PSK = False
HAS_PHA = False

_FERROSSL_VERSION, _ENGINE = _ferrossl.engine_versions()

# Programs compare these with OpenSSL's, and urllib3 insists on the first word. 3.0.0 is the API whose
# behaviour is followed; the rest of the text says what it really is.
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000
OPENSSL_VERSION = f"OpenSSL 3.0.0 compatible: ferrossl {_FERROSSL_VERSION} ({_ENGINE})"
_OPENSSL_API_VERSION = OPENSSL_VERSION_INFO

# No channel binding is implemented yet.
CHANNEL_BINDING_TYPES: list[str] = []

_PROTOCOL_NAMES = {value: name for name, value in _SSLMethod.__members__.items()}

_MEMBERS: dict[str, int] = {}
for _enumeration in (AlertDescription, Options, SSLErrorNumber, VerifyFlags, VerifyMode, _SSLMethod):
    _MEMBERS.update(_enumeration.__members__)
globals().update(_MEMBERS)
PROTOCOL_SSLv23 = _SSLMethod.PROTOCOL_TLS

__all__ = [
    "CHANNEL_BINDING_TYPES",
    "HAS_ALPN",
    "HAS_ECDH",
    "HAS_NEVER_CHECK_COMMON_NAME",
    "HAS_NPN",
    "HAS_PHA",
    "HAS_PSK",
    "HAS_SNI",
    "HAS_SSLv2",
    "HAS_SSLv3",
    "HAS_TLSv1",
    "HAS_TLSv1_1",
    "HAS_TLSv1_2",
    "HAS_TLSv1_3",
    "OPENSSL_VERSION",
    "OPENSSL_VERSION_INFO",
    "OPENSSL_VERSION_NUMBER",
    "PROTOCOL_SSLv23",
    "TLSVersion",
    "_OPENSSL_API_VERSION",
    "_PROTOCOL_NAMES",
    *_MEMBERS,
]
