"""aiohttp on uvloop, on asyncio's own loop and on ours: a server whose client speaks at once, and a client."""

from __future__ import annotations

from common import CASE, MODE, VERSION, begin, client_context, expect, peer, peer_server, server_context

ssl = begin()
import asyncio  # noqa: E402

import aiohttp  # noqa: E402
from aiohttp import web  # noqa: E402


async def hello(request: web.Request) -> web.Response:
    assert request.transport
    is_native = type(request.transport).__module__ == "ferrossl._asyncio_transport"
    expect(is_native == (CASE == "own" or (CASE, MODE) == ("asyncio", "stand-in")), str(request.transport))
    kind = type(request.transport.get_extra_info("ssl_object")).__module__
    return web.Response(text=f"hello over {kind}")


async def main() -> None:
    application = web.Application()
    application.router.add_get("/", hello)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_context(ssl))
    await site.start()
    port = runner.addresses[0][1]
    for _ in range(2):
        answer = await asyncio.to_thread(peer, "get", port, VERSION, "/")
        module = "ssl" if ssl.__name__ == "ssl" else "ferrossl._object"
        expect(answer.endswith(f"hello over {module}"), answer)
    await runner.cleanup()
    with peer_server("serve", VERSION) as port:
        connector = aiohttp.TCPConnector(ssl=client_context(ssl))
        async with aiohttp.ClientSession(connector=connector) as session:
            for _ in range(3):
                async with session.get(f"https://localhost:{port}/") as response:
                    expect((await response.json())["version"] == f"TLSv{VERSION}")
        async with aiohttp.ClientSession() as session:
            try:
                async with session.get(f"https://localhost:{port}/"):
                    raise SystemExit("an unknown authority was trusted")
            except aiohttp.ClientConnectorCertificateError:
                pass


def loop() -> asyncio.AbstractEventLoop:
    if CASE == "uvloop":
        import uvloop

        return uvloop.new_event_loop()  # type: ignore[no-any-return]
    if CASE == "own":
        import ferrossl.asyncio

        return ferrossl.asyncio.EventLoop()
    return asyncio.SelectorEventLoop()


with asyncio.Runner(loop_factory=loop) as runner:
    runner.run(asyncio.wait_for(main(), 25))
