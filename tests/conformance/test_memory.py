"""Memory BIOs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from ends import Ends

Both = Callable[..., list[Any]]


def test_memory_bio(ssl: Any) -> None:
    bio = ssl.MemoryBIO()
    assert (bio.read(), bio.pending, bio.eof) == (b"", 0, False)
    assert bio.write(b"abc") == 3
    assert bio.write(bytearray(b"def")) == 3
    assert bio.read(2) == b"ab"
    assert bio.pending == 4
    bio.write_eof()
    assert not bio.eof
    assert bio.read(-1) == b"cdef"
    assert bio.eof
    with pytest.raises(ssl.SSLError, match="cannot write"):
        bio.write(b"x")
    for wrong in ("text", None, 1):
        with pytest.raises(TypeError):
            bio.write(wrong)


class MemoryEnds:
    """A client and a server between memory BIOs."""

    def __init__(self, ends: Ends) -> None:
        self.ssl = ends.ssl
        self.to_client, self.to_server = ends.ssl.MemoryBIO(), ends.ssl.MemoryBIO()
        self.client = ends.client_context.wrap_bio(
            self.to_client, self.to_server, server_hostname="localhost"
        )
        self.server = ends.server_context.wrap_bio(self.to_server, self.to_client, server_side=True)

    def handshake(self) -> None:
        for _ in range(6):
            for side in (self.client, self.server):
                with contextlib.suppress(self.ssl.SSLWantReadError):
                    side.do_handshake()


def test_objects_between_bios(ends: Ends) -> None:
    memory = MemoryEnds(ends)
    client, server = memory.client, memory.server
    with pytest.raises(ends.ssl.SSLWantReadError):
        client.do_handshake()
    assert client.version() is None
    assert client.cipher() is None
    memory.handshake()
    assert client.version() == "TLSv1.3"
    assert client.server_hostname == "localhost"
    assert client.context is ends.client_context
    assert client.write(b"x" * 100000) == 100000
    received = b""
    while len(received) < 100000:
        received += server.read(100000)
    assert received == b"x" * 100000
    with pytest.raises(ends.ssl.SSLWantReadError):
        server.read()
    server.write(b"into")
    buffer = bytearray(8)
    assert client.read(8, buffer) == 4
    assert buffer[:4] == b"into"
    with pytest.raises(ends.ssl.SSLWantReadError):
        client.unwrap()
    assert server.read() == b""
    server.unwrap()
    client.unwrap()


def test_clear_text_stays_in_the_bio(ends: Ends) -> None:
    memory = MemoryEnds(ends)
    memory.handshake()
    with contextlib.suppress(ends.ssl.SSLWantReadError):
        memory.client.read()
    with pytest.raises(ends.ssl.SSLWantReadError):
        memory.server.unwrap()
    memory.to_client.write(b"clear text")
    memory.client.unwrap()
    assert memory.to_client.read() == b"clear text"


def test_a_bio_that_ends_early(ends: Ends) -> None:
    memory = MemoryEnds(ends)
    memory.handshake()
    memory.to_client.write_eof()
    with pytest.raises(ends.ssl.SSLEOFError):
        memory.client.read()


def test_other_protocols_are_named(ends: Ends) -> None:
    for words, reason in (
        (b"GET / HTTP/1.0\r\n\r\n", "HTTP_REQUEST"),
        (b"CONNECT a:1 HTTP/1.0\r\n\r\n", "HTTPS_PROXY_REQUEST"),
        (b"SSH-2.0-something", "WRONG_VERSION_NUMBER"),
    ):
        memory = MemoryEnds(ends)
        memory.to_server.write(words)
        with pytest.raises(ends.ssl.SSLError) as caught:
            memory.server.do_handshake()
        assert (caught.value.library, caught.value.reason) == ("SSL", reason)
