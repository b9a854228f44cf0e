"""Names that Python has deprecated or removed, for as long as the running interpreter has them.

The functions that compare names have lost their callers there, and are still in its module.
"""

from __future__ import annotations

import socket

from ferrossl._context import _current_class
from ferrossl._enums import VerifyMode, _SSLMethod
from ferrossl._errors import CertificateError
from ferrossl._random import RAND_bytes
from ferrossl._typing import Any


def RAND_pseudo_bytes(n: int, /) -> tuple[bytes, bool]:
    """Deprecated: :func:`RAND_bytes` and True."""
    import warnings

    warnings.warn("ssl.RAND_pseudo_bytes() is deprecated", DeprecationWarning, stacklevel=2)
    return RAND_bytes(n), True


def wrap_socket(
    sock: socket.socket,
    keyfile: Any = None,
    certfile: Any = None,
    server_side: bool = False,
    cert_reqs: int = VerifyMode.CERT_NONE,
    ssl_version: int = _SSLMethod.PROTOCOL_TLS,
    ca_certs: Any = None,
    do_handshake_on_connect: bool = True,
    suppress_ragged_eofs: bool = True,
    ciphers: str | None = None,
) -> Any:
    """Deprecated, and dangerous: verifies nothing by default. Use :meth:`SSLContext.wrap_socket`."""
    import warnings

    warnings.warn(
        "ssl.wrap_socket() is deprecated, use SSLContext.wrap_socket()", DeprecationWarning, stacklevel=2
    )
    if server_side and not certfile:
        raise ValueError("certfile must be specified for server-side operations")
    if keyfile and not certfile:
        raise ValueError("certfile must be specified")
    context = _current_class()(ssl_version)
    context.verify_mode = cert_reqs
    if ca_certs:
        context.load_verify_locations(ca_certs)
    if certfile:
        context.load_cert_chain(certfile, keyfile)
    if ciphers:
        context.set_ciphers(ciphers)
    return context.wrap_socket(
        sock,
        server_side=server_side,
        do_handshake_on_connect=do_handshake_on_connect,
        suppress_ragged_eofs=suppress_ragged_eofs,
    )


def _dnsname_match(dn: str, hostname: str) -> bool:
    """RFC 6125 section 6.4.3, with a wildcard for the whole first label only."""
    if not dn:
        return False
    stars = dn.count("*")
    if stars == 0:
        return dn.lower() == hostname.lower()
    if stars > 1:
        raise CertificateError(f"too many wildcards in certificate DNS name: {dn!r}.")
    first, dot, rest = dn.partition(".")
    if "*" in rest:
        raise CertificateError(f"wildcard can only be present in the leftmost label: {dn!r}.")
    if not dot:
        raise CertificateError(f"sole wildcard without additional labels are not support: {dn!r}.")
    if first != "*":
        raise CertificateError(f"partial wildcards in leftmost label are not supported: {dn!r}.")
    label, dot, tail = hostname.partition(".")
    return bool(label and dot) and rest.lower() == tail.lower()


def _inet_paton(ipname: str) -> bytes:
    """The bytes of an address in its usual form; ValueError for shortened or longer texts."""
    try:
        packed = socket.inet_aton(ipname)
    except OSError:
        pass
    else:
        if socket.inet_ntoa(packed) == ipname:
            return packed
        raise ValueError(f"{ipname!r} is not a quad-dotted IPv4 address.")
    try:
        return socket.inet_pton(socket.AF_INET6, ipname)
    except OSError:
        raise ValueError(f"{ipname!r} is neither an IPv4 nor an IP6 address.") from None
    except AttributeError:
        import ipaddress  # for systems without inet_pton() only

        return ipaddress.ip_address(ipname).packed


def _ipaddress_match(cert_ipaddress: str, host_ip: bytes) -> bool:
    return _inet_paton(cert_ipaddress.rstrip()) == host_ip


def match_hostname(cert: dict[str, Any] | None, hostname: str) -> None:
    """Deprecated: compare a host name with a decoded certificate; CertificateError when it does not fit.

    The handshake does it better: set ``SSLContext.check_hostname``.
    """
    import warnings

    warnings.warn("ssl.match_hostname() is deprecated", DeprecationWarning, stacklevel=2)
    if not cert:
        raise ValueError(
            "empty or no certificate, match_hostname needs a SSL socket or SSL context with either "
            "CERT_OPTIONAL or CERT_REQUIRED"
        )
    try:
        host_ip = _inet_paton(hostname)
    except ValueError:
        host_ip = None
    presented = []
    has_names = False
    for kind, value in cert.get("subjectAltName", ()):
        if kind == "DNS":
            has_names = True
            if host_ip is None and _dnsname_match(value, hostname):
                return
            presented.append(value)
        elif kind == "IP Address":
            has_names = True
            if host_ip is not None and _ipaddress_match(value, host_ip):
                return
            presented.append(value)
    if not has_names:
        for rdn in cert.get("subject", ()):
            for key, value in rdn:
                if key == "commonName":
                    if _dnsname_match(value, hostname):
                        return
                    presented.append(value)
    if len(presented) > 1:
        names = ", ".join(map(repr, presented))
        raise CertificateError(f"hostname {hostname!r} doesn't match either of {names}")
    if presented:
        raise CertificateError(f"hostname {hostname!r} doesn't match {presented[0]!r}")
    raise CertificateError("no appropriate commonName or subjectAltName fields were found")
