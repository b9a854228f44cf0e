"""Can the tests fail? Changes the code in many small ways and counts who notices.

    scripts/mutants --seed 7 --count 100

takes a sample of cargo-mutants' list for the code that decides about security, and tries the Rust tests on each mutant,
then the Python tests on those that they let pass. All is built in target/mutants; the working tree stays as it is.
Tests that hang on a mutant have noticed it: a program whose TLS hangs is not one that goes on with something wrong.
Ends with 0 whatever it finds: this measures, and what it finds is for reading.

What no test can notice belongs into equivalent.txt, with the reason; samples leave it out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from listing import FILES, Equivalents, Mutant, every_mutant, shuffled
from suites import Caught, PythonSuite, RustSuite
from tree import copy, messages_of, viable

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "mutants"
TOOLS = ROOT / "target" / "tools"
PYTHON = ROOT / ".venv" / "bin" / "python"
CORE = ("--package", "ferrossl", "--features", "legacy")


@dataclass(frozen=True)
class Verdict:
    """What came of a mutant."""

    mutant: Mutant
    rust: Caught | None = None
    python: Caught | None = None
    not_run: str | None = None

    @property
    def kind(self) -> str:
        if self.not_run:
            return "not run"
        return "Rust" if self.rust else "Python" if self.python else "survived"


def cargo_mutants() -> Path:
    """The tool, which is built the first time."""
    tool = TOOLS / "bin" / "cargo-mutants"
    if not tool.exists():
        print("installing cargo-mutants into target/tools (some minutes, once)", flush=True)
        subprocess.run(
            ["cargo", "install", "cargo-mutants", "--locked", "--quiet", "--root", str(TOOLS)], check=True
        )
    return tool


def cargo(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CARGO_TARGET_DIR": str(WORK / "build")}
    command = ["cargo", *arguments, "--message-format=json", "--quiet"]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def rust_suite(tree: Path) -> RustSuite:
    built = cargo(tree, "test", *CORE, "--lib", "--tests", "--no-run")
    if built.returncode:
        errors = [message["rendered"] for message in messages_of(built.stdout) if message["level"] == "error"]
        raise SystemExit("the tests do not compile:\n" + "\n".join(errors))
    rows = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    binaries = [Path(row["executable"]) for row in rows if row.get("executable") and row["profile"]["test"]]
    return RustSuite(binaries, tree / "crates" / "ferrossl", WORK)


def python_suite(tree: Path) -> PythonSuite:
    wheels, site = WORK / "wheels", WORK / "site"
    for folder in (wheels, site):
        shutil.rmtree(folder, ignore_errors=True)
    built = subprocess.run(
        [str(PYTHON), "-m", "maturin", "build", "--quiet", "--profile", "dev", "--out", str(wheels)],
        cwd=tree,
        env={**os.environ, "CARGO_TARGET_DIR": str(WORK / "build"), "VIRTUAL_ENV": str(ROOT / ".venv")},
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        raise SystemExit(f"no wheel:\n{built.stderr[-3000:]}")
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    return PythonSuite(PYTHON, tree, site, HERE / "plugin", WORK)


def table(verdicts: Sequence[Verdict]) -> str:
    kinds = ("Rust", "Python", "survived", "not run")
    rows = [["", "tried", *kinds]]
    for area in [*sorted({verdict.mutant.area for verdict in verdicts}), "all"]:
        those = [verdict for verdict in verdicts if area in (verdict.mutant.area, "all")]
        numbers = [sum(verdict.kind == kind for verdict in those) for kind in kinds]
        rows.append([area, str(sum(numbers[:3])), *map(str, numbers)])
    return "\n".join("  ".join(f"{cell:>14}" for cell in row) for row in rows)


def report(verdicts: Sequence[Verdict], out: Path) -> None:
    tried = [verdict for verdict in verdicts if not verdict.not_run]
    caught = [verdict for verdict in tried if verdict.kind != "survived"]
    hanging = [verdict for verdict in caught if (verdict.rust or verdict.python or Caught("")).hangs]
    print("\n" + table(verdicts))
    if tried:
        share = 100 * len(caught) / len(tried)
        print(f"\n{len(caught)} of {len(tried)} caught ({share:.1f} %), {len(hanging)} of them by hanging")
    for title, kind in (("survived", "survived"), ("not run", "not run")):
        those = [verdict for verdict in verdicts if verdict.kind == kind]
        if those:
            print(f"\n{title}:")
        for verdict in those:
            print(f"  {verdict.mutant}" + (f"\n      {verdict.not_run}" if verdict.not_run else ""))
    rows: list[dict[str, Any]] = [
        {
            "mutant": str(verdict.mutant),
            "line": verdict.mutant.line,
            "kind": verdict.kind,
            "by": by.by if (by := verdict.rust or verdict.python) else verdict.not_run,
        }
        for verdict in verdicts
    ]
    out.write_text(json.dumps(rows, indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--seed", type=int, default=int(time.time()), help="the same sample for the same seed and source"
    )
    parser.add_argument("--count", type=int, default=60, help="how many mutants to try")
    parser.add_argument("--files", nargs="+", default=FILES, metavar="GLOB", help="sources to change")
    parser.add_argument("--rust-only", action="store_true", help="do not try the Python tests")
    parser.add_argument("--list", action="store_true", help="print the sample and stop")
    arguments = parser.parse_args()

    everything = every_mutant(ROOT, cargo_mutants(), arguments.files)
    equivalents = Equivalents.read(HERE / "equivalent.txt")
    if arguments.files is FILES:
        for entry in equivalents.stale(everything):
            print("equivalent.txt names what is not there:", entry)
    candidates = shuffled([mutant for mutant in everything if mutant not in equivalents], arguments.seed)
    # Some do not compile; the next ones take their places.
    candidates = candidates[: arguments.count * 3 // 2 + 10]
    print(f"{len(everything)} mutants, seed {arguments.seed}", flush=True)
    if arguments.list:
        print(*candidates[: arguments.count], sep="\n")
        return

    tree = WORK / "tree"
    copy(ROOT, tree, HERE)
    sources, left_out = viable(
        ROOT, tree, candidates, lambda: messages_of(cargo(tree, "check", *CORE).stdout)
    )
    chosen = [number for number in sources.numbers if number not in left_out][: arguments.count]
    last = max(chosen, default=0)
    verdicts = [
        Verdict(sources.numbers[number], not_run=reason)
        for number, reason in sorted(left_out.items())
        if number < last
    ]
    print(f"{len(chosen)} mutants in one build", flush=True)
    rust = rust_suite(tree)
    python = None if arguments.rust_only else python_suite(tree)
    print(f"{rust.trace()} Rust tests", flush=True)
    if python:
        print(f"{python.trace()} Python tests", flush=True)
    for number in chosen:
        mutant = sources.numbers[number]
        by_rust = rust.catches(number)
        by_python = python.catches(number) if python and not by_rust else None
        verdict = Verdict(mutant, by_rust, by_python)
        verdicts.append(verdict)
        by = by_rust or by_python
        said = f"{verdict.kind}: {'hangs, ' if by.hangs else ''}{by.by}" if by else verdict.kind
        print(f"{mutant}\n    {said}", flush=True)
    report(verdicts, WORK / "verdicts.json")


if __name__ == "__main__":
    main()
