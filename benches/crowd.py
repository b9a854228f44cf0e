"""Ten thousand connections to one asyncio server, asked in turn at a steady rate: how long an answer takes, and what the server pays.

The requests leave by the clock, whether the answers come or not (an open loop), and a latency counts from when its request was due:
a server that falls behind cannot hide it. Two client processes, the same for every subject with TLS (ferrossl's sockets).
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import select
import time
from collections.abc import Sequence
from typing import Any

from loops import Echo, create_server, port_of, run
from many import REQUEST, clients_of, connect_all, raise_limit, resident
from setting import Setting, hear, say

CLIENTS = 2
RATE = 2000
"""Requests a second of all clients together."""
TURNS = 2
"""How often each connection is asked."""


def most_connections(wanted: int) -> int:
    """As many as the limit on descriptors allows one server, some left for itself."""
    return min(wanted, raise_limit() - 100)


def percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def server(setting: Setting, count: str) -> dict[str, float] | None:
    """Latencies in milliseconds (`p50` to `p99.9`), the server's `cpu` in microseconds a request, its `kB` of memory a
    connection, and `rate`: how many of the connections came in a second."""
    raise_limit()
    each = int(count) // CLIENTS

    async def main(peers: list[Any]) -> dict[str, float]:
        loop = asyncio.get_running_loop()

        async def told() -> list[Any]:
            return [json.loads(await loop.run_in_executor(None, peer.hears)) for peer in peers]

        async def all_said(line: str) -> list[Any]:
            for peer in peers:
                peer.tell(line)
            return await told()

        await told()
        gc.collect()
        before = resident()
        begin = time.perf_counter()
        await all_said("connect")
        connected = time.perf_counter() - begin
        gc.collect()
        grown = resident() - before
        used = time.process_time()
        latencies = sorted(1000 * late for lates in await all_said("ask") for late in lates)
        used = time.process_time() - used
        await all_said("close")
        shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p99.9": 0.999}
        return {
            **{name: percentile(latencies, share) for name, share in shares.items()},
            "cpu": 1e6 * used / len(latencies),
            "kB": grown / (each * CLIENTS) / 1024,
            "rate": each * CLIENTS / connected,
        }

    async def serve() -> Any:
        made = await create_server(setting, Echo)
        with contextlib.ExitStack() as stack:
            peers = [
                stack.enter_context(
                    setting.peer("crowd", "clients", port_of(made), each, subject=clients_of(setting))
                )
                for _ in range(CLIENTS)
            ]
            figures = await main(peers)
        made.close()
        return figures

    return run(setting, serve())  # type: ignore[return-value]


def clients(setting: Setting, port: str, count: str) -> None:
    """One of the client processes: connects, asks and closes when told."""
    raise_limit()
    context = None if setting.is_plain else setting.client()
    say("0")
    hear()
    ends = connect_all(setting, context, int(port), int(count))
    say("0")
    hear()
    gc.collect()
    gc.freeze()
    say(json.dumps(ask_all(setting, ends)))
    hear()
    for end in ends:
        end.close()
    say("0")


def ask_all(setting: Setting, ends: list[Any]) -> list[float]:
    """Seconds from when each request was due until its answer had come."""
    waits = (BlockingIOError,) if setting.is_plain else (setting.ssl.SSLWantReadError,)
    poll = select.epoll()
    by_descriptor = {}
    for end in ends:
        end.setblocking(False)
        by_descriptor[end.fileno()] = end
        poll.register(end.fileno(), select.EPOLLIN)
    due: dict[int, float] = {}
    left: dict[int, int] = {}
    lates: list[float] = []
    total, sent, gap = len(ends) * TURNS, 0, CLIENTS / RATE
    begin = time.perf_counter()
    while len(lates) < total:
        now = time.perf_counter()
        while sent < total and begin + sent * gap <= now:
            end = ends[sent % len(ends)]
            due[end.fileno()] = begin + sent * gap
            left[end.fileno()] = len(REQUEST)
            end.sendall(REQUEST)
            sent += 1
        wait = max(0.0, begin + sent * gap - time.perf_counter()) if sent < total else 10
        ready = poll.poll(wait)
        if not ready and wait == 10:
            raise RuntimeError(f"{total - len(lates)} answers are missing")
        for descriptor, _ in ready:
            with contextlib.suppress(*waits):
                answer = by_descriptor[descriptor].recv(4096)
                if not answer:
                    raise RuntimeError("the server closed")
                left[descriptor] -= len(answer)
                if left[descriptor] == 0:
                    lates.append(time.perf_counter() - due.pop(descriptor))
    return lates
