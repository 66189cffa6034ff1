"""Send one POST and read its response, within one deadline and to a checked address.

Python's own HTTP parser reads the response. Everything around it is written here, because all of it
matters for safety: the connection goes to an address that `address_policy.py` checked, TLS and
`Host` name the host, no proxy from the environment is used, no redirect is followed, at most
`RESPONSE_BYTES_MAX` of the response are read, and the whole exchange, from name resolution to the
last byte, has one deadline, which a byte a second does not extend.

A `Connection` keeps its socket for the next delivery: catching up over new ones takes three times
as long.
"""

from __future__ import annotations

import http.client
import io
import select
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from coterie.clock import Deadline
from coterie.live.delivery.address_policy import AddressError, Endpoint, Resolve, allowed_addresses, system_resolve
from coterie.live.delivery.attempt_result import MAY_ASK_TO_WAIT, AttemptResult, status_error
from coterie.live.delivery.schedule import retry_after

RESPONSE_BYTES_MAX: Final = 64 * 1024
EXCHANGE_SECONDS: Final = 30.0
CONNECT_SECONDS: Final = 10.0
"""For one address of several."""
DRAIN_SECONDS: Final = 2.0
"""For the body of a response, which is read only to keep the connection."""


class DeadlineExceeded(Exception):
    """The deadline has passed."""


class ResponseTooLong(Exception):
    """The response exceeds `RESPONSE_BYTES_MAX`."""


class _BoundedReader(io.RawIOBase):
    """Reads from a socket until the deadline and up to `RESPONSE_BYTES_MAX`."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self.deadline = deadline
        self._left = RESPONSE_BYTES_MAX

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader always passes this kind
        if self._left == 0:
            raise ResponseTooLong
        _limit(self._sock, self.deadline)
        count = self._sock.recv_into(buffer[: self._left])
        self._left -= count
        return count


class _ResponseSocket(socket.socket):
    """The part of a socket that `HTTPResponse` uses."""

    def __init__(self, reader: _BoundedReader) -> None:
        self._reader = reader

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:  # type: ignore[override]  # only called with "rb"
        return io.BufferedReader(self._reader)


def _limit(sock: socket.socket, deadline: Deadline) -> None:
    """Let the next operation take until the deadline. Raises DeadlineExceeded."""
    left = deadline.left()
    if left == 0.0:
        raise DeadlineExceeded
    sock.settimeout(left)


@dataclass(slots=True)
class Connector:
    """Opens connections. Tests replace `resolve` and `trusted`."""

    private_allowed: bool
    resolve: Resolve = system_resolve
    trusted: ssl.SSLContext | None = None  # None until the first connection loads the system's
    seconds: float = EXCHANGE_SECONDS

    def addresses(self, endpoint: Endpoint, deadline: Deadline) -> Sequence[str]:
        """The addresses that a connection to it may use. Raises AddressError."""
        return allowed_addresses(endpoint, self.resolve, private_allowed=self.private_allowed, deadline=deadline)

    def connect(self, endpoint: Endpoint, deadline: Deadline) -> socket.socket:
        """Connect to one of its addresses. Raises AddressError, OSError, DeadlineExceeded."""
        last_error: OSError = OSError("no address")
        for address in self.addresses(endpoint, deadline):
            left = deadline.left()
            if left == 0.0:
                raise DeadlineExceeded
            try:
                sock = socket.create_connection((address, endpoint.port), timeout=min(left, CONNECT_SECONDS))
            except OSError as error:
                last_error = error
                continue
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self._secured(sock, endpoint, deadline)
            except BaseException:
                sock.close()
                raise
        raise last_error

    def _secured(self, sock: socket.socket, endpoint: Endpoint, deadline: Deadline) -> socket.socket:
        if endpoint.scheme == "http":
            return sock
        _limit(sock, deadline)
        if self.trusted is None:
            self.trusted = ssl.create_default_context()
        return self.trusted.wrap_socket(sock, server_hostname=endpoint.host)


class Connection:
    """A connection to one destination, opened on demand and reused. One exchange at a time."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._sock: socket.socket | None = None
        self._endpoint: Endpoint | None = None

    def post(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes, now: int) -> AttemptResult:
        """Send `body` and read the response. Every error becomes part of the result.

        `now` turns a `Retry-After` date into a wait.
        """
        deadline = Deadline(self._connector.seconds)
        try:
            status, wait = self._exchange(endpoint, _request(endpoint, headers, body), deadline)
        except (DeadlineExceeded, TimeoutError):
            return self._failed(f"No answer within {self._connector.seconds:g} seconds.", deadline)
        except ResponseTooLong:
            return self._failed(f"The head of the answer is longer than {RESPONSE_BYTES_MAX:,} bytes.", deadline)
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
        milliseconds = retry_after(wait, now) if status in MAY_ASK_TO_WAIT else None
        return AttemptResult(status, status_error(status), deadline.took(), milliseconds)

    def close(self) -> None:
        """Close the socket. Call it in the thread that uses the connection."""
        sock, self._sock = self._sock, None
        if sock is not None:
            sock.close()

    def abort(self) -> None:
        """Make an exchange in another thread fail."""
        sock = self._sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _failed(self, error: str, deadline: Deadline) -> AttemptResult:
        self.close()
        return AttemptResult(None, error, deadline.took())

    def _exchange(self, endpoint: Endpoint, request: bytes, deadline: Deadline) -> tuple[int, str | None]:
        """Return the status and the `Retry-After` of the response.

        Where the receiver closes a reused connection, the request is sent once more over a new one.
        """
        sock = self._reusable(endpoint)
        if sock is not None:
            try:
                return self._send(sock, request, deadline)
            except (ConnectionError, http.client.RemoteDisconnected):
                self.close()
        self._sock, self._endpoint = self._connector.connect(endpoint, deadline), endpoint
        return self._send(self._sock, request, deadline)

    def _reusable(self, endpoint: Endpoint) -> socket.socket | None:
        """The open socket, where it leads to the same place and has nothing to read.

        Something to read before a request was sent means that the receiver is closing it.
        """
        sock, before = self._sock, self._endpoint
        if sock is None or before is None:
            return None
        same = (before.scheme, before.host, before.port) == (endpoint.scheme, endpoint.host, endpoint.port)
        if same and not select.select([sock], [], [], 0)[0]:
            return sock
        self.close()
        return None

    def _send(self, sock: socket.socket, request: bytes, deadline: Deadline) -> tuple[int, str | None]:
        _limit(sock, deadline)
        sock.sendall(request)
        reader = _BoundedReader(sock, deadline)
        response = http.client.HTTPResponse(_ResponseSocket(reader), method="POST")
        response.begin()
        if not self._drain(response, reader, deadline):
            self.close()
        return response.status, response.getheader("Retry-After")

    def _drain(self, response: http.client.HTTPResponse, reader: _BoundedReader, deadline: Deadline) -> bool:
        """Read the body away. Return whether the connection can be reused.

        Only the status matters, so a body that is long or slow merely costs the connection.
        """
        reader.deadline = Deadline(min(DRAIN_SECONDS, deadline.left()))
        try:
            while response.read(RESPONSE_BYTES_MAX):
                pass
        except (DeadlineExceeded, ResponseTooLong, OSError, http.client.HTTPException):
            return False
        return not response.will_close


def _request(endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {endpoint.path} HTTP/1.1", f"Host: {endpoint.host_header}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body
