"""Renegotiation (TLS 1.2) is not done, whoever asks for it."""

from __future__ import annotations

import socket
import subprocess
import time

import ferrossl
from pki import Authority, Leaf


def test_a_client_that_asks_for_it_is_told_no(authority: Authority, leaf: Leaf) -> None:
    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain_file, leaf.key_file)
    hellos = []
    context._msg_callback = lambda _c, _d, _v, _k, message, _b: hellos.append(
        message == ferrossl._TLSMessageType.SERVER_HELLO
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [
            "openssl",
            "s_client",
            "-connect",
            f"127.0.0.1:{port}",
            "-tls1_2",
            "-CAfile",
            str(authority.file),
        ]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        ) as client:
            try:
                plain, _ = listener.accept()
                plain.settimeout(20)
                with context.wrap_socket(plain, server_side=True) as server:
                    assert client.stdin is not None
                    time.sleep(0.3)
                    client.stdin.write(b"R\n")
                    # What comes next is an end or an alert, and never a second handshake.
                    try:
                        assert server.recv(100) == b""
                    except ferrossl.SSLError as error:
                        assert error.reason != "INTERNAL_ERROR"
                output, _ = client.communicate(timeout=20)
            finally:
                client.kill()
    assert b"RENEGOTIATING" in output
    assert b"no renegotiation" in output
    assert hellos.count(True) == 1
