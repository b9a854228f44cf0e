"""docs/performance.md's tables, its JSON and its chart, from runs: `make performance`.

Only what stands between the page's marks is written; the words around it are people's. A test compares all three.

Usage: page.py BENCH.json [SCALE.json ...]: writes docs/performance.json, .svg and the page. Several runs of scale.py may be given, one
for each interpreter. Without arguments: the page and the chart again, from docs/performance.json.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import chart
import report
from rows import SCENARIOS

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE, JSON, CHART = (DOCS / f"performance.{ending}" for ending in ("md", "json", "svg"))
MARK = "<!-- {}: made by make performance -->"
END = "<!-- end -->"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] + ["---:"] * (len(titles) - 1), *map(list, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _warnings(run: dict[str, Any]) -> list[str]:
    """What keeps a run's figures from being taken for what they are not."""
    found = []
    if run["quick"]:
        found.append("**a quick run**: it shows that everything runs; its figures are not for comparing")
    if run["plain_loop"]:
        found.append("**asyncio's own loop** in place of ours, where rows speak of our transport")
    return found


def machine_block(result: dict[str, Any]) -> str:
    machine, versions = result["machine"], result["versions"]
    lines = [
        f"- {result['date']}; {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB; {machine['system']}",
        *(f"- {name}: {said}" for name, said in versions.items()),
        f"- medians of {result['rounds']} rounds; the run took {result['seconds']} s",
    ]
    lines += [f"- {note}" for note in _warnings(result)]
    return "\n".join(lines)


def _row(made: dict[str, Any]) -> list[str]:
    subjects = made["subjects"]
    median = {name: report.figure_text(subject["median"]) for name, subject in subjects.items()}
    ratio = "left out"
    if made["ratio"] is not None:
        low, high = (report.figure_text(number) for number in made["spread"])
        sign = {True: " ✓", False: "", None: ""}[made["reached"]]
        ratio = f"**{report.figure_text(made['ratio'])}** ({low}..{high}){sign}"
    limit = ""
    if made["limit_ratio"] is not None and made["limit"] != made["baseline"]:
        limit = f"{report.limit_name(made)} {report.figure_text(made['limit_ratio'])}"
    beside = [
        f"{subjects[name]['name']} {report.figure_text(number)}"
        for name, number in made["beside"].items()
        if number is not None
    ]
    return [
        made["title"],
        f"`{made['key']}`",
        made["unit"],
        median.get(report.OURS, "-"),
        median.get(made["baseline"], "-"),
        ratio,
        limit,
        report.target_text(made["target"], made["unit"], report.limit_name(made)) or "-",
        ", ".join(beside),
    ]


def rows_block(result: dict[str, Any]) -> str:
    """A table for each group, in the order of rows.py."""
    parts = []
    for group, title in chart.GROUPS.items():
        members = [made for made in result["rows"] if made["group"] == group]
        if members:
            baseline = report.baseline_name(members[0])
            head = (
                "",
                "row",
                "unit",
                "ferrossl",
                baseline,
                "ratio (min..max)",
                "limit",
                "at least",
                "beside",
            )
            parts.append(f"### {title}\n\n{table(head, map(_row, members))}")
    reasons = {
        f"- {made['title']}: without {report.OURS if subject == report.OURS else subject}: {why}"
        for made in result["rows"]
        for subject, why in made["left_out"].items()
    }
    if reasons:
        parts.append("Left out:\n\n" + "\n".join(sorted(reasons)))
    return "\n\n".join(parts)


def threads_block(runs: list[dict[str, Any]]) -> str:
    """How rates grow with threads, run by run; what is the same in several runs (Rust) is shown once."""
    parts, shown = [_of(run) for run in runs], set()
    for run in runs:
        for made in run["threads"]:
            name = f"{made['runtime']}: {made['title']}"
            if name in shown:
                continue
            shown.add(name)
            counts = list(next(iter(made["rates"].values())))
            head = (made["unit"], *(f"{count} thread{'s' * (count != '1')}" for count in counts))
            body = [
                [subject, *(report.figure_text(rates[count]) for count in counts)]
                for subject, rates in made["rates"].items()
            ]
            parts.append(f"{name}\n\n{table(head, body)}")
    parts += sorted({note for run in runs for note in run["notes"]})
    return "\n\n".join(parts)


def _of(run: dict[str, Any]) -> str:
    """Where and when a run of scale.py was made."""
    said = f"{run['date']}; {run['machine']['processor']}, {run['machine']['cores']} cores; {run['versions']['python']}"
    return "; ".join((said, *_warnings(run)))


def connections_block(runs: list[dict[str, Any]]) -> str:
    parts = []
    for run in runs:
        made = run["connections"]
        head = ("", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "server CPU µs a request", "kB a connection")
        keys = ("p50", "p90", "p99", "p99.9", "cpu", "kB")
        body = [
            [subject, *(report.figure_text(figures[key]) for key in keys)]
            for subject, figures in made["subjects"].items()
        ]
        parts += [_of(run), f"{made['title']}\n\n{table(head, body)}"]
        parts += [f"Left out: {subject}: {why}." for subject, why in made["left_out"].items()]
    return "\n\n".join(parts)


def blocks(result: dict[str, Any]) -> dict[str, str]:
    """What stands between each pair of marks."""
    made = {"machine": machine_block(result), "rows": rows_block(result)}
    if result["scale"]:
        made["threads"] = threads_block(result["scale"])
        made["connections"] = connections_block(result["scale"])
    return made


def written(text: str, result: dict[str, Any]) -> str:
    """The page with this result in it."""
    for name, block in blocks(result).items():
        mark = MARK.format(name)
        pattern = re.compile(re.escape(mark) + r"\n.*?" + re.escape(END), re.DOTALL)
        if len(pattern.findall(text)) != 1:  # a page that lost a mark would keep old figures
            raise ValueError(f"the page has no block {mark}")
        before, after = pattern.split(text)
        text = f"{before}{mark}\n\n{block}\n\n{END}{after}"
    return text


def merged(bench: dict[str, Any], scale: list[dict[str, Any]], before: dict[str, Any]) -> dict[str, Any]:
    """A run as the page's JSON; without runs of scale.py the last ones stay."""
    keys = [row.key for scenario in SCENARIOS for row in scenario.rows]
    if sorted(made["key"] for made in bench["rows"]) != sorted(keys):
        raise ValueError("the page wants a run of all rows")
    return {**bench, "scale": scale or before.get("scale", [])}


def main() -> None:
    runs = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    before = json.loads(JSON.read_text(encoding="utf-8")) if JSON.exists() else {}
    result = merged(runs[0], runs[1:], before) if runs else before
    JSON.write_text(report.dumped(result), encoding="utf-8")
    CHART.write_text(chart.svg(result), encoding="utf-8")
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), result), encoding="utf-8")
    print(f"{PAGE}, {JSON.name}, {CHART.name}")


if __name__ == "__main__":
    main()
