"""Timeouts and non-blocking sockets."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ends import Ends, read

Both = Callable[..., list[Any]]


def test_timeouts(ends: Ends) -> None:
    with ends.connected() as (client, _server):
        client.settimeout(0.05)
        begin = time.monotonic()
        with pytest.raises(TimeoutError, match="The read operation timed out"):
            client.recv(1)
        assert time.monotonic() - begin >= 0.05
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(0.05)
        with pytest.raises(TimeoutError, match="handshake operation timed out"):
            ends.client_context.wrap_socket(near, server_hostname="localhost")


def test_non_blocking(ends: Ends) -> None:
    with ends.connected() as (client, server):
        client.setblocking(False)
        with pytest.raises(ends.ssl.SSLWantReadError):
            client.recv(10)
        # TLS 1.3 tickets may lie there already; wait for the data proper.
        server.sendall(b"x" * 40000)
        received = b""
        while len(received) < 40000:
            try:
                received += client.recv(9000)
            except ends.ssl.SSLWantReadError:
                select.select([client], [], [], 5)
        assert received == b"x" * 40000
        piece = bytes(range(256)) * 1024
        sent = 0
        with pytest.raises(ends.ssl.SSLWantWriteError):
            while sent < 1 << 28:
                sent += client.send(piece[sent % len(piece) :])
        # Whatever was reported as sent arrives once; the piece that was refused is tried again.
        total = sent + len(piece)
        hasher = threading.Thread(target=lambda: results.append(read(server, total)))
        results: list[bytes] = []
        hasher.start()
        while sent < total:
            try:
                sent += client.send(piece[sent % len(piece) :][: total - sent])
            except ends.ssl.SSLWantWriteError:
                select.select([], [client], [], 5)
        hasher.join(30)
        expected = (piece * (total // len(piece) + 1))[:total]
        assert results[0] == expected


def test_non_blocking_handshake(ends: Ends) -> None:
    near, far = socket.socketpair()
    near.setblocking(False)
    far.setblocking(False)
    with (
        ends.client_context.wrap_socket(
            near, server_hostname="localhost", do_handshake_on_connect=False
        ) as client,
        ends.server_context.wrap_socket(far, server_side=True, do_handshake_on_connect=False) as server,
    ):
        with pytest.raises(ValueError, match="handshake not done yet"):
            client.getpeercert()
        done = set()
        deadline = time.monotonic() + 10
        while len(done) < 2 and time.monotonic() < deadline:
            for sock in (client, server):
                with contextlib.suppress(ends.ssl.SSLWantReadError):
                    sock.do_handshake()
                    done.add(sock)
        assert len(done) == 2
        assert client.getpeercert()["subjectAltName"]
