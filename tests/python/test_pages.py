"""What the pages say of the code and of each other is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import ferrossl
from ferrossl import _ferrossl

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
CORE = ROOT / "crates" / "ferrossl" / "src"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


SOURCES = [
    "/" + str(path.relative_to(ROOT)) + ("/" if path.is_dir() else "")
    for folder in ("benches", "crates", "fuzz", "python", "scripts", "tests")
    for path in (ROOT / folder).rglob("*")
    if "target" not in path.parts
]


@pytest.mark.parametrize(
    "name", ["architecture.md", "defaults.md", "design.md", "glossary.md", "performance.md", "platforms.md"]
)
def test_files_and_folders_that_a_page_names(name: str) -> None:
    named = re.findall(r"`([\w.-][\w./-]*(?:\.rs|\.py|/))`", (ROOT / "docs" / name).read_text())
    assert len(named) > 5
    assert [path for path in named if not any(source.endswith(f"/{path}") for source in SOURCES)] == []


UNSAFE = re.compile(r"^(?!\s*//).*?\bunsafe (\{|fn|impl)", re.MULTILINE)


def unsafe_in(folder: Path, but: str = "") -> dict[str, int]:
    """How many unsafe blocks, functions and implementations the sources of a folder have."""
    counts = {"{": 0, "fn": 0, "impl": 0}
    for path in folder.rglob("*.rs"):
        if path.name != but:
            for kind in UNSAFE.findall(path.read_text()):
                counts[kind] += 1
    return counts


def test_how_much_unsafe_code_there_is() -> None:
    page = re.sub(r"\s+", " ", (ROOT / "SECURITY.md").read_text())
    everywhere = re.search(r"(\d+) unsafe blocks, (\d+) unsafe functions and (\d+) unsafe impls", page)
    windows = re.search(r"(\d+) of the blocks and (\d+) of the functions are for Windows", page)
    assert everywhere and windows
    binding = ROOT / "crates" / "ferrossl-python" / "src"
    counts = unsafe_in(binding)
    assert [int(number) for number in everywhere.groups()] == [counts["{"], counts["fn"], counts["impl"]]
    elsewhere = unsafe_in(binding, but="windows_stores.rs")
    on_windows = [counts[kind] - elsewhere[kind] for kind in ("{", "fn")]
    assert [int(number) for number in windows.groups()] == on_windows
    assert "#![forbid(unsafe_code)]" in (CORE / "lib.rs").read_text()
    assert set(unsafe_in(CORE).values()) == {0}


def test_the_engine_has_one_version() -> None:
    """Cargo.toml pins it; whoever else names it names the same."""
    pin = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["dependencies"]["rustls"]["version"]
    assert pin.startswith("=")
    version = pin.removeprefix("=")
    assert _ferrossl.engine_versions()[1] == f"rustls {version}, aws-lc-rs"
    assert f"rustls {version}" in ferrossl.OPENSSL_VERSION
    for lock in ("Cargo.lock", "fuzz/Cargo.lock", "benches/core/Cargo.lock"):
        packages = tomllib.loads((ROOT / lock).read_text())["package"]
        assert [package["version"] for package in packages if package["name"] == "rustls"] == [version]
    sources = [*PAGES, *(ROOT / "crates").rglob("*.rs"), *(ROOT / "python").rglob("*.py")]
    named = {
        (path.name, number)
        for path in sources
        for number in re.findall(r"\brustls[ (=-]*(\d+\.\d+\.\d+)", path.read_text())
    }
    assert named
    assert {number for _, number in named} == {version}
