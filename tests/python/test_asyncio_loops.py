"""``ferrossl.asyncio``: what event loops are asked for (start_tls, sendfile, servers), contexts of every kind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import pytest

import ferrossl
import ferrossl.asyncio
from loops import MEGABYTE, OURS, Recorder, World, pattern, until
from pki import Authority, Leaf


def is_native(transport: Any) -> bool:
    return type(transport).__name__ == "SSLTransport"


# ---- start_tls ----


async def plain(world: World) -> tuple[Any, Any, socket.socket]:
    near, far = world.pair()
    transport, protocol = await world.loop.create_connection(Recorder, sock=near)
    return transport, protocol, far


@pytest.mark.parametrize("side", ["client", "server"])
def test_start_tls(world: World, side: str) -> None:
    async def run() -> None:
        transport, before, far = await plain(world)
        peer = world.peer(far, side)
        await world.loop.sock_sendall(far, b"in clear")
        await before.has(8)
        transport.write(b"answer")
        assert await world.loop.sock_recv(far, 6) == b"answer"
        protocol = Recorder()

        async def peers_part() -> None:
            await peer.handshake()
            # Right behind the handshake.
            await peer.say(pattern(100_000))

        options = {"server_side": True} if side == "server" else {"server_hostname": "localhost"}
        context = world.server_context if side == "server" else world.client_context
        upgraded, _ = await asyncio.gather(
            world.loop.start_tls(transport, protocol, context, **options), peers_part()
        )
        assert is_native(upgraded) == world.kind.is_ours
        assert await protocol.has(100_000) == pattern(100_000)
        upgraded.write(b"hello")
        assert await peer.hear(5) == (b"hello", "enough")
        assert upgraded.get_extra_info("sslcontext") is context
        assert upgraded.get_extra_info("peername") == far.getsockname()
        upgraded.close()
        assert await peer.hear() == (b"", "close_notify")
        await peer.raw(peer.close_notify())
        assert await protocol.lost is None
        # It was not told of the beginning.
        assert protocol.story == ["eof_received", "connection_lost"]
        assert before.story == ["connection_made"]

    world.run(run())
    assert world.reports == []


def test_start_tls_behind_what_is_not_sent_yet(world: World) -> None:
    async def run() -> None:
        transport, _, far = await plain(world)
        transport.write(pattern(10 * MEGABYTE))
        assert transport.get_write_buffer_size()
        peer = world.peer(far, "client")
        upgrading = asyncio.create_task(
            world.loop.start_tls(transport, Recorder(), world.client_context, server_hostname="localhost")
        )
        heard = b""
        while len(heard) < 10 * MEGABYTE:
            heard += await world.loop.sock_recv(far, min(1 << 20, 10 * MEGABYTE - len(heard)))
        assert heard == pattern(10 * MEGABYTE)
        await peer.handshake()
        upgraded = await upgrading
        upgraded.write(b"hello")
        assert await peer.hear(5) == (b"hello", "enough")
        upgraded.abort()

    world.run(run())


def test_start_tls_that_fails(world: World) -> None:
    async def run() -> None:
        transport, _, far = await plain(world)
        far.sendall(b"500 not here\r\n")
        protocol = Recorder()
        with pytest.raises(world.kind.module.SSLError) as caught:
            await world.loop.start_tls(transport, protocol, world.client_context, server_hostname="localhost")
        assert caught.value.reason == "WRONG_VERSION_NUMBER"
        await protocol.lost
        assert protocol.story == ["connection_lost"]
        assert transport.is_closing()
        with pytest.raises(TypeError):
            await world.loop.start_tls(transport, protocol, None)

    world.run(run())
    assert world.reports == []


def test_a_program_that_goes_on_using_the_transport_below(ours: World) -> None:
    """It takes nothing of what comes, and when it is closed, what was written is still sent."""

    async def run() -> None:
        transport, _, far = await plain(ours)
        peer = ours.peer(far, "client")
        protocol = Recorder()
        upgraded, _ = await asyncio.gather(
            ours.loop.start_tls(transport, protocol, ours.client_context, server_hostname="localhost"),
            peer.handshake(),
        )
        transport.pause_reading()
        transport.resume_reading()
        await peer.say(b"data")
        assert await protocol.has(4) == b"data"
        upgraded.write(pattern(10 * MEGABYTE))
        transport.close()
        assert upgraded.is_closing()
        assert await peer.hear() == (pattern(10 * MEGABYTE), "the end")
        assert await protocol.lost is None

    ours.run(run())
    assert ours.reports == []


def test_streams_start_tls(world: World) -> None:
    async def run() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readexactly(8))
            await writer.drain()
            await writer.start_tls(world.server_context)
            writer.write(await reader.readline())
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"STARTTLS")
        assert await reader.readexactly(8) == b"STARTTLS"
        await writer.start_tls(world.client_context, server_hostname="localhost")
        writer.write(b"line\n")
        assert await reader.read() == b"line\n"
        writer.close()
        await writer.wait_closed()
        server.close()

    world.run(run())
    assert world.reports == []


def test_a_client_that_begins_before_it_is_asked_to(ours: World) -> None:
    """Its ClientHello is in the reader of the server's stream already; Python 3.14 knows of that, too (gh-142352)."""

    async def run() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while not reader._buffer:  # type: ignore[attr-defined]
                await asyncio.sleep(0.001)
            await ours.loop.start_tls(
                writer.transport, writer.transport.get_protocol(), ours.server_context, server_side=True
            )
            served.set_result(await reader.readline())

        served = ours.loop.create_future()
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await writer.start_tls(ours.client_context, server_hostname="localhost")
        writer.write(b"line\n")
        assert await served == b"line\n"
        writer.transport.abort()
        server.close()

    ours.run(run())


def test_a_failed_start_tls_leaves_no_cycle(ours: World) -> None:
    async def run() -> weakref.ref[Any]:
        near, far = ours.pair()
        transport, protocol = await ours.loop.create_connection(asyncio.Protocol, sock=near)
        far.sendall(b"500 not here\r\n")
        with contextlib.suppress(OSError):
            await ours.loop.start_tls(transport, protocol, ours.client_context, server_hostname="localhost")
        await asyncio.sleep(0.01)
        return weakref.ref(transport)

    gc.collect()
    gc.disable()
    try:
        assert ours.run(run())() is None
    finally:
        gc.enable()


def test_tls_in_tls(world: World) -> None:
    async def run() -> None:
        near, far = Recorder(), Recorder()
        client, server = await world.to_itself(near, far)
        inner_near, inner_far = Recorder(), Recorder()
        inner_client, inner_server = await asyncio.gather(
            world.loop.start_tls(client, inner_near, world.client_context, server_hostname="localhost"),
            world.loop.start_tls(server, inner_far, world.server_context, server_side=True),
        )
        inner_client.write(pattern(3 * MEGABYTE))
        inner_server.write(pattern(MEGABYTE))
        assert await inner_far.has(3 * MEGABYTE) == pattern(3 * MEGABYTE)
        assert await inner_near.has(MEGABYTE) == pattern(MEGABYTE)
        inner_client.close()
        await inner_near.lost
        await inner_far.lost
        await until(lambda: client.is_closing() and server.is_closing())

    world.run(run())
    assert world.reports == []


# ---- others that loops are asked for ----


def test_sendfile(world: World, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(pattern(6 * MEGABYTE))

    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol)
        with path.open("rb") as file:
            with pytest.raises(RuntimeError, match="fallback"):
                await world.loop.sendfile(transport, file, fallback=False)
            # Not lost, and not handed to the file's sender.
            await peer.say(b"meanwhile")
            sending = asyncio.create_task(world.loop.sendfile(transport, file, 100, 5 * MEGABYTE))
            heard, _ = await peer.hear(5 * MEGABYTE)
            assert await sending == 5 * MEGABYTE
        assert heard == pattern(6 * MEGABYTE)[100 : 100 + 5 * MEGABYTE]
        assert transport.get_protocol() is protocol
        assert await protocol.has(9) == b"meanwhile"
        transport.close()
        with path.open("rb") as file, pytest.raises(RuntimeError, match="closing"):
            await world.loop.sendfile(transport, file)

    world.run(run())


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no AF_UNIX")
def test_unix_sockets(world: World, tmp_path: Path) -> None:
    async def run() -> None:
        accepted: list[Recorder] = []

        def serve() -> Recorder:
            accepted.append(Recorder())
            return accepted[-1]

        path = str(tmp_path / "socket")
        server = await world.loop.create_unix_server(serve, path, ssl=world.server_context)
        transport, protocol = await world.loop.create_unix_connection(
            Recorder, path, ssl=world.client_context, server_hostname="localhost"
        )
        transport.write(pattern(MEGABYTE))
        await until(lambda: accepted)
        assert await accepted[0].has(MEGABYTE) == pattern(MEGABYTE)
        transport.close()
        assert await protocol.lost is None and await accepted[0].lost is None
        server.close()
        await server.wait_closed()

    world.run(run())
    assert world.reports == []


def test_a_server_that_closes_its_clients_transports(ours: World) -> None:
    """``Server.close_clients()`` of Python 3.13 closes what stands below. What was written before is still sent."""

    async def run() -> None:
        protocol = Recorder()
        transport, peer = await ours.to_peer(protocol, "server")
        transport.write(pattern(10 * MEGABYTE))
        transport._carrier.close()
        assert transport.is_closing()
        assert await peer.hear() == (pattern(10 * MEGABYTE), "the end")
        assert await protocol.lost is None

    ours.run(run())
    assert ours.reports == []


@pytest.mark.skipif(sys.version_info < (3, 13), reason="of Python 3.13")
@pytest.mark.parametrize("how", ["close_clients", "abort_clients"])
def test_servers_end_their_clients(world: World, how: str) -> None:
    async def run() -> None:
        accepted: list[Recorder] = []

        def serve() -> Recorder:
            accepted.append(Recorder())
            return accepted[-1]

        server = await world.loop.create_server(serve, "127.0.0.1", 0, ssl=world.server_context)
        _, protocol = await world.loop.create_connection(
            Recorder, *server.sockets[0].getsockname(), ssl=world.client_context, server_hostname="localhost"
        )
        await until(lambda: accepted and accepted[0].transport)
        server.close()
        getattr(server, how)()
        await server.wait_closed()
        assert await accepted[0].lost is None
        await protocol.lost

    world.run(run())


# ---- contexts ----


@pytest.mark.parametrize(
    ("version", "ciphers"),
    [
        ("TLSv1_3", None),
        ("TLSv1_2", "ECDHE+AESGCM"),
        ("TLSv1_2", "ECDHE+CHACHA20"),
        ("TLSv1_2", "ECDHE-ECDSA-AES128-SHA256"),
    ],
)
def test_versions_and_ciphers(world: World, version: str, ciphers: str | None) -> None:
    context = world.client_context
    context.maximum_version = getattr(world.kind.module.TLSVersion, version)
    if ciphers:
        context.set_ciphers(ciphers)
        world.peers_server_context.set_ciphers(ciphers)

    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol)
        transport.write(pattern(MEGABYTE))
        peers_part = asyncio.create_task(peer.say(pattern(MEGABYTE)))
        assert await peer.hear(MEGABYTE) == (pattern(MEGABYTE), "enough")
        await peers_part
        assert await protocol.has(MEGABYTE) == pattern(MEGABYTE)
        tls = transport.get_extra_info("ssl_object")
        assert tls.version() == version.replace("_", ".")
        assert transport.get_extra_info("cipher") == tls.cipher()
        assert transport.get_extra_info("compression", "default") is None
        assert transport.get_extra_info("peercert")["subjectAltName"][0] == ("DNS", "localhost")
        assert transport.get_extra_info("sslcontext") is context
        assert transport.get_extra_info("nothing", "default") == "default"
        assert transport.get_extra_info("socket").fileno() > 0
        transport.abort()

    world.run(run())
    assert world.reports == []


def test_contexts_of_the_standard_library_in_our_loop(ours: World) -> None:
    async def run() -> None:
        protocol = Recorder()
        client, server = ours.contexts(ssl)
        transport, peer = await ours.to_peer(protocol, ssl=client)
        assert type(transport).__name__ == "_SSLProtocolTransport"
        assert isinstance(transport.get_extra_info("ssl_object"), ssl.SSLObject)
        transport.write(b"x")
        assert await peer.hear(1) == (b"x", "enough")
        plain_transport, _, far = await plain(ours)
        inner = ours.peer(far, "server")
        upgraded, _ = await asyncio.gather(
            ours.loop.start_tls(plain_transport, Recorder(), server, server_side=True), inner.handshake()
        )
        assert type(upgraded).__name__ == "_SSLProtocolTransport"
        upgraded.abort()
        transport.abort()

    ours.run(run())


@pytest.mark.parametrize("own", ["wrap_bio", "read", "do_handshake", "nothing"])
def test_contexts_with_a_way_of_their_own(ours: World, own: str) -> None:
    """What connects, reads or writes otherwise is asked to."""
    calls = []

    class Object(ferrossl.SSLObject):
        def do_handshake(self) -> None:
            calls.append("do_handshake")
            super().do_handshake()

    class ReadingObject(ferrossl.SSLObject):
        def read(self, *args: Any, **kwargs: Any) -> Any:
            calls.append("read")
            return super().read(*args, **kwargs)

    class Context(ferrossl.SSLContext):
        if own == "wrap_bio":

            def wrap_bio(self, *args: Any, **kwargs: Any) -> Any:
                calls.append("wrap_bio")
                return super().wrap_bio(*args, **kwargs)

    context = Context(ferrossl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ours.authority.file)
    if own in ("read", "do_handshake"):
        context.sslobject_class = Object if own == "do_handshake" else ReadingObject

    async def run() -> bool:
        protocol = Recorder()
        transport, peer = await ours.to_peer(protocol, ssl=context)
        await peer.say(b"data")
        assert await protocol.has(4) == b"data"
        transport.abort()
        return is_native(transport)

    assert ours.run(run()) is (own in ("do_handshake", "nothing"))
    assert set(calls) == ({own} if own != "nothing" else set())


class OwnSocket(socket.socket):
    def recv(self, *args: Any) -> bytes:
        return super().recv(*args)


def test_the_default_context(ours: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """``ssl=True`` is a client of ours that verifies."""
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.authority.file))

    async def run() -> None:
        protocol = Recorder()
        transport, _ = await ours.to_peer(protocol, ssl=True)
        assert is_native(transport)
        context = transport.get_extra_info("sslcontext")
        assert type(context) is ferrossl.SSLContext and context.check_hostname
        transport.abort()
        # Also where a socket is of a class of the program's own, and goes asyncio's way.
        near, far = ours.pair()
        own = OwnSocket(fileno=near.detach())
        ours.sockets.append(own)
        peer = ours.peer(far, "client")
        transport, _ = await asyncio.gather(ours.tls(own, protocol, "client", ssl=True), peer.handshake())
        assert not is_native(transport)
        assert type(transport.get_extra_info("sslcontext")) is ferrossl.SSLContext
        transport.abort()
        with pytest.raises(ValueError, match="Server side SSL needs a valid SSLContext"):
            ours.loop._make_ssl_transport(ours.pair()[0], Recorder(), None, server_side=True)  # type: ignore[attr-defined]
        with pytest.raises(TypeError):
            await ours.loop.create_server(Recorder, "127.0.0.1", 0, ssl=True)  # type: ignore[arg-type]

    ours.run(run())


def test_callbacks(world: World) -> None:
    """For the name, for messages; and a client's certificate."""
    names, messages = [], []
    leaf = world.leaf
    world.server_context.sni_callback = lambda end, name, context: names.append((name, type(end).__name__))
    world.server_context.load_verify_locations(world.authority.file)
    world.server_context.verify_mode = world.kind.module.CERT_REQUIRED
    world.client_context.load_cert_chain(leaf.chain_file, leaf.key_file)
    if world.kind.module is ferrossl:
        world.client_context._msg_callback = lambda end, direction, *rest: messages.append(direction)

    async def run() -> None:
        near, far = Recorder(), Recorder()
        client, server = await world.to_itself(near, far)
        client.write(b"x")
        await far.has(1)
        assert server.get_extra_info("peercert")["subject"] == client.get_extra_info("peercert")["subject"]
        if world.kind.module is ferrossl:
            during = len(messages)
            assert {"read", "write"} <= set(messages)
            server.write(b"x")
            await near.has(1)
            # A server's tickets come with its first data.
            assert len(messages) > during
            assert client.get_extra_info("ssl_object").session is not None
        client.close()
        await near.lost

    world.run(run())
    assert names == [("localhost", "SSLObject")]
    assert world.reports == []


def test_sessions(world: World) -> None:
    """A context's session cannot be given to asyncio, but set on the object of a transport's before: of a peer's here."""

    async def run() -> None:
        module_peer = world.peer(world.pair()[1], "server")
        session = None
        for expected in (False, True):
            near, far = world.pair()
            peer = world.peer(far, "server")
            if session is not None:
                peer.tls.session = session
            protocol = Recorder()
            transport, _ = await asyncio.gather(world.tls(near, protocol, "server"), peer.handshake())
            transport.write(b"with tickets")
            assert await peer.hear(12) == (b"with tickets", "enough")
            assert peer.tls.session_reused is expected
            assert transport.get_extra_info("ssl_object").session_reused is expected
            session = peer.tls.session
            transport.close()
            await peer.hear()
            await peer.raw(peer.close_notify())
            assert await protocol.lost is None
        del module_peer

    world.run(run())


def test_authentication_after_the_handshake(world: World) -> None:
    world.peers_client_context.post_handshake_auth = True
    world.peers_client_context.load_cert_chain(world.leaf.chain_file, world.leaf.key_file)
    world.server_context.verify_mode = world.kind.module.CERT_REQUIRED
    world.server_context.load_verify_locations(world.authority.file)
    world.server_context.post_handshake_auth = True

    async def run() -> None:
        protocol = Recorder()
        transport, peer = await world.to_peer(protocol, "server")
        assert transport.get_extra_info("ssl_object").getpeercert() is None
        transport.get_extra_info("ssl_object").verify_client_post_handshake()
        transport.write(b"who?")
        assert await peer.hear(4) == (b"who?", "enough")
        await peer.say(b"I am")
        await protocol.has(4)
        assert transport.get_extra_info("ssl_object").getpeercert()["subject"]
        transport.abort()

    world.run(run())
    assert world.reports == []


def test_loops_in_several_threads(authority: Authority, leaf: Leaf) -> None:
    failures: list[BaseException] = []

    def one() -> None:
        world = World(OURS, authority, leaf)

        async def run() -> None:
            near, far = Recorder(), Recorder()
            client, server = await world.to_itself(near, far)
            for _ in range(5):
                near.data.clear()
                far.data.clear()
                client.write(pattern(MEGABYTE))
                server.write(pattern(MEGABYTE))
                assert await far.has(MEGABYTE) == pattern(MEGABYTE)
                assert await near.has(MEGABYTE) == pattern(MEGABYTE)
            client.close()
            await near.lost

        try:
            world.run(run())
        except BaseException as error:
            failures.append(error)
        finally:
            world.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert failures == []
