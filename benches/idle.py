"""What an idle connection costs: memory of a pair of ends that has once carried something, and of a server with many clients.

Each figure comes from a process of its own, from what its resident memory grows by; a connection's objects in Python are
included, kernel buffers are not. The many connections are the server's ends over Unix sockets; the clients are in another
process, ferrossl's in both cases. Linux only. Takes half a minute.

Usage: idle.py [--pairs N] [--many N]
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
import time
from pathlib import Path
from typing import Any

import ferrossl

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from pki import Authority

MODULES = {"ferrossl": ferrossl, "ssl": stdlib_ssl}
MEGABYTE = 1024 * 1024
KINDS = {
    "sockets, after the handshake": ("socket", 0, 65536),
    "sockets, 1 kB each way": ("socket", 1000, 65536),
    "sockets, 1 MiB each way": ("socket", MEGABYTE, 65536),
    "sockets, 1 MiB each way by 1 kB": ("socket", MEGABYTE, 1024),
    "memory BIOs, after the handshake": ("memory", 0, 65536),
    "memory BIOs, 1 kB each way": ("memory", 1000, 65536),
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
        self.authority = authority
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


def allow_files(count: int) -> int:
    """Raises the limit on open files as far as it goes; how many connections it leaves room for."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + 200, most), most))
    return min(count, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)


def be_clients(path: str, authority: str, count: int) -> None:
    """Connects as often as told, says a kilobyte and hears one, and stays until its input ends."""
    allow_files(count)
    context = ferrossl.create_default_context(cafile=authority)
    kept = []
    for _ in range(count):
        plain = socket.socket(socket.AF_UNIX)
        plain.connect(path)
        client = context.wrap_socket(plain, server_hostname="localhost")
        client.sendall(bytes(1000))
        assert len(client.recv(4096)) == 1000
        kept.append(client)
    print("connected", flush=True)
    sys.stdin.read()


def serve_many(module: str, count: int) -> tuple[float, float]:
    """kB for each of so many ends of a server, and microseconds of processor time that all of them take in a second."""
    count = allow_files(count)
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        pairs = Pairs(MODULES[module], Path(folder))
        path = f"{folder}/listener"
        listener.bind(path)
        listener.listen(100)
        command = [sys.executable, __file__, "--clients", path, str(pairs.authority.file), str(count)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as clients:
            kept: list[Any] = []
            before = resident()
            for _ in range(count):
                server = pairs.server.wrap_socket(listener.accept()[0], server_side=True)
                assert len(server.recv(4096)) == 1000
                server.sendall(bytes(1000))
                kept.append(server)
                if len(kept) == 8:  # what is made once
                    gc.collect()
                    before = resident()
            assert clients.stdout
            assert clients.stdout.readline() == "connected\n"
            gc.collect()
            size = (resident() - before) / (count - 8) / 1024
            busy = time.process_time()
            time.sleep(1)
            busy = time.process_time() - busy
            clients.communicate()
        return size, busy * 1e6


def figures_of(module: str, *options: str) -> list[float]:
    """What a process of its own prints."""
    command = [sys.executable, __file__, *options[:-1], module, options[-1]]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(figure) for figure in done.stdout.split()]


def report(pairs: int, many: int) -> None:
    print(f"kB of memory for an idle pair of ends, from {pairs} pairs\n")
    print(f"{'':38} {'ferrossl':>10} {'ssl':>10} {'ratio':>8}")
    for kind in KINDS:
        ours, theirs = [figures_of(module, "--pairs", str(pairs), "--one", kind)[0] for module in MODULES]
        print(f"{kind:38} {ours:10.1f} {theirs:10.1f} {ours / theirs:8.2f}", flush=True)
    room = allow_files(many)
    print(f"\nA process with {room} idle connections of a server, after 1 kB each way\n")
    (ours, our_work), (theirs, their_work) = [figures_of(module, "--serve", str(many)) for module in MODULES]
    print(f"{'kB for each':38} {ours:10.1f} {theirs:10.1f} {ours / theirs:8.2f}")
    print(f"{'microseconds of work a second, for all':38} {our_work:10.0f} {their_work:10.0f}")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--pairs", type=int, default=200)
    arguments.add_argument("--many", type=int, default=10_000)
    arguments.add_argument("--one", nargs=2, metavar=("MODULE", "KIND"))
    arguments.add_argument("--serve", nargs=2, metavar=("MODULE", "COUNT"))
    arguments.add_argument("--clients", nargs=3, metavar=("PATH", "AUTHORITY", "COUNT"))
    options = arguments.parse_args()
    if options.one:
        print(measure(*options.one, options.pairs))
    elif options.serve:
        print(*serve_many(options.serve[0], int(options.serve[1])))
    elif options.clients:
        path, authority, count = options.clients
        be_clients(path, authority, int(count))
    else:
        report(options.pairs, options.many)


if __name__ == "__main__":
    main()
