"""An idle connection is small, whatever it has carried."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "benches" / "idle.py"
# What a pair of the standard library's socket ends costs, in kB.
LIMIT = 79


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
@pytest.mark.parametrize(
    "kind",
    [
        "sockets, 1 MiB each way",
        "sockets, 1 MiB each way by 1 kB",
        "memory BIOs, 1 MiB each way",
        "memory BIOs, 1 MiB each way by 1 kB",
    ],
)
def test_a_pair_that_has_carried_a_megabyte_each_way(kind: str) -> None:
    command = [sys.executable, str(BENCH), "--pairs", "60", "--one", "ferrossl", kind]
    figure = subprocess.run(command, check=True, capture_output=True, text=True, timeout=100).stdout
    assert float(figure) < LIMIT
