"""What the manual says of reading and writing, over sockets and between BIOs, where no other story tells it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ends import Ends, objects, read, shaken

Both = Callable[..., list[Any]]


def test_unexpected_ends(ssl: Any, ends: Ends) -> None:
    def ended(ignored: bool, ragged: bool) -> Any:
        ends.client_context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        if ignored:
            ends.client_context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
        with ends.connected(suppress_ragged_eofs=ragged) as (client, server):
            socket.socket(fileno=server.detach()).close()
            try:
                return client.recv(1)
            except ssl.SSLError as error:
                return type(error)

    assert ended(False, True) == b""
    assert ended(False, False) is ssl.SSLEOFError
    assert ended(True, False) == b""


def test_files_are_sent(ssl: Any, ends: Ends, both_at_once: Both, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(os.urandom(300_000))
    with ends.connected() as (client, server), (tmp_path / "file").open("rb") as file:
        sent, received = both_at_once(lambda: client.sendfile(file), lambda: read(server, 300_000))
    assert sent == 300_000
    assert hashlib.sha256(received).digest() == hashlib.sha256((tmp_path / "file").read_bytes()).digest()


def test_the_time_for_a_shutdown_is_one(ssl: Any, ends: Ends) -> None:
    """A peer that keeps sending does not stretch it."""
    with ends.connected() as (client, server):
        client.settimeout(0.5)
        stop = threading.Event()

        def chatter() -> None:
            while not stop.wait(0.1):
                with contextlib.suppress(OSError):
                    server.sendall(b"x")

        thread = threading.Thread(target=chatter)
        thread.start()
        started = time.monotonic()
        with pytest.raises(OSError):
            client.unwrap()
        stop.set()
        thread.join()
        assert time.monotonic() - started < 5


def test_nothing_can_be_written(ssl: Any, ends: Ends) -> None:
    with ends.connected() as (client, server):
        assert client.send(b"") == 0
        client.sendall(b"")
        client.sendall(b"x")
        assert server.recv(10) == b"x"
    client, server = objects(ssl, ends)
    shaken(ssl, client, server)
    assert client.write(b"") == 0


def test_reading_into_buffers(ssl: Any, ends: Ends) -> None:
    with ends.connected() as (client, server):
        server.sendall(b"abcdef")
        buffer = bytearray(10)
        assert client.read(3, buffer) == 3
        assert buffer[:3] == b"abc"
        assert client.read(10) == b"def"


def test_reading_and_writing_need_a_connection(ssl: Any, ends: Ends) -> None:
    with ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost") as unconnected:
        assert unconnected.cipher() is None
        assert unconnected.shared_ciphers() is None
        assert unconnected.version() is None
        assert unconnected.selected_alpn_protocol() is None
        assert unconnected.get_channel_binding() is None
        assert unconnected.session is None
        with pytest.raises(OSError):
            unconnected.recv(1)
        with pytest.raises(OSError):
            unconnected.send(b"x")
        with pytest.raises(OSError):
            unconnected.getpeercert()
    client, _server = objects(ssl, ends)
    with pytest.raises(ValueError, match="handshake not done yet"):
        client.getpeercert()
    with pytest.raises(ssl.SSLWantReadError):
        client.read(1)
    assert client.cipher() is None
    assert client.version() is None


def test_after_unwrap_the_socket_goes_on_in_clear_text(ssl: Any, ends: Ends, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        plain, other = both_at_once(client.unwrap, server.unwrap)
        plain.sendall(b"clear")
        assert other.recv(5) == b"clear"
        for end in (client, server):
            with pytest.raises((ValueError, OSError)):
                end.write(b"x")


def test_handshakes_by_hand(ssl: Any, ends: Ends, both_at_once: Both) -> None:
    near, far = socket.socketpair()
    with near, far:
        client = ends.client_context.wrap_socket(
            near, server_hostname="localhost", do_handshake_on_connect=False
        )
        server = ends.server_context.wrap_socket(far, server_side=True, do_handshake_on_connect=False)
        assert client.version() is None
        both_at_once(client.do_handshake, server.do_handshake)
        assert client.version() == "TLSv1.3"
        with client, server:
            pass


def test_a_part_of_a_record(ssl: Any, ends: Ends) -> None:
    """Readable is not the same as data: a record that is not whole gives nothing yet."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ends.client_context.wrap_bio(down, up, server_hostname="localhost")
    server = ends.server_context.wrap_bio(up, down, server_side=True)
    shaken(ssl, client, server)
    server.write(b"hello")
    record = down.read()
    for byte in record[:-1]:
        down.write(bytes([byte]))
        with pytest.raises(ssl.SSLWantReadError):
            client.read(5)
    down.write(record[-1:])
    assert client.read(2) == b"he"
    assert client.pending() == 3
    assert client.read(5) == b"llo"


def test_a_full_socket(ssl: Any, ends: Ends) -> None:
    with ends.connected() as (client, server):
        client.setblocking(False)
        with pytest.raises(ssl.SSLWantReadError):
            client.recv(1)
        with pytest.raises(ssl.SSLWantWriteError):
            while True:
                client.send(b"x" * 65536)
        assert server.recv(1) == b"x"


def test_objects_do_no_handshake_by_themselves(ssl: Any, ends: Ends) -> None:
    client, server = objects(ssl, ends)
    assert client.version() is None
    shaken(ssl, client, server)
    assert client.version() == "TLSv1.3"
    server.write(b"bye")
    with pytest.raises(ssl.SSLWantReadError):
        server.unwrap()
    assert client.read(3) == b"bye"
    assert client.unwrap() is None
    assert server.unwrap() is None


def test_an_object_sees_the_end_of_its_bio(ssl: Any, ends: Ends) -> None:
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ends.client_context.wrap_bio(down, up, server_hostname="localhost")
    server = ends.server_context.wrap_bio(up, down, server_side=True)
    shaken(ssl, client, server)
    down.write_eof()
    with pytest.raises(ssl.SSLEOFError):
        while True:
            client.read(1)


def test_bios(ssl: Any) -> None:
    bio = ssl.MemoryBIO()
    assert bio.write(b"abc") == 3
    bio.write_eof()
    assert not bio.eof
    with pytest.raises(ssl.SSLError, match="cannot write"):
        bio.write(b"x")
    assert bio.read() == b"abc"
    assert bio.eof


def test_makefile(ssl: Any, ends: Ends) -> None:
    with ends.connected() as (client, server):
        server.sendall(b"one\ntwo\n")
        with client.makefile("rb") as lines:
            assert isinstance(lines, io.BufferedReader)
            assert lines.readline() == b"one\n"
            assert lines.readline() == b"two\n"
