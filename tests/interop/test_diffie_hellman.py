"""Suites with Diffie-Hellman against the standard library's OpenSSL, with a group that has no name too."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from ends import Ends
from pki import Authority


@pytest.fixture(scope="module", params=["ffdhe2048", "modp_4096", "dh_2048_256"])
def parameters(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    file = tmp_path_factory.mktemp("dh") / f"{request.param}.pem"
    command = ["openssl", "genpkey", "-genparam", "-algorithm", "DHX" if "_256" in request.param else "DH"]
    command += ["-pkeyopt", f"group:{request.param}", "-out", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    yield file


@pytest.mark.parametrize(
    "suite", ["DHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-CHACHA20-POLY1305"]
)
@pytest.mark.parametrize("direction", ["client", "server"])
def test_with_openssl(authority: Authority, parameters: Path, suite: str, direction: str) -> None:
    leaf = authority.issue("localhost", kind="rsa2048")
    client: Any = ferrossl if direction == "client" else ssl
    server: Any = ssl if direction == "client" else ferrossl
    ends = Ends(server, authority, leaf)
    ends.client_context = client.create_default_context(cafile=authority.file)
    ends.client_context.maximum_version = client.TLSVersion.TLSv1_2
    ends.client_context.set_ciphers(suite)
    ends.server_context.set_ciphers(suite)
    ends.server_context.load_dh_params(parameters)
    if direction == "client" and "_256" in parameters.name:
        # A group that nobody has looked at could be a trap for the client.
        with pytest.raises(ferrossl.SSLError), ends.connected():
            pass
        return
    with ends.connected() as (near, far):
        assert near.cipher()[0] == far.cipher()[0] == suite
        near.sendall(b"x" * 100_000)
        received = 0
        while received < 100_000:
            received += len(far.recv(65536))
