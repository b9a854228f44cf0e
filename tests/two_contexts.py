"""A server with two contexts, for tests that exchange them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pki import Authority, Leaf


class Scene:
    """A client, a server's first context with a certificate of one authority, and another one with another's."""

    def __init__(self, ssl: Any, first: Authority, other: Authority) -> None:
        self.ssl = ssl
        self.first_authority = first
        self.other_authority = other
        self.client = self.trusting(first, other)
        self.first = self.serving(first.issue("localhost"))
        self.other = self.serving(other.issue("localhost"))

    def trusting(self, *authorities: Authority) -> Any:
        context = self.ssl.SSLContext(self.ssl.PROTOCOL_TLS_CLIENT)
        for authority in authorities:
            context.load_verify_locations(authority.file)
        return context

    def serving(self, leaf: Leaf) -> Any:
        context = self.ssl.SSLContext(self.ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(leaf.chain_file, leaf.key_file)
        return context

    def swap_by_name(self) -> None:
        self.first.sni_callback = lambda end, _name, _context: setattr(end, "context", self.other)

    def run(self, before: Callable[[Any, Any], None] | None = None) -> Any:
        """Both ends after the handshake. A failure of one of them is raised, the server's first."""
        up, down = self.ssl.MemoryBIO(), self.ssl.MemoryBIO()
        client = self.client.wrap_bio(down, up, server_hostname="localhost")
        server = self.first.wrap_bio(up, down, server_side=True)
        if before is not None:
            before(client, server)
        failures: dict[Any, Exception] = {}
        for _ in range(4):
            for end in (client, server):
                try:
                    end.do_handshake()
                except self.ssl.SSLWantReadError:
                    pass
                except OSError as error:
                    failures.setdefault(end, error)
        for end in (server, client):
            if end in failures:
                raise failures[end]
        return SimpleNamespace(client=client, server=server)

    def served_by(self, ends: Any) -> Authority:
        issuer = dict(pair for rdn in ends.client.getpeercert()["issuer"] for pair in rdn)["commonName"]
        return {"first": self.first_authority, "other": self.other_authority}[issuer]
