"""Peers that must not be trusted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ends import Ends, in_memory
from pki import Authority, Leaf

Both = Callable[..., list[Any]]


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


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("side", ["client", "server"])
@pytest.mark.parametrize(
    "words",
    [b"GET / HTTP/1.1\r\n\r\n", bytes(64), b"\xff" * 64, b"\x17\x02\x00\x00\x20"],
    ids=["HTTP", "zeros", "ones", "SSL 2.0"],
)
def test_clear_text_among_records(ends: Ends, version: str, side: str, words: bytes) -> None:
    """Refused by its first bytes; nobody waits for the kilobytes that they would announce."""
    ends.client_context.maximum_version = ends.ssl.TLSVersion[version]
    client, server, to_client, to_server = in_memory(ends.ssl, ends)
    end, incoming, other, back = (
        (client, to_client, server, to_server) if side == "client" else (server, to_server, client, to_client)
    )
    incoming.write(words)
    with pytest.raises(ends.ssl.SSLError) as caught:
        end.read(100)
    assert caught.value.reason == "WRONG_VERSION_NUMBER"
    # The other side hears of it.
    assert back.pending
    with pytest.raises(ends.ssl.SSLError) as heard:
        other.read(100)
    assert "ALERT" in heard.value.reason
