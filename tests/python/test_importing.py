"""What ``import ferrossl`` loads and what it leaves, and that what it leaves is there when it is asked for.

Each story has an interpreter of its own.
"""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> str:
    done = subprocess.run(
        # Without `site`, which loads modules of its own for some installations; its paths are handed on.
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# Beside what a program that uses sockets has anyway.
LOADED = """
import socket, enum, collections, os
before = set(sys.modules)
import ferrossl
print(*sorted(set(sys.modules) - before))
"""

NOT_LOADED = {
    "_ssl": "it loads OpenSSL; our exceptions get its ones as bases when something else has loaded it",
    "ssl": "it is what ferrossl stands for",
    "typing": "it takes as long as all of ssl; annotations are text",
    "re": "only base64 wants it, which turning DER into PEM loads",
    "base64": "for functions between DER and PEM",
    "ipaddress": "for systems without inet_pton()",
    "calendar": "for cert_time_to_seconds()",
    "datetime": "calendar wants it",
    "locale": "calendar wants it",
    "threading": "for gevent and eventlet, or for programs that have it already",
    "weakref": "for gevent and eventlet",
    "asyncio": "it asks for us, not we for it",
    "warnings": "for what is deprecated",
    "importlib": "for nothing",
    "ferrossl._message_enums": "for message callbacks",
    "ferrossl._ssl": "for programs that look below ssl, and install()",
}


def test_importing_loads_little() -> None:
    loaded = run(LOADED).split()
    assert "ferrossl._context" in loaded
    assert {name: reason for name, reason in NOT_LOADED.items() if name in loaded} == {}
    # A new one is to be thought about: what it costs is what every program pays.
    assert {name for name in loaded if not name.startswith("ferrossl")} <= {"__future__", "math", "errno"}


def test_what_is_loaded_late_is_there() -> None:
    run(
        """
import ferrossl
assert {"_TLSMessageType", "_ssl", "_inet_paton"} <= set(dir(ferrossl))
assert ferrossl._TLSMessageType.CLIENT_HELLO == 1
assert ferrossl._TLSContentType(21).name == "ALERT"
assert ferrossl._inet_paton("127.0.0.1") == bytes([127, 0, 0, 1])
assert ferrossl._ssl.ENCODING_DER == 2
from ferrossl import _TLSAlertType
assert _TLSAlertType.UNKNOWN_CA == 48
try:
    ferrossl.no_such_name
except AttributeError as error:
    assert str(error) == "module 'ferrossl' has no attribute 'no_such_name'" and error.name == "no_such_name"
else:
    raise AssertionError
"""
    )


FAMILY = """
names = ["SSLError", "SSLZeroReturnError", "SSLWantReadError", "SSLWantWriteError", "SSLSyscallError", "SSLEOFError"]
names += ["SSLCertVerificationError", "CertificateError"]
def check(ssl):
    for name in names:
        theirs, error = getattr(ssl, name), getattr(ferrossl, name)(1, "text")
        try:
            raise error
        except theirs as caught:
            assert caught is error and (caught.errno, str(caught)) == (1, "text")
        assert issubclass(type(error), ssl.SSLError) and not isinstance(theirs(1, "text"), ferrossl.SSLError)
    assert isinstance(ferrossl.CertificateError(), ValueError)
"""


@pytest.mark.parametrize(
    "story",
    [
        "import ssl, ferrossl",
        "import _ssl, ferrossl",
        "import ferrossl, ssl",
        "import ferrossl, _ssl",
        "import ferrossl; ferrossl.install(); ferrossl.uninstall()",
        "import sys; sys.modules['_ssl'] = None; import ferrossl; del sys.modules['_ssl']",
    ],
)
def test_the_standard_librarys_classes_catch_ours(story: str) -> None:
    """Whichever came first, what has been derived and made before included; and nothing is left behind."""
    run(
        "finders = list(sys.meta_path)\n"
        + story
        + FAMILY
        + """
class Own(ferrossl.SSLEOFError): ...
earlier = Own(8, "early")
import ssl
assert ssl is not ferrossl
check(ssl)
try:
    raise earlier
except ssl.SSLEOFError:
    pass
assert sys.meta_path == finders
assert type(ssl._ssl.__loader__).__module__ != "ferrossl._after_import" != type(ssl._ssl.__spec__.loader).__module__
"""
    )


def test_early_in_place_of_ssl_openssl_is_not_loaded() -> None:
    loaded = """
import ferrossl
ferrossl.install()
import http.client, asyncio.sslproto
try:
    ferrossl.create_default_context().set_ciphers("none such")
except ferrossl.SSLError:
    pass
print(any("_ssl.cpython" in line for line in open("/proc/self/maps")))
"""
    if sys.platform != "linux":
        pytest.skip("asks Linux what is loaded")
    assert run(loaded) == "False\n"
