"""How long files and functions are, in lines of the source as the formatters leave it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

from rust_tokens import closing, tokens

LONGEST_FILE = 600
LONGEST_FUNCTION = 80
"""From `fn` or `def` to the last line, both counted."""

FOLDERS = ("crates", "python", "tests", "scripts", "benches", "examples", "fuzz")
ENDINGS = (".rs", ".py", ".pyi")


@dataclass(frozen=True, order=True)
class Size:
    """A file's or a function's."""

    lines: int
    place: str


@dataclass
class Sizes:
    """Of everything that was measured."""

    files: list[Size] = field(default_factory=list)
    functions: list[Size] = field(default_factory=list)

    def findings(self) -> list[str]:
        return [
            f"{size.place}: {size.lines} lines, {limit} are the most"
            for sizes, limit in ((self.files, LONGEST_FILE), (self.functions, LONGEST_FUNCTION))
            for size in sorted(sizes, reverse=True)
            if size.lines > limit
        ]


def measure(root: Path) -> Sizes:
    """Measures every source file that is not built or downloaded."""
    sizes = Sizes()
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            place = path.relative_to(root)
            if path.suffix in ENDINGS and not {"target", "__pycache__", "corpus"} & set(place.parts):
                sizes.files.append(Size(len(path.read_text().splitlines()), str(place)))
                sizes.functions += _rust(path, place) if path.suffix == ".rs" else _python(path, place)
    return sizes


def _python(path: Path, place: Path) -> list[Size]:
    return [
        Size((node.end_lineno or node.lineno) - node.lineno + 1, f"{place}:{node.lineno} {node.name}")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _rust(path: Path, place: Path) -> list[Size]:
    stream, sizes = tokens(path), []
    for index, token in enumerate(stream[:-1]):
        # `fn(u8)` is a type.
        if token.text != "fn" or not stream[index + 1].is_word:
            continue
        at = index
        while at < len(stream) and stream[at].text not in ("{", ";"):
            at = closing(stream, at) + 1 if stream[at].text in ("(", "[") else at + 1
        if at < len(stream) and stream[at].text == "{":
            lines = stream[closing(stream, at)].line - token.line + 1
            sizes.append(Size(lines, f"{place}:{token.line} {stream[index + 1].text}"))
    return sizes
