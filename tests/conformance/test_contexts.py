"""Contexts: settings, trust, identities, callbacks; and functions."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl as stdlib_ssl
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ends import Ends
from openssl_command import openssl
from pki import Authority, Leaf

Both = Callable[..., list[Any]]


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

    (tmp_path / "ca.pem").write_bytes(authority.pem)
    openssl("rehash", str(tmp_path))
    ends = Ends(ssl, authority, leaf)
    ends.client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ends.client_context.load_verify_locations(capath=str(tmp_path))
    assert ends.client_context.get_ca_certs() == []
    with ends.connected():
        pass
    assert len(ends.client_context.get_ca_certs()) == 1


def test_revocation_lists_in_hashed_folders(
    ssl: Any, authority: Authority, leaf: Leaf, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    ends = Ends(ssl, authority, leaf)
    ends.client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ends.client_context.load_verify_locations(capath=str(tmp_path))
    ends.client_context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF

    def verdict() -> int:
        openssl("rehash", str(tmp_path))
        try:
            with ends.connected():
                return 0
        except ssl.SSLCertVerificationError as error:
            code: int = error.verify_code
            return code

    assert verdict() == 3
    (tmp_path / "crl.pem").write_bytes(authority.revocation_list())
    assert verdict() == 0
    # A context that has seen the list before may go on with it (OpenSSL does), so this is another one.
    (tmp_path / "crl.pem").write_bytes(authority.revocation_list(leaf))
    flags = ends.client_context.verify_flags
    ends.client_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ends.client_context.load_verify_locations(capath=str(tmp_path))
    ends.client_context.verify_flags = flags
    assert verdict() == 23


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


@pytest.mark.parametrize(
    "command",
    [
        "ec -aes128",
        "ec -aes192",
        "ec -aes256",
        "ec -des3",
        "pkcs8 -topk8 -v2 aes-128-cbc",
        "pkcs8 -topk8 -v2 aes-256-cbc",
        "pkcs8 -topk8 -v2 des3",
        "pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA512",
        "pkcs8 -topk8 -scrypt",
    ],
)
def test_every_way_of_encrypting_a_key(ssl: Any, leaf: Leaf, tmp_path: Path, command: str) -> None:
    encrypted = tmp_path / "key"
    kind, *options = command.split()
    openssl(kind, "-in", str(leaf.key_file), "-out", str(encrypted), "-passout", "pass:secret", *options)
    assert b"ENCRYPTED" in encrypted.read_bytes()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain_file, encrypted, "secret")
    with pytest.raises(ssl.SSLError):
        context.load_cert_chain(leaf.chain_file, encrypted, "wrong")


def test_default_contexts(ssl: Any, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    # Windows trusts its stores beside the file.
    stores = [*ssl.enum_certificates("CA"), *ssl.enum_certificates("ROOT")] if sys.platform == "win32" else []
    context = ssl.create_default_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    if stores:
        assert 1 < context.cert_store_stats()["x509_ca"] <= 1 + len(stores)
    else:
        assert context.cert_store_stats()["x509_ca"] == 1
    subjects = [certificate["subject"] for certificate in context.get_ca_certs()]
    assert (
        subjects.count(((("organizationName", "ferrossl tests"),), (("commonName", authority.common_name),)))
        == 1
    )
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


def test_asyncio_streams(ends: Ends) -> None:
    """asyncio as client and server."""

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


def test_servers_look_at_revocation_lists_too(
    ssl: Any, authority: Authority, leaf: Leaf, tmp_path: Path
) -> None:
    def verdict(revocation_list: bytes | None) -> int:
        ends = Ends(ssl, authority, leaf)
        ends.client_context.load_cert_chain(leaf.chain_file, leaf.key_file)
        server = ends.server_context
        server.verify_mode = ssl.CERT_REQUIRED
        server.load_verify_locations(authority.file)
        server.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        if revocation_list is not None:
            (tmp_path / "crl").write_bytes(revocation_list)
            server.load_verify_locations(tmp_path / "crl")
        near, far = socket.socketpair()
        codes: list[int] = []

        def accept() -> None:
            with far:
                try:
                    server.wrap_socket(far, server_side=True).close()
                    codes.append(0)
                except ssl.SSLCertVerificationError as error:
                    codes.append(error.verify_code)

        thread = threading.Thread(target=accept)
        thread.start()
        with near, contextlib.suppress(OSError):
            ends.client_context.wrap_socket(near, server_hostname="localhost").recv(1)
        thread.join()
        return codes[0]

    assert verdict(None) == 3
    assert verdict(authority.revocation_list()) == 0
    assert verdict(authority.revocation_list(leaf)) == 23
