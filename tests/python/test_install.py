"""``install()``: early, late, twice and taken back. Each story has an interpreter of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, *options, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_early_it_is_silent() -> None:
    assert (
        run("import ferrossl; ferrossl.install(); ferrossl.install(); import ssl, _ssl, asyncio.sslproto")
        == ""
    )


LATE = """
import ssl as old, asyncio.sslproto, http.client, sys
from ssl import SSLError as bound_by_name
sys.modules["has_it_by_name"] = type(sys)("has_it_by_name")
sys.modules["has_it_by_name"].Error = bound_by_name
import ferrossl
"""


def test_late_it_warns_and_names_who_has_the_other_module() -> None:
    story = LATE + "ferrossl.install(); import ssl; assert ssl is ferrossl is not old"
    output = run(story)
    assert "<string>:7: RuntimeWarning: ferrossl.install() came after" in output
    for module in ("__main__", "asyncio.sslproto", "http.client", "has_it_by_name"):
        assert module in output
    # Neither ourselves nor what has nothing of it.
    assert "ferrossl._" not in output
    assert "socket" not in output.split("OpenSSL: ")[1].split(", ")
    with pytest.raises(AssertionError, match=r"RuntimeWarning: ferrossl\.install"):
        run(story, "-W", "error::RuntimeWarning")


def test_after_a_late_one_the_old_modules_questions_are_answered() -> None:
    run(
        LATE
        + """
import warnings
context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_CLIENT)
bios = [ferrossl.MemoryBIO() for _ in range(2)]
memory = context.wrap_bio(*bios, server_hostname="x")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    ferrossl.install()
    ferrossl.install()
assert [warning.category for warning in caught] == [RuntimeWarning], caught
import ssl
for module in (old, ssl):
    assert isinstance(context, module.SSLContext)
    assert isinstance(memory, module.SSLObject)
    assert issubclass(ssl.SSLError, module.SSLError)
try:
    memory.do_handshake()
except old.SSLWantReadError as error:
    assert isinstance(error, ssl.SSLWantReadError)
"""
    )


def test_aiohttps_question_after_a_late_install() -> None:
    """Libraries that keep the class itself ask with it."""
    run(
        LATE.replace("import ferrossl", "from ssl import SSLContext\nimport ferrossl")
        + "ferrossl.install()\nassert isinstance(ferrossl.create_default_context(), SSLContext)"
    )


@pytest.mark.parametrize("first", ["", "import ssl; ", "import sys; sys.modules['_ssl'] = None; "])
def test_it_can_be_taken_back(first: str) -> None:
    run(
        first
        + """
import sys, warnings
import ferrossl
warnings.simplefilter("ignore")
before = {name: sys.modules.get(name, "absent") for name in ("ssl", "_ssl")}
ferrossl.uninstall()
assert before == {name: sys.modules.get(name, "absent") for name in before}
for _ in range(2):
    ferrossl.install()
    import ssl, _ssl
    assert ssl is ferrossl and _ssl is ferrossl._ssl
    ferrossl.uninstall()
    assert before == {name: sys.modules.get(name, "absent") for name in before}
if before["_ssl"] is not None:
    import ssl
    assert ssl is not ferrossl and ssl._ssl is sys.modules["_ssl"] is not ferrossl._ssl
    assert isinstance(ferrossl.create_default_context(), ssl.SSLContext)
"""
    )


def test_taking_it_back_leaves_what_others_put_there() -> None:
    run(
        """
import sys, types, ferrossl
ferrossl.install()
other = sys.modules["ssl"] = types.ModuleType("ssl")
ferrossl.uninstall()
assert sys.modules["ssl"] is other
"""
    )


def test_the_module_can_be_loaded_again_in_place_of_ssl() -> None:
    run(
        """
import importlib, ferrossl
ferrossl.install()
import ssl
error = ssl.SSLError
assert importlib.reload(ssl) is ferrossl and ssl.SSLError is error
assert str(error) == "<class 'ferrossl.SSLError'>"
try:
    error.__module__ = "x"
except TypeError:
    pass
else:
    raise AssertionError("immutable no more")
"""
    )


def test_what_only_says_that_it_is_a_module_is_left_alone() -> None:
    """cffi puts such objects into ``sys.modules``."""
    run(
        """
import sys, ssl, types, warnings, ferrossl
class Lib:
    __slots__ = ()
    __class__ = types.ModuleType
sys.modules["lib"] = Lib()
sys.modules["nothing"] = None
warnings.simplefilter("ignore")
ferrossl.install()
import ssl
assert ssl is ferrossl
"""
    )


def test_a_module_that_loads_when_it_is_needed_is_not_loaded_for_the_warning() -> None:
    run(
        """
import importlib.util, sys, ssl, warnings
spec = importlib.util.find_spec("colorsys")
spec.loader = importlib.util.LazyLoader(spec.loader)
module = sys.modules["colorsys"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
import ferrossl
warnings.simplefilter("ignore")
ferrossl.install()
assert "hls_to_rgb" not in object.__getattribute__(module, "__dict__")
"""
    )
