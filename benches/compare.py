"""ferrossl beside the standard library's ssl, scenario by scenario, in one run.

Each scenario runs alternately on both, several times; the table shows the medians and their ratio (above 1:
ferrossl is faster). Absolute figures depend on the machine and on what else it does; ratios less so.

Usage: compare.py [--rounds N] [--only WORD]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import ssl as stdlib_ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ferrossl

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from pki import Authority, Leaf

MODULES = {"ferrossl": ferrossl, "ssl": stdlib_ssl}
MEGABYTE = 1024 * 1024


class Setting:
    """Contexts of one module for one PKI."""

    def __init__(self, ssl: Any, authority: Authority, leaf: Leaf) -> None:
        self.ssl = ssl
        self.client = ssl.create_default_context(cafile=authority.file)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(leaf.chain_file, leaf.key_file)

    def memory_pair(self) -> tuple[Any, Any, Any, Any]:
        down, up = self.ssl.MemoryBIO(), self.ssl.MemoryBIO()
        client = self.client.wrap_bio(down, up, server_hostname="localhost")
        server = self.server.wrap_bio(up, down, server_side=True)
        for side in (client, server, client, server):
            with contextlib.suppress(self.ssl.SSLWantReadError):
                side.do_handshake()
        return client, server, down, up

    @contextlib.contextmanager
    def socket_pair(self) -> Any:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            accepted: list[Any] = []
            thread = threading.Thread(
                target=lambda: accepted.append(
                    self.server.wrap_socket(listener.accept()[0], server_side=True)
                )
            )
            thread.start()
            client = self.client.wrap_socket(
                socket.create_connection(listener.getsockname()), server_hostname="localhost"
            )
            thread.join()
        with client, accepted[0]:
            yield client, accepted[0]


def timed(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


# What a program with sockets has loaded anyway does not count.
IMPORT = """
import socket, enum, collections, os, time
begin = time.process_time()
{statement}
print(time.process_time() - begin)
"""


def imports(statement: str) -> float:
    """Imports a second of the processor's time, each in a fresh process; the first, which may compile, is not counted."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", IMPORT.format(statement=statement)]
    times = [
        float(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
        for _ in range(6)
    ]
    return 1 / statistics.median(times[1:])


def import_before_http(setting: Setting) -> float:
    stand_in = "import ferrossl; ferrossl.install(); " if setting.ssl is ferrossl else ""
    return imports(stand_in + "import http.client")


def default_context(setting: Setting) -> float:
    """Contexts a second, the first of the process not counted."""
    setting.ssl.create_default_context()
    count = 200 if setting.ssl is ferrossl else 10
    return count / timed(lambda: [setting.ssl.create_default_context() for _ in range(count)])


def handshakes(setting: Setting) -> float:
    """Full TLS 1.3 handshakes a second, client and server in one thread, between memory BIOs."""
    return 150 / timed(lambda: [setting.memory_pair() for _ in range(150)])


def socket_handshakes(setting: Setting) -> float:
    """Connections a second over loopback: TCP, handshake, close."""

    def connect() -> None:
        with setting.socket_pair():
            pass

    return 60 / timed(lambda: [connect() for _ in range(60)])


def memory_bulk(setting: Setting, size: int) -> float:
    """Megabytes a second through memory BIOs, both ends in one thread."""
    client, server, _, _ = setting.memory_pair()
    data = bytes(size)
    rounds = max(1, 24 * MEGABYTE // size)

    def work() -> None:
        for _ in range(rounds):
            client.write(data)
            received = 0
            while received < size:
                received += len(server.read(size))

    return rounds * size / MEGABYTE / timed(work)


def socket_bulk(setting: Setting, piece: int, read: int) -> float:
    """Megabytes a second over loopback, one thread sending, one receiving."""
    total = 48 * MEGABYTE
    with setting.socket_pair() as (client, server):
        data = bytes(piece)

        def send() -> None:
            for _ in range(total // piece):
                client.sendall(data)

        def work() -> None:
            thread = threading.Thread(target=send)
            thread.start()
            received = 0
            buffer = bytearray(read)
            while received < total // piece * piece:
                received += server.recv_into(buffer)
            thread.join()

        return total / MEGABYTE / timed(work)


def ping_pong(setting: Setting) -> float:
    """Round trips of 64 bytes a second over loopback, two threads."""
    count = 3000
    with setting.socket_pair() as (client, server):

        def echo() -> None:
            for _ in range(count):
                server.sendall(server.recv(100))

        thread = threading.Thread(target=echo)
        thread.start()

        def work() -> None:
            for _ in range(count):
                client.sendall(bytes(64))
                client.recv(100)

        rate = count / timed(work)
        thread.join()
        return rate


def asyncio_echo(setting: Setting) -> float:
    """Round trips of 1 kB a second between asyncio streams."""
    count = 1500

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            for _ in range(count):
                writer.write(await reader.readexactly(1024))
            await reader.read()
        writer.close()

    async def main() -> float:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=setting.server)
        async with server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=setting.client, server_hostname="localhost"
            )
            begin = time.perf_counter()
            for _ in range(count):
                writer.write(bytes(1024))
                await reader.readexactly(1024)
            rate = count / (time.perf_counter() - begin)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            await asyncio.sleep(0.05)
            return rate

    return asyncio.run(main())


SCENARIOS: dict[str, tuple[str, Callable[[Setting], float]]] = {
    "import": ("1/s", lambda setting: imports(f"import {setting.ssl.__name__}")),
    "import, then http.client": ("1/s", import_before_http),
    "create_default_context, again": ("1/s", default_context),
    "handshakes in memory, P-256": ("1/s", handshakes),
    "connections over loopback": ("1/s", socket_handshakes),
    "memory BIOs, 1 kB pieces": ("MB/s", lambda setting: memory_bulk(setting, 1024)),
    "memory BIOs, 16 kB pieces": ("MB/s", lambda setting: memory_bulk(setting, 16384)),
    "memory BIOs, 256 kB pieces": ("MB/s", lambda setting: memory_bulk(setting, 262144)),
    "loopback, 1 kB pieces": ("MB/s", lambda setting: socket_bulk(setting, 1024, 16384)),
    "loopback, 16 kB pieces": ("MB/s", lambda setting: socket_bulk(setting, 16384, 16384)),
    "loopback, 256 kB pieces": ("MB/s", lambda setting: socket_bulk(setting, 262144, 262144)),
    "round trips of 64 bytes": ("1/s", ping_pong),
    "asyncio round trips of 1 kB": ("1/s", asyncio_echo),
}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--only", default="")
    options = arguments.parse_args()
    print(f"{ferrossl.OPENSSL_VERSION}\n{stdlib_ssl.OPENSSL_VERSION}\nmedians of {options.rounds}\n")
    print(f"{'':32} {'ferrossl':>10} {'ssl':>10}        ratio")
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        leaf = authority.issue("localhost")
        settings = {name: Setting(module, authority, leaf) for name, module in MODULES.items()}
        for title, (unit, scenario) in SCENARIOS.items():
            if options.only not in title:
                continue
            results: dict[str, list[float]] = {name: [] for name in settings}
            for _ in range(options.rounds):
                for name, setting in settings.items():
                    results[name].append(scenario(setting))
            ours, theirs = (statistics.median(results[name]) for name in ("ferrossl", "ssl"))
            print(f"{title:32} {ours:10,.0f} {theirs:10,.0f} {unit:5} {ours / theirs:7.2f}", flush=True)


if __name__ == "__main__":
    main()
