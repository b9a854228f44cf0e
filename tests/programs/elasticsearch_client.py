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


def options(print_: str) -> dict[str, object]:
    if MODE == "side":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return {"ssl_context": context}
    return {"ssl_assert_fingerprint": print_}


with peer_server("serve", VERSION) as port:
    url = f"https://localhost:{port}"
    for path in (CA, CHAIN):
        client = Elasticsearch(url, max_retries=0, **options(fingerprint(path)))
        if MODE == "side":
            # It takes a context or a fingerprint, not both; below, it is the pool that compares.
            for node in client.transport.node_pool.all():
                node.pool._elastic_assert_fingerprint = fingerprint(path)
        expect(client.info()["cluster_name"] == "test")
        client.close()
    if MODE != "side":
        client = Elasticsearch(url, max_retries=0, ssl_assert_fingerprint="00" * 32)
        try:
            raise SystemExit(f"a wrong fingerprint, and yet {client.info()}")
        except elastic_transport.TlsError as error:
            expect("Fingerprints did not match" in repr(error), repr(error))
