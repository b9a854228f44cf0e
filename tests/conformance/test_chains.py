"""The chains of `get_verified_chain()` and `get_unverified_chain()`, whatever was asked of them."""

from __future__ import annotations

import contextlib
import ssl as stdlib_ssl
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from files import private, self_signed
from pki import Authority, Leaf


class Peers:
    """Whom to meet: files of a chain and a key."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        self.authority = authority
        stranger = Authority(folder / "stranger", common_name="stranger")
        self.files: dict[str, tuple[Path, Path]] = {}

        def add(name: str, leaf: Leaf, chain: bytes | None = None) -> None:
            file = folder / f"{name}.pem"
            file.write_bytes(leaf.chain if chain is None else chain)
            self.files[name] = (file, leaf.key_file)

        known, strange = authority.issue("localhost"), stranger.issue("localhost")
        add("known", known)
        add("known, with its root", known, known.chain + authority.pem)
        add("known, with what does not belong there", known, known.chain + strange.chain + stranger.pem)
        add("expired", authority.issue("localhost", days=-0.5))
        add("another name", authority.issue("wrong.host"))
        add("stranger", strange)
        add("stranger, with its root", strange, strange.chain + stranger.pem)
        file, key = folder / "self.pem", folder / "self.key"
        file.write_bytes(self_signed(stranger._key))
        key.write_bytes(private(stranger._key))
        self.files["self-signed"] = (file, key)


@pytest.fixture(scope="module")
def peers(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Peers:
    return Peers(authority, tmp_path_factory.mktemp("peers"))


def meet(
    ssl: Any, peers: Peers, name: str, verify_mode: int, version: str, who: str, trusting: bool
) -> tuple[Any, Any]:
    """The end that looks at the other's certificate, and the end that shows it."""
    client_context, server_context = (
        ssl.SSLContext(kind) for kind in (ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER)
    )
    client_context.check_hostname = False
    client_context.verify_mode = ssl.CERT_NONE
    client_context.maximum_version = ssl.TLSVersion[version]
    server_context.load_cert_chain(*peers.files[name])
    looking = client_context if who == "client" else server_context
    looking.verify_mode = ssl.VerifyMode(verify_mode)
    if who == "server":
        client_context.load_cert_chain(*peers.files[name])
    if trusting:
        looking.load_verify_locations(cadata=peers.authority.pem.decode())
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(down, up, server_hostname="localhost")
    server = server_context.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for end in (client, server):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
    return (client, server) if who == "client" else (server, client)


def chains(ssl: Any, *arguments: Any) -> Any:
    try:
        end, _ = meet(ssl, *arguments)
    except ssl.SSLCertVerificationError as error:
        return error.verify_code
    verified, shown = end._sslobj.get_verified_chain(), end._sslobj.get_unverified_chain()
    return [chain and [each.public_bytes(2) for each in chain] for chain in (verified, shown)]


NAMES = [
    "known", "known, with its root", "known, with what does not belong there", "expired", "another name",
    "stranger", "stranger, with its root", "self-signed",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("who", ["client", "server"])
def test_both_have_the_same(peers: Peers, name: str, version: str, who: str) -> None:
    for verify_mode in (0, 1, 2):
        for trusting in (False, True):
            arguments = (peers, name, verify_mode, version, who, trusting)
            ours, theirs = chains(ferrossl, *arguments), chains(stdlib_ssl, *arguments)
            if who == "server" and verify_mode == 0:
                # Nobody was asked. The standard library's None is ours, or an empty list.
                ours = [chain or None for chain in ours]
            assert ours == theirs, arguments[1:]


def test_a_chain_that_was_not_verified_counts_for_nothing(peers: Peers) -> None:
    end, _ = meet(ferrossl, peers, "known", 0, "TLSv1_3", "client", True)
    assert [len(end.get_verified_chain()), len(end.get_unverified_chain())] == [2, 1]
    assert end.getpeercert() == {}
    assert end.getpeercert(True) == end.get_verified_chain()[0]
    end, _ = meet(ferrossl, peers, "stranger, with its root", 0, "TLSv1_3", "client", False)
    assert end.get_verified_chain() == end.get_unverified_chain()
    assert end.getpeercert() == {}
