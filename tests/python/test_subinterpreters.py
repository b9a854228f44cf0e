"""Several interpreters in one process that share the GIL, as mod_wsgi and uWSGI have them.

Each must get exceptions of its own classes, whichever came first and whichever has ended. The stories run in a process of
their own, through CPython's own test module; those with a GIL of their own get an ImportError that says so.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pki import Authority, Leaf

pytest.importorskip("_testcapi", reason="CPython's test module is not installed")

# Raises an error of each class and catches it as a program would. FILES comes before.
STORY = r'''
import contextlib, gc, socket, ssl, sys, threading, time
import ferrossl
from ferrossl import _errors

NAMES = ["SSLError", "SSLZeroReturnError", "SSLWantReadError", "SSLWantWriteError", "SSLSyscallError", "SSLEOFError",
         "SSLCertVerificationError"]

@contextlib.contextmanager
def raises(name):
    """By this interpreter's classes of all three modules, and with arguments of their own."""
    try:
        yield
    except getattr(ferrossl, name) as error:
        assert type(error) is getattr(ferrossl, name) is getattr(_errors, name)
        assert isinstance(error, getattr(ssl, name)) and isinstance(error, OSError)
        str(error), repr(error), error.library, error.reason
    except BaseException as error:
        raise AssertionError(f"{name} is not caught: {type(error)!r} {error!r}") from None
    else:
        raise AssertionError(f"no {name}")

def contexts():
    server = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(CHAIN, KEY)
    return ferrossl.create_default_context(cafile=CA), server

def pair(client, server, bio=ferrossl.MemoryBIO):
    up, down = bio(), bio()
    return client.wrap_bio(down, up, server_hostname="localhost"), server.wrap_bio(up, down, server_side=True), up, down

def shake(*ends):
    for _ in range(4):
        for end in ends:
            with contextlib.suppress(ferrossl.SSLWantReadError):
                end.do_handshake()

client, server = contexts()
for bio in ferrossl.MemoryBIO, ssl.MemoryBIO:
    a, b, up, down = pair(client, server, bio)
    with raises("SSLWantReadError"):
        a.do_handshake()
    shake(a, b)
    a.write(b"hello")
    assert b.read(5) == b"hello"
    b.write(b"hello")
    assert a.read(5) == b"hello" and a.session is not None
    with raises("SSLWantReadError"):
        a.unwrap()
    with raises("SSLZeroReturnError"):
        b.unwrap()
        b.read(5)
    a, b, up, down = pair(client, server, bio)
    with raises("SSLWantReadError"):
        a.do_handshake()
    down.write_eof()
    with raises("SSLEOFError"):
        a.do_handshake()
    if bio is ferrossl.MemoryBIO:
        with raises("SSLError"):
            down.write(b"x")
    stranger = ferrossl.create_default_context()
    a, b, up, down = pair(stranger, server, bio)
    with raises("SSLCertVerificationError"):
        shake(a, b)
with raises("SSLError"):
    client.set_ciphers("nonsense")
with raises("SSLError"):
    server.load_cert_chain(CA)

near, far = socket.socketpair()
ends = []
thread = threading.Thread(target=lambda: ends.append(server.wrap_socket(far, server_side=True)))
thread.start()
with client.wrap_socket(near, server_hostname="localhost") as near:
    thread.join()
    near.settimeout(0)
    with raises("SSLWantReadError"):
        near.recv(1)
    with raises("SSLWantWriteError"):
        while True:
            near.send(b"x" * 100000)
    near.settimeout(0.01)
    try:
        near.recv(1)
    except TimeoutError:
        pass
    ends[0].close()

asked = []
def password():
    asked.append(sys.modules["ferrossl"])
    return "secret"
locked = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
locked.load_cert_chain(CHAIN, LOCKED_KEY, password)
assert asked == [ferrossl]
import getpass
getpass.getpass = lambda prompt: (asked.append(prompt), "secret")[1]
locked.load_cert_chain(CHAIN, LOCKED_KEY)
assert asked[1:] == ["Enter PEM pass phrase:"]
def fail():
    raise LookupError("mine")
try:
    locked.load_cert_chain(CHAIN, LOCKED_KEY, fail)
except LookupError:
    pass
try:
    locked.load_cert_chain(CHAIN, LOCKED_KEY, lambda: 3)
except TypeError as error:
    assert "must return a string" in str(error)
seen = []
server.sni_callback = lambda *arguments: seen.append(arguments)
a, b, up, down = pair(client, server)
shake(a, b)
assert seen == [(b, "localhost", server)]
gc.collect()
with open(OUT, "a") as out:
    out.write("done\n")
'''

MAIN_FIRST = """
run(STORY)
for _ in range(3):
    sub(STORY)
    run(STORY)
"""
SUB_FIRST = """
sub(STORY)
run(STORY)
sub(STORY)
run(STORY)
"""
ONLY_SUBS = "\n".join(["sub(STORY)"] * 4)
NESTED = """
sub("import ferrossl\\nimport _testcapi\\nassert _testcapi.run_in_subinterp(STORY) == 0\\n" + STORY)
run(STORY)
"""
IMPORTED_BUT_UNUSED = """
sub("import ferrossl")
run("import ferrossl")
sub(STORY)
run(STORY)
"""
# What was made in an interpreter that has ended is not looked at by others; connections that outlive it are dropped.
LEFT_BEHIND = """
sub(STORY + "import builtins\\nbuiltins.left = a, b, client, server, a.session, up\\na.loop = a\\n")
run(STORY)
"""


@pytest.mark.parametrize(
    ("order", "stories"),
    [
        (MAIN_FIRST, 7),
        (SUB_FIRST, 4),
        (ONLY_SUBS, 4),
        (NESTED, 3),
        (IMPORTED_BUT_UNUSED, 2),
        (LEFT_BEHIND, 2),
    ],
    ids=["main first", "sub first", "only subs", "nested", "unused", "left behind"],
)
def test_each_gets_its_own_exceptions(
    order: str, stories: int, authority: Authority, leaf: Leaf, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    files = {
        "CA": authority.file,
        "CHAIN": leaf.chain_file,
        "KEY": leaf.key_file,
        "LOCKED_KEY": locked_key(leaf, tmp_path),
        "OUT": out,
    }
    head = "".join(f"{name} = {str(path)!r}\n" for name, path in files.items())
    code = f"""
import _testcapi
STORY = {head + STORY!r}

def run(story):
    exec(story, {{"__name__": "story"}})

def sub(story):
    assert _testcapi.run_in_subinterp("STORY = " + repr(STORY) + "\\n" + story) == 0
{order}
print("end")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (0, "end\n"), done.stderr
    assert out.read_text() == "done\n" * stories, done.stderr


def locked_key(leaf: Leaf, folder: Path) -> Path:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(leaf.key_file.read_bytes(), None)
    path = folder / "locked.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    return path


OWN_GIL = """
import _xxsubinterpreters as interpreters
interpreters.run_string(interpreters.create(), '''
try:
    import ferrossl
except ImportError as error:
    print(error)
''')
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="interpreters with a GIL of their own are new in 3.12")
def test_those_with_a_gil_of_their_own_are_refused() -> None:
    code = OWN_GIL if sys.version_info < (3, 13) else OWN_GIL.replace("_xxsubinterpreters", "_interpreters")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "does not support loading in subinterpreters" in done.stdout, done.stderr
    assert "ferrossl" in done.stdout
