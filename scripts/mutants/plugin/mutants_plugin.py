"""For pytest: notes which mutants each test comes by, or runs chosen tests only."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest

RECORD = os.environ.get("FERROSSL_MUTANTS_RECORD")
SELECT = os.environ.get("FERROSSL_MUTANTS_SELECT")
FAILED = os.environ.get("FERROSSL_MUTANTS_FAILED")


class Record:
    """Gives the tests' phases trace files of their own, and writes what came of each test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tests: dict[str, dict[str, object]] = {}
        self.seconds: dict[str, float] = {}

    def _phase(self, item: pytest.Item, phase: str) -> None:
        number = list(self.tests).index(item.nodeid) if item.nodeid in self.tests else len(self.tests)
        self.tests.setdefault(item.nodeid, {"outcome": "passed"})
        os.environ["FERROSSL_MUTANT_TRACE"] = str(self.folder / f"{number}.{phase}")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        self._phase(item, "around")
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        self._phase(item, "call")
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        self._phase(item, "around")
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = self.tests.setdefault(report.nodeid, {"outcome": "passed"})
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration
        if not report.passed:
            test["outcome"] = report.outcome

    def pytest_sessionfinish(self) -> None:
        rows = [{"id": name, "seconds": self.seconds.get(name, 0), **row} for name, row in self.tests.items()]
        (self.folder / "tests.json").write_text(json.dumps(rows))


class Select:
    """Runs the tests in a list, in its order, and writes down the first that fails."""

    def __init__(self, listed: Path, failed: Path) -> None:
        self.order = {name: number for number, name in enumerate(listed.read_text().splitlines())}
        self.failed = failed

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self.order]
        items.sort(key=lambda item: self.order[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed.exists():
            self.failed.write_text(report.nodeid)


def pytest_configure(config: pytest.Config) -> None:
    if RECORD:
        config.pluginmanager.register(Record(Path(RECORD)))
    if SELECT and FAILED:
        config.pluginmanager.register(Select(Path(SELECT), Path(FAILED)))
