"""``ferrossl.asyncio``: how connections end, beside asyncio's own transport, with ours and with the standard library's TLS."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import weakref
from typing import Any

import pytest

from loops import MEGABYTE, OURS, SIDES, Recorder, World, pattern, until
from pki import Authority, Leaf


@pytest.mark.parametrize("side", SIDES)
def test_close_sends_everything_to_a_slow_reader(world: World, side: str) -> None:
    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol, side)
        data = pattern(10 * MEGABYTE)
        transport.write(data)
        transport.close()
        assert (transport.is_closing() and not transport.is_reading()) or not world.kind.is_ours
        transport.write(b"too late")
        assert await world.quiet() < 20
        assert await peer.hear() == (data, "close_notify")
        await peer.raw(peer.close_notify())
        assert await protocol.lost is None
        assert protocol.story[-2:] == ["eof_received", "connection_lost"]

    world.run(run())
    assert world.reports == []


@pytest.mark.parametrize("size", [0, 10 * MEGABYTE])
def test_close_while_the_peer_goes_on_sending(ours: World, size: int) -> None:
    """All that was written arrives, what comes in is dropped. (asyncio's own fails when data comes behind its close_notify.)"""

    async def run() -> None:
        protocol = Recorder()
        transport, peer = await ours.to_peer(protocol)
        transport.write(pattern(size))
        transport.close()
        for _ in range(20):
            await peer.say(pattern(1 << 18))
        await ours.quiet()
        assert await ours.quiet() < 20, "it spins"
        heard = await peer.hear()
        assert heard == (pattern(size), "close_notify")
        await peer.say(b"more")
        await peer.raw(peer.close_notify())
        assert await protocol.lost is None
        assert not protocol.data

    ours.run(run())
    assert ours.reports == []


@pytest.mark.parametrize("how", ["close_notify", "the end", "a piece of a record"])
@pytest.mark.parametrize("size", [0, 10 * MEGABYTE])
def test_the_peer_closes_while_we_have_much_to_send(world: World, how: str, size: int) -> None:
    """A half-closed connection: what was written before still arrives."""

    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol)
        transport.write(pattern(size))
        end = {"close_notify": peer.close_notify, "a piece of a record": lambda: peer.records(bytes(9))[:-4]}
        await peer.raw(peer.records(b"last words") + end.get(how, bytes)())
        peer.sock.shutdown(socket.SHUT_WR)
        await until(lambda: "eof_received" in protocol.events)
        transport.write(b"too late")
        assert await world.quiet() < 20, "it spins"
        heard, end = await peer.hear()
        assert heard == pattern(size)
        assert end == ("close_notify" if how == "close_notify" else "the end")
        assert await protocol.lost is None
        assert protocol.data == b"last words"

    world.run(run())
    assert world.reports == []


def test_garbage_behind_close_notify_while_we_have_much_to_send(ours: World) -> None:
    async def run() -> None:
        protocol = Recorder()
        transport, peer = await ours.to_peer(protocol)
        transport.write(pattern(10 * MEGABYTE))
        await peer.raw(peer.close_notify())
        await peer.raw(bytes(5 * MEGABYTE))
        await until(lambda: transport.is_closing())
        await ours.quiet()
        assert await ours.quiet() < 20, "it spins"
        # It says close_notify, as it heard one.
        assert await peer.hear() == (pattern(10 * MEGABYTE), "close_notify")
        assert await protocol.lost is None

    ours.run(run())
    assert ours.reports == []


@pytest.mark.parametrize("phase", ["idle", "paused", "sending", "closing"])
def test_resets(world: World, phase: str) -> None:
    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol)
        if phase == "paused":
            transport.pause_reading()
        if phase == "sending":
            transport.write(bytes(10 * MEGABYTE))
        if phase == "closing":
            transport.close()
            await asyncio.sleep(0)
        peer.reset()
        if phase == "paused":
            assert await world.quiet() < 20
            transport.resume_reading()
        assert isinstance(await protocol.lost, ConnectionResetError)
        assert protocol.story[-1] == "connection_lost" and "eof_received" not in protocol.story
        assert transport.is_closing()

    world.run(run())
    # An OSError is the network's doing: it is logged in debug mode only.
    assert world.reports == []


def test_abort(world: World) -> None:
    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol)
        transport.write(b"first")
        await asyncio.sleep(0)
        transport.write(bytes(10 * MEGABYTE))
        transport.abort()
        transport.abort()
        transport.close()
        assert transport.is_closing()
        assert protocol.story == ["connection_made"] or "pause_writing" in protocol.story
        assert await protocol.lost is None
        assert protocol.story[-1] == "connection_lost" and "eof_received" not in protocol.story
        with contextlib.suppress(ConnectionResetError):
            heard, how = await peer.hear()
            assert len(heard) < 10 * MEGABYTE and how == "the end"

    world.run(run())
    assert world.reports == []


@pytest.mark.parametrize("end", ["close", "abort"])
def test_writes_that_come_too_late(world: World, end: str, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> int:
        protocol = Recorder()
        transport, _peer = await world.to_peer(protocol)
        getattr(transport, end)()
        if end == "abort":
            await protocol.lost
        writes = 0
        while "SSL connection is closed" not in caplog.text:
            assert writes < 10
            transport.write(b"x")
            writes += 1
        with pytest.raises(TypeError):
            transport.write("text")
        transport.abort()
        return writes

    # The loss counts for one.
    assert world.run(run()) == (6 if end == "close" else 5)
    assert {record.levelname for record in caplog.records} == {"WARNING"}


@pytest.mark.parametrize("reads", [True, False])
def test_a_peer_that_never_says_close_notify(world: World, reads: bool) -> None:
    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol, ssl_shutdown_timeout=0.2)
        size = 1000 if reads else 10 * MEGABYTE
        transport.write(pattern(size))
        transport.close()
        if reads:
            assert await peer.hear() == (pattern(size), "close_notify")
        lost = await protocol.lost
        assert isinstance(lost, TimeoutError) and str(lost) == "SSL shutdown timed out"

    world.run(run())
    assert world.reports == []


@pytest.mark.parametrize("timeout", ["ssl_handshake_timeout", "ssl_shutdown_timeout"])
@pytest.mark.parametrize("seconds", [0, -1])
def test_timeouts_are_positive(world: World, timeout: str, seconds: float) -> None:
    async def run() -> None:
        with pytest.raises(ValueError, match=f"{timeout} should be a positive number, got {seconds}"):
            await world.tls(world.pair()[0], Recorder(), "client", **{timeout: seconds})

    world.run(run())


@pytest.mark.parametrize("end", ["close", "abort", "peer", "failure"])
def test_no_cycle_is_left_behind(ours: World, end: str) -> None:
    class Kept(Recorder):
        pass

    async def run() -> list[Any]:
        protocol = Kept()
        if end == "failure":
            protocol.on["data_received"] = lambda _: 1 / 0
        transport, peer = await ours.to_peer(protocol)
        # As everybody keeps it.
        assert protocol.transport is transport
        transport.write(bytes(1000))
        if end == "close":
            transport.close()
        elif end == "abort":
            transport.abort()
        elif end == "failure":
            await peer.say(b"x")
        if end in ("close", "peer"):
            await peer.raw(peer.close_notify())
        with contextlib.suppress(ZeroDivisionError):
            exc = await protocol.lost
            if exc is not None:
                exc.__traceback__ = None
        return [
            weakref.ref(protocol),
            weakref.ref(transport),
            weakref.ref(transport.get_extra_info("ssl_object")),
        ]

    gc.collect()
    gc.disable()
    try:
        kept = ours.run(run())
        ours.reports.clear()
        assert [name() for name in kept] == [None] * len(kept)
    finally:
        gc.enable()


def test_a_transport_that_is_forgotten(authority: Authority, leaf: Leaf) -> None:
    def forget() -> None:
        world = World(OURS, authority, leaf)

        async def run() -> None:
            await world.to_peer(Recorder())

        world.run(run())
        world.close()

    with pytest.warns(ResourceWarning, match="unclosed transport <SSLTransport open fd=") as caught:
        forget()
        gc.collect()
    assert any("_Carrier" in str(warning.message) for warning in caught)
