"""The main job, end to end: HTTPS between Python's own server and clients, with ferrossl below.

Makes a CA and certificates, serves 64 MB with http.server, fetches them with urllib.request, http.client
and asyncio streams, shows what was agreed and how long it took beside the standard library's ssl, and then
shows four bad peers refused. Ends with status 1 if anything is not as told.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import http.client
import http.server
import os
import shutil
import ssl as stdlib_ssl
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import ferrossl

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from pki import Authority, Leaf

SIZE = 64 * 1024 * 1024
PIECE = 256 * 1024


def step(text: str) -> None:
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}", flush=True)


def must(condition: object, text: str) -> None:
    if not condition:
        sys.exit(f"FAILED: {text}")


class Progress:
    """Hashes what comes in and shows how far it is."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.hash = hashlib.sha256()
        self.received = 0
        self.shown = -1
        self.begin = time.perf_counter()

    def add(self, piece: bytes) -> None:
        self.hash.update(piece)
        self.received += len(piece)
        # Each percent on a terminal; each quarter in a log.
        step = 1 if sys.stdout.isatty() else 25
        percent = self.received * 100 // SIZE // step * step
        if percent != self.shown:
            self.shown = percent
            text = f"  {self.what}: {percent:3}%"
            print(f"\r{text}" if sys.stdout.isatty() else text, end="" if step == 1 else "\n", flush=True)

    def finish(self, expected: str) -> float:
        seconds = time.perf_counter() - self.begin
        must(self.received == SIZE, f"{self.what}: {self.received} of {SIZE} bytes")
        must(self.hash.hexdigest() == expected, f"{self.what}: the hash is wrong")
        if sys.stdout.isatty():
            print("\r" + " " * 60 + "\r", end="")
        return seconds


class Server(http.server.ThreadingHTTPServer):
    """http.server over TLS. Handshakes run in each request's own thread; failures are kept."""

    daemon_threads = True

    def __init__(self, folder: Path, ssl: ModuleType, leaf: Leaf) -> None:
        self.failures: list[Exception] = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __init__(self, *args: Any) -> None:
                super().__init__(*args, directory=str(folder))

            def log_message(self, *args: object) -> None:
                pass

            def copyfile(self, source: Any, outputfile: Any) -> None:
                shutil.copyfileobj(source, outputfile, PIECE)

        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(leaf.chain_file, leaf.key_file)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def finish_request(self, request: Any, address: Any) -> None:
        request.settimeout(30)
        try:
            request.do_handshake()
        except OSError as error:
            self.failures.append(error)
            return
        super().finish_request(request, address)

    def shutdown_request(self, request: Any) -> None:
        # A client that has what it wanted may be gone before our close_notify.
        with contextlib.suppress(OSError, ValueError):
            request.settimeout(1)
            request.unwrap()
        self.close_request(request)

    def handle_error(self, request: Any, address: Any) -> None:
        error = sys.exception()
        assert isinstance(error, Exception)
        self.failures.append(error)


@contextlib.contextmanager
def serving(folder: Path, ssl: ModuleType, leaf: Leaf) -> Iterator[Server]:
    with Server(folder, ssl, leaf) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def fetch_urllib(context: Any, port: int, progress: Progress) -> None:
    handler = urllib.request.HTTPSHandler(context=context)
    with urllib.request.build_opener(handler).open(
        f"https://localhost:{port}/body.bin", timeout=60
    ) as answer:
        while piece := answer.read(PIECE):
            progress.add(piece)


def fetch_http_client(context: Any, port: int, progress: Progress) -> None:
    connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=60)
    connection.request("GET", "/body.bin")
    answer = connection.getresponse()
    while piece := answer.read(PIECE):
        progress.add(piece)
    connection.close()


def fetch_asyncio(context: Any, port: int, progress: Progress) -> None:
    async def fetch() -> None:
        reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
        writer.write(b"GET /body.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        while piece := await reader.read(PIECE):
            progress.add(piece)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    asyncio.run(fetch())


FETCHES: dict[str, Callable[[Any, int, Progress], None]] = {
    "urllib.request": fetch_urllib,
    "http.client": fetch_http_client,
    "asyncio streams": fetch_asyncio,
}


def show_agreement(context: Any, port: int) -> None:
    with (
        ferrossl.create_connection(("localhost", port)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        certificate = secure.getpeercert()
        subject = ", ".join(value for rdn in certificate["subject"] for _key, value in rdn)
        print(f"  protocol     {secure.version()}")
        print(f"  cipher       {secure.cipher()[0]}, {secure.cipher()[2]} bits")
        print(f"  certificate  {subject}; until {certificate['notAfter']}")
        print(f"  names        {', '.join(value for _kind, value in certificate['subjectAltName'])}")
        must(secure.version() == "TLSv1.3", "the protocol is not TLS 1.3")
        must(isinstance(secure, stdlib_ssl.SSLSocket), "isinstance(socket, ssl.SSLSocket) is false")


def refused(what: str, context: Any, port: int, name: str, code: int) -> None:
    try:
        with ferrossl.create_connection(("127.0.0.1", port)) as plain:
            context.wrap_socket(plain, server_hostname=name)
    except stdlib_ssl.SSLCertVerificationError as error:  # the standard library's class catches ours
        must(isinstance(error, ferrossl.SSLCertVerificationError), "not our exception class")
        must(error.verify_code == code, f"{what}: code {error.verify_code} instead of {code}")
        print(f"  {what:16} code {error.verify_code}: {error}")
        if error.verify_hint:
            print(f"  {'':16} hint: {error.verify_hint}")
    else:
        must(False, f"{what}: accepted")


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        step("Making a CA, certificates and a body of 64 MB")
        authority = Authority(folder / "ca")
        stranger = Authority(folder / "stranger", common_name="somebody else")
        good = authority.issue("localhost", "127.0.0.1")
        expired = authority.issue("localhost", start_days=-30, days=-1)
        body = os.urandom(SIZE)
        expected = hashlib.sha256(body).hexdigest()
        served = folder / "served"
        served.mkdir()
        (served / "body.bin").write_bytes(body)
        print(f"  sha256 {expected}")

        step("Fetching it over ferrossl, and over the standard library's ssl")
        print(f"  {ferrossl.OPENSSL_VERSION}")
        print(f"  {stdlib_ssl.OPENSSL_VERSION}")
        seconds: dict[tuple[str, str], float] = {}
        for ssl in (ferrossl, stdlib_ssl):
            context = ssl.create_default_context(cafile=authority.file)
            with serving(served, ssl, good) as server:
                for what, fetch in FETCHES.items():
                    progress = Progress(f"{ssl.__name__}, {what}")
                    fetch(context, server.server_port, progress)
                    seconds[ssl.__name__, what] = progress.finish(expected)
        for what in FETCHES:
            ours, theirs = seconds["ferrossl", what], seconds["ssl", what]
            print(
                f"  {what:16} ferrossl {ours:5.2f} s   ssl {theirs:5.2f} s   "
                f"{theirs / ours:4.1f} times as fast, hash right"
            )

        step("What client and server agreed on")
        context = ferrossl.create_default_context(cafile=authority.file)
        must(isinstance(context, stdlib_ssl.SSLContext), "isinstance(context, ssl.SSLContext) is false")
        with serving(served, ferrossl, good) as server:
            show_agreement(context, server.server_port)

        step("Refused, each with its reason")
        with serving(served, ferrossl, good) as server:
            refused("wrong host name", context, server.server_port, "wrong.example", 62)
            other = ferrossl.create_default_context(cafile=stranger.file)
            refused("unknown CA", other, server.server_port, "localhost", 20)
        with serving(served, ferrossl, expired) as server:
            refused("expired", context, server.server_port, "localhost", 10)
        with serving(served, ferrossl, good) as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
            try:
                connection.request("GET", "/body.bin")
                connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                print(f"  {'plain HTTP':16} the client gets {type(error).__name__}")
            else:
                must(False, "plain HTTP: served")
            deadline = time.monotonic() + 10
            while not server.failures and time.monotonic() < deadline:
                time.sleep(0.01)
            must(server.failures, "the server has no failure to show")
            failure = server.failures[0]
            must(
                isinstance(failure, ferrossl.SSLError) and failure.reason == "HTTP_REQUEST",
                f"the server says {failure!r}",
            )
            print(f"  {'':16} the server says {failure}")
        step("All as told.")


if __name__ == "__main__":
    main()
