"""Blocking sockets between two processes over loopback, as people use them: TCP_NODELAY is not set, but where a row says so."""

from __future__ import annotations

import socket
import time
from typing import Any

from setting import Setting, say, times

MEGABYTE = 1_000_000
REQUEST = bytes(100)


def bulk(setting: Setting, version: str, piece: str, how: str, size: str, total: str) -> float:
    """Megabytes a second that arrive: a peer sends pieces, this end reads with `recv` or `recv_into`."""
    _, context = setting.contexts(version)
    left = times(int(total) // int(piece)) * int(piece)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with (
            setting.peer("sockets", "send", version, port, piece, left),
            setting.accepted(listener.accept()[0], context) as end,
        ):
            begin, counted = 0.0, 0
            warm_up = left * 15 // 16
            buffer = bytearray(int(size))
            while left:
                left -= end.recv_into(buffer) if how == "recv_into" else len(end.recv(int(size)))
                if not begin and left <= warm_up:
                    begin, counted = time.perf_counter(), left
            took = time.perf_counter() - begin
    return counted / MEGABYTE / took


def send(setting: Setting, version: str, port: str, piece: str, total: str) -> None:
    context, _ = setting.contexts(version)
    data = bytes(int(piece))
    with setting.connected(socket.create_connection(("127.0.0.1", int(port))), context) as end:
        for _ in range(int(total) // len(data)):
            end.sendall(data)
        end.recv(1)  # until the other has everything


def round_trips(setting: Setting) -> float:
    """Microseconds for a request of 100 bytes and an answer of 100 bytes over one connection."""
    context, _ = setting.contexts()
    count = times(5_000)
    with setting.peer("sockets", "echo") as peer:
        raw = socket.create_connection(("127.0.0.1", int(peer.hears())))
        with setting.connected(raw, context) as end:
            _ask(end, 300)
            begin = time.perf_counter()
            _ask(end, count)
            took = time.perf_counter() - begin
    return 1e6 * took / count


def _ask(end: Any, count: int) -> None:
    for _ in range(count):
        end.sendall(REQUEST)
        left = len(REQUEST)
        while left:
            left -= len(end.recv(65536))


def echo(setting: Setting) -> None:
    _, context = setting.contexts()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        say(listener.getsockname()[1])
        with setting.accepted(listener.accept()[0], context) as end:
            while data := end.recv(65536):
                end.sendall(data)


def _no_delay(raw: socket.socket, wanted: str) -> socket.socket:
    if wanted:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return raw


def connections(setting: Setting, no_delay: str = "") -> float:
    """Connections a second, one after the other: connect, handshake, request, answer, close. TCP_NODELAY on request."""
    context, _ = setting.contexts()
    warm_up, count = 5, times(60)
    with setting.peer("sockets", "answer", warm_up + count, no_delay) as peer:
        address = "127.0.0.1", int(peer.hears())

        def connect(repetitions: int) -> None:
            for _ in range(repetitions):
                raw = _no_delay(socket.create_connection(address), no_delay)
                with setting.connected(raw, context) as end:
                    _ask(end, 1)

        connect(warm_up)
        begin = time.perf_counter()
        connect(count)
        took = time.perf_counter() - begin
    return count / took


def answer(setting: Setting, count: str, no_delay: str) -> None:
    """Answers one request of each connection."""
    _, context = setting.contexts()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        say(listener.getsockname()[1])
        for _ in range(int(count)):
            with setting.accepted(_no_delay(listener.accept()[0], no_delay), context) as end:
                end.sendall(end.recv(65536))
                end.recv(1)  # the client closes first, as HTTP clients do
