"""Who is calling, and whether there is room: asked before anything else is done for a request.

The key comes as the user of Basic authentication, as a bearer, or, in older trackers, as `writeKey` in the body, which then has to be read first. How many
requests may wait for the writer is bounded; one more is told 429 and when to come again, for a tracker keeps what it has and comes again, and a
queue without end would answer everyone too late.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi.openapi.models import HTTPBase
from fastapi.openapi.models import SecurityBase as SecurityModel
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from coterie.errors import KeyMissing, KeyRefused
from coterie.http.auth import Caller, caller_with
from coterie.http.errors import KeyMalformed, Overloaded
from coterie.http.server import Server
from coterie.model import Scope
from coterie.settings import Settings

HINT: Final = (
    "Give the tracker a Coterie key as its write key: it is sent with Basic authentication, as the user, without a password. "
    "Keys are made with `coterie keys create`."
)


class WriteKey(SecurityBase):
    """The key as the API description shows it. It is read by `secret_of`, before FastAPI is asked."""

    def __init__(self) -> None:
        self.scheme_name = "writeKey"
        self.model: SecurityModel = HTTPBase(
            scheme="basic",
            description="A key of scope `write` as the user, without a password; or as `writeKey` in the body.",
        )

    async def __call__(self) -> None:
        return None


def secret_of(request: Request) -> str | None:
    """The key in the Authorization header; None where there is no such header. Raises KeyMalformed."""
    headers = request.headers.getlist("authorization")
    if not headers:
        return None
    kind, _, credentials = headers[0].strip().partition(" ")
    credentials = credentials.strip()
    secret: str | None = None
    if kind.lower() == "basic":
        secret = _user(credentials)
    elif kind.lower() == "bearer":
        secret = credentials
    if len(headers) > 1 or not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise KeyMalformed(
            "The Authorization header is not of the form `Basic <key and a colon, in Base64>`.", hint=HINT
        )
    return secret


def _user(credentials: str) -> str | None:
    try:
        return base64.b64decode(credentials, validate=True).decode("ascii").partition(":")[0]
    except (binascii.Error, ValueError):
        return None


def caller_by(server: Server, secret: str | None) -> Caller:
    """Raises AccessRefused of the fitting kind."""
    if secret is None:
        raise KeyMissing("The request carries no key.", hint=HINT)
    try:
        return caller_with(server, secret, Scope.WRITE)
    except KeyRefused as error:
        raise KeyRefused(error.message, hint=HINT) from error


class Room:
    """How many requests of this dialect wait for the writer. Of one event loop, so it needs no lock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.inside = 0

    def refuse_if_full(self) -> None:
        """Raises Overloaded."""
        if self.inside >= self._most:
            raise Overloaded(
                f"{self._most} requests are waiting already (tracking_waiting_max).", hint="Come again in a second."
            )

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Raises Overloaded."""
        self.refuse_if_full()
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1


def room_of(request: Request) -> Room:
    """The application's."""
    state = request.app.state
    if not hasattr(state, "tracking_room"):
        settings: Settings = state.server.settings
        state.tracking_room = Room(settings.tracking_waiting_max)
    room: Room = state.tracking_room
    return room
