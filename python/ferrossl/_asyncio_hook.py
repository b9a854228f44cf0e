"""What ``install()`` does to asyncio: its selector loops get our transport (:mod:`ferrossl.asyncio`).

asyncio may be loaded before or after, and is not loaded for this; our own part of it is loaded with the first connection.
"""

from __future__ import annotations

import functools
import sys

from ferrossl._after_import import AfterImport
from ferrossl._typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

_MODULE = "asyncio.selector_events"
_METHODS = ("_make_ssl_transport", "start_tls")

# What stood in the loops' class itself under each of the names; None for what it inherits. Empty while nothing is replaced.
_before: dict[str, Any] = {}


def _on_first_use(loop: Any, name: str, theirs: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(theirs)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        # By its name: it stands above this, and is nobody's business before there is a connection.
        __import__("ferrossl.asyncio")  # the function of importlib would load that first
        ours = sys.modules["ferrossl.asyncio"]._replacement(name, theirs)
        if vars(loop).get(name) is method:
            setattr(loop, name, ours)
        return ours(self, *args, **kwargs)

    return method


def _replace(module: ModuleType) -> None:
    loop: Any = module.BaseSelectorEventLoop
    for name in _METHODS:
        _before[name] = vars(loop).get(name)
        setattr(loop, name, _on_first_use(loop, name, getattr(loop, name)))


# Waits for asyncio where it is not loaded yet.
_waiting: AfterImport | None = None


def install() -> None:
    """Have asyncio's selector loops use our transport for contexts of ours, now or when asyncio is imported."""
    global _waiting
    if _before or _waiting is not None:
        return
    module = sys.modules.get(_MODULE)
    if module is None:
        _waiting = AfterImport(_MODULE, _replace)
    else:
        _replace(module)


def uninstall() -> None:
    """Take :func:`install` back. Connections that are open stay as they are."""
    global _waiting
    if _waiting is not None:
        _waiting.cancel()
        _waiting = None
    loop: Any = getattr(sys.modules.get(_MODULE), "BaseSelectorEventLoop", None)
    for name, value in _before.items():
        if value is None:
            delattr(loop, name)
        else:
            setattr(loop, name, value)
    _before.clear()
