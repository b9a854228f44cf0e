"""The rows of `make bench`: what is measured, for whom, beside what, and what we want to reach.

A scenario is one measurement for each of its subjects; it has one row or more. A ratio above 1 always says that ferrossl is
better: faster, or smaller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Better = Literal["less", "more"]


@dataclass(frozen=True)
class Command:
    """How a subject is measured: `python` calls a function of a module here, `core` is a case of the Rust benches, `idle` a kind of
    idle.py's. `factor` turns the figure into the row's unit."""

    kind: Literal["python", "core", "idle"]
    arguments: tuple[str, ...]
    factor: float = 1


@dataclass(frozen=True)
class Target:
    """What we want: `ratio` (to the row's baseline, at least), `value` (ours, at most), or `of_limit` (ours to the limit's, at least)."""

    kind: Literal["ratio", "value", "of_limit"]
    number: float


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    unit: str
    better: Better
    target: Target | None = None
    field: str = ""
    """Which figure of the scenario's it is, where there are several."""


@dataclass(frozen=True)
class Scenario:
    """`commands` by subject. The first is ours, `baseline` the one that ratios are to, `limit` what cannot be passed, if known."""

    group: str
    commands: dict[str, Command]
    rows: tuple[Row, ...]
    baseline: str = "ssl"
    limit: str = ""
    most_rounds: int = 99
    repeat: int = 1
    """How many rounds there are for one of the run's, where figures are cheap and jump with the machine's speed."""
    names: dict[str, str] = field(default_factory=dict)
    """What subjects are called in tables, where not by their own names."""


def ratio(number: float) -> Target:
    return Target("ratio", number)


def python(module: str, function: str, *arguments: str, subjects: str = "ferrossl ssl") -> dict[str, Command]:
    """The same function for each of these subjects."""
    command = Command("python", (module, function, *arguments))
    return dict.fromkeys(subjects.split(), command)


def core(case: str, subject: str, factor: float = 1e6) -> Command:
    """A case of the Rust benches in microseconds."""
    return Command("core", (case, subject), factor)


STARTING = (
    Scenario(
        "start",
        python("starting", "importing"),
        (Row("import", "import, beside socket, enum, collections, os", "ms CPU", "less", ratio(1.0)),),
    ),
    Scenario(
        "start",
        python("starting", "importing_before_http"),
        (
            Row(
                "import-stand-in",
                "import as a stand-in, and then http.client",
                "ms CPU",
                "less",
                ratio(1.0),
            ),
        ),
    ),
    Scenario(
        "start",
        python("starting", "default_context"),
        (Row("context", "create_default_context(), again", "µs CPU", "less"),),
    ),
)


def _idle(key: str, kind: str, title: str, target: float) -> Scenario:
    commands = {subject: Command("idle", (subject, kind)) for subject in ("ferrossl", "ssl")}
    return Scenario("memory", commands, (Row(key, title, "kB", "less", ratio(target)),), most_rounds=3)


MEMORY = (
    # The bars are 0.40 and 0.7 of the standard library's memory.
    _idle("idle-small", "sockets, 1 kB each way", "memory of an idle pair of sockets, 1 kB each way", 2.5),
    _idle("idle-large", "sockets, 1 MiB each way", "memory of an idle pair of sockets, 1 MiB each way", 1.43),
    Scenario(
        "memory",
        python("many", "idle", "4000", subjects="ferrossl ssl aiofastnet plain"),
        (
            Row(
                "server-memory",
                "asyncio server, 4,000 idle connections: memory for each",
                "kB",
                "less",
                Target("value", 30),
                "kB",
            ),
            Row("server-rate", "the same: connections that come in", "1/s CPU", "more", ratio(2.2), "rate"),
        ),
        limit="plain",
        most_rounds=2,
        names={"plain": "plain asyncio"},
    ),
)


def _handshake(key: str, title: str, target: float, case: str, *arguments: str) -> Scenario:
    commands = python("memory", "handshakes", *arguments)
    if case:
        commands["rustls"] = core(case, "rustls")
    row = Row(key, title, "µs CPU", "less", ratio(target))
    limit = "rustls" if case else ""
    return Scenario("handshakes", commands, (row,), limit=limit, names={"rustls": "plain rustls in Rust"})


HANDSHAKES = (
    Scenario(
        "handshakes",
        python("handshakes", "client_alone"),
        (
            Row(
                "client",
                "client alone, TLS 1.3, ECDSA; the server is the stdlib",
                "µs CPU",
                "less",
                ratio(2.8),
            ),
        ),
    ),
    Scenario(
        "handshakes",
        python("handshakes", "server_alone"),
        (
            Row(
                "server",
                "server alone, TLS 1.3, ECDSA; the client is the stdlib",
                "µs CPU",
                "less",
                ratio(2.0),
            ),
        ),
    ),
    _handshake("both-13", "both ends, TLS 1.3, ECDSA", 2.7, "handshake-tls13", "TLSv1_3", "p256"),
    _handshake(
        "both-rsa", "both ends, TLS 1.3, RSA-2048", 1.9, "handshake-rsa2048-tls13", "TLSv1_3", "rsa2048"
    ),
    _handshake("both-12", "both ends, TLS 1.2, ECDSA", 2.8, "handshake-tls12", "TLSv1_2", "p256"),
    _handshake("both-resumed", "both ends, TLS 1.3, resumed", 4.0, "", "TLSv1_3", "p256", "resumed"),
)


def _bulk(key: str, title: str, target: Target, *arguments: str) -> Scenario:
    return Scenario(
        "sockets",
        python("sockets", "bulk", *arguments, subjects="ferrossl ssl plain"),
        (Row(key, title, "MB/s", "more", target),),
        limit="plain",
        names={"plain": "plain TCP"},
    )


def _connections(key: str, title: str, target: Target | None, *arguments: str) -> Scenario:
    return Scenario(
        "sockets",
        python("sockets", "connections", *arguments, subjects="ferrossl ssl plain"),
        (Row(key, title, "1/s", "more", target),),
        limit="plain",
        names={"plain": "plain TCP"},
    )


LARGE = ("1048576", "recv_into", "262144", "400000000")
SOCKETS = (
    _bulk("bulk-13", "1 MiB sends, recv_into 256 KiB, TLS 1.3", ratio(2.2), "TLSv1_3", *LARGE),
    _bulk("bulk-12", "1 MiB sends, recv_into 256 KiB, TLS 1.2", ratio(2.2), "TLSv1_2", *LARGE),
    _bulk(
        "bulk-64k",
        "64 KiB sends, recv(65536)",
        Target("of_limit", 1.0),
        "TLSv1_3",
        "65536",
        "recv",
        "65536",
        "400000000",
    ),
    _bulk(
        "bulk-16k", "16 KiB sends, recv(65536)", ratio(1.35), "TLSv1_3", "16384", "recv", "65536", "300000000"
    ),
    Scenario(
        "sockets",
        python("sockets", "round_trips", subjects="ferrossl ssl plain"),
        (Row("round-trips", "request and answer of 100 bytes", "µs", "less", ratio(1.12)),),
        limit="plain",
        names={"plain": "plain TCP"},
    ),
    _connections("connections", "connect, handshake, request, answer, close", ratio(1.8)),
    _connections("connections-nodelay", "the same with TCP_NODELAY at both ends", None, "TCP_NODELAY"),
)


def _memory_bios(key: str, title: str, target: float, version: str, size: str, case: str) -> Scenario:
    commands = {**python("memory", "bulk", version, size), "core": core(case, "ferrossl")}
    row = Row(key, title, "µs CPU", "less", ratio(target))
    return Scenario("memory BIOs", commands, (row,), limit="core", names={"core": "our core in Rust"})


MEMORY_BIOS = (
    _memory_bios("bio-64k-13", "64 KiB, TLS 1.3, both ends", 2.5, "TLSv1_3", "65536", "memory-65536-tls13"),
    _memory_bios("bio-64k-12", "64 KiB, TLS 1.2, both ends", 2.2, "TLSv1_2", "65536", "memory-65536-tls12"),
    _memory_bios("bio-100", "100 bytes, TLS 1.3, both ends", 2.0, "TLSv1_3", "100", "memory-100-tls13"),
)


def _protocols(key: str, title: str, unit: str, target: float, function: str, size: str) -> Scenario:
    return Scenario(
        "asyncio",
        python("loops", function, size, subjects="ferrossl ssl aiofastnet plain"),
        (Row(key, title, unit, "less", ratio(target)),),
        limit="plain",
        names={"plain": "plain asyncio"},
    )


ASYNCIO = (
    Scenario(
        "asyncio",
        python("loops", "streams", "65536", subjects="ferrossl ssl plain"),
        (
            Row(
                "streams",
                "streams, echo of 64 KiB, the loop's own transport",
                "µs CPU",
                "less",
                ratio(1.2),
            ),
        ),
        limit="plain",
        names={"plain": "plain asyncio"},
    ),
    _protocols("echo-64k", "protocols, our transport: echo of 64 KiB", "µs CPU", 2.0, "protocols", "65536"),
    _protocols("echo-1k", "protocols, our transport: echo of 1 kB", "µs CPU", 2.2, "protocols", "1024"),
    _protocols("echo-two", "the same, 1 kB between two processes", "µs", 1.4, "protocols_of_two", "1024"),
)


def _records(key: str, title: str, target: Target | None, case: str) -> Scenario:
    subjects = ("ferrossl", "aead", "rustls", "openssl")
    return Scenario(
        "core: records",
        {subject: core(case, subject) for subject in subjects},
        (Row(key, title, "µs CPU", "less", target),),
        baseline="aead",
        limit="aead",
        repeat=2,
        names={"aead": "raw AEAD", "rustls": "plain rustls", "openssl": "openssl crate"},
    )


def _core_handshake(key: str, title: str, target: Target | None, case: str) -> Scenario:
    return Scenario(
        "core: handshakes",
        {subject: core(case, subject) for subject in ("ferrossl", "rustls", "openssl")},
        (Row(key, title, "µs CPU", "less", target),),
        baseline="rustls",
        limit="rustls",
        repeat=2,
        names={"rustls": "plain rustls", "openssl": "openssl crate"},
    )


CORE = (
    _records("core-seal-13", "sealing 256 KiB, TLS 1.3", ratio(0.92), "seal-tls13"),
    _records("core-seal-12", "sealing 256 KiB, TLS 1.2", ratio(0.92), "seal-tls12"),
    _records("core-open-13", "opening 256 KiB, TLS 1.3", None, "open-tls13"),
    _records("core-open-12", "opening 256 KiB, TLS 1.2", None, "open-tls12"),
    _core_handshake("core-hs-13", "handshake of both ends, TLS 1.3, ECDSA", ratio(0.98), "handshake-tls13"),
    _core_handshake("core-hs-12", "handshake of both ends, TLS 1.2, ECDSA", ratio(0.98), "handshake-tls12"),
    _core_handshake(
        "core-hs-rsa", "handshake of both ends, TLS 1.3, RSA-2048", None, "handshake-rsa2048-tls13"
    ),
)

SCENARIOS = (*STARTING, *HANDSHAKES, *SOCKETS, *MEMORY_BIOS, *ASYNCIO, *MEMORY, *CORE)
