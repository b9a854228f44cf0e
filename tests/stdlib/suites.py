"""The standard library's own tests that use TLS, once with ssl and once with ferrossl in its place.

Whatever passes with ssl has to pass with ferrossl, and nothing may be skipped that ssl does not skip. What differs is
tried once more by itself before it counts: some of these tests depend on the machine's load.

Usage: suites.py [MODULE ...]
"""

from __future__ import annotations

import faulthandler
import importlib.util
import io
import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

SUITES = [
    "test.test_ssl",
    "test.test_asyncio.test_ssl",
    "test.test_asyncio.test_sslproto",
    "test.test_asyncio.test_streams",
    "test.test_asyncio.test_events",
    "test.test_httplib",
    "test.test_urllib2_localnet",
    "test.test_ftplib",
    "test.test_poplib",
    "test.test_imaplib",
    "test.test_smtplib",
    "test.test_nntplib",
    "test.test_xmlrpc",
    "test.test_logging",
]
#: Tests that may be skipped although they pass with ssl: part of the name → why.
SKIPPED_ON_PURPOSE = {
    "_psk": "external PSKs do not exist here, and HAS_PSK says so",
    "test_dh_params": "since 3.14 it looks for Kx=DHE, which is what OpenSSL calls DHE-PSK's key exchange, not DHE's",
}
#: Tests that may fail although they pass with ssl: part of the name → why.
FAILS_ON_PURPOSE = {
    "test_create_connection_ssl_failed_certificate_no_cycles": "it watches asyncio.sslproto.SSLProtocol, "
    "without which our transport does (test_asyncio_loops.py asks the like of start_tls)",
}
TIME_LIMIT = 300  # seconds for a whole module

Statuses = dict[str, str]


class Result(unittest.TestResult):
    """Notes how each test went."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: Statuses = {}
        self.texts: dict[str, str] = {}

    def _note(self, test: unittest.TestCase, status: str) -> None:
        # A test with several parts counts as the worst of them.
        name = test.id().partition(" (")[0]
        if self.statuses.get(name) not in ("FAIL", "SKIP") or status == "FAIL":
            self.statuses[name] = status

    def addSuccess(self, test: unittest.TestCase) -> None:
        self._note(test, "PASS")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self._note(test, "SKIP")

    def addFailure(self, test: unittest.TestCase, err: object) -> None:
        super().addFailure(test, err)  # type: ignore[arg-type]
        self._failed(test)

    def addError(self, test: unittest.TestCase, err: object) -> None:
        super().addError(test, err)  # type: ignore[arg-type]
        self._failed(test)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: object) -> None:
        super().addSubTest(test, subtest, err)  # type: ignore[arg-type]
        if err is not None:
            self._failed(test)

    def addExpectedFailure(self, test: unittest.TestCase, err: object) -> None:
        self._note(test, "PASS")

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        self._failed(test)

    def _failed(self, test: unittest.TestCase) -> None:
        self._note(test, "FAIL")
        lines = [text for _, text in (*self.failures[-1:], *self.errors[-1:])]
        self.texts[test.id().partition(" (")[0]] = lines[-1] if lines else ""


def child(which: str, names: list[str]) -> None:
    """Runs modules or single tests, and prints how they went as JSON."""
    if which == "ferrossl":
        sys.modules["_ssl"] = None  # type: ignore[assignment]
        import ferrossl

        ferrossl.install()
    faulthandler.dump_traceback_later(TIME_LIMIT - 10, exit=True)
    from test import support

    support.use_resources = {"walltime": None} if sys.version_info >= (3, 15) else ["walltime"]
    result = Result()
    real, sys.stdout = sys.stdout, io.StringIO()
    unittest.TestLoader().loadTestsFromNames(names).run(result)
    sys.stdout = real
    if which == "ferrossl":
        import ssl

        assert ssl.__name__ == "ferrossl"
    print("\n" + json.dumps({"statuses": result.statuses, "texts": result.texts}))


def run(which: str, *names: str) -> tuple[Statuses, dict[str, str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SSL")}
    command = [sys.executable, "-W", "ignore", str(Path(__file__)), "--child", which, *names]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        return {}, {"": f"no result after {TIME_LIMIT} seconds"}
    last = (done.stdout.splitlines() or [""])[-1]
    if not last.startswith("{"):
        return {}, {"": f"died with status {done.returncode}: {done.stderr[-2000:]}"}
    answer = json.loads(last)
    return answer["statuses"], answer["texts"]


def missing(module: str) -> bool:
    """Whether this interpreter has no such module of tests any more."""
    try:
        return importlib.util.find_spec(module) is None
    except ModuleNotFoundError:
        return True


def main() -> int:
    worse_in_all = 0
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for module in sys.argv[1:] or SUITES:
        if missing(module):
            print(f"CPython {version} {module}: not there any more")
            continue
        theirs, _ = run("ssl", module)
        ours, texts = run("ferrossl", module)
        worse = [
            name
            for name, status in theirs.items()
            if _is_worse(ours.get(name), status)
            and not (ours.get(name) == "SKIP" and any(part in name for part in SKIPPED_ON_PURPOSE))
            and not (ours.get(name) == "FAIL" and any(part in name for part in FAILS_ON_PURPOSE))
        ]
        for name in list(worse):
            again, more = run("ferrossl", name)
            if not _is_worse(again.get(name), theirs[name]):
                worse.remove(name)
            texts.update(more)
        counts = {
            status: (list(ours.values()).count(status), list(theirs.values()).count(status))
            for status in ("PASS", "SKIP", "FAIL")
        }
        summary = ", ".join(f"{status} {mine} (ssl {their})" for status, (mine, their) in counts.items())
        print(f"CPython {version} {module}: {summary}; {len(worse)} worse than with ssl", flush=True)
        for name in worse:
            print(
                f"  {name}: {ours.get(name)}, with ssl {theirs[name]}\n{texts.get(name, texts.get('', ''))}"
            )
        if not theirs:
            print("  no result with ssl")
        worse_in_all += len(worse) or not theirs
    return 1 if worse_in_all else 0


def _is_worse(mine: str | None, theirs: str) -> bool:
    return mine != theirs and theirs != "FAIL" and mine != "PASS"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main())
