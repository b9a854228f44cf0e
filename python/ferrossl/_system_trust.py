"""What the system trusts, where it does not keep that in files: the certificate stores of Windows, macOS's keychains."""

from __future__ import annotations

import sys
from collections.abc import Callable

from ferrossl._errors import SSLError
from ferrossl._typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ferrossl._context import SSLContext
    from ferrossl._enums import _ASN1Object

# What `ferrossl` shows of this module.
__all__: list[str] = []
if sys.platform == "win32":
    from ferrossl._ferrossl import enum_certificates, enum_crls

    __all__ += ["enum_certificates", "enum_crls"]

WINDOWS_STORES = ("CA", "ROOT")


def load_system_trust(context: SSLContext, purpose: _ASN1Object) -> None:
    """Trust the certificates that the system has for ``purpose``; on Linux those of the default file and folder."""
    if sys.platform == "win32":
        for name in context._windows_cert_stores:
            context._load_windows_store_certs(name, purpose)
    if sys.platform == "darwin":
        context._trust_system()
    else:
        context.set_default_verify_paths()


def load_windows_store(
    context: SSLContext,
    name: str,
    purpose: _ASN1Object,
    enumerate_store: Callable[[str], list[Any]],
) -> None:
    """Trust those certificates of a store that Windows trusts for ``purpose``.

    Never fails for what is in a store: a certificate that cannot be read, and a store that the user may not read,
    are a warning each.
    """
    try:
        stored = enumerate_store(name)
    except PermissionError:
        import warnings

        warnings.warn("unable to enumerate Windows certificate store", stacklevel=5)
        return
    certificates = [
        der
        for der, encoding, trust in stored
        if encoding == "x509_asn" and (trust is True or purpose.oid in trust)
    ]
    if not certificates:
        return
    try:
        # All at once is one index to look into; one at a time would be hundreds.
        context.load_verify_locations(cadata=b"".join(certificates))
    except SSLError:
        for der in certificates:
            try:
                context.load_verify_locations(cadata=der)
            except SSLError as error:
                import warnings

                warnings.warn(f"Bad certificate in Windows certificate store: {error}", stacklevel=5)
