"""Which Rust file uses which: every path leads to the file that defines the name, whichever way it is re-exported.

Methods are not followed: which file's `impl` block a call ends in is for the compiler to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rust_modules import Module, Words, read_crate


@dataclass(frozen=True)
class Use:
    """A file names something of another file of its crate."""

    user: Path
    line: int
    used: Path
    path: str
    """As it stands in the source."""


@dataclass(frozen=True)
class Outside:
    """A file names something of another crate."""

    user: Path
    line: int
    crate: str
    path: str


@dataclass
class Crate:
    """A crate's files and what they use."""

    source: Path
    """The folder that `lib.rs` is in."""
    files: dict[Path, Words]
    """Each file's module."""
    uses: list[Use]
    outside: list[Outside]


Found = Module | Path | None
"""A module, the file that defines an item, or nothing in this crate."""


def read(source: Path) -> Crate:
    """Reads the crate whose `lib.rs` is in the folder."""
    crate = Crate(source, {}, [], [])
    for module in read_crate(source).everything():
        # An inline module is a part of its file, and comes behind it.
        crate.files.setdefault(module.file, module.path)
        for named in (*module.used, *module.named):
            path = "::".join(named.path)
            found = _resolve(module, named.path, set())
            if found is None:
                crate.outside.append(Outside(module.file, named.line, named.path[0], path))
            elif isinstance(found, Path) and found != module.file:
                crate.uses.append(Use(module.file, named.line, found, path))
            # A module's name alone uses nothing of it: what is named through it is a path of its own.
    return crate


def _resolve(module: Module, path: Words, asked: set[tuple[int, str]]) -> Found:
    """What a path stands for where a module names it; `asked` ends imports that go in a circle."""
    first, rest = path[0], path[1:]
    found: Found
    if first == "crate":
        found = module.root
    elif first == "self":
        found = module
    elif first == "super":
        found = module.parent
        while rest[:1] == ("super",) and isinstance(found, Module):
            found, rest = found.parent, rest[1:]
    else:
        found = _member(module, first, asked)
    for word in rest:
        if not isinstance(found, Module):
            break
        # What nobody defines in a module is made by a macro there.
        found = found.file if word == "*" else _member(found, word, asked) or found.file
    return found


def _member(module: Module, name: str, asked: set[tuple[int, str]]) -> Found:
    """What a name stands for in a module."""
    if (id(module), name) in asked:
        return None
    asked.add((id(module), name))
    if name in module.children:
        return module.children[name]
    if name in module.items:
        return module.file
    if name in module.imports:
        return _resolve(module, module.imports[name], asked)
    for path in module.globs:
        source = _resolve(module, path, asked)
        found = _member(source, name, asked) if isinstance(source, Module) else None
        if found is not None:
            return found
    return None
