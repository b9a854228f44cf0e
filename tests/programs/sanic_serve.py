"""Sanic: with its own certificate and key (it gives the context a class of its own), and with a context made for it."""

from __future__ import annotations

from common import CASE, CHAIN, KEY, begin, expect, is_ours, peer, server_context

ssl = begin()
import asyncio  # noqa: E402
import socket  # noqa: E402
import threading  # noqa: E402

from sanic import Request, Sanic, response  # noqa: E402

app = Sanic("programs")


@app.get("/")
async def hello(request: Request) -> response.HTTPResponse:
    assert request.transport
    is_ours(request.transport.get_extra_info("ssl_object"))
    return response.text("hello\nend\n")


sock = socket.socket()
sock.bind(("127.0.0.1", 0))
port = sock.getsockname()[1]
failures: list[BaseException] = []


@app.after_server_start
async def ask(app: Sanic, _loop: object) -> None:
    loop = asyncio.get_running_loop()

    def run() -> None:
        try:
            for version in ("1.2", "1.3"):
                answer = peer("get", port, version, "/")
                expect(answer.endswith("hello\nend\n"), answer)
        except BaseException as error:
            failures.append(error)
        finally:
            loop.call_soon_threadsafe(app.stop)

    threading.Thread(target=run).start()


settings = {
    "files": {"cert": CHAIN, "key": KEY},
    "list": [{"cert": CHAIN, "key": KEY}],
    "context": server_context(ssl),
}[CASE]
if __name__ == "__main__":
    app.run(sock=sock, ssl=settings, single_process=True, motd=False, access_log=False)
    if failures:
        raise failures[0]
