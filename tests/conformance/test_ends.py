"""Every way in which a connection can end, on every kind of connection: both modules must see the same.

An outcome is what a reader gets: the data before the end, then b"" or the name of an error.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl as stdlib_ssl
from collections.abc import Callable
from typing import Any

import pytest

import ferrossl
from ends import RESET_ON_CLOSE, Ends, in_memory
from pki import Authority, Leaf

#: What the peer's TLS side does before its transport ends; returns bytes for the wire.
ENDS = ["FIN", "FIN inside a record", "close_notify and FIN", "close_notify and data behind it", "RST"]


def last_words(ssl: Any, server: Any, outgoing: Any, how: str) -> bytes:
    """What the peer's TLS side sends last: always data first."""
    server.write(b"data")
    last: bytes = outgoing.read()
    if how == "FIN inside a record":
        server.write(b"more")
        last += outgoing.read()[:-3]
    if how.startswith("close_notify"):
        with contextlib.suppress(ssl.SSLWantReadError):
            server.unwrap()
        last += outgoing.read()
    if how == "close_notify and data behind it":
        last += b"clear text"
    return last


def outcome(ssl: Any, read: Callable[[], bytes]) -> list[str]:
    """What reads give until the end or an error, twice over."""
    seen: list[str] = []
    for _ in range(4):
        try:
            data = read()
        except ssl.SSLError as error:
            seen.append(type(error).__name__)
        except OSError as error:
            seen.append(type(error).__name__)
        else:
            seen.append(data.decode())
            if not data and seen[-2:] == ["", ""]:
                break
    return seen


@pytest.mark.parametrize("how", [how for how in ENDS if how != "RST"])
@pytest.mark.parametrize("ignored", [False, True], ids=["", "ends ignored"])
def test_memory(authority: Authority, leaf: Leaf, how: str, ignored: bool) -> None:
    def seen(ssl: Any) -> list[str]:
        ends = Ends(ssl, authority, leaf)
        if ignored:
            ends.client_context.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
        client, server, incoming, _ = in_memory(ssl, ends)
        incoming.write(last_words(ssl, server, incoming, how))
        incoming.write_eof()
        return outcome(ssl, lambda: client.read(100))

    theirs = seen(stdlib_ssl)
    assert seen(ferrossl) == theirs
    assert theirs[0] == "data"


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("ragged", [True, False], ids=["ragged ends suppressed", "not suppressed"])
@pytest.mark.parametrize("blocking", [True, False], ids=["blocking", "non-blocking"])
def test_sockets(authority: Authority, leaf: Leaf, how: str, ragged: bool, blocking: bool) -> None:
    def seen(ssl: Any) -> list[str]:
        ends = Ends(ssl, authority, leaf)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            near = socket.create_connection(listener.getsockname())
            far, _ = listener.accept()
        with near, far:
            near.settimeout(20)
            near.setblocking(False)
            client = ends.client_context.wrap_socket(
                near, server_hostname="localhost", do_handshake_on_connect=False, suppress_ragged_eofs=ragged
            )
            up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
            server = ends.server_context.wrap_bio(up, down, server_side=True)
            far.settimeout(20)
            done = [False, False]
            while not all(done):
                for index, end in enumerate((client, server)):
                    with contextlib.suppress(ssl.SSLWantReadError):
                        end.do_handshake()
                        done[index] = True
                if down.pending:
                    far.sendall(down.read())
                if not done[1]:
                    far.settimeout(0.05)
                    with contextlib.suppress(TimeoutError):
                        up.write(far.recv(65536))
                    far.settimeout(20)
            last = last_words(ssl, server, down, how)
            far.sendall(last)
            if how == "RST":
                # Time for the data to arrive: a reset throws away what nobody has read.
                client.setblocking(True)
                client.settimeout(20)
                first = client.recv(100).decode()
                far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            far.close()
            client.setblocking(True)
            client.settimeout(20)
            if not blocking:
                # Whatever there is has arrived by now: this is one machine.
                client.setblocking(False)
            rest = outcome(ssl, lambda: client.recv(100))
            return [first, *rest] if how == "RST" else rest

    ours = seen(ferrossl)
    if how == "RST":
        # The standard library takes it for an end; data may be missing all the same.
        assert ours[:2] == ["data", "ConnectionResetError"]
        return
    assert ours == seen(stdlib_ssl)
    assert ours[0] == "data"


@pytest.mark.parametrize("how", [how for how in ENDS if how != "RST"])
def test_asyncio(authority: Authority, leaf: Leaf, how: str) -> None:
    def seen(ssl: Any) -> list[str]:
        ends = Ends(ssl, authority, leaf)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
            server = ends.server_context.wrap_bio(up, down, server_side=True)
            while True:
                try:
                    server.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    writer.write(down.read())
                    up.write(await reader.read(65536))
            last = last_words(ssl, server, down, how)
            writer.write(last)
            writer.close()

        async def run() -> list[str]:
            listener = await asyncio.start_server(serve, "127.0.0.1", 0)
            async with listener:
                port = listener.sockets[0].getsockname()[1]
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", port, ssl=ends.client_context, server_hostname="localhost"
                )
                result = []
                try:
                    result.append((await reader.read(100)).decode())
                    result.append((await reader.read(100)).decode())
                except OSError as error:
                    result.append(type(error).__name__)
                writer.close()
                return result

        return asyncio.run(run())

    theirs = seen(stdlib_ssl)
    assert seen(ferrossl) == theirs
    assert theirs[0] == "data"


@pytest.mark.parametrize("answer", [True, False], ids=["answered", "not answered"])
def test_our_own_close_notify(ssl: Any, ends: Ends, answer: bool) -> None:
    with ends.connected() as (client, server):
        client.settimeout(0.5)
        if answer:
            server.setblocking(False)
            client.setblocking(False)
            with pytest.raises(ssl.SSLWantReadError):
                client.unwrap()
            server.settimeout(20)
            server.unwrap()
            client.settimeout(20)
            client.unwrap()
        else:
            with pytest.raises(TimeoutError):
                client.unwrap()


@pytest.mark.parametrize("ssl", [stdlib_ssl, ferrossl])
def test_the_mark_on_the_outgoing_bio_is_for_who_reads_it(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    """The connection goes on writing into it."""
    client, _server, _incoming, outgoing = in_memory(ssl, Ends(ssl, authority, leaf))
    outgoing.write_eof()
    assert client.write(b"data") == 4
    for step in (lambda: client.read(1), client.unwrap):
        with pytest.raises(ssl.SSLWantReadError):
            step()
    assert outgoing.pending > 4
