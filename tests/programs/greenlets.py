"""What must work under gevent and eventlet, where all threads are greenlets of one: whoever waits in the system stops all of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from common import VERSION, client_context, expect, server_context

SIZE = 3_000_000


def story(ssl: Any, spawn: Callable[..., Any], join: Callable[[Any], Any]) -> None:
    """To be called when all is patched; imports what a program would import then."""
    import socket
    import threading

    ticks: list[None] = []
    end = threading.Event()

    def tick() -> None:
        while not end.is_set():
            ticks.append(None)
            time.sleep(0.01)

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = server_context(ssl)
    client = client_context(ssl)

    def echo(connection: Any) -> None:
        with connection:
            while data := connection.recv(65536):
                connection.sendall(data)

    def accept_wrapped() -> None:
        """One that accepts under TLS."""
        with server.wrap_socket(listener, server_side=True) as listening:
            for _ in range(3):
                connection, _address = listening.accept()
                spawn(echo, connection)

    def exchange() -> None:
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            client.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            expect(connection.version() == f"TLSv{VERSION}")
            connection.sendall(b"hello")
            expect(connection.recv(5) == b"hello")
            # More than fits into the system's buffers: both directions wait, in turn.
            sender = spawn(connection.sendall, b"x" * SIZE)
            received = 0
            while received < SIZE:
                received += len(connection.recv(65536))
            join(sender)
            connection.settimeout(0.2)
            before = len(ticks)
            try:
                raise SystemExit(f"nothing was sent, and yet {connection.recv(1)!r}")
            except TimeoutError:
                expect(len(ticks) > before, "all stood still")
            connection.setblocking(False)
            try:
                raise SystemExit(f"nothing was sent, and yet {connection.recv(1)!r}")
            except ssl.SSLWantReadError:
                pass
            connection.setblocking(True)
            connection.settimeout(10)
            connection.sendall(b"goodbye")
            expect(connection.recv(7) == b"goodbye")

    def connect_wrapped() -> None:
        """One that was wrapped before it was connected."""
        with client.wrap_socket(socket.socket(), server_hostname="localhost") as connection:
            connection.connect(("127.0.0.1", port))
            connection.sendall(b"hello")
            buffer = bytearray(5)
            expect(connection.recv_into(buffer) == 5)
            expect(buffer == b"hello")

    ticking = spawn(tick)
    serving = spawn(accept_wrapped)
    clients = [spawn(exchange), spawn(exchange), spawn(connect_wrapped)]
    for greenlet in (*clients, serving):
        join(greenlet)
    end.set()
    join(ticking)
