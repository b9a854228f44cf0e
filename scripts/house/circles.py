"""Circles: files that need each other, however long the way around is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rust_files import Crate
from rust_modules import Words

Edges = Mapping[Path, set[Path]]


def in_rust(crate: Crate) -> list[str]:
    """Circles, except what Rust itself wants: a parent names its children, and they may use what it defines.

    So arrows from a parent down and arrows from a child up are never looked at together: a circle that takes either sort alone
    has others in it than a module and its own descendants.
    """
    found: dict[frozenset[Path], list[Path]] = {}
    for without_down in (True, False):
        edges: dict[Path, set[Path]] = defaultdict(set)
        for use in crate.uses:
            user, used = crate.files[use.user], crate.files[use.used]
            is_lib = use.user.name == "lib.rs" or use.used.name == "lib.rs"
            unseen = _is_above(user, used) if without_down else _is_above(used, user)
            if not unseen and not is_lib:
                edges[use.user].add(use.used)
        for circle in _circles(edges):
            found.setdefault(frozenset(circle), circle)
    return [_said(circle, crate.source) for circle in found.values()]


def in_python(edges: Edges, source: Path) -> list[str]:
    """Circles between modules of a package."""
    return [_said(circle, source) for circle in _circles(edges)]


def _is_above(module: Words, other: Words) -> bool:
    return other[: len(module)] == module


def _said(circle: Sequence[Path], source: Path) -> str:
    """The shortest way around; one file begins, the others follow as they use each other."""
    return "a circle: " + " → ".join(str(path.relative_to(source)) for path in (*circle, circle[0]))


def _circles(edges: Edges) -> Iterator[list[Path]]:
    """A shortest circle of each strongly connected component."""
    for component in _components(edges):
        if len(component) > 1:
            ways = (_way_around(start, edges, component) for start in sorted(component))
            yield min(ways, key=len)


def _way_around(start: Path, edges: Edges, within: set[Path]) -> list[Path]:
    """The shortest way from a file back to itself."""
    before: dict[Path, Path] = {}
    reached = [start]
    for file in reached:
        for used in sorted(edges.get(file, set()) & within):
            if used == start:
                way = [file]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return way[::-1]
            if used not in before:
                before[used] = file
                reached.append(used)
    raise AssertionError("a file of a strongly connected component reaches itself")


def _components(edges: Edges) -> list[set[Path]]:
    """Strongly connected components: files that each other reach."""
    backwards: dict[Path, set[Path]] = defaultdict(set)
    for user, all_used in edges.items():
        for used in all_used:
            backwards[used].add(user)
    order: list[Path] = []
    seen: set[Path] = set()
    for file in sorted({*edges, *backwards}):
        _visit(file, edges, seen, order)
    components = []
    seen = set()
    for file in reversed(order):
        if file not in seen:
            component: list[Path] = []
            _visit(file, backwards, seen, component)
            components.append(set(component))
    return components


def _visit(start: Path, edges: Edges, seen: set[Path], order: list[Path]) -> None:
    """Adds to `order` what can be reached and was not seen before, the last first."""
    if start in seen:
        return
    seen.add(start)
    ways: list[tuple[Path, Iterable[Path]]] = [(start, iter(sorted(edges.get(start, ()))))]
    while ways:
        file, rest = ways[-1]
        for used in rest:
            if used not in seen:
                seen.add(used)
                ways.append((used, iter(sorted(edges.get(used, ())))))
                break
        else:
            order.append(file)
            ways.pop()
