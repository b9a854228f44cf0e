"""Another context for a connection: before its handshake, and in an SNI callback."""

from __future__ import annotations

from typing import Any

import pytest

from pki import Authority
from two_contexts import Scene


@pytest.fixture
def scene(ssl: Any, authorities: list[Authority]) -> Scene:
    return Scene(ssl, *authorities)


def test_the_new_context_brings_its_certificate(scene: Scene) -> None:
    scene.swap_by_name()
    ends = scene.run()
    assert scene.served_by(ends) is scene.other_authority
    assert ends.server.context is scene.other


def test_a_server_may_be_given_another_before_the_handshake(scene: Scene) -> None:
    ends = scene.run(lambda _client, server: setattr(server, "context", scene.other))
    assert scene.served_by(ends) is scene.other_authority


def test_a_client_certificate_stays_demanded(scene: Scene) -> None:
    """The name for which nobody has thought of client certificates is no way around them."""
    scene.swap_by_name()
    scene.first.verify_mode = scene.ssl.CERT_REQUIRED
    scene.first.load_verify_locations(scene.first_authority.file)
    scene.other.load_verify_locations(scene.other_authority.file)
    with pytest.raises(scene.ssl.SSLError) as caught:
        scene.run()
    assert caught.value.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE"


def test_who_is_trusted_comes_with_the_new_context(scene: Scene) -> None:
    scene.swap_by_name()
    scene.first.verify_mode = scene.ssl.CERT_REQUIRED
    scene.first.load_verify_locations(scene.first_authority.file)
    own = scene.other_authority.issue("the client")
    scene.client.load_cert_chain(own.chain_file, own.key_file)
    with pytest.raises(scene.ssl.SSLCertVerificationError):
        scene.run()
    scene.other.load_verify_locations(scene.other_authority.file)
    assert scene.run().server.getpeercert(True)


def test_application_protocols_are_the_new_ones_of_a_server(scene: Scene) -> None:
    scene.swap_by_name()
    scene.client.set_alpn_protocols(["old", "new"])
    scene.first.set_alpn_protocols(["old"])
    scene.other.set_alpn_protocols(["new"])
    assert scene.run().client.selected_alpn_protocol() == "new"


def test_versions_stay_limited(scene: Scene) -> None:
    scene.swap_by_name()
    scene.first.maximum_version = scene.ssl.TLSVersion.TLSv1_2
    assert scene.run().client.version() == "TLSv1.2"


def test_suites_are_the_new_ones(scene: Scene) -> None:
    scene.swap_by_name()
    scene.client.maximum_version = scene.ssl.TLSVersion.TLSv1_2
    scene.first.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    scene.other.set_ciphers("ECDHE-ECDSA-CHACHA20-POLY1305")
    assert scene.run().client.cipher()[0] == "ECDHE-ECDSA-CHACHA20-POLY1305"


@pytest.mark.parametrize("careless", [False, True])
def test_a_client_trusts_whom_its_new_context_trusts(scene: Scene, careless: bool) -> None:
    nobody = scene.trusting()
    if careless:
        nobody.check_hostname = False
        nobody.verify_mode = scene.ssl.CERT_NONE
    with pytest.raises(scene.ssl.SSLError) as caught:
        scene.run(lambda client, _server: setattr(client, "context", nobody))
    assert caught.value.reason == "TLSV1_ALERT_UNKNOWN_CA"


def test_a_clients_certificate_comes_with_the_new_context(scene: Scene) -> None:
    own = scene.first_authority.issue("the client")
    with_certificate = scene.trusting(scene.first_authority)
    with_certificate.load_cert_chain(own.chain_file, own.key_file)
    scene.first.verify_mode = scene.ssl.CERT_REQUIRED
    scene.first.load_verify_locations(scene.first_authority.file)
    ends = scene.run(lambda client, _server: setattr(client, "context", with_certificate))
    subject = dict(pair for rdn in ends.server.getpeercert()["subject"] for pair in rdn)
    assert subject["commonName"] == "the client"
    assert ends.client.context is with_certificate


def test_a_clients_application_protocols_stay(scene: Scene) -> None:
    new = scene.trusting(scene.first_authority)
    new.set_alpn_protocols(["new"])
    scene.client.set_alpn_protocols(["old"])
    scene.first.set_alpn_protocols(["new", "old"])
    ends = scene.run(lambda client, _server: setattr(client, "context", new))
    assert ends.client.selected_alpn_protocol() == "old"


def test_after_the_handshake_it_is_a_name_only(scene: Scene) -> None:
    ends = scene.run()
    ends.client.context = other = scene.trusting()
    assert ends.client.context is other
    ends.server.write(b"still there")
    assert ends.client.read(64) == b"still there"


def test_only_a_context_will_do(scene: Scene) -> None:
    def give_nonsense(client: Any, _server: Any) -> None:
        with pytest.raises(TypeError, match="The value must be a SSLContext"):
            client.context = "context"

    scene.run(give_nonsense)


@pytest.mark.parametrize("swapped", [False, True])
def test_protocols_may_be_changed_in_place(scene: Scene, swapped: bool) -> None:
    """In the callback's own context, and in one that is changed after it was set."""

    def callback(socket: Any, _name: str, context: Any) -> None:
        if swapped:
            socket.context = context = scene.other
        context.set_alpn_protocols(["new"])

    scene.first.sni_callback = callback
    scene.client.set_alpn_protocols(["new"])
    assert scene.run().client.selected_alpn_protocol() == "new"


def test_trust_may_be_added_in_place(scene: Scene) -> None:
    scene.first.verify_mode = scene.ssl.CERT_REQUIRED
    own = scene.other_authority.issue("the client")
    scene.client.load_cert_chain(own.chain_file, own.key_file)

    def callback(_socket: Any, _name: str, context: Any) -> None:
        context.load_verify_locations(scene.other_authority.file)

    scene.first.sni_callback = callback
    assert scene.run().server.getpeercert(True)


def test_a_refusal_is_seen_by_the_message_callback(scene: Scene) -> None:
    seen: list[tuple[Any, ...]] = []
    scene.first.sni_callback = lambda *_: scene.ssl.ALERT_DESCRIPTION_ACCESS_DENIED
    scene.first._msg_callback = lambda _owner, direction, _version, content, message, data: seen.append(
        (direction, int(content), int(message), data)
    )
    with pytest.raises(scene.ssl.SSLError):
        scene.run()
    assert seen[-1] == ("write", 21, 49, b"\x02\x31")
