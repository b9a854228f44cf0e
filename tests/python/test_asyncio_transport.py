"""``ferrossl.asyncio``: data, flow control and ends, beside what asyncio does with its own transport, with ours and with
the standard library's TLS. Where ours does something else, the test says why."""

from __future__ import annotations

import array
import asyncio
import socket
from typing import Any

import pytest

from loops import MEGABYTE, SIDES, BufferRecorder, Recorder, World, pattern, until

# ---- data ----


@pytest.mark.parametrize("size", [0, 1, 100, 16384, 16385, 65536, MEGABYTE, 5 * MEGABYTE])
def test_streams(world: World, size: int) -> None:
    async def run() -> None:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=world.server_context)
        reader, writer = await asyncio.open_connection(
            *server.sockets[0].getsockname(), ssl=world.client_context, server_hostname="localhost"
        )
        data = pattern(size)
        writer.write(data)
        # What comes back is read while more is sent.
        _, echoed = await asyncio.gather(writer.drain(), reader.readexactly(size))
        assert echoed == data
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()

    world.run(run())
    assert world.reports == []


@pytest.mark.parametrize("size", [1, 16385, 5 * MEGABYTE])
def test_both_directions_at_once(world: World, size: int) -> None:
    async def run() -> None:
        near, far = Recorder(), Recorder()
        client, server = await world.to_itself(near, far)
        client.write(pattern(size))
        server.write(pattern(size)[::-1])
        assert await far.has(size) == pattern(size)
        assert await near.has(size) == pattern(size)[::-1]
        client.close()
        assert await near.lost is None and await far.lost is None
        for protocol in (near, far):
            # With TLS the answer to close() is the peer's end, too.
            assert protocol.story[-2:] == ["eof_received", "connection_lost"]

    world.run(run())
    assert world.reports == []


BUFFERS = {
    "one byte": lambda: bytearray(1),
    "a hundred": lambda: memoryview(bytearray(100)),
    "64 KiB": lambda: bytearray(1 << 16),
    "a quarter": lambda: bytearray(1 << 18),
}


@pytest.mark.parametrize("make", BUFFERS)
def test_buffered_protocols(world: World, make: str) -> None:
    size = 20_000 if make == "one byte" else MEGABYTE

    async def run() -> None:
        protocol = BufferRecorder(lambda: memoryview(BUFFERS[make]()))
        _transport, peer = await world.to_peer(protocol)
        await peer.say(pattern(size))
        assert await protocol.has(size) == pattern(size)
        await peer.raw(peer.close_notify())
        assert await protocol.lost is None
        assert "eof_received" in protocol.events

    world.run(run())
    assert world.reports == []


@pytest.mark.parametrize(
    "make",
    [lambda: bytearray(64), lambda: array.array("I", range(16)), lambda: memoryview(bytearray(64))[8:]],
)
def test_what_buffers_may_be(ours: World, make: Any) -> None:
    """Any that can be written to. (asyncio's own wants something with ``[offset:]`` that is a view: a memoryview.)"""

    async def run() -> None:
        protocol = BufferRecorder(make)
        _, peer = await ours.to_peer(protocol)
        await peer.say(pattern(1000))
        assert await protocol.has(1000) == pattern(1000)

    ours.run(run())
    assert ours.reports == []


@pytest.mark.parametrize(
    ("buffer", "error"),
    [(b"read-only", TypeError), (None, TypeError), (bytearray(), RuntimeError), (17, TypeError)],
)
def test_what_buffers_may_not_be(ours: World, buffer: Any, error: type[Exception]) -> None:
    """An empty one is an error, as in asyncio's transports for sockets. (Its transport for TLS takes it for the end.)"""

    async def run() -> None:
        protocol = BufferRecorder(lambda: buffer)
        _, peer = await ours.to_peer(protocol)
        await peer.say(b"x")
        assert type(await protocol.lost) is error

    ours.run(run())
    assert [type(report["exception"]) for report in ours.reports] == [error]


def test_protocols_that_change(world: World) -> None:
    async def run() -> None:
        first, second = Recorder(), None
        second = BufferRecorder(lambda: memoryview(bytearray(10)))
        first.on["data_received"] = lambda _: transport.set_protocol(second)
        transport, peer = await world.to_peer(first)
        assert transport.get_protocol() is first
        await peer.say(b"first")
        await first.has(5)
        assert transport.get_protocol() is second
        await peer.say(pattern(1000))
        assert await second.has(1000) == pattern(1000)
        transport.set_protocol(first)
        first.on.clear()
        await peer.say(b"again")
        assert await first.has(10) == b"firstagain"
        transport.abort()
        assert await first.lost is None and not second.lost.done()

    world.run(run())


def test_what_can_be_written(world: World) -> None:
    async def run() -> None:
        transport, peer = await world.to_peer(Recorder())
        changing = bytearray(b"bytearray ")
        transport.write(b"bytes ")
        transport.write(changing)
        transport.write(memoryview(changing)[4:])
        transport.write(b"")
        transport.writelines([b"a", bytearray(b"b"), memoryview(b"c")])
        transport.writelines(iter([b"d", b""]))
        transport.writelines([])
        if world.kind.is_ours:
            # asyncio's own would give up the connection.
            for wrong in (["text"], [1], None):
                with pytest.raises(TypeError):
                    transport.writelines(wrong)
        for wrong in ("text", 5, None, [b"x"], array.array("I", [1])):
            with pytest.raises(TypeError, match=r"^data: expecting a bytes-like instance, got "):
                transport.write(wrong)
        with pytest.raises(NotImplementedError):
            transport.write_eof()
        assert not transport.can_write_eof()
        transport.close()
        expected = b"bytes bytearray array abcd"
        assert await peer.hear(len(expected)) == (expected, "enough")

    world.run(run())
    assert world.reports == []


def test_what_was_written_may_change(ours: World) -> None:
    """asyncio's own keeps the object itself where it waits, which a program must not touch again."""

    async def run() -> None:
        transport, peer = await ours.to_peer(Recorder())
        data = bytearray(pattern(MEGABYTE))
        for _ in range(8):
            transport.write(data)
            transport.write(memoryview(data))
        data[:] = bytes(MEGABYTE)
        assert transport.get_write_buffer_size() > MEGABYTE
        expected = pattern(MEGABYTE) * 16
        assert await peer.hear(len(expected)) == (expected, "enough")
        assert transport.get_write_buffer_size() == 0

    ours.run(run())


def test_pieces_of_every_size(world: World) -> None:
    """Behind one another in what waits: none is lost, changed or out of order."""

    async def run() -> None:
        transport, peer = await world.to_peer(Recorder())
        sent = bytearray()
        for number in range(600):
            data = pattern(number * 7919 % 70_000)[::-1]
            sent += data
            (transport.write if number % 3 else lambda data: transport.writelines([data, data[:0]]))(data)
        heard, how = await peer.hear(len(sent))
        assert heard == sent and how == "enough"

    world.run(run())


# ---- flow control ----


def test_others_have_their_turn(ours: World) -> None:
    """However fast the peer reads, what waits is not sent in one go."""

    async def run() -> None:
        transport, peer = await ours.to_peer(Recorder())
        while not transport.get_write_buffer_size():
            transport.write(bytes(1 << 16))
        transport.write(bytes(64 * MEGABYTE))
        peer.sock.setblocking(True)
        peer.sock.settimeout(10)

        def drain() -> None:
            buffer = bytearray(MEGABYTE)
            left = 64 * MEGABYTE
            while left > 0:
                left -= peer.sock.recv_into(buffer)

        before = ours.selector.count
        draining = asyncio.get_running_loop().run_in_executor(None, drain)
        await draining
        assert ours.selector.count - before >= 30
        transport.abort()

    ours.run(run())


@pytest.mark.parametrize("side", SIDES)
def test_a_peer_that_does_not_read(world: World, side: str) -> None:
    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol, side)
        assert transport.get_write_buffer_limits() == (128 * 1024, 512 * 1024)
        count = 0
        while "pause_writing" not in protocol.events:
            assert count < 2000, "never paused"
            transport.write(pattern(1 << 16))
            count += 1
            await asyncio.sleep(0)
        assert transport.get_write_buffer_size() >= 512 * 1024
        assert await world.quiet() < 20
        heard, how = await peer.hear(count << 16)
        assert heard == pattern(1 << 16) * count and how == "enough"
        assert protocol.events == ["connection_made", "pause_writing", "resume_writing"]
        assert transport.get_write_buffer_size() == 0

    world.run(run())


def test_the_marks_can_be_set(ours: World) -> None:
    """With ``high=0`` asyncio's own says pause_writing although nothing waits."""

    async def run() -> None:
        protocol = Recorder()
        transport, peer = await ours.to_peer(protocol)
        for limits, expected in [
            ({"high": 0}, (0, 0)),
            ({"high": 100}, (25, 100)),
            ({"low": 100}, (100, 400)),
            ({"high": 100, "low": 0}, (0, 100)),
            ({}, (128 * 1024, 512 * 1024)),
        ]:
            transport.set_write_buffer_limits(**limits)
            assert transport.get_write_buffer_limits() == expected
        with pytest.raises(ValueError, match="must be >= low"):
            transport.set_write_buffer_limits(high=1, low=2)
        assert "pause_writing" not in protocol.events
        transport.set_write_buffer_limits(high=0)
        count = 0
        while not transport.get_write_buffer_size():
            transport.write(pattern(1 << 16))
            count += 1
        assert protocol.story == ["connection_made", "pause_writing"]
        # While it waits.
        transport.set_write_buffer_limits(high=1 << 30, low=1 << 29)
        assert protocol.story[-1] == "resume_writing"
        transport.set_write_buffer_limits(high=0)
        assert protocol.story[-1] == "pause_writing"
        assert await peer.hear(count << 16) == (pattern(1 << 16) * count, "enough")
        await until(lambda: protocol.story[-1] == "resume_writing")

    ours.run(run())


def test_the_size_of_what_waits(world: World) -> None:
    async def run() -> None:
        transport, _ = await world.to_peer(Recorder())
        assert transport.get_write_buffer_size() == 0
        transport.write(bytes(20 * MEGABYTE))
        waits = transport.get_write_buffer_size()
        if world.kind.is_ours:
            # asyncio's own does not count what its transport for the socket has.
            assert 10 * MEGABYTE < waits <= 21 * MEGABYTE
        before = transport.get_write_buffer_size()
        transport.write(bytes(1000))
        assert transport.get_write_buffer_size() - before in (
            (1000,) if world.kind.is_ours else (0, 1000, 1022)
        )
        transport.abort()

    world.run(run())


@pytest.mark.parametrize("side", SIDES)
def test_a_pause_while_the_peer_sends_without_end(world: World, side: str) -> None:
    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol, side)
        transport.pause_reading()
        transport.pause_reading()
        assert not transport.is_reading()
        size = 20 * MEGABYTE
        sending = asyncio.create_task(peer.say(pattern(size)))
        await world.quiet()
        assert await world.quiet() < 20
        assert not protocol.data and not sending.done()
        transport.resume_reading()
        transport.resume_reading()
        assert transport.is_reading()
        assert await protocol.has(size) == pattern(size)
        await sending

    world.run(run())


def test_pauses_in_the_middle_of_what_has_come(ours: World) -> None:
    """Each call is followed by a pause: nothing comes while it lasts, and nothing is lost."""

    async def run() -> None:
        pauses: list[None] = []

        def pause(protocol: Recorder) -> None:
            assert not pauses
            pauses.append(None)
            protocol.transport.pause_reading()

        protocol = BufferRecorder(lambda: bytearray(1000), buffer_updated=pause)
        transport, peer = await ours.to_peer(protocol)
        await peer.raw(peer.records(pattern(100_000)) + peer.close_notify())
        while len(protocol.data) < 100_000:
            await until(lambda: pauses)
            await asyncio.sleep(0)
            assert protocol.story == ["connection_made"]
            pauses.clear()
            transport.resume_reading()
        assert protocol.data == pattern(100_000)
        assert await protocol.lost is None
        assert "eof_received" in protocol.events

    ours.run(run())


@pytest.mark.parametrize("how", ["close_notify", "the end"])
def test_an_end_behind_a_pause(world: World, how: str) -> None:
    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol)
        transport.pause_reading()
        await peer.raw(peer.records(b"last words") + (peer.close_notify() if how == "close_notify" else b""))
        peer.sock.shutdown(socket.SHUT_WR)
        await world.quiet()
        assert await world.quiet() < 20
        assert protocol.story == ["connection_made"] and not protocol.data
        transport.resume_reading()
        assert await protocol.lost is None
        assert protocol.data == b"last words"
        assert protocol.story == ["connection_made", "eof_received", "connection_lost"]

    world.run(run())
