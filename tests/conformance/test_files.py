"""Files and texts of certificates and keys: what is read, and how it is refused.

The standard library's class, errno, library, reason and text; ours goes on behind it.
"""

from __future__ import annotations

import re
import ssl as stdlib_ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from files import Files, self_signed
from openssl_command import openssl
from pki import Authority, Leaf


@pytest.fixture(scope="module")
def files(authority: Authority) -> Files:
    return Files(authority)


#: What ferrossl does on purpose, and why.
READ_HERE = {
    "key: encrypted with PBE-MD5-DES": "OpenSSL 3 has DES in its legacy provider only",
    "text: CRL": "cadata may have CRLs",
    "text: authority and CRL": "cadata may have CRLs",
}
REFUSED_HERE = {
    "key: encrypted with PBE-SHA1-3DES": "needs PKCS #12's key derivation",
    "key: encrypted with PBE-SHA1-2DES": "needs PKCS #12's key derivation",
    "key: encrypted with ARIA": "no ARIA here",
    "key: encrypted with Camellia": "no Camellia here",
    "text: authority and damaged CRL": "cadata may have CRLs, and damage is not passed over",
}
if sys.version_info < (3, 12):
    for byte in ("a NUL", "a line feed"):
        REFUSED_HERE[f"bytes: one and {byte}"] = "CPython passes over a single byte, since 3.12 no more"


def attempt(ssl: Any, load: Callable[[Any], Any]) -> tuple[Any, str | None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        return load(context), None
    except (OSError, ValueError, TypeError) as error:
        names = (getattr(error, name, None) for name in ("errno", "library", "reason"))
        text = re.sub(r" \(_ssl\.c:\d+\)$", "", str(error))
        return (type(error).__name__, *names), text


def compare(name: str, load: Callable[[Any], Any]) -> None:
    (theirs, their_text), (ours, our_text) = attempt(stdlib_ssl, load), attempt(ferrossl, load)
    if name in READ_HERE:
        assert our_text is None, name
        return
    if name in REFUSED_HERE:
        assert (their_text, ours[0]) == (None, "SSLError"), name
        return
    assert ours == theirs, (name, their_text, our_text)
    if their_text is not None:
        assert our_text is not None
        assert our_text.startswith(their_text), (name, their_text, our_text)


def test_identities(files: Files, tmp_path: Path) -> None:
    for name, (chain, key, password) in files.identities().items():
        (tmp_path / "chain").write_bytes(chain)
        (tmp_path / "key").write_bytes(key or b"")

        def load(context: Any, has_key: bool = key is not None, password: str | None = password) -> None:
            context.load_cert_chain(tmp_path / "chain", tmp_path / "key" if has_key else None, password)

        compare(name, load)


@pytest.mark.parametrize("form", ["file", "text"])
def test_trusted(files: Files, tmp_path: Path, form: str) -> None:
    for name, content in files.trusted().items():
        if form == "text" and not content.isascii():
            continue
        (tmp_path / "file").write_bytes(content)

        def load(context: Any, content: bytes = content) -> Any:
            if form == "file":
                context.load_verify_locations(tmp_path / "file")
            else:
                context.load_verify_locations(cadata=content.decode())
            return context.cert_store_stats()

        compare(f"{form}: {name}", load)


def test_trusted_bytes(files: Files) -> None:
    for name, content in files.in_der().items():

        def load(context: Any, content: bytes = content) -> Any:
            context.load_verify_locations(cadata=content)
            return context.cert_store_stats()

        compare(f"bytes: {name}", load)


def test_diffie_hellman_parameters(files: Files, tmp_path: Path) -> None:
    good = tmp_path / "good"
    openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", str(good))
    pem = good.read_bytes()
    for name, content in {
        "good": pem,
        "BOM": b"\xef\xbb\xbf" + pem,
        "a certificate before": files.chain + pem,
        "a certificate": files.chain,
        "empty": b"",
        "no PEM": b"hello\n",
        "cut": pem[:100],
        "another END": pem.replace(b"END DH", b"END X"),
        "no base64": pem.replace(pem.splitlines()[1], b"*" * 64),
    }.items():
        (tmp_path / "dh").write_bytes(content)
        compare(f"dh: {name}", lambda context: context.load_dh_params(str(tmp_path / "dh")))


@pytest.mark.parametrize("level", [0, 1, 2, 3, 4, 5])
def test_a_level_weighs_ones_own_certificates(authority: Authority, tmp_path: Path, level: int) -> None:
    """A peer at the same level would have to refuse them."""
    for kind in ("p256", "p384", "ed25519", "rsa2048"):
        leaf = authority.issue("localhost", kind=kind)
        (tmp_path / "chain").write_bytes(leaf.chain + authority.pem)

        def load(context: Any, leaf: Leaf = leaf) -> None:
            context.set_ciphers(f"ALL:@SECLEVEL={level}")
            context.load_cert_chain(tmp_path / "chain", leaf.key_file)

        compare(f"{kind} at level {level}", load)


def test_weak_signatures(files: Files, authority: Authority, tmp_path: Path) -> None:
    """A digest counts where somebody else has signed."""
    own_key = tmp_path / "key"
    own_key.write_bytes(files.key)
    signed = tmp_path / "signed"
    authority_key = tmp_path / "authority.key"
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(authority_key))
    request = tmp_path / "request"
    request.write_bytes(files.request)
    root = tmp_path / "root"
    openssl("req", "-x509", "-key", str(authority_key), "-subj", "/CN=ca", "-out", str(root))
    openssl(
        "x509", "-req", "-sha1", "-in", str(request), "-CA", str(root), "-CAkey", str(authority_key),
        "-CAcreateserial", "-out", str(signed),
    )  # fmt: skip
    compare("SHA-1", lambda context: context.load_cert_chain(signed, own_key))
    signed.write_bytes(self_signed(files.private_key, "-sha1"))
    compare("SHA-1 of its own", lambda context: context.load_cert_chain(signed, own_key))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("chain: UTF-16", "there is no certificate: this looks like UTF-16"),
        ("chain: UTF-16 without BOM", "there is no certificate: this looks like UTF-16"),
        ("chain: DER", "there is no certificate: this looks like DER"),
        ("chain: PKCS #12", "there is no certificate: this looks like PKCS #12"),
        ("chain: certificate request", "there is no certificate, only a certificate request"),
        ("chain: private key", "there is no certificate, only PRIVATE KEY"),
        ("chain: CR", "there is no certificate: its lines end with carriage returns"),
        ("chain: indented BEGIN", "there is no certificate: the BEGIN line has something in front"),
        ("chain: empty", "there is no certificate: it is empty"),
        ("key: empty", "there is no private key that can be read: it is empty"),
        ("key: OpenSSH", "only one in OpenSSH's own format"),
        ("key: PuTTY", "this is a key of PuTTY's"),
        ("key: encrypted PKCS #8, wrong password", "wrong password"),
        (
            "key: encrypted with PBE-SHA1-RC2-40",
            "the key is encrypted with PBE-SHA1-RC2-40, which is not supported",
        ),
        (
            "key: encrypted with PBE-SHA1-3DES",
            "the key is encrypted with PBE-SHA1-3DES, which is not supported",
        ),
        (
            "key: encrypted with ARIA",
            "the key is encrypted with PBES2 and ARIA-256-CBC, which is not supported",
        ),
        ("key: X25519", "an X25519 key is not supported; keys with RSA"),
        ("key: DSA", "the private key is a DSA key, and the certificate for"),
        ("RSA for P-256", "the private key is an RSA key of 2048 bits, and the certificate for"),
        ("RSA 1024", "has a strength of 80 bits; security level 2 asks for 112"),
    ],
)
def test_what_is_really_wrong(files: Files, tmp_path: Path, name: str, hint: str) -> None:
    chain, key, password = files.identities()[name]
    chain_file, key_file = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain_file.write_bytes(chain)
    key_file.write_bytes(key or b"")
    with pytest.raises(ferrossl.SSLError) as caught:
        ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER).load_cert_chain(chain_file, key_file, password)
    assert hint in str(caught.value)
    guilty = key_file if name.startswith("key") or "P-256" in name else chain_file
    assert str(caught.value).endswith(f" ({guilty})")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("secp256k1", "a key on the curve secp256k1"),
        ("brainpoolP256r1", "a key on the curve brainpoolP256r1"),
        ("ed448", "an Ed448 key"),
        ("rsa:1024", "an RSA key of 1024 bits"),
    ],
)
def test_kinds_that_are_not_supported_have_a_name(tmp_path: Path, kind: str, name: str) -> None:
    key, chain = tmp_path / "key", tmp_path / "chain"
    made = {"ed448": ["-newkey", "ed448"], "rsa:1024": ["-newkey", "rsa:1024"]}
    of_curve = ["-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{kind}"]
    openssl(
        "req",
        "-x509",
        *made.get(kind, of_curve),
        "-nodes",
        "-subj",
        "/CN=x",
        "-keyout",
        str(key),
        "-out",
        str(chain),
    )
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ferrossl.SSLError, match=re.escape(f"{name} is not supported")) as caught:
        context.load_cert_chain(chain, key)
    assert caught.value.reason == "UNKNOWN_CERTIFICATE_TYPE"
