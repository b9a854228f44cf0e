"""Exported keying material is what OpenSSL gets, at both ends, in both versions."""

from __future__ import annotations

import re
import socket
import subprocess
from typing import Any

import pytest
from test_peers import connect_when_ready, listening, server_context

import ferrossl
from pki import Authority, Leaf

VERSIONS = ["TLSv1.2", "TLSv1.3"]
LABEL = "EXPERIMENTAL exporter"
LENGTH = 77
OPTIONS = ["-keymatexport", LABEL, "-keymatexportlen", str(LENGTH)]

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> tuple[Authority, Leaf]:
    authority = Authority(tmp_path_factory.mktemp("pki"))
    return authority, authority.issue("localhost", "127.0.0.1")


def exported_by_openssl(printed: str) -> str:
    found = re.search(r"Keying material: ([0-9A-F]+)", printed)
    assert found, printed
    return found[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_server_exports_what_openssl_does(pki: tuple[Authority, Leaf], version: str) -> None:
    authority, leaf = pki
    exported: list[str] = []

    def serve(sock: Any) -> None:
        exported.append(sock.export_keying_material(LABEL.encode(), LENGTH).hex().upper())
        sock.sendall(b"done")
        sock.unwrap()

    with listening(ferrossl, server_context(ferrossl, leaf, version), serve) as port:
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", str(authority.file)]
        done = subprocess.run(
            [*command, *OPTIONS], input="", capture_output=True, text=True, timeout=40, check=False
        )
    assert exported == [exported_by_openssl(done.stdout)]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_exports_what_openssl_does(pki: tuple[Authority, Leaf], version: str) -> None:
    """Before it has read anything, and behind that: a client of TLS 1.3 has other means then."""
    authority, leaf = pki
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-naccept", "1", *OPTIONS]
    command += ["-cert", str(leaf.chain_file), "-key", str(leaf.key_file)]
    command += ["-tls1_2" if version == "TLSv1.2" else "-tls1_3"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        context = ferrossl.create_default_context(cafile=authority.file)
        with context.wrap_socket(connect_when_ready(port), server_hostname="localhost") as client:
            exported = {client.export_keying_material(LABEL.encode(), LENGTH).hex().upper()}
            for _ in range(2):
                assert server.stdin
                server.stdin.write("data\n")
                server.stdin.flush()
                assert client.recv(100) == b"data\n"
                exported.add(client.export_keying_material(LABEL.encode(), LENGTH).hex().upper())
        printed, _ = server.communicate(timeout=40)
    assert exported == {exported_by_openssl(printed)}
