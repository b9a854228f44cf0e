"""CPython's own test suite for ssl, with ferrossl in its place.

Every test runs in a process of its own with a time limit. What does not pass must stand, with a reason, in
``not_passing_<version>.txt`` beside this file; a test that passes although it stands there is an error too.

Usage: run.py [--module test.test_ssl] [--jobs N] [--verbose] [PATTERN ...]
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
TIME_LIMIT = 60  # seconds; the slowest test takes about ten

# The same on every machine: a time zone away from UTC, no locale, and nobody's own trust settings.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("SSL")},
    "TZ": "XYZ-3",
    "LC_ALL": "C",
}


def run(module: str, test: str) -> tuple[str, str]:
    """(status, text) of one test; the status is PASS, SKIP, FAIL or HANG."""
    command = [sys.executable, "-W", "ignore", str(HERE / "one.py"), module, test]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False, env=ENVIRONMENT
        )
    except subprocess.TimeoutExpired:
        return "HANG", f"no result after {TIME_LIMIT} seconds"
    lines = done.stdout.splitlines()
    # Tests print too; our word is the last one at the beginning of a line.
    for index in range(len(lines) - 1, -1, -1):
        if lines[index] in ("PASS", "SKIP", "FAIL"):
            return lines[index], "\n".join(lines[index + 1 :])
    return "FAIL", f"died with status {done.returncode}\n{done.stderr}"


def known_exceptions(path: Path) -> dict[str, tuple[str, str]]:
    """test → (status, reason), from lines of the form ``STATUS test: reason``."""
    known = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.strip() and not line.startswith("#"):
            head, separator, reason = line.partition(": ")
            status, _, test = head.partition(" ")
            if not separator or not reason.strip() or status not in ("SKIP", "FAIL"):
                raise SystemExit(f"{path.name}: no status or reason in {line!r}")
            known[test] = (status, reason)
    return known


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--module", default="test.test_ssl")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments.add_argument("--verbose", action="store_true")
    arguments.add_argument("patterns", nargs="*")
    options = arguments.parse_args()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    listing = subprocess.run(
        [sys.executable, "-W", "ignore", str(HERE / "one.py"), options.module, "--list"],
        capture_output=True,
        text=True,
        check=True,
        env=ENVIRONMENT,
    )
    tests = [
        test
        for test in listing.stdout.split()
        if not options.patterns or any(pattern in test for pattern in options.patterns)
    ]
    known = known_exceptions(HERE / f"not_passing_{version}.txt")
    counts = {"PASS": 0, "SKIP": 0, "FAIL": 0, "HANG": 0}
    complaints = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda test: run(options.module, test), tests)
        for number, (test, (status, text)) in enumerate(zip(tests, results, strict=True), 1):
            counts[status] += 1
            expected, _reason = known.pop(test, ("PASS", ""))
            if ("FAIL" if status == "HANG" else status) != expected:
                complaints.append(f"{test}: {status}, expected {expected}\n{text}")
            if options.verbose and status != "PASS":
                print(f"{status} {test}\n{text}\n")
            if sys.stdout.isatty():
                print(f"\r{number}/{len(tests)}", end="", flush=True)
    if not options.patterns:
        complaints += [f"{test}: is listed but does not exist" for test in known]
    for complaint in complaints:
        print(complaint)
    print(
        f"{options.module} of CPython {version} on ferrossl: {counts['PASS']} of {len(tests)} pass, "
        f"{counts['SKIP']} skipped, {counts['FAIL']} fail, {counts['HANG']} hang; "
        f"{len(complaints)} not as listed"
    )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
