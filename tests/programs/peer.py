"""The other end of the programs' connections: the standard library's ``ssl``, in a process of its own.

Usage: peer.py talk PORT VERSION REQUEST    sends REQUEST together with the last message of its handshake; prints the answer
       peer.py get PORT VERSION PATH        the same with an HTTP request
       peer.py serve VERSION [ask]          HTTPS that tells in JSON what it sees; with "ask" it requires a certificate
       peer.py eager VERSION TEXT           sends TEXT as soon as it can, with the handshake's last message where that is ours
"""

from __future__ import annotations

import http.server
import json
import os
import socket
import ssl
import sys
import threading
from pathlib import Path
from typing import Any

FILES = Path(os.environ["FILES"])
NUMBERS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def together(plain: socket.socket, end: Any, incoming: Any, outgoing: Any, data: bytes) -> bytes:
    """Does the handshake, sends the data in one piece with its end, and returns what comes back until the other end is through."""
    answer = b""
    sent = False
    while True:
        try:
            if not sent:
                end.do_handshake()
                end.write(data)
                sent = True
            while piece := end.read(65536):
                answer += piece
                if answer.endswith(b"\nend\n"):
                    break
            if outgoing.pending:
                plain.sendall(outgoing.read())
            return answer
        except ssl.SSLWantReadError:
            if outgoing.pending:
                plain.sendall(outgoing.read())
            received = plain.recv(65536)
            if received:
                incoming.write(received)
            else:
                incoming.write_eof()
        except ssl.SSLEOFError:
            return answer


def talk(port: int, version: str, data: bytes) -> bytes:
    context = ssl.create_default_context(cafile=FILES / "ca.pem")
    context.minimum_version = context.maximum_version = NUMBERS[version]
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    end = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", port), timeout=15) as plain:
        return together(plain, end, incoming, outgoing, data)


def server_context(version: str, ask: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FILES / "bundle.pem", FILES / "server.key")
    context.maximum_version = NUMBERS[version]
    if ask:
        context.load_verify_locations(FILES / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        certificate = self.connection.getpeercert()  # type: ignore[attr-defined]
        seen = {
            "version": self.connection.version(),  # type: ignore[attr-defined]
            "client": certificate
            and dict(pair for rdn in certificate["subject"] for pair in rdn)["commonName"],
            # What the client of Elasticsearch wants to see.
            "cluster_name": "test",
            "version_": {"number": "9.0.0"},
            "tagline": "You Know, for Search",
        }
        body = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        try:
            with self.context.wrap_socket(request, server_side=True) as connection:
                super().finish_request(connection, client_address)  # type: ignore[arg-type]
        except OSError as error:
            print(error, file=sys.stderr)


def serve(version: str, ask: bool) -> None:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.context = server_context(version, ask)
        print(server.server_port, flush=True)
        server.serve_forever()


def eager(version: str, text: bytes) -> None:
    context = server_context(version, False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            plain, _ = listener.accept()
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            end = context.wrap_bio(incoming, outgoing, server_side=True)
            arguments = (plain, end, incoming, outgoing, text)
            threading.Thread(target=together, args=arguments, daemon=True).start()


def main() -> None:
    what, *arguments = sys.argv[1:]
    if what == "talk":
        sys.stdout.buffer.write(talk(int(arguments[0]), arguments[1], arguments[2].encode()))
    elif what == "get":
        request = f"GET {arguments[2]} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        sys.stdout.buffer.write(talk(int(arguments[0]), arguments[1], request.encode()))
    elif what == "serve":
        serve(arguments[0], arguments[1:] == ["ask"])
    elif what == "eager":
        eager(arguments[0], arguments[1].encode())


if __name__ == "__main__":
    main()
