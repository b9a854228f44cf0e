"""The same question to OpenSSL's command line and to us."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import ferrossl

Verdict = tuple[int, int]  # (code, depth); (0, 0) for accepted

FLAGS = {
    "partial_chain": ferrossl.VERIFY_X509_PARTIAL_CHAIN,
    "x509_strict": ferrossl.VERIFY_X509_STRICT,
    "allow_proxy_certs": ferrossl.VERIFY_ALLOW_PROXY_CERTS,
    "crl_check": ferrossl.VERIFY_CRL_CHECK_LEAF,
    "crl_check_all": ferrossl.VERIFY_CRL_CHECK_CHAIN,
}


@dataclass(frozen=True)
class Question:
    """A chain, who is trusted, and what is asked. Certificates and CRLs are in PEM."""

    leaf: bytes
    sent: tuple[bytes, ...]
    trusted: tuple[bytes, ...]
    lists: tuple[bytes, ...] = ()
    flags: tuple[str, ...] = ()
    host: str | None = None
    server: bool = True
    time: int = 0


def openssl(question: Question, folder: Path) -> Verdict:
    """What `openssl verify` says. It goes on after some errors; the first one is the verdict."""
    purpose = "sslserver" if question.server else "sslclient"
    command = ["openssl", "verify", "-purpose", purpose, "-auth_level", "2", "-trusted_first"]
    command += ["-no-CApath", "-no-CAstore", "-attime", str(question.time)]
    folder.mkdir(exist_ok=True)
    for name, content in {
        "trusted": b"".join(question.trusted),
        "sent": b"".join(question.sent),
        "crls": b"".join(question.lists),
        "leaf": question.leaf,
    }.items():
        (folder / name).write_bytes(content)
    command += ["-CAfile", str(folder / "trusted")] if question.trusted else ["-no-CAfile"]
    if question.sent:
        command += ["-untrusted", str(folder / "sent")]
    if question.lists:
        command += ["-CRLfile", str(folder / "crls")]
    command += [f"-{flag}" for flag in question.flags]
    if "crl_check_all" in question.flags and "crl_check" not in question.flags:
        command += ["-crl_check"]
    if question.host:
        is_address = ":" in question.host or question.host.replace(".", "").isdigit()
        command += ["-verify_ip" if is_address else "-verify_hostname", question.host]
    done = subprocess.run([*command, str(folder / "leaf")], capture_output=True, text=True, check=False)
    for file in folder.iterdir():
        file.unlink()
    found = re.search(r"^error (\d+) at (\d+) depth lookup", done.stderr + done.stdout, re.MULTILINE)
    if found:
        return int(found[1]), int(found[2])
    if done.returncode != 0:
        # A certificate that cannot even be read.
        return -1, 0
    return 0, 0


def ours(question: Question) -> Verdict:
    """What we say; -1 for a certificate that cannot be read, as above."""
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
    purpose = ferrossl.Purpose.SERVER_AUTH if question.server else ferrossl.Purpose.CLIENT_AUTH
    for flag in question.flags:
        context.verify_flags |= FLAGS[flag]
    try:
        for text in (*question.trusted, *question.lists):
            context.load_verify_locations(cadata=text.decode())
        chain = [ferrossl.PEM_cert_to_DER_cert(text.decode()) for text in (question.leaf, *question.sent)]
        verified = context.verify_chain(
            chain, server_hostname=question.host, purpose=purpose, time=question.time
        )
    except ferrossl.SSLCertVerificationError as error:
        return error.verify_code, error.verify_depth
    except ferrossl.SSLError:
        return -1, 0
    assert verified[0] == chain[0]
    return 0, 0
