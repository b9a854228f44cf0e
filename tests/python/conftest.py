"""Loops for the tests of asyncio."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loops import KINDS, OURS, World
from pki import Authority, Leaf


@pytest.fixture(params=KINDS, ids=str)
def world(request: pytest.FixtureRequest, authority: Authority, leaf: Leaf) -> Iterator[World]:
    """A loop of each kind."""
    world = World(request.param, authority, leaf)
    yield world
    world.close()


@pytest.fixture
def ours(authority: Authority, leaf: Leaf) -> Iterator[World]:
    """A loop of our own."""
    world = World(OURS, authority, leaf)
    yield world
    world.close()
