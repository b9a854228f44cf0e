"""What README.md shows runs, and prints what it says."""

from __future__ import annotations

import asyncio
import re
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ferrossl
import ferrossl.asyncio
from pki import Authority

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
NAME = "example.org"
getaddrinfo, create_server = socket.getaddrinfo, socket.create_server


def block(beginning: str) -> str:
    """The one snippet that has this text."""
    found = [text for text in PYTHON if beginning in text]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def example(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Stands in for example.org: every connection gets an answer. The port."""
    leaf = authority.issue(NAME)
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain_file, leaf.key_file)
    listener = create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    if connection.recv(1024):
                        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
            except OSError:
                plain.close()

    server = threading.Thread(target=serve, daemon=True)
    server.start()

    def resolve(host: Any, *arguments: Any, **more: Any) -> Any:
        if host == NAME:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        return getaddrinfo(host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("SSL_CERT_DIR", "")
    yield port
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    server.join(10)


def test_each_snippet_has_a_test() -> None:
    beginnings = (
        "# the one-line swap",
        "GET / HTTP",
        "await ",
        "loop_factory",
        "create_server",
        "verify_hint",
        "install()",
    )
    assert [text for text in PYTHON if not any(beginning in text for beginning in beginnings)] == []


def test_the_swap() -> None:
    names: dict[str, Any] = {}
    exec(block("# the one-line swap"), names)
    assert names["ssl"] is ferrossl


def test_a_client(example: int, capsys: pytest.CaptureFixture[str]) -> None:
    exec(block("GET / HTTP/1.0"), {})
    printed = capsys.readouterr().out
    assert printed.startswith("TLSv1.3 ('TLS_AES_256_GCM_SHA384', 'TLSv1.3', 256)\n")
    assert r"HTTP/1.0 200 OK\r\n\r\n" in printed


def test_asyncio(example: int) -> None:
    code = "async def main():\n" + textwrap.indent(block("await "), "    ") + "\n    return reader, writer"
    names: dict[str, Any] = {"asyncio": asyncio, "ferrossl": ferrossl}
    exec(code, names)

    async def ask() -> bytes:
        reader, writer = await names["main"]()
        writer.write(b"GET /\r\n\r\n")
        answer: bytes = await reader.readline()
        writer.close()
        return answer

    assert asyncio.run(ask()) == b"HTTP/1.0 200 OK\r\n"


def test_asyncios_loop() -> None:
    async def main() -> None:
        assert type(asyncio.get_running_loop()) is ferrossl.asyncio.EventLoop
        seen.append(True)

    seen: list[bool] = []
    exec(block("loop_factory"), {"main": main})
    assert seen == [True]


def test_a_server(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leaf = authority.issue("localhost")
    (tmp_path / "chain.pem").write_bytes(Path(leaf.chain_file).read_bytes())
    (tmp_path / "key.pem").write_bytes(Path(leaf.key_file).read_bytes())
    monkeypatch.chdir(tmp_path)
    addresses: list[tuple[str, int]] = []
    is_there = threading.Event()

    def anywhere(address: tuple[str, int]) -> socket.socket:
        assert address == ("", 8443)
        listener = create_server(("127.0.0.1", 0))
        addresses.append(listener.getsockname())
        is_there.set()
        return listener

    monkeypatch.setattr(socket, "create_server", anywhere)
    server = threading.Thread(target=exec, args=(block("create_server"), {}), daemon=True)
    server.start()
    assert is_there.wait(10)
    context = ferrossl.create_default_context(cafile=authority.file)
    with (
        socket.create_connection(addresses[0]) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert secure.recv(100) == b"hello\n"
    server.join(10)
    assert not server.is_alive()


def test_an_error(example: int, authority: Authority, capsys: pytest.CaptureFixture[str]) -> None:
    """Each line is followed by what it prints."""
    code = block("verify_hint")
    context = ferrossl.create_default_context()
    with socket.create_connection(("127.0.0.1", example)) as plain:
        exec(code, {"ssl": ferrossl, "context": context, "plain": plain})
    printed = capsys.readouterr().out.splitlines()
    said = re.findall(r"print\(.*\) +# (.*)", code)
    assert len(printed) == len(said) == 3
    assert printed[0].startswith(said[0].rstrip("…"))
    assert printed[1] == said[1].partition(",")[0]
    assert printed[2] == said[2].replace("localhost, 127.0.0.1", NAME)


def test_a_whole_program() -> None:
    code = block("install()") + "\nimport ssl\nprint(ssl is ferrossl)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_rust() -> None:
    """The lines stand in the example at the head of the crate, which is compiled with its documentation."""
    (shown,) = re.findall(r"```rust\n(.*?)```", README, re.DOTALL)
    head = (ROOT / "crates/ferrossl/src/lib.rs").read_text()
    compiled = [line.removeprefix("//!").strip() for line in head.splitlines() if line.startswith("//!")]
    lines = [re.sub(r"\b(ferrossl|std::net)::", "", line) for line in shown.splitlines()]
    assert len(lines) >= 4
    places = [compiled.index(line) for line in lines]
    assert places == sorted(places)
