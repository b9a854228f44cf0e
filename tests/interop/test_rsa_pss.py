"""Keys that may sign with RSASSA-PSS only (RFC 4055), with the standard library's ssl as the peer."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ferrossl

PARAMETERS = {
    "unrestricted": (),
    "sha384": ("rsa_pss_keygen_md:sha384", "rsa_pss_keygen_mgf1_md:sha384", "rsa_pss_keygen_saltlen:48"),
    "sha512": ("rsa_pss_keygen_md:sha512", "rsa_pss_keygen_mgf1_md:sha512", "rsa_pss_keygen_saltlen:32"),
}
#: What either side may be the first to report in TLS 1.2.
REFUSED = {
    "NO_SHARED_CIPHER",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "WRONG_CERTIFICATE_TYPE",
    "SSLV3_ALERT_ILLEGAL_PARAMETER",
}


@pytest.fixture(scope="module", params=list(PARAMETERS))
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pss")
    chain, key = folder / "chain", folder / "key"
    options = [word for option in PARAMETERS[request.param] for word in ("-pkeyopt", option)]
    generate = ["openssl", "genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]
    subprocess.run([*generate, *options, "-out", str(key)], check=True, capture_output=True)
    request_certificate = ["openssl", "req", "-x509", "-new", "-key", str(key), "-out", str(chain)]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    subprocess.run([*request_certificate, *names], check=True, capture_output=True)
    return chain, key


@pytest.mark.parametrize("version", ["TLSv1_3", "TLSv1_2"])
@pytest.mark.parametrize(("client", "server"), [(ssl, ferrossl), (ferrossl, ssl), (ferrossl, ferrossl)])
def test_both_sides(
    files: tuple[Path, Path],
    both_at_once: Callable[..., list[Any]],
    client: Any,
    server: Any,
    version: str,
) -> None:
    chain, key = files
    ours = client.SSLContext(client.PROTOCOL_TLS_CLIENT)
    theirs = server.SSLContext(server.PROTOCOL_TLS_SERVER)
    for module, context in ((client, ours), (server, theirs)):
        context.load_cert_chain(chain, key)
        context.load_verify_locations(chain)
        context.maximum_version = module.TLSVersion[version]
    theirs.verify_mode = server.CERT_REQUIRED
    near, far = socket.socketpair()

    def connect() -> dict[str, Any]:
        with near, ours.wrap_socket(near, server_hostname="localhost") as sock:
            certificate = sock.getpeercert()
            sock.sendall(b"ping")
            assert sock.recv(4) == b"pong"
            return dict(certificate)

    def accept() -> dict[str, Any]:
        with far, theirs.wrap_socket(far, server_side=True) as sock:
            assert sock.recv(4) == b"ping"
            sock.sendall(b"pong")
            return dict(sock.getpeercert())

    if version == "TLSv1_2":
        # The engine knows these signatures in TLS 1.3 only: a clear error, and no other way round it.
        with pytest.raises(ssl.SSLError) as caught:
            both_at_once(connect, accept)
        assert caught.value.reason in REFUSED, caught.value
        return
    for certificate in both_at_once(connect, accept):
        assert (("commonName", "localhost"),) in certificate["subject"]
