"""Reads that wait in the system's own call, behind the first steps of a connection: signals, other threads, other modes."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import ferrossl
from ends import Ends
from pki import Authority, Leaf

# More than the steps behind a handshake in which acknowledgements are asked for between the calls.
EXCHANGES = 40


@pytest.fixture(params=["TLSv1_2", "TLSv1_3"])
def connected(request: pytest.FixtureRequest, authority: Authority, leaf: Leaf) -> Iterator[tuple[Any, Any]]:
    ends = Ends(ferrossl, authority, leaf)
    ends.client_context.maximum_version = ferrossl.TLSVersion[request.param]
    with ends.connected() as (client, server):
        for sock in (client, server):
            sock.settimeout(None)
        for _ in range(EXCHANGES):
            for sender, receiver in ((client, server), (server, client)):
                sender.sendall(b"request")
                assert receiver.recv(100) == b"request"
        yield client, server


def later(seconds: float, work: Any, *arguments: Any) -> threading.Thread:
    def run() -> None:
        time.sleep(seconds)
        work(*arguments)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_signals(connected: tuple[Any, Any]) -> None:
    client, server = connected
    seen = []

    class Enough(Exception):
        pass

    def handler(number: int, frame: object) -> None:
        seen.append(number)
        if len(seen) == 2:
            raise Enough

    before = signal.signal(signal.SIGALRM, handler)
    try:
        # A handler that returns lets the read go on.
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        answer = later(0.3, server.sendall, b"answer")
        assert client.recv(100) == b"answer"
        answer.join()
        assert len(seen) == 1
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(Enough):
            client.recv(100)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    # Nothing was lost by it.
    server.sendall(b"more")
    assert client.recv(100) == b"more"


def test_other_threads_go_on(connected: tuple[Any, Any]) -> None:
    client, server = connected
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(client.recv(100)), daemon=True)
    reader.start()
    time.sleep(0.1)
    # Nobody who wants something of the connection waits for the reader.
    assert client.pending() == 0
    client.sendall(b"question")
    assert server.recv(100) == b"question"
    assert reader.is_alive()
    server.sendall(b"answer")
    reader.join(10)
    assert received == [b"answer"]


def test_two_readers(connected: tuple[Any, Any]) -> None:
    client, server = connected
    received: list[bytes] = []
    readers = [
        threading.Thread(target=lambda: received.append(client.recv(100)), daemon=True) for _ in range(2)
    ]
    for reader in readers:
        reader.start()
    for word in (b"one", b"two"):
        time.sleep(0.05)
        server.sendall(word)
    for reader in readers:
        reader.join(10)
    assert sorted(received) == [b"one", b"two"]


def test_shutdown_ends_the_wait(connected: tuple[Any, Any]) -> None:
    client, _ = connected
    stop = later(0.1, client.shutdown, socket.SHUT_RDWR)
    assert client.recv(100) == b""
    stop.join()


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors of Unix")
def test_a_descriptor_in_another_mode(connected: tuple[Any, Any]) -> None:
    client, server = connected
    # The socket thinks that it blocks; its descriptor does not.
    os.set_blocking(client.fileno(), False)
    answer = later(0.1, server.sendall, b"answer")
    assert client.recv(100) == b"answer"
    answer.join()


def test_clear_text_behind_the_end(connected: tuple[Any, Any]) -> None:
    client, server = connected

    def end() -> None:
        server.sendall(bytes(100_000))
        server.unwrap().sendall(b"clear text")

    thread = later(0, end)
    received = 0
    while data := client.recv(65536):
        received += len(data)
    assert received == 100_000
    plain = client.unwrap()
    thread.join(10)
    assert plain.recv(100) == b"clear text"
