"""The certificates of CPython's own tests, each against each as trust anchor, put to OpenSSL and to us."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import test

from verdicts import Question, openssl, ours

FOLDER = Path(test.__file__).parent
FOLDER = FOLDER / "certdata" if (FOLDER / "certdata").is_dir() else FOLDER
BLOCK = re.compile(
    rb"-----BEGIN (?:TRUSTED )?CERTIFICATE-----.*?-----END (?:TRUSTED )?CERTIFICATE-----\n", re.DOTALL
)
FLAG_SETS: tuple[tuple[str, ...], ...] = (
    (),
    ("partial_chain",),
    ("x509_strict",),
    ("partial_chain", "x509_strict"),
    ("crl_check",),
)


def chains() -> dict[str, tuple[bytes, ...]]:
    found = {path.name: tuple(BLOCK.findall(path.read_bytes())) for path in sorted(FOLDER.glob("*.pem"))}
    return {name: blocks for name, blocks in found.items() if blocks}


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("moment", [0, 20], ids=["today", "in 20 years"])
def test_certificates_of_cpythons_tests(moment: int) -> None:
    everything = chains()
    assert len(everything) >= 15, "CPython's test package has its certificates"
    lists = tuple(path.read_bytes() for path in FOLDER.glob("*.crl"))
    anchors = {
        **everything,
        "all of them": tuple(b for blocks in everything.values() for b in blocks),
        "none": (),
    }
    asked, differences = 0, []
    for leaf, (first, *rest) in everything.items():
        for anchor, trusted in anchors.items():
            for flags in FLAG_SETS:
                for host in (None, "localhost", "fakehostname", "127.0.0.1"):
                    question = Question(
                        first,
                        tuple(rest),
                        trusted,
                        lists,
                        flags=flags,
                        host=host,
                        time=int(time.time()) + moment * 365 * 86400,
                    )
                    asked += 1
                    theirs, mine = openssl(question), ours(question)
                    if theirs != mine:
                        values = [(answer.code, answer.depth, len(answer.chain)) for answer in (theirs, mine)]
                        differences.append(f"{leaf} by {anchor} {flags} {host}: OpenSSL, ours {values}")
    print(f"{asked} questions, {len(differences)} differences", *differences, sep="\n")
    assert not differences
