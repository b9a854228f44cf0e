"""niquests, which looks at the chain that was verified also when nothing is to be verified."""

from __future__ import annotations

from common import CA, MODE, VERSION, begin, client_context, expect, is_ours, peer_server

ssl = begin()
import warnings  # noqa: E402

import niquests  # noqa: E402
import urllib3_future  # noqa: E402

warnings.simplefilter("ignore")
with peer_server("serve", VERSION) as port:
    url = f"https://localhost:{port}/"
    if MODE == "side":
        for verify in (True, False):
            context = client_context(ssl)
            if not verify:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            with urllib3_future.PoolManager(ssl_context=context, cert_reqs=None) as manager:
                answer = manager.request("GET", url)
                expect(answer.json()["version"] == f"TLSv{VERSION}")
            is_ours(context)
    else:
        for verify in (CA, False):
            with niquests.Session() as session:
                answer = session.get(url, verify=verify, timeout=10)
                expect(answer.json()["version"] == f"TLSv{VERSION}")
        try:
            raise SystemExit(f"unknown authority, and yet {niquests.get(url, timeout=10)}")
        except niquests.exceptions.SSLError:
            pass
