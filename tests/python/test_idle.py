"""An idle connection is small, whatever it has carried."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "benches" / "idle.py"
# So many pairs that what the process keeps for all of them, a megabyte of buffers, does not count. In kB: half as much again as was measured, and far below the standard library's 41 and 14.
PAIR = 22
SERVER = 6.5

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")


def measured(*options: str) -> float:
    command = [sys.executable, str(BENCH), *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=100)
    return float(done.stdout.split()[0])


@pytest.mark.parametrize(
    "kind",
    [
        "sockets, 1 kB each way",
        "sockets, 1 MiB each way",
        "sockets, 1 MiB each way by 1 kB",
        "memory BIOs, 1 kB each way",
        "memory BIOs, 1 MiB each way",
        "memory BIOs, 1 MiB each way by 1 kB",
    ],
)
def test_a_pair_that_has_carried_something_each_way(kind: str) -> None:
    assert measured("--pairs", "300", "--one", "ferrossl", kind) < PAIR


def test_many_connections_of_a_server() -> None:
    assert measured("--serve", "ferrossl", "400") < SERVER
