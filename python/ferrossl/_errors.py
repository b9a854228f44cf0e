"""The exception family of ``ssl``.

While the interpreter's own ``_ssl`` is loaded, these classes derive from the ones there, so that ``except ssl.SSLError``
catches what ferrossl raises; ``_stdlib_bases`` sees to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ferrossl._typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ssl import (
        SSLCertVerificationError as _SSLCertVerificationError,
        SSLEOFError as _SSLEOFError,
        SSLError as _SSLError,
        SSLSyscallError as _SSLSyscallError,
        SSLWantReadError as _SSLWantReadError,
        SSLWantWriteError as _SSLWantWriteError,
        SSLZeroReturnError as _SSLZeroReturnError,
    )
else:
    from ferrossl._stdlib_bases import (
        _SSLCertVerificationError,
        _SSLEOFError,
        _SSLError,
        _SSLSyscallError,
        _SSLWantReadError,
        _SSLWantWriteError,
        _SSLZeroReturnError,
    )


class _Immutable(type):
    """Classes of this module do not change, as those of the standard library do not; a program's own may."""

    def __setattr__(cls, name: str, value: object) -> None:
        if cls.__module__ == "ferrossl":
            raise TypeError(f"cannot set {name!r} attribute of immutable type {cls.__qualname__!r}")
        super().__setattr__(name, value)


class SSLError(_SSLError, metaclass=_Immutable):
    """An error occurred in the SSL implementation.

    ``library`` and ``reason`` name it as OpenSSL does, for instance ``"SSL"`` and
    ``"CERTIFICATE_VERIFY_FAILED"``; ``None`` where there is no such name.
    """

    library: str | None = None  # type: ignore[assignment]
    reason: str | None = None  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.strerror if isinstance(self.strerror, str) else str(self.args)


class SSLZeroReturnError(SSLError, _SSLZeroReturnError):
    """The peer has closed the TLS connection properly. The transport may still be open."""


class SSLWantReadError(SSLError, _SSLWantReadError):
    """A non-blocking operation needs more bytes from the peer first."""


class SSLWantWriteError(SSLError, _SSLWantWriteError):
    """A non-blocking operation needs room in the transport first: try again with the same bytes."""


class SSLSyscallError(SSLError, _SSLSyscallError):
    """The system failed during an operation. ferrossl raises the system's own ``OSError`` instead."""


class SSLEOFError(SSLError, _SSLEOFError):
    """The transport ended without the close_notify that TLS asks for: data may be missing."""


class SSLCertVerificationError(SSLError, _SSLCertVerificationError):
    """The peer's certificate did not verify.

    Beside OpenSSL's ``verify_code`` and ``verify_message``: ``verify_depth`` (0 is the peer's own
    certificate), ``verify_subject`` (of the certificate at that depth), ``verify_rule`` (a line: the rule that was
    broken, and its source), ``verify_hint`` (a line: what is wrong in particular, and what could be done)
    and ``verify_detail``, the values that were compared: ``now``, ``not_before`` and ``not_after`` in seconds
    since 1970; ``expected`` and ``presented`` names; ``missing_issuer``; ``bits`` and ``least_bits`` of
    strength; ``revoked_serial``; or ``particular``, a text. All are empty on an error that a program made.
    """

    verify_code: int = 0
    verify_message: str = ""
    verify_depth: int = 0
    verify_subject: str = ""
    verify_rule: str = ""
    verify_hint: str = ""
    verify_detail: Mapping[str, Any] = MappingProxyType({})


CertificateError = SSLCertVerificationError
