"""The mutants that there are, the ones that change nothing, and a sample."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORE = "crates/ferrossl/src"
AREAS = (
    "connection",
    "crypto",
    "engine",
    "identity",
    "pem",
    "settings",
    "socket",
    "trust",
    "verify",
    "wire",
    "x509",
)
FILES = (
    *(f"{CORE}/{area}/**/*.rs" for area in AREAS),
    f"{CORE}/openssl_names/cipher_list.rs",
)
"""What decides about security."""


@dataclass(frozen=True)
class Position:
    """Both count from 1; columns are characters."""

    line: int
    column: int

    def offset(self, starts: Sequence[int]) -> int:
        """The index in a text whose lines begin at `starts`."""
        return starts[self.line - 1] + self.column - 1


@dataclass(frozen=True)
class Mutant:
    """A change of the source that a test should notice."""

    file: str
    what: str
    """As cargo-mutants says it, without the place."""
    replacement: str
    start: Position
    end: Position
    function: tuple[Position, Position] | None
    """Where the function around it begins and ends, attributes included."""
    name: str
    """The function's, without its type's or module's."""
    line: str
    """The line of the source that it begins in."""

    @property
    def area(self) -> str:
        return self.file.removeprefix(f"{CORE}/").split("/")[0]

    def __str__(self) -> str:
        return f"{self.file}:{self.start.line}:{self.start.column}: {self.what}"


def every_mutant(root: Path, cargo_mutants: Path, files: Sequence[str]) -> list[Mutant]:
    """Asks cargo-mutants, which reads the sources and builds nothing."""
    command = [str(cargo_mutants), "mutants", "--list", "--json", "--dir", str(root), "--package", "ferrossl"]
    for pattern in files:
        command += ["--file", pattern]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout
    sources: dict[str, list[str]] = {}
    mutants = []
    for row in json.loads(listed):
        file = row["file"]
        if file not in sources:
            sources[file] = (root / file).read_text().splitlines()
        mutants.append(_mutant(row, sources[file]))
    return sorted(mutants, key=str)


def _mutant(row: dict[str, Any], source: list[str]) -> Mutant:
    start, end = _span(row["span"])
    function = row.get("function")
    return Mutant(
        file=row["file"],
        what=row["name"].split(": ", 1)[1],
        replacement=row["replacement"],
        start=start,
        end=end,
        function=_span(function["span"]) if function else None,
        name=function["function_name"].rsplit("::", 1)[-1] if function else "",
        line=source[start.line - 1].strip(),
    )


def _span(span: dict[str, dict[str, int]]) -> tuple[Position, Position]:
    start, end = (Position(span[edge]["line"], span[edge]["column"]) for edge in ("start", "end"))
    return start, end


@dataclass(frozen=True)
class Equivalents:
    """Mutants that no test can notice, or that are not compiled for a test to see."""

    known: frozenset[tuple[str, str, str]]

    @classmethod
    def read(cls, path: Path) -> Equivalents:
        """Entries of three parts: `file: what`, the indented line of the source after `|`, the indented reason."""
        known, head, line = set(), "", None
        for row in path.read_text().splitlines():
            if not row.strip() or row.startswith("#"):
                continue
            if not row.startswith(" "):
                head, line = row, None
            elif line is None:
                line = row.strip().removeprefix("|").strip()
                file, what = head.split(": ", 1)
                known.add((file, what, line))
        return cls(frozenset(known))

    def __contains__(self, mutant: Mutant) -> bool:
        return (mutant.file, mutant.what, mutant.line) in self.known

    def stale(self, mutants: Sequence[Mutant]) -> list[str]:
        """Entries that match no mutant any more."""
        there = {(mutant.file, mutant.what, mutant.line) for mutant in mutants}
        return [f"{file}: {what}" for file, what, _ in sorted(self.known - there)]


def shuffled(mutants: Sequence[Mutant], seed: int) -> list[Mutant]:
    """The same order for the same seed and source."""
    order = list(mutants)
    random.Random(seed).shuffle(order)
    return order
