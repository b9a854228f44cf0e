"""Certificate chains as Python programs get them: lists of bytes in DER."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from ferrossl import _ferrossl
from ferrossl._certificates import DER_cert_to_PEM_cert

_ENCODING_PEM = 1
_ENCODING_DER = 2


class _ChainCertificate(bytes):
    """DER that also answers as the objects do that chains consist of below ``_sslobj``.

    Before CPython 3.13 there were these only. truststore, and pip with it, ask the first object that has
    ``get_unverified_chain()``, and then each certificate of it for its ``public_bytes()``.
    """

    def public_bytes(self, format: int = _ENCODING_PEM) -> bytes | str:
        """The certificate's bytes: PEM as str, or DER as bytes."""
        if format == _ENCODING_DER:
            return bytes(self)
        if format == _ENCODING_PEM:
            return DER_cert_to_PEM_cert(self)
        raise ValueError("Unsupported format")


def chain(certificates: Iterable[_ferrossl.Certificate] | None) -> list[bytes]:
    """Their bytes; an empty list where there is no chain."""
    kind = bytes if sys.version_info >= (3, 13) else _ChainCertificate
    return [kind(certificate.public_bytes(_ENCODING_DER)) for certificate in certificates or ()]
