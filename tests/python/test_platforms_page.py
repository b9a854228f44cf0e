"""docs/platforms.md names what the code reads, and the code reads nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "platforms.md").read_text()
SYSTEM = (ROOT / "crates/ferrossl/src/trust/system.rs").read_text()
RUST = sorted(path for path in (ROOT / "crates").glob("ferrossl*/src/**/*.rs") if "testkit" not in str(path))
PYTHON = sorted((ROOT / "python" / "ferrossl").glob("*.py"))
PATH_IN_CODE = re.compile(r'"(/(?:etc|usr|dev|proc|var|opt|System|Library)/[^"]*)"')


def listed(constant: str) -> list[str]:
    """The paths of a constant for systems other than Windows."""
    lists = re.findall(rf"#\[cfg\(not\(windows\)\)\]\nconst {constant}: .*? = \[(.*?)\];", SYSTEM, re.DOTALL)
    assert len(lists) == 1
    return re.findall(r'"([^"]+)"', lists[0])


def numbered(column: str) -> list[str]:
    section = PAGE.partition(f"| number | {column} |")[2].partition("\n\n")[0]
    return re.findall(r"^\| \d+ \| `([^`]+)` \|", section, re.MULTILINE)


@pytest.mark.parametrize("constant, column", [("FILES", "file"), ("DIRECTORIES", "folder")])
def test_files_and_folders(constant: str, column: str) -> None:
    assert numbered(column) == listed(constant) != []


def test_files_of_windows() -> None:
    paths = re.findall(r'r"([^"]+)"', SYSTEM)
    assert len(paths) == 2
    assert [path for path in paths if f"`{path}`" not in PAGE] == []


def test_no_other_file_has_a_path_of_the_system() -> None:
    found = {
        path.name: PATH_IN_CODE.findall(path.read_text().partition("#[cfg(test)]")[0])
        for path in [*RUST, *PYTHON]
        if path.name != "system.rs"
    }
    assert {name: paths for name, paths in found.items() if paths} == {}


def test_environment_variables() -> None:
    """Whoever asks for one stands in the table, and nobody else does."""
    asks = re.compile(r"env::var|os\.environ|os\.getenv")
    asking = {
        str(path.relative_to(ROOT))
        for path in [*RUST, *PYTHON]
        if asks.search(path.read_text().partition("#[cfg(test)]")[0])
    }
    rows = re.findall(r"^\| `([A-Z_]+)` \|.*\| (.*) \|$", PAGE, re.MULTILINE)
    assert {name for _, places in rows for name in re.findall(r"`([^`]+)`", places)} == asking
    assert [name for name, _ in rows] == ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"]
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        assert f'"{name}"' in SYSTEM
    assert '"SSLKEYLOGFILE"' in (ROOT / "python/ferrossl/_context.py").read_text()


def test_every_source_that_is_named_is_there() -> None:
    sources = set(re.findall(r"`((?:crates|python)/[^`]+)`", PAGE))
    assert len(sources) > 4
    assert [source for source in sources if not (ROOT / source).exists()] == []
