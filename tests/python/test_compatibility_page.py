"""docs/compatibility.md is true: what it calls the same or different exists, what it calls absent does not."""

from __future__ import annotations

import re
import ssl
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import ferrossl

PAGE = (
    (Path(__file__).parent.parent.parent / "docs" / "compatibility.md")
    .read_text()
    .partition("## Name by name")[2]
)
MISSING = object()


def resolve(name: str) -> Any:
    found: Any = ferrossl
    for part in name.split("."):
        found = getattr(found, part, getattr(found, "__annotations__", {}).get(part, MISSING))
        if found is MISSING:
            return MISSING
    return found


def names(status: str) -> list[str]:
    if status == "same":
        lines = [line for line in PAGE.splitlines() if line.startswith("Same: ")]
        return [name for line in lines for name in re.findall(r"`([^`]+)`", line)]
    return re.findall(rf"^\| `([^`]+)` \| {status} \|", PAGE, re.MULTILINE)


CLASSES = ("MemoryBIO", "SSLContext", "SSLError", "SSLObject", "SSLSession", "SSLSocket")


def public(found: Any) -> set[str]:
    return {
        name for name, value in vars(found).items() if name[0] != "_" and not isinstance(value, ModuleType)
    }


def test_every_name_of_the_standard_library_is_there_once() -> None:
    every = names("same") + names("differs") + names("absent")
    assert len(every) == len(set(every))
    assert public(ssl) - set(every) == {"namedtuple"}, "collections' function is in the module by chance"
    for name in CLASSES:
        assert {f"{name}.{attribute}" for attribute in public(getattr(ssl, name))} <= set(every)


def elsewhere(name: str) -> bool:
    """Whether the standard library has this name on other systems or older Pythons only."""
    if name in ("enum_certificates", "enum_crls"):
        return sys.platform != "win32"
    return name in ("RAND_pseudo_bytes", "match_hostname", "wrap_socket") and sys.version_info >= (3, 12)


def test_what_exists() -> None:
    for name in names("same") + names("differs"):
        assert (resolve(name) is MISSING) == elsewhere(name), name


def test_what_does_not() -> None:
    assert [name for name in names("absent") if resolve(name) is not MISSING] == []
