"""Peers that must not be trusted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ends import Ends
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
