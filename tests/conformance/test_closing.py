"""Ends of connections, proper and not."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from typing import Any

import pytest

from ends import RESET_ON_CLOSE, Ends, read

Both = Callable[..., list[Any]]


def test_close_notify_is_the_end(ends: Ends, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        server.sendall(b"last")

        def receive() -> tuple[bytes, bytes]:
            received = read(client, 4), client.recv(10)
            client.unwrap()
            return received

        assert both_at_once(server.unwrap, receive)[1] == (b"last", b"")


def test_unwrapping_leads_back_to_clear_text(ends: Ends, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        plain_client, plain_server = both_at_once(client.unwrap, server.unwrap)
        plain_client.sendall(b"clear")
        assert plain_server.recv(10) == b"clear"
        with pytest.raises(ValueError):
            client.unwrap()


def test_clear_text_right_behind_close_notify_is_not_lost(ends: Ends, both_at_once: Both) -> None:
    with ends.connected() as (client, server):

        def serve() -> None:
            plain = server.unwrap()
            plain.sendall(b"clear text at once")

        def receive() -> bytes:
            return read(client.unwrap(), 18)

        assert both_at_once(serve, receive)[1] == b"clear text at once"


@pytest.mark.parametrize("suppress", [True, False])
def test_an_end_without_close_notify(ends: Ends, suppress: bool) -> None:
    with ends.connected(suppress_ragged_eofs=suppress) as (client, server):
        server.sendall(b"cut")
        socket.socket.shutdown(server, socket.SHUT_RDWR)
        assert client.recv(10) == b"cut"
        if suppress:
            assert client.recv(10) == b""
            assert client.recv_into(bytearray(10)) == 0
        else:
            with pytest.raises(ends.ssl.SSLEOFError) as caught:
                client.recv(10)
            assert caught.value.errno == 8


@pytest.mark.parametrize("suppress", [True, False])
def test_a_connection_that_was_cut_off_is_over_both_ways(ends: Ends, suppress: bool) -> None:
    with ends.connected(suppress_ragged_eofs=suppress) as (client, server):
        socket.socket.shutdown(server, socket.SHUT_WR)
        if suppress:
            assert client.recv(10) == b""
        else:
            with pytest.raises(ends.ssl.SSLEOFError):
                client.recv(10)
        for operation in (lambda: client.send(b"more"), client.do_handshake, lambda: client._sslobj.read(10)):
            with pytest.raises(ends.ssl.SSLEOFError) as caught:
                operation()
            assert caught.value.errno == ends.ssl.SSL_ERROR_EOF


def test_a_reset_is_the_systems_error(ends: Ends) -> None:
    with ends.connected() as (_client, _server):
        pass
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, socket.create_connection(listener.getsockname()) as near:
        far, _ = listener.accept()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        far.close()
        with pytest.raises(OSError) as caught:
            ends.client_context.wrap_socket(near, server_hostname="localhost")
        assert caught.value.errno in (errno.ECONNRESET, errno.EPIPE)


def test_closed_sockets(ends: Ends) -> None:
    with ends.connected() as (client, _server):
        client.close()
        for call in (lambda: client.read(1), lambda: client.write(b"x")):
            with pytest.raises(ValueError):
                call()
        for call in (lambda: client.recv(1), lambda: client.send(b"x")):
            with pytest.raises(OSError):
                call()


def test_unwrapping_keeps_the_timeout(ends: Ends, both_at_once: Any) -> None:
    with ends.connected() as (client, server):
        client.settimeout(7)
        plain, _ = both_at_once(client.unwrap, server.unwrap)
        assert plain.gettimeout() == 7
