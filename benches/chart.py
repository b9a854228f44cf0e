"""The chart: a horizontal bar for each row's ratio, a line where ferrossl and the baseline are equal, a mark for the limit.

Plain SVG without scripts and fonts of its own. It paints its own ground, in light or dark as the reader's system has it.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from report import figure_text

WIDTH, LABELS, RIGHT = 960, 430, 90
ROW, GROUP, TOP = 24, 34, 104
LONGEST = 5.0
"""A ratio above this gets a bar that is cut off; its figure says how much it is."""

GROUPS = {
    "start": "Start of a process",
    "handshakes": "Handshakes, processor time",
    "sockets": "Two processes over loopback",
    "memory BIOs": "Memory BIOs, processor time",
    "asyncio": "asyncio",
    "memory": "Memory, and connections that come in",
    "core: records": "The core in Rust: records (1 = the raw AEAD)",
    "core: handshakes": "The core in Rust: handshakes (1 = plain rustls)",
}

STYLE = """
  svg { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
  .ground { fill: #ffffff; } text { fill: #1f2328; } .soft { fill: #59636e; } .head { font-weight: 600; }
  .better { fill: #2a78d6; } .worse { fill: #c4501b; } .core { fill: #6f5bc9; } .axis { stroke: #d1d9e0; } .one { stroke: #59636e; }
  .limit { stroke: #1f2328; stroke-width: 2.5; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } text { fill: #e6edf3; } .soft { fill: #9198a1; }
    .better { fill: #4a93ea; } .worse { fill: #e0763f; } .core { fill: #9a86ee; } .axis { stroke: #3d444d; } .one { stroke: #9198a1; }
    .limit { stroke: #e6edf3; }
  }
"""


def _x(ratio: float) -> float:
    return LABELS + min(ratio, LONGEST) / LONGEST * (WIDTH - LABELS - RIGHT)


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    name = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{name} text-anchor="{anchor}">{escape(text)}</text>'


def _line(x: float, top: float, bottom: float, kind: str) -> str:
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" class="{kind}"/>'


def _bar(row: dict[str, Any], y: float) -> list[str]:
    ratio = row["ratio"]
    kind = "better" if ratio >= 1 else "worse"
    if row["limit"] == row["baseline"]:
        kind = "core"  # below 1 is where a limit leaves everyone
    end = _x(ratio)
    parts = [
        _text(LABELS - 10, y + 12.5, row["title"], anchor="end"),
        f'<rect x="{LABELS}" y="{y:.1f}" width="{end - LABELS:.1f}" height="16" rx="2" class="{kind}"/>',
    ]
    label = end
    limit = row["limit_ratio"]
    if limit is not None and row["limit"] != row["baseline"]:
        if limit > LONGEST:
            if end < LABELS + 300:
                parts.append(_text(_x(LONGEST) + 6, y + 12.5, f"limit {figure_text(limit)} »", "soft"))
        else:
            parts.append(_line(_x(limit), y - 2, y + 18, "limit"))
        # The figure stands where the mark does not cut through it.
        if limit <= LONGEST and end - 4 < _x(limit) < end + 44:
            label = _x(limit)
    cut = " »" if ratio > LONGEST else ""
    parts.append(_text(label + 6, y + 12.5, figure_text(ratio) + cut))
    return parts


def svg(result: dict[str, Any]) -> str:
    """The chart of a run's rows that have a ratio."""
    rows = [row for row in result["rows"] if row["ratio"] is not None]
    body: list[str] = []
    y = TOP
    for group, title in GROUPS.items():
        members = [row for row in rows if row["group"] == group]
        if not members:
            continue
        body.append(_text(20, y + 16, title, "head"))
        y += GROUP - 8
        for row in members:
            body += _bar(row, y)
            y += ROW
        y += 8
    bottom = y
    grid = [_line(_x(0), TOP - 8, bottom, "axis")]
    for number in range(1, int(LONGEST) + 1):
        grid.append(_line(_x(number), TOP - 8, bottom, "one" if number == 1 else "axis"))
        grid.append(_text(_x(number), TOP - 14, f"{number}", "soft", "middle"))
    machine, versions = result["machine"], result["versions"]
    where = f"{versions['python']}, {versions['openssl']}, {machine['processor']}, {machine['cores']} cores"
    head = [
        _text(20, 26, "ferrossl beside the standard library's ssl: how many times better", "head"),
        _text(
            20,
            46,
            "1: as good as ssl. The upright mark: the limit (the same without TLS, or in Rust).",
            "soft",
        ),
        _text(20, 64, where, "soft"),
    ]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + 16}"'
        f' viewBox="0 0 {WIDTH} {bottom + 16}" role="img" aria-label="ferrossl beside ssl, ratios">',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{bottom + 16}" class="ground"/>',
        *head,
        *grid,
        *body,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
