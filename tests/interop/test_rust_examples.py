"""The Rust examples, run as a reader of the documentation would run them."""

from __future__ import annotations

import http.server
import socket
import subprocess
import threading
from pathlib import Path

import pytest

import ferrossl
from pki import Authority, Leaf

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    subprocess.run(["cargo", "build", "--quiet", "--examples", "-p", "ferrossl"], cwd=ROOT, check=True)


def example(name: str, *arguments: object) -> list[str]:
    return ["cargo", "run", "--quiet", "--example", name, "--", *map(str, arguments)]


@pytest.mark.timeout(300)
def test_https_get(authority: Authority, leaf: Leaf, tmp_path: Path) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"hello from " + self.path.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def finish(self) -> None:
            super().finish()
            self.connection.unwrap()  # type: ignore[attr-defined]

        def log_message(self, *args: object) -> None:
            pass

    context = ferrossl.SSLContext(ferrossl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.chain_file, leaf.key_file)
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://localhost:{server.server_port}/page"
        done = subprocess.run(
            example("https_get", url, authority.file), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith("hello from /page")
        assert "TLSv1.3 TLS_AES_256_GCM_SHA384" in done.stderr
        stranger = Authority(tmp_path, common_name="stranger")
        done = subprocess.run(
            example("https_get", url, stranger.file), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "unable to get local issuer certificate" in done.stderr
        server.shutdown()


@pytest.mark.timeout(300)
def test_echo_server(authority: Authority, leaf: Leaf) -> None:
    command = example("echo_server", leaf.chain_file, leaf.key_file, "127.0.0.1:0")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline().rpartition(":")[2])
            context = ferrossl.create_default_context(cafile=authority.file)
            plain = socket.create_connection(("127.0.0.1", port), timeout=20)
            with context.wrap_socket(plain, server_hostname="localhost") as client:
                client.sendall(b"x" * 100000)
                received = 0
                while received < 100000:
                    received += len(client.recv(1 << 16))
                assert received == 100000
                client.unwrap()
        finally:
            server.kill()
