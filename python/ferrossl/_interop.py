"""Side by side with the standard library's ``ssl``: what ``isinstance`` sees.

asyncio, trustme and others ask ``isinstance(context, ssl.SSLContext)``. Our classes inherit nothing from
the ones there, because an inherited method that we forgot would act on an OpenSSL object that nobody
uses. Instead their ``__class__`` names the standard library's class while its module is loaded.
"""

from __future__ import annotations

import sys


def class_seen_by_isinstance(own: type, name: str) -> type:
    """The class ``ssl.<name>`` if the standard library's ``ssl`` is loaded, else ``own``."""
    module = sys.modules.get("ssl")
    if module is None or module.__name__.partition(".")[0] == "ferrossl":
        return own
    found = getattr(module, name, None)
    return found if isinstance(found, type) else own


def install() -> None:
    """Make ``import ssl`` and ``import _ssl`` give ferrossl from here on.

    Call it before anything else imports ``ssl``: modules that have it already keep what they have. To
    keep OpenSSL out of the process altogether, set ``sys.modules["_ssl"] = None`` before importing ferrossl.
    """
    import ferrossl
    from ferrossl import _ssl

    sys.modules["ssl"] = ferrossl
    sys.modules["_ssl"] = _ssl
