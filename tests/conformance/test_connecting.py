"""Connecting, accepting, and arguments."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from ends import RESET_ON_CLOSE, Ends

Both = Callable[..., list[Any]]


def test_listening_and_connecting(ends: Ends, both_at_once: Both) -> None:
    with ends.server_context.wrap_socket(
        socket.create_server(("127.0.0.1", 0)), server_side=True
    ) as listener:
        address = listener.getsockname()

        def serve() -> None:
            for _ in range(2):
                server, peer = listener.accept()
                with server:
                    assert isinstance(server, ends.ssl.SSLSocket)
                    assert peer[0] == "127.0.0.1"
                    server.sendall(server.recv(10))

        def connect() -> None:
            with ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost") as client:
                with pytest.raises(OSError):
                    client.getpeername()
                client.connect(address)
                with pytest.raises(ValueError, match="already-connected"):
                    client.connect(address)
                client.sendall(b"echo")
                assert client.recv(10) == b"echo"
            with ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost") as client:
                assert client.connect_ex(address) == 0
                client.sendall(b"again")
                assert client.recv(10) == b"again"

        both_at_once(serve, connect)
        with pytest.raises(ValueError, match="server-side mode"):
            listener.connect(address)
    with ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost") as client:
        assert client.connect_ex(address) == errno.ECONNREFUSED


def test_early_clear_text_is_refused(ends: Ends) -> None:
    """CVE-2023-40217: data from a peer that hung up before the handshake must not be read as TLS data."""
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        peer = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
        peer.sendall(b"DELETE / HTTP/1.0\r\n\r\n")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        peer.close()
        time.sleep(0.05)
        with accepted, pytest.raises(OSError):
            ends.server_context.wrap_socket(accepted, server_side=True)


def test_arguments(ends: Ends) -> None:
    with socket.socket() as plain:
        with pytest.raises(ValueError, match="check_hostname requires server_hostname"):
            ends.client_context.wrap_socket(plain)
        with pytest.raises(ValueError, match="client mode"):
            ends.server_context.wrap_socket(plain, server_side=True, server_hostname="x")
        with pytest.raises(ends.ssl.SSLError, match="Cannot create a client socket"):
            near, far = socket.socketpair()
            with near, far:
                ends.server_context.wrap_socket(near)
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams, pytest.raises(NotImplementedError):
        ends.client_context.wrap_socket(datagrams, server_hostname="localhost")
    with pytest.raises(TypeError, match="public constructor"):
        ends.ssl.SSLSocket()
    with pytest.raises(TypeError, match="public constructor"):
        ends.ssl.SSLObject()
    for name in ("", ".localhost"):
        with pytest.raises(ValueError):
            ends.client_context.wrap_bio(ends.ssl.MemoryBIO(), ends.ssl.MemoryBIO(), server_hostname=name)
    with pytest.raises(TypeError):
        ends.client_context.wrap_bio(ends.ssl.MemoryBIO(), ends.ssl.MemoryBIO(), server_hostname="a\0b")
