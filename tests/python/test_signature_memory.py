"""Signatures of certificates that are remembered: the setting and its counts."""

from __future__ import annotations

from pathlib import Path

import pytest

import ferrossl
from ends import Ends
from pki import Authority


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    """With an authority of their own, so that nobody has seen its signatures yet."""
    authority = Authority(tmp_path)
    return Ends(ferrossl, authority, authority.issue("localhost"))


def connect(ends: Ends) -> dict[str, int]:
    with ends.connected():
        return ends.client_context.signature_stats()


def test_the_second_connection_computes_no_signature(ends: Ends) -> None:
    assert ends.client_context.remember_signatures is True
    assert ends.client_context.signature_stats() == {"computed": 0, "remembered": 0}
    assert connect(ends) == {"computed": 1, "remembered": 0}
    assert connect(ends) == {"computed": 1, "remembered": 1}
    assert ends.server_context.signature_stats() == {"computed": 0, "remembered": 0}


def test_a_context_without_it_computes_all(ends: Ends) -> None:
    connect(ends)
    ends.client_context.remember_signatures = 0
    assert ends.client_context.remember_signatures is False
    assert connect(ends) == {"computed": 2, "remembered": 0}
    assert connect(ends) == {"computed": 3, "remembered": 0}
    ends.client_context.remember_signatures = True
    assert connect(ends) == {"computed": 3, "remembered": 1}


def test_session_stats_are_the_standard_librarys(ends: Ends) -> None:
    assert "computed" not in ends.client_context.session_stats()
