"""What an idle connection costs: memory of a pair of ends that has once carried a megabyte each way.

Each figure comes from a process of its own, from what its resident memory grows by; a connection's objects in Python are
included, kernel buffers are not. Linux only.

Usage: idle.py [--pairs N]
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import resource
import socket
import ssl as stdlib_ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import ferrossl

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from pki import Authority

MODULES = {"ferrossl": ferrossl, "ssl": stdlib_ssl}
MEGABYTE = 1024 * 1024
KINDS = {
    "sockets, after the handshake": ("socket", 0, 65536),
    "sockets, 1 MiB each way": ("socket", MEGABYTE, 65536),
    "sockets, 1 MiB each way by 1 kB": ("socket", MEGABYTE, 1024),
    "memory BIOs, after the handshake": ("memory", 0, 65536),
    "memory BIOs, 1 MiB each way": ("memory", MEGABYTE, 65536),
    "memory BIOs, 1 MiB each way by 1 kB": ("memory", MEGABYTE, 1024),
}


def resident() -> int:
    """Bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


class Pairs:
    def __init__(self, ssl: Any, folder: Path) -> None:
        authority = Authority(folder)
        leaf = authority.issue("localhost")
        self.ssl = ssl
        self.client = ssl.create_default_context(cafile=authority.file)
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(leaf.chain_file, leaf.key_file)

    def socket(self, burst: int, piece: int) -> Any:
        near, far = socket.socketpair()
        ends: list[Any] = []
        accept = threading.Thread(target=lambda: ends.append(self.server.wrap_socket(far, server_side=True)))
        accept.start()
        client = self.client.wrap_socket(near, server_hostname="localhost")
        accept.join()
        server = ends[0]
        data = bytes(burst)
        for sender, receiver in ((client, server), (server, client)):
            sending = threading.Thread(target=lambda sender=sender: sender.sendall(data))
            sending.start()
            left = burst
            while left:
                left -= len(receiver.recv(piece))
            sending.join()
        return client, server

    def memory(self, burst: int, piece: int) -> Any:
        down, up = self.ssl.MemoryBIO(), self.ssl.MemoryBIO()
        client = self.client.wrap_bio(down, up, server_hostname="localhost")
        server = self.server.wrap_bio(up, down, server_side=True)
        for side in (client, server, client, server):
            with contextlib.suppress(self.ssl.SSLWantReadError):
                side.do_handshake()
        data = bytes(burst)
        for sender, receiver in ((client, server), (server, client)):
            written = 0
            while written < burst:
                written += sender.write(data[written:])
            left = burst
            while left:
                left -= len(receiver.read(piece))
        return client, server, down, up


def measure(module: str, kind: str, pairs: int) -> float:
    how, burst, piece = KINDS[kind]
    with tempfile.TemporaryDirectory() as folder:
        make = getattr(Pairs(MODULES[module], Path(folder)), how)
        kept = [make(burst, piece) for _ in range(8)]  # what is made once
        gc.collect()
        before = resident()
        kept += [make(burst, piece) for _ in range(pairs)]
        gc.collect()
        return (resident() - before) / pairs / 1024


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--pairs", type=int, default=200)
    arguments.add_argument("--one", nargs=2, metavar=("MODULE", "KIND"))
    options = arguments.parse_args()
    if options.one:
        print(measure(*options.one, options.pairs))
        return
    print(f"kB of memory for an idle pair of ends, from {options.pairs} pairs\n")
    print(f"{'':38} {'ferrossl':>10} {'ssl':>10}")
    for kind in KINDS:
        figures = []
        for module in MODULES:
            command = [sys.executable, __file__, "--pairs", str(options.pairs), "--one", module, kind]
            figures.append(float(subprocess.run(command, check=True, capture_output=True).stdout))
        print(f"{kind:38} {figures[0]:10.1f} {figures[1]:10.1f}", flush=True)


if __name__ == "__main__":
    main()
