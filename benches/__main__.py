"""`make bench`: every row of rows.py, each measurement in a fresh process, the subjects of a row in alternation.

Prints a table, and writes JSON and a chart.

Usage: python benches [--rounds N] [--only WORD] [--quick] [--plain-loop] [--json FILE] [--chart FILE] [--date DATE]
"""

from __future__ import annotations

import argparse
import datetime
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import chart
import report
from machine import machine, versions
from rows import SCENARIOS, Scenario
from runner import ROOT, Runner
from setting import make_pki


class Bench(Runner):
    """One run of all rows."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        super().__init__(folder, options.quick, options.plain_loop)
        self.rounds: int = options.rounds

    def measure(self, scenario: Scenario) -> list[dict[str, Any]]:
        """The scenario's rows, as they stand in the JSON."""
        left_out = {
            subject: why
            for subject, command in scenario.commands.items()
            if (why := self.missing(subject, command))
        }
        rounds = min(self.rounds * (1 if self.quick else scenario.repeat), scenario.most_rounds)
        figures: dict[str, list[Any]] = {
            subject: [] for subject in scenario.commands if subject not in left_out
        }
        for number in range(rounds):
            # Forth and back, so that no subject always comes first.
            for subject in list(figures)[:: -1 if number % 2 else 1]:
                try:
                    figures[subject].append(self.figure(subject, scenario.commands[subject]))
                except (RuntimeError, subprocess.TimeoutExpired, ValueError, IndexError) as error:
                    left_out[subject] = str(error)
                    del figures[subject]
        return [report.row(scenario, row, figures, left_out) for row in scenario.rows]


def options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int)
    arguments.add_argument("--only", default="", help="rows with this word in title, key or group")
    arguments.add_argument("--quick", action="store_true", help="one round of few repetitions: does it run?")
    arguments.add_argument("--plain-loop", action="store_true", help="asyncio's own loop in place of ours")
    arguments.add_argument("--json", type=Path, default=ROOT / "target" / "benches" / "bench.json")
    arguments.add_argument("--chart", type=Path, default=ROOT / "target" / "benches" / "bench.svg")
    arguments.add_argument("--date", default=datetime.date.today().isoformat())
    given = arguments.parse_args()
    given.rounds = given.rounds or (1 if given.quick else 5)
    return given


def main() -> None:
    given = options()
    begin = time.monotonic()
    result: dict[str, Any] = {
        "schema": report.SCHEMA,
        "date": given.date,
        "machine": machine(),
        "versions": versions(),
        "rounds": given.rounds,
        "quick": given.quick,
        "plain_loop": given.plain_loop,
        "rows": [],
    }
    print(report.heading(result))
    with tempfile.TemporaryDirectory() as name:
        make_pki(Path(name))
        bench = Bench(given, Path(name))
        for scenario in SCENARIOS:
            words = [scenario.group, *(f"{row.key} {row.title}" for row in scenario.rows)]
            if any(given.only in word for word in words):
                for row in bench.measure(scenario):
                    result["rows"].append(row)
                    print(report.line(row), flush=True)
    result["seconds"] = round(time.monotonic() - begin)
    for path, text in ((given.json, report.dumped(result)), (given.chart, chart.svg(result))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"\n{path}", end="")
    print(f"\n{result['seconds']} s")


if __name__ == "__main__":
    main()
