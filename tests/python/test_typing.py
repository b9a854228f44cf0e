"""What a type checker in strict mode says of programs that use the package."""

from __future__ import annotations

import ssl as stdlib_ssl
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import ferrossl

pytest.importorskip(
    "mypy", reason="it is installed for the machine that builds, not for the one that only runs"
)

PROGRAM = """
import socket
import ferrossl as ssl
from ferrossl import SSLContext, SSLSocket, TLSVersion

def connect(host: str, context: SSLContext | None = None) -> SSLSocket:
    context = context or ssl.create_default_context()
    context.minimum_version = TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    context.verify_mode = ssl.CERT_REQUIRED
    return context.wrap_socket(socket.create_connection((host, 443)), server_hostname=host)

def talk(connection: SSLSocket) -> bytes:
    incoming: ssl.MemoryBIO = ssl.MemoryBIO()
    try:
        connection.sendall(b"hello")
        incoming.write(connection.recv(1024))
    except ssl.SSLCertVerificationError as error:
        print(error.verify_message, error.verify_hint)
    except ssl.SSLError as error:
        print(error.reason)
    return incoming.read()

ssl.install()
unverified = ssl._create_unverified_context()
"""


def check(program: str, folder: Path) -> str:
    file = folder / "program.py"
    file.write_text(program)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    return ran.stdout + ran.stderr


def test_a_program(tmp_path: Path) -> None:
    assert check(PROGRAM, tmp_path) == "Success: no issues found in 1 source file\n"
    assert "Incompatible types" in check(PROGRAM + "\nwrong: int = ssl.create_default_context()\n", tmp_path)


def test_every_name_of_the_standard_librarys_is_exported(tmp_path: Path) -> None:
    names = [
        name
        for name, value in vars(stdlib_ssl).items()
        if not name.startswith("_") and hasattr(ferrossl, name) and not isinstance(value, ModuleType)
    ]
    assert len(names) > 100
    program = "import ferrossl\n" + "\n".join(f"print(ferrossl.{name})" for name in names)
    assert check(program, tmp_path) == "Success: no issues found in 1 source file\n"
