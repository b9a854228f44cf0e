"""uvicorn as its command line starts it: --ssl-certfile, --ssl-keyfile and its own default for --ssl-ciphers."""

from __future__ import annotations

from common import CHAIN, KEY, MODE, VERSION, begin, expect, is_ours, peer, server_context

ssl = begin()
import asyncio  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

import uvicorn  # noqa: E402


async def app(scope: Any, _receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"10")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello\nend\n"})


failures: list[BaseException] = []


def ask(server: uvicorn.Server) -> None:
    try:
        while not server.started:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        # In TLS 1.2 the suites of uvicorn's old default and Python's own have nothing in common.
        answer = peer("get", port, VERSION, "/")
        expect("hello" in answer, answer)
    except BaseException as error:
        failures.append(error)
    finally:
        server.should_exit = True


config = uvicorn.Config(app, port=0, ssl_certfile=CHAIN, ssl_keyfile=KEY, log_level="warning")
if MODE == "side":
    config.ssl_ciphers = "HIGH"
config.load()
if MODE == "side":
    config.ssl = server_context(ssl)
is_ours(config.ssl)
server = uvicorn.Server(config)
threading.Thread(target=ask, args=(server,)).start()
asyncio.run(asyncio.wait_for(server.serve(), 25))
if failures:
    raise failures[0]
