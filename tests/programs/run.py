"""Programs that people have, over ferrossl: libraries from PyPI with pinned versions, each case in a process of its own.

Every program runs with the standard library's ``ssl`` first (the control, which shows that the case itself is right), then stood
in (``ferrossl.install()`` before anything else), then side by side (a context of ferrossl handed to the library).

Usage: run.py [--jobs N] [--verbose] [PATTERN ...]      a pattern is a part of a case's name
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# What cannot be installed together with the rest: `pip install --target` puts each into a folder of its own.
LAYERS = ROOT / ".venv-programs" / "layers"
TIME_LIMIT = 40  # seconds; the slowest case takes three
sys.path.insert(0, str(HERE.parent))

ALL = ("stdlib", "stand-in", "side")
WHOLE = ("stdlib", "stand-in")
BOTH = ("1.2", "1.3")


@dataclass(frozen=True)
class Case:
    program: str
    mode: str
    version: str
    story: str = ""
    layer: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.program, self.layer, self.story, self.mode, self.version)))


def cases() -> list[Case]:
    found = []

    def add(
        program: str,
        modes: tuple[str, ...] = ALL,
        versions: tuple[str, ...] = BOTH,
        stories: tuple[str, ...] = ("",),
        layers: tuple[str, ...] = ("",),
    ) -> None:
        found.extend(
            Case(program, mode, version, story, layer)
            for layer in layers
            for story in stories
            for mode in modes
            for version in versions
        )

    add("uvloop_echo")
    add("aiohttp_loops", stories=("uvloop", "asyncio"))
    add("aiohttp_loops", ("stand-in", "side"), stories=("own",))
    add("sanic_serve", versions=("1.3",), stories=("context",))
    add("sanic_serve", WHOLE, versions=("1.3",), stories=("files", "list"))
    add("uvicorn_serve", versions=("1.3",), layers=("uvicorn-0.34.0", "uvicorn-0.54.0"))
    add("requests_client")
    add("elasticsearch_client", versions=("1.3",))
    add("niquests_client", versions=("1.3",), layers=("niquests",))
    for program in ("gevent_orders", "eventlet_orders"):
        add(program, ("stdlib",), versions=("1.3",), stories=("import-patch", "patch-import"))
        add(program, ("stand-in",), stories=("install-patch", "patch-install", "import-patch-install"))
        add(program, ("side",), stories=("import-patch", "patch-import"))
    return found


def run(case: Case, files: Path) -> tuple[str, float]:
    """What it said if it failed, else nothing; and how long it took."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SSL")}
    layer = [str(LAYERS / case.layer)] if case.layer else []
    environment.update(
        MODE=case.mode,
        VERSION=case.version,
        CASE=case.story,
        FILES=str(files),
        PYTHONPATH=os.pathsep.join([*layer, str(ROOT / "python"), str(HERE)]),
        NO_PROXY="*",
    )
    begun = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, str(HERE / f"{case.program}.py")],
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
            env=environment,
        )
        output = done.stdout + done.stderr or f"status {done.returncode}"
        said = output if done.returncode else ""
    except subprocess.TimeoutExpired as error:
        said = f"no end after {TIME_LIMIT} seconds\n{(error.stderr or b'').decode(errors='replace')}"
    return said, time.monotonic() - begun


def write_files(folder: Path) -> None:
    from pki import Authority

    authority = Authority(folder / "authority")
    for name, names in {"server": ("localhost", "127.0.0.1"), "client": ("client",)}.items():
        leaf = authority.issue(*names)
        (folder / f"{name}.pem").write_bytes(leaf.chain)
        (folder / f"{name}.key").write_bytes(leaf.key)
    (folder / "ca.pem").write_bytes(authority.pem)
    # As Elasticsearch sends it: with the root.
    (folder / "bundle.pem").write_bytes((folder / "server.pem").read_bytes() + authority.pem)


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--jobs", type=int, default=(os.cpu_count() or 1) + 1)
    arguments.add_argument("--verbose", action="store_true")
    arguments.add_argument("patterns", nargs="*")
    chosen = arguments.parse_args()
    selected = [
        case
        for case in cases()
        if not chosen.patterns or any(pattern in str(case) for pattern in chosen.patterns)
    ]
    failed = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        concurrent.futures.ThreadPoolExecutor(chosen.jobs) as executor,
    ):
        write_files(Path(folder))
        results = executor.map(lambda case: (case, *run(case, Path(folder))), selected)
        for case, said, seconds in results:
            failed += bool(said)
            if said or chosen.verbose:
                print(f"{'FAIL' if said else 'ok  '} {case} ({seconds:.1f} s)", flush=True)
            if said:
                print("    " + said.strip().replace("\n", "\n    "), flush=True)
    print(f"{len(selected)} cases, {failed} failed")
    return 1 if failed or not selected else 0


if __name__ == "__main__":
    sys.exit(main())
