"""Answers: bytes of JSON, made by orjson, with the headers that belong to them."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.responses import Response

from coterie.http.bodies import JSON


def encode(value: object) -> bytes:
    return orjson.dumps(value)


def answer(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None, *, media_type: str = JSON
) -> Response:
    return Response(encode(value), status, dict(headers or {}), media_type)


def no_content() -> Response:
    return Response(status_code=204)
