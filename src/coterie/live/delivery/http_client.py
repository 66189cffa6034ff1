"""One POST and its answer, over a connection that cannot be led astray and cannot hold us up.

Python's own HTTP parser reads the answer; what is around it is ours, because everything about it is a matter of safety: the connection goes to an
address that was checked (`address_policy.py`), TLS and `Host` name the host, no proxy of the environment is asked, no redirect is followed, the answer is
read up to `ANSWER_BYTES_MAX`, and the whole exchange, from the name to the last byte, has one deadline: a byte a second does not stretch it.

A `Connection` keeps its connection for the next delivery, since catching up over new ones would take three times as long.
"""

from __future__ import annotations

import http.client
import io
import select
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from coterie.clock import Deadline
from coterie.live.delivery.address_policy import AddressError, Endpoint, Resolve, allowed_addresses, system_resolve
from coterie.live.delivery.attempt_result import ASKS_FOR_REST, AttemptResult, what_is_wrong_with
from coterie.live.delivery.schedule import retry_after

ANSWER_BYTES_MAX: Final = 64 * 1024
WITHIN: Final = 30.0
"""Seconds for an exchange."""
CONNECT_WITHIN: Final = 10.0
"""Seconds for one address of several."""
DRAIN_WITHIN: Final = 2.0
"""Seconds for the body of an answer, which we do not look at, so that the connection can be kept."""


class DeadlineExceeded(Exception):
    """The deadline is over."""


class ResponseTooLong(Exception):
    """The answer is longer than we read."""


class _Bytes(io.RawIOBase):
    """What comes in on a socket, until the deadline and up to the limit."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self.deadline = deadline
        self._left = ANSWER_BYTES_MAX

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the base says "any buffer"; BufferedReader gives this one
        if self._left == 0:
            raise ResponseTooLong
        _hurry(self._sock, self.deadline)
        count = self._sock.recv_into(buffer[: self._left])
        self._left -= count
        return count


class _Answer(socket.socket):
    """As much of a socket as `HTTPResponse` asks for."""

    def __init__(self, incoming: _Bytes) -> None:
        self._incoming = incoming

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:  # type: ignore[override]  # it is asked for "rb" only
        return io.BufferedReader(self._incoming)


def _hurry(sock: socket.socket, deadline: Deadline) -> None:
    left = deadline.left()
    if left == 0.0:
        raise DeadlineExceeded
    sock.settimeout(left)


@dataclass(slots=True)
class Connector:
    """How connections are made. `resolve` and `trusted` are given by tests."""

    private_allowed: bool
    resolve: Resolve = system_resolve
    trusted: ssl.SSLContext | None = None  # the system's, when the first connection needs it
    within: float = WITHIN

    def connect(self, target: Endpoint, deadline: Deadline) -> socket.socket:
        """A connection to one of its addresses. Raises AddressError, OSError, DeadlineExceeded."""
        addresses = allowed_addresses(target, self.resolve, private_allowed=self.private_allowed, deadline=deadline)
        failed: OSError = OSError("no address")
        for address in addresses:
            left = deadline.left()
            if left == 0.0:
                raise DeadlineExceeded
            try:
                sock = socket.create_connection((address, target.port), timeout=min(left, CONNECT_WITHIN))
            except OSError as error:
                failed = error
                continue
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self._secured(sock, target, deadline)
            except BaseException:
                sock.close()
                raise
        raise failed

    def _secured(self, sock: socket.socket, target: Endpoint, deadline: Deadline) -> socket.socket:
        if target.scheme == "http":
            return sock
        _hurry(sock, deadline)
        if self.trusted is None:
            self.trusted = ssl.create_default_context()
        return self.trusted.wrap_socket(sock, server_hostname=target.host)


class Connection:
    """A connection to one destination, made when it is needed and kept while the receiver lets it. One exchange at a time."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._sock: socket.socket | None = None
        self._to: Endpoint | None = None

    def post(self, target: Endpoint, headers: Mapping[str, str], body: bytes, now: int) -> AttemptResult:
        """Send `body` and take in the answer. Whatever goes wrong is in the outcome. `now` is for a `Retry-After` that names a date."""
        deadline = Deadline(self._connector.within)
        try:
            status, rest = self._exchange(target, _request(target, headers, body), deadline)
        except (DeadlineExceeded, TimeoutError):
            return self._failed(f"No answer within {self._connector.within:g} seconds.", deadline)
        except ResponseTooLong:
            return self._failed(f"The head of the answer is longer than {ANSWER_BYTES_MAX:,} bytes.", deadline)
        except AddressError as error:
            return self._failed(str(error), deadline)
        except ssl.SSLError as error:
            return self._failed(
                f"TLS failed: {getattr(error, 'verify_message', '') or error.reason or error}.", deadline
            )
        except http.client.RemoteDisconnected:
            return self._failed("The receiver closed the connection without an answer.", deadline)
        except http.client.HTTPException as error:
            return self._failed(f"The answer is not HTTP ({type(error).__name__}).", deadline)
        except OSError as error:
            return self._failed(f"The connection failed: {error.strerror or error}.", deadline)
        asked = retry_after(rest, now) if status in ASKS_FOR_REST else None
        return AttemptResult(status, what_is_wrong_with(status), deadline.took(), asked)

    def close(self) -> None:
        """Let go of the connection, in the thread whose exchange it was."""
        sock, self._sock = self._sock, None
        if sock is not None:
            sock.close()

    def abort(self) -> None:
        """The same from another thread: an exchange under way fails."""
        sock = self._sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _failed(self, error: str, deadline: Deadline) -> AttemptResult:
        self.close()
        return AttemptResult(None, error, deadline.took())

    def _exchange(self, target: Endpoint, request: bytes, deadline: Deadline) -> tuple[int, str | None]:
        """The status and the `Retry-After` of the answer. Over a kept connection that the receiver closes under us, once more over a new one."""
        kept = self._kept(target)
        if kept is not None:
            try:
                return self._say(kept, request, deadline)
            except (ConnectionError, http.client.RemoteDisconnected):
                self.close()
        self._sock, self._to = self._connector.connect(target, deadline), target
        return self._say(self._sock, request, deadline)

    def _kept(self, target: Endpoint) -> socket.socket | None:
        """The connection of before, where it is to the same place and nothing has come in on it: that is the receiver closing it."""
        sock = self._sock
        if sock is None:
            return None
        same = self._to is not None and (self._to.scheme, self._to.host, self._to.port) == (
            target.scheme,
            target.host,
            target.port,
        )
        if same and not select.select([sock], [], [], 0)[0]:
            return sock
        self.close()
        return None

    def _say(self, sock: socket.socket, request: bytes, deadline: Deadline) -> tuple[int, str | None]:
        _hurry(sock, deadline)
        sock.sendall(request)
        incoming = _Bytes(sock, deadline)
        answer = http.client.HTTPResponse(_Answer(incoming), method="POST")
        answer.begin()
        if not self._drained(answer, incoming, deadline):
            self.close()
        return answer.status, answer.getheader("Retry-After")

    def _drained(self, answer: http.client.HTTPResponse, incoming: _Bytes, deadline: Deadline) -> bool:
        """Whether the connection can be kept: the status is all we want to know, so a body that is long or slow only costs the connection."""
        incoming.deadline = Deadline(min(DRAIN_WITHIN, deadline.left()))
        try:
            while answer.read(ANSWER_BYTES_MAX):
                pass
        except (DeadlineExceeded, ResponseTooLong, OSError, http.client.HTTPException):
            return False
        return not answer.will_close


def _request(target: Endpoint, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.host_header}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body
