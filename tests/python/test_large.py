"""Buffers of more than 2 GiB."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import Any

import pytest

import ferrossl
from ends import Ends
from pki import Authority, Leaf

SIZE = 2**31 + 1


@pytest.mark.long
@pytest.mark.timeout(300)
def test_buffers_above_two_gigabytes(
    authority: Authority, leaf: Leaf, both_at_once: Callable[..., list[Any]]
) -> None:
    # Memory that nobody has written to costs none: what is sent are zeros.
    with (
        mmap.mmap(-1, SIZE) as outgoing,
        mmap.mmap(-1, SIZE) as incoming,
        Ends(ferrossl, authority, leaf).connected() as (client, server),
    ):

        def receive() -> int:
            with memoryview(incoming) as view:
                received: int = server.recv_into(view, SIZE)
            while received < SIZE:
                count = len(server.recv(65536))
                assert count
                received += count
            return received

        with memoryview(outgoing) as view:
            assert both_at_once(lambda: client.send(view), receive) == [SIZE, SIZE]
