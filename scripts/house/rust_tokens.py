"""Rust's source as tokens, without comments, and without what is inside strings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(
    r"""
    (?P<space>\s+|//[^\n]*)
    | (?P<comment>/\*)
    | (?P<raw>[bc]?r(?P<hashes>\#*)".*?"(?P=hashes))
    | (?P<string>[bc]?"(?:\\.|[^"\\])*")
    | (?P<character>b?'(?:\\(?:x[0-9a-fA-F]{2}|u\{[^}]*\}|.)|[^\\'\n])')
    | (?P<lifetime>'\w+)
    | (?P<word>(?:r\#)?\w+)
    | (?P<punctuation>::|->|=>|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PAIRS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a mark, or the stand-in for a literal."""

    text: str
    line: int
    """Counts from 1."""

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha() or self.text[0] == "_"


def tokens(path: Path) -> list[Token]:
    """A literal is the token `""`, a lifetime is left out."""
    source, position, line, found = path.read_text(), 0, 1, []
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise SystemExit(f"{path}:{line}: not read as Rust")
        end = match.end()
        if match.lastgroup == "comment":
            end = _end_of_comment(source, position)
        elif match["word"] or match["punctuation"]:
            found.append(Token(match[0].removeprefix("r#"), line))
        elif match["raw"] or match["string"] or match["character"]:
            found.append(Token('""', line))
        line += source.count("\n", position, end)
        position = end
    return found


def _end_of_comment(source: str, start: int) -> int:
    """Block comments nest."""
    depth = 0
    for mark in re.finditer(r"/\*|\*/", source[start:]):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return start + mark.end()
    return len(source)


def closing(stream: Sequence[Token], opening: int) -> int:
    """The index of the bracket that closes the one at `opening`."""
    open_mark = stream[opening].text
    close_mark, depth = _PAIRS[open_mark], 0
    for index in range(opening, len(stream)):
        text = stream[index].text
        depth += (text == open_mark) - (text == close_mark)
        if depth == 0:
            return index
    return len(stream) - 1


def end_of_item(stream: Sequence[Token], start: int) -> int:
    """The index of the last token of the item, the field or the statement that begins at `start`."""
    head = [token.text for token in stream[start : start + 8]]
    while head and head[0] in ("pub", "(", ")", "crate", "super", "in"):
        head.pop(0)
    ends_with_brace = not head or head[0] not in ("const", "static", "type", "use", "let") or "fn" in head[:4]
    index = start
    while index < len(stream):
        text = stream[index].text
        if text in _PAIRS:
            last = closing(stream, index)
            if text == "{" and ends_with_brace:
                return last
            index = last
        elif text in (";", ","):
            return index
        elif text in (")", "]", "}"):
            return index - 1
        index += 1
    return len(stream) - 1


def is_for_tests(attribute: Sequence[Token]) -> bool:
    """Whether `[...]` is `[test]`, `[cfg(test)]` or `[cfg(all(test, ...))]`."""
    words = [token.text for token in attribute]
    if words == ["[", "test", "]"]:
        return True
    inner = words[3:] if words[1:3] == ["cfg", "("] else []
    if inner[:2] == ["all", "("]:
        depth = 0
        for word in inner[2:]:
            depth += (word == "(") - (word == ")")
            if depth == 0 and word == "test":
                return True
        return False
    return inner[:1] == ["test"]
