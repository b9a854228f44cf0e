"""Damaged certificates and CRLs, signed again: what OpenSSL refuses is refused here.

A fixed part of the changes is tried, and a larger one among the long tests. ``FERROSSL_ORACLE_DAMAGED`` sets how many of them
that is; ``all`` tries them all.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest

from damaged_chains import asked, good
from refused_here import reason
from verdicts import openssl, ours


def test_the_chains_are_good_before_they_are_damaged() -> None:
    for question in good():
        made = question.make()
        assert (openssl(made).code, ours(made).code) == (0, 0), question.name


LONG = os.environ.get("FERROSSL_ORACLE_DAMAGED", "6000")


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("wanted", ["600", pytest.param(LONG, marks=pytest.mark.long, id="more")])
def test_what_openssl_refuses_is_refused(wanted: str) -> None:
    everything = list(asked())
    if wanted != "all":
        # Every so-manyth, from a fixed beginning: the same ones in each run.
        everything = everything[:: max(1, len(everything) // int(wanted))]
    faults, on_purpose, verdicts = [], Counter[str](), Counter[str]()
    for question in everything:
        made = question.make()
        theirs, mine = openssl(made), ours(made)
        here_and_there = f"{question.name}: OpenSSL {theirs.code}, ours {mine.code}"
        verdicts["same code and depth" if theirs == mine else "another code"] += 1
        if theirs.code != 0 and mine.code == 0:
            faults.append(f"accepted: {here_and_there}")
        elif theirs.code == -1 and mine.code != -1:
            faults.append(f"loaded: {here_and_there}")
        elif theirs.code == 0 and mine.code != 0:
            why = reason(question)
            if why is None:
                faults.append(f"refused: {here_and_there}")
            else:
                on_purpose[why] += 1
        elif len(theirs.chain) != len(mine.chain):
            # OpenSSL writes signatures anew, so that damaged ones have other bytes than were read.
            faults.append(f"another chain: {here_and_there}")
    print(f"{len(everything)} questions, {len(faults)} faults, {dict(verdicts)}", *faults, sep="\n")
    for why, count in on_purpose.most_common():
        print(f"{count} refused here only: {why}")
    assert not faults
