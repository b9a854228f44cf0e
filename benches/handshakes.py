"""One end of a handshake alone: the other is the standard library's, in another process, and only this one's processor time counts."""

from __future__ import annotations

import os
import socket
import time
from typing import Any

from setting import Setting, say, times

WARM_UP = 20


def _exchange(end: Any, *, first: bool) -> None:
    """A byte each way, so that what an end leaves for later (tickets) is done."""
    if first:
        end.sendall(b"x")
        end.recv(1)
    else:
        end.recv(1)
        end.sendall(b"x")


def _one(setting: Setting, raw: socket.socket, context: Any, is_client: bool) -> float:
    """Seconds of the processor's time from the connected socket until nothing of the connection is left but the socket."""
    begin = time.process_time()
    end = setting.connected(raw, context) if is_client else setting.accepted(raw, context)
    _exchange(end, first=is_client)
    descriptor = end.detach()
    del end
    took = time.process_time() - begin
    os.close(descriptor)
    return took


def client_alone(setting: Setting) -> float:
    """Microseconds of the client's processor time for a full TLS 1.3 handshake with ECDSA."""
    count, context = times(120), setting.client("TLSv1_3")
    with setting.peer("handshakes", "serve", WARM_UP + count, subject="ssl") as peer:
        address = "127.0.0.1", int(peer.hears())
        took = [
            _one(setting, socket.create_connection(address), context, True) for _ in range(WARM_UP + count)
        ]
    return 1e6 * sum(took[WARM_UP:]) / count


def server_alone(setting: Setting) -> float:
    """The same of the server."""
    count, context = times(120), setting.server("TLSv1_3")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with setting.peer("handshakes", "connect", port, WARM_UP + count, subject="ssl"):
            took = [_one(setting, listener.accept()[0], context, False) for _ in range(WARM_UP + count)]
    return 1e6 * sum(took[WARM_UP:]) / count


def serve(setting: Setting, count: str) -> None:
    """The peer of `client_alone`."""
    context = setting.server("TLSv1_3")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        say(listener.getsockname()[1])
        for _ in range(int(count)):
            with setting.accepted(listener.accept()[0], context) as end:
                _exchange(end, first=False)
                end.recv(1)  # until the other is through: it must not be reset


def connect(setting: Setting, port: str, count: str) -> None:
    """The peer of `server_alone`."""
    context = setting.client("TLSv1_3")
    for _ in range(int(count)):
        with setting.connected(socket.create_connection(("127.0.0.1", int(port))), context) as end:
            _exchange(end, first=True)
