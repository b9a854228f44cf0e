"""A Rust crate's modules: what each defines, imports and names. Code for tests is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rust_tokens import Token, closing, end_of_item, is_for_tests, tokens

_ITEMS = ("fn", "struct", "enum", "union", "trait", "type", "const", "static", "mod", "macro_rules")
Words = tuple[str, ...]
"""A path, cut at its `::`."""


@dataclass
class Named:
    """A path that the code names."""

    path: Words
    line: int


@dataclass
class Module:
    """A module in a file of its own or inside another's."""

    name: str
    file: Path
    parent: Module | None
    children: dict[str, Module] = field(default_factory=dict)
    items: set[str] = field(default_factory=set)
    """What is defined here, modules apart."""
    imports: dict[str, Words] = field(default_factory=dict)
    """The names that `use` brings, and what they stand for."""
    globs: list[Words] = field(default_factory=list)
    used: list[Named] = field(default_factory=list)
    """What stands behind `use`."""
    named: list[Named] = field(default_factory=list)
    """Paths of two words and more elsewhere."""

    @property
    def root(self) -> Module:
        return self if self.parent is None else self.parent.root

    @property
    def path(self) -> Words:
        return () if self.parent is None else (*self.parent.path, self.name)

    def everything(self) -> list[Module]:
        """This module and all below it."""
        return [self, *(module for child in self.children.values() for module in child.everything())]


def read_crate(source: Path) -> Module:
    """The crate whose `lib.rs` is in the folder."""
    return _read_file(source / "lib.rs", source, "", None)


def _read_file(file: Path, folder: Path, name: str, parent: Module | None) -> Module:
    module = Module(name, file, parent)
    _Reader(tokens(file), module, folder).items()
    return module


@dataclass
class _Reader:
    stream: Sequence[Token]
    module: Module
    folder: Path
    """Where the files of its child modules are."""

    def items(self) -> None:
        index = 0
        while index < len(self.stream):
            index = self._item(index)

    def _item(self, start: int) -> int:
        """Reads what begins at `start`; returns where the next one begins."""
        index, for_tests = self._attributes(start)
        if index >= len(self.stream):
            return index
        last = end_of_item(self.stream, index)
        if for_tests:
            return last + 1
        self._names(self.stream[start:index])
        keyword = self._keyword(index, last)
        text = self.stream[keyword].text
        if text == "use":
            self._use(keyword)
        elif text == "mod":
            self._child(keyword, last)
        else:
            if text in _ITEMS:
                behind = keyword + (2 if text == "macro_rules" else 1)
                self.module.items.add(self.stream[behind].text)
            self._names(self.stream[index : last + 1])
        return last + 1

    def _attributes(self, index: int) -> tuple[int, bool]:
        """Where the item begins behind its attributes, and whether it is for tests."""
        for_tests = False
        while index < len(self.stream) and self.stream[index].text == "#":
            opening = index + (2 if self.stream[index + 1].text == "!" else 1)
            last = closing(self.stream, opening)
            for_tests = for_tests or is_for_tests(self.stream[opening : last + 1])
            index = last + 1
        return index, for_tests

    def _keyword(self, index: int, last: int) -> int:
        """The word that says what the item is, behind `pub(crate)`, `const fn` and the like."""
        words = [token.text for token in self.stream[index : last + 1]]
        for offset, word in enumerate(words):
            if word in (*_ITEMS, "use", "impl"):
                if word == "const" and "fn" in words[offset : offset + 4]:
                    continue
                return index + offset
            if word in ("{", "=", "!") or word == ";":
                break
        return index

    def _use(self, keyword: int) -> None:
        last = end_of_item(self.stream, keyword)
        _Tree(self.module, self.stream[keyword + 1 : last]).read()

    def _child(self, keyword: int, last: int) -> None:
        name = self.stream[keyword + 1].text
        folder = self.folder / name
        if self.stream[last].text == "}":
            child = Module(name, self.module.file, self.module)
            _Reader(self.stream[keyword + 3 : last], child, folder).items()
        else:
            flat = self.folder / f"{name}.rs"
            child = _read_file(flat if flat.exists() else folder / "mod.rs", folder, name, self.module)
        self.module.children[name] = child

    def _names(self, stream: Sequence[Token]) -> None:
        """Takes down the paths in code, and the imports inside functions; leaves out what is for tests."""
        index = 0
        while index < len(stream):
            text = stream[index].text
            if text == "#" and index + 1 < len(stream) and stream[index + 1].text == "[":
                last = closing(stream, index + 1)
                if is_for_tests(stream[index + 1 : last + 1]):
                    index = end_of_item(stream, last + 1) + 1
                    continue
            if text == "use" and index + 1 < len(stream) and stream[index + 1].text != "<":
                last = end_of_item(stream, index)
                _Tree(self.module, stream[index + 1 : last]).read()
                index = last + 1
                continue
            if stream[index].is_word and (index == 0 or stream[index - 1].text not in (".", "::")):
                path = [text]
                while (
                    index + 2 < len(stream) and stream[index + 1].text == "::" and stream[index + 2].is_word
                ):
                    path.append(stream[index + 2].text)
                    index += 2
                if len(path) > 1:
                    self.module.named.append(Named(tuple(path), stream[index].line))
            index += 1


@dataclass
class _Tree:
    """What stands between `use` and `;`."""

    module: Module
    stream: Sequence[Token]
    index: int = 0

    def read(self, before: Words = ()) -> None:
        path = list(before)
        while self.index < len(self.stream):
            token = self.stream[self.index]
            self.index += 1
            if token.text == "{":
                while self.index < len(self.stream) and self.stream[self.index].text != "}":
                    self.read(tuple(path))
                    if self.index < len(self.stream) and self.stream[self.index].text == ",":
                        self.index += 1
                self.index += 1
                return
            if token.text == "*":
                self.module.globs.append(tuple(path))
                self.module.used.append(Named((*path, "*"), token.line))
                return
            if token.is_word:
                path.append(token.text)
            if self.index >= len(self.stream) or self.stream[self.index].text in (",", "}", "as"):
                self._leaf(path, token.line)
                return

    def _leaf(self, path: list[str], line: int) -> None:
        if len(path) > 1 and path[-1] == "self":
            path = path[:-1]
        name = path[-1]
        if self.index < len(self.stream) and self.stream[self.index].text == "as":
            name = self.stream[self.index + 1].text
            self.index += 2
        if name not in ("_", "self", "super", "crate"):
            self.module.imports[name] = tuple(path)
        self.module.used.append(Named(tuple(path), line))
