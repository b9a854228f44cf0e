"""asyncio: streams and protocols, echoing in one process or between two.

`ferrossl` in streams means our contexts under the loop's own transport (`asyncio.sslproto`, memory BIOs); in protocols it means our
transport (`ferrossl.asyncio.EventLoop`), unless FERROSSL_BENCH_LOOP=plain asks for the loop's own there too.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import time
from collections.abc import Callable, Coroutine
from typing import Any

from setting import Setting, say, times

PLAIN_LOOP = os.environ.get("FERROSSL_BENCH_LOOP") == "plain"


def run(setting: Setting, main: Coroutine[Any, Any, float | None]) -> float | None:
    """Runs it on the loop that the subject's protocols are for."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.SelectorEventLoop
    if setting.subject == "ferrossl" and not PLAIN_LOOP:
        factory = importlib.import_module("ferrossl.asyncio").EventLoop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)


async def create_server(setting: Setting, protocol: Callable[[], asyncio.Protocol]) -> asyncio.Server:
    """A server of the subject's on a free port, with the backlog that many connections at once need."""
    loop = asyncio.get_running_loop()
    context = None if setting.is_plain else setting.server()
    if setting.subject == "aiofastnet":
        make = importlib.import_module("aiofastnet").create_server
        server = await make(loop, protocol, "127.0.0.1", 0, ssl=context, backlog=4096)
    else:
        server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context, backlog=4096)
    return server  # type: ignore[no-any-return]


async def create_connection(setting: Setting, protocol: Callable[[], Any], port: int) -> Any:
    """The protocol of a connection."""
    loop = asyncio.get_running_loop()
    secure = {} if setting.is_plain else {"ssl": setting.client(), "server_hostname": "localhost"}
    if setting.subject == "aiofastnet":
        make = importlib.import_module("aiofastnet").create_connection
        _, made = await make(loop, protocol, "127.0.0.1", port, **secure)
    else:
        _, made = await loop.create_connection(protocol, "127.0.0.1", port, **secure)
    return made


def port_of(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])


class Echo(asyncio.Protocol):
    """Sends back whatever comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class Asking(asyncio.Protocol):
    """Sends the same bytes again whenever all of them have come back."""

    def __init__(self, size: int) -> None:
        self.data = bytes(size)
        self.left = 0
        self.rounds = 0
        self.done: asyncio.Future[None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    async def ask(self, rounds: int) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self.rounds = rounds
        self._send()
        await self.done

    def _send(self) -> None:
        self.left = len(self.data)
        self.transport.write(self.data)

    def data_received(self, data: bytes) -> None:
        self.left -= len(data)
        if self.left == 0:
            self.rounds -= 1
            if self.rounds:
                self._send()
            else:
                self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError("the end came too early"))


async def _ask(setting: Setting, port: int, size: int, count: int, clock: Callable[[], float]) -> float:
    """Microseconds of this clock for one echo."""
    asking = await create_connection(setting, lambda: Asking(size), port)
    await asking.ask(max(1, count // 10))
    begin = clock()
    await asking.ask(count)
    took = clock() - begin
    asking.transport.close()
    await asyncio.sleep(0.05)
    return 1e6 * took / count


def protocols(setting: Setting, size: str) -> float | None:
    """Microseconds of the processor's time for an echo of so many bytes, both ends in one process."""

    async def main() -> float:
        server = await create_server(setting, Echo)
        count = times(600 if int(size) > 10_000 else 5_000)
        took = await _ask(setting, port_of(server), int(size), count, time.process_time)
        server.close()
        return took

    return run(setting, main())


def protocols_of_two(setting: Setting, size: str) -> float | None:
    """Microseconds for an echo of so many bytes; the server is another process."""
    with setting.peer("loops", "serve") as peer:
        port = int(peer.hears())
        took = run(setting, _ask(setting, port, int(size), times(4_000), time.perf_counter))
        peer.tell()
    return took


def serve(setting: Setting) -> None:
    """Echoes until it is told to end."""

    async def main() -> None:
        import sys

        server = await create_server(setting, Echo)
        say(port_of(server))
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        server.close()

    run(setting, main())


def streams(setting: Setting, size: str) -> float:
    """Microseconds of the processor's time for an echo of so many bytes between streams, both ends in one process."""
    data, count = bytes(int(size)), times(400)

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
        writer.close()

    async def main() -> float:
        secure: dict[str, Any] = {}
        context = None
        if not setting.is_plain:
            secure = {"ssl": setting.client(), "server_hostname": "localhost"}
            context = setting.server()
        server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=context)
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(server), **secure)

        async def ask(rounds: int) -> float:
            begin = time.process_time()
            for _ in range(rounds):
                writer.write(data)
                await writer.drain()
                await reader.readexactly(len(data))
            return time.process_time() - begin

        await ask(max(1, count // 10))
        took = await ask(count)
        writer.close()
        await asyncio.sleep(0.05)
        server.close()
        return 1e6 * took / count

    return asyncio.run(main())
