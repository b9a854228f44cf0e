"""A short run of tests/soak.py, whose long one is `make soak`."""

from __future__ import annotations

import ctypes.util

import pytest

import soak

pytestmark = pytest.mark.skipif(
    ctypes.util.find_library("ssl") is None, reason="OpenSSL's shared library is not here"
)


@pytest.mark.parametrize("ours_is_server", [True, False], ids=["server", "client"])
@pytest.mark.parametrize("version", soak.VERSIONS)
def test_every_byte_arrives(version: str, ours_is_server: bool) -> None:
    tally = soak.soak(ours_is_server, version, records=5_000, seed=1)
    assert tally["bytes"] > 1_000_000
    if version == "TLSv1.3":
        assert tally["updates"] > 20
        assert tally["authentications"] > 3
