"""Cipher lists, groups and Diffie-Hellman parameters: what is chosen, and what is shown of it."""

from __future__ import annotations

import ssl as stdlib_ssl
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from ends import Ends
from openssl_command import openssl
from pki import Authority, Leaf

#: Lists in OpenSSL's language; what both modules have must come out in the same order.
LISTS = [
    "ALL",
    "DEFAULT",
    "DEFAULT:!ECDHE",
    "HIGH:!aNULL:!MD5",
    "AESGCM",
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20",
    "ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM",
    "AES128:AES256",
    "AES256:AES128:@STRENGTH",
    "CHACHA20:ALL",
    "ALL:+AESGCM",
    "ALL:+ECDHE:+AES256",
    "ALL:-CHACHA20:CHACHA20",
    "ALL:-AES:CHACHA20:AES",
    "ALL:!ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
    "kEDH",
    "EDH",
    "kEECDH:aRSA",
    "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256,ECDHE-ECDSA-AES256-GCM-SHA384;DHE-RSA-AES128-GCM-SHA256",
    "aECDSA:TLSv1.2:!kDHE",
    "FIPS:!AES128",
    "ALL:@SECLEVEL=1",
    "@SECLEVEL=0:ALL:unknown:!unknown",
    "ALL:!SHA1:!SHA256:!SHA384",
]


def chosen(module: Any, text: str) -> list[dict[str, Any]]:
    context = module.SSLContext(module.PROTOCOL_TLS_CLIENT)
    context.set_ciphers(text)
    ciphers: list[dict[str, Any]] = context.get_ciphers()
    return ciphers


@pytest.mark.parametrize("text", LISTS)
def test_lists(text: str) -> None:
    ours = chosen(ferrossl, text)
    known = {cipher["name"] for cipher in chosen(ferrossl, "ALL")}
    theirs = [cipher for cipher in chosen(stdlib_ssl, text) if cipher["name"] in known]
    assert ours == theirs


def test_the_default(ssl: Any) -> None:
    names = [cipher["name"] for cipher in ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).get_ciphers()]
    known = {cipher["name"] for cipher in chosen(ferrossl, "ALL")}
    assert [name for name in names if name in known] == [
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_GCM_SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "DHE-RSA-AES256-GCM-SHA384",
        "DHE-RSA-AES128-GCM-SHA256",
    ]


@pytest.mark.parametrize(
    "text", ["", ":", "nothing", "^$:,;?*'dorothyx", "ALL:@SECLEVEL=6", "ALL:@SPEED", "ALL:!"]
)
def test_nonsense_changes_nothing(ssl: Any, text: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("kEDH")
    before = context.get_ciphers()
    if ssl is stdlib_ssl and text in ("", ":"):
        pytest.skip("OpenSSL has emptied the list by then")
    with pytest.raises(ssl.SSLError, match="No cipher can be selected"):
        context.set_ciphers(text)
    assert context.get_ciphers() == before or ssl is stdlib_ssl


def test_security_levels(ssl: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:@SECLEVEL=3")
    assert context.security_level == 3
    context.set_ciphers("ALL")
    assert context.security_level == 3


def test_the_servers_order_counts_or_not(ssl: Any, authority: Authority) -> None:
    ends = Ends(ssl, authority, authority.issue("localhost", kind="rsa2048"))
    ends.client_context.maximum_version = ssl.TLSVersion.TLSv1_2
    ends.client_context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384")
    ends.server_context.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256")
    with ends.connected() as (client, server):
        assert client.cipher() == ("ECDHE-RSA-AES256-GCM-SHA384", "TLSv1.2", 256)
        assert [name for name, _, _ in server.shared_ciphers()] == [
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES128-GCM-SHA256",
        ]
        assert client.shared_ciphers() is None
    ends.server_context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    with ends.connected() as (client, _):
        assert client.cipher()[0] == "ECDHE-RSA-AES128-GCM-SHA256"
    ends.client_context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    with pytest.raises(ssl.SSLError, match="handshake failure"), ends.connected():
        pass


@pytest.mark.parametrize("name", ["prime256v1", "secp384r1", "secp521r1", "X25519"])
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_groups(ssl: Any, authority: Authority, leaf: Leaf, name: str, version: str) -> None:
    ends = Ends(ssl, authority, leaf)
    ends.client_context.maximum_version = ssl.TLSVersion[version]
    ends.server_context.set_ecdh_curve(name)
    with ends.connected() as (client, server):
        client.sendall(b"ping")
        assert server.recv(4) == b"ping"
    ends.client_context.set_ecdh_curve(b"secp384r1" if name != "secp384r1" else b"prime256v1")
    with pytest.raises(ssl.SSLError, match="handshake failure"), ends.connected():
        pass


def test_hybrid_groups(authority: Authority, leaf: Leaf) -> None:
    for name in ("X25519MLKEM768", "SecP256r1MLKEM768"):
        ends = Ends(ferrossl, authority, leaf)
        ends.server_context.set_ecdh_curve(name)
        ends.client_context.set_ecdh_curve(name)
        with ends.connected() as (client, _):
            assert client.version() == "TLSv1.3"


def test_bad_groups(ssl: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for name in ("nothing", b"nothing", ""):
        with pytest.raises(ValueError, match="unknown elliptic curve name"):
            context.set_ecdh_curve(name)
    with pytest.raises(TypeError):
        context.set_ecdh_curve(None)


def generated(tmp_path: Path, *options: str) -> Path:
    file = tmp_path / "dh.pem"
    openssl(*options, "-out", str(file))
    return file


@pytest.mark.parametrize("group", ["ffdhe2048", "ffdhe3072", "modp_2048", "modp_3072"])
def test_diffie_hellman(ssl: Any, authority: Authority, tmp_path: Path, group: str) -> None:
    file = generated(tmp_path, "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", f"group:{group}")
    ends = Ends(ssl, authority, authority.issue("localhost", kind="rsa2048"))
    ends.server_context.load_dh_params(str(file))
    ends.server_context.set_ciphers("kEDH")
    ends.server_context.maximum_version = ssl.TLSVersion.TLSv1_2
    with ends.connected() as (client, server):
        assert client.cipher()[0].startswith("DHE-RSA-")
        client.sendall(b"ping")
        assert server.recv(4) == b"ping"


def test_no_diffie_hellman_without_parameters(ssl: Any, authority: Authority) -> None:
    ends = Ends(ssl, authority, authority.issue("localhost", kind="rsa2048"))
    ends.server_context.set_ciphers("kEDH")
    ends.server_context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match="handshake failure"), ends.connected():
        pass


def test_bad_parameters(ssl: Any, leaf: Leaf, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with pytest.raises(FileNotFoundError):
        context.load_dh_params(str(tmp_path / "nothing"))
    with pytest.raises(TypeError):
        context.load_dh_params(None)
    with pytest.raises(ssl.SSLError) as caught:
        context.load_dh_params(str(leaf.chain_file))
    assert (caught.value.library, caught.value.reason) == ("PEM", "NO_START_LINE")
    damaged = tmp_path / "damaged"
    damaged.write_text("-----BEGIN DH PARAMETERS-----\nMAYCAQ==\n-----END DH PARAMETERS-----\n")
    with pytest.raises(ssl.SSLError):
        context.load_dh_params(str(damaged))
    small = tmp_path / "small"
    openssl("dhparam", "-out", str(small), "512")
    with pytest.raises(ssl.SSLError) as caught:
        context.load_dh_params(str(small))
    assert caught.value.reason == "DH_KEY_TOO_SMALL"


def test_a_level_weighs_signatures_too(ssl: Any, authority: Authority) -> None:
    """Level 4 asks for 192 bits: a P-256 server signs with SHA-256, which has 128."""
    ends = Ends(ssl, authority, authority.issue("localhost"))
    ends.client_context.check_hostname = False
    ends.client_context.verify_mode = ssl.CERT_NONE
    for context in (ends.client_context, ends.server_context):
        context.set_ecdh_curve("secp384r1")
    ends.client_context.set_ciphers("ALL:@SECLEVEL=4")
    with pytest.raises(ssl.SSLError, match="handshake failure"), ends.connected():
        pass
