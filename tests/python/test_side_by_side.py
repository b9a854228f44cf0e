"""ferrossl beside the standard library's ssl in one process, and in its place."""

from __future__ import annotations

import contextlib
import copy
import os
import pickle
import socket
import ssl as stdlib_ssl
import subprocess
import sys
import threading
import urllib.request
from typing import Any

import pytest

import ferrossl
from ends import Ends
from pki import Authority, Leaf


@pytest.fixture
def ends(authority: Authority, leaf: Leaf) -> Ends:
    return Ends(ferrossl, authority, leaf)


def test_isinstance_sees_the_standard_librarys_classes(ends: Ends) -> None:
    context = ends.client_context
    assert isinstance(context, stdlib_ssl.SSLContext)
    assert isinstance(context, ferrossl.SSLContext)
    assert type(context) is ferrossl.SSLContext
    with ends.connected() as (client, _server):
        assert isinstance(client, stdlib_ssl.SSLSocket)
        assert isinstance(client, ferrossl.SSLSocket)
    memory = context.wrap_bio(ferrossl.MemoryBIO(), ferrossl.MemoryBIO(), server_hostname="x")
    assert isinstance(memory, stdlib_ssl.SSLObject)
    assert isinstance(memory, ferrossl.SSLObject)


def test_nothing_is_inherited_from_the_standard_library() -> None:
    for ours, theirs in (
        (ferrossl.SSLContext, stdlib_ssl.SSLContext),
        (ferrossl.SSLSocket, stdlib_ssl.SSLSocket),
        (ferrossl.SSLObject, stdlib_ssl.SSLObject),
    ):
        assert not issubclass(ours, theirs)


@pytest.mark.parametrize(
    "name",
    [
        "SSLError",
        "SSLZeroReturnError",
        "SSLWantReadError",
        "SSLWantWriteError",
        "SSLSyscallError",
        "SSLEOFError",
        "SSLCertVerificationError",
        "CertificateError",
    ],
)
def test_except_catches_ours(name: str) -> None:
    ours, theirs = getattr(ferrossl, name), getattr(stdlib_ssl, name)
    assert issubclass(ours, theirs)
    assert issubclass(ours, ferrossl.SSLError)
    error = ours(1, "text")
    assert (str(error), error.errno, error.library, error.reason) == ("text", 1, None, None)


def test_subclasses_work(ends: Ends) -> None:
    class Context(ferrossl.SSLContext):
        pass

    class Socket(ferrossl.SSLSocket):
        pass

    Context.sslsocket_class = Socket
    context = Context(ferrossl.PROTOCOL_TLS_CLIENT)
    assert isinstance(context, Context)
    assert isinstance(context, stdlib_ssl.SSLContext)
    context.attribute = 1  # type: ignore[attr-defined]
    context.load_verify_locations(cadata=ends.client_context.get_ca_certs(True)[0])
    ends.client_context = context
    with ends.connected() as (client, _server):
        assert isinstance(client, Socket)


def test_contexts_are_not_copied_by_accident(ends: Ends) -> None:
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="cannot pickle 'SSLContext' object"):
            attempt(ends.client_context)


def test_private_names_that_programs_lean_on(ends: Ends) -> None:
    """pip's truststore reads these."""
    with ends.connected() as (client, _server):
        (certificate,) = client._sslobj.get_unverified_chain()
        assert certificate.public_bytes(ferrossl._ssl.ENCODING_DER) == client.getpeercert(True)
        assert certificate.get_info() == client.getpeercert()
        verified = client.get_verified_chain()
        assert verified[0] == client.getpeercert(True)
        assert verified[1] == ends.client_context.get_ca_certs(True)[0]
        assert len(verified) == 2
        assert client.get_unverified_chain() == verified[:1]
        if sys.version_info < (3, 13):
            (shown,) = client.get_unverified_chain()
            assert shown.public_bytes(ferrossl._ssl.ENCODING_DER) == verified[0]
            assert shown.public_bytes() == certificate.public_bytes()
            with pytest.raises(ValueError, match="Unsupported format"):
                shown.public_bytes(99)
        assert type(pickle.loads(pickle.dumps(verified[0]))) is type(verified[0])


TRUSTSTORE = """
import ferrossl, socket, sys
ferrossl.install()
import ssl, truststore
truststore.inject_into_ssl()
context = ssl.create_default_context()
assert type(context) is truststore.SSLContext
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as plain:
    with context.wrap_socket(plain, server_hostname=sys.argv[2]) as connection:
        print(connection.version(), connection.recv(10))
"""


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere truststore asks the system, which trusts no test's authority"
)
def test_truststore(ends: Ends, authority: Authority) -> None:
    """pip verifies through it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)

        def serve() -> None:
            for _ in range(2):
                plain, _ = listener.accept()
                with (
                    contextlib.suppress(OSError),
                    plain,
                    ends.server_context.wrap_socket(plain, server_side=True) as end,
                ):
                    end.sendall(b"trusted")

        thread = threading.Thread(target=serve)
        thread.start()
        environment = {**os.environ, "SSL_CERT_FILE": str(authority.file), "SSL_CERT_DIR": "/nonexistent"}
        ran = [
            subprocess.run(
                [sys.executable, "-c", TRUSTSTORE, str(listener.getsockname()[1]), name],
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
            )
            for name in ("localhost", "elsewhere")
        ]
        thread.join()
    assert (ran[0].stdout, ran[0].stderr) == ("TLSv1.3 b'trusted'\n", "")
    assert "Hostname mismatch" in ran[1].stderr


def test_the_errors_say_more(ends: Ends) -> None:
    with pytest.raises(ferrossl.SSLCertVerificationError) as caught, ends.connected(server_hostname="other"):
        pass
    error = caught.value
    assert error.verify_depth == 0
    assert error.verify_subject == "O=ferrossl tests, CN=localhost"
    assert error.verify_hint == "the certificate is for localhost, 127.0.0.1"
    assert error.verify_rule == "a dNSName of the certificate must be the host's (RFC 6125 section 6.4)"
    assert error.verify_detail == {"expected": "other", "presented": ["localhost", "127.0.0.1"]}
    assert ferrossl.SSLCertVerificationError(1, "text").verify_detail == {}


def test_standard_library_clients_take_our_context(ends: Ends) -> None:
    handler = urllib.request.HTTPSHandler(context=ends.client_context)
    with pytest.raises(OSError):
        urllib.request.build_opener(handler).open("https://127.0.0.1:9/", timeout=5)


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_in_place_of_ssl() -> None:
    output = run_python(
        """
import sys
import threading
sys.modules["_ssl"] = None
import ferrossl
ferrossl.install()
import ssl, http.client, asyncio.sslproto, urllib.request, smtplib
assert ssl is ferrossl
context = ssl.create_default_context()
assert isinstance(context, ssl.SSLContext) and context.__class__ is ferrossl.SSLContext
assert ssl.SSLError.__mro__[2] is OSError
assert issubclass(ssl.SSLCertVerificationError, ValueError)
http.client.HTTPSConnection("localhost", context=context)
http.client.HTTPSConnection("localhost")
print(any("_ssl.cpython" in line for line in open("/proc/self/maps")))
"""
    )
    assert output == "False\n"


def test_importing_ferrossl_does_not_load_the_ssl_module() -> None:
    assert run_python("import sys, ferrossl; print('ssl' in sys.modules)") == "False\n"


def test_what_is_not_supported_says_so(ends: Ends) -> None:
    with pytest.raises(NotImplementedError):
        ends.client_context.set_npn_protocols(["x"])


@pytest.mark.parametrize("bit", range(40))
def test_flags_of_verification_that_have_no_name(ends: Ends, bit: int) -> None:
    """Taken as by the standard library, unless they demand what would not be done."""
    demands = {0x80, 0x100, 0x200, 0x400, 0x2000, 0x4000, 0x10000, 0x20000}
    before = ends.client_context.verify_flags
    if 1 << bit in demands:
        with pytest.raises(ValueError, match=f"verify flag 0x{1 << bit:x} is not supported"):
            ends.client_context.verify_flags |= 1 << bit
        assert ends.client_context.verify_flags == before
    else:
        ends.client_context.verify_flags |= 1 << bit
        assert ends.client_context.verify_flags == before | 1 << bit
        if 1 << bit not in (ferrossl.VERIFY_CRL_CHECK_LEAF, 8):
            with ends.connected():
                pass


def test_has_constants_tell_the_truth() -> None:
    assert not (ferrossl.HAS_TLSv1 or ferrossl.HAS_TLSv1_1 or ferrossl.HAS_SSLv3)
    for protocol in (ferrossl.PROTOCOL_TLSv1, ferrossl.PROTOCOL_TLSv1_1):
        with pytest.raises(ValueError, match="invalid or unsupported protocol version"):
            ferrossl.SSLContext(protocol)
    assert ferrossl.OPENSSL_VERSION.startswith("OpenSSL ")
    assert "ferrossl" in ferrossl.OPENSSL_VERSION


def test_asking_for_no_version_at_all_fails_at_the_handshake(ends: Ends) -> None:
    with pytest.warns(DeprecationWarning):
        ends.client_context.maximum_version = ferrossl.TLSVersion.TLSv1_1
    with pytest.raises(ferrossl.SSLError) as caught, ends.connected():
        pass
    assert caught.value.reason == "NO_PROTOCOLS_AVAILABLE"


def test_what_programs_put_in_the_module_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Own(ferrossl.SSLContext):
        pass

    monkeypatch.setattr(ferrossl, "SSLContext", Own)
    for purpose in ferrossl.Purpose:
        assert type(ferrossl.create_default_context(purpose)) is Own
    assert type(ferrossl._create_unverified_context()) is Own

    def connect(address: tuple[str, int], **_arguments: Any) -> Any:
        raise ConnectionError(address)

    monkeypatch.setattr(ferrossl, "create_connection", connect)
    with pytest.raises(ConnectionError, match="nowhere"):
        ferrossl.get_server_certificate(("nowhere", 1))


def test_private_helpers_are_still_there() -> None:
    for helper in ("_dnsname_match", "_inet_paton", "_ipaddress_match", "_GLOBAL_DEFAULT_TIMEOUT"):
        assert hasattr(stdlib_ssl, helper) == hasattr(ferrossl, helper)
    for name in ("a.example", "b.a.example", "*.example"):
        for dn in ("*.example", "a.example", "A.EXAMPLE", ""):
            assert ferrossl._dnsname_match(dn, name) == stdlib_ssl._dnsname_match(dn, name)  # type: ignore[attr-defined]
    for address in ("127.0.0.1", "::1"):
        assert ferrossl._inet_paton(address) == stdlib_ssl._inet_paton(address)  # type: ignore[attr-defined]
        assert ferrossl._ipaddress_match(address, ferrossl._inet_paton(address))
    for wrong in ("127.1", "1.2.3.4 ", "x"):
        with pytest.raises(ValueError, match="address"):
            ferrossl._inet_paton(wrong)


def test_the_standard_librarys_enumerations_are_taken(ends: Ends) -> None:
    context = ends.client_context
    context.options |= stdlib_ssl.OP_NO_TICKET
    assert stdlib_ssl.OP_NO_TICKET in context.options
    assert stdlib_ssl.OP_NO_TLSv1_3 not in context.options
    assert 0 in context.options
    assert ferrossl.OP_NO_TICKET in context.options
    context.verify_flags |= stdlib_ssl.VERIFY_X509_STRICT
    assert stdlib_ssl.VERIFY_X509_STRICT in context.verify_flags
    assert stdlib_ssl.VERIFY_CRL_CHECK_LEAF not in context.verify_flags
    for flags in (context.options, context.verify_flags):
        for wrong in ("text", None, 1.0):
            with pytest.raises(TypeError, match="unsupported operand"):
                wrong in flags  # noqa: B015
    context.minimum_version = stdlib_ssl.TLSVersion.TLSv1_2
    assert context.minimum_version is ferrossl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = stdlib_ssl.CERT_OPTIONAL
    assert context.verify_mode == stdlib_ssl.CERT_OPTIONAL
    assert ferrossl.SSLContext(stdlib_ssl.PROTOCOL_TLS_SERVER).protocol is ferrossl.PROTOCOL_TLS_SERVER
    assert ferrossl.get_protocol_name(stdlib_ssl.PROTOCOL_TLS_SERVER) == "PROTOCOL_TLS_SERVER"


@pytest.mark.parametrize("purpose", list(stdlib_ssl.Purpose))
def test_the_standard_librarys_purposes_are_taken(ends: Ends, authority: Authority, purpose: Any) -> None:
    own = ferrossl.Purpose[purpose.name]
    assert ferrossl.create_default_context(purpose).protocol == ferrossl.create_default_context(own).protocol
    unverified = ferrossl._create_unverified_context
    assert unverified(purpose=purpose).protocol == unverified(purpose=own).protocol
    assert ferrossl.create_default_context(purpose, cafile=authority.file).get_ca_certs()
    ends.client_context.load_default_certs(purpose)
    chain = ends.client_context.get_ca_certs(True)[:1]
    assert ends.client_context.verify_chain(chain, purpose=purpose) == chain


@pytest.mark.parametrize("purpose", [None, "text", "1.3.6.1.5.5.7.3.1", 129, ("a", "b")])
def test_what_is_no_purpose_is_refused(ends: Ends, purpose: Any) -> None:
    with pytest.raises(TypeError):
        ferrossl.create_default_context(purpose)
    with pytest.raises(TypeError):
        ends.client_context.load_default_certs(purpose)
