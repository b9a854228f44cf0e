"""Nothing disappears between a memory BIO and a connection, whichever module the BIO comes from.

Event loops ask the BIO and the connection whether there is anything to read (uvloop), or how much there is (asyncio's flow
control). What was sent and not read yet must be in the one or in the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl as stdlib_ssl
from typing import Any

import pytest

import ferrossl
from ends import Ends
from pki import Authority, Leaf

BIOS = {"own": ferrossl.MemoryBIO, "stdlib": stdlib_ssl.MemoryBIO}
RECORD = 16384


class Pair:
    """A client and a server whose bytes a program moves."""

    def __init__(self, ends: Ends, bio: Any) -> None:
        self.ssl = ends.ssl
        self.into = {"client": bio(), "server": bio()}
        self.out = {"client": bio(), "server": bio()}
        self.end = {
            "client": ends.client_context.wrap_bio(
                self.into["client"], self.out["client"], server_hostname="localhost"
            ),
            "server": ends.server_context.wrap_bio(self.into["server"], self.out["server"], server_side=True),
        }

    def move(self, sender: str) -> None:
        self.into["server" if sender == "client" else "client"].write(self.out[sender].read())

    def step(self, name: str) -> bool:
        """Whether the handshake of this end is done. Nothing is moved."""
        try:
            self.end[name].do_handshake()
        except self.ssl.SSLWantReadError:
            return False
        return True

    def handshake(self) -> None:
        done: set[str] = set()
        for _ in range(10):
            for name in self.end:
                if name not in done and self.step(name):
                    done.add(name)
                self.move(name)
        assert len(done) == 2
        # Tickets come with the first data.
        self.end["server"].write(b"!")
        self.move("server")
        assert self.end["client"].read(1) == b"!"
        assert self.visible("client") == self.visible("server") == 0

    def visible(self, name: str) -> int:
        return int(self.into[name].pending) + int(self.end[name].pending())


@pytest.fixture(params=["TLSv1_2", "TLSv1_3"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=list(BIOS))
def bio(request: pytest.FixtureRequest) -> Any:
    return BIOS[request.param]


@pytest.fixture(params=[stdlib_ssl, ferrossl], ids=["stdlib", "ferrossl"])
def ends(request: pytest.FixtureRequest, authority: Authority, leaf: Leaf, version: str) -> Ends:
    ends = Ends(request.param, authority, leaf)
    ends.client_context.maximum_version = request.param.TLSVersion[version]
    return ends


@pytest.fixture
def pair(ends: Ends, bio: Any) -> Pair:
    if ends.ssl is stdlib_ssl and bio is ferrossl.MemoryBIO:
        pytest.skip("the standard library takes its own only")
    return Pair(ends, bio)


def test_data_behind_the_last_message_of_the_handshake_is_seen(pair: Pair, version: str) -> None:
    """The end that gets the other one's Finished gets data with it, in one piece: it stays in the BIO."""
    last = "client" if version == "TLSv1_3" else "server"
    first = "server" if last == "client" else "client"
    while not pair.step(last):
        pair.move(last)
        assert not pair.step(first), "the other end must not be done first"
        pair.move(first)
    pair.end[last].write(b"early")
    pair.move(last)
    assert pair.step(first)
    # A header, the data and, in TLS 1.3, its type; a nonce in 1.2; the authenticator.
    assert pair.into[first].pending == 5 + 5 + 16 + (1 if version == "TLSv1_3" else 8)
    assert pair.end[first].pending() == 0
    assert pair.end[first].read(100) == b"early"
    assert pair.visible(first) == 0


@pytest.mark.parametrize("reader", ["client", "server"])
def test_what_is_unread_is_visible(pair: Pair, reader: str) -> None:
    pair.handshake()
    writer = "server" if reader == "client" else "client"
    chance = random.Random(reader)
    sent, received = bytearray(), bytearray()
    for _ in range(60):
        for size in chance.choices((1, 20, 500, 1000, RECORD, 40_000, 100_000), k=chance.randrange(4)):
            piece = chance.randbytes(size)
            pair.end[writer].write(piece)
            sent += piece
        # In pieces that end anywhere.
        wire = pair.out[writer].read(chance.choice((3, 5, 70, 20_000, -1)))
        pair.into[reader].write(wire)
        before = pair.visible(reader)
        try:
            received += pair.end[reader].read(chance.choice((1, 100, RECORD, 50_000, 256 * 1024)))
        except pair.ssl.SSLWantReadError:
            # Nothing but the beginning of a record was there, and it is taken.
            assert pair.visible(reader) == 0
            assert before <= RECORD + 100
        assert sent.startswith(received)
    pair.move(writer)
    while len(received) < len(sent):
        assert pair.visible(reader) > 0, f"{len(sent) - len(received)} bytes that nobody knows of"
        # The last piece of a record that had begun may take the reader nowhere.
        with contextlib.suppress(pair.ssl.SSLWantReadError):
            received += pair.end[reader].read(chance.choice((1000, RECORD, 256 * 1024)))
    assert received == sent
    assert pair.visible(reader) == 0


def test_no_more_than_one_record_is_taken_for_a_small_reader(pair: Pair) -> None:
    pair.handshake()
    for _ in range(3):
        pair.end["server"].write(b"x" * RECORD)
    record = pair.out["server"].pending // 3
    pair.move("server")
    for left in (2, 1, 0):
        assert len(pair.end["client"].read(10)) == 10
        assert pair.end["client"].pending() == RECORD - 10
        assert pair.into["client"].pending == left * record
        assert len(pair.end["client"].read(RECORD - 10)) == RECORD - 10


@pytest.mark.parametrize("size", [5, 1000, RECORD])
@pytest.mark.parametrize("ended", [False, True])
def test_what_follows_close_notify_stays(pair: Pair, size: int, ended: bool) -> None:
    pair.handshake()
    pair.end["server"].write(b"x" * size)
    with contextlib.suppress(pair.ssl.SSLWantReadError):
        pair.end["server"].unwrap()
    pair.move("server")
    clear = b"\x17\x03\x03\x00\x05clear text that looks like a record"
    pair.into["client"].write(clear)
    if ended:
        pair.into["client"].write_eof()
    assert pair.end["client"].read(256 * 1024) == b"x" * size
    assert pair.end["client"].read(256 * 1024) == b""
    assert pair.into["client"].pending == len(clear)
    pair.end["client"].unwrap()
    assert pair.into["client"].read() == clear


def test_a_message_between_data_does_not_hide_what_follows(ends: Ends, bio: Any) -> None:
    """Tickets come between: they are no data, and what stands behind them is not forgotten."""
    if ends.ssl is stdlib_ssl:
        pytest.skip("sends its tickets with the handshake")
    pair = Pair(ends, bio)
    while not pair.step("client"):
        pair.move("client")
        pair.step("server")
        pair.move("server")
    pair.move("client")
    assert pair.step("server")
    for _ in range(3):
        pair.end["server"].write(b"x" * 1000)
    pair.move("server")
    received = b""
    while pair.visible("client"):
        received += pair.end["client"].read(256 * 1024)
    assert received == b"x" * 3000


class Flow(asyncio.Protocol):
    """A server that stops reading at once."""

    def __init__(self) -> None:
        self.received = 0
        self.made: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        transport.pause_reading()
        self.made.set_result(transport)

    def data_received(self, data: bytes) -> None:
        self.received += len(data)


@pytest.mark.parametrize("module", [stdlib_ssl, ferrossl], ids=["stdlib", "ferrossl"])
def test_asyncio_sees_how_much_is_waiting(module: Any, authority: Authority, leaf: Leaf) -> None:
    """A server that does not read stops the client, and gets everything later."""
    ends = Ends(module, authority, leaf)
    size = 4 << 20

    async def run() -> None:
        loop = asyncio.get_running_loop()
        flows: list[Flow] = []

        def made() -> Flow:
            flows.append(Flow())
            return flows[-1]

        server = await loop.create_server(made, "127.0.0.1", 0, ssl=ends.server_context)
        port = server.sockets[0].getsockname()[1]
        _reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=ends.client_context, server_hostname="localhost"
        )
        transport = await asyncio.wait_for(flows[0].made, 30)
        protocol = transport._ssl_protocol
        writer.write(b"x" * size)
        for _ in range(200):
            await asyncio.sleep(0.01)
            if protocol._ssl_reading_paused:
                break
        assert protocol._ssl_reading_paused
        assert protocol._get_read_buffer_size() >= 256 * 1024
        assert flows[0].received == 0
        transport.resume_reading()
        await asyncio.wait_for(writer.drain(), 30)
        while flows[0].received < size:
            await asyncio.sleep(0.01)
        writer.close()
        server.close()

    asyncio.run(asyncio.wait_for(run(), 60))


class Failing:
    """A BIO that fails when it is read for the third record."""

    def __init__(self) -> None:
        self.inner = stdlib_ssl.MemoryBIO()
        self.left: int | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def read(self, size: int = -1) -> bytes:
        if self.left is not None:
            if self.left == 0:
                raise LookupError("no more")
            self.left -= 1
        return self.inner.read(size)


def test_what_was_read_before_an_error_is_handed_out(authority: Authority, leaf: Leaf) -> None:
    pair = Pair(Ends(ferrossl, authority, leaf), Failing)
    pair.handshake()
    for _ in range(3):
        pair.end["server"].write(b"x" * 100)
    pair.move("server")
    pair.into["client"].left = 2 * 2  # a header and a body each
    assert pair.end["client"].read(1 << 16) == b"x" * 200
    with pytest.raises(LookupError, match="no more"):
        pair.end["client"].read(1 << 16)
    pair.into["client"].left = None
    assert pair.end["client"].read(1 << 16) == b"x" * 100
