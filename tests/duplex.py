"""Full duplex under load: many connections between two processes, on each socket one thread that sends and
one that receives, in pieces of mixed sizes, with hashes.

Usage: duplex.py [--module ferrossl|ssl] [--runs N] [--connections N] [--megabytes N]

Ends with status 1 at the first wrong hash, error or stall. With ``--module ssl`` it shows what the standard
library makes of the same load.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import itertools
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

SIZES = (1, 100, 1460, 5000, 16384, 16385, 70000, 300000)
STALL = 60  # seconds without an end, after which a run counts as stalled


def talk(sock: Any, megabytes: int, seed: int, errors: list[str]) -> None:
    """Sends and receives on one socket at once, and compares hashes in the stream."""
    total = megabytes * 1024 * 1024
    payload = random.Random(seed).randbytes(1024 * 1024)

    def send() -> None:
        digest = hashlib.sha256()
        sent = 0
        sizes = itertools.cycle(random.Random(seed).sample(SIZES, len(SIZES)))
        while sent < total:
            size = min(next(sizes), total - sent)
            start = sent % (len(payload) - max(SIZES))
            piece = payload[start : start + size]
            sock.sendall(piece)
            digest.update(piece)
            sent += size
        sock.sendall(digest.digest())

    def receive() -> None:
        digest = hashlib.sha256()
        received = 0
        sizes = itertools.cycle(random.Random(~seed).sample(SIZES, len(SIZES)))
        while received < total:
            piece = sock.recv(min(next(sizes), total - received))
            if not piece:
                raise EOFError(f"the end after {received} bytes")
            digest.update(piece)
            received += len(piece)
        expected = b""
        while len(expected) < 32:
            piece = sock.recv(32 - len(expected))
            if not piece:
                raise EOFError("the end inside the hash")
            expected += piece
        if expected != digest.digest():
            raise ValueError("the hash is wrong")

    def guarded(work: Any) -> None:
        try:
            work()
        except Exception as error:
            errors.append(f"{work.__name__}: {error!r}")

    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in (send, receive)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + STALL
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
        if thread.is_alive():
            errors.append("stalled")


def run_all(sockets: list[Any], megabytes: int, seed: int) -> list[str]:
    errors: list[str] = []
    threads = [
        threading.Thread(target=talk, args=(sock, megabytes, seed + index, errors), daemon=True)
        for index, sock in enumerate(sockets)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def serve(ssl: Any, folder: Path, connections: int, megabytes: int) -> int:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf1.pem", folder / "leaf1.key")
    with socket.create_server(("127.0.0.1", 0), backlog=connections) as listener:
        print(listener.getsockname()[1], flush=True)
        sockets = [context.wrap_socket(listener.accept()[0], server_side=True) for _ in range(connections)]
    errors = run_all(sockets, megabytes, 1000)
    for error in errors:
        print(f"server: {error}", file=sys.stderr)
    sys.stdout.flush()
    os._exit(1 if errors else 0)


def once(ssl: Any, module: str, folder: Path, connections: int, megabytes: int) -> list[str]:
    """One run; returns what went wrong."""
    command = [sys.executable, __file__, "--module", module, "--serve", str(folder)]
    command += ["--connections", str(connections), "--megabytes", str(megabytes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        context = ssl.create_default_context(cafile=folder / "ca.pem")
        sockets = [
            context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost")
            for _ in range(connections)
        ]
        errors = [f"client: {error}" for error in run_all(sockets, megabytes, 0)]
        try:
            status = server.wait(STALL + 10)
        except subprocess.TimeoutExpired:
            server.kill()
            status = "no end"
        if status != 0:
            errors.append(f"server: ended with {status}")
        if not errors:
            for sock in sockets:
                sock.close()
    return errors


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--module", default="ferrossl")
    arguments.add_argument("--runs", type=int, default=1)
    arguments.add_argument("--connections", type=int, default=12)
    arguments.add_argument("--megabytes", type=int, default=12)
    arguments.add_argument("--serve", type=Path)
    options = arguments.parse_args()
    ssl = importlib.import_module(options.module)
    if options.serve:
        return serve(ssl, options.serve, options.connections, options.megabytes)
    from pki import Authority

    bad = 0
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        Authority(Path(folder)).issue("localhost")
        for number in range(1, options.runs + 1):
            errors = once(ssl, options.module, Path(folder), options.connections, options.megabytes)
            bad += bool(errors)
            for error in errors:
                print(f"run {number}: {error}", flush=True)
    print(
        f"{options.module}: {options.runs - bad} of {options.runs} runs right, "
        f"{options.connections} connections, {options.megabytes} MB each way on each, "
        f"{time.monotonic() - begin:.0f} s"
    )
    sys.stdout.flush()
    os._exit(1 if bad else 0)


if __name__ == "__main__":
    sys.exit(main())
