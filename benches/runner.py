"""Runs one measurement in a fresh process, or says why it cannot be made here."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from rows import Command
from setting import HERE, measured

ROOT = HERE.parent
CORE = ROOT / "target" / "release" / "ferrossl-benches"
OUR_LOOP = {("loops", "protocols"), ("loops", "protocols_of_two"), ("many", "idle"), ("crowd", "server")}
"""What runs on our transport for asyncio."""
LONGEST = 180
"""Seconds that one process may take."""


class Runner:
    """One run's choices. `folder` has the PKI's files."""

    def __init__(self, folder: Path, quick: bool, plain_loop: bool) -> None:
        self.quick = quick
        self.folder = folder
        self.core_subjects = self._core_subjects()
        self.plain_loop = plain_loop
        self.environment = dict(os.environ)
        if quick:
            self.environment["FERROSSL_BENCH_SHARE"] = "0.3"
        if plain_loop:
            self.environment["FERROSSL_BENCH_LOOP"] = "plain"

    def _core_subjects(self) -> list[str]:
        if not CORE.exists():
            return []
        return subprocess.run([CORE, "subjects"], capture_output=True, text=True, check=True).stdout.split()

    def missing(self, subject: str, command: Command) -> str:
        """Why a subject cannot be measured here; nothing if it can."""
        if command.kind == "core":
            if not self.core_subjects:
                return "the Rust benches are not built (`make bench` does)"
            if command.arguments[1] not in self.core_subjects:
                return "OpenSSL's headers were not here to build it with"
        if command.kind == "idle":
            from idle import KINDS

            if command.arguments[1] not in KINDS:
                return f"idle.py has no kind {command.arguments[1]!r}"
        if subject == "aiofastnet" and importlib.util.find_spec("aiofastnet") is None:
            return "not installed (`pip install aiofastnet`)"
        needs_ours = subject == "ferrossl" and command.arguments[:2] in OUR_LOOP and not self.plain_loop
        if needs_ours and importlib.util.find_spec("ferrossl.asyncio") is None:
            return "`ferrossl.asyncio` is not there"
        return ""

    def argv(self, subject: str, command: Command) -> list[str]:
        if command.kind == "core":
            return [str(CORE), "case", *command.arguments, "40" if self.quick else "100"]
        if command.kind == "idle":
            pairs = "50" if self.quick else "200"
            return [sys.executable, str(HERE / "idle.py"), "--pairs", pairs, "--one", *command.arguments]
        module, function, *arguments = command.arguments
        if self.quick and (module, function) == ("many", "idle"):
            arguments = ["500"]
        return measured(module, function, subject, self.folder, *arguments)

    def figure(self, subject: str, command: Command) -> Any:
        """A figure in the row's unit; a dictionary where the scenario has several rows.

        RuntimeError where the process fails, `subprocess.TimeoutExpired` where it does not end."""
        figure = self.said(self.argv(subject, command))
        return figure if isinstance(figure, dict) else figure * command.factor

    def said(self, argv: list[str]) -> Any:
        """The last line of a process, which is JSON."""
        done = subprocess.run(argv, capture_output=True, text=True, env=self.environment, timeout=LONGEST)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["it failed"]
            raise RuntimeError(lines[-1])
        return json.loads(done.stdout.splitlines()[-1])
