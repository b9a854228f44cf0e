"""wolfSSL, which many small devices speak: data both ways and resumption, in both roles, both versions.

The peer is a program of our own (``wolfssl_peer.c``), compiled against the system's wolfSSL.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from ends import read
from pki import Authority, Leaf

SIZE = 300_000
UP, DOWN = 1, 2
CONNECTIONS = 3
VERSIONS = {"1.2": ferrossl.TLSVersion.TLSv1_2, "1.3": ferrossl.TLSVersion.TLSv1_3}

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform != "linux", reason="scripts/setup installs wolfSSL on Linux"),
]


def body(direction: int) -> bytes:
    return bytes((place * 31 + place // 251 + direction) & 255 for place in range(SIZE))


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("wolfssl") / "peer"
    source = Path(__file__).with_name("wolfssl_peer.c")
    subprocess.run(["cc", "-Wall", "-Werror", "-o", program, source, "-lwolfssl"], check=True)
    return program


@pytest.fixture(params=list(VERSIONS))
def version(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


def limited(context: ferrossl.SSLContext, version: str) -> ferrossl.SSLContext:
    context.minimum_version = context.maximum_version = VERSIONS[version]
    return context


def finish(process: subprocess.Popen[str]) -> list[str]:
    """What it has printed."""
    printed, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    return printed.split()


def run(peer: Path, *arguments: Any) -> subprocess.Popen[str]:
    words = [str(word) for word in (peer, *arguments, CONNECTIONS)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_client_of_wolfssl(peer: Path, authority: Authority, leaf: Leaf, version: str) -> None:
    context = limited(ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER), version)
    context.load_cert_chain(leaf.chain_file, leaf.key_file)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        process = run(peer, "client", version, listener.getsockname()[1], authority.file)
        reused = []
        try:
            for _ in range(CONNECTIONS):
                plain, _ = listener.accept()
                with context.wrap_socket(plain, server_side=True) as sock:
                    reused.append(sock.session_reused)
                    assert read(sock, SIZE) == body(UP)
                    sock.sendall(body(DOWN))
                    assert sock.recv(1) == b""
        finally:
            printed = finish(process)
    assert printed == ["full"] + ["resumed"] * (CONNECTIONS - 1)
    assert reused == [False] + [True] * (CONNECTIONS - 1)


def test_a_server_of_wolfssl(peer: Path, authority: Authority, leaf: Leaf, version: str) -> None:
    context = limited(ferrossl.create_default_context(cafile=str(authority.file)), version)
    process = run(peer, "server", version, leaf.chain_file, leaf.key_file)
    assert process.stdout is not None
    address = ("127.0.0.1", int(process.stdout.readline()))
    session, reused = None, []
    try:
        for _ in range(CONNECTIONS):
            plain = socket.create_connection(address)
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as sock:
                reused.append(sock.session_reused)
                sock.sendall(body(UP))
                assert read(sock, SIZE) == body(DOWN)
                assert sock.recv(1) == b""
                session = sock.session
                assert session is not None and session.has_ticket
    finally:
        printed = finish(process)
    assert printed == ["full"] + ["resumed"] * (CONNECTIONS - 1)
    assert reused == [False] + [True] * (CONNECTIONS - 1)
