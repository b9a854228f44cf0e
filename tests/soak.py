"""One connection between ferrossl and OpenSSL for a long time, in memory: data both ways in pieces of any size, key updates from
both sides, tickets, authentication after the handshake, records and their bytes in portions of any size; every byte is compared.

Usage: soak.py [--records 2000000] [--seed N]

OpenSSL is called through its C interface, because the standard library's ssl has no key updates.
"""

from __future__ import annotations

import argparse
import ctypes
import ctypes.util
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import ferrossl

sys.path.insert(0, str(Path(__file__).parent))
from pki import Authority, Leaf

FILETYPE_PEM = 1
CTRL_MODE = 33
MODE_ENABLE_PARTIAL_WRITE, MODE_ACCEPT_MOVING_WRITE_BUFFER = 1, 2
CTRL_SET_MAX_SEND_FRAGMENT = 52
CTRL_SET_MIN_PROTO_VERSION, CTRL_SET_MAX_PROTO_VERSION = 123, 124
VERIFY_NONE, VERIFY_PEER = 0, 1
ERROR_WANT_READ = 2
KEY_UPDATE_NOT_REQUESTED, KEY_UPDATE_REQUESTED = 0, 1
VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


def load() -> Any:
    """libssl with the types of what is used here."""
    name = ctypes.util.find_library("ssl")
    if name is None:
        raise OSError("there is no shared libssl")
    library = ctypes.CDLL(name)
    pointer, integer, long = ctypes.c_void_p, ctypes.c_int, ctypes.c_long
    for function, result, arguments in [
        ("TLS_method", pointer, []),
        ("SSL_CTX_new", pointer, [pointer]),
        ("SSL_CTX_free", None, [pointer]),
        ("SSL_CTX_ctrl", long, [pointer, integer, long, pointer]),
        ("SSL_CTX_use_certificate_chain_file", integer, [pointer, ctypes.c_char_p]),
        ("SSL_CTX_use_PrivateKey_file", integer, [pointer, ctypes.c_char_p, integer]),
        ("SSL_CTX_load_verify_locations", integer, [pointer, ctypes.c_char_p, ctypes.c_char_p]),
        ("SSL_CTX_set_verify", None, [pointer, integer, pointer]),
        ("SSL_CTX_set_post_handshake_auth", None, [pointer, integer]),
        ("SSL_CTX_set_session_id_context", integer, [pointer, ctypes.c_char_p, ctypes.c_uint]),
        ("SSL_new", pointer, [pointer]),
        ("SSL_free", None, [pointer]),
        ("SSL_ctrl", long, [pointer, integer, long, pointer]),
        ("SSL_set_bio", None, [pointer, pointer, pointer]),
        ("SSL_set_accept_state", None, [pointer]),
        ("SSL_set_connect_state", None, [pointer]),
        ("SSL_do_handshake", integer, [pointer]),
        ("SSL_read", integer, [pointer, pointer, integer]),
        ("SSL_write", integer, [pointer, ctypes.c_char_p, integer]),
        ("SSL_get_error", integer, [pointer, integer]),
        ("SSL_key_update", integer, [pointer, integer]),
        ("SSL_set_verify", None, [pointer, integer, pointer]),
        ("SSL_verify_client_post_handshake", integer, [pointer]),
        ("SSL_shutdown", integer, [pointer]),
        ("BIO_s_mem", pointer, []),
        ("BIO_new", pointer, [pointer]),
        ("BIO_read", integer, [pointer, pointer, integer]),
        ("BIO_write", integer, [pointer, ctypes.c_char_p, integer]),
        ("ERR_get_error", ctypes.c_ulong, []),
        ("ERR_error_string_n", None, [ctypes.c_ulong, pointer, ctypes.c_size_t]),
    ]:
        call = getattr(library, function)
        call.restype, call.argtypes = result, arguments
    return library


class OpenSSL:
    """One end of a connection, of OpenSSL's."""

    def __init__(self, library: Any, server_side: bool, version: str, leaf: Leaf, ca_file: Path) -> None:
        self.library, self.server_side = library, server_side
        self.buffer = ctypes.create_string_buffer(1 << 16)
        self.context = library.SSL_CTX_new(library.TLS_method())
        for control in (CTRL_SET_MIN_PROTO_VERSION, CTRL_SET_MAX_PROTO_VERSION):
            self.check(library.SSL_CTX_ctrl(self.context, control, VERSIONS[version], None))
        self.check(library.SSL_CTX_use_certificate_chain_file(self.context, bytes(leaf.chain_file)))
        self.check(library.SSL_CTX_use_PrivateKey_file(self.context, bytes(leaf.key_file), FILETYPE_PEM))
        self.check(library.SSL_CTX_load_verify_locations(self.context, bytes(ca_file), None))
        library.SSL_CTX_set_session_id_context(self.context, b"soak", 4)
        library.SSL_CTX_set_post_handshake_auth(self.context, 1)
        library.SSL_CTX_set_verify(self.context, VERIFY_NONE if server_side else VERIFY_PEER, None)
        self.ssl = library.SSL_new(self.context)
        library.SSL_ctrl(self.ssl, CTRL_MODE, MODE_ACCEPT_MOVING_WRITE_BUFFER, None)
        self.incoming = library.BIO_new(library.BIO_s_mem())
        self.outgoing = library.BIO_new(library.BIO_s_mem())
        library.SSL_set_bio(self.ssl, self.incoming, self.outgoing)
        (library.SSL_set_accept_state if server_side else library.SSL_set_connect_state)(self.ssl)

    def close(self) -> None:
        self.library.SSL_free(self.ssl)
        self.library.SSL_CTX_free(self.context)

    def check(self, result: int) -> int:
        if result <= 0:
            text = ctypes.create_string_buffer(256)
            self.library.ERR_error_string_n(self.library.ERR_get_error(), text, len(text))
            raise OSError(f"OpenSSL: {text.value.decode()}")
        return result

    def done(self, result: int) -> bool:
        """Whether a call got through; False when the other side has to say more."""
        if result <= 0 and self.library.SSL_get_error(self.ssl, result) == ERROR_WANT_READ:
            return False
        return self.check(result) > 0

    def handshake(self) -> bool:
        return self.done(self.library.SSL_do_handshake(self.ssl))

    def read(self) -> bytes:
        count = self.library.SSL_read(self.ssl, self.buffer, len(self.buffer))
        return self.buffer.raw[:count] if self.done(count) else b""

    def write(self, data: bytes) -> None:
        # Memory takes everything.
        assert self.check(self.library.SSL_write(self.ssl, data, len(data))) == len(data)

    def feed(self, data: bytes) -> None:
        if data:
            self.check(self.library.BIO_write(self.incoming, data, len(data)))

    def take(self) -> bytes:
        taken = b""
        while (count := self.library.BIO_read(self.outgoing, self.buffer, len(self.buffer))) > 0:
            taken += self.buffer.raw[:count]
        return taken

    def fragment(self, size: int) -> None:
        self.check(self.library.SSL_ctrl(self.ssl, CTRL_SET_MAX_SEND_FRAGMENT, size, None))

    def update_keys(self, request: bool) -> None:
        self.check(self.library.SSL_key_update(self.ssl, int(request)))
        self.check(self.library.SSL_do_handshake(self.ssl))

    def ask_for_certificate(self) -> None:
        self.library.SSL_set_verify(self.ssl, VERIFY_PEER, None)
        self.check(self.library.SSL_verify_client_post_handshake(self.ssl))
        self.check(self.library.SSL_do_handshake(self.ssl))


class Ferrossl:
    """The other end, of ours."""

    def __init__(self, server_side: bool, version: str, leaf: Leaf, ca_file: Path) -> None:
        self.incoming, self.outgoing = ferrossl.MemoryBIO(), ferrossl.MemoryBIO()
        purpose = ferrossl.PROTOCOL_TLS_SERVER if server_side else ferrossl.PROTOCOL_TLS_CLIENT
        context = ferrossl.SSLContext(purpose)
        context.load_cert_chain(leaf.chain_file, leaf.key_file)
        context.load_verify_locations(ca_file)
        context.minimum_version = context.maximum_version = ferrossl.TLSVersion(VERSIONS[version])
        context.post_handshake_auth = True
        if server_side and version == "TLSv1.3":
            context.verify_mode = ferrossl.CERT_REQUIRED
        name = None if server_side else "localhost"
        self.object = context.wrap_bio(
            self.incoming, self.outgoing, server_side=server_side, server_hostname=name
        )

    def handshake(self) -> bool:
        try:
            self.object.do_handshake()
        except ferrossl.SSLWantReadError:
            return False
        return True

    def read(self) -> bytes:
        try:
            return self.object.read(1 << 16)
        except ferrossl.SSLWantReadError:
            return b""

    def write(self, data: bytes) -> None:
        while data:
            data = data[self.object.write(data) :]

    def feed(self, data: bytes) -> None:
        self.incoming.write(data)

    def take(self) -> bytes:
        return self.outgoing.read()


class Stream:
    """Bytes that can be made again, to compare them."""

    def __init__(self, seed: int) -> None:
        self.block = random.Random(seed).randbytes(1 << 20)
        self.place = 0

    def next(self, count: int) -> bytes:
        start = self.place % 1_000_003 % (len(self.block) - count)
        self.place += count
        return self.block[start : start + count]


class Direction:
    """Data from one end to the other, and the records that hold it."""

    def __init__(self, source: Any, sink: Any, seed: int, numbers: random.Random) -> None:
        self.source, self.sink, self.numbers = source, sink, numbers
        self.stream = Stream(seed)
        self.expected = bytearray()
        self.bytes = self.records = 0
        self.header = bytearray()
        self.rest = 0

    def send(self) -> None:
        data = self.stream.next(self.numbers.randrange(1 << self.numbers.randrange(1, 17)) + 1)
        self.source.write(data)
        self.expected += data

    def count(self, data: bytes) -> None:
        while data:
            if self.rest:
                skipped = min(self.rest, len(data))
                self.rest -= skipped
            else:
                skipped = min(5 - len(self.header), len(data))
                self.header += data[:skipped]
                if len(self.header) == 5:
                    self.rest = int.from_bytes(self.header[3:], "big")
                    self.header.clear()
                    self.records += 1
            data = data[skipped:]

    def deliver(self) -> bool:
        """Hands over what was sent, in portions of any size; whether there was something."""
        data = self.source.take()
        self.count(data)
        place = 0
        while place < len(data):
            portion = data[place : place + self.numbers.randrange(1, 1 << self.numbers.randrange(1, 18))]
            self.sink.feed(portion)
            place += len(portion)
            self.receive()
        return bool(data)

    def receive(self) -> None:
        while received := self.sink.read():
            assert self.expected.startswith(received), f"a wrong byte behind byte {self.bytes}"
            del self.expected[: len(received)]
            self.bytes += len(received)


def soak(ours_is_server: bool, version: str, records: int, seed: int) -> dict[str, int]:
    """Runs one connection until so many records have gone by."""
    library = load()
    numbers = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        leaf = authority.issue("localhost")
        theirs = OpenSSL(library, not ours_is_server, version, leaf, authority.file)
        ours = Ferrossl(ours_is_server, version, leaf, authority.file)
        forth = Direction(theirs, ours, seed + 1, numbers)
        back = Direction(ours, theirs, seed + 2, numbers)
        waiting = [ours, theirs]
        while waiting:
            waiting = [end for end in waiting if not end.handshake()]
            ours.feed(theirs.take())
            theirs.feed(ours.take())
        tally = {"updates": 0, "authentications": 0}

        def exchange() -> None:
            # Both look first: an end may owe an answer to what it has been given.
            forth.receive()
            back.receive()
            while forth.deliver() | back.deliver():
                pass
            assert not forth.expected and not back.expected, "data was lost"

        is_new = version == "TLSv1.3"
        while forth.records + back.records < records:
            choice = numbers.randrange(300)
            if choice < 140:
                forth.send()
            elif choice < 280:
                back.send()
            elif choice < 286 and is_new:
                theirs.update_keys(request=numbers.random() < 0.5)
                tally["updates"] += 1
                forth.send()
            elif choice < 288 and is_new:
                exchange()
                if ours_is_server:
                    ours.object.verify_client_post_handshake()
                else:
                    theirs.ask_for_certificate()
                exchange()
                tally["authentications"] += 1
            elif choice < 292:
                theirs.fragment(numbers.randrange(512, 16385))
            if numbers.randrange(8) == 0:
                exchange()
        exchange()
        if ours_is_server and is_new and tally["authentications"]:
            assert ours.object.getpeercert(), "nobody was authenticated"
        theirs.close()
    return tally | {"records": forth.records + back.records, "bytes": forth.bytes + back.bytes}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    for version in VERSIONS:
        for ours_is_server in (True, False):
            tally = soak(ours_is_server, version, arguments.records, arguments.seed)
            side = "server" if ours_is_server else "client"
            print(f"{version}, ferrossl as {side} of OpenSSL: {tally}", flush=True)


if __name__ == "__main__":
    main()
