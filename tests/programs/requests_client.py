"""requests with a client certificate, against a server that demands one. (urllib3 offers authentication after the handshake.)"""

from __future__ import annotations

from typing import Any

from common import CA, CLIENT_CHAIN, CLIENT_KEY, MODE, VERSION, begin, expect, peer_server

ssl = begin()
import requests  # noqa: E402
from requests.adapters import HTTPAdapter  # noqa: E402


class Adapter(HTTPAdapter):
    def __init__(self, context: Any) -> None:
        self.context = context
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, ssl_context=self.context, **more)


def get(port: int, certificate: bool) -> Any:
    url = f"https://localhost:{port}/"
    with requests.Session() as session:
        if MODE == "side":
            # requests' own `cert` and `verify` are for contexts of its own.
            context = ssl.create_default_context(cafile=CA)
            context.post_handshake_auth = True
            if certificate:
                context.load_cert_chain(CLIENT_CHAIN, CLIENT_KEY)
            session.mount("https://", Adapter(context))
            return session.get(url, timeout=10).json()
        return session.get(
            url, verify=CA, cert=(CLIENT_CHAIN, CLIENT_KEY) if certificate else None, timeout=10
        ).json()


with peer_server("serve", VERSION, "ask") as port:
    seen = get(port, True)
    expect((seen["version"], seen["client"]) == (f"TLSv{VERSION}", "client"), seen)
    try:
        raise SystemExit(f"no certificate, and yet {get(port, False)}")
    except requests.exceptions.ConnectionError:
        pass
with peer_server("serve", VERSION) as port:
    expect(get(port, False)["version"] == f"TLSv{VERSION}")
    if MODE != "side":
        try:
            raise SystemExit(f"unknown authority, and yet {requests.get(f'https://localhost:{port}/')}")
        except requests.exceptions.SSLError as error:
            expect(
                "CERTIFICATE_VERIFY_FAILED" in str(error) or "certificate verify failed" in str(error), error
            )
