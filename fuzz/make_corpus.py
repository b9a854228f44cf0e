"""Writes seeds for the fuzz targets into fuzz/corpus: chains with everything that can be wrong about them, and the
beginnings of conversations."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "oracle"))

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives.serialization import Encoding  # noqa: E402

from chains import NOW, Case  # noqa: E402
from changes import CHANGES  # noqa: E402

POLICY_BITS = {
    "partial_chain": 1,
    "x509_strict": 2,
    "crl_check": 8,
    "crl_check_all": 24,
    "allow_proxy_certs": 32,
}
NAMES = [
    "www.example.com",
    "*.example.com",
    "*.com",
    "*",
    "w*.example.com",
    "xn--a.example.com",
    "",
    ".",
    "10.0.0.1",
]


def save(target: str, contents: bytes) -> None:
    folder = ROOT / "fuzz" / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(contents).hexdigest()[:16]).write_bytes(contents)


def main() -> None:
    for change in CHANGES.values():
        case = change(Case())
        made = {name: value.public_bytes(Encoding.DER) for name, value in case.certificates().items()}
        lists = case.revocation_lists()
        for der in made.values():
            save("der", der)
        for text in lists:
            save("pem", text)
            save("der", x509.load_pem_x509_crl(text).public_bytes(Encoding.DER))
        when = int(NOW.timestamp()).to_bytes(4, "big")
        flags = 0
        for flag in case.flags:
            flags |= POLICY_BITS[flag]
        chain = [made["leaf"], *(made[name] for name in case.sent), *(made[name] for name in case.trusted)]
        crls = [x509.load_pem_x509_crl(text).public_bytes(Encoding.DER) for text in lists]
        save("path", bytes((flags, len(case.trusted))) + when + b"".join(chain + crls))
    save("pem", case.certificates()["leaf"].public_bytes(Encoding.PEM))
    for pattern in NAMES:
        for host in NAMES:
            save("hostname", f"{pattern}\0{host}".encode())
    save_conversations()


def vector(width: int, contents: bytes) -> bytes:
    return len(contents).to_bytes(width, "big") + contents


def client_hello() -> bytes:
    extensions = {
        0: vector(2, b"\0" + vector(2, b"localhost")),
        10: vector(2, bytes.fromhex("001d0017")),
        13: vector(2, bytes.fromhex("080704030804")),
        43: vector(1, bytes.fromhex("03040303")),
        45: b"\1\1",
        49: b"",
        51: vector(2, b"\0\x1d" + vector(2, bytes(range(32)))),
    }
    encoded = b"".join(kind.to_bytes(2, "big") + vector(2, body) for kind, body in extensions.items())
    suites = bytes.fromhex("13011302c02bc02f00ff")
    body = b"\3\3" + bytes(32) + vector(1, bytes(32)) + vector(2, suites) + b"\1\0" + vector(2, encoded)
    return b"\1" + vector(3, body)


def save_conversations() -> None:
    hello = client_hello()
    record = b"\x16\3\1" + vector(2, hello)
    alert = b"\x15\3\3\0\2\2\x28"
    change = b"\x14\3\3\0\1\1"
    server_hello = b"\2" + vector(
        3, b"\3\3" + bytes(32) + vector(1, bytes(32)) + b"\x13\1\0\0\6\0\x2b\0\2\3\4"
    )
    ticket = b"\4" + vector(3, bytes(8) + vector(1, b"n") + vector(2, b"ticket") + b"\0\0")
    request = b"\x0d" + vector(3, vector(1, b"context") + vector(2, b"\0\x0d\0\4\0\2\4\3"))
    certificate = b"\x0b" + vector(3, vector(1, b"") + vector(3, vector(3, b"der") + b"\0\0"))
    for message in (hello, server_hello, ticket, request, certificate, hello + server_hello):
        save("messages", b"\1" + message)
        save("messages", b"\1" + message[4:])
        save("messages", b"\0" + b"".join(bytes((12, len(part))) + part for part in (message[:200], ticket)))
    for flags in range(32):
        for fed in (
            record,
            change + record,
            alert,
            b"\x17\3\3" + vector(2, bytes(40)),
            b"\x16\3\3" + vector(2, server_hello),
        ):
            save("raw", bytes((flags, 16)) + fed)
    for flags in range(256):
        # Untouched, and one message damaged in each way.
        save("handshake", bytes((flags,)))
        save("handshake", bytes((flags, flags % 15, flags % 14, 0, 7)))
    actions = [
        b"\0\5hello", b"\x30\5hello", b"\1\5\x18\0\0\1\0", b"\2\1\x5a", b"\3", b"\x13", b"\4\3one", b"\5\3two",
        b"\6\x18\1x", b"\7\5world", b"\x08\2", b"\x28\x14", b"\x88\7", b"\x19", b"\x0a\x16\4data\3", b"\x0b\x14\1\1",
        b"\x0d\3", b"\x0e", b"\x0f\7",
    ]  # fmt: skip
    for flags in range(16):
        for first in actions:
            for second in actions:
                save("conversation", bytes((flags,)) + first + second + actions[0] + actions[9])
        save("conversation", bytes((flags,)) + b"".join(actions))


if __name__ == "__main__":
    main()
