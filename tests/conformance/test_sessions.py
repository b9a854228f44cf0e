"""Sessions, their resumption and what is counted; channel bindings; the message callback."""

from __future__ import annotations

import contextlib
import hashlib
import ssl as stdlib_ssl
from typing import Any

import pytest

import ferrossl
from ends import Ends
from pki import Authority, Leaf

VERSIONS = ["TLSv1_2", "TLSv1_3"]


def ends_of(ssl: Any, authority: Authority, leaf: Leaf, version: str) -> Ends:
    ends = Ends(ssl, authority, leaf)
    ends.client_context.maximum_version = ssl.TLSVersion[version]
    return ends


def first(ends: Ends) -> Any:
    """A session to resume. In TLS 1.3 its tickets come with the first data."""
    with ends.connected() as (client, server):
        assert not client.session_reused
        assert not server.session_reused
        server.sendall(b"hello")
        assert client.recv(5) == b"hello"
        return client.session


@pytest.mark.parametrize("version", VERSIONS)
def test_resumption(ssl: Any, authority: Authority, leaf: Leaf, version: str) -> None:
    ends = ends_of(ssl, authority, leaf, version)
    session = first(ends)
    assert len(session.id) == 32
    assert session.has_ticket
    assert session.ticket_lifetime_hint > 0
    assert session.timeout > 0
    assert session.time > 1_700_000_000
    certificate = None
    for _ in range(2):
        with ends.connected(session=session) as (client, server):
            assert client.session_reused
            assert server.session_reused
            certificate = client.getpeercert()
            server.sendall(b"x" * 100_000)
            received = 0
            while received < 100_000:
                received += len(client.recv(65536))
            client.sendall(b"back")
            assert server.recv(4) == b"back"
    assert certificate
    assert certificate["subject"]
    # Without it, another session is made.
    other = first(ends)
    assert other.id != session.id
    assert other != session
    assert session == session
    assert session != "session"
    stats = ends.server_context.session_stats()
    assert (stats["accept"], stats["accept_good"], stats["hits"]) == (4, 4, 2)
    stats = ends.client_context.session_stats()
    assert (stats["connect"], stats["connect_good"]) == (4, 4)
    assert set(stats) == set(stdlib_ssl.create_default_context().session_stats())


def test_a_resumed_session_of_tls_1_2_is_the_same(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    ends = ends_of(ssl, authority, leaf, "TLSv1_2")
    session = first(ends)
    with ends.connected(session=session) as (client, _):
        again = client.session
    assert again.id == session.id
    assert again == session
    assert again is not session
    assert again.time >= session.time


def test_what_is_refused(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    ends = ends_of(ssl, authority, leaf, "TLSv1_2")
    session = first(ends)
    other = ends_of(ssl, authority, leaf, "TLSv1_2").client_context
    for context, value, error, text in (
        (other, session, ValueError, "Session refers to a different SSLContext"),
        (ends.client_context, object(), TypeError, "Value is not a SSLSession"),
    ):
        with pytest.raises(error, match=text):
            context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost", session=value)
    with ends.connected() as (client, _), pytest.raises(ValueError, match="Cannot set session after"):
        client.session = session
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    unfinished = ends.client_context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    assert unfinished.session is None
    unfinished.session = session
    server = ends.server_context.wrap_bio(incoming, outgoing, server_side=True)
    # Of another context, to begin with.
    with pytest.raises(ValueError, match=r"(?i)session"):
        server.session = session
    with pytest.raises(TypeError):
        type(session)()


def test_set_before_the_handshake(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    ends = ends_of(ssl, authority, leaf, "TLSv1_2")
    session = first(ends)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ends.client_context.wrap_bio(down, up, server_hostname="localhost")
    server = ends.server_context.wrap_bio(up, down, server_side=True)
    client.session = session
    for _ in range(4):
        for end in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
    assert client.session_reused
    assert server.session.id is not None


@pytest.mark.parametrize("version", VERSIONS)
def test_without_tickets(authority: Authority, leaf: Leaf, version: str) -> None:
    """Also after an end without close_notify, with which OpenSSL forgets a session that it keeps itself."""
    ends = ends_of(ferrossl, authority, leaf, version)
    ends.server_context.options |= ferrossl.OP_NO_TICKET
    session = first(ends)
    assert session.id
    assert session.has_ticket == (version == "TLSv1_3")
    with ends.connected(session=session) as (client, server):
        assert client.session_reused
        assert server.session_reused
    assert ends.server_context.session_stats()["hits"] == 1


def test_no_tickets_no_session(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    ends = Ends(ssl, authority, leaf)
    ends.server_context.num_tickets = 0
    session = first(ends)
    assert not session.has_ticket
    with ends.connected(session=session) as (client, _):
        assert not client.session_reused


def test_other_names_get_a_full_handshake(authority: Authority) -> None:
    ends = Ends(ferrossl, authority, authority.issue("localhost", "other"))
    session = first(ends)
    with ends.connected(session=session, server_hostname="other") as (client, _):
        assert not client.session_reused
    with ends.connected(session=session) as (client, _):
        assert client.session_reused
        assert client.get_verified_chain()[0] == client.getpeercert(True)


def test_tickets_last_as_long_as_the_session_is_used(authority: Authority, leaf: Leaf) -> None:
    ends = Ends(ferrossl, authority, leaf)
    session = first(ends)
    for _ in range(12):
        with ends.connected(session=session) as (client, server):
            assert client.session_reused
            server.sendall(b"x")
            client.recv(1)


def test_a_changed_context_does_not_resume(authority: Authority, leaf: Leaf) -> None:
    """A session made when the server asked for no certificate must not get an anonymous client in later."""
    ends = Ends(ferrossl, authority, leaf)
    session = first(ends)
    ends.server_context.load_verify_locations(authority.file)
    ends.server_context.verify_mode = ferrossl.CERT_REQUIRED
    up, down = ferrossl.MemoryBIO(), ferrossl.MemoryBIO()
    client = ends.client_context.wrap_bio(down, up, server_hostname="localhost", session=session)
    server = ends.server_context.wrap_bio(up, down, server_side=True)
    with pytest.raises(ferrossl.SSLError, match="peer did not return a certificate"):
        for _ in range(4):
            for end in (client, server):
                with contextlib.suppress(ferrossl.SSLWantReadError):
                    end.do_handshake()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("server_module", [stdlib_ssl, ferrossl])
def test_channel_bindings(
    ssl: Any, server_module: Any, authority: Authority, leaf: Leaf, version: str
) -> None:
    ends = Ends(server_module, authority, leaf)
    ends.client_context = ssl.create_default_context(cafile=authority.file)
    ends.client_context.maximum_version = ssl.TLSVersion[version]
    session: Any = None
    for resumed in (False, True):
        with ends.connected(session=session) as (client, server):
            assert client.session_reused == resumed
            unique = client.get_channel_binding("tls-unique")
            assert unique == server.get_channel_binding() == client.get_channel_binding()
            assert len(unique) == (12 if version == "TLSv1_2" else 48)
            for end in (client, server):
                with pytest.raises(ValueError, match="'unknown' channel binding type not implemented"):
                    end.get_channel_binding("unknown")
            server.sendall(b"hello")
            client.recv(5)
            session = client.session
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    unfinished = ends.client_context.wrap_bio(down, up, server_hostname="localhost")
    assert unfinished.get_channel_binding() is None


@pytest.mark.parametrize("version", VERSIONS)
def test_more_channel_bindings(authority: Authority, leaf: Leaf, version: str) -> None:
    ends = ends_of(ferrossl, authority, leaf, version)
    with ends.connected() as (client, server):
        exporter = client.get_channel_binding("tls-exporter")
        assert len(exporter) == 32
        assert exporter == server.get_channel_binding("tls-exporter")
        assert exporter == client.export_keying_material(b"EXPORTER-Channel-Binding", 32, b"")
        expected = hashlib.sha256(client.getpeercert(True)).digest()
        assert client.get_channel_binding("tls-server-end-point") == expected
        assert server.get_channel_binding("tls-server-end-point") == expected
        own = client.export_keying_material(b"EXPERIMENTAL ours", 100, b"context")
        assert own == server.export_keying_material(b"EXPERIMENTAL ours", 100, b"context")
        assert own != server.export_keying_material(b"EXPERIMENTAL ours", 100)


def test_messages(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    ends = ends_of(ssl, authority, leaf, "TLSv1_2")
    seen: list[tuple[Any, ...]] = []

    def callback(
        connection: Any, direction: str, version: Any, content_type: Any, message: Any, data: bytes
    ) -> None:
        assert type(connection) is ssl.SSLSocket
        assert isinstance(data, bytes)
        seen.append((direction, content_type, message))

    ends.client_context._msg_callback = callback
    assert ends.client_context._msg_callback is callback
    with ends.connected():
        pass
    kinds, messages = ssl._TLSContentType, ssl._TLSMessageType
    handshake = [(direction, message) for direction, kind, message in seen if kind == kinds.HANDSHAKE]
    assert handshake == [
        ("write", messages.CLIENT_HELLO),
        ("read", messages.SERVER_HELLO),
        ("read", messages.CERTIFICATE),
        ("read", messages.SERVER_KEY_EXCHANGE),
        ("read", messages.SERVER_DONE),
        ("write", messages.CLIENT_KEY_EXCHANGE),
        ("write", messages.FINISHED),
        ("read", messages.NEWSESSION_TICKET),
        ("read", messages.FINISHED),
    ]
    assert ("write", kinds.CHANGE_CIPHER_SPEC, messages.CHANGE_CIPHER_SPEC) in seen
    assert ("read", kinds.HEADER, kinds.HANDSHAKE) in seen
    with pytest.raises(TypeError):
        ends.client_context._msg_callback = object()
    ends.client_context._msg_callback = None
    assert ends.client_context._msg_callback is None


def test_messages_of_tls_1_3_on_a_server(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    ends = Ends(ssl, authority, leaf)
    seen: list[tuple[str, Any]] = []

    def callback(_: Any, direction: str, version: Any, content_type: Any, message: Any, data: bytes) -> None:
        if content_type == ssl._TLSContentType.HANDSHAKE:
            assert len(data) == 4 + int.from_bytes(data[1:4])
            seen.append((direction, message))

    ends.server_context._msg_callback = callback
    with ends.connected():
        pass
    messages = ssl._TLSMessageType
    assert seen[:6] == [
        ("read", messages.CLIENT_HELLO),
        ("write", messages.SERVER_HELLO),
        ("write", messages.ENCRYPTED_EXTENSIONS),
        ("write", messages.CERTIFICATE),
        ("write", messages.CERTIFICATE_VERIFY),
        ("write", messages.FINISHED),
    ]


def test_what_the_callback_raises_comes_out(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    ends = Ends(ssl, authority, leaf)

    def callback(*_: Any) -> None:
        raise ZeroDivisionError

    ends.client_context._msg_callback = callback
    with pytest.raises(ZeroDivisionError), ends.connected():
        pass


@pytest.mark.parametrize("wanted", [True, False])
def test_a_client_without_tickets(ssl: Any, authority: Authority, leaf: Leaf, wanted: bool) -> None:
    ends = ends_of(ssl, authority, leaf, "TLSv1_2")
    if not wanted:
        ends.client_context.options |= ssl.OP_NO_TICKET
    hellos: list[bytes] = []
    ends.client_context._msg_callback = lambda _c, direction, _v, kind, message, data: (
        hellos.append(data) if message == ssl._TLSMessageType.CLIENT_HELLO else None
    )
    with ends.connected() as (client, _):
        assert client.session.has_ticket == wanted
    # session_ticket (RFC 5077) is extension 35; without a ticket to offer it is empty.
    assert (b"\x00\x23\x00\x00" in hellos[0]) == wanted
