"""Which module of the Python package imports which, when the program runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def read(package: Path) -> dict[Path, set[Path]]:
    """The modules that each module imports, inside functions too.

    Imports for type checkers do not count, nor does `import ferrossl` inside a function: that asks, when it is called, for what
    programs may have put into the package, and not for a module.
    """
    modules = {path.stem: path for path in package.glob("*.py")}
    edges = {}
    for path in sorted(modules.values()):
        names = set(_imported(ast.parse(path.read_text()).body, package.name))
        edges[path] = {modules[name] for name in names if name in modules} - {path}
    return edges


def _imported(body: list[ast.stmt], package: str) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            yield from _imported(statement.orelse, package)
            continue
        if isinstance(statement, ast.Import):
            for name in statement.names:
                if name.name.startswith(f"{package}."):
                    yield name.name.split(".")[1]
        elif isinstance(statement, ast.ImportFrom):
            yield from _from(statement, package)
        for field in ("body", "orelse", "finalbody"):
            yield from _imported(getattr(statement, field, []), package)
        for handler in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
            yield from _imported(handler.body, package)


def _from(statement: ast.ImportFrom, package: str) -> Iterator[str]:
    module = statement.module or ""
    if statement.level == 1:
        module = f"{package}.{module}".rstrip(".")
    if module == package:
        yield from (name.name for name in statement.names)
    elif module.startswith(f"{package}."):
        yield module.split(".")[1]
