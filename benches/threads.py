"""The same work on several threads of one Python process, contexts shared, between memory BIOs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from memory import pair
from setting import Setting, times

PIECE = bytes(262_144)


def _rate(threads: int, make: Callable[[], Callable[[], None]], milliseconds: int) -> float:
    """Repetitions a second of so many threads together, each with what `make` made for it."""
    ready = threading.Barrier(threads + 1)
    done = threading.Event()
    # Of each thread: how often, from when, until when. With more threads than cores these differ, and all of it counts.
    shares: list[tuple[int, float, float]] = []

    def work() -> None:
        once, count = make(), 0
        once()
        ready.wait()
        begin = time.perf_counter()
        while not done.is_set():
            once()
            count += 1
        shares.append((count, begin, time.perf_counter()))

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    ready.wait()
    time.sleep(milliseconds / 1000)
    done.set()
    for worker in workers:
        worker.join()
    if len(shares) < threads:
        raise RuntimeError("a thread failed")
    took = max(end for _, _, end in shares) - min(begin for _, begin, _ in shares)
    return sum(count for count, _, _ in shares) / took


def handshakes(setting: Setting, threads: str) -> float:
    """Full TLS 1.3 handshakes of both ends a second."""
    client, server = setting.client("TLSv1_3"), setting.server("TLSv1_3")

    def make() -> Callable[[], None]:
        def once() -> None:
            pair(setting, client, server)

        return once

    return _rate(int(threads), make, times(1000))


def bulk(setting: Setting, threads: str) -> float:
    """Megabytes a second, sealed and opened, each thread on its own pair."""
    contexts = setting.client("TLSv1_3"), setting.server("TLSv1_3")

    def make() -> Callable[[], None]:
        client, server = pair(setting, *contexts)

        def once() -> None:
            client.write(PIECE)
            left = len(PIECE)
            while left:
                left -= len(server.read(left))

        return once

    return _rate(int(threads), make, times(1000)) * len(PIECE) / 1e6
