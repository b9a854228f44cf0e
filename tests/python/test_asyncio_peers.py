"""``ferrossl.asyncio``: handshakes that fail, peers that mean harm, protocols that raise or come back, descriptors."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import soak
from loops import MEGABYTE, SIDES, BufferRecorder, Recorder, World, pattern, until
from pki import Authority, Leaf

# ---- handshakes ----


@pytest.mark.parametrize("side", SIDES)
def test_a_handshake_that_takes_too_long(world: World, side: str) -> None:
    async def run() -> None:
        near, _far = world.pair()
        protocol = Recorder()
        with pytest.raises(
            ConnectionAbortedError,
            match=r"^SSL handshake is taking longer than 0\.1 seconds: aborting the connection$",
        ):
            await world.tls(near, protocol, side, ssl_handshake_timeout=0.1)
        assert protocol.events == []
        assert near.fileno() == -1

    world.run(run())
    assert world.reports == []


def failing(world: World, side: str, far: socket.socket, how: str) -> None:
    if how == "reset":
        world.peer(far, side).reset()
    else:
        words = {
            "end": b"",
            "a piece": b"\x16\x03\x03\x01\x00\x02",
            "http": b"GET / HTTP/1.1\r\n\r\n",
            "garbage": bytes(64),
            "alert": b"\x15\x03\x03\x00\x02\x02\x28",
        }[how]
        far.sendall(words)
        far.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("how", ["end", "a piece", "reset", "http", "garbage", "alert"])
def test_handshakes_that_fail(world: World, side: str, how: str) -> None:
    expected = world.kind.module.SSLError if how in ("http", "garbage", "alert") else ConnectionResetError

    async def run() -> None:
        near, far = world.pair()
        protocol = Recorder()
        failing(world, side, far, how)
        with pytest.raises(expected) as caught:
            await world.tls(near, protocol, side)
        if expected is not ConnectionResetError:
            assert caught.value.library == "SSL" and caught.value.reason
        # There was no connection, and none is lost.
        assert protocol.events == []
        await until(lambda: near.fileno() == -1)

    world.run(run())
    assert world.reports == []


def test_a_client_that_does_not_trust_the_server(world: World) -> None:
    module = world.kind.module

    async def run() -> None:
        near, far = world.pair()
        failures: list[Any] = await asyncio.gather(
            world.tls(near, Recorder(), "client", ssl=module.create_default_context()),
            world.tls(far, Recorder(), "server"),
            return_exceptions=True,
        )
        client, server = failures
        assert isinstance(client, module.SSLCertVerificationError)
        assert isinstance(client, module.CertificateError) and isinstance(client, ValueError)
        assert client.reason == "CERTIFICATE_VERIFY_FAILED" and client.library == "SSL"
        assert client.verify_code == 20 and "issuer" in client.verify_message
        if world.kind.is_ours:
            # asyncio's own hangs up without the alert.
            assert isinstance(server, module.SSLError)
            assert server.reason == "TLSV1_ALERT_UNKNOWN_CA"
        assert isinstance(server, OSError)

    world.run(run())
    assert world.reports == []


def test_what_a_server_logs_in_debug_mode(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "asyncio")
    world.loop.set_debug(True)
    world.loop.slow_callback_duration = 1e9

    async def run() -> None:
        server = await world.loop.create_server(Recorder, "127.0.0.1", 0, ssl=world.server_context)
        with socket.create_connection(server.sockets[0].getsockname()) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            await until(lambda: world.reports)
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol)
        transport.pause_reading()
        transport.resume_reading()
        await peer.raw(peer.close_notify())
        peer.sock.shutdown(socket.SHUT_WR)
        await protocol.lost
        server.close()
        await server.wait_closed()

    world.run(run())
    assert [report["message"] for report in world.reports] == [
        "Error on transport creation for incoming connection"
    ]
    assert isinstance(world.reports[0]["exception"], world.kind.module.SSLError)
    for words in ("starts SSL handshake", "SSL handshake took", "SSL handshake failed"):
        assert words in caplog.text, words


def test_handshakes_that_are_cancelled_leave_no_descriptors(world: World) -> None:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("no /proc")

    async def run() -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        address = listener.getsockname()
        server = await world.loop.create_server(Recorder, "127.0.0.1", 0, ssl=world.server_context)
        before = len(list(folder.iterdir()))
        for steps in range(14):
            for upgrade in (False, True):
                for target in (address, server.sockets[0].getsockname()):
                    await cancelled(target, steps, upgrade)
        far = []
        listener.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                far.append(listener.accept()[0])
        for sock in far:
            sock.close()
        for _ in range(200):
            if len(list(folder.iterdir())) <= before:
                break
            await asyncio.sleep(0.01)
        else:
            pytest.fail("descriptors are left")
        server.close()
        listener.close()
        await server.wait_closed()

    async def cancelled(address: Any, steps: int, upgrade: bool) -> None:
        async def connect() -> None:
            options: Any = {} if upgrade else {"ssl": world.client_context, "server_hostname": "localhost"}
            transport, _ = await world.loop.create_connection(Recorder, *address, **options)
            try:
                if upgrade:
                    transport = await world.loop.start_tls(
                        transport, Recorder(), world.client_context, server_hostname="localhost"
                    )
            finally:
                transport.abort()

        task = asyncio.create_task(connect())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    world.run(run())
    # A server says nothing of clients that go away.
    assert world.reports == []


# ---- peers that mean harm ----


@pytest.mark.parametrize("side", SIDES)
def test_one_byte_at_a_time(ours: World, side: str) -> None:
    async def run() -> None:
        protocol = Recorder()
        near, far = ours.pair()
        peer = ours.peer(far, side)
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        whole = peer.raw

        async def raw(data: bytes) -> None:
            for place in range(len(data)):
                await whole(data[place : place + 1])
                await asyncio.sleep(0)

        peer.raw = raw  # type: ignore[method-assign]
        await asyncio.gather(ours.tls(near, protocol, side), peer.handshake())
        await peer.raw(peer.records(b"first", b"second") + peer.close_notify())
        assert await protocol.lost is None
        assert protocol.data == b"firstsecond"

    ours.run(run())


@pytest.mark.parametrize("buffered", [False, True])
def test_many_records_in_one_segment(ours: World, buffered: bool) -> None:
    async def run() -> None:
        protocol = BufferRecorder(lambda: bytearray(3)) if buffered else Recorder()
        _, peer = await ours.to_peer(protocol)
        pieces = [pattern(number % 7) or b"x" for number in range(3000)]
        await peer.raw(peer.records(*pieces) + peer.close_notify())
        assert await protocol.lost is None
        assert protocol.data == b"".join(pieces)

    ours.run(run())


@pytest.mark.parametrize("wrong", ["a byte", "no record", "too long"])
def test_records_that_are_wrong(world: World, wrong: str) -> None:
    async def run() -> None:
        protocol = Recorder()
        _transport, peer = await world.to_peer(protocol)
        good, bad = peer.records(b"good"), bytearray(peer.records(b"bad"))
        if wrong == "a byte":
            bad[-1] ^= 1
        elif wrong == "no record":
            bad = bytearray(b"GET / HTTP/1.1\r\n\r\n" * 10)
        else:
            bad[3:5] = b"\xff\xff"
        await peer.raw(good)
        await protocol.has(4)
        await peer.raw(bytes(bad))
        assert isinstance(await protocol.lost, world.kind.module.SSLError)
        assert protocol.data == b"good" and "eof_received" not in protocol.events
        if not world.kind.is_ours:
            # asyncio's own hangs up without a word.
            return
        with pytest.raises(OSError, match="ALERT"):
            await peer.hear()

    world.run(run())
    assert world.reports == []


def keys_updated(authority: Authority, leaf: Leaf, count: int) -> tuple[Any, Callable[[], bytes]]:
    """A server of OpenSSL's, and what gives so many requests to change keys, with data behind them."""
    try:
        library = soak.load()
    except OSError as error:
        pytest.skip(str(error))
    end = soak.OpenSSL(library, True, "TLSv1.3", leaf, authority.file)

    def flood() -> bytes:
        for number in range(count):
            end.update_keys(True)
            # More than 32 in a row are refused.
            if number % 20 == 0:
                end.write(b".")
        end.write(b"behind them")
        return bytes(end.take())

    return end, flood


@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize("reads", [True, False])
def test_key_updates_without_end(
    ours: World, authority: Authority, leaf: Leaf, reads: bool, closes: bool
) -> None:
    """Each asks for an answer. A peer that reads none of them is not heard until it does."""
    end, flood = keys_updated(authority, leaf, 40_000)

    async def run() -> None:
        protocol = Recorder()
        near, far = ours.pair()
        far.setblocking(False)
        if not reads:
            for sock, option in ((near, socket.SO_SNDBUF), (far, socket.SO_RCVBUF)):
                sock.setsockopt(socket.SOL_SOCKET, option, 1 << 14)
        connecting = asyncio.create_task(ours.tls(near, protocol, "client"))
        while not end.handshake():
            await ours.loop.sock_sendall(far, end.take())
            end.feed(await ours.loop.sock_recv(far, 1 << 16))
        await ours.loop.sock_sendall(far, end.take())
        transport = await connecting
        sending = asyncio.create_task(ours.loop.sock_sendall(far, flood()))
        if closes:
            await asyncio.sleep(0.01)
            transport.close()
        if not reads:
            await ours.quiet(0.3)
            assert await ours.quiet() < 20, "it spins"
            assert transport.get_write_buffer_size() < MEGABYTE
        heard = b"x"
        while not protocol.data.endswith(b"them") and not (closes and protocol.lost.done()):
            with contextlib.suppress(asyncio.TimeoutError):
                heard = await asyncio.wait_for(ours.loop.sock_recv(far, 1 << 16), 0.05)
            if closes and sending.done() and heard == b"":
                break
            if closes and sending.done():
                end.library.SSL_shutdown(end.ssl)
                with contextlib.suppress(OSError):
                    await ours.loop.sock_sendall(far, end.take())
        await sending
        if closes:
            assert await protocol.lost is None and b"behind" not in protocol.data
        else:
            assert protocol.data == b"." * 2000 + b"behind them"
            transport.abort()

    ours.run(run())
    end.close()
    assert ours.reports == []


# ---- protocols ----


class Oops(Exception):
    pass


def raising(error: type[BaseException]) -> Callable[[Any], Any]:
    def raise_it(_: Any) -> None:
        raise error("of the program's")

    return raise_it


@pytest.mark.parametrize("error", [Oops, OSError, asyncio.CancelledError])
@pytest.mark.parametrize(
    "where", ["connection_made", "data_received", "get_buffer", "buffer_updated", "eof_received"]
)
def test_protocols_that_raise(world: World, where: str, error: type[BaseException]) -> None:
    async def run() -> None:
        on = {where: raising(error)}
        buffered = "buffer" in where
        protocol = BufferRecorder(lambda: memoryview(bytearray(10)), **on) if buffered else Recorder(**on)
        if where == "connection_made":
            with pytest.raises(error):
                await world.to_peer(protocol)
        else:
            # asyncio's own asks for a buffer at once, whether or not there is anything.
            with contextlib.suppress(*(() if world.kind.is_ours else (error, OSError))):
                _, peer = await world.to_peer(protocol)
                await peer.raw(peer.records(b"data") + peer.close_notify())
        lost = await protocol.lost
        assert type(lost) is error
        assert protocol.events.count("connection_lost") == 1

    world.run(run())
    if error is Oops:
        [report] = world.reports
        assert type(report["exception"]) is Oops and report["transport"] and report["protocol"]
        expected = {
            # asyncio's own says "Error calling eof_received()" for its end without close_notify only.
            "eof_received": "Error calling eof_received()",
            # Raised where asyncio's own is asked for a buffer itself.
            "connection_made": None,
        }.get(where, "Fatal error on SSL protocol")
        assert expected in (report["message"], None)
    elif error is OSError or world.kind.is_ours:
        assert world.reports == []


@pytest.mark.parametrize("where", ["pause_writing", "resume_writing"])
def test_flow_control_that_raises(world: World, where: str) -> None:
    """It is reported, and the connection goes on."""

    async def run() -> None:
        protocol = Recorder(**{where: raising(Oops)})
        transport, peer = await world.to_peer(protocol)
        for _ in range(10):
            transport.write(pattern(MEGABYTE))
        assert await peer.hear(10 * MEGABYTE) == (pattern(MEGABYTE) * 10, "enough")
        await until(lambda: "resume_writing" in protocol.events)
        transport.write(b"more")
        assert await peer.hear(4) == (b"more", "enough")

    world.run(run())
    assert [report["message"] for report in world.reports] == [f"protocol.{where}() failed"]
    assert isinstance(world.reports[0]["exception"], Oops)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize(
    "where", ["connection_made", "data_received", "buffer_updated", "eof_received", "pause_writing"]
)
def test_what_ends_the_program_comes_through(world: World, where: str, error: type[BaseException]) -> None:
    async def run() -> None:
        on = {where: raising(error)}
        buffered = "buffer" in where
        protocol = BufferRecorder(lambda: memoryview(bytearray(10)), **on) if buffered else Recorder(**on)
        transport, peer = await world.to_peer(protocol)
        if where == "pause_writing":
            for _ in range(10):
                world.loop.call_soon(transport.write, bytes(MEGABYTE))
        else:
            await peer.raw(peer.records(b"data") + peer.close_notify())
        await asyncio.sleep(10)

    with pytest.raises(error):
        world.run(run())
    # The loop can go on.
    assert world.loop.run_until_complete(asyncio.sleep(0, "fine")) == "fine"
    assert world.reports == []


ACTIONS: dict[str, Callable[[Any], Any]] = {
    "close": lambda protocol: protocol.transport.close(),
    "abort": lambda protocol: protocol.transport.abort(),
    "write": lambda protocol: protocol.transport.write(b"from within"),
    "write and close": lambda protocol: (
        protocol.transport.write(pattern(MEGABYTE)),
        protocol.transport.close(),
    ),
    "pause and resume": lambda protocol: (
        protocol.transport.pause_reading(),
        protocol.transport.resume_reading(),
    ),
    "set_protocol": lambda protocol: protocol.transport.set_protocol(protocol),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "where",
    ["connection_made", "data_received", "get_buffer", "buffer_updated", "eof_received", "connection_lost"],
)
def test_calls_from_within(ours: World, where: str, action: str) -> None:
    done = False

    def once(protocol: Any) -> None:
        nonlocal done
        if not done:
            done = True
            ACTIONS[action](protocol)

    async def run() -> None:
        buffered = "buffer" in where
        protocol = (
            BufferRecorder(lambda: memoryview(bytearray(10)), **{where: once})
            if buffered
            else Recorder(**{where: once})
        )
        _transport, peer = await ours.to_peer(protocol)
        with contextlib.suppress(OSError):
            await peer.raw(peer.records(pattern(1000)))
        if where in ("eof_received", "connection_lost"):
            await protocol.has(1000)
            await peer.raw(peer.close_notify())
        heard, how = b"", ""
        if action in ("write", "write and close") and where != "connection_lost":
            size = 11 if action == "write" else MEGABYTE
            heard, _ = await peer.hear(size)
            assert heard == (b"from within" if action == "write" else pattern(MEGABYTE))
        if action != "abort":
            if "close" in action and where not in ("eof_received", "connection_lost"):
                assert await peer.hear() == (b"", "close_notify")
            elif where not in ("eof_received", "connection_lost"):
                assert await protocol.has(1000) == pattern(1000)
            with contextlib.suppress(OSError):
                await peer.raw(peer.close_notify())
        assert await protocol.lost is None, how
        assert done
        assert protocol.events.count("eof_received") <= 1

    ours.run(run())
    assert ours.reports == []


# ---- descriptors ----


@pytest.mark.parametrize("given", ["close", "detach"])
def test_a_socket_that_is_closed_under_the_transport(ours: World, given: str) -> None:
    """Its descriptor's number may be another file's by then: nothing is written to that."""

    async def run() -> None:
        protocol = Recorder()
        near, far = ours.pair()
        peer = ours.peer(far, "client")
        transport, _ = await asyncio.gather(ours.tls(near, protocol, "client"), peer.handshake())
        number = near.fileno()
        if given == "close":
            near.close()
        else:
            os.close(near.detach())
        reading, writing = os.pipe()
        try:
            os.set_blocking(reading, False)
            if writing != number:
                os.dup2(writing, number)
            transport.write(b"secret")
            lost = await protocol.lost
            assert isinstance(lost, OSError) and lost.errno == 9
            with pytest.raises(BlockingIOError):
                os.read(reading, 100)
        finally:
            for descriptor in {reading, writing, number}:
                with contextlib.suppress(OSError):
                    os.close(descriptor)

    ours.run(run())
    assert ours.reports == []


def test_many_connections_at_once(world: World) -> None:
    async def run() -> None:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readexactly(1000))
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=world.server_context, backlog=200)

        async def ask(number: int) -> None:
            reader, writer = await asyncio.open_connection(
                *server.sockets[0].getsockname(), ssl=world.client_context, server_hostname="localhost"
            )
            data = pattern(1000 + number)[number:]
            writer.write(data)
            assert await reader.read() == data
            writer.close()
            await writer.wait_closed()

        await asyncio.gather(*(ask(number) for number in range(60)))
        server.close()
        await server.wait_closed()

    world.run(run())
    assert world.reports == []
