"""Many connections to one asyncio server: what an idle one costs its process, and what it costs to let one in.

The clients are in another process and the same for every subject with TLS: ferrossl's sockets, the lighter ones, on four threads.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import socket
import threading
import time
from pathlib import Path
from typing import Any

from loops import Echo, create_server, port_of, run
from setting import Setting, hear, say

REQUEST = bytes(100)
WARM_UP = 100
THREADS = 4


def resident() -> int:
    """Bytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def raise_limit() -> int:
    """As many descriptors as the system lets this process have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def clients_of(setting: Setting) -> str:
    return "plain" if setting.is_plain else "ferrossl"


def idle(setting: Setting, count: str) -> dict[str, float] | None:
    """For a server of `count` idle connections: `kB` of its memory for each, and `rate`: how many come in, with a request
    and an answer, in a second of its processor time, which is what one thread can do at most."""
    raise_limit()

    async def main(peer: Any, server: asyncio.Server) -> dict[str, float]:
        loop = asyncio.get_running_loop()

        async def told() -> str:
            said: str = await loop.run_in_executor(None, peer.hears)
            return said

        await told()
        gc.collect()
        before = resident()
        used = time.process_time()
        peer.tell()
        await told()
        used = time.process_time() - used
        gc.collect()
        grown = resident() - before
        peer.tell()
        await told()
        server.close()
        return {"kB": grown / int(count) / 1024, "rate": int(count) / used}

    async def serve() -> Any:
        server = await create_server(setting, Echo)
        arguments = port_of(server), count
        with setting.peer("many", "hold", *arguments, subject=clients_of(setting)) as peer:
            return await main(peer, server)

    return run(setting, serve())  # type: ignore[return-value]


def hold(setting: Setting, port: str, count: str) -> None:
    """The clients of `idle`: connects, exchanges a request and an answer on each, and holds them until told."""
    raise_limit()
    context = None if setting.is_plain else setting.client()
    held = connect_all(setting, context, int(port), WARM_UP)
    say("warm")
    hear()
    held += connect_all(setting, context, int(port), int(count))
    say("connected")
    hear()
    for end in held:
        end.close()
    say("closed")


def connect_all(setting: Setting, context: Any, port: int, count: int) -> list[Any]:
    """So many connections, each of which has carried a request and an answer."""
    ends: list[Any] = []

    def connect(share: int) -> None:
        for _ in range(share):
            end = setting.connected(socket.create_connection(("127.0.0.1", port)), context)
            end.sendall(REQUEST)
            left = len(REQUEST)
            while left:
                left -= len(end.recv(4096))
            ends.append(end)

    shares = [count // THREADS + (number < count % THREADS) for number in range(THREADS)]
    threads = [threading.Thread(target=connect, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(ends) < count:
        raise RuntimeError(f"{len(ends)} of {count} connections")
    return ends
