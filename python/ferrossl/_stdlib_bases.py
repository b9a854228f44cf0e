"""The bases of our exceptions: those of the standard library's ``_ssl``, from the moment that it is loaded.

``except ssl.SSLError`` is to catch what ferrossl raises, whichever of the two was imported first. Loading ``_ssl`` for that
would load OpenSSL, which takes as long as half of ferrossl and is for nothing where no ``ssl`` follows. So the classes here
say nothing at first, and get the ones there as their own bases when those exist. What has been derived from them, and
exceptions that are under way, follow.
"""

from __future__ import annotations

import sys
from types import ModuleType

from ferrossl._typing import Any


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


class _Loader:
    """What loads ``_ssl``, and then :func:`_adopt`."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: Any) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        # From here on nobody sees that it was loaded by way of us.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        if _Finder in sys.meta_path:
            sys.meta_path.remove(_Finder)
            _adopt(module)


class _Finder:
    """The first of the finders until ``_ssl`` is loaded: finds nothing else, and that by asking the others."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> Any:
        if name != "_ssl":
            return None
        for finder in list(sys.meta_path):
            spec = None if finder is _Finder else finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
                return spec
        return None


# ferrossl standing in for the module is no base for what ferrossl is made of.
if getattr(sys.modules.get("_ssl"), "__name__", "ferrossl").startswith("ferrossl"):
    sys.meta_path.insert(0, _Finder)
else:
    import _ssl  # waits for another thread that is still at it

    _adopt(_ssl)
