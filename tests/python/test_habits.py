"""How the project is built and tested: nothing is installed without being said, and tools are pinned."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
unix = pytest.mark.skipif(sys.platform == "win32", reason="the scripts are for Unix")


def toml(name: str) -> dict[str, object]:
    return tomllib.loads((ROOT / name).read_text())


@unix
def test_what_is_missing_is_said_in_one_line(tmp_path: Path) -> None:
    """On a machine that has a shell and nothing else."""
    shell = shutil.which("sh")
    assert shell
    done = subprocess.run(
        [shell, str(ROOT / "scripts" / "setup"), "--check"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert re.fullmatch(r"the tests need.* openssl curl.* g\+\+: run make setup\n", done.stderr)
    assert done.stdout == ""


@unix
@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize("target", ["test", "test-all", "test-python", "fuzz-smoke"])
def test_tests_set_up_what_they_need_first(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True)
    first, _, rest = done.stdout.partition("scripts/setup\n")
    assert rest and "cargo" not in first and "pytest" not in first


def test_whatever_installs_says_so() -> None:
    scripts = [path for path in [*(ROOT / "scripts").iterdir(), ROOT / "Makefile"] if path.is_file()]
    installing = {
        path.name for path in scripts if re.search(r"apt-get.* install|cargo install", path.read_text())
    }
    assert installing == {"setup", "test-windows", "deny"}
    for name in installing:
        assert 'echo "installing' in (ROOT / "scripts" / name).read_text()


def test_tools_are_pinned() -> None:
    pyproject = toml("pyproject.toml")
    tools = pyproject["dependency-groups"]["dev"]  # type: ignore[index]
    assert [tool for tool in tools if not re.fullmatch(r"[\w-]+==[\d.]+", tool)] == []
    channel = toml("rust-toolchain.toml")["toolchain"]["channel"]  # type: ignore[index]
    least = toml("Cargo.toml")["workspace"]["package"]["rust-version"]  # type: ignore[index]
    assert re.fullmatch(r"\d+\.\d+\.\d+", channel)
    assert [int(part) for part in channel.split(".")] >= [int(part) for part in least.split(".")]


def test_ci_runs_what_the_readme_says() -> None:
    commands = [
        line for line in (ROOT / ".ci" / "run").read_text().splitlines() if "make " in line and line[0] != "#"
    ]
    assert commands == ["exec make test-all"]
    readme = (ROOT / "README.md").read_text()
    assert "$ make test " in readme and "$ make test-all" in readme
