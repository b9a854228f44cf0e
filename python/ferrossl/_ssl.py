"""The names of ``_ssl`` that programs use, for those that look below ``ssl``."""

from __future__ import annotations

import sys

from ferrossl import _constants
from ferrossl._constants import *  # noqa: F403
from ferrossl._constants import _DEFAULT_CIPHERS, _OPENSSL_API_VERSION, OPENSSL_VERSION
from ferrossl._enums import TLSVersion
from ferrossl._errors import (
    SSLCertVerificationError,
    SSLEOFError,
    SSLError,
    SSLSyscallError,
    SSLWantReadError,
    SSLWantWriteError,
    SSLZeroReturnError,
)
from ferrossl._ferrossl import (
    Certificate,
    MemoryBIO,
    SSLSession,
    _SSLContext,
    _SSLSocket,
    _test_decode_cert,
    default_verify_paths as get_default_verify_paths,
    nid2obj,
    txt2obj,
)
from ferrossl._random import RAND_add, RAND_bytes, RAND_status

if sys.platform == "win32":
    from ferrossl._ferrossl import enum_certificates, enum_crls

ENCODING_PEM = 1
ENCODING_DER = 2
HOSTFLAG_NEVER_CHECK_SUBJECT = 0x20
PROTO_MINIMUM_SUPPORTED = TLSVersion.MINIMUM_SUPPORTED.value
PROTO_MAXIMUM_SUPPORTED = TLSVersion.MAXIMUM_SUPPORTED.value
PROTO_SSLv3 = TLSVersion.SSLv3.value
PROTO_TLSv1 = TLSVersion.TLSv1.value
PROTO_TLSv1_1 = TLSVersion.TLSv1_1.value
PROTO_TLSv1_2 = TLSVersion.TLSv1_2.value
PROTO_TLSv1_3 = TLSVersion.TLSv1_3.value

__all__ = [
    *_constants.__all__,
    "ENCODING_DER",
    "ENCODING_PEM",
    "HOSTFLAG_NEVER_CHECK_SUBJECT",
    "OPENSSL_VERSION",
    "PROTO_MAXIMUM_SUPPORTED",
    "PROTO_MINIMUM_SUPPORTED",
    "PROTO_SSLv3",
    "PROTO_TLSv1",
    "PROTO_TLSv1_1",
    "PROTO_TLSv1_2",
    "PROTO_TLSv1_3",
    "Certificate",
    "MemoryBIO",
    "RAND_add",
    "RAND_bytes",
    "RAND_status",
    "SSLCertVerificationError",
    "SSLEOFError",
    "SSLError",
    "SSLSession",
    "SSLSyscallError",
    "SSLWantReadError",
    "SSLWantWriteError",
    "SSLZeroReturnError",
    "_DEFAULT_CIPHERS",
    "_OPENSSL_API_VERSION",
    "_SSLContext",
    "_SSLSocket",
    "_test_decode_cert",
    "get_default_verify_paths",
    "nid2obj",
    "txt2obj",
]
if sys.platform == "win32":
    __all__ += ["enum_certificates", "enum_crls"]
