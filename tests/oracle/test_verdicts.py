"""OpenSSL as the oracle: the same verdict, code and depth for every chain, one change and two at a time.

``FERROSSL_ORACLE_PAIRS`` sets how many of the pairs are tried (default: a fixed tenth); ``all`` tries them all.
"""

from __future__ import annotations

import concurrent.futures
import itertools
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import ferrossl
from chains import CHANGES, HOST, NOW, Case

Verdict = tuple[int, int]  # (code, depth); (0, 0) for accepted
FLAGS = {
    "partial_chain": ferrossl.VERIFY_X509_PARTIAL_CHAIN,
    "x509_strict": ferrossl.VERIFY_X509_STRICT,
    "crl_check": ferrossl.VERIFY_CRL_CHECK_LEAF,
    "crl_check_all": ferrossl.VERIFY_CRL_CHECK_CHAIN,
}


def openssl(case: Case, folder: Path) -> Verdict:
    """What `openssl verify` says. It goes on after some errors; the first one is the verdict."""
    made = case.certificates()
    command = ["openssl", "verify", "-purpose", "sslserver", "-auth_level", "2", "-trusted_first"]
    command += ["-no-CApath", "-no-CAstore", "-attime", str(int(NOW.timestamp()))]
    files = {
        "trusted": b"".join(made[name].public_bytes(Encoding.PEM) for name in case.trusted),
        "sent": b"".join(made[name].public_bytes(Encoding.PEM) for name in case.sent),
        "crls": b"".join(case.revocation_lists()),
        "leaf": made["leaf"].public_bytes(Encoding.PEM),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command += ["-CAfile", str(folder / "trusted")] if case.trusted else ["-no-CAfile"]
    if case.sent:
        command += ["-untrusted", str(folder / "sent")]
    if case.lists:
        command += ["-CRLfile", str(folder / "crls")]
    command += [f"-{flag}" for flag in case.flags]
    if "crl_check_all" in case.flags and "crl_check" not in case.flags:
        command += ["-crl_check"]
    if case.host:
        command += ["-verify_ip" if case.host[0].isdigit() else "-verify_hostname", case.host]
    done = subprocess.run([*command, str(folder / "leaf")], capture_output=True, text=True, check=False)
    found = re.search(r"^error (\d+) at (\d+) depth lookup", done.stderr + done.stdout, re.MULTILINE)
    if found:
        return int(found[1]), int(found[2])
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return 0, 0


def ours(case: Case) -> Verdict:
    made = case.certificates()
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
    for name in case.trusted:
        context.load_verify_locations(cadata=made[name].public_bytes(Encoding.DER))
    for text in case.revocation_lists():
        context.load_verify_locations(cadata=text.decode())
    for flag in case.flags:
        context.verify_flags |= FLAGS[flag]
    chain = [made[name].public_bytes(Encoding.DER) for name in ("leaf", *case.sent)]
    try:
        verified = context.verify_chain(chain, server_hostname=case.host, time=NOW.timestamp())
    except ferrossl.SSLCertVerificationError as error:
        return error.verify_code, error.verify_depth
    assert verified[0] == chain[0]
    return 0, 0


def cases() -> list[Case]:
    def changed(*names: str) -> Case:
        case = Case()
        for name in names:
            case = CHANGES[name](case)
        object.__setattr__(case, "changes", names)
        return case

    singles = [changed(), *(changed(name) for name in CHANGES)]
    pairs = list(itertools.permutations(CHANGES, 2))
    wanted = os.environ.get("FERROSSL_ORACLE_PAIRS", "")
    if wanted != "all":
        # Every so-manyth, from a fixed beginning: the same ones in each run.
        pairs = pairs[:: max(1, len(pairs) // int(wanted or 900))]
    return singles + [changed(*pair) for pair in pairs]


#: Differences on purpose, by (openssl, ours), each with its reason. None accepts what OpenSSL refuses.
ON_PURPOSE: dict[tuple[int, int], str] = {}


@pytest.mark.timeout(1200)
def test_same_verdict_code_and_depth(tmp_path: Path) -> None:
    def compare(numbered: tuple[int, Case]) -> str | None:
        number, case = numbered
        folder = tmp_path / str(number % 64)
        folder = tmp_path / f"{number}"
        folder.mkdir()
        theirs, mine = openssl(case, folder), ours(case)
        for file in folder.iterdir():
            file.unlink()
        if theirs == mine or (theirs[0], mine[0]) in ON_PURPOSE:
            return None
        return f"{' + '.join(case.changes) or 'nothing'}: OpenSSL {theirs}, ours {mine}"

    everything = cases()
    # Keys and certificates are made lazily and shared; threads may make one twice, which costs only time.
    for case in everything:
        case.certificates()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        differences = [text for text in pool.map(compare, enumerate(everything)) if text]
    print(f"{len(everything)} chains, {len(differences)} differences", *differences, sep="\n")
    assert not differences


def test_a_time_of_ones_own(tmp_path: Path) -> None:
    case = CHANGES["leaf expired"](Case())
    made: Any = case.certificates()
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=made["root"].public_bytes(Encoding.DER))
    chain = [made[name].public_bytes(Encoding.DER) for name in ("leaf", "middle")]
    with pytest.raises(ferrossl.SSLCertVerificationError) as caught:
        context.verify_chain(chain, server_hostname=HOST)
    assert caught.value.verify_code == 10
    verified = context.verify_chain(chain, server_hostname=HOST, time=NOW.timestamp() - 3 * 86400)
    assert verified == [*chain, made["root"].public_bytes(Encoding.DER)]
    with pytest.raises(ValueError, match="no certificate"):
        context.verify_chain([])
    with pytest.raises(ferrossl.SSLCertVerificationError) as caught:
        context.verify_chain(chain[:1], time=NOW.timestamp() - 3 * 86400)
    assert (caught.value.verify_code, caught.value.verify_depth) == (20, 0)
