"""Do the house's rules hold? One line for each place where one does not, and 1 then.

    python scripts/house

- A room of the core uses only rooms that stand before it in the table of docs/architecture.md, and each room is there.
- Only `engine/` and `crypto/` name rustls.
- No file needs itself by way of others: between the Rust files of a crate, and between the modules of the Python package.
- No file and no function is longer than `sizes.py` says.

What is for tests alone is measured, but knows what it likes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import circles
import python_imports
import rooms
import rust_files
import sizes

CORE = "ferrossl"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    here = Path(__file__).resolve().parent.parent.parent
    parser.add_argument("--root", type=Path, default=here, help="the repository to look at")
    root = parser.parse_args().root

    findings: list[str] = []
    files = uses = 0
    page = root / "docs" / "architecture.md"
    table = rooms.read_table(page)
    for source in sorted((root / "crates").glob("*/src")):
        crate = rust_files.read(source)
        name = source.parent.name
        of_crate = rooms.check(crate, page, table) if name == CORE else []
        of_crate += rooms.check_engine(crate, rooms.KNOW_RUSTLS if name == CORE else ())
        of_crate += circles.in_rust(crate)
        findings += [f"{name}: {finding}" for finding in of_crate]
        files, uses = files + len(crate.files), uses + len({(use.user, use.used) for use in crate.uses})
    package = root / "python" / "ferrossl"
    imports = python_imports.read(package)
    findings += circles.in_python(imports, package)
    measured = sizes.measure(root)
    findings += measured.findings()

    arrows = uses + sum(map(len, imports.values()))
    print(
        f"{len(table)} rooms, {files + len(imports)} files with {arrows} arrows between them, {len(findings)} findings"
    )
    for what, longest in (("file", max(measured.files)), ("function", max(measured.functions))):
        print(f"the longest {what}: {longest.lines} lines, {longest.place}")
    for finding in findings:
        print(finding)
    sys.exit(bool(findings))


if __name__ == "__main__":
    main()
