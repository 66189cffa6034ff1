"""Where a delivery may go: http or https, public addresses only (webhook_private_targets lifts it).

Whoever registers a destination chooses its address, so the address must not lead into the network
of the server: to a database, a router, a cloud's metadata service. A name is resolved when it is
registered and again for every connection. *All* of its addresses must be public, and the connection
goes to exactly one of the addresses that were checked, so a name that changes its answer in between
(DNS rebinding) gains nothing.
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
"""Contains an IPv4 address in the last four bytes, on networks that use IPv6 only."""

NOT_PUBLIC: Final[tuple[IPv4Network | IPv6Network, ...]] = (
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv6Network("2002::/16"),  # 6to4, which can contain any IPv4 address
    IPv6Network("2001::/32"),  # Teredo, which can too
    IPv6Network("3fff::/20"),  # documentation; older Pythons call it global
)
"""Networks that Python's `is_global` allows and this policy does not."""


class AddressError(Exception):
    """A host without an address that may be used. The message gives the reason."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked URL, in the parts that a request consists of."""

    scheme: str
    host: str  # without brackets
    port: int
    path: str  # with the query

    @property
    def host_header(self) -> str:
        """The value of the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a name. Raises OSError where it has none."""


def system_resolve(host: str, port: int) -> list[str]:
    """Resolve as the system does; it accepts numbers in any spelling (`127.1`, `0x7f000001`)."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in answers))


def parse_endpoint(url: str) -> Endpoint:
    """Parse the URL of a destination. Raises InvalidInput."""
    if len(url) > URL_LENGTH_MAX:
        raise _invalid(f"A URL has at most {URL_LENGTH_MAX:,} characters.")
    if not _VISIBLE.fullmatch(url):
        raise _invalid(
            "A URL consists of visible ASCII characters.",
            "Write a name such as bücher.example as xn--bcher-kva.example.",
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _invalid("This is not a URL.") from None
    if parts.scheme not in PORTS:
        raise _invalid("A destination's URL begins with https:// or http://.")
    if "@" in parts.netloc:
        raise _invalid(
            "A destination's URL has no user name or password.", "Verify the signature of each message instead."
        )
    if parts.fragment or "#" in url:
        raise _invalid("A destination's URL has no fragment (#).")
    if not _is_host(parts.hostname or "", bracketed="[" in parts.netloc) or _NOT_IN_A_PATH.search(
        parts.path + parts.query
    ):
        raise _invalid("This is not a URL.")
    if port == 0:
        raise _invalid("There is no port 0.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Endpoint(parts.scheme, parts.hostname or "", port or PORTS[parts.scheme], path)


def _is_host(host: str, *, bracketed: bool) -> bool:
    if not bracketed:
        return _NAME.fullmatch(host) is not None
    try:
        return IPv6Address(host).scope_id is None
    except ValueError:
        return False


def _invalid(message: str, hint: str | None = None) -> InvalidInput:
    return InvalidInput(message, path=("url",), hint=hint or "For example https://example.com/webhooks.")


def is_public(address: str) -> bool:
    """Whether an address, as a resolver returns it, belongs to the public internet."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return _is_public(parsed)
    if parsed.scope_id is not None:
        return False
    inner = parsed.ipv4_mapped
    if inner is None and parsed in NAT64:
        inner = IPv4Address(int(parsed) & 0xFFFFFFFF)
    if inner is not None:
        return _is_public(inner)
    return parsed in GLOBAL_UNICAST and _is_public(parsed)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_private or address.is_multicast or address.is_reserved:
        return False
    if address.is_loopback or address.is_link_local or address.is_unspecified:
        return False
    return not any(address.version == network.version and address in network for network in NOT_PUBLIC)


def allowed_addresses(
    endpoint: Endpoint, resolve: Resolve, *, private_allowed: bool, deadline: Deadline
) -> Sequence[str]:
    """The addresses that a connection may use, in the resolver's order. Raises AddressError.

    The system's resolver has no timeout, so it runs in a thread of its own, which is left behind
    when the deadline passes.
    """
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(endpoint.host, endpoint.port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="coterie-resolver", daemon=True).start()
    try:
        addresses = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise AddressError(f"{endpoint.host} was not resolved in time.") from None
    if isinstance(addresses, Exception) or not addresses:
        raise AddressError(f"{endpoint.host} cannot be resolved.")
    if not private_allowed and not all(map(is_public, addresses)):
        raise AddressError(f"{endpoint.host} leads to an address that is not public (webhook_private_targets).")
    return addresses
