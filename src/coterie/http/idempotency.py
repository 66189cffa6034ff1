"""Idempotent writes: `Idempotency-Key`.

The first request with a key writes, and its answer is stored in the transaction of its facts; a
repeat gets that answer again, with `Idempotency-Replayed: true`, and writes nothing. The same key
with another request (method, address, body, API key) is an error. The whole answer is stored: a
line with status and headers, then the body. A request that fails stores nothing, so it may be
corrected and sent again with its key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar, cast

import orjson
from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from coterie.http.answer import encode
from coterie.http.auth import caller_of
from coterie.http.bodies import JSON
from coterie.http.errors import InvalidHeader
from coterie.http.route import bytes_of
from coterie.model import IdempotencyRecord, IdempotentReplay

HEADER = "idempotency-key"
KEY_LENGTH_MAX = 255
REPLAYED = "Idempotency-Replayed"

T = TypeVar("T")
Rendered = tuple[object, int, Mapping[str, str]]  # body, status, headers


class IdempotentRequest:
    """A request that may have an Idempotency-Key. `write` does the work once and answers every
    time."""

    def __init__(self, key: str | None, fingerprint: str) -> None:
        self.key = key
        self.fingerprint = fingerprint

    def write(self, do: Callable[[IdempotencyRecord | None], T], render: Callable[[T], Rendered]) -> Response:
        """`do` calls the workspace with the record it is given, None without a key; `render` makes
        the answer of the result. With a key, `render` runs inside the transaction, so it must not
        call the workspace."""
        if self.key is None:
            return _response(_packed(render(do(None))))
        record = IdempotencyRecord(self.key, self.fingerprint, lambda result: _packed(render(cast(T, result))))
        try:
            return _response(_packed(render(do(record))))
        except IdempotentReplay as replay:
            return _response(replay.answer, {REPLAYED: "true"})


IdempotencyKey = Annotated[
    str | None,
    Header(
        description="Makes the request idempotent: a repeat with the same key gets the first answer again.",
        json_schema_extra={"minLength": 1, "maxLength": KEY_LENGTH_MAX, "pattern": "^[ -~]+$"},
        examples=["4f1c2a9e-signup-42"],
    ),
]


async def idempotency_of(request: Request, idempotency_key: IdempotencyKey = None) -> IdempotentRequest:
    """`idempotency_key` is there for the API description; the header is read by hand, since there
    may be two."""
    keys = request.headers.getlist(HEADER)
    if not keys:
        return IdempotentRequest(None, "")
    key = keys[0]
    if len(keys) > 1 or not (1 <= len(key) <= KEY_LENGTH_MAX and key.isascii() and key.isprintable()):
        raise InvalidHeader(
            f"Idempotency-Key must be a single text of 1 to {KEY_LENGTH_MAX} printable ASCII characters.",
            path=("Idempotency-Key",),
        )
    return IdempotentRequest(key, await _fingerprint(request))


async def _fingerprint(request: Request) -> str:
    caller = await caller_of(request)
    parts = (request.method.encode(), request.url.path.encode(), caller.key.id.encode(), await bytes_of(request))
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


Idempotency = Annotated[IdempotentRequest, Depends(idempotency_of)]
"""The request with its Idempotency-Key, as a parameter of a route that writes."""


def _packed(rendered: Rendered) -> bytes:
    body, status, headers = rendered
    return orjson.dumps([status, dict(headers)]) + b"\n" + encode(body)


def _response(packed: bytes, extra: Mapping[str, str] | None = None) -> Response:
    head, _, body = packed.partition(b"\n")
    status, headers = orjson.loads(head)
    return Response(body, status, {**headers, **(extra or {})}, JSON)
