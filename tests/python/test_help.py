"""``help()`` says something for every public name."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import ferrossl


def ours(value: Any) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] == "ferrossl"


def public_names() -> dict[str, Any]:
    """What `from ferrossl import *` brings and is made here, and the classes of the constants among it."""
    names = {
        name: value
        for name, value in vars(ferrossl).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    for value in list(names.values()):
        if isinstance(value, enum.Enum):
            names[type(value).__name__] = type(value)
    return {name: value for name, value in names.items() if callable(value) and ours(value)}


def public_attributes(kind: type) -> Iterator[tuple[type, str, Any]]:
    """(the class that has it, name, as it stands there) of what `kind` has from classes of ours, the first of each name."""
    seen: set[str] = set()
    for base in filter(ours, inspect.getmro(kind)):
        stated = dict.fromkeys(vars(base).get("__annotations__", {})) | dict(vars(base))
        new = [name for name in stated if not name.startswith("_") and name not in seen]
        yield from ((base, name, stated[name]) for name in new)
        seen |= set(new)


def is_described(kind: type, base: type, name: str, value: Any) -> bool:
    """By a docstring of its own; plain values and fields of tuples in that of their class."""
    if isinstance(getattr(kind, name, None), kind) and issubclass(kind, enum.Enum):
        return bool(vars(kind)["__doc__"])
    fields: tuple[str, ...] = getattr(base, "_fields", ())
    if callable(getattr(kind, name, None)) and not inspect.isclass(value):
        return bool(inspect.getdoc(getattr(kind, name)))
    if inspect.isdatadescriptor(value) and name not in fields:
        return bool(value.__doc__)
    return f"``{name}``" in (kind.__doc__ or "") + (base.__doc__ or "")


CLASSES = {name: value for name, value in public_names().items() if inspect.isclass(value)}


def test_the_walk_sees_them() -> None:
    assert {"SSLContext", "SSLSocket", "MemoryBIO", "SSLSession", "Options", "_SSLMethod"} <= set(CLASSES)
    assert {"create_default_context", "install", "RAND_bytes"} <= set(public_names())
    found = {name for _, name, _ in public_attributes(ferrossl.SSLContext)}
    assert {"wrap_socket", "num_tickets", "minimum_version", "sslsocket_class", "load_cert_chain"} <= found
    assert "server_side" in {name for _, name, _ in public_attributes(ferrossl.SSLSocket)}


def test_a_missing_docstring_would_be_found() -> None:
    class Silent:
        """It has ``spoken`` and nothing else."""

        spoken: int
        unspoken: int

        def method(self) -> None: ...

        @property
        def value(self) -> int:
            return 1

    assert is_described(Silent, Silent, "spoken", None)
    for name in ("unspoken", "method", "value"):
        assert not is_described(Silent, Silent, name, vars(Silent).get(name))


@pytest.mark.parametrize("name", public_names())
def test_every_name_is_described(name: str) -> None:
    # Its own: a class would show that of the standard library's, from which it derives.
    value = public_names()[name]
    assert vars(value)["__doc__"] if inspect.isclass(value) else value.__doc__, name


@pytest.mark.parametrize("name", CLASSES)
def test_every_attribute_of_a_class_is_described(name: str) -> None:
    kind = CLASSES[name]
    attributes = list(public_attributes(kind))
    missing = [name for base, name, value in attributes if not is_described(kind, base, name, value)]
    assert missing == []
