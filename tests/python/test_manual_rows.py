"""Every sentence of the manual and every name of it has a test."""

from __future__ import annotations

import enum
import inspect
import os
import ssl
import subprocess
import sys
from typing import Any

import pytest
from test_compatibility_page import names, resolve

import ferrossl
from manual_rows import rows, without_test


def test_every_row_has_a_test() -> None:
    assert without_test() == []
    assert len([row for row in rows() if not row.startswith("defect/")]) == 125


def standard(name: str) -> Any:
    found: Any = ssl
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def parameters(function: Any) -> list[str] | None:
    """Names of parameters, for comparison; None where the standard library does not tell."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    return [name for name in signature.parameters if name != "self"]


@pytest.mark.parametrize("name", names("same"))
def test_what_the_page_calls_the_same_is(name: str) -> None:
    ours, theirs = resolve(name), standard(name)
    if theirs is None:
        # An attribute that only instances have, or one that this Python's module has lost.
        assert ours is not None or name in {"SSLError.library", "SSLError.reason"}
        return
    if isinstance(theirs, (int, str, list, bool)) or theirs is None:
        assert ours == theirs
        assert type(ours).__name__ == type(theirs).__name__
        return
    if inspect.isclass(theirs):
        assert inspect.isclass(ours)
        if issubclass(theirs, enum.Enum):
            assert {member.name: member.value for member in theirs}.items() <= {
                member.name: member.value for member in ours
            }.items()
        return
    assert callable(ours) == callable(theirs)
    if callable(theirs) and parameters(theirs) is not None and parameters(ours) is not None:
        assert parameters(ours) == parameters(theirs)


def test_the_order_of_suites_is_always_the_same() -> None:
    code = "import ferrossl as s; c = s.SSLContext(16); c.set_ciphers('ALL'); print([x['name'] for x in c.get_ciphers()])"
    orders = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(orders) == 1


def test_the_version_says_what_it_is() -> None:
    assert ferrossl.OPENSSL_VERSION.startswith("OpenSSL ")
    assert "ferrossl" in ferrossl.OPENSSL_VERSION
