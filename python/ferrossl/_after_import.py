"""Doing something when another module is imported: at once where it is already."""

from __future__ import annotations

import sys
from types import ModuleType

from ferrossl._typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class _Loader:
    """What loads the module, and then tells who waits for it."""

    def __init__(self, loader: Any, finder: AfterImport) -> None:
        self._loader = loader
        self._finder = finder

    def create_module(self, spec: Any) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        # From here on nobody sees that it was loaded by way of us.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        if self._finder.cancel():
            self._finder.then(module)


class AfterImport:
    """The first of the finders until the module is imported: finds nothing else, and that by asking the others."""

    def __init__(self, name: str, then: Callable[[ModuleType], None]) -> None:
        self.name = name
        self.then = then
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.name:
            return None
        for finder in list(sys.meta_path):
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, self)  # type: ignore[assignment]
                return spec
        return None

    def cancel(self) -> bool:
        """Wait no longer. False where nothing was waited for any more."""
        if self not in sys.meta_path:
            return False
        sys.meta_path.remove(self)
        return True
