"""Where a delivery may go: http or https, to public addresses only, unless a setting allows private ones.

An address is chosen by whoever registers a destination, so it must not lead into the network that the server stands in: to a database, a
router, a cloud's metadata service. A name is resolved when it is registered and again for every connection; *all* of its addresses must be
public, and exactly one of those that were checked is dialled, so a name that changes its answer in between (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import queue
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from coterie.clock import Deadline
from coterie.errors import InvalidInput

URL_LENGTH_MAX: Final = 2_048
PORTS: Final = {"http": 80, "https": 443}

_VISIBLE = re.compile(r"[!-~]+")
_NAME = re.compile(r"[a-z0-9_-][a-z0-9._-]{0,252}")
_NOT_IN_A_PATH = re.compile(r'["<>\\^`{|}]')

GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
NAT64: Final = IPv6Network("64:ff9b::/96")
"""Names an IPv4 address in its last four bytes, on networks that speak IPv6 only."""

NEVER: Final[tuple[IPv4Network | IPv6Network, ...]] = (
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv6Network("2002::/16"),  # 6to4, which can name any IPv4 address
    IPv6Network("2001::/32"),  # Teredo, which can too
    IPv6Network("3fff::/20"),  # documentation; older Pythons take it for global
)
"""What Python's `is_global` lets pass, and we do not."""


class AddressError(Exception):
    """A connection that must not or cannot be made; the message says why, for the list of attempts."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked URL, in the parts that a request is made of."""

    scheme: str
    host: str  # without brackets
    port: int
    path: str  # with the query

    @property
    def host_header(self) -> str:
        """As the `Host` header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a name. Raises OSError where it has none."""


def system_resolve(host: str, port: int) -> list[str]:
    """As the system does it, numbers in any of their spellings (`127.1`, `0x7f000001`) included."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def parse_endpoint(url: str) -> Endpoint:
    """The URL of a destination. Raises InvalidInput saying what is wrong with it."""
    if len(url) > URL_LENGTH_MAX:
        raise _wrong(f"A URL has at most {URL_LENGTH_MAX:,} characters.")
    if not _VISIBLE.fullmatch(url):
        raise _wrong(
            "A URL is made of visible ASCII characters.",
            "Write a name such as bücher.example as xn--bcher-kva.example.",
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong("This is not a URL.") from None
    if parts.scheme not in PORTS:
        raise _wrong("A destination's URL begins with https:// or http://.")
    if "@" in parts.netloc:
        raise _wrong(
            "A destination's URL holds no user name or password.", "Verify the signature of what comes in instead."
        )
    if parts.fragment or "#" in url:
        raise _wrong("A destination's URL has no fragment (#).")
    if not _is_host(parts.hostname or "", bracketed="[" in parts.netloc) or _NOT_IN_A_PATH.search(
        parts.path + parts.query
    ):
        raise _wrong("This is not a URL.")
    if port == 0:
        raise _wrong("There is no port 0.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(parts.scheme, parts.hostname or "", port or PORTS[parts.scheme], path)


def _is_host(host: str, *, bracketed: bool) -> bool:
    if not bracketed:
        return _NAME.fullmatch(host) is not None
    try:
        return IPv6Address(host).scope_id is None
    except ValueError:
        return False


def _wrong(message: str, hint: str | None = None) -> InvalidInput:
    return InvalidInput(message, path=("url",), hint=hint or "For example https://example.com/webhooks.")


def is_public(address: str) -> bool:
    """Whether an address, as a resolver gives it, is one of the public internet's."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return False
        inner = found.ipv4_mapped
        if inner is None and found in NAT64:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
        return found in GLOBAL_UNICAST and _is_public(found)
    return _is_public(found)


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    if not found.is_global or found.is_private or found.is_multicast or found.is_reserved:
        return False
    if found.is_loopback or found.is_link_local or found.is_unspecified:
        return False
    return not any(found.version == net.version and found in net for net in NEVER)


def allowed_addresses(
    target: Endpoint, resolve: Resolve, *, private_allowed: bool, deadline: Deadline
) -> Sequence[str]:
    """Where a connection to it may go, in the resolver's order. Raises AddressError.

    The system's resolver cannot be told to hurry, so it is asked in a thread of its own, which is left behind when the time is up.
    """
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="coterie-resolver", daemon=True).start()
    try:
        found = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise AddressError(f"{target.host} was not resolved in time.") from None
    if isinstance(found, Exception) or not found:
        raise AddressError(f"{target.host} cannot be resolved.")
    if not private_allowed and not all(map(is_public, found)):
        raise AddressError(f"{target.host} leads to an address that is not public (webhook_private_targets).")
    return found
