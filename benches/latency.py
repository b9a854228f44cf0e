"""Small exchanges over fresh connections: where Nagle's algorithm and delayed acknowledgements would stall them.

Every kind of exchange runs over loopback for both protocol versions, for each module at each end, with and without
TCP_NODELAY. The tables show the median of each cell in milliseconds, the TCP connection and the handshake included.
A stall is 40 ms on Linux.

Usage: latency.py [--connections N] [--only WORD]
"""

from __future__ import annotations

import argparse
import socket
import ssl as stdlib_ssl
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ferrossl

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from pki import Authority

MODULES = {"ferrossl": ferrossl, "ssl": stdlib_ssl}
# The first stands for the client, the second for the server.
ENDS = [("ssl", "ssl"), ("ferrossl", "ferrossl"), ("ferrossl", "ssl"), ("ssl", "ferrossl")]
PIECE = bytes(64)
# More than this is a stall, however fast the machine.
STALL_MS = 20


def read(sock: Any, size: int) -> None:
    while size > 0:
        piece = sock.recv(size)
        assert piece, "the end came too early"
        size -= len(piece)


def client_first(client: bool, sock: Any) -> None:
    if client:
        sock.sendall(PIECE)
        read(sock, 64)
    else:
        read(sock, 64)
        sock.sendall(PIECE)


def server_first(client: bool, sock: Any) -> None:
    client_first(not client, sock)


def request_in_two_writes(client: bool, sock: Any) -> None:
    if client:
        sock.sendall(PIECE)
        sock.sendall(PIECE)
        read(sock, 64)
    else:
        read(sock, 128)
        sock.sendall(PIECE)


def answer_in_two_writes(client: bool, sock: Any) -> None:
    if client:
        sock.sendall(PIECE)
        read(sock, 128)
    else:
        read(sock, 64)
        sock.sendall(PIECE)
        sock.sendall(PIECE)


def greeting_in_two_writes(client: bool, sock: Any) -> None:
    request_in_two_writes(not client, sock)


def one_way_up(client: bool, sock: Any) -> None:
    if client:
        sock.sendall(PIECE)
        sock.sendall(PIECE)
    else:
        read(sock, 128)


def one_way_down(client: bool, sock: Any) -> None:
    one_way_up(not client, sock)


EXCHANGES = [
    client_first,
    server_first,
    request_in_two_writes,
    answer_in_two_writes,
    greeting_in_two_writes,
    one_way_up,
    one_way_down,
]


class Contexts:
    """Contexts of both modules for both versions."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder)
        leaf = authority.issue("localhost")
        self.contexts: dict[tuple[str, str, bool], Any] = {}
        for name, module in MODULES.items():
            for version in ("TLSv1_2", "TLSv1_3"):
                client = module.create_default_context(cafile=authority.file)
                server = module.SSLContext(module.PROTOCOL_TLS_SERVER)
                server.load_cert_chain(leaf.chain_file, leaf.key_file)
                for is_server, context in ((False, client), (True, server)):
                    context.minimum_version = context.maximum_version = module.TLSVersion[version]
                    self.contexts[name, version, is_server] = context

    def get(self, name: str, version: str, is_server: bool) -> Any:
        return self.contexts[name, version, is_server]


def connection(
    listener: socket.socket,
    client_context: Any,
    server_context: Any,
    session: Any,
    no_delay: bool,
    exchange: Callable[[bool, Any], None],
) -> tuple[float, Any]:
    """How many seconds the exchange took, and the client's session for the next connection."""
    ends: list[float] = []
    # Nobody closes before both are through: an end that closes over unread bytes resets the connection.
    both_done = threading.Barrier(2, timeout=30)

    def serve() -> None:
        raw, _ = listener.accept()
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, no_delay)
        with server_context.wrap_socket(raw, server_side=True) as server:
            exchange(False, server)
            ends.append(time.perf_counter())
            both_done.wait()

    thread = threading.Thread(target=serve)
    thread.start()
    begin = time.perf_counter()
    raw = socket.create_connection(listener.getsockname())
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, no_delay)
    with client_context.wrap_socket(raw, server_hostname="localhost", session=session) as client:
        exchange(True, client)
        ends.append(time.perf_counter())
        session = client.session
        both_done.wait()
        thread.join()
    return max(ends) - begin, session


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--connections", type=int, default=9)
    arguments.add_argument("--only", default="")
    options = arguments.parse_args()
    stalls = 0
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        contexts = Contexts(Path(folder))
        print(f"milliseconds a connection, medians of {options.connections}; client > server\n")
        header = "".join(f"{client + ' > ' + server:>20}" for client, server in ENDS)
        for no_delay in (False, True):
            for version in ("TLSv1_3", "TLSv1_2"):
                for resumed in (False, True):
                    kind = f"{version}{', resumed' * resumed}{', TCP_NODELAY' * no_delay}"
                    if options.only not in kind:
                        continue
                    print(f"{kind:32}{header}")
                    for exchange in EXCHANGES:
                        cells = []
                        for client, server in ENDS:
                            pair = contexts.get(client, version, False), contexts.get(server, version, True)
                            session = None
                            if resumed:
                                _, session = connection(listener, *pair, None, False, client_first)
                            times = []
                            for _ in range(options.connections):
                                took, newer = connection(listener, *pair, session, no_delay, exchange)
                                times.append(took * 1000)
                                if resumed and newer is not None:
                                    session = newer
                            cells.append(statistics.median(times))
                        stalls += sum(cell >= STALL_MS for cell in cells)
                        title = exchange.__name__.replace("_", " ")
                        print(f"  {title:30}" + "".join(f"{cell:20.1f}" for cell in cells), flush=True)
                    print()
    print(f"{stalls} cells with a stall")


if __name__ == "__main__":
    main()
