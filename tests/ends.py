"""Both ends of a TLS connection, and small helpers for the tests."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from typing import Any

from pki import Authority, Leaf

# `struct linger`: close() then resets the connection. Winsock's has shorter fields.
RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Ends:
    """Both ends of a TLS connection made by one ``ssl`` module."""

    def __init__(self, ssl: Any, authority: Authority, leaf: Leaf) -> None:
        self.ssl = ssl
        self.client_context = ssl.create_default_context(cafile=authority.file)
        self.server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server_context.load_cert_chain(leaf.chain_file, leaf.key_file)

    @contextlib.contextmanager
    def connected(self, **client_arguments: Any) -> Iterator[tuple[Any, Any]]:
        """(client, server), after the handshake."""
        near, far = socket.socketpair()
        servers: list[Any] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                servers.append(self.server_context.wrap_socket(far, server_side=True))

        thread = threading.Thread(target=accept)
        thread.start()
        arguments = {"server_hostname": "localhost", **client_arguments}
        try:
            client = self.client_context.wrap_socket(near, **arguments)
        except BaseException:
            near.close()
            thread.join()
            far.close()
            raise
        thread.join()
        with client, servers[0]:
            yield client, servers[0]


def in_memory(ssl: Any, ends: Ends) -> tuple[Any, Any, Any, Any]:
    """(client, server, the client's incoming BIO, the server's), after the handshake."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ends.client_context.wrap_bio(down, up, server_hostname="localhost")
    server = ends.server_context.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for end in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
    with contextlib.suppress(ssl.SSLWantReadError):
        client.read(1)  # tickets
    return client, server, down, up


def read(sock: Any, size: int) -> bytes:
    """Exactly size bytes."""
    received = bytearray()
    while len(received) < size:
        piece = sock.recv(size - len(received))
        assert piece, f"the end after {len(received)} of {size} bytes"
        received += piece
    return bytes(received)


def objects(ssl: Any, ends: Ends, **arguments: Any) -> tuple[Any, Any]:
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ends.client_context.wrap_bio(down, up, server_hostname="localhost", **arguments)
    return client, ends.server_context.wrap_bio(up, down, server_side=True)


def shaken(ssl: Any, client: Any, server: Any) -> None:
    """Does both handshakes of two objects between BIOs."""
    for _ in range(4):
        for end in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
