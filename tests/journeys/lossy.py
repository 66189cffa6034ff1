"""A relay in front of a server that loses the first responses.

The request was served, and its sender cannot know.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2


class Relay(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target: str, losing: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.losing = losing
        self.served: list[int] = []
        """The status of every answer, lost ones included."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Relay
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        answered = httpx2.post(f"{self.server.target}{self.path}", content=body, headers=headers, timeout=30)
        self.server.served.append(answered.status_code)
        if self.server.losing > 0:
            self.server.losing -= 1
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answered.status_code)
        self.send_header("Content-Length", str(len(answered.content)))
        self.send_header("Content-Type", answered.headers["content-type"])
        self.end_headers()
        self.wfile.write(answered.content)

    def log_message(self, *_: object) -> None:
        """Nothing: tests say what went wrong."""


@contextmanager
def lossy(target: str, *, losing: int) -> Iterator[Relay]:
    relay = Relay(target, losing)
    thread = threading.Thread(target=relay.serve_forever, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        relay.shutdown()
        relay.server_close()
        thread.join(10)
