"""Every sentence of the manual and every name of it has a test."""

from __future__ import annotations

import ast
import enum
import inspect
import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from test_compatibility_page import names, resolve

import ferrossl
from manual_rows import can_fail, exists, rows, without_test

SECTIONS = {"constants", "defect", "module", "nonblocking", "security", "tls13"}


def test_every_row_has_a_test() -> None:
    assert rows()
    assert without_test() == []


def test_every_row_is_about_a_name_or_a_section_of_the_manual() -> None:
    known = {name for status in ("same", "differs", "absent") for name in names(status)}
    assert {row.partition("/")[0] for row in rows()} - known == SECTIONS


def test_a_row_is_not_content_with_just_anything() -> None:
    here = "python/test_manual_rows.py"
    assert exists(f"{here}::test_every_row_has_a_test")
    assert not exists(f"{here}::standard"), "no test"
    assert not exists(f"{here}::test_without_an_assertion_in_a_string"), "not there"
    assert not exists("python/no_such_file.py::test_every_row_has_a_test")
    assert exists("crate::sessions")
    assert not exists("crate::no_such_file")
    assert not can_fail(ast.parse("def test_x():\n    x = 1\n    print(x)"), "test_x")
    assert not can_fail(ast.parse("def test_y():\n    assert True"), "test_x")
    assert can_fail(ast.parse("def helper():\n    assert 1\ndef test_x():\n    helper()"), "test_x")
    assert can_fail(ast.parse("def test_x():\n    with pytest.raises(OSError):\n        f()"), "test_x")


TESTS = sorted(path for path in Path(__file__).parent.parent.rglob("test_*.py"))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_every_test_can_fail(path: Path) -> None:
    tree = ast.parse(path.read_text())
    found = [
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert [name for name in found if not can_fail(tree, name)] == []


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


def public_bases(kind: type) -> set[str]:
    return {base.__name__ for base in kind.__mro__ if not base.__name__.startswith("_")}


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
        assert public_bases(theirs) <= public_bases(ours)
        if issubclass(theirs, enum.Enum):
            assert {member.name: member.value for member in theirs}.items() <= {
                member.name: member.value for member in ours
            }.items()
        return
    if isinstance(theirs, enum.Enum):
        assert (type(ours).__name__, ours.name, ours.value) == (
            type(theirs).__name__,
            theirs.name,
            theirs.value,
        )
        return
    if not callable(theirs):
        assert inspect.isdatadescriptor(ours) and inspect.isdatadescriptor(theirs)
        return
    assert callable(ours)
    if parameters(theirs) is None:
        # A method of sockets that is written in C: there is nothing to compare but itself.
        assert ours is theirs
    else:
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
