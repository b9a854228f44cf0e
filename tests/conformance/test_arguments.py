"""Odd arguments at odd times: what the standard library takes is taken, what it refuses is refused with the same class.

Unlike its neighbours this file runs each call on both modules and compares what comes out.
"""

from __future__ import annotations

import contextlib
import socket
import ssl as stdlib_ssl
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ferrossl
from ends import Ends, in_memory
from pki import Authority, Leaf

Arguments = tuple[Any, ...]


def words(text: str) -> list[str]:
    return text.split()


ONE: list[Arguments] = [
    (None,), (0,), (-1,), (1,), (5,), (2**70,), (True,), ("",), ("x",), ("x\0y",), ("é",), (b"",), (b"abc",),
    (bytearray(4),), (memoryview(b"abcdef")[::2],), (1.5,), ([],), ({},), (object(),), ("tls-foo",),
]  # fmt: skip
MANY: list[Arguments] = [
    (), (0, None), (5, None), (5, bytearray(10)), (5, bytearray(0)), (-1, bytearray(3)), (0, bytearray(3)),
    (100, bytearray(3)), (b"a", 0), (b"a", 1), (b"a", b"b"), (bytearray(5), 2), (bytearray(5), 10),
    (bytearray(5), -1), (bytearray(5), 2, 0), (bytearray(5), 2, 1), (1, 2, 3, 4, 5, 6, 7),
]  # fmt: skip

CONTEXT = words("""cert_store_stats get_ca_certs get_ciphers load_cert_chain load_dh_params load_verify_locations
    session_stats set_alpn_protocols set_ciphers set_default_verify_paths set_ecdh_curve set_servername_callback
    wrap_socket""")
CONTEXT_ATTRIBUTES = words("""check_hostname hostname_checks_common_name keylog_filename maximum_version minimum_version
    num_tickets post_handshake_auth protocol security_level sni_callback verify_mode _msg_callback""")
OBJECT = words("""cipher compression do_handshake get_channel_binding getpeercert pending read selected_alpn_protocol
    selected_npn_protocol shared_ciphers unwrap verify_client_post_handshake version write""")
OBJECT_ATTRIBUTES = words("context server_hostname server_side session session_reused")
SOCKET = [*OBJECT, *words("""accept bind connect connect_ex dup fileno getblocking getpeername listen makefile recv recv_into
    recvfrom recvfrom_into recvmsg recvmsg_into send sendall sendfile sendmsg sendto setblocking settimeout
    shutdown""")]  # fmt: skip
FUNCTIONS = words("""cert_time_to_seconds DER_cert_to_PEM_cert PEM_cert_to_DER_cert RAND_add RAND_bytes RAND_status
    create_default_context SSLContext SSLSession SSLSocket SSLObject MemoryBIO TLSVersion Options VerifyMode Purpose
    get_default_verify_paths""")

# (kind, name) → why the two differ there, as docs/compatibility.md or the code says.
DIFFERENT = {
    ("unconnected", "recvfrom_into"): "the standard library loses the default of nbytes",
    ("closed", "recvfrom_into"): "the standard library loses the default of nbytes",
    ("closed", "getpeercert"): "AttributeError about NoneType; here ValueError",
}

# The standard library opens these with a function that takes no path in bytes there.
NO_BYTES_ON_WINDOWS = ("keylog_filename", "load_dh_params")


class World:
    """Makes what is to be called, with one of the two modules."""

    def __init__(self, ssl: Any, authority: Authority, leaf: Leaf) -> None:
        self.ssl = ssl
        self.authority = authority
        self.leaf = leaf

    def ends(self) -> Ends:
        return Ends(self.ssl, self.authority, self.leaf)

    @contextlib.contextmanager
    def make(self, kind: str) -> Iterator[Any]:
        ssl = self.ssl
        if kind == "functions":
            yield ssl
        elif kind == "bio":
            yield ssl.MemoryBIO()
        elif kind == "client_context":
            yield ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        elif kind == "server_context":
            yield ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        elif kind == "fresh_client":
            bios = ssl.MemoryBIO(), ssl.MemoryBIO()
            yield self.ends().client_context.wrap_bio(*bios, server_hostname="localhost")
        elif kind == "fresh_server":
            yield self.ends().server_context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True)
        elif kind in ("client", "server", "client_of_tls12"):
            ends = self.ends()
            if kind == "client_of_tls12":
                ends.client_context.maximum_version = ssl.TLSVersion.TLSv1_2
            client, server, *_ = in_memory(ssl, ends)
            yield server if kind == "server" else client
        elif kind == "unconnected":
            with self.ends().client_context.wrap_socket(socket.socket(), server_hostname="localhost") as own:
                yield own
        elif kind in ("closed", "connected"):
            with self.ends().connected() as (client, server):
                # The tickets: accept() would find them on the socket and take them for a connection.
                server.sendall(b"x")
                client.recv(1)
                client.settimeout(0.01)
                if kind == "closed":
                    client.close()
                yield client
        else:
            raise AssertionError(kind)


def outcome(act: Callable[[], Any]) -> str:
    """The class of an exception; the value, or the type of a value that is different each time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = act()
        except (SystemError, MemoryError) as error:
            return f"crash {error!r}"
        except Exception as error:
            return f"{type(error).__name__}"
    if isinstance(value, int | None) or value in ("", b""):
        return repr(value)
    return type(value).__name__


def run(world: World, kind: str, name: str, arguments: Arguments, attribute: bool) -> str:
    with world.make(kind) as subject:
        if not attribute:
            return outcome(lambda: getattr(subject, name)(*arguments))
        done = outcome(lambda: setattr(subject, name, *arguments))
        return f"{done}, then {outcome(lambda: getattr(subject, name))}"


METHODS = {
    "functions": FUNCTIONS,
    "bio": ["read", "write", "write_eof"],
    **dict.fromkeys(("client_context", "server_context"), CONTEXT),
    **dict.fromkeys(("fresh_client", "fresh_server", "client", "server", "client_of_tls12"), OBJECT),
    **dict.fromkeys(("unconnected", "closed", "connected"), SOCKET),
}
ATTRIBUTES = {
    "bio": ["pending", "eof"],
    **dict.fromkeys(("client_context", "server_context"), CONTEXT_ATTRIBUTES),
    **dict.fromkeys(("fresh_client", "client"), OBJECT_ATTRIBUTES),
}


@pytest.fixture
def worlds(authority: Authority, leaf: Leaf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[World]:
    monkeypatch.chdir(tmp_path)  # "x" is the name of a file here and there
    return [World(module, authority, leaf) for module in (stdlib_ssl, ferrossl)]


def differences(
    worlds: list[World], kind: str, name: str, arguments: list[Arguments], attribute: bool = False
) -> dict[str, list[str]]:
    """What the two modules do not agree on."""
    found = {}
    for each in arguments:
        if sys.platform == "win32" and name in NO_BYTES_ON_WINDOWS and each and isinstance(each[0], bytes):
            continue
        outcomes = []
        for world in worlds:
            outcomes.append(run(world, kind, name, each, attribute))
            for file in Path().iterdir():
                file.unlink()
        if len(set(outcomes)) > 1:
            found[repr(each)] = outcomes
    return found


def pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(kind, name) for kind, names in table.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), [pair for pair in pairs(METHODS) if pair not in DIFFERENT])
def test_calls(worlds: list[World], kind: str, name: str) -> None:
    assert differences(worlds, kind, name, ONE + MANY) == {}


@pytest.mark.parametrize(("kind", "name"), list(DIFFERENT))
def test_what_differs_on_purpose_still_does(worlds: list[World], kind: str, name: str) -> None:
    assert differences(worlds, kind, name, ONE + MANY), "take it off the list"


@pytest.mark.parametrize(("kind", "name"), pairs(ATTRIBUTES))
def test_attributes(worlds: list[World], kind: str, name: str) -> None:
    assert differences(worlds, kind, name, ONE, attribute=True) == {}
