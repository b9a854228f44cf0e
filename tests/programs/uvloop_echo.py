"""uvloop, as server and as client, with a peer whose first data comes together with its last message of the handshake."""

from __future__ import annotations

from common import VERSION, begin, client_context, expect, is_ours, peer, peer_server, server_context

ssl = begin()
import asyncio  # noqa: E402

import uvloop  # noqa: E402


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    is_ours(writer.get_extra_info("ssl_object"))
    line = await reader.readline()
    writer.write(line + b"end\n")
    await writer.drain()
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=server_context(ssl))
    port = server.sockets[0].getsockname()[1]
    for _ in range(2):
        for size in (1, 60_000):
            line = "x" * size
            answer = await asyncio.to_thread(peer, "talk", port, VERSION, line + "\n")
            expect(answer == line + "\nend\n", len(answer), size)
    server.close()
    with peer_server("eager", VERSION, "first words\n") as port:
        for _ in range(5):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=client_context(ssl), server_hostname="localhost"
            )
            is_ours(writer.get_extra_info("ssl_object"))
            expect(await reader.readline() == b"first words\n")
            writer.close()


uvloop.run(asyncio.wait_for(main(), 25))
