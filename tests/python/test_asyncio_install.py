"""``ferrossl.asyncio`` by ``install()``: asyncio's own loops have it, and do not when it is taken back."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys

import pytest

import ferrossl
import ferrossl.asyncio
from loops import Recorder, World
from pki import Authority, Leaf

ASK = """
import asyncio, os, socket, sys
def transports():
    async def run():
        if "ferrossl" in sys.argv:
            import ferrossl as ssl
        else:
            import ssl
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(*sys.argv[1:3])
        client = ssl.create_default_context(cafile=sys.argv[3])
        names = set()
        async def serve(reader, writer):
            names.add(type(writer.transport).__name__)
            writer.write(await reader.readexactly(4))
            writer.close()
        listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server)
        reader, writer = await asyncio.open_connection(
            *listener.sockets[0].getsockname(), ssl=client, server_hostname="localhost")
        names.add(type(writer.transport).__name__)
        writer.write(b"data")
        assert await reader.read() == b"data"
        writer.close()
        await writer.wait_closed()
        listener.close()
        return names
    return asyncio.run(asyncio.wait_for(run(), 20))
"""
OUR_NAME, THEIR_NAME = "{'SSLTransport'}", "{'_SSLProtocolTransport'}"
PROGRAMS = {
    "before": ("import ferrossl; ferrossl.install()", "", OUR_NAME),
    "after": ("import asyncio, ferrossl; ferrossl.install()", "", OUR_NAME),
    "twice": ("import ferrossl; ferrossl.install(); import asyncio; ferrossl.install()", "", OUR_NAME),
    "taken back": (
        "import ferrossl; ferrossl.install()",
        "assert transports() == {'SSLTransport'}; ferrossl.uninstall()",
        THEIR_NAME,
    ),
    "taken back unused": (
        "import ferrossl; ferrossl.install(); import asyncio; ferrossl.uninstall()",
        "",
        THEIR_NAME,
    ),
    "taken back early": ("import ferrossl; ferrossl.install(); ferrossl.uninstall()", "", THEIR_NAME),
    "taken back after two": (
        "import ferrossl; ferrossl.install(); import asyncio; ferrossl.install(); ferrossl.uninstall()",
        "",
        THEIR_NAME,
    ),
    "and again": (
        "import ferrossl; ferrossl.install(); import asyncio; ferrossl.uninstall(); ferrossl.install()",
        "",
        OUR_NAME,
    ),
}


def run_program(leaf: Leaf, authority: Authority, program: str, *more: str) -> str:
    arguments = [str(leaf.chain_file), str(leaf.key_file), str(authority.file), *more]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize("order", PROGRAMS)
def test_install(authority: Authority, leaf: Leaf, order: str) -> None:
    first, then, expected = PROGRAMS[order]
    end = """
found = transports()
import asyncio
if found == {'_SSLProtocolTransport'}:
    loop = asyncio.SelectorEventLoop
    for name in ("_make_ssl_transport", "start_tls"):
        assert getattr(loop, name).__module__.startswith("asyncio"), name
print(found)
"""
    # What asyncio has imported stays.
    more = ["ferrossl"] if "taken back" in order else []
    assert run_program(leaf, authority, "\n".join([first, ASK, then, end]), *more) == expected


def test_loops_that_have_their_own_way(authority: Authority, leaf: Leaf) -> None:
    """A loop that overrides asyncio's method has its way, and the one that it calls is ours."""
    program = """
import ferrossl
ferrossl.install()
import asyncio
calls = []
class Loop(asyncio.SelectorEventLoop):
    def _make_ssl_transport(self, *args, **kwargs):
        calls.append(args[0])
        return super()._make_ssl_transport(*args, **kwargs)
asyncio.set_event_loop_policy(type("Policy", (asyncio.DefaultEventLoopPolicy,), {"_loop_factory": Loop})())
"""
    end = "found = transports(); assert len(calls) == 2; print(found)"
    assert run_program(leaf, authority, "\n".join([program, ASK, end])) == OUR_NAME


def test_the_loop_itself_is_enough(ours: World) -> None:
    """Without ``install()``, by whatever way asyncio is given it."""

    async def run() -> str:
        transport, _ = await ours.to_peer(Recorder())
        name = type(transport).__name__
        transport.abort()
        return name

    assert ours.run(run()) == "SSLTransport"
    assert asyncio.SelectorEventLoop._make_ssl_transport.__module__.startswith("asyncio")  # type: ignore[attr-defined]
    with contextlib.closing(ferrossl.asyncio.EventLoop()) as loop:
        assert isinstance(loop, asyncio.SelectorEventLoop)


def test_the_systems_trust_store(authority: Authority, leaf: Leaf) -> None:
    """truststore's contexts, made over ours, verify in an object of their own."""
    pytest.importorskip("truststore")
    program = """
import ferrossl
ferrossl.install()
import truststore, ssl, asyncio, socket, sys
server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server.load_cert_chain(*sys.argv[1:3])
context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(cafile=sys.argv[3])
async def run():
    listener = await asyncio.start_server(lambda reader, writer: writer.write(b"data"), "127.0.0.1", 0, ssl=server)
    reader, writer = await asyncio.open_connection(
        *listener.sockets[0].getsockname(), ssl=context, server_hostname="localhost")
    assert await reader.readexactly(4) == b"data"
    writer.transport.abort()
    listener.close()
asyncio.run(asyncio.wait_for(run(), 20))
print("fine")
"""
    assert run_program(leaf, authority, program) == "fine"
