"""Arrows point one way, between the files of the binding too (CONTRIBUTING.md)."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent.parent.parent / "crates" / "ferrossl-python" / "src"


def uses(text: str) -> set[str]:
    """The modules of the crate that a file names in its `use` lines: `use crate::a::B;`, `use crate::{a, b::C};`."""
    found = set()
    for path in re.findall(r"^use crate::([^;]+);", text, re.MULTILINE):
        parts = path.strip("{}").split(",") if path.startswith("{") else [path]
        found |= {part.strip().partition("::")[0] for part in parts if part.strip()}
    return found


def files() -> dict[str, set[str]]:
    return {path.stem: uses(path.read_text()) for path in SOURCES.glob("*.rs") if path.stem != "lib"}


def test_no_file_of_the_binding_needs_itself() -> None:
    graph = files()
    assert "context" in graph["socket"]
    assert list(TopologicalSorter(graph).static_order())


def test_a_circle_would_be_found() -> None:
    assert uses("use crate::{a, b::C};\nuse crate::d::E;\n") == {"a", "b", "d"}
    with pytest.raises(CycleError):
        list(TopologicalSorter(files() | {"context": {"socket"}}).static_order())
