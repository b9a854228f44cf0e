"""What connections say of themselves."""

from __future__ import annotations

import ssl as stdlib_ssl
from collections.abc import Callable
from typing import Any

import pytest

from ends import Ends
from pki import Authority, Leaf

Both = Callable[..., list[Any]]


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
