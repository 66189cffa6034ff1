"""Authenticates a call before anything else is done for it.

The key is the user of Basic authentication, a bearer token or, in older trackers, `writeKey` in the
body, which then has to be read first.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from fastapi.openapi.models import HTTPBase
from fastapi.openapi.models import SecurityBase as SecurityModel
from fastapi.security.base import SecurityBase
from starlette.requests import Request

from coterie.errors import KeyRefused
from coterie.http.auth import HOW_TO_MAKE_KEYS, Caller, caller_with, key_missing
from coterie.http.errors import KeyMalformed
from coterie.http.server import Server
from coterie.model import Scope

HINT: Final = (
    "Give the tracker a Coterie key as its write key: it is sent with Basic authentication, as the user, "
    f"without a password. {HOW_TO_MAKE_KEYS}"
)


class WriteKey(SecurityBase):
    """The key in the API description. `secret_of` reads it before FastAPI runs."""

    def __init__(self) -> None:
        self.scheme_name = "writeKey"
        self.model: SecurityModel = HTTPBase(
            scheme="basic",
            description="A key of scope `write` as the user, without a password; or as `writeKey` in the body.",
        )

    async def __call__(self) -> None:
        return None


def secret_of(request: Request) -> str | None:
    """The key in the Authorization header, None without such a header. Raises KeyMalformed."""
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


def authenticate(server: Server, secret: str | None) -> Caller:
    """The caller with this key. Raises KeyMissing, KeyRefused, ScopeMissing."""
    if secret is None:
        raise key_missing(HINT)
    try:
        return caller_with(server, secret, Scope.WRITE)
    except KeyRefused as error:
        raise KeyRefused(error.message, hint=HINT) from error
