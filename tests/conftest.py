"""What the Python tests share."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pki import Authority, Leaf


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def leaf(authority: Authority) -> Leaf:
    return authority.issue("localhost", "127.0.0.1")


class Ends:
    """Both ends of a TLS connection made by one ``ssl`` module."""

    def __init__(self, ssl: Any, authority: Authority, leaf: Leaf) -> None:
        self.ssl = ssl
        self.client_context = ssl.create_default_context(cafile=authority.file)
        self.server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server_context.load_cert_chain(leaf.chain_file, leaf.key_file)

    @contextlib.contextmanager
    def connected(self, **client_arguments: Any) -> Iterator[tuple[Any, Any]]:
        """(client, server), after the handshake."""
        near, far = socket.socketpair()
        servers: list[Any] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                servers.append(self.server_context.wrap_socket(far, server_side=True))

        thread = threading.Thread(target=accept)
        thread.start()
        arguments = {"server_hostname": "localhost", **client_arguments}
        try:
            client = self.client_context.wrap_socket(near, **arguments)
        except BaseException:
            near.close()
            thread.join()
            far.close()
            raise
        thread.join()
        with client, servers[0]:
            yield client, servers[0]


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
