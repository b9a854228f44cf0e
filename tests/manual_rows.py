"""Prints the rows of manual_rows.txt whose test does not exist; nothing when all is well."""

from __future__ import annotations

import ast
import functools
import sys
from pathlib import Path

HERE = Path(__file__).parent
EXPECTING = {"raises", "warns", "check_call", "check_output", "check_returncode"}
CRATE_TESTS = HERE.parent / "crates" / "ferrossl" / "tests"


def rows() -> dict[str, str]:
    """promise → test."""
    lines = (HERE / "manual_rows.txt").read_text().splitlines()
    found: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith("#"):
            promise, test = line.rsplit(": ", 1)
            assert promise not in found, f"twice: {promise}"
            found[promise] = test
    return found


def exists(test: str) -> bool:
    """Whether there is such a test, and it looks at something."""
    file, _, function = test.partition("::")
    if file == "crate":
        path = CRATE_TESTS / f"{function}.rs"
        return path.exists() and "#[test]" in path.read_text() and "assert" in path.read_text()
    path = HERE / file
    return path.exists() and function.startswith("test_") and can_fail(parsed(path), function)


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@functools.cache
def functions_of(module: ast.Module) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    return {
        node.name: node
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def can_fail(module: ast.Module, function: str, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a function of a module asserts something, or expects an error or a warning, itself or through others
    that stand in the module."""
    functions = functions_of(module)
    if function not in functions or function in seen:
        return False
    for node in ast.walk(functions[function]):
        if isinstance(node, ast.Assert | ast.Raise):
            return True
        if isinstance(node, ast.Attribute) and node.attr in EXPECTING:
            return True
        if isinstance(node, ast.Name) and can_fail(module, node.id, seen | {function}):
            return True
        if isinstance(node, ast.Attribute) and can_fail(module, node.attr, seen | {function}):
            return True
    return False


def without_test() -> list[str]:
    return [row for row, test in rows().items() if not exists(test)]


if __name__ == "__main__":
    missing = without_test()
    print(*missing, sep="\n", end="\n" if missing else "")
    sys.exit(bool(missing))
