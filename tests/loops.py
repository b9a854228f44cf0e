"""Event loops of three kinds, and a peer that says what a test has it say, for tests of TLS in asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import socket
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import ferrossl
import ferrossl.asyncio
from ends import RESET_ON_CLOSE
from pki import Authority, Leaf

MEGABYTE = 1 << 20
SIDES = ["client", "server"]
#: No test waits longer for anything.
PATIENCE = 20


@dataclass(frozen=True)
class Kind:
    """Whose TLS, and whose loop."""

    name: str
    module: Any
    loop: type[asyncio.SelectorEventLoop]

    @property
    def is_ours(self) -> bool:
        return self.loop is ferrossl.asyncio.EventLoop

    def __str__(self) -> str:
        return self.name


OURS = Kind("ours", ferrossl, ferrossl.asyncio.EventLoop)
KINDS = [
    OURS,
    Kind("sslproto", ferrossl, asyncio.SelectorEventLoop),
    Kind("stdlib", ssl, asyncio.SelectorEventLoop),
]


class CountingSelector(selectors.DefaultSelector):
    """Counts the loop's iterations."""

    count = 0

    def select(self, timeout: float | None = None) -> Any:
        self.count += 1
        return super().select(timeout)


class Recorder(asyncio.Protocol):
    """Notes what it is told. ``on`` has functions to be called meanwhile, by the method's name."""

    def __init__(self, **on: Callable[[Recorder], Any]) -> None:
        self.on = on
        self.events: list[str] = []
        self.data = bytearray()
        self.transport: Any = None
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def note(self, event: str) -> Any:
        self.events.append(event)
        return self.on[event](self) if event in self.on else None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.note("connection_made")

    def data_received(self, data: bytes) -> None:
        assert type(data) is bytes and data
        self.data += data
        self.note("data_received")

    def eof_received(self) -> Any:
        return self.note("eof_received")

    def pause_writing(self) -> None:
        self.note("pause_writing")

    def resume_writing(self) -> None:
        self.note("resume_writing")

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)
        self.note("connection_lost")

    @property
    def story(self) -> list[str]:
        """What it was told of, without repetitions and but for data."""
        return [
            event for event in self.events if event not in ("data_received", "get_buffer", "buffer_updated")
        ]

    async def has(self, size: int) -> bytes:
        """The data, once there are ``size`` bytes of it."""
        while len(self.data) < size:
            assert not self.lost.done(), f"{self.lost.result()!r} after {len(self.data)} of {size} bytes"
            await asyncio.sleep(0.001)
        return bytes(self.data)


class BufferRecorder(Recorder, asyncio.BufferedProtocol):
    """The same with a buffer, made by ``make``."""

    def __init__(self, make: Callable[[], Any], **on: Callable[[Recorder], Any]) -> None:
        super().__init__(**on)
        self.make = make
        self.buffer: Any = None

    def get_buffer(self, sizehint: int) -> Any:
        self.note("get_buffer")
        self.buffer = self.make()
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        assert nbytes > 0
        self.data += memoryview(self.buffer).cast("B")[:nbytes]
        self.note("buffer_updated")


class Peer:
    """The other end: the standard library's TLS between memory BIOs, over a socket that is read when a test says so."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, **options: Any) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, **options)

    async def raw(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.sock, data)

    async def more(self) -> bool:
        received = await asyncio.get_running_loop().sock_recv(self.sock, 1 << 16)
        self.incoming.write(received)
        return bool(received)

    async def handshake(self) -> None:
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                await self.raw(self.outgoing.read())
                if not await self.more():
                    raise ConnectionResetError("the end in the handshake") from None
            else:
                return await self.raw(self.outgoing.read())

    def records(self, *contents: bytes) -> bytes:
        """Each of the contents in records of its own."""
        for content in contents:
            self.tls.write(content)
        return self.outgoing.read()

    def close_notify(self) -> bytes:
        with contextlib.suppress(ssl.SSLError):
            self.tls.unwrap()
        return self.outgoing.read()

    async def say(self, *contents: bytes) -> None:
        await self.raw(self.records(*contents))

    async def hear(self, size: int = 1 << 62) -> tuple[bytes, str]:
        """What comes, up to ``size`` bytes, and how it ends: "enough", "close_notify" or "the end" without it."""
        heard = bytearray()
        while len(heard) < size:
            try:
                piece = self.tls.read(min(size - len(heard), 1 << 18))
            except ssl.SSLWantReadError:
                if not await self.more():
                    return bytes(heard), "the end"
            except ssl.SSLZeroReturnError:
                return bytes(heard), "close_notify"
            else:
                if not piece:
                    return bytes(heard), "close_notify"
                heard += piece
        return bytes(heard), "enough"

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.sock.close()


def pattern(size: int) -> bytes:
    """Bytes that repeat after a prime number of them, so that none lost, or twice there, goes unseen."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far = listener.accept()[0]
    near.setblocking(False)
    far.setblocking(False)
    return near, far


class World:
    """A loop of one kind, with contexts for both sides; ``reports`` is what its exception handler gets."""

    def __init__(self, kind: Kind, authority: Authority, leaf: Leaf) -> None:
        self.kind = kind
        self.authority, self.leaf = authority, leaf
        self.client_context, self.server_context = self.contexts(kind.module)
        self.peers_client_context, self.peers_server_context = self.contexts(ssl)
        self.selector = CountingSelector()
        self.loop = kind.loop(self.selector)
        self.reports: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _loop, report: self.reports.append(report))
        self.sockets: list[socket.socket] = []

    def contexts(self, module: Any) -> tuple[Any, Any]:
        client = module.create_default_context(cafile=self.authority.file)
        server = module.SSLContext(module.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(self.leaf.chain_file, self.leaf.key_file)
        return client, server

    def run(self, main: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(main, PATIENCE))

    def pair(self) -> tuple[socket.socket, socket.socket]:
        pair = tcp_pair()
        self.sockets += pair
        return pair

    async def tls(self, sock: socket.socket, protocol: Any, side: str, **options: Any) -> Any:
        """A transport over ``sock``, after the handshake."""
        loop = asyncio.get_running_loop()
        if side == "client":
            options.setdefault("ssl", self.client_context)
            connected = loop.create_connection(
                lambda: protocol, sock=sock, server_hostname="localhost", **options
            )
        else:
            options.setdefault("ssl", self.server_context)
            connected = loop.connect_accepted_socket(lambda: protocol, sock, **options)
        return (await connected)[0]

    def peer(self, sock: socket.socket, side: str) -> Peer:
        """The peer of a ``side``."""
        if side == "client":
            return Peer(sock, self.peers_server_context, server_side=True)
        return Peer(sock, self.peers_client_context, server_hostname="localhost")

    async def to_peer(self, protocol: Any, side: str = "client", **options: Any) -> tuple[Any, Peer]:
        """(a transport, its peer), after the handshake."""
        near, far = self.pair()
        peer = self.peer(far, side)
        transport, _ = await asyncio.gather(self.tls(near, protocol, side, **options), peer.handshake())
        return transport, peer

    async def to_itself(self, client: Any, server: Any, **options: Any) -> tuple[Any, Any]:
        """Both transports of a connection."""
        near, far = self.pair()
        return tuple(
            await asyncio.gather(
                self.tls(near, client, "client", **options), self.tls(far, server, "server", **options)
            )
        )

    async def quiet(self, seconds: float = 0.1) -> int:
        """The loop's iterations while nothing is to happen."""
        before = self.selector.count
        await asyncio.sleep(seconds)
        return self.selector.count - before

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()
        pending = asyncio.all_tasks(self.loop)
        for task in pending:
            task.cancel()
        if pending:
            self.loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


async def until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0.001)
