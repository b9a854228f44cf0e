"""docs/performance.md, its JSON and its chart say the same, and the benches that make them run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import chart
import page
import report
from rows import SCENARIOS, Row, Scenario, ratio
from setting import make_pki, measured

ROOT = Path(__file__).resolve().parent.parent.parent
RESULT = json.loads(page.JSON.read_text(encoding="utf-8"))
ROWS = [row for scenario in SCENARIOS for row in scenario.rows]


def test_the_page_has_what_the_json_has() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.written(text, RESULT) == text
    assert set(re.findall(r"<!-- (\w+): made by", text)) == set(page.blocks(RESULT))


def test_the_chart_has_what_the_json_has() -> None:
    assert page.CHART.read_text(encoding="utf-8") == chart.svg(RESULT)


def test_the_json_has_every_row_and_what_it_says_follows_from_its_figures() -> None:
    assert [made["key"] for made in RESULT["rows"]] == [row.key for row in ROWS]
    for scenario in SCENARIOS:
        for row in scenario.rows:
            (made,) = (made for made in RESULT["rows"] if made["key"] == row.key)
            name = row.field
            figures: dict[str, list[Any]] = {
                subject: [{name: figure} if name else figure for figure in said["figures"]]
                for subject, said in made["subjects"].items()
            }
            assert report.row(scenario, row, figures, made["left_out"]) == made


def test_every_row_says_what_bounds_it() -> None:
    text = page.PAGE.read_text(encoding="utf-8").partition("## What bounds each row")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^- `([\w-]+)`: .", text, re.MULTILINE)) == sorted(row.key for row in ROWS)


def test_every_group_is_in_the_chart() -> None:
    assert {scenario.group for scenario in SCENARIOS} == set(chart.GROUPS)


def made_row(better: Any, ours: list[float], theirs: list[float], limit: list[float]) -> dict[str, Any]:
    row = Row("key", "a <title>", "µs", better, ratio(2.0))
    scenario = Scenario("sockets", {}, (row,), limit="plain", names={"plain": "plain TCP"})
    figures: dict[str, list[Any]] = {"ferrossl": ours, "ssl": theirs, "plain": limit, "other": theirs}
    return report.row(scenario, row, figures, {})


def test_ratios() -> None:
    less = made_row("less", [2.0, 1.0, 4.0], [4.0, 8.0, 4.0], [1.0, 1.0, 1.0])
    assert (less["ratio"], less["spread"], less["limit_ratio"], less["reached"]) == (
        2.0,
        [1.0, 8.0],
        4.0,
        True,
    )
    assert less["beside"] == {"other": 1.0}
    more = made_row("more", [2.0], [4.0], [8.0])
    assert (more["ratio"], more["limit_ratio"], more["reached"]) == (0.5, 2.0, False)


@pytest.mark.parametrize("ours", [0.01, 1.0, 4.0])
def test_the_chart_is_xml_and_stays_inside(ours: float) -> None:
    result = {**RESULT, "rows": [made_row("less", [ours], [4.0], [2.0])]}
    picture = ElementTree.fromstring(chart.svg(result))
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "a <title>" in texts
    (bar,) = (element for element in picture.iter() if element.get("class") in ("better", "worse"))
    assert bar.get("class") == ("better" if ours <= 4 else "worse")
    assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= chart.WIDTH - chart.RIGHT


@pytest.mark.skipif(sys.platform != "linux", reason="the benches are for Linux")
@pytest.mark.parametrize(
    "arguments",
    [
        ("memory", "handshakes", "ferrossl", "TLSv1_3", "p256", "resumed"),
        ("handshakes", "server_alone", "ferrossl"),
        ("sockets", "bulk", "ferrossl", "TLSv1_2", "65536", "recv_into", "65536", "800000000"),
        ("sockets", "connections", "ferrossl"),
        ("loops", "streams", "ferrossl", "65536"),
        ("loops", "protocols", "plain", "1024"),
        ("loops", "protocols", "ferrossl", "1024"),
        ("loops", "protocols_of_two", "ssl", "1024"),
        ("many", "idle", "plain", "20"),
        ("crowd", "server", "plain", "20"),
        ("threads", "bulk", "ferrossl", "2"),
    ],
    ids=" ".join,
)
def test_measurements_run(arguments: tuple[str, ...], tmp_path: Path) -> None:
    make_pki(tmp_path)
    module, function, subject, *rest = arguments
    environment = {**os.environ, "FERROSSL_BENCH_SHARE": "0.01"}
    command = measured(module, function, subject, tmp_path, *rest)
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=100
    ).stdout
    figure = json.loads(done)
    figures = list(figure.values()) if isinstance(figure, dict) else [figure]
    assert all(isinstance(number, float) for number in figures)
    assert figures[0] > 0 or module == "many"
