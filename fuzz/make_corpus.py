"""Writes seeds for the fuzz targets into fuzz/corpus: chains with everything that can be wrong about them."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "oracle"))

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives.serialization import Encoding  # noqa: E402

from chains import CHANGES, NOW, Case  # noqa: E402

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


if __name__ == "__main__":
    main()
