"""On what a run was made, for its JSON."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import ssl
import subprocess
import sysconfig
from pathlib import Path

import ferrossl


def processor() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return names[0] if names else platform.processor() or platform.machine()


def machine() -> dict[str, str | int]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30),
        "system": f"{platform.system()} {platform.release()}",
    }


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not found"


def is_free_threaded() -> bool:
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def versions() -> dict[str, str]:
    """Of what was measured, and of what it was built with."""
    found = {
        "python": f"{platform.python_implementation()} {platform.python_version()}"
        + (", free-threaded" if is_free_threaded() else ""),
        "ferrossl": ferrossl.OPENSSL_VERSION,
        "openssl": ssl.OPENSSL_VERSION,
        "rustc": _said("rustc", "--version"),
    }
    try:
        found["aiofastnet"] = importlib.metadata.version("aiofastnet")
    except importlib.metadata.PackageNotFoundError:
        found["aiofastnet"] = "not installed"
    commit = _said("git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD")
    if commit != "not found":
        found["commit"] = commit
    return found
