"""Both ends in one process, through memory BIOs: the processor's time of handshakes and of data, nothing of the system's."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from setting import Setting, times

Pair = tuple[Any, Any]


def pair(setting: Setting, client_context: Any, server_context: Any, session: Any = None) -> Pair:
    """A client and a server that have shaken hands and sent a byte each way, so that tickets have arrived."""
    down, up = setting.ssl.MemoryBIO(), setting.ssl.MemoryBIO()
    client = client_context.wrap_bio(down, up, server_hostname="localhost", session=session)
    server = server_context.wrap_bio(up, down, server_side=True)
    for side in (client, server, client, server):
        with contextlib.suppress(setting.ssl.SSLWantReadError):
            side.do_handshake()
    client.write(b"x")
    server.read(1)
    server.write(b"x")
    client.read(1)
    return client, server


def handshakes(setting: Setting, version: str, kind: str, resumed: str = "") -> float:
    """Microseconds of the processor's time for both ends of a handshake, a byte each way included."""
    contexts = setting.client(version, kind), setting.server(version, kind)
    session = pair(setting, *contexts)[0].session if resumed else None
    for _ in range(10):
        pair(setting, *contexts, session)
    count = times(120)
    begin = time.process_time()
    for _ in range(count):
        client, _ = pair(setting, *contexts, session)
        if resumed:
            session = client.session
    took = time.process_time() - begin
    assert client.session_reused == bool(resumed), "resumed where that is asked for, and nowhere else"
    return 1e6 * took / count


def bulk(setting: Setting, version: str, size: str) -> float:
    """Microseconds of the processor's time for so many bytes from one end to the other."""
    client, server = pair(setting, setting.client(version), setting.server(version))
    data = bytes(int(size))

    def work(count: int) -> float:
        begin = time.process_time()
        for _ in range(count):
            client.write(data)
            received = 0
            while received < len(data):
                received += len(server.read(len(data)))
        return time.process_time() - begin

    work(50)
    count = times(1600 if len(data) > 10_000 else 24_000)
    return 1e6 * work(count) / count
