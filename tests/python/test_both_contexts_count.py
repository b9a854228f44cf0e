"""Another context for a connection: where ferrossl heeds both contexts, and ssl the first one alone."""

from __future__ import annotations

from typing import Any

import pytest

import ferrossl
from pki import Authority
from two_contexts import Scene


@pytest.fixture
def scene(authorities: list[Authority]) -> Scene:
    return Scene(ferrossl, *authorities)


def test_the_new_contexts_demands_count_too(scene: Scene) -> None:
    scene.swap_by_name()
    scene.other.verify_mode = ferrossl.CERT_REQUIRED
    scene.other.load_verify_locations(scene.first_authority.file)
    with pytest.raises(ferrossl.SSLError) as caught:
        scene.run()
    assert caught.value.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE"
    own = scene.first_authority.issue("the client")
    scene.client.load_cert_chain(own.chain_file, own.key_file)
    assert scene.run().server.getpeercert()


def test_the_new_contexts_versions_count_too(scene: Scene) -> None:
    scene.swap_by_name()
    scene.other.maximum_version = ferrossl.TLSVersion.TLSv1_2
    assert scene.run().client.version() == "TLSv1.2"
    scene.first.minimum_version = ferrossl.TLSVersion.TLSv1_3
    with pytest.raises(ferrossl.SSLError) as caught:
        scene.run()
    assert caught.value.reason == "NO_PROTOCOLS_AVAILABLE"


def test_a_client_that_checked_nothing_checks_with_its_new_context(scene: Scene) -> None:
    nobody = scene.trusting()
    scene.client.check_hostname = False
    scene.client.verify_mode = ferrossl.CERT_NONE
    scene.run()
    with pytest.raises(ferrossl.SSLError) as caught:
        scene.run(lambda client, _server: setattr(client, "context", nobody))
    assert caught.value.reason == "TLSV1_ALERT_UNKNOWN_CA"
    client = scene.client.wrap_bio(ferrossl.MemoryBIO(), ferrossl.MemoryBIO())
    with pytest.raises(ValueError, match="check_hostname requires server_hostname"):
        client.context = nobody
    assert client.context is scene.client


def test_not_during_the_handshake(scene: Scene) -> None:
    """It would not change whom the client trusts any more."""
    client = scene.client.wrap_bio(ferrossl.MemoryBIO(), ferrossl.MemoryBIO(), server_hostname="localhost")
    with pytest.raises(ferrossl.SSLWantReadError):
        client.do_handshake()
    with pytest.raises(ValueError, match="the handshake has begun under the old context"):
        client.context = scene.trusting()
    assert client.context is scene.client


def test_sessions_of_a_swapped_context_are_resumed(scene: Scene) -> None:
    scene.swap_by_name()
    scene.first.verify_mode = ferrossl.CERT_OPTIONAL
    scene.first.load_verify_locations(scene.first_authority.file)

    def with_session(session: Any) -> Any:
        ends = scene.run(lambda client, _server: session and setattr(client, "session", session))
        ends.server.write(b"x")
        assert ends.client.read(1) == b"x"
        return ends.client

    first = with_session(None)
    assert with_session(first.session).session_reused
