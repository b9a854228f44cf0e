"""What a measured process has: its subject's module and contexts, the PKI's files, and a peer in another process.

A subject is whose work is measured: `ferrossl`, `ssl`, or `plain`, which is no TLS at all and so the limit. `aiofastnet` is the
standard library's `ssl` under asyncio's transports of that name.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
SHARE = float(os.environ.get("FERROSSL_BENCH_SHARE", "1"))
"""Which part of its repetitions each measurement does; `--quick` makes it small."""

PKI_KINDS = ("p256", "rsa2048")


def times(count: int) -> int:
    """How often to repeat what is repeated `count` times in a full run."""
    return max(4, int(count * SHARE))


def make_pki(folder: Path) -> None:
    """Authorities and leaves for `localhost`, in files that every process reads."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from pki import Authority

    for kind in PKI_KINDS:
        Authority(folder / kind, kind=kind).issue("localhost")


class Setting:
    """One subject in one process."""

    def __init__(self, subject: str, folder: Path) -> None:
        self.subject = subject
        self.folder = folder

    @property
    def is_plain(self) -> bool:
        return self.subject == "plain"

    @property
    def ssl(self) -> ModuleType:
        """The subject's module. Whoever imports it pays for it, so it is imported when it is needed."""
        if self.subject == "ferrossl":
            import ferrossl

            return ferrossl
        import ssl

        return ssl

    def client(self, version: str = "", kind: str = "p256") -> Any:
        """A client's context that trusts the authority; for one version of the protocol (`TLSv1_3`), or as it comes."""
        context = self.ssl.create_default_context(cafile=self.folder / kind / "ca.pem")
        return self._only(context, version)

    def server(self, version: str = "", kind: str = "p256") -> Any:
        context = self.ssl.SSLContext(self.ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / kind / "leaf1.pem", self.folder / kind / "leaf1.key")
        return self._only(context, version)

    def _only(self, context: Any, version: str) -> Any:
        if version:
            context.minimum_version = context.maximum_version = self.ssl.TLSVersion[version]
        return context

    def connected(self, raw: socket.socket, context: Any) -> Any:
        """The client's end over a connected socket; the socket itself where there is no TLS."""
        return raw if self.is_plain else context.wrap_socket(raw, server_hostname="localhost")

    def accepted(self, raw: socket.socket, context: Any) -> Any:
        return raw if self.is_plain else context.wrap_socket(raw, server_side=True)

    def contexts(self, version: str = "") -> tuple[Any, Any]:
        """A client's and a server's; nothing where there is no TLS."""
        return (None, None) if self.is_plain else (self.client(version), self.server(version))

    @contextlib.contextmanager
    def peer(self, module: str, function: str, *arguments: object, subject: str = "") -> Iterator[Peer]:
        """The other end in a process of its own; it is waited for."""
        command = measured(module, function, subject or self.subject, self.folder, *arguments)
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield Peer(process)
                process.wait(60)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise RuntimeError(f"the peer of {module}.{function} failed")


class Peer:
    """A process that says lines and is told lines."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def hears(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the peer ended")
        return line.strip()

    def tell(self, line: str = "") -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()


def say(line: object) -> None:
    """To the process that has started this one."""
    print(line, flush=True)


def hear() -> str:
    """What the process that has started this one says; nothing at its end."""
    return sys.stdin.readline().strip()


def measured(module: str, function: str, subject: str, folder: Path, *arguments: object) -> list[str]:
    """The command of a process that does one measurement."""
    return [
        sys.executable,
        str(HERE / "measured.py"),
        module,
        function,
        subject,
        str(folder),
        *map(str, arguments),
    ]
