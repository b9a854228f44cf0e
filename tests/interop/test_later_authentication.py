"""Authentication after the handshake (RFC 8446 section 4.6.2) with OpenSSL at the other end, both ways."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import ferrossl
from ends import Ends, in_memory, read
from pki import Authority, Leaf

DIRECTIONS = [(ssl, ferrossl), (ferrossl, ssl), (ferrossl, ferrossl)]


def ends_of(client: Any, server: Any, authority: Authority, leaf: Leaf) -> Ends:
    ends = Ends(server, authority, leaf)
    ends.client_context = client.create_default_context(cafile=authority.file)
    ends.client_context.post_handshake_auth = True
    ends.client_context.load_cert_chain(leaf.chain_file, leaf.key_file)
    ends.server_context.post_handshake_auth = True
    ends.server_context.verify_mode = server.CERT_REQUIRED
    ends.server_context.load_verify_locations(authority.file)
    return ends


def ask(client: Any, server: Any, both_at_once: Callable[..., list[Any]]) -> None:
    """Asks, and has data flow in both directions around it."""

    def serve() -> None:
        server.verify_client_post_handshake()
        server.sendall(b"after the request")
        assert read(server, 16) == b"after the answer"

    def answer() -> None:
        assert read(client, 17) == b"after the request"
        client.sendall(b"after the answer")

    both_at_once(serve, answer)


@pytest.mark.parametrize(("client", "server"), DIRECTIONS)
@pytest.mark.parametrize("retried", [False, True], ids=["", "after a retry"])
@pytest.mark.parametrize("kind", ["p256", "rsa2048", "ed25519"])
def test_full_and_resumed(
    authority: Authority,
    both_at_once: Callable[..., list[Any]],
    client: Any,
    server: Any,
    retried: bool,
    kind: str,
) -> None:
    ends = ends_of(client, server, authority, authority.issue("localhost", kind=kind))
    if retried:
        ends.server_context.set_ecdh_curve("secp384r1")
    session: Any = None
    for resumed in (False, True):
        with ends.connected(session=session) as (near, far):
            assert near.session_reused == resumed
            assert resumed or far.getpeercert() is None
            near.sendall(b"before")
            assert read(far, 6) == b"before"
            for _ in range(2):
                ask(near, far, both_at_once)
                assert far.getpeercert()["subject"]
            assert far.getpeercert(True) == near.getpeercert(True)
            session = near.session


@pytest.mark.parametrize(("client", "server"), DIRECTIONS)
@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("kind", ["p256", "p384", "rsa2048", "ed25519"])
def test_a_client_that_offers_it_meets_tls12(
    authority: Authority, client: Any, server: Any, required: bool, kind: str
) -> None:
    """urllib3 and http.client offer it in every context, so this is how their client certificates work at all there."""
    ends = ends_of(client, server, authority, authority.issue("localhost", kind=kind))
    ends.server_context.maximum_version = server.TLSVersion.TLSv1_2
    ends.server_context.verify_mode = server.CERT_REQUIRED if required else server.CERT_OPTIONAL
    session: Any = None
    for resumed in (False, True):
        with ends.connected(session=session) as (near, far):
            assert near.version() == "TLSv1.2"
            assert near.session_reused == resumed
            assert far.getpeercert()["subject"]
            near.sendall(b"before")
            assert read(far, 6) == b"before"
            far.sendall(b"after")
            assert read(near, 5) == b"after"
            session = near.session


@pytest.mark.parametrize("fragment", [512, 700])
def test_tickets_in_small_records(authority: Authority, leaf: Leaf, fragment: int) -> None:
    """A ticket in two records whose second begins with any byte, that of a CertificateRequest too."""
    certificates = ["-cert", str(leaf.chain_file), "-key", str(leaf.key_file), "-CAfile", str(authority.file)]
    # With the client's certificate in it a ticket is longer than the record.
    options = ["-Verify", "1", "-max_send_frag", str(fragment), "-naccept", "60"]
    context = ends_of(ferrossl, ferrossl, authority, leaf).client_context
    with s_server(*options, *certificates) as (process, port):
        for number in range(60):
            plain = socket.create_connection(("127.0.0.1", port), 20)
            with plain, context.wrap_socket(plain, server_hostname="localhost") as sock:
                assert heard(process, b"CIPHER is")
                process.stdin.write(b"data\n")
                assert read(sock, 5) == b"data\n", number


@pytest.mark.parametrize("suite", ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"])
def test_the_other_digest(authority: Authority, leaf: Leaf, suite: str) -> None:
    """No module chooses suites of TLS 1.3, so OpenSSL's command line does."""
    certificates = ["-cert", str(leaf.chain_file), "-key", str(leaf.key_file), "-CAfile", str(authority.file)]
    context = ends_of(ferrossl, ferrossl, authority, leaf).client_context
    with (
        s_server("-ciphersuites", suite, *certificates) as (process, port),
        socket.create_connection(("127.0.0.1", port), 20) as plain,
    ):
        with context.wrap_socket(plain, server_hostname="localhost") as sock:
            assert sock.cipher()[0] == suite
            assert heard(process, b"CIPHER is")
            command(process, b"c")
            process.stdin.write(b"data\n")
            assert read(sock, 5) == b"data\n"
            sock.sendall(b"answer\n")
            assert heard(process, b"answer")
        assert b"depth=0" in process.log
        assert b"verify error" not in process.log


@contextlib.contextmanager
def s_server(*options: str) -> Iterator[tuple[Any, int]]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_3", *options]
    process: Any = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
    )
    process.log = b""
    try:
        assert heard(process, b"ACCEPT")
        yield process, port
    finally:
        process.kill()
        process.wait()


def command(process: Any, letter: bytes) -> None:
    """Gives s_server a command. It takes what it reads at once for one line, so what follows has to come later."""
    process.stdin.write(letter + b"\n")
    time.sleep(0.3)


def heard(process: Any, text: bytes) -> bool:
    """Reads s_server's output up to this text."""
    start = len(process.log)
    while text not in process.log[start:]:
        more = process.stdout.read(1)
        if not more:
            return False
        process.log += more
    return True


def test_after_key_updates(authority: Authority, leaf: Leaf) -> None:
    certificates = ["-cert", str(leaf.chain_file), "-key", str(leaf.key_file), "-CAfile", str(authority.file)]
    with s_server(*certificates) as (process, port):
        context = ends_of(ferrossl, ferrossl, authority, leaf).client_context
        plain = socket.create_connection(("127.0.0.1", port), 20)
        with plain, context.wrap_socket(plain, server_hostname="localhost") as sock:
            assert heard(process, b"CIPHER is")
            # K has both sides change their keys, c asks for the certificate.
            for number, letter in enumerate([b"c", b"K", b"c", b"K", b"K", b"c"]):
                command(process, letter)
                process.stdin.write(b"data %d\n" % number)
                assert read(sock, 7) == b"data %d\n" % number
                sock.sendall(b"answer %d\n" % number)
                assert heard(process, b"answer %d" % number)
        assert process.log.count(b"depth=0") == 3
        assert b"verify error" not in process.log


@pytest.mark.parametrize(("client", "server"), DIRECTIONS)
def test_refusals(authority: Authority, leaf: Leaf, client: Any, server: Any) -> None:
    stranger = Authority(authority.folder / "stranger", common_name="stranger")
    for chain, expected in ((stranger.issue("localhost"), 20), (None, None)):
        ends = ends_of(client, server, authority, leaf)
        context = client.create_default_context(cafile=authority.file)
        context.post_handshake_auth = True
        if chain is not None:
            context.load_cert_chain(chain.chain_file, chain.key_file)
        ends.client_context = context
        with ends.connected() as (near, far):
            far.verify_client_post_handshake()
            far.sendall(b"x")
            assert near.recv(1) == b"x"
            near.sendall(b"y")
            with pytest.raises(server.SSLError) as caught:
                far.recv(1)
            assert getattr(caught.value, "verify_code", None) == expected or (
                expected is None and caught.value.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE"
            )
            with pytest.raises(client.SSLError, match=r"unknown ca|certificate required"):
                near.recv(1)


@pytest.mark.parametrize(("client", "server"), DIRECTIONS)
def test_optional(
    authority: Authority, leaf: Leaf, both_at_once: Callable[..., list[Any]], client: Any, server: Any
) -> None:
    ends = ends_of(client, server, authority, leaf)
    ends.server_context.verify_mode = server.CERT_OPTIONAL
    context = client.create_default_context(cafile=authority.file)
    context.post_handshake_auth = True
    ends.client_context = context
    with ends.connected() as (near, far):
        ask(near, far, both_at_once)
        assert far.getpeercert() is None


@pytest.mark.parametrize("module", [ssl, ferrossl])
def test_when_it_cannot_be(authority: Authority, leaf: Leaf, module: Any) -> None:
    ends = ends_of(module, module, authority, leaf)
    with ends.connected() as (near, far):
        with pytest.raises(module.SSLError) as caught:
            near.verify_client_post_handshake()
        assert caught.value.reason == "NOT_SERVER"
        far.verify_client_post_handshake()
        with pytest.raises(module.SSLError) as caught:
            far.verify_client_post_handshake()
        assert caught.value.reason in ("REQUEST_SENT", "STILL_IN_INIT")
    ends.client_context.post_handshake_auth = False
    with ends.connected() as (_, far), pytest.raises(module.SSLError, match="extension not received"):
        far.verify_client_post_handshake()
    ends.client_context.post_handshake_auth = True
    ends.client_context.maximum_version = module.TLSVersion.TLSv1_2
    with ends.connected() as (near, far):
        # TLS 1.2 has no later: the certificate was asked for in the handshake.
        assert far.getpeercert()["subject"]
        with pytest.raises(module.SSLError) as caught:
            far.verify_client_post_handshake()
        assert caught.value.reason == "WRONG_SSL_VERSION"


def test_a_certificate_alone_proves_nothing(authority: Authority, leaf: Leaf) -> None:
    """Between the client's certificate and the proof that it is its own, the server knows nobody.

    OpenSSL's client sends each message in a record of its own.
    """
    ends = ends_of(ssl, ferrossl, authority, leaf)
    client, server, _, outgoing = in_memory(ssl, ends)
    server.verify_client_post_handshake()
    server.write(b"x")
    assert client.read(1) == b"x"
    answer, sizes = outgoing.read(), []
    while answer:
        assert server.getpeercert() is None
        assert server.get_verified_chain() == server.get_unverified_chain() == []
        size = 5 + int.from_bytes(answer[3:5], "big")
        outgoing.write(answer[:size])
        answer = answer[size:]
        sizes.append(size)
        with pytest.raises(ferrossl.SSLWantReadError):
            server.read(1)
    assert len(sizes) == 3
    assert server.getpeercert()["subject"]
    assert len(server.get_verified_chain()) == 2
