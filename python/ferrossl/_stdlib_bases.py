"""The bases of our exceptions: those of the standard library's ``_ssl``, from the moment that it is loaded.

``except ssl.SSLError`` is to catch what ferrossl raises, whichever of the two was imported first. Loading ``_ssl`` for that
would load OpenSSL, which takes as long as half of ferrossl and is for nothing where no ``ssl`` follows. So the classes here
say nothing at first, and get the ones there as their own bases when those exist. What has been derived from them, and
exceptions that are under way, follow.
"""

from __future__ import annotations

import sys
from types import ModuleType

from ferrossl._after_import import AfterImport


class _SSLError(OSError):
    """The root. One class for each of the family, so that the family reads the same with and without ``_ssl``."""


class _SSLZeroReturnError(_SSLError): ...


class _SSLWantReadError(_SSLError): ...


class _SSLWantWriteError(_SSLError): ...


class _SSLSyscallError(_SSLError): ...


class _SSLEOFError(_SSLError): ...


class _SSLCertVerificationError(_SSLError, ValueError): ...


def _adopt(module: ModuleType) -> None:
    _SSLError.__bases__ = (module.SSLError,)
    for kind in _SSLError.__subclasses__():
        if kind.__module__ == __name__:
            # ``SSLCertVerificationError`` is a ValueError there too.
            kind.__bases__ = (_SSLError, getattr(module, kind.__name__[1:]))


# ferrossl standing in for the module is no base for what ferrossl is made of.
if getattr(sys.modules.get("_ssl"), "__name__", "ferrossl").startswith("ferrossl"):
    AfterImport("_ssl", _adopt)
else:
    import _ssl  # waits for another thread that is still at it

    _adopt(_ssl)
