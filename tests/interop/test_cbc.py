"""The obsolete suites with CBC, which exist when asked for by name, with the standard library's OpenSSL."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from typing import Any

import pytest

import ferrossl
from ends import Ends, in_memory, read
from pki import Authority

SUITES = [
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
]


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(("client", "server"), [(ssl, ferrossl), (ferrossl, ssl), (ferrossl, ferrossl)])
def test_data_of_every_length(
    authority: Authority, both_at_once: Callable[..., list[Any]], client: Any, server: Any, suite: str
) -> None:
    leaf = authority.issue("localhost", kind="rsa2048" if "RSA" in suite else "p256")
    ends = Ends(server, authority, leaf)
    ends.client_context = client.create_default_context(cafile=authority.file)
    ends.client_context.maximum_version = client.TLSVersion.TLSv1_2
    ends.client_context.set_ciphers(suite)
    ends.server_context.set_ciphers(suite)
    pieces = [os.urandom(size) for size in [*range(1, 80), 255, 256, 257, 16383, 16384, 16385, 100_000]]
    with ends.connected() as (near, far):
        assert near.cipher()[0] == far.cipher()[0] == suite

        def ask() -> bool:
            near.sendall(b"".join(pieces[:-1]))
            return all(read(near, len(piece)) == piece for piece in pieces)

        def answer() -> bool:
            arrived = read(far, sum(map(len, pieces[:-1]))) == b"".join(pieces[:-1])
            for piece in pieces:
                far.sendall(piece)
            return arrived

        assert both_at_once(ask, answer) == [True, True]
        session = near.session
    # Resumed, too.
    with ends.connected(session=session) as (near, far):
        assert near.session_reused
        near.sendall(b"x")
        assert far.recv(1) == b"x"


def test_none_of_them_without_being_asked(authority: Authority) -> None:
    for text in ("ALL", "HIGH", "DEFAULT", "ECDHE+AES", "aRSA:TLSv1.2"):
        context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers(text)
        assert all(cipher["aead"] for cipher in context.get_ciphers())
    context.set_ciphers(":".join(SUITES))
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.set_ciphers(":".join(SUITES))
    assert context.get_ciphers() == theirs.get_ciphers()
    ends = Ends(ssl, authority, authority.issue("localhost"))
    ends.server_context.set_ciphers(":".join(SUITES))
    ends.client_context = ferrossl.create_default_context(cafile=authority.file)
    ends.client_context.maximum_version = ferrossl.TLSVersion.TLSv1_2
    with pytest.raises(ferrossl.SSLError, match="handshake failure"), ends.connected():
        pass


@pytest.mark.parametrize("suite", SUITES)
def test_whatever_is_changed_it_is_the_same_error(authority: Authority, suite: str) -> None:
    leaf = authority.issue("localhost", kind="rsa2048" if "RSA" in suite else "p256")
    for position in [5, 20, 21, -17, -16, -2, -1]:
        ends = Ends(ferrossl, authority, leaf)
        ends.client_context.maximum_version = ferrossl.TLSVersion.TLSv1_2
        ends.client_context.set_ciphers(suite)
        ends.server_context.set_ciphers(suite)
        client, server, _, up = in_memory(ferrossl, ends)
        client.write(b"data" * 20)
        record = bytearray(up.read())
        record[position] ^= 1
        up.write(record)
        with pytest.raises(ferrossl.SSLError) as caught:
            server.read(100)
        assert caught.value.reason == "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"
        with pytest.raises(ferrossl.SSLError, match="bad record mac"):
            client.read(100)
