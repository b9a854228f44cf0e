"""`make bench-scale`: what threads bring, in Rust and in Python, and 10,000 connections to one asyncio server.

Each figure comes from a process of its own, the subjects in alternation. With an interpreter that has a GIL, the Python part says
so; a free-threaded one is measured by running this with it (`make bench-scale PYTHON=python3.14t` in a clean checkout).

Usage: python benches/scale.py [--quick] [--plain-loop] [--only threads|connections] [--json FILE] [--date DATE]
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import report
from crowd import CLIENTS, RATE, TURNS, most_connections
from machine import is_free_threaded, machine, versions
from rows import Command
from runner import CORE, ROOT, Runner
from setting import make_pki

COUNTS = (1, 2, 4, 8, 16)
CONNECTIONS = 10_000
RUST = (
    # Title, case, unit, and what turns repetitions a second into the unit.
    ("full handshakes of both ends, TLS 1.3, ECDSA, a second", "handshake-tls13", "1/s", 1.0),
    ("sealing and opening, TLS 1.3, 256 KiB at a time", "open-tls13", "MB/s", 0.262144),
)
PYTHON = (
    ("full handshakes of both ends over memory BIOs, TLS 1.3, ECDSA, a second", "handshakes", "1/s"),
    ("sealing and opening over memory BIOs, TLS 1.3, 256 KiB at a time", "bulk", "MB/s"),
)


def rust_threads(runner: Runner) -> list[dict[str, Any]]:
    """The core with std::thread, beside plain rustls and the openssl crate."""
    tables = []
    subjects = [subject for subject in runner.core_subjects if subject != "aead"]
    for title, case, unit, factor in RUST:
        rates: dict[str, dict[str, float]] = {subject: {} for subject in subjects}
        for count in COUNTS:
            for subject in subjects:
                command = [str(CORE), "threads", case, subject, str(count), "150" if runner.quick else "1000"]
                rates[subject][str(count)] = report.rounded(factor * runner.said(command))
        tables.append(table("Rust", title, unit, rates))
    return tables


def python_threads(runner: Runner) -> list[dict[str, Any]]:
    kind = "free-threaded" if is_free_threaded() else "with its GIL"
    runtime = f"{platform.python_implementation()} {platform.python_version()}, {kind}"
    tables = []
    for title, function, unit in PYTHON:
        rates: dict[str, dict[str, float]] = {"ferrossl": {}, "ssl": {}}
        for count in COUNTS:
            for subject, found in rates.items():
                command = Command("python", ("threads", function, str(count)))
                found[str(count)] = report.rounded(runner.figure(subject, command))
        tables.append(table(runtime, title, unit, rates))
    return tables


def table(runtime: str, title: str, unit: str, rates: dict[str, dict[str, float]]) -> dict[str, Any]:
    print(f"\n{runtime}: {title}, {unit}\n{'threads':>12}" + "".join(f"{count:>12}" for count in COUNTS))
    for subject, found in rates.items():
        print(f"{subject:>12}" + "".join(f"{found[str(count)]:12,.0f}" for count in COUNTS), flush=True)
    return {"runtime": runtime, "title": title, "unit": unit, "rates": rates}


def notes() -> list[str]:
    """What this run cannot show."""
    cores = len(os.sched_getaffinity(0))
    found = [
        f"Measured on {cores} cores: a rate can grow up to {cores} threads, and beyond that the tables show only"
        " what more threads than cores cost. How it grows on more cores is unmeasured."
    ]
    if not is_free_threaded():
        found.append(
            "With a GIL, one thread at a time runs Python; ours lets go of it for handshakes and for data from 4 KiB, `ssl` for the"
            " calls into OpenSSL. Free-threaded Python is unmeasured where no table says so: this run's interpreter has a GIL."
        )
    return found


def connections(runner: Runner) -> dict[str, Any]:
    wanted = 1000 if runner.quick else CONNECTIONS
    count = most_connections(wanted)
    limited = "" if count == wanted else f" (the limit on descriptors, for {wanted:,} wanted)"
    title = (
        f"{count:,} connections{limited} to one asyncio server, each asked {TURNS} times in turn with 100 bytes,"
        f" {RATE:,} requests a second by {CLIENTS} client processes"
    )
    print(f"\n{title}\n")
    made: dict[str, Any] = {"title": title, "subjects": {}, "left_out": {}}
    for subject in ("ferrossl", "ssl", "aiofastnet", "plain"):
        command = Command("python", ("crowd", "server", str(count)))
        why = runner.missing(subject, command)
        try:
            figures = {} if why else runner.figure(subject, command)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            why = str(error)
        if why:
            made["left_out"][subject] = why
            print(f"{subject:>12} left out: {why}")
            continue
        made["subjects"][subject] = {name: report.rounded(number) for name, number in figures.items()}
        said = (f"{name} {report.figure_text(number)}" for name, number in figures.items())
        print(f"{subject:>12} " + "  ".join(said), flush=True)
    return made


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--quick", action="store_true", help="shorter: does it run?")
    arguments.add_argument("--plain-loop", action="store_true", help="asyncio's own loop in place of ours")
    arguments.add_argument("--only", choices=("threads", "connections"))
    arguments.add_argument("--json", type=Path, default=ROOT / "target" / "benches" / "scale.json")
    arguments.add_argument("--date", default=datetime.date.today().isoformat())
    given = arguments.parse_args()
    begin = time.monotonic()
    result: dict[str, Any] = {
        "schema": report.SCHEMA,
        "date": given.date,
        "machine": machine(),
        "versions": versions(),
        "quick": given.quick,
        "plain_loop": given.plain_loop,
        "notes": notes(),
    }
    with tempfile.TemporaryDirectory() as name:
        make_pki(Path(name))
        runner = Runner(Path(name), given.quick, given.plain_loop)
        if given.only != "connections":
            result["threads"] = [*rust_threads(runner), *python_threads(runner)]
        if given.only != "threads":
            result["connections"] = connections(runner)
    result["seconds"] = round(time.monotonic() - begin)
    print("\n" + "\n".join(result["notes"]))
    if not given.only:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(report.dumped(result), encoding="utf-8")
        print(f"\n{given.json}")
    print(f"{result['seconds']} s")


if __name__ == "__main__":
    main()
