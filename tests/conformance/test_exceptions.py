"""What hangs on an exception besides its class and its text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pki import Leaf


def test_an_error_has_the_one_that_was_being_handled_as_its_context(ssl: Any, tmp_path: Path) -> None:
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(
        ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost"
    )
    first = KeyError("first")
    for kind, fail in (
        (ssl.SSLWantReadError, client.do_handshake),
        (ssl.SSLError, lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers("nonsense")),
        (OSError, lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "absent")),
    ):
        try:
            raise first
        except KeyError:
            with pytest.raises(kind) as caught:
                fail()
        assert caught.value.__context__ is first
        assert caught.value.__cause__ is None


def test_an_exception_of_the_programs_own_comes_out_as_it_was(ssl: Any, leaf: Leaf, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    locked = tmp_path / "locked.key"
    locked.write_bytes(
        serialization.load_pem_private_key(leaf.key, None).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"pass"),
        )
    )
    raised: list[Exception] = []

    def password() -> str:
        try:
            raise LookupError("no password today")
        except LookupError as error:
            raised.append(error)
            raised.append(RuntimeError("given up"))
            raise raised[1] from None

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        raise KeyError("first")
    except KeyError as first:
        with pytest.raises(RuntimeError) as caught:
            context.load_cert_chain(leaf.chain_file, locked, password)
        assert caught.value is raised[1]
        # The chain that Python made inside of the callback.
        assert caught.value.__context__ is raised[0]
        assert raised[0].__context__ is first
    assert caught.value.__suppress_context__
