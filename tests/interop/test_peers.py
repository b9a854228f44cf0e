"""Other TLS stacks on loopback, both directions, both versions, four kinds of keys: 10 MB each way with hashes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import ssl as stdlib_ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from pki import KEY_KINDS, Authority, Leaf

SIZE = 10 * 1024 * 1024
VERSIONS = {"TLSv1.2": ferrossl.TLSVersion.TLSv1_2, "TLSv1.3": ferrossl.TLSVersion.TLSv1_3}
BODY = os.urandom(SIZE)
DIGEST = hashlib.sha256(BODY).digest()

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module", params=list(KEY_KINDS))
def pki(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Authority, Leaf]:
    authority = Authority(tmp_path_factory.mktemp("pki"), kind=request.param)
    return authority, authority.issue("localhost", "127.0.0.1")


@pytest.fixture(params=list(VERSIONS))
def version(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


def client_context(ssl: Any, authority: Authority, version: str) -> Any:
    context = ssl.create_default_context(cafile=authority.file)
    context.minimum_version = context.maximum_version = VERSIONS[version]
    return context


def server_context(ssl: Any, leaf: Leaf, version: str) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain_file, leaf.key_file)
    context.minimum_version = context.maximum_version = VERSIONS[version]
    return context


def send_body(sock: Any) -> None:
    sock.sendall(BODY)


def receive_body(sock: Any) -> bytes:
    digest = hashlib.sha256()
    received = 0
    while received < SIZE:
        piece = sock.recv(min(1 << 18, SIZE - received))
        assert piece, f"the end after {received} bytes"
        digest.update(piece)
        received += len(piece)
    return digest.digest()


@contextlib.contextmanager
def listening(ssl: Any, context: Any, serve: Callable[[Any], None]) -> Iterator[int]:
    """A server for one connection; what goes wrong in it goes wrong in the test."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as sock:
                serve(sock)
        except BaseException as error:
            failures.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(30)
        assert not thread.is_alive(), "the server hangs"
        if failures:
            raise failures[0]


@pytest.mark.parametrize("direction", ["ferrossl-client", "ferrossl-server"])
def test_stdlib(pki: tuple[Authority, Leaf], version: str, direction: str) -> None:
    authority, leaf = pki
    near, far = (ferrossl, stdlib_ssl) if direction == "ferrossl-client" else (stdlib_ssl, ferrossl)

    def serve(sock: Any) -> None:
        assert receive_body(sock) == DIGEST
        send_body(sock)
        sock.unwrap()

    with listening(far, server_context(far, leaf, version), serve) as port:
        context = client_context(near, authority, version)
        with context.wrap_socket(
            socket.create_connection(("127.0.0.1", port)), server_hostname="localhost"
        ) as sock:
            assert sock.version() == version
            send_body(sock)
            assert receive_body(sock) == DIGEST
            sock.unwrap()


def test_openssl_s_server(pki: tuple[Authority, Leaf], version: str, tmp_path: Path) -> None:
    """Our client fetches a file from s_server, then uploads through one that echoes its input's size."""
    authority, leaf = pki
    (tmp_path / "body").write_bytes(BODY)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    flag = "-tls1_2" if version == "TLSv1.2" else "-tls1_3"
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", "-HTTP", flag]
    command += ["-cert", str(leaf.chain_file), "-key", str(leaf.key_file)]
    with subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        try:
            plain = connect_when_ready(port)
            context = client_context(ferrossl, authority, version)
            with context.wrap_socket(plain, server_hostname="localhost") as sock:
                assert sock.version() == version
                sock.sendall(b"GET /body HTTP/1.0\r\n\r\n")
                # -HTTP sends the file as it is, and an answer's head is for the file to have.
                assert receive_body(sock) == DIGEST
        finally:
            server.kill()


def test_openssl_s_server_receives(pki: tuple[Authority, Leaf], version: str) -> None:
    authority, leaf = pki
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    flag = "-tls1_2" if version == "TLSv1.2" else "-tls1_3"
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", "-naccept", "1", flag]
    command += ["-cert", str(leaf.chain_file), "-key", str(leaf.key_file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        try:
            plain = connect_when_ready(port)
            context = client_context(ferrossl, authority, version)
            received: list[bytes] = []
            assert server.stdout is not None
            output = server.stdout
            reader = threading.Thread(target=lambda: received.append(output.read(SIZE)), daemon=True)
            reader.start()
            with context.wrap_socket(plain, server_hostname="localhost") as sock:
                send_body(sock)
                reader.join(30)
            assert hashlib.sha256(received[0]).digest() == DIGEST
        finally:
            server.kill()


def connect_when_ready(port: int) -> socket.socket:
    """s_server takes one connection at a time; the first that gets through is the one to use."""
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except ConnectionRefusedError:
            threading.Event().wait(0.05)
    raise AssertionError("s_server does not listen")


def test_openssl_s_client(pki: tuple[Authority, Leaf], version: str) -> None:
    authority, leaf = pki

    def serve(sock: Any) -> None:
        assert sock.version() == version
        assert receive_body(sock) == DIGEST
        send_body(sock)
        sock.shutdown(socket.SHUT_WR)

    with listening(ferrossl, server_context(ferrossl, leaf, version), serve) as port:
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-quiet"]
        command += ["-CAfile", str(authority.file), "-verify_return_error", "-verify_hostname", "localhost"]
        command += ["-ign_eof"]
        done = subprocess.run(command, input=BODY, capture_output=True, timeout=40, check=False)
        assert hashlib.sha256(done.stdout).digest() == DIGEST, done.stderr[-500:]


def serve_http(sock: Any) -> None:
    """An upload is read and answered with its hash, anything else with the body."""
    with sock.makefile("rb") as incoming:
        request = incoming.readline().split()
        length = 0
        while (line := incoming.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            if name.lower() == b"expect":
                sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        answer = BODY
        if request[0] == b"PUT":
            answer = hashlib.sha256(incoming.read(length)).hexdigest().encode()
    sock.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
    sock.unwrap()


@pytest.mark.parametrize("upload", [False, True], ids=["get", "put"])
def test_curl(pki: tuple[Authority, Leaf], version: str, upload: bool, tmp_path: Path) -> None:
    assert shutil.which("curl"), "curl is one of the peers that make setup installs"
    authority, leaf = pki
    (tmp_path / "body").write_bytes(BODY)
    with listening(ferrossl, server_context(ferrossl, leaf, version), serve_http) as port:
        command = ["curl", "-sS", "--cacert", str(authority.file), f"https://localhost:{port}/"]
        command += ["--resolve", f"localhost:{port}:127.0.0.1", "--http1.1"]
        if upload:
            command += ["-T", str(tmp_path / "body")]
        done = subprocess.run(command, capture_output=True, timeout=40, check=False)
        assert done.returncode == 0, done.stderr
        if upload:
            assert done.stdout.decode() == DIGEST.hex()
        else:
            assert hashlib.sha256(done.stdout).digest() == DIGEST


@pytest.mark.parametrize("problem", ["expired", "stranger"])
def test_curl_and_we_refuse_the_same(problem: str, tmp_path: Path) -> None:
    authority, stranger = Authority(tmp_path / "a"), Authority(tmp_path / "b", common_name="stranger")
    leaf = authority.issue("localhost", days=-0.5) if problem == "expired" else stranger.issue("localhost")

    def serve(sock: Any) -> None:
        raise AssertionError("accepted")

    context = server_context(ferrossl, leaf, "TLSv1.3")
    with (
        pytest.raises(ferrossl.SSLError, match=r"(?i)alert"),
        listening(ferrossl, context, serve) as port,
    ):
        url = f"https://localhost:{port}/"
        command = [
            "curl",
            "-sS",
            "--cacert",
            str(authority.file),
            url,
            "--resolve",
            f"localhost:{port}:127.0.0.1",
        ]
        assert subprocess.run(command, capture_output=True, timeout=40, check=False).returncode == 60
    with (
        pytest.raises(ferrossl.SSLError, match=r"(?i)alert"),
        listening(ferrossl, context, serve) as port,
        pytest.raises(ferrossl.SSLCertVerificationError) as caught,
    ):
        client_context(ferrossl, authority, "TLSv1.3").wrap_socket(
            socket.create_connection(("127.0.0.1", port)), server_hostname="localhost"
        )
    assert caught.value.verify_code == (10 if problem == "expired" else 20)
