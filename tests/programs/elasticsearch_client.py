"""Elasticsearch's client with ``ssl_assert_fingerprint``: the fingerprint of the CA, as its server prints it at its first start."""

from __future__ import annotations

import hashlib

from common import CA, CHAIN, MODE, VERSION, begin, expect, peer_server

ssl = begin()
import warnings  # noqa: E402
from pathlib import Path  # noqa: E402

import elastic_transport  # noqa: E402
from elasticsearch import Elasticsearch  # noqa: E402

warnings.simplefilter("ignore")


def fingerprint(path: str) -> str:
    der = ssl.PEM_cert_to_DER_cert(Path(path).read_text())
    return hashlib.sha256(der).hexdigest()


def ask_with_a_context(port: int, fingerprint: str) -> int:
    """Below the client, which takes either a context or a fingerprint."""
    config = elastic_transport.NodeConfig(
        "https",
        "localhost",
        port,
        ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        ssl_assert_fingerprint=fingerprint,
    )
    return elastic_transport.Urllib3HttpNode(config).perform_request("GET", "/").meta.status


def ask(port: int, fingerprint: str) -> int:
    url = f"https://localhost:{port}"
    with Elasticsearch(url, max_retries=0, ssl_assert_fingerprint=fingerprint) as client:
        return client.info().meta.status


ways = [ask_with_a_context]
if MODE != "side":
    ways.append(ask)
with peer_server("serve", VERSION) as port:
    for way in ways:
        for path in (CA, CHAIN):
            expect(way(port, fingerprint(path)) == 200)
        try:
            raise SystemExit(f"a wrong fingerprint, and yet {way(port, '00' * 32)}")
        except elastic_transport.TlsError as error:
            expect("Fingerprints did not match" in repr(error), repr(error))
