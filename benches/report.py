"""What came out: a row's ratios, its line on the terminal, and JSON.

The JSON (schema 1): `date`, `machine`, `versions`, `rounds`, `quick`, `plain_loop`, `seconds` and `rows`; in the page's file also `scale`,
the runs of `make bench-scale`. A row has its declaration (`key`, `group`, `title`, `unit`, `better`, `baseline`, `limit`, `target`),
`subjects` with `name`, `figures` of each round and their `median`, `left_out` with reasons, and what follows from these: `ratio` of ours
to the baseline (the median of the rounds' ratios) with its `spread`, `limit_ratio`, `beside` (the ratios of the others), and `reached`. Ratios above 1: better than
the baseline.
"""

from __future__ import annotations

import json
import re
import statistics
from typing import Any

from rows import Better, Row, Scenario, Target

SCHEMA = 1
OURS = "ferrossl"


def rounded(number: float) -> float:
    """To four significant digits: more would only be noise that changes the file."""
    return float(f"{number:.4g}")


def better_by(better: Better, figure: float, than: float) -> float:
    return rounded(than / figure if better == "less" else figure / than)


def row(
    scenario: Scenario, row: Row, figures: dict[str, list[Any]], left_out: dict[str, str]
) -> dict[str, Any]:
    subjects = {}
    for subject, values in figures.items():
        picked = [rounded(value[row.field] if row.field else value) for value in values]
        name = scenario.names.get(subject, subject)
        subjects[subject] = {"name": name, "figures": picked, "median": rounded(statistics.median(picked))}
    made: dict[str, Any] = {
        "key": row.key,
        "group": scenario.group,
        "title": row.title,
        "unit": row.unit,
        "better": row.better,
        "baseline": scenario.baseline,
        "limit": scenario.limit,
        "target": {"kind": row.target.kind, "number": row.target.number} if row.target else None,
        "subjects": subjects,
        "left_out": left_out,
    }
    return {**made, **_ratios(made, row)}


def _ratios(made: dict[str, Any], row: Row) -> dict[str, Any]:
    subjects, baseline = made["subjects"], made["baseline"]

    def ratio(subject: str) -> float | None:
        if subject not in subjects or baseline not in subjects:
            return None
        return rounded(statistics.median(of_rounds(subject)))

    def of_rounds(subject: str) -> list[float]:
        """Within a round, because a machine's speed moves from round to round."""
        pairs = zip(subjects[subject]["figures"], subjects[baseline]["figures"], strict=True)
        return [better_by(row.better, figure, than) for figure, than in pairs]

    ours = ratio(OURS)
    spread = None if ours is None else [min(of_rounds(OURS)), max(of_rounds(OURS))]
    limit = ratio(made["limit"]) if made["limit"] else None
    others = [subject for subject in subjects if subject not in (OURS, baseline, made["limit"])]
    value = subjects[OURS]["median"] if OURS in subjects else None
    return {
        "ratio": ours,
        "spread": spread,
        "limit_ratio": limit,
        "beside": {subject: ratio(subject) for subject in others},
        "reached": reached(row.target, ours, limit, value),
    }


def reached(
    target: Target | None, ratio: float | None, limit: float | None, value: float | None
) -> bool | None:
    """Whether ours is where it should be; nothing where there is no target or no figure."""
    if target is None or ratio is None:
        return None
    match target.kind:
        case "ratio":
            return ratio >= target.number
        case "value":
            return value is not None and value <= target.number
        case "of_limit":
            return None if limit is None else ratio >= target.number * limit


def target_text(target: dict[str, Any] | None, unit: str, limit: str) -> str:
    """The bar, as tables show it."""
    if target is None:
        return ""
    match target["kind"]:
        case "ratio":
            return f"{target['number']:g}"
        case "value":
            return f"at most {target['number']:g} {unit}"
    return f"as {limit}"


def figure_text(number: float) -> str:
    """Three significant digits, with thousands apart."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def limit_name(made: dict[str, Any]) -> str:
    subject = made["subjects"].get(made["limit"])
    return str(subject["name"]) if subject else str(made["limit"])


def baseline_name(made: dict[str, Any]) -> str:
    subject = made["subjects"].get(made["baseline"])
    return str(subject["name"]) if subject else str(made["baseline"])


def heading(result: dict[str, Any]) -> str:
    machine, versions = result["machine"], result["versions"]
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}\n"
        f"{versions['python']}; {versions['ferrossl']}; {versions['openssl']}; {versions['rustc']}\n"
        f"medians of {result['rounds']}; ratios above 1: better than the baseline\n\n"
        f"{'':62} {'ferrossl':>10} {'baseline':>10}{'ratio':>15}  {'min..max':14} {'bar':>5}   limit; beside"
    )


def line(made: dict[str, Any]) -> str:
    """One row on the terminal."""
    subjects = made["subjects"]
    columns = [f"{made['group'] + ': ' + made['title']:62.62}"]
    for subject in (OURS, made["baseline"]):
        columns.append(f"{figure_text(subjects[subject]['median']) if subject in subjects else '-':>10}")
    columns.append(f"{made['unit']:6}")
    columns.append(f"{made['ratio']:8.2f}" if made["ratio"] is not None else f"{'-':>8}")
    low_high = f"{made['spread'][0]:.2f}..{made['spread'][1]:.2f}" if made["spread"] else ""
    columns.append(f" {low_high:14}")
    columns.append(f"{target_text(made['target'], made['unit'], limit_name(made)):>5}")
    columns.append({True: "+", False: "-", None: " "}[made["reached"]])
    notes = []
    if made["limit_ratio"] is not None and made["limit"] != made["baseline"]:
        notes.append(f"{limit_name(made)} {made['limit_ratio']:.2f}")
    notes += [
        f"{subjects[subject]['name']} {ratio:.2f}"
        for subject, ratio in made["beside"].items()
        if ratio is not None
    ]
    notes += [f"without {subject}: {why}" for subject, why in made["left_out"].items()]
    return " ".join(columns) + " " + "; ".join(notes)


def dumped(result: dict[str, Any]) -> str:
    """Readable, and lists of figures on one line each, so that a change can be read."""
    text = json.dumps(result, indent=1, ensure_ascii=False)
    return re.sub(r"\[\s*([^][{}]*?)\s*\]", lambda found: f"[{' '.join(found[1].split())}]", text) + "\n"
