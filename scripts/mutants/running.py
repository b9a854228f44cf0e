"""Running a command on a mutant: an end to its time and its memory, and the switch in its environment."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MEMORY = 8 << 30
"""Bytes of address space; a mutant that grows for ever must not take the machine with it."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int | None
    """None when it ran out of time."""
    output: str

    @property
    def hangs(self) -> bool:
        return self.status is None


def run(command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], seconds: float) -> Done:
    """Runs it in a process group of its own, which ends with it."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=_limit_memory,
    )
    status: int | None
    try:
        output, _ = process.communicate(timeout=seconds)
        status = process.returncode
    except subprocess.TimeoutExpired:
        status = None
        _end(process.pid)
        output, _ = process.communicate()
    _end(process.pid)
    return Done(status, output)


def _end(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def numbers_in(trace: Path) -> set[int]:
    """The mutants that a trace names."""
    return {int(line) for line in trace.read_text().split()} if trace.exists() else set()
