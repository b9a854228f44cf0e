"""Many threads on one context, whose settings change meanwhile: no crash, no wrong byte, and memory stays flat.

Usage: stress.py [--handshakes 20000] [--threads 16]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import ferrossl as ssl

sys.path.insert(0, str(Path(__file__).parent))
from pki import Authority, Leaf

BODY = os.urandom(3000)
DIGEST = hashlib.sha256(BODY).digest()


def megabytes() -> float:
    """What this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def handshake(client_context: Any, server_context: Any, session: Any) -> tuple[Any, bool]:
    """One connection in memory, with data both ways; the session, and whether one was resumed."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(down, up, server_hostname="localhost", session=session)
    server = server_context.wrap_bio(up, down, server_side=True)
    waiting = [client, server]
    while waiting:
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
    for sender, receiver in ((client, server), (server, client)):
        sender.write(BODY)
        received = b""
        while len(received) < len(BODY):
            received += receiver.read(65536)
        if hashlib.sha256(received).digest() != DIGEST:
            raise AssertionError("wrong bytes")
    return client.session, client.session_reused


def change(contexts: tuple[Any, Any], authority: Authority, leaf: Leaf, stop: threading.Event) -> int:
    """Changes one setting after the other, none of which keeps anybody from connecting."""
    client, server = contexts
    changes = 0
    steps = [
        lambda: server.set_ciphers("ECDHE+AESGCM"),
        lambda: server.set_ciphers("ALL"),
        lambda: client.load_verify_locations(authority.file),
        lambda: server.load_cert_chain(leaf.chain_file, leaf.key_file),
        lambda: setattr(server, "num_tickets", 1 + changes % 3),
        lambda: setattr(client, "maximum_version", ssl.TLSVersion.TLSv1_2),
        lambda: setattr(client, "maximum_version", ssl.TLSVersion.MAXIMUM_SUPPORTED),
        lambda: server.set_alpn_protocols(["h2"]),
        lambda: setattr(server, "sni_callback", lambda *_: None),
        lambda: setattr(server, "sni_callback", None),
        lambda: client.get_ca_certs(),
        lambda: client.cert_store_stats(),
    ]
    while not stop.wait(0.002):
        steps[changes % len(steps)]()
        changes += 1
    return changes


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--handshakes", type=int, default=20_000)
    arguments.add_argument("--threads", type=int, default=16)
    options = arguments.parse_args()
    folder = tempfile.TemporaryDirectory()
    authority = Authority(Path(folder.name))
    leaf = authority.issue("localhost")
    client = ssl.create_default_context(cafile=authority.file)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(leaf.chain_file, leaf.key_file)
    failures: list[BaseException] = []
    resumed = [0] * options.threads

    def work(number: int, count: int) -> None:
        session = None
        try:
            for _ in range(count):
                session, reused = handshake(client, server, session)
                resumed[number] += reused
        except BaseException as error:
            failures.append(error)

    def run(handshakes: int) -> None:
        each = handshakes // options.threads
        threads = [threading.Thread(target=work, args=(n, each)) for n in range(options.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    stop = threading.Event()
    changes: list[int] = []
    changer = threading.Thread(target=lambda: changes.append(change((client, server), authority, leaf, stop)))
    changer.start()
    run(options.handshakes // 10)
    before = megabytes()
    started = time.monotonic()
    run(options.handshakes)
    took = time.monotonic() - started
    after = megabytes()
    stop.set()
    changer.join()
    stats = server.session_stats()
    print(
        f"{options.handshakes} handshakes by {options.threads} threads in {took:.1f} s, {sum(resumed)} resumed, "
        f"{changes[0]} changes of settings, {len(failures)} failures; "
        f"memory {before:.1f} MB before, {after:.1f} MB after; server: {stats['accept_good']} good"
    )
    for failure in failures[:3]:
        print(repr(failure))
    return 1 if failures or after > before * 1.2 + 5 else 0


if __name__ == "__main__":
    sys.exit(main())
