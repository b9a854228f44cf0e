"""Stories that the standard library's ssl and ferrossl must tell alike.

Every test runs on both. A difference is a failure, or it is on docs/compatibility.md and not here.
"""

from __future__ import annotations

import array
import asyncio
import contextlib
import errno
import io
import select
import socket
import ssl as stdlib_ssl
import struct
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from conftest import Ends
from pki import Authority, Leaf

Both = Callable[..., list[Any]]


@pytest.fixture(params=[stdlib_ssl, ferrossl], ids=["stdlib", "ferrossl"])
def ssl(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def ends(ssl: Any, authority: Authority, leaf: Leaf) -> Ends:
    return Ends(ssl, authority, leaf)


# ---- data ----


def test_data_flows_both_ways(ends: Ends, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        client.sendall(b"question")
        assert server.recv(100) == b"question"
        assert server.send(b"answer") == 6
        buffer = bytearray(10)
        assert client.recv_into(buffer) == 6
        assert buffer[:6] == b"answer"
        body = bytes(range(256)) * 4096
        received = bytearray()

        def receive() -> None:
            while len(received) < len(body):
                received.extend(server.recv(70000))

        both_at_once(lambda: client.sendall(body), receive)
        assert received == body


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, lambda b: array.array("I", b)])
def test_any_buffer_can_be_sent(ends: Ends, make: Callable[[bytes], Any]) -> None:
    with ends.connected() as (client, server):
        data = bytes(range(64))
        client.sendall(make(data))
        assert server.recv(1000) == data
        assert client.send(make(data)) == 64
        assert server.recv(1000) == data


def test_receive_into_parts_of_buffers(ends: Ends) -> None:
    with ends.connected() as (client, server):
        server.sendall(b"abcdefgh")
        buffer = bytearray(b"........")
        assert client.recv_into(buffer, 3) == 3
        assert client.recv_into(memoryview(buffer)[4:6]) == 2
        assert buffer == b"abc.de.."
        assert client.pending() == 3
        numbers = array.array("H", [0] * 4)
        assert client.recv_into(numbers) == 3
        assert numbers.tobytes()[:3] == b"fgh"
        assert client.pending() == 0
        with pytest.raises(TypeError):
            client.recv_into(b"read-only")


def test_nothing_is_nothing(ends: Ends) -> None:
    with ends.connected() as (client, server):
        assert client.send(b"") == 0
        client.sendall(b"")
        assert client.recv(0) == b""
        server.sendall(b"x")
        assert client.recv(0) == b""
        assert client.recv(1) == b"x"
        with pytest.raises(ValueError):
            client.recv(-1)


def test_files(ends: Ends, tmp_path: Path, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        with server.makefile("rwb") as stream:
            stream.write(b"line one\nline two\n")
            stream.flush()
        with client.makefile("r", encoding="ascii", newline="\n") as stream:
            assert stream.readline() == "line one\n"
            assert stream.readline() == "line two\n"
        path = tmp_path / "file"
        path.write_bytes(b"0123456789" * 10000)
        with path.open("rb") as file:
            sent, received = both_at_once(
                lambda: client.sendfile(file, 5, 50000),
                lambda: read(server, 50000),
            )
            assert sent == 50000
            assert file.tell() == 50005
        assert received == path.read_bytes()[5:50005]
        assert client.sendfile(io.BytesIO(b"memory")) == 6
        assert read(server, 6) == b"memory"


def read(sock: Any, size: int) -> bytes:
    received = b""
    while len(received) < size:
        piece = sock.recv(size - len(received))
        assert piece, "the end"
        received += piece
    return received


def test_what_tls_has_no_place_for(ends: Ends) -> None:
    with ends.connected() as (client, _server):
        for call in (
            lambda: client.send(b"x", socket.MSG_OOB),
            lambda: client.sendall(b"x", socket.MSG_OOB),
            lambda: client.recv(1, socket.MSG_PEEK),
            lambda: client.recv_into(bytearray(1), 1, socket.MSG_PEEK),
            lambda: client.sendto(b"x", ("127.0.0.1", 9)),
            lambda: client.recvfrom(1),
            lambda: client.recvfrom_into(bytearray(1)),
        ):
            with pytest.raises(ValueError):
                call()
        for refused in (client.dup, lambda: client.sendmsg([b"x"]), lambda: client.recvmsg(1)):
            with pytest.raises(NotImplementedError):
                refused()
        with pytest.raises(NotImplementedError):
            client.recvmsg_into([bytearray(1)])


# ---- what was agreed ----


def test_what_was_agreed(ends: Ends) -> None:
    ends.client_context.set_alpn_protocols(["http/1.1", "h2"])
    ends.server_context.set_alpn_protocols(["h2", "http/1.1"])
    with ends.connected() as (client, server):
        assert client.version() == server.version() == "TLSv1.3"
        assert client.cipher() == ("TLS_AES_256_GCM_SHA384", "TLSv1.3", 256)
        assert client.selected_alpn_protocol() == server.selected_alpn_protocol() == "h2"
        with pytest.warns(DeprecationWarning, match="NPN is deprecated"):
            assert client.selected_npn_protocol() is None
        assert client.compression() is None
        assert client.server_hostname == "localhost"
        assert server.server_hostname is None
        assert (client.server_side, server.server_side) == (False, True)
        assert client.context is ends.client_context
        assert client.session_reused is False
        assert server.getpeercert() is None
        assert len(server.shared_ciphers()) >= 3


def test_certificate_dictionaries_are_equal(ends: Ends, authority: Authority, leaf: Leaf) -> None:
    with ends.connected() as (client, _server):
        certificate = client.getpeercert()
        der = client.getpeercert(True)
    assert ends.ssl.DER_cert_to_PEM_cert(der) == leaf.chain.decode()
    assert certificate == stdlib_ssl._ssl._test_decode_cert(str(leaf.chain_file))  # type: ignore[attr-defined]


def test_without_verification_the_dictionary_is_empty(ends: Ends) -> None:
    ends.client_context.check_hostname = False
    ends.client_context.verify_mode = ends.ssl.CERT_NONE
    with ends.connected(server_hostname=None) as (client, _server):
        assert client.getpeercert() == {}
        assert client.getpeercert(True)


def test_versions_can_be_limited(ends: Ends) -> None:
    ends.client_context.maximum_version = ends.ssl.TLSVersion.TLSv1_2
    with ends.connected() as (client, _server):
        assert client.version() == "TLSv1.2"
        assert client.cipher()[1] == "TLSv1.2"
    ends.server_context.minimum_version = ends.ssl.TLSVersion.TLSv1_3
    with pytest.raises(ends.ssl.SSLError) as caught, ends.connected():
        pass
    assert caught.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"


# ---- refusals ----


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("wrong.host", 62, "Hostname mismatch, certificate is not valid for 'wrong.host'."),
        ("127.0.0.2", 64, "IP address mismatch, certificate is not valid for '127.0.0.2'."),
    ],
)
def test_wrong_names(ends: Ends, name: str, code: int, text: str) -> None:
    with pytest.raises(ends.ssl.SSLCertVerificationError) as caught, ends.connected(server_hostname=name):
        pass
    error = caught.value
    assert (error.errno, error.library, error.reason) == (1, "SSL", "CERTIFICATE_VERIFY_FAILED")
    assert (error.verify_code, error.verify_message) == (code, text)
    assert f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {text}" in str(error)


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ({"days": -0.5}, 10, "certificate has expired"),
        ({"start_days": 1}, 9, "certificate is not yet valid"),
    ],
)
def test_wrong_times(
    ssl: Any, authority: Authority, arguments: dict[str, float], code: int, text: str
) -> None:
    ends = Ends(ssl, authority, authority.issue("localhost", **arguments))
    with pytest.raises(ssl.SSLCertVerificationError) as caught, ends.connected():
        pass
    assert (caught.value.verify_code, caught.value.verify_message) == (code, text)


def test_unknown_authority(ssl: Any, authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, common_name="stranger")
    ends = Ends(ssl, authority, stranger.issue("localhost"))
    with pytest.raises(ssl.SSLCertVerificationError) as caught, ends.connected():
        pass
    assert caught.value.verify_code == 20


def test_client_certificates(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    ends = Ends(ssl, authority, leaf)
    ends.server_context.verify_mode = ssl.CERT_REQUIRED
    ends.server_context.load_verify_locations(cadata=authority.pem.decode())
    ends.client_context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError) as caught, ends.connected():
        pass
    assert caught.value.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE"
    ends.client_context.load_cert_chain(leaf.chain_file, leaf.key_file)
    with ends.connected() as (_client, server):
        assert ("DNS", "localhost") in server.getpeercert()["subjectAltName"]


# ---- the end ----


def test_close_notify_is_the_end(ends: Ends, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        server.sendall(b"last")
        both_at_once(
            lambda: server.unwrap() and None, lambda: (read(client, 4), client.recv(10), client.unwrap())
        )


def test_unwrapping_leads_back_to_clear_text(ends: Ends, both_at_once: Both) -> None:
    with ends.connected() as (client, server):
        plain_client, plain_server = both_at_once(client.unwrap, server.unwrap)
        plain_client.sendall(b"clear")
        assert plain_server.recv(10) == b"clear"
        with pytest.raises(ValueError):
            client.unwrap()


def test_clear_text_right_behind_close_notify_is_not_lost(ends: Ends, both_at_once: Both) -> None:
    with ends.connected() as (client, server):

        def serve() -> None:
            plain = server.unwrap()
            plain.sendall(b"clear text at once")

        def receive() -> bytes:
            return read(client.unwrap(), 18)

        assert both_at_once(serve, receive)[1] == b"clear text at once"


@pytest.mark.parametrize("suppress", [True, False])
def test_an_end_without_close_notify(ends: Ends, suppress: bool) -> None:
    with ends.connected(suppress_ragged_eofs=suppress) as (client, server):
        server.sendall(b"cut")
        socket.socket.shutdown(server, socket.SHUT_RDWR)
        assert client.recv(10) == b"cut"
        if suppress:
            assert client.recv(10) == b""
            assert client.recv_into(bytearray(10)) == 0
        else:
            with pytest.raises(ends.ssl.SSLEOFError) as caught:
                client.recv(10)
            assert caught.value.errno == 8


def test_a_reset_is_the_systems_error(ends: Ends) -> None:
    with ends.connected() as (_client, _server):
        pass
    listener = socket.create_server(("127.0.0.1", 0))
    with listener, socket.create_connection(listener.getsockname()) as near:
        far, _ = listener.accept()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        far.close()
        with pytest.raises(OSError) as caught:
            ends.client_context.wrap_socket(near, server_hostname="localhost")
        assert caught.value.errno in (errno.ECONNRESET, errno.EPIPE)


def test_closed_sockets(ends: Ends) -> None:
    with ends.connected() as (client, _server):
        client.close()
        for call in (lambda: client.read(1), lambda: client.write(b"x")):
            with pytest.raises(ValueError):
                call()
        for call in (lambda: client.recv(1), lambda: client.send(b"x")):
            with pytest.raises(OSError):
                call()


# ---- timeouts and non-blocking ----


def test_timeouts(ends: Ends) -> None:
    with ends.connected() as (client, _server):
        client.settimeout(0.05)
        begin = time.monotonic()
        with pytest.raises(TimeoutError, match="The read operation timed out"):
            client.recv(1)
        assert time.monotonic() - begin >= 0.05
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(0.05)
        with pytest.raises(TimeoutError, match="handshake operation timed out"):
            ends.client_context.wrap_socket(near, server_hostname="localhost")


def test_non_blocking(ends: Ends) -> None:
    with ends.connected() as (client, server):
        client.setblocking(False)
        with pytest.raises(ends.ssl.SSLWantReadError):
            client.recv(10)
        # TLS 1.3 tickets may lie there already; wait for the data proper.
        server.sendall(b"x" * 40000)
        received = b""
        while len(received) < 40000:
            try:
                received += client.recv(9000)
            except ends.ssl.SSLWantReadError:
                select.select([client], [], [], 5)
        assert received == b"x" * 40000
        piece = bytes(range(256)) * 1024
        sent = 0
        with pytest.raises(ends.ssl.SSLWantWriteError):
            while sent < 1 << 28:
                sent += client.send(piece[sent % len(piece) :])
        # Whatever was reported as sent arrives once; the piece that was refused is tried again.
        total = sent + len(piece)
        hasher = threading.Thread(target=lambda: results.append(read_all(server, total)))
        results: list[bytes] = []
        hasher.start()
        while sent < total:
            try:
                sent += client.send(piece[sent % len(piece) :][: total - sent])
            except ends.ssl.SSLWantWriteError:
                select.select([], [client], [], 5)
        hasher.join(30)
        expected = (piece * (total // len(piece) + 1))[:total]
        assert results[0] == expected


def read_all(sock: Any, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        received += sock.recv(1 << 16)
    return bytes(received)


def test_non_blocking_handshake(ends: Ends) -> None:
    near, far = socket.socketpair()
    near.setblocking(False)
    far.setblocking(False)
    with (
        ends.client_context.wrap_socket(
            near, server_hostname="localhost", do_handshake_on_connect=False
        ) as client,
        ends.server_context.wrap_socket(far, server_side=True, do_handshake_on_connect=False) as server,
    ):
        with pytest.raises(ValueError, match="handshake not done yet"):
            client.getpeercert()
        done = set()
        deadline = time.monotonic() + 10
        while len(done) < 2 and time.monotonic() < deadline:
            for sock in (client, server):
                with contextlib.suppress(ends.ssl.SSLWantReadError):
                    sock.do_handshake()
                    done.add(sock)
        assert len(done) == 2
        assert client.getpeercert()["subjectAltName"]


# ---- connecting and accepting ----


def test_listening_and_connecting(ends: Ends, both_at_once: Both) -> None:
    with ends.server_context.wrap_socket(
        socket.create_server(("127.0.0.1", 0)), server_side=True
    ) as listener:
        address = listener.getsockname()

        def serve() -> None:
            for _ in range(2):
                server, peer = listener.accept()
                with server:
                    assert isinstance(server, ends.ssl.SSLSocket)
                    assert peer[0] == "127.0.0.1"
                    server.sendall(server.recv(10))

        def connect() -> None:
            with ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost") as client:
                with pytest.raises(OSError):
                    client.getpeername()
                client.connect(address)
                with pytest.raises(ValueError, match="already-connected"):
                    client.connect(address)
                client.sendall(b"echo")
                assert client.recv(10) == b"echo"
            with ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost") as client:
                assert client.connect_ex(address) == 0
                client.sendall(b"again")
                assert client.recv(10) == b"again"

        both_at_once(serve, connect)
        with pytest.raises(ValueError, match="server-side mode"):
            listener.connect(address)
    with ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost") as client:
        assert client.connect_ex(address) == errno.ECONNREFUSED


def test_early_clear_text_is_refused(ends: Ends) -> None:
    """CVE-2023-40217: data from a peer that hung up before the handshake must not be read as TLS data."""
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        peer = socket.create_connection(listener.getsockname())
        accepted, _ = listener.accept()
        peer.sendall(b"DELETE / HTTP/1.0\r\n\r\n")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        time.sleep(0.05)
        with accepted, pytest.raises(OSError):
            ends.server_context.wrap_socket(accepted, server_side=True)


def test_arguments(ends: Ends) -> None:
    with socket.socket() as plain:
        with pytest.raises(ValueError, match="check_hostname requires server_hostname"):
            ends.client_context.wrap_socket(plain)
        with pytest.raises(ValueError, match="client mode"):
            ends.server_context.wrap_socket(plain, server_side=True, server_hostname="x")
        with pytest.raises(ends.ssl.SSLError, match="Cannot create a client socket"):
            near, far = socket.socketpair()
            with near, far:
                ends.server_context.wrap_socket(near)
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams, pytest.raises(NotImplementedError):
        ends.client_context.wrap_socket(datagrams, server_hostname="localhost")
    with pytest.raises(TypeError, match="public constructor"):
        ends.ssl.SSLSocket()
    with pytest.raises(TypeError, match="public constructor"):
        ends.ssl.SSLObject()
    for name in ("", ".localhost"):
        with pytest.raises(ValueError):
            ends.client_context.wrap_bio(ends.ssl.MemoryBIO(), ends.ssl.MemoryBIO(), server_hostname=name)
    with pytest.raises(TypeError):
        ends.client_context.wrap_bio(ends.ssl.MemoryBIO(), ends.ssl.MemoryBIO(), server_hostname="a\0b")


# ---- memory BIOs ----


def test_memory_bio(ssl: Any) -> None:
    bio = ssl.MemoryBIO()
    assert (bio.read(), bio.pending, bio.eof) == (b"", 0, False)
    assert bio.write(b"abc") == 3
    assert bio.write(bytearray(b"def")) == 3
    assert bio.read(2) == b"ab"
    assert bio.pending == 4
    bio.write_eof()
    assert not bio.eof
    assert bio.read(-1) == b"cdef"
    assert bio.eof
    with pytest.raises(ssl.SSLError, match="cannot write"):
        bio.write(b"x")
    for wrong in ("text", None, 1):
        with pytest.raises(TypeError):
            bio.write(wrong)


class MemoryEnds:
    """A client and a server between memory BIOs."""

    def __init__(self, ends: Ends) -> None:
        self.ssl = ends.ssl
        self.to_client, self.to_server = ends.ssl.MemoryBIO(), ends.ssl.MemoryBIO()
        self.client = ends.client_context.wrap_bio(
            self.to_client, self.to_server, server_hostname="localhost"
        )
        self.server = ends.server_context.wrap_bio(self.to_server, self.to_client, server_side=True)

    def handshake(self) -> None:
        for _ in range(6):
            for side in (self.client, self.server):
                with contextlib.suppress(self.ssl.SSLWantReadError):
                    side.do_handshake()


def test_objects_between_bios(ends: Ends) -> None:
    memory = MemoryEnds(ends)
    client, server = memory.client, memory.server
    with pytest.raises(ends.ssl.SSLWantReadError):
        client.do_handshake()
    assert client.version() is None
    assert client.cipher() is None
    memory.handshake()
    assert client.version() == "TLSv1.3"
    assert client.server_hostname == "localhost"
    assert client.context is ends.client_context
    assert client.write(b"x" * 100000) == 100000
    received = b""
    while len(received) < 100000:
        received += server.read(100000)
    assert received == b"x" * 100000
    with pytest.raises(ends.ssl.SSLWantReadError):
        server.read()
    server.write(b"into")
    buffer = bytearray(8)
    assert client.read(8, buffer) == 4
    assert buffer[:4] == b"into"
    with pytest.raises(ends.ssl.SSLWantReadError):
        client.unwrap()
    assert server.read() == b""
    server.unwrap()
    client.unwrap()


def test_clear_text_stays_in_the_bio(ends: Ends) -> None:
    memory = MemoryEnds(ends)
    memory.handshake()
    with contextlib.suppress(ends.ssl.SSLWantReadError):
        memory.client.read()
    with pytest.raises(ends.ssl.SSLWantReadError):
        memory.server.unwrap()
    memory.to_client.write(b"clear text")
    memory.client.unwrap()
    assert memory.to_client.read() == b"clear text"


def test_a_bio_that_ends_early(ends: Ends) -> None:
    memory = MemoryEnds(ends)
    memory.handshake()
    memory.to_client.write_eof()
    with contextlib.suppress(ends.ssl.SSLWantReadError), pytest.raises(ends.ssl.SSLEOFError):
        memory.client.read()


def test_other_protocols_are_named(ends: Ends) -> None:
    for words, reason in (
        (b"GET / HTTP/1.0\r\n\r\n", "HTTP_REQUEST"),
        (b"CONNECT a:1 HTTP/1.0\r\n\r\n", "HTTPS_PROXY_REQUEST"),
        (b"SSH-2.0-something", "WRONG_VERSION_NUMBER"),
    ):
        memory = MemoryEnds(ends)
        memory.to_server.write(words)
        with pytest.raises(ends.ssl.SSLError) as caught:
            memory.server.do_handshake()
        assert (caught.value.library, caught.value.reason) == ("SSL", reason)


# ---- contexts ----


def test_new_contexts(ssl: Any) -> None:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert (client.verify_mode, client.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (server.verify_mode, server.check_hostname) == (ssl.CERT_NONE, False)
    for context in (client, server):
        assert context.options == stdlib_ssl.SSLContext(stdlib_ssl.PROTOCOL_TLS_CLIENT).options
        assert context.verify_flags == ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert context.maximum_version == ssl.TLSVersion.MAXIMUM_SUPPORTED
        assert context.cert_store_stats() == {"x509": 0, "crl": 0, "x509_ca": 0}
        assert context.security_level == 2
        assert context.num_tickets == 2
        assert context.hostname_checks_common_name is True
        assert context.sni_callback is None if context is server else True
    with pytest.warns(DeprecationWarning):
        assert ssl.SSLContext(ssl.PROTOCOL_TLS).verify_mode == ssl.CERT_NONE
    with pytest.warns(DeprecationWarning) as warned:
        ssl.SSLContext()
    assert [str(warning.message) for warning in warned] == [
        "ssl.SSLContext() without protocol argument is deprecated.",
        "ssl.PROTOCOL_TLS is deprecated",
    ]
    with pytest.raises(ValueError, match="invalid or unsupported protocol version"):
        ssl.SSLContext(99)


def test_check_hostname_and_verify_mode_keep_step(ssl: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(ValueError, match="Cannot set verify_mode to CERT_NONE"):
        context.verify_mode = ssl.CERT_NONE
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.check_hostname = True
    assert context.verify_mode == ssl.CERT_REQUIRED
    with pytest.raises(ValueError):
        context.verify_mode = 5
    with pytest.raises(ValueError, match="Unsupported TLS/SSL version"):
        context.minimum_version = 42


def test_trust(ssl: Any, authority: Authority, leaf: Leaf, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority.pem.decode())
    context.load_verify_locations(cadata=ssl.PEM_cert_to_DER_cert(authority.pem.decode()))
    context.load_verify_locations(str(authority.file))
    context.load_verify_locations(str(authority.file).encode())
    context.load_verify_locations(authority.file)
    assert context.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}
    context.load_verify_locations(leaf.chain_file)
    assert context.cert_store_stats() == {"x509": 2, "crl": 0, "x509_ca": 1}
    (listed,) = context.get_ca_certs()
    assert listed == stdlib_ssl._ssl._test_decode_cert(str(authority.file))  # type: ignore[attr-defined]
    assert context.get_ca_certs(True) == [ssl.PEM_cert_to_DER_cert(authority.pem.decode())]
    with pytest.raises(TypeError, match="cannot be all omitted"):
        context.load_verify_locations()
    with pytest.raises(TypeError):
        context.load_verify_locations(capath=True)
    with pytest.raises(TypeError):
        context.load_verify_locations(cadata=3)
    with pytest.raises(ValueError, match="Empty certificate data"):
        context.load_verify_locations(cadata=b"")
    with pytest.raises(FileNotFoundError):
        context.load_verify_locations(tmp_path / "missing")
    for name, content in {"empty": b"", "text": b"no certificate", "key": leaf.key}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ssl.SSLError) as caught:
            context.load_verify_locations(tmp_path / name)
        assert caught.value.reason == "NO_CERTIFICATE_OR_CRL_FOUND"
    (tmp_path / "cut").write_bytes(authority.pem[:-30])
    with pytest.raises(ssl.SSLError, match="PEM lib"):
        context.load_verify_locations(tmp_path / "cut")


def test_hashed_folders(ssl: Any, authority: Authority, leaf: Leaf, tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "ca.pem").write_bytes(authority.pem)
    subprocess.run(["openssl", "rehash", str(tmp_path)], check=True)
    ends = Ends(ssl, authority, leaf)
    ends.client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ends.client_context.load_verify_locations(capath=str(tmp_path))
    assert ends.client_context.get_ca_certs() == []
    with ends.connected():
        pass
    assert len(ends.client_context.get_ca_certs()) == 1


def test_identities(ssl: Any, authority: Authority, leaf: Leaf, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    joined = tmp_path / "joined"
    joined.write_bytes(leaf.key + leaf.chain)
    context.load_cert_chain(joined)
    context.load_cert_chain(str(leaf.chain_file).encode(), str(leaf.key_file).encode())
    with pytest.raises(ssl.SSLError, match="key values mismatch") as caught:
        context.load_cert_chain(authority.file, leaf.key_file)
    assert (caught.value.library, caught.value.reason) == ("X509", "KEY_VALUES_MISMATCH")
    for chain, key in (
        (leaf.chain_file, None),
        (leaf.key_file, leaf.chain_file),
        (leaf.chain_file, leaf.chain_file),
    ):
        with pytest.raises(ssl.SSLError, match="PEM lib"):
            context.load_cert_chain(chain, key)
    with pytest.raises(FileNotFoundError):
        context.load_cert_chain(tmp_path / "missing")


def test_encrypted_keys(ssl: Any, leaf: Leaf, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(leaf.key, None)
    encrypted = tmp_path / "encrypted.key"
    encrypted.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"pass"),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for password in ("pass", b"pass", bytearray(b"pass"), lambda: "pass", lambda: b"pass"):
        context.load_cert_chain(leaf.chain_file, encrypted, password)
    for wrong in ("other", lambda: "other"):
        with pytest.raises(ssl.SSLError):
            context.load_cert_chain(leaf.chain_file, encrypted, wrong)
    with pytest.raises(TypeError, match="should be a string"):
        context.load_cert_chain(leaf.chain_file, encrypted, 3)
    with pytest.raises(TypeError, match="must return a string"):
        context.load_cert_chain(leaf.chain_file, encrypted, lambda: 3)
    with pytest.raises(ValueError, match="cannot be longer"):
        context.load_cert_chain(leaf.chain_file, encrypted, "x" * 2000)

    def fail() -> str:
        raise LookupError("no password today")

    with pytest.raises(LookupError, match="no password today"):
        context.load_cert_chain(leaf.chain_file, encrypted, fail)
    context.load_cert_chain(leaf.chain_file, leaf.key_file, fail)


def test_default_contexts(ssl: Any, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    context = ssl.create_default_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.cert_store_stats()["x509_ca"] == 1
    assert ssl.get_default_verify_paths().cafile == str(authority.file)
    assert ssl.get_default_verify_paths().capath is None
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    assert (server.verify_mode, server.check_hostname) == (ssl.CERT_NONE, False)
    with pytest.raises(TypeError):
        ssl.create_default_context(3)
    unverified = ssl._create_unverified_context()
    assert (unverified.verify_mode, unverified.check_hostname) == (ssl.CERT_NONE, False)


def test_contexts_change_without_touching_connections(ends: Ends) -> None:
    with ends.connected() as (client, server):
        ends.client_context.maximum_version = ends.ssl.TLSVersion.TLSv1_2
        ends.client_context.load_verify_locations(cadata=client.getpeercert(True))
        server.sendall(b"still")
        assert client.recv(10) == b"still"
        assert client.version() == "TLSv1.3"
    with ends.connected() as (client, _server):
        assert client.version() == "TLSv1.2"


def test_sni(ends: Ends, authority: Authority) -> None:
    seen: list[Any] = []
    other = ends.ssl.SSLContext(ends.ssl.PROTOCOL_TLS_SERVER)
    named = authority.issue("other.test")
    other.load_cert_chain(named.chain_file, named.key_file)

    def choose(sock: Any, name: str | None, context: Any) -> int | None:
        seen.append((name, context is ends.server_context))
        if name == "other.test":
            sock.context = other
        return ends.ssl.ALERT_DESCRIPTION_ACCESS_DENIED if name == "refused.test" else None

    ends.server_context.sni_callback = choose
    with ends.connected():
        pass
    with ends.connected(server_hostname="other.test") as (client, _server):
        assert client.getpeercert()["subjectAltName"] == (("DNS", "other.test"),)
    with pytest.raises(ends.ssl.SSLError) as caught, ends.connected(server_hostname="refused.test"):
        pass
    assert caught.value.reason == "TLSV1_ALERT_ACCESS_DENIED"
    ends.client_context.check_hostname = False
    with ends.connected(server_hostname=None):
        pass
    with ends.connected(server_hostname="127.0.0.1"):
        pass
    names = ["localhost", "other.test", "refused.test", None, None]
    assert seen == [(name, True) for name in names]


def test_key_log(ends: Ends, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    ends.client_context.keylog_filename = str(path)
    assert ends.client_context.keylog_filename == str(path)
    with ends.connected():
        pass
    lines = path.read_text().splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("# TLS secrets log file")
    assert {line.split()[0] for line in lines[1:]} == {
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "SERVER_TRAFFIC_SECRET_0",
        "EXPORTER_SECRET",
    }
    ends.client_context.keylog_filename = None
    with ends.connected():
        pass
    assert len(path.read_text().splitlines()) == 6


def test_several_contexts_in_asyncio(ends: Ends) -> None:
    """asyncio as client and server, with an upgrade from clear text in between."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(200000))
        await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def main() -> bytes:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=ends.server_context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=ends.client_context, server_hostname="localhost"
            )
            writer.write(bytes(200000))
            answer = await reader.read()
            writer.close()
            return answer

    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        assert asyncio.run(main()) == bytes(200000)


def test_functions(ssl: Any) -> None:
    assert ssl.cert_time_to_seconds("Jan  5 09:34:43 2018 GMT") == 1515144883
    assert ssl.cert_time_to_seconds("Feb 29 00:00:60 2016 GMT") == 1456704060
    for wrong in (
        "",
        "Jan 5 2018",
        "Jam  5 09:34:43 2018 GMT",
        "Jan  5 09:34:43 2018",
        "Jan 32 09:34:43 2018 GMT",
    ):
        with pytest.raises(ValueError):
            ssl.cert_time_to_seconds(wrong)
    assert len(ssl.RAND_bytes(20)) == 20
    with pytest.raises(ValueError):
        ssl.RAND_bytes(-1)
    assert ssl.RAND_status() == 1
    ssl.RAND_add(b"more", 1.0)
    assert ssl.get_protocol_name(ssl.PROTOCOL_TLS_CLIENT) == "PROTOCOL_TLS_CLIENT"
    assert ssl.get_protocol_name(77) == "<unknown>"
    assert ssl._ASN1Object.fromname("serverAuth").oid == "1.3.6.1.5.5.7.3.1"


def test_fetching_a_certificate(ends: Ends, authority: Authority, leaf: Leaf, both_at_once: Both) -> None:
    def serve(listener: socket.socket) -> None:
        plain, _ = listener.accept()
        with contextlib.suppress(OSError), ends.server_context.wrap_socket(plain, server_side=True):
            pass

    for arguments in ({}, {"ca_certs": str(authority.file)}):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = listener.getsockname()
            _, pem = both_at_once(
                lambda listener=listener: serve(listener),
                lambda address=address, arguments=arguments: ends.ssl.get_server_certificate(
                    address, timeout=10, **arguments
                ),
            )
        assert pem == leaf.chain.decode()
