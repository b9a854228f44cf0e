"""x509-limbo's testcases against OpenSSL's verdicts, and through real handshakes.

Usage: limbo.py TESTCASES.json      (the schema is that of C2SP/x509-limbo; the data is not part of this project)

Limbo's own expectations follow the web PKI, which is stricter in places than OpenSSL's defaults; what counts
here is OpenSSL's verdict for the same flags. Every case is asked with four sets of flags. Prints a table, each
difference, and ends with status 1 if there is one, or if we accept what OpenSSL refuses.
"""

from __future__ import annotations

import datetime
import json
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import ferrossl

sys.path.insert(0, str(Path(__file__).parent))
from verdicts import Question, openssl, ours

FLAG_SETS: tuple[tuple[str, ...], ...] = (
    (),
    ("partial_chain",),
    ("x509_strict",),
    ("partial_chain", "x509_strict"),
)

#: Cases that differ on purpose: id → reason. None of them accepts what OpenSSL refuses.
ON_PURPOSE: dict[str, str] = {
    "webpki::forbidden-dsa-leaf": "no suite of this library authenticates with DSA, so the key has no strength",
}


def question(case: dict[str, Any], flags: tuple[str, ...]) -> Question:
    moment = case["validation_time"]
    when = datetime.datetime.fromisoformat(moment).timestamp() if moment else time.time()
    name = case["expected_peer_name"]
    return Question(
        leaf=case["peer_certificate"].encode(),
        sent=tuple(text.encode() for text in case["untrusted_intermediates"]),
        trusted=tuple(text.encode() for text in case["trusted_certs"]),
        lists=tuple(text.encode() for text in case["crls"]),
        flags=(*flags, "crl_check") if case["crls"] else flags,
        host=name["value"] if name and name["kind"] in ("DNS", "IP") else None,
        server=case["validation_kind"] == "SERVER",
        time=int(when),
    )


def handshake(case: dict[str, Any], asked: Question, folder: Path) -> int | None:
    """The code of a real handshake now with the case's own server; None where there can be none."""
    if not asked.server or not case.get("peer_certificate_key"):
        return None
    chain, key = folder / "chain", folder / "key"
    chain.write_bytes(b"".join((asked.leaf, *asked.sent)))
    key.write_text(case["peer_certificate_key"])
    server = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    client = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
    try:
        server.load_cert_chain(chain, key)
        for text in (*asked.trusted, *asked.lists):
            client.load_verify_locations(cadata=text.decode())
    except (ferrossl.SSLError, NotImplementedError):
        # Not a chain or a key that our own server would use.
        return None
    if asked.lists:
        client.verify_flags |= ferrossl.VERIFY_CRL_CHECK_LEAF
    client.check_hostname = asked.host is not None
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(far, server_side=True) as accepted:
                accepted.recv(1)
        except OSError:
            pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with near:
            near.settimeout(20)
            with client.wrap_socket(near, server_hostname=asked.host):
                return 0
    except ferrossl.SSLCertVerificationError as error:
        return error.verify_code
    except ferrossl.SSLError as error:
        # rustls takes handshake messages of at most 64 KiB, so a larger chain is not even looked at.
        return None if error.reason == "EXCESSIVE_MESSAGE_SIZE" else -1
    finally:
        near.close()
        thread.join()


def main() -> int:
    cases = json.loads(Path(sys.argv[1]).read_text())["testcases"]
    asked_in_all = differing = unsafe = as_limbo = handshakes = handshake_differences = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for case in cases:
            for flags in FLAG_SETS:
                asked = question(case, flags)
                theirs, mine = openssl(asked), ours(asked)
                asked_in_all += 1
                as_limbo += flags == () and (mine.code == 0) == (case["expected_result"] == "SUCCESS")
                if theirs != mine and case["id"] not in ON_PURPOSE:
                    differing += 1
                    print(f"{case['id']} {' '.join(flags)}: OpenSSL {theirs.code}, ours {mine.code}")
                if theirs.code != 0 and mine.code == 0:
                    unsafe += 1
                    print(f"{case['id']} {' '.join(flags)}: ACCEPTED, and OpenSSL refuses with {theirs.code}")
            asked = question({**case, "validation_time": None}, ())
            code = handshake(case, asked, folder)
            if code is not None:
                handshakes += 1
                bare = ours(asked).code
                if code != bare:
                    handshake_differences += 1
                    print(f"{case['id']}: {code} in a handshake, {bare} without")
    print(
        f"{len(cases)} cases, {asked_in_all} questions: {differing} unlike OpenSSL, {unsafe} accepted that it "
        f"refuses; {as_limbo} as limbo expects without flags; "
        f"{handshakes} handshakes, {handshake_differences} unlike the bare verdict"
    )
    return 1 if differing or unsafe or handshake_differences else 0


if __name__ == "__main__":
    sys.exit(main())
