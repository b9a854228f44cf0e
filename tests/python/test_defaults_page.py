"""docs/defaults.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import ferrossl

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "defaults.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, the names of its columns first."""
    section = re.split(r"^#+ ", PAGE.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[:1] + lines[2:]
    ]


def shown(value: Any) -> str:
    return str(getattr(value, "name", value))


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> dict[str, ferrossl.SSLContext]:
    monkeypatch.delenv("SSLKEYLOGFILE", raising=False)
    expressions = table("Contexts in Python")[0][1:]
    return {expression: eval(f"ferrossl.{expression}", PURPOSES) for expression in expressions}


PURPOSES = {"ferrossl": ferrossl, "Purpose": ferrossl.Purpose} | {
    name: getattr(ferrossl, name) for name in ("PROTOCOL_TLS_CLIENT", "PROTOCOL_TLS_SERVER")
}


def test_contexts_in_python(contexts: dict[str, ferrossl.SSLContext]) -> None:
    rows = table("Contexts in Python")[1:]
    assert len(contexts) == 5 and len(rows) >= 10
    for attribute, *values in rows:
        assert [shown(getattr(context, attribute)) for context in contexts.values()] == values, attribute


def test_suites(contexts: dict[str, ferrossl.SSLContext]) -> None:
    named = [suite for _, suite in table("Suites and groups")[1:]]
    for context in contexts.values():
        assert [suite["name"] for suite in context.get_ciphers()] == named


def test_groups() -> None:
    source = (ROOT / "crates/ferrossl/src/crypto/groups.rs").read_text()
    groups = re.findall(r"Group::(\w+)", re.search(r"const DEFAULT: .*? = (.*?);", source, re.DOTALL)[1])  # type: ignore[index]
    named = re.search(r"^Groups, .*?: (.*?)\.", PAGE, re.MULTILINE)
    assert named
    assert [name.replace("-", "").upper() for name in named[1].split(", ")] == [
        name.upper() for name in groups
    ]


def test_contexts_in_rust() -> None:
    source = (ROOT / "crates/ferrossl/src/context/mod.rs").read_text()
    rows = dict((row[0], row[1:]) for row in table("Contexts in Rust")[1:])
    client = re.search(r"pub fn client\(\).*?Settings \{ (.*?), \.\.", source, re.DOTALL)
    server = re.search(r"pub fn server\(\).*?Self::new\((.*?)\)\n", source, re.DOTALL)
    assert client and server
    said = dict(part.split(": ") for part in client[1].replace("VerifyMode::", "").split(", "))
    assert said == {name: values[0] for name, values in rows.items()}
    assert server[1] == "Settings::default()"
    defaults = (ROOT / "crates/ferrossl/src/settings/mod.rs").read_text()
    for name, (_, value) in rows.items():
        assert re.search(rf"^ +{name}: (VerifyMode::)?{value},$", defaults, re.MULTILINE), name


NUMBERS = [row for heading in re.findall(r"^### (.*)$", PAGE, re.MULTILINE) for row in table(heading)[1:]]


def value_of(expression: str) -> int:
    """A constant's value, of those that Rust and Python write alike."""
    for_tests = re.fullmatch(r"if cfg!\(test\) \{ .*? \} else \{ (.*) \}", expression)
    expression = for_tests[1] if for_tests else expression
    duration = re.fullmatch(r"Duration::from_secs\((.*)\)", expression)
    expression = duration[1] if duration else expression
    assert re.fullmatch(r"[\w<*+() ]+", expression), expression
    return int(eval(expression, {}))


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row[0])
def test_numbers(row: list[str]) -> None:
    what, number, unit, where = row
    assert what and unit
    place, name = where.replace("`", "").split()
    path = ROOT / "crates" / place
    files = sorted(path.rglob("*.rs")) if path.is_dir() else [path]
    declaration = re.compile(rf"^\s*(?:pub(?:\([a-z]+\))? )?const {name}: [\w:]+ =\s*(.*?);$", re.MULTILINE)
    found = [match[1] for file in files for match in declaration.finditer(file.read_text())]
    assert len(found) == 1, f"{name} is declared {len(found)} times in {place}"
    assert value_of(found[0]) == int(number)


def test_there_are_numbers() -> None:
    assert len(NUMBERS) > 20
