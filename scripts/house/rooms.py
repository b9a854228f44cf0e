"""The core's rooms and the one way their arrows point: the rooms table of docs/architecture.md is the order."""

from __future__ import annotations

import re
from pathlib import Path

from rust_files import Crate, Use

HEADING = "## The core's rooms"
KNOW_RUSTLS = ("crypto", "engine")
"""The rooms that may name rustls."""
ENGINE_CRATE = "rustls"

Rooms = dict[str, int]
"""Each room's row. Rooms in one row do not know each other."""


def read_table(page: Path) -> Rooms:
    """The names in the first column of the table under `HEADING`, from the bottom of the house up."""
    rows, rooms = 0, {}
    lines = page.read_text().partition(HEADING + "\n")[2].splitlines()
    in_table = False
    for line in lines:
        if line.startswith("## ") or (in_table and not line.startswith("|")):
            break
        in_table = line.startswith("|")
        names = re.findall(r"`([\w.]+)/?`", line.split("|")[1]) if in_table else []
        for name in names:
            rooms[name.removesuffix(".rs")] = rows
        rows += bool(names)
    return rooms


def check(crate: Crate, page: Path, rooms: Rooms) -> list[str]:
    """Rooms without a row, rows without a room, and arrows that point up: a line for each file and each room it must not know."""
    if not rooms:
        return [f"{page.name} has no table under {HEADING!r}"]
    there = {_room(crate, file) for file in crate.files} - {"lib"}
    findings = [f"{page.name} has no row for the room {name}" for name in sorted(there - rooms.keys())]
    findings += [
        f"{page.name} has a row for {name}, which is not there" for name in sorted(rooms.keys() - there)
    ]
    back: dict[tuple[Path, str], Use] = {}
    for use in crate.uses:
        user, used = _room(crate, use.user), _room(crate, use.used)
        if user != used and user in rooms and used in rooms and rooms[used] >= rooms[user]:
            back.setdefault((use.user, used), use)
    for (file, room), use in back.items():
        place = f"{file.relative_to(crate.source)}:{use.line}"
        findings.append(f"{place}: {_room(crate, file)} must not know {room}: {use.path}")
    return findings


def check_engine(crate: Crate, may: tuple[str, ...]) -> list[str]:
    """Where rustls is named outside the rooms that may."""
    return [
        f"{use.user.relative_to(crate.source)}:{use.line}: names rustls: {use.path}"
        for use in crate.outside
        if use.crate == ENGINE_CRATE and _room(crate, use.user) not in may
    ]


def _room(crate: Crate, file: Path) -> str:
    """The folder, or the file, right under the crate's source."""
    return file.relative_to(crate.source).parts[0].removesuffix(".rs")
