"""Answers: JSON bytes from orjson, and their headers."""

from __future__ import annotations

import json
from collections.abc import Mapping

import orjson
from starlette.responses import Response

from coterie.http.bodies import JSON


def encode(value: object) -> bytes:
    """`value` as JSON. Whole numbers beyond 64 bits, which only a document that is returned as it
    was sent can hold, are left to Python's own encoder."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def answer(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None, *, media_type: str = JSON
) -> Response:
    return Response(encode(value), status, dict(headers or {}), media_type)


def no_content() -> Response:
    return Response(status_code=204)
