"""What the newest patch releases of CPython have changed, which ferrossl does on every Python."""

from __future__ import annotations

import errno
import gc
import os
import socket
import weakref
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from ends import Ends
from pki import Authority, Leaf


@pytest.fixture
def ends(authority: Authority, leaf: Leaf) -> Ends:
    return Ends(ferrossl, authority, leaf)


@pytest.mark.parametrize("name", [None, ""])
def test_a_name_to_check_must_be_there(ends: Ends, name: str | None) -> None:
    """gh-156793: wrap_bio() took it, and nobody compared any name."""
    with pytest.raises(ValueError, match="check_hostname requires server_hostname"):
        ends.client_context.wrap_bio(ferrossl.MemoryBIO(), ferrossl.MemoryBIO(), server_hostname=name)


def test_servers_have_no_use_for_names_and_sessions(ends: Ends) -> None:
    with ends.connected() as (client, server):
        server.sendall(b"x")
        client.recv(1)
        session = client.session
    arguments: list[tuple[dict[str, Any], str]] = [
        ({"server_hostname": "localhost"}, "server_hostname can only be specified in client mode"),
        ({"session": session}, "session can only be specified in client mode"),
    ]
    for given, text in arguments:
        with pytest.raises(ValueError, match=text):
            ends.server_context.wrap_bio(
                ferrossl.MemoryBIO(), ferrossl.MemoryBIO(), server_side=True, **given
            )


def test_an_sni_callback_is_not_called_for_nobody(ends: Ends) -> None:
    """gh-146080: a callback that refuses by what it is given must not be given None."""
    called: list[Any] = []
    ends.server_context.sni_callback = lambda *arguments: called.append(arguments)
    to_server, to_client = ferrossl.MemoryBIO(), ferrossl.MemoryBIO()
    client = ends.client_context.wrap_bio(to_client, to_server, server_hostname="localhost")
    server = ends.server_context.wrap_bio(to_server, to_client, server_side=True)
    inner = server._sslobj
    with pytest.raises(ferrossl.SSLWantReadError):
        client.do_handshake()
    del server
    gc.collect()
    with pytest.raises(ferrossl.SSLError, match="callback failed") as caught:
        inner.do_handshake()
    assert caught.value.errno == ferrossl.SSL_ERROR_SSL
    assert called == []
    with pytest.raises(ferrossl.SSLError, match="INTERNAL_ERROR"):
        client.do_handshake()


def test_the_name_of_the_key_log_is_what_it_was_set_to(tmp_path: Path) -> None:
    """gh-142516: the object itself, and a cycle through it is collected."""

    class Name(str):
        context: Any

    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
    for given in (tmp_path / "log", os.fsencode(tmp_path / "log"), Name(tmp_path / "log")):
        context.keylog_filename = given
        assert context.keylog_filename is given
    context.keylog_filename.context = context
    reference = weakref.ref(context)
    del context, given
    gc.collect()
    assert reference() is None


def test_attributes_cannot_be_deleted(tmp_path: Path) -> None:
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    context.keylog_filename = str(tmp_path / "log")
    context._msg_callback = print
    for name in ("keylog_filename", "_msg_callback"):
        value = getattr(context, name)
        with pytest.raises(AttributeError, match="cannot be deleted"):
            delattr(context, name)
        assert getattr(context, name) is value
    for name in ("options", "verify_mode", "sni_callback", "num_tickets", "_host_flags"):
        with pytest.raises(AttributeError):
            delattr(context, name)


def test_host_flags_tell_and_take_what_exists() -> None:
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
    assert context._host_flags == 4
    context.hostname_checks_common_name = False
    assert context._host_flags == 4 | ferrossl._ssl.HOSTFLAG_NEVER_CHECK_SUBJECT
    context._host_flags = 4
    assert context.hostname_checks_common_name is True
    for flags in (0, 4 | 1, 2):
        with pytest.raises(ValueError, match="flags for host names"):
            context._host_flags = flags


def test_what_was_agreed_on_is_known_behind_the_end(ends: Ends) -> None:
    """gh-148292 is about what fails there; this does not."""
    with ends.connected() as (client, server):
        socket.socket.shutdown(server, socket.SHUT_WR)
        assert client.recv(10) == b""
        with pytest.raises(ferrossl.SSLEOFError):
            client.send(b"more")
        assert client.version() == "TLSv1.3"
        assert client.getpeercert()


@pytest.mark.parametrize("version", [ferrossl.TLSVersion.TLSv1_2, ferrossl.TLSVersion.TLSv1_3])
def test_a_resumed_client_is_known_by_its_own_certificate(
    authority: Authority, leaf: Leaf, tmp_path: Path, version: ferrossl.TLSVersion
) -> None:
    """gh-160171: a ticket holds the client's certificate, and neither its chain nor that it was verified."""
    ends = Ends(ferrossl, authority, leaf)
    both = tmp_path / "both.pem"
    both.write_bytes(leaf.chain + authority.pem)
    ends.client_context.load_cert_chain(both, leaf.key_file)
    ends.client_context.maximum_version = version
    ends.server_context.load_verify_locations(authority.file)
    ends.server_context.verify_mode = ferrossl.CERT_REQUIRED
    session = None
    for resumed, sent, verified in ((False, 2, 2), (True, 1, 0)):
        with ends.connected(session=session) as (client, server):
            server.sendall(b"x")
            client.recv(1)
            assert client.session_reused is resumed
            assert len(server.get_unverified_chain()) == sent
            assert len(server.get_verified_chain()) == verified
            assert server.getpeercert()["subject"]
            session = client.session


@pytest.mark.parametrize(
    "call",
    [
        lambda context, missing, _: context.load_cert_chain(missing),
        lambda context, missing, chain: context.load_cert_chain(chain, missing),
        lambda context, missing, _: context.load_verify_locations(missing),
        lambda context, missing, _: context.load_dh_params(missing),
        lambda context, missing, _: setattr(context, "keylog_filename", missing / "log"),
        lambda _, missing, __: ferrossl._ssl._test_decode_cert(missing),
    ],
    ids=["chain", "key", "ca", "dh", "keylog", "decode"],
)
def test_an_error_about_a_file_names_it(tmp_path: Path, leaf: Leaf, call: Any) -> None:
    """As CPython does since 3.15: of three files, "No such file or directory" says too little."""
    missing = tmp_path / "missing"
    with pytest.raises(FileNotFoundError) as caught:
        call(ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER), missing, leaf.chain_file)
    assert caught.value.errno == errno.ENOENT
    assert Path(caught.value.filename) in (missing, missing / "log")
    with pytest.raises(FileNotFoundError) as system:
        Path(caught.value.filename).stat()
    assert caught.value.strerror == system.value.strerror
