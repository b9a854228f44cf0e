"""What the module's manual says, one sentence after the other, where no other story tells it."""

from __future__ import annotations

import contextlib
import enum
import os
import socket
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ends import Ends, objects, read, shaken
from pki import Authority, Leaf

Both = Callable[..., list[Any]]


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6], ids=["v4", "v6"])
def test_a_client_over_ip(ssl: Any, ends: Ends, both_at_once: Both, family: socket.AddressFamily) -> None:
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.create_server((host, 0), family=family) as plain:
        listener = ends.server_context.wrap_socket(plain, server_side=True)

        def serve() -> None:
            accepted, _ = listener.accept()
            with accepted:
                accepted.sendall(b"hello")

        def connect() -> None:
            with (
                socket.create_connection(listener.getsockname()[:2]) as sock,
                ends.client_context.wrap_socket(sock, server_hostname="localhost") as tls,
            ):
                assert tls.version() == "TLSv1.3"
                assert read(tls, 5) == b"hello"

        with listener:
            both_at_once(serve, connect)


def test_deprecations(ssl: Any) -> None:
    def warned(action: Callable[[], object]) -> None:
        with pytest.warns(DeprecationWarning):
            action()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    warned(lambda: ssl.SSLContext(ssl.PROTOCOL_TLS))
    warned(lambda: ssl.SSLContext(ssl.PROTOCOL_TLSv1_2))
    warned(lambda: ssl.SSLContext())
    warned(lambda: setattr(context, "options", context.options | ssl.OP_NO_TLSv1_2))
    warned(lambda: setattr(context, "minimum_version", ssl.TLSVersion.TLSv1_1))
    if sys.version_info < (3, 12):
        warned(lambda: ssl.match_hostname({"subjectAltName": (("DNS", "a"),)}, "a"))
        warned(lambda: ssl.RAND_pseudo_bytes(1))


def test_default_contexts_are_strict(ssl: Any) -> None:
    client = ssl.create_default_context()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    assert (client.protocol, client.verify_mode) == (ssl.PROTOCOL_TLS_CLIENT, ssl.CERT_REQUIRED)
    assert (server.protocol, server.verify_mode) == (ssl.PROTOCOL_TLS_SERVER, ssl.CERT_NONE)
    for context in (client, server):
        assert context.options & ssl.OP_NO_COMPRESSION
        assert context.options & ssl.OP_CIPHER_SERVER_PREFERENCE
        names = [cipher["name"] for cipher in context.get_ciphers()]
        assert any("CHACHA20" in name for name in names)
        assert not [
            name for name in names if "RC4" in name or "DES" in name or "NULL" in name or "ADH" in name
        ]
        assert {cipher["protocol"] for cipher in context.get_ciphers()} >= {"TLSv1.2", "TLSv1.3"}


def test_errors_are_oserrors(ssl: Any) -> None:
    assert issubclass(ssl.SSLError, OSError)
    assert issubclass(ssl.SSLCertVerificationError, ssl.SSLError)
    assert issubclass(ssl.SSLCertVerificationError, ValueError)
    for name in (
        "SSLZeroReturnError",
        "SSLWantReadError",
        "SSLWantWriteError",
        "SSLSyscallError",
        "SSLEOFError",
    ):
        assert issubclass(getattr(ssl, name), ssl.SSLError)
    assert ssl.CertificateError is ssl.SSLCertVerificationError


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="match_hostname is gone there, in ssl too")
def test_match_hostname(ssl: Any) -> None:
    def matches(host: str, *names: tuple[str, str]) -> bool:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                ssl.match_hostname(
                    {"subjectAltName": names, "subject": ((("commonName", "cn.example"),),)}, host
                )
            except ssl.CertificateError:
                return False
            return True

    assert matches("a.example", ("DNS", "*.example"))
    assert matches("cn.example")
    assert matches("192.0.2.1", ("IP Address", "192.0.2.1"))
    assert not matches("192.0.2.2", ("IP Address", "192.0.2.1"))
    for host, pattern in (
        ("a.b.example", "*.*.example"),
        ("a.b.example", "*.example"),
        ("www.example", "w*.example"),
        ("b.a.example", "b.*.example"),
        ("xn--a.example", "x*.example"),
        ("cn.example", "other.example"),
    ):
        assert not matches(host, ("DNS", pattern)), (host, pattern)


def test_times_of_certificates(ssl: Any) -> None:
    assert ssl.cert_time_to_seconds("Jan  5 09:34:43 2018 GMT") == 1515144883
    assert isinstance(ssl.cert_time_to_seconds("Jan  5 09:34:43 2018 GMT"), int)
    with pytest.raises(ValueError):
        ssl.cert_time_to_seconds("Jan  5 09:34:43 2018 UTC")


def test_default_verify_paths(ssl: Any, monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setenv("SSL_CERT_DIR", "/no/such/folder")
    paths = ssl.get_default_verify_paths()
    assert paths.cafile == str(authority.file)
    assert paths.capath is None
    assert (paths.openssl_cafile_env, paths.openssl_capath_env) == ("SSL_CERT_FILE", "SSL_CERT_DIR")


def test_constants_are_enums(ssl: Any) -> None:
    assert isinstance(ssl.CERT_NONE, enum.IntEnum)
    assert isinstance(ssl.OP_ALL, enum.IntFlag)
    assert isinstance(ssl.VERIFY_X509_STRICT, enum.IntFlag)
    assert isinstance(ssl.PROTOCOL_TLS, enum.IntEnum)
    assert isinstance(ssl.TLSVersion.TLSv1_3, enum.IntEnum)
    assert isinstance(ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE, enum.IntEnum)
    assert isinstance(ssl.SSL_ERROR_SSL, enum.IntEnum)
    assert isinstance(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).options, ssl.Options)
    assert not hasattr(ssl, "PROTOCOL_SSLv2")
    for name in ("MINIMUM_SUPPORTED", "MAXIMUM_SUPPORTED"):
        assert ssl.TLSVersion[name] < 0


def test_cert_none_on_a_client(ssl: Any, ends: Ends, tmp_path: Path) -> None:
    stranger = Authority(tmp_path).issue("somebody", days=-0.5)
    ends.server_context.load_cert_chain(stranger.chain_file, stranger.key_file)
    ends.client_context.check_hostname = False
    ends.client_context.verify_mode = ssl.CERT_NONE
    with ends.connected(server_hostname="localhost") as (client, server):
        assert client.getpeercert() == {}
        assert client.getpeercert(True)
        assert server.getpeercert() is None
        assert server.getpeercert(True) is None
    # Optional means required there.
    ends.client_context.verify_mode = ssl.CERT_OPTIONAL
    with pytest.raises(ssl.SSLCertVerificationError), ends.connected():
        pass


def test_protocol_options(ssl: Any, ends: Ends) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        ends.client_context.options |= ssl.OP_NO_TLSv1_3
        with ends.connected() as (client, _):
            assert client.version() == "TLSv1.2"
        ends.server_context.options |= ssl.OP_NO_TLSv1_2
        with pytest.raises(ssl.SSLError), ends.connected():
            pass
        ends.client_context.options &= ~ssl.OP_NO_TLSv1_3
        with ends.connected() as (client, _):
            assert client.version() == "TLSv1.3"


def test_tls_1_3_only(ssl: Any, ends: Ends) -> None:
    for context in (ends.client_context, ends.server_context):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3
    with ends.connected() as (client, _):
        assert client.version() == "TLSv1.3"
        assert client.cipher()[0] == "TLS_AES_256_GCM_SHA384"


def test_middlebox_compatibility(ssl: Any, ends: Ends) -> None:
    """A dummy change_cipher_spec: a record of type 20 in the server's first flight."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ends.client_context.wrap_bio(down, up, server_hostname="localhost")
    server = ends.server_context.wrap_bio(up, down, server_side=True)
    for end in (client, server):
        with pytest.raises(ssl.SSLWantReadError):
            end.do_handshake()
    flight, kinds = down.read(), []
    while flight:
        kinds.append(flight[0])
        flight = flight[5 + int.from_bytes(flight[3:5], "big") :]
    assert kinds[:2] == [22, 20]


def test_a_refused_name_alerts_the_peer(ssl: Any, ends: Ends) -> None:
    client, server = objects(ssl, ends)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ends.client_context.wrap_bio(down, up, server_hostname="other")
    server = ends.server_context.wrap_bio(up, down, server_side=True)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shaken(ssl, client, server)
    with pytest.raises(ssl.SSLError) as caught:
        server.do_handshake()
        server.read(1)
    assert caught.value.reason == "SSLV3_ALERT_BAD_CERTIFICATE"


def test_alpn(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    def chosen(offered: list[str] | None, accepted: list[str] | None) -> Any:
        ends = Ends(ssl, authority, leaf)
        if offered is not None:
            ends.client_context.set_alpn_protocols(offered)
        if accepted is not None:
            ends.server_context.set_alpn_protocols(accepted)
        with ends.connected() as (client, server):
            assert client.selected_alpn_protocol() == server.selected_alpn_protocol()
            return client.selected_alpn_protocol()

    assert chosen(["h2", "http/1.1"], ["http/1.1", "h2"]) == "http/1.1"
    assert chosen(["a"], ["b"]) is None
    assert chosen(None, ["b"]) is None
    assert chosen(["a"], None) is None
    assert chosen(None, None) is None


def test_internationalised_names(ssl: Any, authority: Authority) -> None:
    leaf = authority.issue("xn--knig-5qa.example", "k\u00f6nig.example".encode("idna").decode())
    ends = Ends(ssl, authority, leaf)
    seen = []
    ends.server_context.set_servername_callback(lambda _sock, name, _context: seen.append(name))
    with ends.connected(server_hostname="k\u00f6nig.example") as (client, _):
        assert client.server_hostname == "xn--knig-5qa.example"
    # The manual promises the U-label; CPython hands out the A-label.
    assert seen == ["k\u00f6nig.example" if ssl.__name__ == "ferrossl" else "xn--knig-5qa.example"]


def test_the_order_of_a_chain(ssl: Any, leaf: Leaf, authority: Authority, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    wrong, right = tmp_path / "wrong", tmp_path / "right"
    wrong.write_bytes(authority.pem + leaf.chain)
    right.write_bytes(leaf.chain + authority.pem)
    context.load_cert_chain(right, leaf.key_file)
    with pytest.raises(ssl.SSLError, match=r"(?i)key values mismatch"):
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(wrong, leaf.key_file)
    ends = Ends(ssl, authority, leaf)
    ends.server_context = context
    with ends.connected() as (client, _):
        assert len(client._sslobj.get_unverified_chain()) == 2


def test_passwords_are_for_encrypted_keys(ssl: Any, leaf: Leaf) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def never() -> str:
        raise AssertionError("called for a key in clear text")

    context.load_cert_chain(leaf.chain_file, leaf.key_file, password=never)
    context.load_cert_chain(leaf.chain_file, leaf.key_file, password="of no use")


def test_cadata(ssl: Any, authority: Authority, leaf: Leaf) -> None:
    pem = authority.pem.decode()
    der = ssl.PEM_cert_to_DER_cert(pem)
    for cadata, count in (
        (pem, 1),
        (f"a line\n{pem}another\n{leaf.chain.decode()}\n", 2),
        (der, 1),
        (bytearray(der + ssl.PEM_cert_to_DER_cert(leaf.chain.decode())), 2),
    ):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=cadata)
        assert context.cert_store_stats()["x509"] == count
    for cadata in ("", "no certificate", b"", b"no certificate"):
        with pytest.raises((ssl.SSLError, ValueError)):
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=cadata)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda ssl: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME, "TLSV1_UNRECOGNIZED_NAME"),
        (lambda ssl: ssl.ALERT_DESCRIPTION_INTERNAL_ERROR, "TLSV1_ALERT_INTERNAL_ERROR"),
        (lambda ssl: "text", "TLSV1_ALERT_INTERNAL_ERROR"),
        (lambda ssl: 1 / 0, "SSLV3_ALERT_HANDSHAKE_FAILURE"),
    ],
    ids=["a name", "an error", "nonsense", "an exception"],
)
@pytest.mark.parametrize("memory", [False, True], ids=["socket", "object"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_a_name_callback_answers(
    ssl: Any, ends: Ends, answer: Any, reason: str, memory: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)
    kinds = []

    def callback(sock: Any, name: str | None, context: Any) -> Any:
        kinds.append(type(sock))
        assert context is ends.server_context
        return answer(ssl)

    ends.server_context.sni_callback = callback
    with pytest.raises(ssl.SSLError) as caught:
        if memory:
            client, server = objects(ssl, ends)
            with contextlib.suppress(ssl.SSLWantReadError):
                client.do_handshake()
            with pytest.raises(ssl.SSLError):
                server.do_handshake()
            client.do_handshake()
        else:
            with ends.connected():
                pass
    assert caught.value.reason == reason
    assert kinds == [ssl.SSLObject if memory else ssl.SSLSocket]


def test_a_name_that_cannot_be_decoded(ssl: Any, ends: Ends) -> None:
    """The U-label is asked for, and the A-label makes no sense. CPython decodes nothing, so there it goes on."""
    seen: list[Any] = []
    ends.server_context.set_servername_callback(lambda _sock, name, _context: seen.append(name))
    ends.client_context.check_hostname = False
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ends.client_context.wrap_bio(down, up, server_hostname="xn--a.example")
    server = ends.server_context.wrap_bio(up, down, server_side=True)
    if ssl.__name__ == "ssl":
        shaken(ssl, client, server)
        assert seen == ["xn--a.example"]
        return
    with pytest.raises(ssl.SSLError, match="callback failed"):
        shaken(ssl, client, server)
    with pytest.raises(ssl.SSLError) as caught:
        client.do_handshake()
    assert caught.value.reason == "TLSV1_ALERT_INTERNAL_ERROR"
    assert seen == []


def test_classes_of_ones_own(ssl: Any, ends: Ends) -> None:
    class Sock(ssl.SSLSocket):
        pass

    class Obj(ssl.SSLObject):
        pass

    ends.client_context.sslsocket_class = Sock
    ends.client_context.sslobject_class = Obj
    with ends.connected() as (client, _):
        assert type(client) is Sock
    assert type(objects(ssl, ends)[0]) is Obj


def test_versions_of_old_protocols_stay(ssl: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context = ssl.SSLContext(ssl.PROTOCOL_TLSv1_2)
        with pytest.raises(ValueError):
            context.maximum_version = ssl.TLSVersion.TLSv1_3
        # A range of nothing is not prevented; it is of no use.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    client = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="x")
    with pytest.raises(ssl.SSLError, match="no protocols available"):
        client.do_handshake()


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_the_number_of_tickets(ssl: Any, ends: Ends, count: int) -> None:
    """Counted in the records behind the handshake: in memory, each ticket is one."""
    ends.server_context.num_tickets = count
    seen = []
    kind = ssl._TLSMessageType.NEWSESSION_TICKET
    ends.client_context._msg_callback = lambda _c, direction, _v, _t, message, _d: seen.append(
        (direction, message)
    )
    with ends.connected() as (client, server):
        server.sendall(b"x")
        assert client.recv(1) == b"x"
    assert seen.count(("read", kind)) == count


def test_the_common_name_counts_without_other_names_only(ssl: Any, authority: Authority) -> None:
    ends = Ends(ssl, authority, authority.issue())
    with ends.connected(server_hostname="nobody") as (client, _):
        assert client.getpeercert()["subject"][-1] == (("commonName", "nobody"),)
    ends.client_context.hostname_checks_common_name = False
    with pytest.raises(ssl.SSLCertVerificationError), ends.connected(server_hostname="nobody"):
        pass


def test_revocation_is_not_asked_for_by_default(
    ssl: Any, authority: Authority, leaf: Leaf, tmp_path: Path
) -> None:
    ends = Ends(ssl, authority, leaf)
    (tmp_path / "crl").write_bytes(authority.revocation_list(leaf))
    ends.client_context.load_verify_locations(tmp_path / "crl")
    assert ends.client_context.cert_store_stats()["crl"] == 1
    with ends.connected():
        pass
    ends.client_context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    with pytest.raises(ssl.SSLCertVerificationError, match="revoked"), ends.connected():
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_random_numbers_after_fork(ssl: Any) -> None:
    ssl.RAND_bytes(16)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, ssl.RAND_bytes(16))
        os._exit(0)
    own = ssl.RAND_bytes(16)
    os.close(writing)
    assert os.waitpid(child, 0)[1] == 0
    assert os.read(reading, 16) != own
    os.close(reading)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_contexts_after_fork(ssl: Any, ends: Ends, both_at_once: Both) -> None:
    with ends.connected():
        pass
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BaseException):
            client, server = objects(ssl, ends)
            shaken(ssl, client, server)
            status = 0 if client.version() == "TLSv1.3" else 2
        os._exit(status)
    with ends.connected() as (client, _):
        assert client.version() == "TLSv1.3"
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_client_certificate_is_refused_later(
    ssl: Any, ends: Ends, authority: Authority, tmp_path: Path
) -> None:
    """In TLS 1.3 the client is done before the server has looked at its certificate."""
    stranger = Authority(tmp_path).issue("stranger")
    ends.client_context.load_cert_chain(stranger.chain_file, stranger.key_file)
    ends.server_context.verify_mode = ssl.CERT_REQUIRED
    ends.server_context.load_verify_locations(authority.file)
    client, server = objects(ssl, ends)
    for end in (client, server):
        with contextlib.suppress(ssl.SSLWantReadError):
            end.do_handshake()
    client.do_handshake()
    with pytest.raises(ssl.SSLCertVerificationError):
        server.do_handshake()
    with pytest.raises(ssl.SSLError, match="unknown ca"):
        client.read(1)
