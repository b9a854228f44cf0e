"""Private keys that the standard library on OpenSSL 3 does not read, and passwords from the terminal."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

import ferrossl
from openssl_command import openssl
from pki import Leaf


def convert(leaf: Leaf, folder: Path, *options: str) -> Path:
    """The leaf's key as PKCS #8, encrypted with the password "secret" as told."""
    encrypted = folder / "key"
    files = ["-in", str(leaf.key_file), "-out", str(encrypted), "-passout", "pass:secret"]
    openssl("pkcs8", "-topk8", *files, "-provider", "legacy", "-provider", "default", *options)
    return encrypted


@pytest.mark.parametrize("scheme", ["PBE-MD5-DES", "PBE-SHA1-DES"])
def test_pbes1(leaf: Leaf, tmp_path: Path, scheme: str) -> None:
    encrypted = convert(leaf, tmp_path, "-v1", scheme)
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain_file, encrypted, "secret")
    with pytest.raises(ferrossl.SSLError, match="wrong password"):
        context.load_cert_chain(leaf.chain_file, encrypted, "wrong")


def test_without_a_password_the_terminal_is_asked(
    leaf: Leaf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypted = convert(leaf, tmp_path, "-v2", "aes-256-cbc")
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "secret"

    monkeypatch.setattr(getpass, "getpass", answer)
    context.load_cert_chain(leaf.chain_file, encrypted)
    assert asked == ["Enter PEM pass phrase:"]
    context.load_cert_chain(leaf.chain_file, leaf.key_file)
    assert len(asked) == 1

    def refuse(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", refuse)
    with pytest.raises(EOFError):
        context.load_cert_chain(leaf.chain_file, encrypted)


def test_damaged_headers(leaf: Leaf, tmp_path: Path) -> None:
    body = leaf.key.decode().replace(
        "PRIVATE KEY-----\n", "PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: {}\n\n", 1
    )
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    for header, text in (("RC2-CBC,0011", "encrypted with 'RC2-CBC'"), ("AES-128-CBC,xyz", "bad iv chars")):
        (tmp_path / "key").write_text(body.format(header))
        with pytest.raises(ferrossl.SSLError, match=text):
            context.load_cert_chain(leaf.chain_file, tmp_path / "key", "secret")
