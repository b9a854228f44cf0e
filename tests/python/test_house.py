"""The house's rules (`scripts/house`) hold here, and the script notices when one does not."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# A house in which all is well: rust files of the core, of the binding, and Python modules.
HOUSE = {
    "docs/architecture.md": """
## The core's rooms

| room | what it owns |
|---|---|
| `error/` | mentions `pem/`, which is no row's name here |
| `one.rs`, `two.rs` | neighbours |
| `engine/` | rustls |
| `socket/` | waits |

| `ghost/` | another table |
""",
    "crates/ferrossl/src/lib.rs": """
        //! The crate.
        pub mod error; mod one; mod two; mod engine; pub mod socket;
        pub use socket::Socket;
    """,
    "crates/ferrossl/src/error/mod.rs": """
        mod report;
        pub use report::Report;
        pub struct Error { report: Report }
        pub type Result<T> = std::result::Result<T, Error>;
    """,
    # A child may use what its parent defines.
    "crates/ferrossl/src/error/report.rs": "pub struct Report; use super::Error; fn of(_: &Error) {}",
    "crates/ferrossl/src/one.rs": "use crate::error::{self, Error as Wrong, Result}; fn no() -> error::Report { todo!() }",
    "crates/ferrossl/src/two.rs": """
        /// See [`crate::socket::Socket`] for `use crate::socket::Socket;`.
        const TEXT: &str = "use crate::socket::Socket;";
        const RAW: &str = r#"crate::socket::Socket "quoted" "#;
        const QUOTE: char = '"';
        /* crate::socket::Socket /* rustls::Error */ */
        fn life<'a>(text: &'a str) -> &'a str { text }
        #[cfg(test)]
        mod tests {
            use crate::socket::Socket;
            use rustls::Error;
        }
    """,
    "crates/ferrossl/src/engine/mod.rs": "mod hooks; pub(crate) use hooks::Hook; use rustls::Error;",
    "crates/ferrossl/src/engine/hooks.rs": "use crate::one; pub(crate) struct Hook; fn f() { one::no(); }",
    "crates/ferrossl/src/socket/mod.rs": """
        #[cfg(test)]
        mod checks;
        mod driver;
        pub struct Socket(driver::Driver);
    """,
    "crates/ferrossl/src/socket/checks.rs": "use super::driver::Driver;",
    "crates/ferrossl/src/socket/driver.rs": "pub struct Driver; use crate::engine::Hook;",
    "crates/ferrossl-python/src/lib.rs": "mod context; mod socket;",
    "crates/ferrossl-python/src/context.rs": "pub struct Context;",
    "crates/ferrossl-python/src/socket.rs": "use super::context::Context;",
    "python/ferrossl/__init__.py": "from ferrossl._context import Context\n",
    "python/ferrossl/_context.py": """
from typing import TYPE_CHECKING
from ferrossl import _socket
if TYPE_CHECKING:
    from ferrossl._legacy import Old
def current():
    import ferrossl
    return ferrossl.Context
""",
    "python/ferrossl/_socket.py": """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from ferrossl._context import Context
""",
    "python/ferrossl/_legacy.py": "from ferrossl._context import Context\n",
}


def house(root: Path) -> tuple[int, list[str]]:
    """The script's status and its findings."""
    command = [sys.executable, str(ROOT / "scripts" / "house"), "--root", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout.splitlines()[3:]


def built(root: Path, changes: Mapping[str, str]) -> Path:
    for name, text in {**HOUSE, **changes}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_the_rules_hold_in_this_repository() -> None:
    assert house(ROOT) == (0, [])


def test_a_house_in_which_all_is_well(tmp_path: Path) -> None:
    assert house(built(tmp_path, {})) == (0, [])


CORE = "crates/ferrossl/src"
BROKEN = {
    "a room uses one that stands behind it": (
        {
            f"{CORE}/one.rs": "use crate::{error::Error, engine::{self as seam}};\nfn f() -> seam::Hook { seam::Hook }"
        },
        "ferrossl: one.rs:2: one must not know engine: seam::Hook",
    ),
    "a room uses one behind it by what the crate exports": (
        {f"{CORE}/one.rs": "\nfn f(_: crate::Socket) {}"},
        "ferrossl: one.rs:2: one must not know socket: crate::Socket",
    ),
    "a room uses its neighbour": (
        {f"{CORE}/one.rs": "pub struct One;", f"{CORE}/two.rs": "fn f() { use crate::one::One; }"},
        "ferrossl: two.rs:1: two must not know one: crate::one::One",
    ),
    "a test's neighbour is not for tests": (
        {f"{CORE}/one.rs": "#[cfg(test)]\nfn f(_: crate::Socket) {}\nfn g(_: crate::Socket) {}"},
        "ferrossl: one.rs:3: one must not know socket: crate::Socket",
    ),
    "only what is not for tests is for tests alone": (
        {f"{CORE}/one.rs": "#[cfg(not(test))]\nfn f(_: crate::Socket) {}"},
        "ferrossl: one.rs:2: one must not know socket: crate::Socket",
    ),
    "a room has no row": (
        {f"{CORE}/lib.rs": HOUSE[f"{CORE}/lib.rs"] + "mod three;", f"{CORE}/three.rs": ""},
        "ferrossl: architecture.md has no row for the room three",
    ),
    "a row has no room": (
        {"docs/architecture.md": HOUSE["docs/architecture.md"].replace("two.rs", "two.rs`, `three.rs")},
        "ferrossl: architecture.md has a row for three, which is not there",
    ),
    "there is no table": (
        {"docs/architecture.md": "# Nothing"},
        'ferrossl: architecture.md has no table under "## The core\'s rooms"',
    ),
    "rustls outside the engine": (
        {f"{CORE}/socket/driver.rs": "pub struct Driver;\nfn f(_: rustls::Error) {}"},
        "ferrossl: socket/driver.rs:2: names rustls: rustls::Error",
    ),
    "rustls in the binding": (
        {"crates/ferrossl-python/src/context.rs": "pub struct Context;\nuse rustls::{Error, client};"},
        "ferrossl-python: context.rs:2: names rustls: rustls::Error",
    ),
    "files that need each other": (
        {"crates/ferrossl-python/src/context.rs": "pub struct Context; use crate::socket::Socket;"},
        "ferrossl-python: a circle: context.rs → socket.rs → context.rs",
    ),
    "a circle behind what a parent exports": (
        {
            f"{CORE}/error/mod.rs": "mod report; mod text; pub use report::Report; pub use text::Text; pub struct Error;",
            f"{CORE}/error/report.rs": "pub struct Report; use super::Text;",
            f"{CORE}/error/text.rs": "pub struct Text; use crate::error::*; fn f(_: super::Report) {}",
        },
        "ferrossl: a circle: error/report.rs → error/text.rs → error/report.rs",
    ),
    "a circle by way of another room's child": (
        {
            f"{CORE}/engine/hooks.rs": "pub(crate) struct Hook; use crate::socket::Socket;",
            f"{CORE}/socket/mod.rs": "mod driver; pub struct Socket; pub(super) use driver::Driver;",
        },
        "ferrossl: engine/hooks.rs:1: engine must not know socket: crate::socket::Socket",
    ),
    "modules that import each other": (
        {"python/ferrossl/_socket.py": "from ferrossl._context import Context\n"},
        "a circle: _context.py → _socket.py → _context.py",
    ),
    "an import inside a function is one": (
        {"python/ferrossl/_socket.py": "def f():\n    from . import _context\n"},
        "a circle: _context.py → _socket.py → _context.py",
    ),
    "a long file": (
        {"tests/test_long.py": "pass\n" * 601},
        "tests/test_long.py: 601 lines, 600 are the most",
    ),
    "a long function of Rust's": (
        {f"{CORE}/two.rs": "\npub fn long(\n) -> [u8; 2] {\n" + "if x { f(); }\n" * 78 + "}\n"},
        "crates/ferrossl/src/two.rs:2 long: 81 lines, 80 are the most",
    ),
    "a long function of Python's": (
        {"scripts/x.py": "async def long():\n" + "    pass\n" * 80},
        "scripts/x.py:1 long: 81 lines, 80 are the most",
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_what_is_broken_is_found(tmp_path: Path, rule: str) -> None:
    changes, finding = BROKEN[rule]
    status, findings = house(built(tmp_path, changes))
    assert status == 1
    assert finding in findings


def test_nothing_is_found_beside_what_is_broken(tmp_path: Path) -> None:
    root = built(
        tmp_path, {"crates/ferrossl-python/src/context.rs": "pub struct Context; use crate::socket::Socket;"}
    )
    assert house(root) == (1, ["ferrossl-python: a circle: context.rs → socket.rs → context.rs"])


def test_what_is_just_short_enough(tmp_path: Path) -> None:
    changes = {
        f"{CORE}/two.rs": "const fn f(_: fn(u8)) {}\nfn long(\n) -> [u8; 2] {\n"
        + "if x { f(); }\n" * 77
        + "}\n",
        "tests/test_long.py": "def long():\n" + "    pass\n" * 79 + "pass\n" * 520,
    }
    assert house(built(tmp_path, changes)) == (0, [])
