"""Data both ways, in any buffer."""

from __future__ import annotations

import array
import io
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ends import Ends, read
from pki import Authority, Leaf

Both = Callable[..., list[Any]]


def test_data_flows_both_ways(ends: Ends, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        client.sendall(b"question")
        assert server.recv(100) == b"question"
        assert server.send(b"answer") == 6
        buffer = bytearray(10)
        assert client.recv_into(buffer) == 6
        assert buffer[:6] == b"answer"
        body = bytes(range(256)) * 4096
        received = bytearray()

        def receive() -> None:
            while len(received) < len(body):
                received.extend(server.recv(70000))

        both_at_once(lambda: client.sendall(body), receive)
        assert received == body


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, lambda b: array.array("I", b)])
def test_any_buffer_can_be_sent(ends: Ends, make: Callable[[bytes], Any]) -> None:
    with ends.connected() as (client, server):
        data = bytes(range(64))
        client.sendall(make(data))
        assert server.recv(1000) == data
        assert client.send(make(data)) == 64
        assert server.recv(1000) == data


def test_receive_into_parts_of_buffers(ends: Ends) -> None:
    with ends.connected() as (client, server):
        server.sendall(b"abcdefgh")
        buffer = bytearray(b"........")
        assert client.recv_into(buffer, 3) == 3
        assert client.recv_into(memoryview(buffer)[4:6]) == 2
        assert buffer == b"abc.de.."
        assert client.pending() == 3
        numbers = array.array("H", [0] * 4)
        assert client.recv_into(numbers) == 3
        assert numbers.tobytes()[:3] == b"fgh"
        assert client.pending() == 0
        with pytest.raises(TypeError):
            client.recv_into(b"read-only")


def test_nothing_is_nothing(ends: Ends) -> None:
    with ends.connected() as (client, server):
        assert client.send(b"") == 0
        client.sendall(b"")
        assert client.recv(0) == b""
        server.sendall(b"x")
        assert client.recv(0) == b""
        assert client.recv(1) == b"x"
        with pytest.raises(ValueError):
            client.recv(-1)


def test_files(ends: Ends, tmp_path: Path, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        with server.makefile("rwb") as stream:
            stream.write(b"line one\nline two\n")
            stream.flush()
        with client.makefile("r", encoding="ascii", newline="\n") as stream:
            assert stream.readline() == "line one\n"
            assert stream.readline() == "line two\n"
        path = tmp_path / "file"
        path.write_bytes(b"0123456789" * 10000)
        with path.open("rb") as file:
            sent, received = both_at_once(
                lambda: client.sendfile(file, 5, 50000),
                lambda: read(server, 50000),
            )
            assert sent == 50000
            assert file.tell() == 50005
        assert received == path.read_bytes()[5:50005]
        assert client.sendfile(io.BytesIO(b"memory")) == 6
        assert read(server, 6) == b"memory"


def test_what_tls_has_no_place_for(ends: Ends) -> None:
    with ends.connected() as (client, _server):
        for call in (
            lambda: client.send(b"x", socket.MSG_OOB),
            lambda: client.sendall(b"x", socket.MSG_OOB),
            lambda: client.recv(1, socket.MSG_PEEK),
            lambda: client.recv_into(bytearray(1), 1, socket.MSG_PEEK),
            lambda: client.sendto(b"x", ("127.0.0.1", 9)),
            lambda: client.recvfrom(1),
            lambda: client.recvfrom_into(bytearray(1)),
        ):
            with pytest.raises(ValueError):
                call()
        for refused in (client.dup, lambda: client.sendmsg([b"x"]), lambda: client.recvmsg(1)):
            with pytest.raises(NotImplementedError):
                refused()
        with pytest.raises(NotImplementedError):
            client.recvmsg_into([bytearray(1)])


def test_a_blocking_send_takes_everything(
    ssl: Any, authority: Authority, leaf: Leaf, both_at_once: Both
) -> None:
    """As with OpenSSL: programs that do not look at what send() returns rely on it."""
    data = bytes(range(256)) * 8192
    with Ends(ssl, authority, leaf).connected() as (client, server):
        for timeout in (None, 30):
            client.settimeout(timeout)
            sent, received = both_at_once(lambda: client.send(data), lambda: read(server, len(data)))
            assert sent == len(data)
            assert received == data
