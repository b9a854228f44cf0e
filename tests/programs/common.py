"""What the programs share. Each is a script of its own, which ``run.py`` starts with these variables set:

MODE      "stdlib" (the control: nothing of ferrossl), "stand-in" (``ferrossl.install()`` before anything else), or "side"
          (a context of ferrossl is handed to the library, and ``ssl`` is the standard library's)
VERSION   "1.2" or "1.3", for those that ask
CASE      which of several stories, for those that have them
FILES     a folder with ca.pem, server.pem and server.key, client.pem and client.key, bundle.pem
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MODE = os.environ["MODE"]
VERSION = os.environ.get("VERSION", "1.3")
CASE = os.environ.get("CASE", "")
FILES = Path(os.environ["FILES"])
CA, CHAIN, KEY = (str(FILES / name) for name in ("ca.pem", "server.pem", "server.key"))
CLIENT_CHAIN, CLIENT_KEY = (str(FILES / name) for name in ("client.pem", "client.key"))
PEER = str(Path(__file__).with_name("peer.py"))
NUMBER = {"1.2": 0x303, "1.3": 0x304}[VERSION]


def begin() -> Any:
    """The module to make contexts with. To be called before the library is imported."""
    if MODE == "stdlib":
        import ssl

        return ssl
    import ferrossl

    if MODE == "stand-in":
        with warnings.catch_warnings():
            # That it comes too late would be the case's own fault.
            warnings.simplefilter("error")
            ferrossl.install()
    return ferrossl


def server_context(ssl: Any) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CHAIN, KEY)
    context.maximum_version = NUMBER
    return context


def client_context(ssl: Any) -> Any:
    context = ssl.create_default_context(cafile=CA)
    context.maximum_version = NUMBER
    return context


def peer(*arguments: Any) -> str:
    """Runs the standard library's other end to its own end; returns what it says."""
    done = subprocess.run(
        [sys.executable, PEER, *map(str, arguments)], capture_output=True, text=True, timeout=20, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


@contextlib.contextmanager
def peer_server(*arguments: Any) -> Iterator[int]:
    """Runs the standard library's server; its port."""
    with subprocess.Popen(
        [sys.executable, PEER, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def expect(condition: Any, *what: Any) -> None:
    if not condition:
        raise SystemExit(f"not as expected: {what}")


def is_ours(thing: Any) -> None:
    """The connection (or context) is ferrossl's where it should be, and only there."""
    module = type(thing).__mro__
    ours = any(kind.__module__.partition(".")[0] == "ferrossl" for kind in module)
    expect(ours == (MODE != "stdlib"), f"{type(thing)} in the mode {MODE}")
