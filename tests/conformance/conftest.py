"""Stories that the standard library's ssl and ferrossl must tell alike.

Every test of this folder runs on both. A difference is a failure, or it is on docs/compatibility.md and not
here.
"""

from __future__ import annotations

import ssl as stdlib_ssl
from typing import Any

import pytest

import ferrossl
from ends import Ends
from pki import Authority, Leaf


@pytest.fixture(params=[stdlib_ssl, ferrossl], ids=["stdlib", "ferrossl"])
def ssl(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def ends(ssl: Any, authority: Authority, leaf: Leaf) -> Ends:
    return Ends(ssl, authority, leaf)
