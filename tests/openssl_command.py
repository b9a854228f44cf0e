"""The ``openssl`` command, for material that nothing else makes."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest


def openssl(*arguments: str) -> None:
    """Runs it; a failure fails the test. On Windows, where nothing installs it for us, the test is skipped without it."""
    if sys.platform == "win32" and shutil.which("openssl") is None:
        pytest.skip("there is no openssl command on this Windows")
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
