"""Side by side with the standard library's ``ssl``, and in its place.

asyncio, trustme and others ask ``isinstance(context, ssl.SSLContext)``. Our classes inherit nothing from
the ones there, because an inherited method that we forgot would act on an OpenSSL object that nobody
uses. Instead their ``__class__`` names the standard library's class while its module is loaded.
"""

from __future__ import annotations

import sys
from types import ModuleType

from ferrossl import _asyncio_hook
from ferrossl._public import public_module
from ferrossl._typing import Any

_NAMES = ("ssl", "_ssl")

# What `install()` found in `sys.modules`; nothing for a name that was not there.
_before: dict[str, ModuleType | None] = {}


def _is_ours(module: ModuleType | None) -> bool:
    return module is not None and module.__name__.partition(".")[0] == "ferrossl"


def class_seen_by_isinstance(own: type, name: str) -> type:
    """The class ``ssl.<name>`` if the standard library's ``ssl`` is loaded, else ``own``.

    A module that ``install()`` has replaced counts: whoever imported it before goes on asking for its classes.
    """
    module = _before.get("ssl") or sys.modules.get("ssl")
    if module is None or _is_ours(module):
        return own
    found = getattr(module, name, None)
    return found if isinstance(found, type) else own


def class_property(name: str) -> Any:
    """What ``__class__`` is on a class of ours that stands for ``ssl.<name>``.

    Assigning changes the object's class, as on any object: Sanic and eventlet give theirs to contexts and sockets.
    """

    def seen(self: object) -> type:
        return class_seen_by_isinstance(type(self), name)

    def change(self: object, value: type) -> None:
        # What was read may be written back, although it is another module's class.
        if value is not seen(self):
            object.__dict__["__class__"].__set__(self, value)

    return property(seen, change)


def _holders(replaced: ModuleType) -> list[str]:
    """The modules that have ``replaced``, or something that is defined in it, under a name of theirs."""
    held = {id(replaced)}
    for value in vars(replaced).values():
        if getattr(value, "__module__", None) in _NAMES:
            held.add(id(value))
    holders = []
    for name, module in list(sys.modules.items()):
        # By its type: some objects only say that they are modules.
        if not issubclass(type(module), ModuleType):
            continue
        if name.partition(".")[0] == "ferrossl" or name in _NAMES:
            continue
        # Not the module's own way: one that is loaded when it is needed shall not be loaded for this.
        names = object.__getattribute__(module, "__dict__")
        if any(id(value) in held for value in list(names.values())):
            holders.append(name)
    return sorted(holders)


def _ours() -> dict[str, ModuleType]:
    """What stands for each of the names."""
    public = public_module()
    return {"ssl": public, "_ssl": public._ssl}


def install() -> None:
    """Make ``import ssl`` and ``import _ssl`` give ferrossl from here on.

    Call it before anything else imports ``ssl``: modules that have it already keep what they have, and a RuntimeWarning
    names them. Called early it keeps OpenSSL's TLS out of the process altogether, as long as it is not taken back.
    asyncio's selector loops use the transport of :mod:`ferrossl.asyncio` from here on.
    """
    ours = _ours()
    replaced = sys.modules.get("ssl")
    if replaced is ours["ssl"]:
        return
    for name in _NAMES:
        if name in sys.modules:
            _before[name] = sys.modules[name]
    sys.modules.update(ours)
    _asyncio_hook.install()
    if replaced is not None:
        holders = ", ".join(_holders(replaced)) or "no module, but perhaps an object"
        import warnings

        warnings.warn(
            "ferrossl.install() came after the standard library's ssl was imported. "
            f"What was imported before keeps it, and goes on with OpenSSL: {holders}",
            RuntimeWarning,
            stacklevel=2,
        )


def uninstall() -> None:
    """Take :func:`install` back. Modules that have imported ferrossl as ``ssl`` meanwhile keep it."""
    _asyncio_hook.uninstall()
    for name, module in _ours().items():
        if sys.modules.get(name) is not module:
            continue
        if name in _before:
            sys.modules[name] = _before[name]  # type: ignore[assignment]
        else:
            del sys.modules[name]
    _before.clear()
