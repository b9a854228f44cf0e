"""The enumerations of ``ssl``, with OpenSSL's values."""

from __future__ import annotations

import sys
from collections import namedtuple
from enum import Enum, IntEnum, IntFlag

from ferrossl import _ferrossl
from ferrossl._typing import TYPE_CHECKING


class _Flags(IntFlag):
    """A base without members: in an enumeration's own namespace CPython's tests find what its own do not have."""

    def __contains__(self, other: object) -> bool:
        """``other in self``, for the standard library's members too, and for any number."""
        if not isinstance(other, int):
            raise TypeError(
                f"unsupported operand type(s) for 'in': {type(other).__qualname__!r} and {type(self).__qualname__!r}"
            )
        return int(other) & int(self) == int(other)


if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple, TypeVar

    _Class = TypeVar("_Class", bound=type)

    def _enumeration(kind: type[Enum]) -> Callable[[_Class], _Class]: ...

    # What a checker knows the classes below by; their decorator makes the classes over, so that at run time they need none.
    _Numbers = IntEnum
    _Bits = _Flags

    class _ObjectFields(NamedTuple):
        nid: int
        shortname: str
        longname: str
        oid: str
else:
    # As the standard library makes its own, in half the time: without looking for mistakes in them.
    from enum import _simple_enum as _enumeration

    _Numbers = _Bits = object
    _ObjectFields = namedtuple("_ObjectFields", "nid shortname longname oid")


@_enumeration(IntEnum)
class TLSVersion(_Numbers):
    """Protocol versions, for ``SSLContext.minimum_version`` and ``maximum_version``.

    TLS 1.2 and TLS 1.3 exist here; the older ones can be named, and connections that allow nothing else fail.
    ``MINIMUM_SUPPORTED`` and ``MAXIMUM_SUPPORTED`` stand for the lowest and the highest one that there is.
    """

    MINIMUM_SUPPORTED = -2
    SSLv3 = 768
    TLSv1 = 769
    TLSv1_1 = 770
    TLSv1_2 = 771
    TLSv1_3 = 772
    MAXIMUM_SUPPORTED = -1


@_enumeration(IntEnum)
class _SSLMethod(_Numbers):
    """What an :class:`SSLContext` is made for, as ``PROTOCOL_*``: ``TLS_CLIENT`` verifies servers and their names,
    ``TLS_SERVER`` is for servers. The others are deprecated: they make either and verify nobody."""

    PROTOCOL_TLS = 2
    PROTOCOL_TLSv1 = 3
    PROTOCOL_TLSv1_1 = 4
    PROTOCOL_TLSv1_2 = 5
    PROTOCOL_TLS_CLIENT = 16
    PROTOCOL_TLS_SERVER = 17


# A second name for a member, not a member of its own, as in the standard library.
_SSLMethod.PROTOCOL_SSLv23 = _SSLMethod.PROTOCOL_TLS  # type: ignore[attr-defined]


@_enumeration(_Flags)
class Options(_Bits):
    """OpenSSL's option bits, for ``SSLContext.options``, as ``OP_*``.

    These have an effect here: ``NO_TLSv1_2``, ``NO_TLSv1_3``, ``NO_TICKET``, ``CIPHER_SERVER_PREFERENCE``,
    ``IGNORE_UNEXPECTED_EOF`` and ``LEGACY_SERVER_CONNECT`` (the last two are dangerous). The others are kept and mean
    nothing, because what they turn off does not exist, or what they turn on is always so.
    """

    OP_NO_SSLv2 = 0
    OP_SINGLE_DH_USE = 0
    OP_SINGLE_ECDH_USE = 0
    if sys.version_info >= (3, 12):
        OP_LEGACY_SERVER_CONNECT = 0x00000004
        OP_ENABLE_KTLS = 0x00000008
    OP_IGNORE_UNEXPECTED_EOF = 0x00000080
    OP_NO_TICKET = 0x00004000
    OP_NO_COMPRESSION = 0x00020000
    OP_ENABLE_MIDDLEBOX_COMPAT = 0x00100000
    OP_CIPHER_SERVER_PREFERENCE = 0x00400000
    OP_NO_SSLv3 = 0x02000000
    OP_NO_TLSv1 = 0x04000000
    OP_NO_TLSv1_2 = 0x08000000
    OP_NO_TLSv1_1 = 0x10000000
    OP_NO_TLSv1_3 = 0x20000000
    OP_NO_RENEGOTIATION = 0x40000000
    OP_ALL = 0x80000050


@_enumeration(_Flags)
class VerifyFlags(_Bits):
    """OpenSSL's flags for verifying certificates, for ``SSLContext.verify_flags``, as ``VERIFY_*``.

    ``CRL_CHECK_LEAF`` and ``CRL_CHECK_CHAIN`` demand a revocation list for the peer's certificate, or for all of the
    chain; ``X509_STRICT`` refuses what RFC 5280 forbids even where it is common; ``ALLOW_PROXY_CERTS`` takes proxy
    certificates; ``X509_TRUSTED_FIRST``, the default, looks for an issuer among the trusted ones first;
    ``X509_PARTIAL_CHAIN`` lets any trusted certificate end a chain, not only a self-signed one.
    """

    VERIFY_DEFAULT = 0
    VERIFY_CRL_CHECK_LEAF = 0x4
    VERIFY_CRL_CHECK_CHAIN = 0xC
    VERIFY_X509_STRICT = 0x20
    VERIFY_ALLOW_PROXY_CERTS = 0x40
    VERIFY_X509_TRUSTED_FIRST = 0x8000
    VERIFY_X509_PARTIAL_CHAIN = 0x80000


@_enumeration(IntEnum)
class VerifyMode(_Numbers):
    """What is asked of the peer's certificate, for ``SSLContext.verify_mode``.

    ``CERT_NONE`` verifies nothing, which is dangerous on a client; a server asks for no certificate. With
    ``CERT_OPTIONAL`` a server asks, and verifies what it gets; on a client it is the same as ``CERT_REQUIRED``.
    ``CERT_REQUIRED`` demands a certificate that verifies.
    """

    CERT_NONE = 0
    CERT_OPTIONAL = 1
    CERT_REQUIRED = 2


@_enumeration(IntEnum)
class SSLErrorNumber(_Numbers):
    """The ``errno`` of an :class:`SSLError`, where it is no error of a library: which kind of failure it is.

    ``WANT_READ`` and ``WANT_WRITE`` wait for the transport, ``ZERO_RETURN`` is the peer's close_notify, ``EOF`` an end
    without it, and ``SSL`` any other failure of TLS. The rest is for programs that name them; nothing here raises them.
    """

    SSL_ERROR_SSL = 1
    SSL_ERROR_WANT_READ = 2
    SSL_ERROR_WANT_WRITE = 3
    SSL_ERROR_WANT_X509_LOOKUP = 4
    SSL_ERROR_SYSCALL = 5
    SSL_ERROR_ZERO_RETURN = 6
    SSL_ERROR_WANT_CONNECT = 7
    SSL_ERROR_EOF = 8
    SSL_ERROR_INVALID_ERROR_CODE = 10


@_enumeration(IntEnum)
class AlertDescription(_Numbers):
    """The numbers of TLS alerts (RFC 8446 section 6.2 and its forebears): an SNI callback returns one to refuse a client."""

    ALERT_DESCRIPTION_CLOSE_NOTIFY = 0
    ALERT_DESCRIPTION_UNEXPECTED_MESSAGE = 10
    ALERT_DESCRIPTION_BAD_RECORD_MAC = 20
    ALERT_DESCRIPTION_RECORD_OVERFLOW = 22
    ALERT_DESCRIPTION_DECOMPRESSION_FAILURE = 30
    ALERT_DESCRIPTION_HANDSHAKE_FAILURE = 40
    ALERT_DESCRIPTION_BAD_CERTIFICATE = 42
    ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE = 43
    ALERT_DESCRIPTION_CERTIFICATE_REVOKED = 44
    ALERT_DESCRIPTION_CERTIFICATE_EXPIRED = 45
    ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN = 46
    ALERT_DESCRIPTION_ILLEGAL_PARAMETER = 47
    ALERT_DESCRIPTION_UNKNOWN_CA = 48
    ALERT_DESCRIPTION_ACCESS_DENIED = 49
    ALERT_DESCRIPTION_DECODE_ERROR = 50
    ALERT_DESCRIPTION_DECRYPT_ERROR = 51
    ALERT_DESCRIPTION_PROTOCOL_VERSION = 70
    ALERT_DESCRIPTION_INSUFFICIENT_SECURITY = 71
    ALERT_DESCRIPTION_INTERNAL_ERROR = 80
    ALERT_DESCRIPTION_USER_CANCELLED = 90
    ALERT_DESCRIPTION_NO_RENEGOTIATION = 100
    ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION = 110
    ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE = 111
    ALERT_DESCRIPTION_UNRECOGNIZED_NAME = 112
    ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE = 113
    ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE = 114
    ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY = 115


class _ASN1Object(_ObjectFields):
    """An ASN.1 object identifier: OpenSSL's number (``nid``), its names (``shortname``, ``longname``), and the dotted form
    (``oid``)."""

    __slots__ = ()

    def __new__(cls, oid: str) -> _ASN1Object:
        return super().__new__(cls, *_ferrossl.txt2obj(oid, name=False))

    @classmethod
    def fromnid(cls, nid: int) -> _ASN1Object:
        """The object with OpenSSL's number; ValueError when there is none."""
        return super().__new__(cls, *_ferrossl.nid2obj(nid))

    @classmethod
    def fromname(cls, name: str) -> _ASN1Object:
        """The object with this short or long name or dotted form; ValueError when there is none."""
        return super().__new__(cls, *_ferrossl.txt2obj(name, name=True))


class Purpose(_ASN1Object, Enum):
    """What :func:`create_default_context` is for: ``SERVER_AUTH`` makes a client, which authenticates servers;
    ``CLIENT_AUTH`` makes a server, which may authenticate clients.

    A member is the object identifier of the purpose, with ``nid``, ``shortname``, ``longname`` and ``oid``.
    """

    SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"


def known_purpose(purpose: object) -> _ASN1Object:
    """The purpose, also when it is the standard library's: its OID says which. TypeError for what is none."""
    if isinstance(purpose, _ASN1Object):
        return purpose
    oid = getattr(purpose, "oid", None)
    if isinstance(purpose, tuple) and isinstance(oid, str):
        return _ASN1Object(oid)
    raise TypeError(purpose)
