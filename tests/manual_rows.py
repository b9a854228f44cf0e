"""Prints the rows of manual_rows.txt whose test does not exist; nothing when all is well."""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
CRATE_TESTS = HERE.parent / "crates" / "ferrossl" / "tests"


def rows() -> dict[str, str]:
    """promise → test."""
    lines = (HERE / "manual_rows.txt").read_text().splitlines()
    return dict(line.rsplit(": ", 1) for line in lines if line and not line.startswith("#"))


def exists(test: str) -> bool:
    file, _, function = test.partition("::")
    if file == "crate":
        return (CRATE_TESTS / f"{function}.rs").exists()
    path = HERE / file
    return path.exists() and re.search(rf"^def {function}\(", path.read_text(), re.MULTILINE) is not None


def without_test() -> list[str]:
    return [row for row, test in rows().items() if not exists(test)]


if __name__ == "__main__":
    missing = without_test()
    print(*missing, sep="\n", end="\n" if missing else "")
    sys.exit(bool(missing))
