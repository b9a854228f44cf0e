"""What is part of a cycle and reachable from nowhere else is freed: the same on both modules."""

from __future__ import annotations

import contextlib
import gc
import socket
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ends import Ends, in_memory
from pki import Authority, Leaf


class Held:
    """Something that callbacks, passwords and the like lead to."""

    def __init__(self, **things: Any) -> None:
        self.__dict__.update(things)

    def __call__(self, *_arguments: Any) -> None:
        pass


class Case(Ends):
    """Both ends, and their files."""

    def __init__(self, ssl: Any, authority: Authority, leaf: Leaf, folder: Path) -> None:
        super().__init__(ssl, authority, leaf)
        self.leaf = leaf
        self.folder = folder


class Name(str):
    """A path or a password that leads to something."""


def a_contexts_own_session(ends: Case) -> list[Any]:
    with ends.connected() as (client, server):
        server.sendall(b"x")
        client.recv(1)
        ends.client_context.session = client.session
        assert client.session is not None
    return [ends.client_context]


def a_session_that_was_handed_in(ends: Case) -> list[Any]:
    (context,) = a_contexts_own_session(ends)
    context.connection = context.wrap_bio(
        ends.ssl.MemoryBIO(), ends.ssl.MemoryBIO(), server_hostname="localhost", session=context.session
    )
    context.connection.me = context.connection
    return [context, context.connection]


def an_sni_callback(ends: Case) -> list[Any]:
    held = Held(context=ends.server_context)
    ends.server_context.sni_callback = held
    return [held, ends.server_context]


def a_servername_callback(ends: Case) -> list[Any]:
    held = Held(context=ends.server_context)
    ends.server_context.set_servername_callback(held)
    return [held, ends.server_context]


def a_message_callback(ends: Case) -> list[Any]:
    held = Held(context=ends.client_context)
    ends.client_context._msg_callback = held
    return [held, ends.client_context]


def all_callbacks_and_a_connection(ends: Case) -> list[Any]:
    client, server, _, _ = in_memory(ends.ssl, ends)
    held = Held(ends=(client, server), contexts=(ends.client_context, ends.server_context))
    ends.server_context.sni_callback = held
    for context in held.contexts:
        context._msg_callback = held
        context.held = held
    client.held = server.held = held
    return [held, client, server, *held.contexts]


def a_password(ends: Case) -> list[Any]:
    held = Held(context=ends.server_context)
    ends.server_context.held = held
    with contextlib.suppress(ends.ssl.SSLError, TypeError):
        ends.server_context.load_cert_chain(ends.leaf.chain_file, ends.leaf.key_file, held)
    return [held, ends.server_context]


def a_key_log(ends: Case) -> list[Any]:
    name = Name(ends.folder / "keys")
    name.context = ends.client_context  # type: ignore[attr-defined]
    ends.client_context.keylog_filename = name
    return [ends.client_context]


def an_object(ends: Case) -> list[Any]:
    client, server, down, up = in_memory(ends.ssl, ends)
    client.me, server.other = client, client
    client.server = server
    client.bios = down, up
    return [client, server]


def a_socket(ends: Case) -> list[Any]:
    with ends.connected() as (client, server):
        client.server, server.client = server, client
        client.context.socket = client
    return [client, server, ends.client_context]


def an_unconnected_socket(ends: Case) -> list[Any]:
    sock = ends.client_context.wrap_socket(socket.socket(), server_hostname="localhost")
    sock.me = sock
    sock.close()
    return [sock]


def subclasses(ends: Case) -> list[Any]:
    class Context(ends.ssl.SSLContext):  # type: ignore[misc, name-defined]
        pass

    class Bio(ends.ssl.MemoryBIO):  # type: ignore[misc, name-defined]
        pass

    context, bio = Context(ends.ssl.PROTOCOL_TLS_CLIENT), Bio()
    context.kind, bio.context, context.bio = Context, context, bio
    return [Context, Bio, context, bio]


def errors(ends: Case) -> list[Any]:
    """With a traceback that leads back to where they were caught."""
    held = Held()
    client = ends.client_context.wrap_bio(
        ends.ssl.MemoryBIO(), ends.ssl.MemoryBIO(), server_hostname="localhost"
    )
    try:
        client.do_handshake()
    except ends.ssl.SSLWantReadError as error:
        held.error = error  # type: ignore[attr-defined]
        client.held = held
        return [held, client]
    raise AssertionError


def an_exchanged_context(ends: Case) -> list[Any]:
    """By an SNI callback: the connection holds the second one."""
    second = ends.ssl.SSLContext(ends.ssl.PROTOCOL_TLS_SERVER)
    second.load_cert_chain(ends.leaf.chain_file, ends.leaf.key_file)

    def exchange(connection: Any, _name: str, _context: Any) -> None:
        connection.context = second

    ends.server_context.sni_callback = exchange
    client, server, _, _ = in_memory(ends.ssl, ends)
    assert client.version()
    second.server = server
    return [second, server, ends.server_context]


# Where the standard library has no cycle, or leaves it.
ONLY_HERE = {
    a_session_that_was_handed_in: "its connections hide the context from the collector",
    all_callbacks_and_a_connection: "its connections hide the context from the collector",
    an_exchanged_context: "its connections hide the context from the collector",
    a_key_log: "it keeps a copy of the name",
    subclasses: "its MemoryBIO has none",
}


@pytest.mark.parametrize(
    "cycle",
    [
        a_contexts_own_session,
        a_session_that_was_handed_in,
        an_sni_callback,
        a_servername_callback,
        a_message_callback,
        all_callbacks_and_a_connection,
        a_password,
        a_key_log,
        an_object,
        a_socket,
        an_unconnected_socket,
        subclasses,
        errors,
        an_exchanged_context,
    ],
)
def test_cycles_are_freed(
    ssl: Any, authority: Authority, leaf: Leaf, tmp_path: Path, cycle: Callable[[Case], list[Any]]
) -> None:
    if cycle in ONLY_HERE and ssl.__name__ == "ssl":
        pytest.skip(ONLY_HERE[cycle])

    def make() -> list[weakref.ref[Any]]:
        return [weakref.ref(thing) for thing in cycle(Case(ssl, authority, leaf, tmp_path))]

    gc.collect()
    gc.disable()
    try:
        references = make()
        assert any(reference() is not None for reference in references), "no cycle: nothing to collect"
    finally:
        gc.enable()
    for _ in range(2):
        gc.collect()
    assert [reference() for reference in references] == [None] * len(references)


def test_a_bio_of_another_kind_may_lead_back(authority: Authority, leaf: Leaf) -> None:
    """Ours take whatever has the methods of a BIO; the standard library takes its own only."""
    import ferrossl

    class Bio:
        def __init__(self) -> None:
            self.inner = ferrossl.MemoryBIO()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

    def make() -> list[weakref.ref[Any]]:
        ends = Ends(ferrossl, authority, leaf)
        incoming, outgoing = Bio(), Bio()
        client = ends.client_context.wrap_bio(incoming, outgoing, server_hostname="x")  # type: ignore[arg-type]
        incoming.client = outgoing.client = client  # type: ignore[attr-defined]
        return [weakref.ref(thing) for thing in (client, incoming, outgoing)]

    references = make()
    assert references[0]() is not None
    gc.collect()
    assert [reference() for reference in references] == [None] * 3
