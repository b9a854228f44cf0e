"""What a process pays before its first connection: the import, and a context."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from setting import Setting, times

# What a program with sockets has loaded anyway does not count.
PROGRAM = """
import socket, enum, collections, os, time
begin = time.process_time()
{statement}
print(time.process_time() - begin)
"""


def _imports(statement: str) -> float:
    """Milliseconds of the processor's time, the median of fresh processes; the first, which may compile, is not counted."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", PROGRAM.format(statement=statement)]
    took = [
        float(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
        for _ in range(1 + times(5))
    ]
    return 1000 * statistics.median(took[1:])


def importing(setting: Setting) -> float:
    return _imports(f"import {setting.subject}")


def importing_before_http(setting: Setting) -> float:
    stand_in = "import ferrossl; ferrossl.install(); " if setting.subject == "ferrossl" else ""
    return _imports(stand_in + "import http.client")


def default_context(setting: Setting) -> float:
    """Microseconds for a default context, the first of the process not counted."""
    make = setting.ssl.create_default_context
    make()
    count = times(400 if setting.subject == "ferrossl" else 6)
    begin = time.process_time()
    for _ in range(count):
        make()
    return 1e6 * (time.process_time() - begin) / count
