"""Functions around certificates: formats, times, fetching one, the system's places."""

from __future__ import annotations

import os
import time
from collections import namedtuple
from socket import create_connection

from ferrossl import _ferrossl
from ferrossl._enums import VerifyMode, _SSLMethod
from ferrossl._public import public_module
from ferrossl._typing import TYPE_CHECKING, Any

PEM_HEADER = "-----BEGIN CERTIFICATE-----"
PEM_FOOTER = "-----END CERTIFICATE-----"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# What create_connection takes for "the default timeout".
_GLOBAL_DEFAULT_TIMEOUT: Any = create_connection.__defaults__[0] if create_connection.__defaults__ else None


def cert_time_to_seconds(cert_time: str) -> int:
    """Seconds since 1970 of a time as ``getpeercert()`` writes it: ``"Jan  5 09:34:43 2018 GMT"``.

    Months are English whatever the locale is. ValueError for anything else.
    """
    month_name, rest = cert_time[:3].title(), cert_time[3:]
    try:
        month = _MONTHS.index(month_name.lower()) + 1
    except ValueError:
        raise ValueError(f"time data {cert_time!r} does not match format '%b %d %H:%M:%S %Y GMT'") from None
    import calendar  # strptime loads it anyway, at its first call

    # Only numbers are left, so the locale has no say.
    parsed = time.strptime(rest, " %d %H:%M:%S %Y GMT")
    # Second 60 is a leap second or a rounding; timegm takes it as it comes.
    return calendar.timegm((parsed[0], month, *parsed[2:6]))


def DER_cert_to_PEM_cert(der_cert_bytes: bytes) -> str:
    """A certificate in DER (bytes) as PEM text (str). What the bytes are is not looked at."""
    import base64  # loads `re` before Python 3.13

    encoded = base64.standard_b64encode(der_cert_bytes).decode("ascii")
    lines = [encoded[start : start + 64] for start in range(0, len(encoded), 64)]
    return "\n".join([PEM_HEADER, *lines, PEM_FOOTER, ""])


def PEM_cert_to_DER_cert(pem_cert_string: str) -> bytes:
    """A certificate in PEM as DER bytes; ValueError unless the text is one certificate and nothing else."""
    if not pem_cert_string.startswith(PEM_HEADER):
        raise ValueError(f"Invalid PEM encoding; must start with {PEM_HEADER}")
    text = pem_cert_string.strip()
    if not text.endswith(PEM_FOOTER):
        raise ValueError(f"Invalid PEM encoding; must end with {PEM_FOOTER}")
    import base64

    return base64.decodebytes(text[len(PEM_HEADER) : -len(PEM_FOOTER)].encode("ASCII", "strict"))


if TYPE_CHECKING:
    from typing import NamedTuple

    class _Paths(NamedTuple):
        cafile: str | None
        capath: str | None
        openssl_cafile_env: str
        openssl_cafile: str
        openssl_capath_env: str
        openssl_capath: str
else:
    _Paths = namedtuple(
        "_Paths", "cafile capath openssl_cafile_env openssl_cafile openssl_capath_env openssl_capath"
    )


class DefaultVerifyPaths(_Paths):
    """Where trusted certificates are looked for by default.

    ``cafile`` and ``capath`` are the file and the folder in use, None where they do not exist. ``openssl_cafile`` and
    ``openssl_capath`` are those that are built in, ``openssl_cafile_env`` and ``openssl_capath_env`` the names of the
    variables of the environment that go before them.
    """

    __slots__ = ()


def get_default_verify_paths() -> DefaultVerifyPaths:
    """Where :meth:`SSLContext.set_default_verify_paths` looks; ``cafile`` and ``capath`` only if they exist."""
    file_variable, file, folder_variable, folder = _ferrossl.default_verify_paths()
    cafile = os.environ.get(file_variable, file)
    capath = os.environ.get(folder_variable, folder)
    return DefaultVerifyPaths(
        cafile if os.path.isfile(cafile) else None,
        capath if os.path.isdir(capath) else None,
        file_variable,
        file,
        folder_variable,
        folder,
    )


def get_server_certificate(
    addr: tuple[str, int],
    ssl_version: int = _SSLMethod.PROTOCOL_TLS_CLIENT,
    ca_certs: Any = None,
    timeout: float | None = _GLOBAL_DEFAULT_TIMEOUT,
) -> str:
    """The certificate of the server at ``(host, port)`` as PEM text.

    Dangerous without ``ca_certs``, the path of a file of CA certificates: the certificate is then not verified. With it,
    SSLError where it does not verify. ``timeout`` is in seconds; OSError where there is no connection.
    """
    host, _port = addr[:2]
    cert_reqs = VerifyMode.CERT_NONE if ca_certs is None else VerifyMode.CERT_REQUIRED
    public = public_module()
    context = public._create_stdlib_context(ssl_version, cert_reqs=cert_reqs, cafile=ca_certs)
    with (
        public.create_connection(addr, timeout=timeout) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        return DER_cert_to_PEM_cert(secure.getpeercert(True))


def get_protocol_name(protocol_code: int) -> str:
    """The name of a ``PROTOCOL_`` number, ``"<unknown>"`` for others."""
    try:
        return _SSLMethod(protocol_code).name
    except ValueError:
        return "<unknown>"
