"""A web server on loopback that serves files well, and badly in every way that a test needs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CSV = b"a,b\n1,x\n2,y\n3,z\n"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the name that http.server calls
        path, _, query = self.path.partition("?")
        assert isinstance(self.server, _Server)
        self.server.asked.append(self.path)
        if path == "/redirect":
            self._head(302, {"Location": query})
        elif path == "/table.csv":
            self._head(200, {"Content-Length": str(len(CSV))})
            self.wfile.write(CSV)
        elif path == "/page":
            self._head(200, {"Content-Type": "text/html"})
            self.wfile.write(b"<!DOCTYPE html>\n<html><body>Sign in</body></html>\n")
        elif path == "/cut.csv":
            self._head(200, {"Content-Length": str(2 * len(CSV))})
            self.wfile.write(CSV)
        elif path == "/huge.csv":
            self._head(200, {"Content-Length": str(10**12)})
        elif path == "/long.csv":
            self._head(200, {})
            self._stream(b"1,2\n" * 50_000, 0.0, n_pieces=40)
        elif path in ("/slow.csv", "/steady.csv", "/silent.csv", "/header.csv"):
            self._take_time(path, query)
        else:
            self._head(404, {})

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _take_time(self, path: str, query: str) -> None:
        if path == "/silent.csv":
            time.sleep(30)
        elif path == "/header.csv":
            # A header that goes on, letter by letter.
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            self._stream(b"x", 0.05)
        elif path == "/slow.csv":
            self._head(200, {})
            self._stream(b"1", 0.05)
        else:
            self._head(200, {})
            self._stream(b"1,2\n" * 50_000, 0.05, n_pieces=int(query))

    def _stream(self, piece: bytes, pause_s: float, n_pieces: int = 10**6) -> None:
        try:
            for _ in range(n_pieces):
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(pause_s)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Handlers that sleep or stream for ever are not waited for.
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []


@contextmanager
def web_server() -> Iterator[str]:
    """The server's address, such as http://127.0.0.1:12345."""
    with recording_web_server() as (url, _):
        yield url


@contextmanager
def recording_web_server() -> Iterator[tuple[str, list[str]]]:
    """The server's address, and every path that was asked for."""
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
