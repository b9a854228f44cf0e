"""Peers that misbehave, threads, signals, retried writes: no hang, no spin, no wrong byte."""

from __future__ import annotations

import contextlib
import gc
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from ends import Ends
from pki import Authority, Leaf


@pytest.fixture
def ends(authority: Authority, leaf: Leaf) -> Ends:
    return Ends(ferrossl, authority, leaf)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "HTTP_REQUEST"),
        (b"\x00" * 64, "WRONG_VERSION_NUMBER"),
        (b"\x16\x03\x01\xff\xff" + bytes(100), "PACKET_LENGTH_TOO_LONG"),
        (b"\x17\x03\x03\x00\x10" + bytes(16), "UNEXPECTED_MESSAGE"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "SSLV3_ALERT_HANDSHAKE_FAILURE"),
        (b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", None),
    ],
)
@pytest.mark.parametrize("side", ["client", "server"])
def test_garbage(ends: Ends, words: bytes, reason: str | None, side: str) -> None:
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(10)
        far.sendall(words)
        far.shutdown(socket.SHUT_WR)
        with pytest.raises(ferrossl.SSLError) as caught:
            if side == "client":
                ends.client_context.wrap_socket(near, server_hostname="localhost")
            else:
                ends.server_context.wrap_socket(near, server_side=True)
        if side == "client" and reason == "HTTP_REQUEST":
            reason = "WRONG_VERSION_NUMBER"
        if side == "server" and reason == "SSLV3_ALERT_HANDSHAKE_FAILURE":
            # A server that has not seen a ClientHello takes nothing else.
            reason = "UNEXPECTED_MESSAGE"
        assert caught.value.reason
        assert reason is None or caught.value.reason == reason


def test_a_peer_that_hangs_up_in_the_handshake(ends: Ends) -> None:
    for words in (b"", b"\x16", b"\x16\x03\x01\x02\x00\x01"):
        near, far = socket.socketpair()
        far.sendall(words)
        far.close()
        with pytest.raises(OSError) as caught:
            ends.server_context.wrap_socket(near, server_side=True)
        assert isinstance(caught.value, ferrossl.SSLEOFError | ConnectionError)
        near.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage()")
def test_a_peer_that_never_reads_does_not_make_us_spin(ends: Ends) -> None:
    import resource

    with ends.connected() as (client, _server):
        client.settimeout(0.3)
        before = resource.getrusage(resource.RUSAGE_THREAD)
        begin = time.monotonic()
        with pytest.raises(TimeoutError, match="write operation timed out"):
            client.sendall(bytes(1 << 26))
        elapsed = time.monotonic() - begin
        after = resource.getrusage(resource.RUSAGE_THREAD)
        assert elapsed >= 0.3
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        assert busy < elapsed / 2 + 0.1


def test_a_blocked_read_does_not_hold_up_a_write(ends: Ends) -> None:
    with ends.connected() as (client, server):
        received: list[bytes] = []
        reader = threading.Thread(target=lambda: received.append(client.recv(10)))
        reader.start()
        time.sleep(0.05)
        client.sendall(b"while reading")
        server.settimeout(10)
        assert server.recv(100) == b"while reading"
        server.sendall(b"answer")
        reader.join(10)
        assert received == [b"answer"]


def test_writers_that_take_turns_on_a_full_socket(ends: Ends) -> None:
    """gevent#1992: several writers on one non-blocking socket, each retrying its own piece."""
    with ends.connected() as (client, server):
        client.setblocking(False)
        pieces = [bytes([letter]) * 200_000 for letter in b"abcdefghijklmnopqrstuvwxyz"]
        waiting = []
        for piece in pieces:
            try:
                assert client.send(piece) == len(piece)
            except ferrossl.SSLWantWriteError:
                waiting.append(piece)
        assert waiting
        received = bytearray()
        total = sum(map(len, pieces))
        reader = threading.Thread(target=lambda: receive(server, received, total))
        reader.start()
        while waiting:
            select.select([], [client], [], 5)
            for piece in list(reversed(waiting)):
                with contextlib.suppress(ferrossl.SSLWantWriteError):
                    assert client.send(piece) == len(piece)
                    waiting.remove(piece)
        reader.join(30)
        assert len(received) == total
        assert sorted(received) == sorted(b"".join(pieces))


def test_writes_that_were_given_up_swallow_no_later_ones(ends: Ends) -> None:
    """A write counts as the second try of an earlier one only if it is the very next."""
    with ends.connected() as (client, server):
        client.setblocking(False)
        pieces = {letter: letter.encode() * 50_000 for letter in "helo"}
        told: list[str] = []
        while not told or told[-1] != "refused":
            try:
                assert client.send(pieces["h"]) == 50_000
                told.append("h")
            except ferrossl.SSLWantWriteError:
                told.append("refused")  # and not tried again
        received = bytearray()
        reader = threading.Thread(target=lambda: receive(server, received, (len(told) + 3) * 50_000))
        reader.start()
        for letter in "ohe":
            while True:
                try:
                    assert client.send(pieces[letter]) == 50_000
                    break
                except ferrossl.SSLWantWriteError:
                    select.select([], [client], [], 5)
            told.append(letter)
        reader.join(30)
        assert bytes(received[::50_000]).decode() == "".join(told).replace("refused", "h")


def receive(sock: Any, received: bytearray, total: int) -> None:
    while len(received) < total:
        received += sock.recv(1 << 16)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals that interrupt a wait")
def test_signals_run_during_waits(ends: Ends) -> None:
    class Alarm(Exception):
        pass

    def handler(_number: int, _frame: object) -> None:
        raise Alarm

    old = signal.signal(signal.SIGALRM, handler)
    try:
        with ends.connected() as (client, server):
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(Alarm):
                client.recv(1)
            signal.signal(signal.SIGALRM, lambda *_: None)
            # A handler that returns lets the operation go on, with the same deadline.
            client.settimeout(0.3)
            signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
            begin = time.monotonic()
            with pytest.raises(TimeoutError):
                client.recv(1)
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert 0.3 <= time.monotonic() - begin < 3
            server.sendall(b"x")
            assert client.recv(1) == b"x"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def test_two_handshakes_in_two_threads_of_one_process(ends: Ends) -> None:
    """None hangs, and what they agree on is good for something."""
    for number in range(20):
        with ends.connected() as (client, server):
            assert client.version() == server.version() == "TLSv1.3"
            server.sendall(bytes([number]))
            assert client.recv(1) == bytes([number])


def test_closing_while_another_thread_reads(ends: Ends) -> None:
    with ends.connected() as (client, _server):
        outcomes: list[bytes | BaseException] = []

        def read() -> None:
            try:
                outcomes.append(client.recv(1))
            except BaseException as error:
                outcomes.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        time.sleep(0.05)
        assert not outcomes, "it waits"
        socket.socket.shutdown(client, socket.SHUT_RDWR)
        reader.join(10)
        assert not reader.is_alive()
        # An end without close_notify, which recv() passes off as a proper one unless told otherwise.
        assert outcomes == [b""]


def test_contexts_changed_while_connections_are_made(ends: Ends, authority: Authority) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def change() -> None:
        try:
            while not stop.is_set():
                ends.client_context.load_verify_locations(cadata=authority.pem.decode())
                ends.client_context.cert_store_stats()
                ends.server_context.num_tickets = 1
                ends.client_context.get_ca_certs()
        except BaseException as error:
            failures.append(error)

    changer = threading.Thread(target=change)
    changer.start()
    for _ in range(30):
        with ends.connected() as (client, server):
            server.sendall(b"x")
            assert client.recv(1) == b"x"
    stop.set()
    changer.join(10)
    assert not failures


def test_nothing_leaks_through_cycles(ends: Ends) -> None:
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda *_arguments, context=context: None
    reference = weakref.ref(context)
    del context
    gc.collect()
    assert reference() is None
    with ends.connected() as (client, _server):
        socket_reference = weakref.ref(client)
    del client, _server
    gc.collect()
    assert socket_reference() is None


def test_a_descriptor_is_not_leaked_when_the_handshake_fails(ends: Ends) -> None:
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(10):
        with pytest.raises(ferrossl.SSLCertVerificationError), ends.connected(server_hostname="other"):
            pass
    gc.collect()
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) <= before


def test_full_duplex_between_two_processes() -> None:
    script = Path(__file__).parent.parent / "duplex.py"
    done = subprocess.run(
        [sys.executable, str(script), "--runs", "3"], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 runs right" in done.stdout


def test_clear_text_behind_close_notify_through_a_foreign_bio(ends: Ends) -> None:
    """asyncio makes the standard library's BIOs for whatever context it gets."""
    import ssl as stdlib_ssl

    incoming, outgoing = stdlib_ssl.MemoryBIO(), stdlib_ssl.MemoryBIO()
    client = ends.client_context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    to_server = ferrossl.MemoryBIO()
    from_server = ferrossl.MemoryBIO()
    server = ends.server_context.wrap_bio(to_server, from_server, server_side=True)
    for _ in range(4):
        for side in (client, server):
            with contextlib.suppress(ferrossl.SSLWantReadError):
                side.do_handshake()
            to_server.write(outgoing.read())
            incoming.write(from_server.read())
    server.write(b"data")
    with pytest.raises(ferrossl.SSLWantReadError):
        server.unwrap()
    incoming.write(from_server.read() + b"clear")
    assert client.read() == b"data"
    assert client.read() == b""
    client.unwrap()
    assert incoming.read() == b"clear"
    with pytest.raises(TypeError, match="MemoryBIO is required"):
        ends.client_context.wrap_bio(object(), outgoing, server_hostname="x")  # type: ignore[arg-type]


def test_a_record_with_a_broken_mac(ends: Ends) -> None:
    with ends.connected() as (client, server):
        server.sendall(b"x" * 5)
        client.recv(5)
        socket.socket.send(server, b"\x17\x03\x03" + struct.pack(">H", 40) + bytes(40))
        with pytest.raises(ferrossl.SSLError) as caught:
            client.recv(5)
        assert caught.value.reason == "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"
        # The peer is told.
        with pytest.raises(ferrossl.SSLError) as caught:
            server.recv(5)
        assert caught.value.reason == "SSLV3_ALERT_BAD_RECORD_MAC"
