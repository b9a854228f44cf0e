"""Programs that give their own classes to objects which the module has made."""

from __future__ import annotations

import importlib
import inspect
import socket
import typing
from typing import Any

import pytest

import ferrossl
from ends import Ends


def made(ssl: Any, name: str) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if name == "SSLContext":
        return context
    if name == "SSLSocket":
        return context.wrap_socket(socket.socket(), server_hostname="x")
    return context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="x")


@pytest.mark.parametrize("name", ["SSLContext", "SSLSocket", "SSLObject"])
def test_the_class_of_an_object_can_be_changed(ssl: Any, name: str) -> None:
    def more(self: Any) -> str:
        return f"{type(self).__name__} {self.extra}"

    subclass = type("Own", (getattr(ssl, name),), {"more": more})
    thing = made(ssl, name)
    thing.extra = 1
    thing.__class__ = subclass
    assert type(thing) is subclass
    assert isinstance(thing, subclass)
    assert isinstance(thing, getattr(ssl, name))
    assert thing.more() == "Own 1"
    thing.__class__ = getattr(ssl, name)
    assert type(thing) is getattr(ssl, name)
    # What was read is written back.
    thing.__class__ = thing.__class__
    assert type(thing) is getattr(ssl, name)
    for wrong in (object, int, type("Other", (), {"__slots__": ("a",)}), "text", None):
        with pytest.raises(TypeError):
            thing.__class__ = wrong
    assert type(thing) is getattr(ssl, name)
    if name == "SSLSocket":
        thing.close()


def test_a_context_goes_on_working_under_its_new_class(ends: Ends) -> None:
    class Context(ends.ssl.SSLContext):  # type: ignore[misc, name-defined]
        pass

    class Socket(ends.ssl.SSLSocket):  # type: ignore[misc, name-defined]
        def send_twice(self, data: bytes) -> None:
            self.sendall(data * 2)

    ends.client_context.__class__ = Context
    ends.client_context.options |= ends.ssl.OP_NO_TICKET
    with ends.connected() as (client, server):
        client.__class__ = Socket
        client.send_twice(b"ab")
        assert server.recv(4) == b"abab"


def test_the_module_can_be_loaded_again(ssl: Any) -> None:
    names = set(vars(ssl))
    error = ssl.SSLError
    if ssl is ferrossl:
        assert importlib.reload(ssl) is ssl
        assert ssl.SSLError is error
    assert names <= set(vars(ssl))
    assert error.__module__ in ("ssl", "ferrossl")


def callables(owner: Any) -> list[tuple[str, Any]]:
    found = []
    for name, value in vars(owner).items():
        if isinstance(value, property):
            found += [(f"{name}.{kind}", f) for kind in ("fget", "fset") if (f := getattr(value, kind))]
        elif isinstance(value, (staticmethod, classmethod)):
            found.append((name, value.__func__))
        elif inspect.isfunction(value):
            found.append((name, value))
    return found


@pytest.mark.parametrize("owner", [ferrossl, ferrossl.SSLContext, ferrossl.SSLSocket, ferrossl.SSLObject])
def test_annotations_can_be_resolved(owner: Any) -> None:
    """pydantic, beartype and Sphinx do."""
    functions = callables(owner)
    assert len(functions) > 5
    for name, function in functions:
        try:
            typing.get_type_hints(function)
            inspect.signature(function, eval_str=True)
        except NameError as error:
            pytest.fail(f"{name}: {error}")
