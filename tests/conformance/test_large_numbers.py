"""Numbers that no allocation can have. They are refused, or they are no more than a limit; the process goes on."""

from __future__ import annotations

from typing import Any

import pytest

import ferrossl
from ends import Ends, in_memory

NUMBERS = [2**31, 2**32, 2**45, 2**62, 2**63, 2**64, 2**70]
REFUSALS = (OverflowError, MemoryError, ValueError)


@pytest.mark.parametrize("number", NUMBERS)
def test_sizes_that_are_an_int_of_c(ssl: Any, number: int) -> None:
    bio = ssl.MemoryBIO()
    bio.write(b"data")
    for call in (ssl.RAND_bytes, bio.read, ssl._nid2obj, ssl.SSLContext):
        with pytest.raises(OverflowError):
            call(number)
    assert bio.read() == b"data"


@pytest.mark.parametrize("number", NUMBERS[2:])
def test_sizes_of_reads(ends: Ends, number: int) -> None:
    """More than there is, or refused: both are an answer."""
    client, server, down, _ = in_memory(ends.ssl, ends)
    with ends.connected() as (near, far):
        for read, write in (
            (near.recv, far.sendall),
            (near.read, far.sendall),
            (lambda size: near.recv_into(bytearray(9), size), far.sendall),
            (client.read, server.write),
            (lambda size: client.read(size, bytearray(9)), server.write),
        ):
            write(b"some data")
            try:
                assert read(number) in (b"some data", 9)
            except REFUSALS:
                assert len(near.recv(9) if write == far.sendall else client.read(9)) == 9
    assert down.pending == 0


@pytest.mark.parametrize("number", [-1, *NUMBERS])
def test_settings(ends: Ends, number: int) -> None:
    """Whatever is taken lets connections be made."""
    for context in (ends.client_context, ends.server_context):
        for name in ("minimum_version", "maximum_version", "verify_mode", "num_tickets"):
            if name == "num_tickets" and ends.ssl is not ferrossl:
                continue  # it takes them, and sends them one by one
            if name != "num_tickets" and number < 0:
                continue  # the highest version that there is
            with pytest.raises(REFUSALS):
                setattr(context, name, number)
    with ends.connected() as (client, server):
        server.sendall(b"data")
        assert client.recv(4) == b"data"


@pytest.mark.parametrize("number", [-1, 2**16, *NUMBERS])
def test_exported_keying_material(ends: Ends, number: int) -> None:
    if ends.ssl is not ferrossl:
        pytest.skip("the standard library exports none")
    client, server, _, _ = in_memory(ends.ssl, ends)
    with ends.connected() as (near, _far):
        for end in (client, server, near):
            with pytest.raises(REFUSALS):
                end.export_keying_material(b"label", number)
    assert client.export_keying_material(b"label", 32) == server.export_keying_material(b"label", 32)
