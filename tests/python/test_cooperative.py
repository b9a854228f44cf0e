"""Waiting where ``select.select`` is not the system's: gevent and eventlet put functions of theirs in its place.

Their own programs are in tests/programs; here a function that counts stands in for theirs.
"""

from __future__ import annotations

import select
import socket
import ssl as stdlib_ssl
import time
from collections.abc import Callable
from typing import Any

import pytest

import ferrossl
from ends import Ends
from ferrossl import _cooperative
from pki import Authority, Leaf

Both = Callable[..., list[Any]]
SIZE = 4_000_000


class Select:
    """Waits in the system, and notes who has waited for what."""

    def __init__(self, system: Any) -> None:
        self.system = system
        self.waited: list[tuple[bool, bool]] = []

    def __call__(self, read: list[int], write: list[int], other: list[int], left: float | None) -> Any:
        self.waited.append((bool(read), bool(write)))
        return self.system(read, write, other, left)

    def has_waited(self, what: tuple[bool, bool]) -> None:
        """Comes back once somebody has waited for that."""
        end = time.monotonic() + 20
        while what not in self.waited:
            assert time.monotonic() < end, f"nobody has waited for {what}"
            time.sleep(0.001)


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> Select:
    replacement = Select(select.select)
    monkeypatch.setattr(select, "select", replacement)
    return replacement


@pytest.fixture
def ends(authority: Authority, leaf: Leaf) -> Ends:
    return Ends(ferrossl, authority, leaf)


def test_only_where_the_function_was_replaced(ends: Ends) -> None:
    with ends.connected() as (client, server):
        for end in (client, server):
            assert not isinstance(end._sslobj, _cooperative.CooperativeConnection)


def test_every_wait_goes_through_it(ends: Ends, replaced: Select, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        assert replaced.waited, "the handshake has waited in the system"
        for end in (client, server):
            assert isinstance(end._sslobj, _cooperative.CooperativeConnection)
            assert end.version() == "TLSv1.3"
            assert end.context in (ends.client_context, ends.server_context)
        replaced.waited.clear()

        def receive() -> int:
            replaced.has_waited((False, True))
            received = 0
            while received < SIZE:
                received += len(client.recv(1 << 16))
            return received

        def send_late() -> None:
            replaced.has_waited((True, False))
            server.sendall(b"late")

        sent, received = both_at_once(lambda: server.sendall(b"x" * SIZE), receive)
        assert (sent, received) == (None, SIZE)
        replaced.waited.clear()
        assert both_at_once(send_late, lambda: client.recv(4)) == [None, b"late"]
        closed = both_at_once(client.unwrap, server.unwrap)
        assert closed == [client, server]
        assert client.version() is None


def test_timeouts(ends: Ends, replaced: Select) -> None:
    with ends.connected() as (client, server):
        client.settimeout(0.05)
        with pytest.raises(TimeoutError, match=r"^The read operation timed out$"):
            client.recv(1)
        with pytest.raises(TimeoutError, match=r"^The write operation timed out$"):
            while True:
                client.send(b"x" * 100_000)
        replaced.waited.clear()
        server.setblocking(False)
        with pytest.raises(ferrossl.SSLWantReadError):
            while True:
                server.recv(1 << 16)
        assert replaced.waited == []
        client.close()
        with pytest.raises(ValueError, match="closed"):
            client.read(1)


def test_connecting_and_accepting(ends: Ends, replaced: Select, both_at_once: Both) -> None:
    with ends.server_context.wrap_socket(
        socket.create_server(("127.0.0.1", 0)), server_side=True
    ) as listener:
        listener.settimeout(0.05)
        with pytest.raises(TimeoutError):
            listener.accept()
        assert listener.gettimeout() == 0.05
        listener.settimeout(30)
        address = listener.getsockname()

        def connect() -> Any:
            client = ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost")
            client.settimeout(30)
            client.connect(address)
            return client

        (server, _), client = both_at_once(listener.accept, connect)
        with client, server:
            server.sendall(b"data")
            assert client.recv(4) == b"data"
            assert (client.gettimeout(), client._sslobj.owner) == (30, client)
    refused = ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost")
    with refused, pytest.raises(ConnectionRefusedError):
        refused.connect(address)
    again = ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost")
    with again:
        assert again.connect_ex(address) > 0


def test_clear_text_behind_the_connection(ends: Ends, replaced: Select, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        both_at_once(client.unwrap, server.unwrap)
        replaced.waited.clear()

        def receive() -> int:
            replaced.has_waited((False, True))
            received = len(server.recv(1))
            buffer = bytearray(1 << 16)
            while received < SIZE:
                received += server.recv_into(buffer)
            return received

        assert both_at_once(lambda: client.sendall(b"x" * SIZE), receive) == [None, SIZE]
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)
        assert client.gettimeout() == 0.05


def test_a_failed_handshake_is_reported(replaced: Select, ends: Ends) -> None:
    ends.client_context = ferrossl.create_default_context()
    with pytest.raises(ferrossl.SSLCertVerificationError), ends.connected():
        pass


def test_the_class_below_is_the_standard_librarys(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = socket.socket

    class Green:
        pass

    monkeypatch.setattr(socket, "socket", Green)
    assert _cooperative.plain_socket_class() is plain
    assert issubclass(ferrossl.SSLSocket, plain)


@pytest.mark.parametrize("ssl", [stdlib_ssl, ferrossl], ids=["stdlib", "ferrossl"])
def test_a_subclass_with_a_timeout_of_its_own(ssl: Any, both_at_once: Both) -> None:
    """eventlet's sockets never wait below, and say something else of themselves."""

    class Green(ssl.SSLSocket):  # type: ignore[misc, name-defined]
        def gettimeout(self) -> None:
            return None

    near, far = socket.socketpair()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client = context.wrap_socket(near, server_hostname="localhost", do_handshake_on_connect=False)
    with far, client:
        client.settimeout(0)
        client.__class__ = Green
        with pytest.raises(ssl.SSLWantReadError):
            both_at_once(client.do_handshake)


@pytest.mark.timeout(20)
def test_a_write_behind_another_one_lets_others_run(ends: Ends, replaced: Select) -> None:
    """All greenlets are one thread: who waited for a lock of the system's would stop the one that holds it."""
    with ends.connected() as (client, server):
        server.settimeout(0.2)
        # As if another greenlet were in the middle of its write.
        with server._sslobj._writing:
            replaced.waited.clear()
            with pytest.raises(TimeoutError, match="The write operation timed out"):
                server.send(b"later")
            assert (False, False) in replaced.waited
            server.settimeout(0)
            with pytest.raises(ferrossl.SSLWantWriteError):
                server.send(b"later")
        server.settimeout(20)
        server.sendall(b"now")
        assert client.recv(10) == b"now"
