"""The two sets of tests: which mutants each test comes by, and whether it notices one.

A test that never comes by a mutant cannot notice it. So the first run, without any mutant, takes that down, and a mutant
is tried on the tests that come by it, the quickest first.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from running import Done, numbers_in, run

PYTHON_SUITES = (
    "tests/oracle/test_verdicts.py",
    "tests/oracle/test_certdata.py",
    "tests/conformance",
    "tests/python",
    "tests/interop",
)
PYTHON_LEFT_OUT = (
    "tests/python/test_large.py",  # gigabytes
    "tests/python/test_typing.py",  # needs the package where mypy looks
    "tests/python/test_compatibility_page.py",
    "tests/python/test_manual_rows.py",
    *(
        f"tests/python/test_{name}.py" for name in ("defaults_page", "house", "pages", "platforms_page")
    ),  # of sources
    "tests/interop/test_rust_examples.py",  # builds without the mutants
)


@dataclass(frozen=True)
class Caught:
    """Who noticed a mutant."""

    by: str
    hangs: bool = False


@dataclass(frozen=True)
class RustTest:
    binary: Path
    name: str


@dataclass
class RustSuite:
    """The core's test programs."""

    binaries: list[Path]
    crate: Path
    work: Path
    reached: dict[int, list[RustTest]] = field(default_factory=dict)
    seconds: dict[RustTest, float] = field(default_factory=dict)

    def trace(self) -> int:
        """Runs every test by itself; returns how many there are."""
        file = self.work / "rust.trace"
        for binary in self.binaries:
            listed = self._run([str(binary), "--list", "--format", "terse"], {}, 60).output
            for line in listed.splitlines():
                if not line.endswith(": test"):
                    continue
                test = RustTest(binary, line.removesuffix(": test"))
                file.unlink(missing_ok=True)
                done = self._run(
                    [str(binary), "--exact", test.name], {"FERROSSL_MUTANT_TRACE": str(file)}, 600
                )
                if done.status != 0:
                    raise SystemExit(f"{test.name} fails without a mutant:\n{done.output}")
                found = [part for part in done.output.split() if part.endswith("s") and part[:1].isdigit()]
                self.seconds[test] = float(found[-1].removesuffix("s")) if found else 0.0
                for number in numbers_in(file):
                    self.reached.setdefault(number, []).append(test)
        return len(self.seconds)

    def catches(self, number: int) -> Caught | None:
        by_binary: dict[Path, list[RustTest]] = {}
        for test in self.reached.get(number, ()):
            by_binary.setdefault(test.binary, []).append(test)
        order = sorted(by_binary.items(), key=lambda item: sum(self.seconds[test] for test in item[1]))
        for binary, tests in order:
            seconds = 30 + 20 * sum(self.seconds[test] for test in tests)
            names = [test.name for test in tests]
            done = self._run([str(binary), "--exact", *names], {"FERROSSL_MUTANT": str(number)}, seconds)
            if done.hangs:
                return Caught(f"{_stem(binary)}", hangs=True)
            if done.status != 0:
                failed = [
                    line.split()[1]
                    for line in done.output.splitlines()
                    if line.startswith("test ") and line.endswith("FAILED")
                ]
                return Caught(f"{_stem(binary)}: {failed[0] if failed else f'status {done.status}'}")
        return None

    def _run(self, command: list[str], environment: Mapping[str, str], seconds: float) -> Done:
        environment = {"CARGO_MANIFEST_DIR": str(self.crate), **environment}
        return run(command, cwd=self.crate, environment=environment, seconds=seconds)


def _stem(binary: Path) -> str:
    """cargo's names end in a hash."""
    return binary.stem.rsplit("-", 1)[0]


@dataclass
class PythonSuite:
    """The Python tests, run against a wheel of the mutants."""

    python: Path
    tree: Path
    site: Path
    plugin: Path
    work: Path
    tests: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    reached: dict[int, set[str]] = field(default_factory=dict)

    def trace(self) -> int:
        """Runs everything once; returns how many tests count: those that pass."""
        folder = self.work / "python-trace"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        environment = {
            "FERROSSL_MUTANTS_RECORD": str(folder),
            "FERROSSL_MUTANT_TRACE": str(folder / "start"),
        }
        ignored = [f"--ignore={path}" for path in PYTHON_LEFT_OUT]
        ignored.append(
            "--deselect=tests/oracle/test_verdicts.py::test_same_verdict_code_depth_and_chain[all]"
        )
        done = self._pytest([*PYTHON_SUITES, *ignored], environment, 3600)
        if not (folder / "tests.json").exists():
            raise SystemExit(f"the Python tests do not run:\n{done.output[-3000:]}")
        rows = json.loads((folder / "tests.json").read_text())
        calls: dict[str, set[int]] = {}
        around: dict[str, set[int]] = {}
        for index, row in enumerate(rows):
            if row["outcome"] != "passed":
                continue
            name = row["id"]
            self.tests.append(name)
            self.seconds[name] = row["seconds"]
            calls[name] = numbers_in(folder / f"{index}.call")
            # What a fixture does may show in any test that uses it.
            around.setdefault(name.split("::")[0], set()).update(numbers_in(folder / f"{index}.around"))
        start = numbers_in(folder / "start")
        for name in self.tests:
            for number in calls[name] | around[name.split("::")[0]] | start:
                self.reached.setdefault(number, set()).add(name)
        failed = [row["id"] for row in rows if row["outcome"] == "failed"]
        if failed:
            print("fail without a mutant, and do not count:", *failed, sep="\n  ")
        return len(self.tests)

    def catches(self, number: int) -> Caught | None:
        """A failure counts when the same test passes without the mutant."""
        names = sorted(self.reached.get(number, ()), key=self.seconds.__getitem__)
        for _ in range(3):
            if not names:
                return None
            failed, done = self._select(names, {"FERROSSL_MUTANT": str(number)})
            if done.hangs:
                return Caught("pytest", hangs=True)
            if done.status == 0:
                return None
            if failed is None:
                return Caught(f"pytest ends with status {done.status}")
            if self._select([failed], {})[1].status == 0:
                return Caught(failed)
            names.remove(failed)
        return None

    def _select(self, names: list[str], environment: Mapping[str, str]) -> tuple[str | None, Done]:
        listed, failed = self.work / "selected", self.work / "failed"
        listed.write_text("\n".join(names))
        failed.unlink(missing_ok=True)
        environment = {
            "FERROSSL_MUTANTS_SELECT": str(listed),
            "FERROSSL_MUTANTS_FAILED": str(failed),
            **environment,
        }
        seconds = 120 + 10 * sum(self.seconds[name] for name in names)
        files = sorted({name.split("::")[0] for name in names})
        done = self._pytest(["-x", "-o", "timeout=60", *files], environment, seconds)
        return (failed.read_text() if failed.exists() else None), done

    def _pytest(self, arguments: list[str], environment: Mapping[str, str], seconds: float) -> Done:
        paths = os.pathsep.join([str(self.site), str(self.plugin)])
        environment = {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", **environment}
        command = [
            str(self.python),
            "-m",
            "pytest",
            "-p",
            "mutants_plugin",
            "-p",
            "no:cacheprovider",
            *arguments,
        ]
        return run(command, cwd=self.tree, environment=environment, seconds=seconds)
