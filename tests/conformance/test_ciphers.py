"""Cipher lists, groups and Diffie-Hellman parameters: what is chosen, and what is shown of it."""

from __future__ import annotations

import random
import ssl as stdlib_ssl
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from ends import Ends
from openssl_command import openssl
from pki import Authority, Leaf

#: Every word of the language: those that mean suites here, elsewhere, in old times only, and none at all.
WORDS = """
    ALL COMPLEMENTOFALL COMPLEMENTOFDEFAULT HIGH MEDIUM LOW EXPORT FIPS
    kRSA kEDH kDHE DH kEECDH kECDHE ECDH kPSK kRSAPSK kECDHEPSK kDHEPSK kSRP kGOST kECDHr
    aRSA aDSS DSS aNULL aECDSA ECDSA aPSK aGOST01 aSRP aDH
    EDH DHE EECDH ECDHE NULL eNULL RSA ADH AECDH PSK SRP
    3DES DES RC4 RC2 IDEA SEED GOST89 AES128 AES256 AES AESGCM AESCCM AESCCM8 CAMELLIA128 CAMELLIA256 CAMELLIA
    CHACHA20 ARIA ARIAGCM ARIA128 ARIA256 CBC MD5 SHA1 SHA SHA256 SHA384 GOST94
    SSLv2 SSLv3 TLSv1 TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3
    ECDHE-RSA-AES128-GCM-SHA256 ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-RSA-AES256-SHA ECDHE-ECDSA-AES128-SHA256
    DHE-RSA-AES256-GCM-SHA384 DHE-RSA-AES256-SHA256 ECDHE-RSA-AES256-SHA384 AES128-SHA AES256-SHA AES128-GCM-SHA256
    ADH-AES256-SHA256 PSK-AES128-CBC-SHA SRP-AES-128-CBC-SHA NULL-MD5 CAMELLIA128-SHA256 ECDHE-ECDSA-AES128-CCM
    RC4-SHA DES-CBC3-SHA EDH-RSA-DES-CBC3-SHA TLS_AES_128_GCM_SHA256
    PROFILE=SYSTEM nothing all
    SUITEB128 SUITEB128ONLY SUITEB128C2 SUITEB192 DEFAULT
""".split()  # noqa: SIM905 - a list of a hundred lines would hide it

#: Lists that programs have, and some that try the language's corners.
LISTS = [
    "DEFAULT:!ECDHE",
    "DEFAULT@SECLEVEL=1",
    "HIGH:!aNULL:!MD5",
    "HIGH:!aNULL:!eNULL:!EXPORT:!DES:!MD5:!PSK:!RC4",
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20",
    "ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM",
    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:ECDH+AESGCM:DH+AESGCM:ECDH+AES:DH+AES:RSA+AESGCM:RSA+AES"
    ":!aNULL:!eNULL:!MD5:!DSS",
    "EECDH+ECDSA+SHA384 EECDH+ECDSA+SHA256 EECDH+aRSA+SHA384 EECDH+aRSA+SHA256 EECDH+aRSA+RC4 EECDH EDH+aRSA !RC4",
    "AES128:AES256",
    "AES256:AES128:@STRENGTH",
    "CHACHA20:ALL",
    "ALL:+AESGCM",
    "ALL:+ECDHE:+AES256",
    "ALL:-CHACHA20:CHACHA20",
    "ALL:-AES:CHACHA20:AES",
    "ALL:!ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
    "kEECDH:aRSA",
    "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256,ECDHE-ECDSA-AES256-GCM-SHA384;DHE-RSA-AES128-GCM-SHA256",
    "aECDSA:TLSv1.2:!kDHE",
    "FIPS:!AES128",
    "ALL:@SECLEVEL=1",
    "@SECLEVEL=0:ALL:unknown:!unknown",
    "ALL:!SHA1:!SHA256:!SHA384",
    "AES128-SHA:AES256-SHA:DES-CBC3-SHA",
    "SHA1+ECDHE:TLSv1:@STRENGTH",
    "ALL!AES@STRENGTH",
    "ALL:a++b",
    "ALL:!ALL",
    "ALL+",
    "ALL:AES+",
    "ALL:^",
    "@STRENGTH@SECLEVEL=1",
    "@SECLEVEL=1x:ALL",
    "@SECLEVEL=12:ALL",
    "DEFAULTALL",
    "DEFAULT:",
    "SUITEB128:ALL",
    "!AESGCM:!CHACHA20:!AESCCM:!CAMELLIA:!ARIA:ALL",
    "ECDHE-RSA-AES128-SHA+ALL:+ECDHE-RSA-AES128-SHA",
    "\u00e4:ALL",
    " , :ALL",
]


def some_lists(count: int) -> list[str]:
    """Rules put together by chance, the same ones each time."""
    chance = random.Random(20260)
    lists = []
    for _ in range(count):
        rules = []
        for _ in range(chance.randint(1, 6)):
            words = "+".join(chance.choices(WORDS, k=chance.choice((1, 1, 1, 2, 2, 3))))
            rules.append(chance.choice(("", "", "", "-", "!", "+")) + words)
            if chance.random() < 0.08:
                rules.append(chance.choice(("@STRENGTH", "@SECLEVEL=1", "@SECLEVEL=9")))
        lists.append(chance.choice((":", ":", ":", " ", ",")).join(rules))
    return lists


def chosen(module: Any, text: str) -> list[dict[str, Any]] | None:
    context = module.SSLContext(module.PROTOCOL_TLS_CLIENT)
    try:
        context.set_ciphers(text)
    except module.SSLError as error:
        assert "No cipher can be selected." in str(error)
        return None
    ciphers: list[dict[str, Any]] = context.get_ciphers()
    return ciphers


#: What both modules have, as the standard library describes it.
ALL_HERE = (chosen(ferrossl, "ALL") or []) + (chosen(ferrossl, "CBC") or [])[3:]
NAMES_HERE = {cipher["name"] for cipher in ALL_HERE}


def has_cbc(cipher: dict[str, Any]) -> bool:
    return "cbc" in cipher["symmetric"]


def check(text: str) -> None:
    """A list that the one takes, the other takes. What both have comes out in the same order, and described alike."""
    ours, theirs = chosen(ferrossl, text), chosen(stdlib_ssl, text)
    assert (ours is None) == (theirs is None), text
    if ours is None or theirs is None:
        return
    theirs = [cipher for cipher in theirs if cipher["name"] in NAMES_HERE]
    assert [c for c in ours if not has_cbc(c)] == [c for c in theirs if not has_cbc(c)], text
    # A suite with CBC is not always taken where OpenSSL takes it, and never where OpenSSL does not.
    assert [c for c in ours if has_cbc(c)] == [c for c in theirs if has_cbc(c) and c in ours], text


@pytest.mark.parametrize("text", WORDS + LISTS)
def test_lists(text: str) -> None:
    check(text)


def test_lists_by_chance() -> None:
    for text in some_lists(1500):
        check(text)


def test_cbc_by_its_own_names_or_by_words_that_mean_nothing_better() -> None:
    cbc = {cipher["name"] for cipher in ALL_HERE if has_cbc(cipher)}
    assert len(cbc) == 6
    for word in WORDS:
        ours, theirs = chosen(ferrossl, word), chosen(stdlib_ssl, word)
        if ours is None or theirs is None:
            continue
        # The first three are those of TLS 1.3.
        offers_better = any(cipher["aead"] for cipher in theirs[3:])
        expected = [] if offers_better else [cipher["name"] for cipher in theirs if cipher["name"] in cbc]
        assert [cipher["name"] for cipher in ours if has_cbc(cipher)] == expected, word


def test_ianas_names() -> None:
    """OpenSSL understands them since 3.2."""
    for name, openssls in (
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"),
    ):
        assert chosen(ferrossl, name) == chosen(ferrossl, openssls) is not None


@pytest.mark.parametrize("text", ["AES128-SHA", "SSLv3", "aNULL", "PSK", "RSA+AESGCM"])
def test_what_is_left_without_tls12(authority: Authority, leaf: Leaf, text: str) -> None:
    """Suites that OpenSSL has and ferrossl has not: TLS 1.3 goes on, TLS 1.2 cannot."""
    ends = Ends(ferrossl, authority, leaf)
    for context in (ends.client_context, ends.server_context):
        context.set_ciphers(text)
        assert [cipher["protocol"] for cipher in context.get_ciphers()] == ["TLSv1.3"] * 3
    with ends.connected() as (client, server):
        client.sendall(b"ping")
        assert server.recv(4) == b"ping"
    # A list that leaves nothing at all is refused at once, with the reason ...
    only_old = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
    only_old.maximum_version = ferrossl.TLSVersion.TLSv1_2
    before = only_old.get_ciphers()
    with pytest.raises(ferrossl.SSLError, match=r"^No cipher can be selected\. .*ferrossl does not have"):
        only_old.set_ciphers(text)
    assert only_old.get_ciphers() == before
    # ... and where the versions come later, when a connection begins.
    ends.client_context.maximum_version = ferrossl.TLSVersion.TLSv1_2
    with pytest.raises(ferrossl.SSLError) as caught, ends.connected():
        pass
    assert caught.value.reason == "NO_CIPHERS_AVAILABLE"
    ends.client_context.set_ciphers("DEFAULT")
    ends.server_context.maximum_version = ferrossl.TLSVersion.TLSv1_2
    up, down = ferrossl.MemoryBIO(), ferrossl.MemoryBIO()
    client = ends.client_context.wrap_bio(down, up, server_hostname="localhost")
    server = ends.server_context.wrap_bio(up, down, server_side=True)
    with pytest.raises(ferrossl.SSLWantReadError):
        client.do_handshake()
    with pytest.raises(ferrossl.SSLError) as caught:
        server.do_handshake()
    assert caught.value.reason == "NO_CIPHERS_AVAILABLE"
    with pytest.raises(ferrossl.SSLError, match="handshake failure"):
        client.do_handshake()


def test_no_cipher_is_left_by_the_versions(ssl: Any) -> None:
    """The same with a list that both have, emptied by the security level."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=5")
    connection = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
    with pytest.raises(ssl.SSLError) as caught:
        connection.do_handshake()
    assert caught.value.reason == "NO_CIPHERS_AVAILABLE"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nothing", "'nothing' is no word for any cipher suite of TLS 1.2."),
        ("RC4-SHA:none", "'RC4-SHA' is no word for any cipher suite of TLS 1.2. 'none' is no word"),
        ("ALL:!ALL", "The list leaves no suite."),
        ("ALL:@SPEED", "'@SPEED' is no command; there are @STRENGTH and @SECLEVEL=0 to 5."),
        ("ALL:!", "The list ends where a word should follow."),
    ],
)
def test_which_words_are_to_blame(text: str, why: str) -> None:
    with pytest.raises(ferrossl.SSLError) as caught:
        ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT).set_ciphers(text)
    assert str(caught.value).startswith(f"No cipher can be selected. {why}")


def test_the_default(ssl: Any) -> None:
    names = [cipher["name"] for cipher in ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).get_ciphers()]
    without_cbc = {cipher["name"] for cipher in ALL_HERE if not has_cbc(cipher)}
    assert [name for name in names if name in without_cbc] == [
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
