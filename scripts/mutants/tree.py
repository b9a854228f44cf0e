"""All mutants of a sample in one copy of the sources, each behind a switch: one build instead of hundreds.

The body of a function is there once more for every mutant in it, with the change made:

    fn f() -> bool { if crate::mutant::on(17) { a && b } else { a || b } }

So whatever cargo-mutants can change can be switched, with the types and the meaning that the real mutant would have.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from listing import CORE, Mutant

BINDING = "crates/ferrossl-python/src"

_TOKEN = re.compile(
    r"""//[^\n]* | b?r(?P<hashes>\#*)"(?:.|\n)*?"(?P=hashes) | b?"(?:\\(?:.|\n)|[^"\\])*"
    | b?'(?:\\(?:.|[xu][^']*)|[^'\\\n])' | '\w+ | \w+ | .""",
    re.VERBOSE,
)
_COMPILED = re.compile(r"unused variable: `mutant_(\d+)_is_compiled`")
_CALLED = re.compile(r"(\w+)(?:::<[^`]*>)?`")
_CONST = re.compile(r"\bconst(?=\s+(?:unsafe\s+)?fn\b)")


class CannotSwitch(Exception):
    """Why a mutant cannot be put behind a switch."""


@dataclass
class Sources:
    """One copy of the sources, and which mutant owns which of its lines."""

    root: Path
    numbers: dict[int, Mutant]
    owners: dict[str, list[tuple[int, int, frozenset[int]]]] = field(default_factory=dict)
    """Per file: first line, last line, and the mutants that an error there speaks against."""
    const: set[int] = field(default_factory=set)
    """Mutants of functions that were const before."""
    refused: dict[int, str] = field(default_factory=dict)

    def write(self, original: Path, left_out: Iterable[int]) -> None:
        """Writes the crate's files anew, with every mutant but those."""
        self.owners.clear()
        by_file: dict[str, dict[int, Mutant]] = {}
        for number, mutant in self.numbers.items():
            by_file.setdefault(mutant.file, {})[number] = mutant
        out = set(left_out)
        for file, mutants in by_file.items():
            text = (original / file).read_text()
            there = {number: mutant for number, mutant in mutants.items() if number not in out}
            _write_if_new(self.root / file, self._switched(file, text, there))

    def _switched(self, file: str, text: str, mutants: dict[int, Mutant]) -> str:
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        functions: dict[tuple[int, int], dict[int, tuple[int, int, str]]] = {}
        for number, mutant in mutants.items():
            if mutant.function is None:
                self.refused[number] = "outside any function: a constant cannot be switched"
                continue
            edges = (mutant.function[0].offset(starts), mutant.function[1].offset(starts))
            change = (mutant.start.offset(starts), mutant.end.offset(starts), mutant.replacement)
            functions.setdefault(edges, {})[number] = change
        written, position, owners = "", 0, []
        for (start, end), changes in sorted(functions.items()):
            try:
                if start < position:
                    raise CannotSwitch("inside a function with a mutant of its own")
                body = start + body_of(text[start:end])
                if any(first <= body or last >= end for first, last, _ in changes.values()):
                    raise CannotSwitch("not in the function's body")
            except CannotSwitch as reason:
                self.refused.update(dict.fromkeys(changes, str(reason)))
                continue
            written += text[position:start]
            everyone = frozenset(changes)
            line = written.count("\n") + 1
            head, was_const = _CONST.subn("", text[start:body], count=1)
            if was_const:
                self.const |= everyone
            written += head + "{\n"
            owners.append((line, line + head.count("\n"), everyone))
            for number, (first, last, replacement) in changes.items():
                branch = (
                    f"if crate::mutant::on({number}) {{ let mutant_{number}_is_compiled = ();\n"
                    + (text[body + 1 : first] + replacement + text[last : end - 1])
                    + "\n} else\n"
                )
                line = written.count("\n") + 1
                owners.append((line, line + branch.count("\n") - 1, frozenset([number])))
                written += branch
            rest = "{\n" + text[body + 1 : end - 1] + "\n}\n}"
            line = written.count("\n") + 1
            owners.append((line, line + rest.count("\n"), everyone))
            written += rest
            position = end
        self.owners[file] = owners
        return written + text[position:]

    def blamed(self, file: str, line: int) -> frozenset[int]:
        """The mutants that this line speaks against."""
        for first, last, numbers in self.owners.get(file, ()):
            if first <= line <= last:
                return numbers
        return frozenset()


def body_of(function: str) -> int:
    """Where the body of this function begins: the index of its brace."""
    depth = 0
    candidate = -1
    for match in _TOKEN.finditer(function):
        token = match.group()
        if token in "([":
            depth += 1
        elif token in ")]":
            depth -= 1
        elif token == "{" and depth == 0:
            candidate = match.start()
            break
    if candidate < 0 or not function.endswith("}"):
        raise CannotSwitch("no body found")
    return candidate


def _write_if_new(path: Path, text: str) -> None:
    """Leaves files alone that are right already, so that cargo does not build them again."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def copy(root: Path, tree: Path, here: Path) -> None:
    """Copies what git knows of the working tree, with the switch; takes away what is no longer there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    wanted = {Path(os.fsdecode(name)) for name in listed.stdout.split(b"\0") if name}
    if tree.exists():
        for path in [path for path in tree.rglob("*") if path.is_file()]:
            if path.relative_to(tree) not in wanted:
                path.unlink()
    for name in wanted:
        source, target = root / name, tree / name
        if not source.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copyfile(source, target)
            target.chmod(source.stat().st_mode)
    # A switch cannot be const, so what the binding calls may no longer be; nor need the binding be.
    for path in (tree / BINDING).rglob("*.rs"):
        path.write_text(_CONST.sub("", path.read_text()))
    shutil.copyfile(here / "mutant.rs", tree / CORE / "mutant.rs")
    lib = tree / CORE / "lib.rs"
    # Mutants may compute nonsense that the compiler can see; that is what they are for.
    allowed = "#![allow(arithmetic_overflow, unconditional_panic)]\n"
    lib.write_text(allowed + lib.read_text() + "\npub(crate) mod mutant;\n")


def viable(
    root: Path, tree: Path, mutants: Sequence[Mutant], check: Callable[[], list[dict[str, Any]]]
) -> tuple[Sources, dict[int, str]]:
    """Writes the mutants that compile into `tree`, and says why the others are left out."""
    sources = Sources(tree, dict(enumerate(mutants, 1)))
    left_out: dict[int, str] = {}
    for _ in range(30):
        sources.write(root, left_out)
        left_out |= sources.refused
        messages = check()
        errors = [message for message in messages if message["level"] == "error" and message["spans"]]
        if not errors:
            break
        blamed: dict[int, str] = {}
        for error in errors:
            reason = f"does not compile: {error['message'].splitlines()[0]}"
            for span in error["spans"]:
                if span["is_primary"]:
                    numbers = sources.blamed(span["file_name"], span["line_start"])
                    blamed.update(dict.fromkeys(numbers, reason))
        if not blamed:
            # A function that is const no longer was called where only const ones may be.
            const = sources.const - left_out.keys()
            called = {name for error in errors for name in _CALLED.findall(error["message"])}
            named = {number for number in const if sources.numbers[number].name in called}
            blamed = dict.fromkeys(named or const, "the function must be const")
        if not blamed:
            raise SystemExit(f"the copy does not compile: {errors[0]['rendered']}")
        left_out |= blamed
    else:
        raise SystemExit("the copy does not compile after 30 attempts")
    compiled = {int(found[1]) for message in messages if (found := _COMPILED.match(message["message"]))}
    for number in sources.numbers.keys() - compiled - left_out.keys():
        left_out[number] = "not compiled on this platform"
    return sources, left_out


def messages_of(output: str) -> list[dict[str, Any]]:
    """The compiler's messages among what `cargo --message-format=json` has printed."""
    rows = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [row["message"] for row in rows if row["reason"] == "compiler-message"]
