"""OpenSSL as the oracle: the same verdict, code, depth and chain, one change and two at a time.

A fixed part of the pairs is tried, and all of them among the long tests.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

import ferrossl
from chains import HOST, NOW, Case
from changes import CHANGES
from verdicts import Question, openssl, ours


def question(case: Case) -> Question:
    made = {name: made.public_bytes(Encoding.PEM) for name, made in case.certificates().items()}
    return Question(
        leaf=made["leaf"],
        sent=tuple(made[name] for name in case.sent),
        trusted=tuple(case.with_settings(name, made[name]) for name in case.trusted),
        lists=tuple(case.revocation_lists()),
        flags=case.flags,
        host=case.host,
        server=case.server,
        time=int(NOW.timestamp()),
        trusted_first=case.trusted_first,
        level=case.level,
    )


def cases(wanted: int | None) -> list[Case]:
    """Each change by itself, and so many of the pairs; ``None``: all of them."""

    def changed(*names: str) -> Case:
        case = Case()
        for name in names:
            case = CHANGES[name](case)
        object.__setattr__(case, "changes", names)
        return case

    singles = [changed(), *(changed(name) for name in CHANGES)]
    pairs = list(itertools.permutations(CHANGES, 2))
    if wanted:
        # Every so-manyth, from a fixed beginning: the same ones in each run.
        pairs = pairs[:: len(pairs) // wanted]
    return singles + [changed(*pair) for pair in pairs]


#: Changes that make a chain refused here and not by OpenSSL, on purpose, each with its reason.
ON_PURPOSE: dict[str, str] = {
    "crl delta": "it lists changes to another CRL, so that most of what is revoked is not in it; OpenSSL means to pass "
    "over such lists too, but does so with extended CRL support only",
}


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("wanted", [900, pytest.param(None, marks=pytest.mark.long, id="all")])
def test_same_verdict_code_depth_and_chain(wanted: int | None) -> None:
    everything = cases(wanted)
    differences = []
    for case in everything:
        asked = question(case)
        theirs, mine = openssl(asked), ours(asked)
        is_on_purpose = mine.code != 0 and any(change in ON_PURPOSE for change in case.changes)
        if theirs != mine and not is_on_purpose:
            changes = " + ".join(case.changes) or "nothing"
            theirs_short, mine_short = ((a.code, a.depth, len(a.chain)) for a in (theirs, mine))
            differences.append(f"{changes}: OpenSSL {theirs_short}, ours {mine_short}")
    print(f"{len(everything)} chains, {len(differences)} differences", *differences, sep="\n")
    assert not differences


def test_a_time_of_ones_own() -> None:
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
