"""What the Python tests share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from pki import Authority, Leaf


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def leaf(authority: Authority) -> Leaf:
    return authority.issue("localhost", "127.0.0.1")


@pytest.fixture(scope="session")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> list[Authority]:
    folder = tmp_path_factory.mktemp("authorities")
    return [Authority(folder / name, common_name=name) for name in ("first", "other")]


@pytest.fixture
def both_at_once() -> Callable[..., list[Any]]:
    """Runs functions in threads of their own and returns what they return; their exceptions come through."""

    def run(*functions: Callable[[], Any]) -> list[Any]:
        results: list[Any] = [None] * len(functions)
        failures: list[BaseException] = []

        def guarded(index: int, function: Callable[[], Any]) -> None:
            try:
                results[index] = function()
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=guarded, args=pair, daemon=True) for pair in enumerate(functions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "hangs"
        if failures:
            raise failures[0]
        return results

    return run
