"""Receivers of webhooks on this machine, bad ones too: plain sockets, a thread per connection."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

Answer = Callable[[socket.socket, "Heard"], bool]
"""Writes an answer to the connection. Returns whether the connection stays open."""


CERTIFICATE = Path(__file__).with_name("hooks_example.pem")
"""For hooks.example, made for these tests, with its key; good for nothing else."""


@dataclass(frozen=True)
class Heard:
    """A request as it arrived."""

    line: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """Listens from its creation until `stop`. `answers` are used in turn, the last one for ever."""

    answers: list[Answer]
    certificate: Path | None = None
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._listening.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?from=coterie"

    def stop(self) -> None:
        self._stopped.set()
        for sock in (self._listening, *self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listening.accept()
                self.connections += 1
                self._open.append(sock)
                threading.Thread(target=self._converse, args=(sock,), daemon=True).start()

    def _converse(self, sock: socket.socket) -> None:
        if self.certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self.certificate)
            try:
                sock = context.wrap_socket(sock, server_side=True)
            except OSError:
                return
        with suppress(OSError), sock, sock.makefile("rb") as incoming:
            while line := incoming.readline().decode().strip():
                headers = dict(iter(lambda: _header(incoming.readline()), None))  # type: ignore[arg-type]  # until the empty line
                heard = Heard(line, headers, incoming.read(int(headers["content-length"])))
                self.heard.append(heard)
                answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
                if not answer(sock, heard) or self._stopped.is_set():
                    return


def _header(line: bytes) -> tuple[str, str] | None:
    name, _, value = line.decode().strip().partition(": ")
    return (name.lower(), value) if name else None


def says(status: int, headers: str = "", body: bytes = b"", *, again: bool = True) -> Answer:
    def answer(sock: socket.socket, _: Heard) -> bool:
        head = f"HTTP/1.1 {status} Whatever\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        sock.sendall(head.encode() + body)
        return again

    return answer


def says_raw(text: bytes) -> Answer:
    def answer(sock: socket.socket, _: Heard) -> bool:
        with suppress(OSError):
            sock.sendall(text)
        return False

    return answer


def hangs(seconds: float = 60) -> Answer:
    def answer(sock: socket.socket, _: Heard) -> bool:
        sock.settimeout(seconds)
        with suppress(OSError):
            sock.recv(1)  # until the other side has enough
        return False

    return answer


def drips(text: bytes, every: float) -> Answer:
    """One byte at a time: each comes well before any timeout of a single read."""

    def answer(sock: socket.socket, _: Heard) -> bool:
        with suppress(OSError):
            for byte in text:
                sock.sendall(bytes([byte]))
                time.sleep(every)
        return False

    return answer


@contextmanager
def receiving(*answers: Answer, certificate: Path | None = None) -> Iterator[Receiver]:
    receiver = Receiver(list(answers) or [says(200)], certificate)
    try:
        yield receiver
    finally:
        receiver.stop()
