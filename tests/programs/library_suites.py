"""Libraries' own TLS tests, with ssl and then with ferrossl in its place: what passes there has to pass here.

What differs is tried once more by itself before it counts: some of these tests depend on the machine's load.

Usage: library_suites.py SOURCES [LIBRARY ...]      the unpacked sources, which ``scripts/library-suites`` makes
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TIME_LIMIT = 400  # seconds; the slowest takes one minute
SUITES = {
    "aiohttp": [
        *(
            f"tests/test_{name}.py"
            for name in (
                "client_fingerprint",
                "client_functional",
                "client_proto",
                "client_ws_functional",
                "connector",
                "proxy_functional",
                "web_functional",
                "web_sendfile_functional",
            )
        ),
        *("-k", "ssl or tls or https or secure or proxy or sendfile"),
    ],
    "uvicorn": ["tests/test_ssl.py", "tests/protocols", "-k", "ssl or http or websocket"],
    "httpx": ["tests/test_config.py", "tests/test_timeouts.py", "tests/client"],
}
START = """
import sys
if {ours}:
    import ferrossl
    ferrossl.install()
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def run(folder: Path, ours: bool, arguments: list[str]) -> dict[str, bool]:
    """test → whether it passed; those that were skipped are missing."""
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report.xml"
        options = ["-q", "-p", "no:cacheprovider", "-W", "ignore", "-o", "addopts=", f"--junitxml={report}"]
        done = subprocess.run(
            [sys.executable, "-c", START.format(ours=ours), *options, *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT / "python"), "NO_PROXY": "*"},
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
        )
        if not report.exists():
            raise SystemExit(f"{folder.name}: no report\n{done.stdout}{done.stderr}")
        cases = {}
        for case in ET.parse(report).iter("testcase"):
            kinds = {child.tag for child in case}
            if "skipped" not in kinds:
                name = f"{case.get('classname')}::{case.get('name')}"
                cases[name] = not kinds & {"failure", "error"}
        return cases


def main() -> int:
    sources = Path(sys.argv[1]).resolve()
    worse_ones = 0
    for library in sys.argv[2:] or SUITES:
        theirs, ours = (run(sources / library, which, SUITES[library]) for which in (False, True))
        worse = [name for name, passed in theirs.items() if passed and not ours.get(name)]
        if worse:
            again = run(sources / library, True, SUITES[library])
            worse = [name for name in worse if not again.get(name)]
        print(
            f"{library}: {sum(ours.values())} of {len(ours)} pass with ferrossl, {sum(theirs.values())} of {len(theirs)} with ssl; "
            f"{len(worse)} worse",
            flush=True,
        )
        if sum(theirs.values()) < 10:
            print(f"{library}: too few tests run with ssl: something is missing", flush=True)
            worse_ones += 1
        for name in worse:
            print(f"  {name}", flush=True)
        worse_ones += len(worse)
    return int(worse_ones > 0)


if __name__ == "__main__":
    sys.exit(main())
