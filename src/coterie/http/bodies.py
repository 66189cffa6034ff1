"""Bodies: read as a stream and never past the limit, decompressed within it, and parsed exactly.

Exactly means: no NaN, bounded nesting, Unicode text only, and whole numbers of any length as they
were written (a parser that turns 18446744073709551617 into a float would hide that it cannot be
stored). Where an object has a key twice, the last one counts, as RFC 8259 permits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import anyio
import orjson
from anyio import to_thread
from starlette.requests import Request

from coterie.errors import Path
from coterie.http.decompress import DECODERS, decompress, too_large
from coterie.http.errors import BodyTooSlow, MalformedJson, UnsupportedEncoding, UnsupportedMediaType

JSON = "application/json"
NDJSON = "application/x-ndjson"

LONG_DIGITS = 19
_LONG_NUMBER = re.compile(rb"\d{%d}" % LONG_DIGITS)

DEPTH_MAX = 1_024
"""Levels of lists and objects that orjson reads. The limit is its own and cannot be set."""
DEPTH_MAX_EXACT = 1_000
"""The same for Python's own parser: its recursion limit, less the calls above it."""

# as orjson words it
_DEPTH_EXCEEDED = "depth limit exceeded"
_OUT_OF_ROOM = "failed to allocate memory"  # it allocates for as many values as valid JSON of this length can have


async def read_body(request: Request, *, limit: int, wait_for: float) -> bytes:
    """The whole body, decompressed; `limit` bounds its bytes before and after. Raises BodyTooLarge,
    BodyTooSlow, MalformedBody, UnsupportedEncoding."""
    encoding = encoding_of(request.headers)
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise too_large(limit)
    received = bytearray()
    try:
        with anyio.fail_after(wait_for):
            async for chunk in request.stream():
                received += chunk
                if len(received) > limit:
                    raise too_large(limit)
    except TimeoutError as error:
        raise BodyTooSlow(f"The body did not arrive within {wait_for:g} seconds (body_waited_for).") from error
    if encoding is None:
        return bytes(received)
    return await to_thread.run_sync(decompress, bytes(received), encoding, limit)


def encoding_of(headers: Mapping[str, str]) -> str | None:
    """The content encoding, None for none. Raises UnsupportedEncoding."""
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return None
    if encoding not in DECODERS:
        raise UnsupportedEncoding(
            "The body's Content-Encoding is not supported.", hint=f"Use one of: {', '.join(sorted(DECODERS))}."
        )
    return encoding


def media_type_of(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def require_media_type(headers: Mapping[str, str], accepted: tuple[str, ...]) -> str:
    """The body's media type, where `+json` counts as JSON. Raises UnsupportedMediaType unless it is
    `accepted`."""
    media_type = media_type_of(headers)
    if media_type.startswith("application/") and media_type.endswith("+json"):
        media_type = JSON
    if media_type not in accepted:
        message = "The body's Content-Type is not supported here." if media_type else "The body has no Content-Type."
        raise UnsupportedMediaType(message, hint=f"Send Content-Type: {' or '.join(accepted)}.")
    return media_type


def parse_json(text: bytes | memoryview, *, path: Path = (), line: int = 1) -> object:
    """The JSON values of `text`, which begins at `line` of the body. Raises MalformedJson with the
    line and column, at `path` in the input."""
    try:
        parsed: object = orjson.loads(text)
        if _LONG_NUMBER.search(text):
            parsed = json.loads(bytes(text))
    except json.JSONDecodeError as error:  # orjson's is a subclass
        raise malformed(error, path, line) from error
    except RecursionError as error:  # Python's own parser, which long numbers need, reads less deep
        raise too_deep(path, "Nest the values less deep, or send long numbers as text.", f"line {line}") from error
    except ValueError as error:  # more digits than Python's own parser reads
        raise MalformedJson(
            f"The JSON has a number that is too long (line {line}).", path=path, hint="Send long numbers as text."
        ) from error
    return parsed


def malformed(error: json.JSONDecodeError, path: Path, line: int) -> MalformedJson:
    reason = error.msg.split(": line ")[0]
    place = f"line {line + error.lineno - 1}, column {error.colno}"
    if reason == _DEPTH_EXCEEDED:
        return too_deep(path, "Nest the values less deep.", place)
    if reason == _OUT_OF_ROOM:
        reason = "more brackets are opened than closed"
    return MalformedJson(
        f"This is not valid JSON: {reason} ({place}).",
        path=path,
        hint="JSON has no NaN, Infinity, comments or trailing commas." if error.doc else None,
    )


def too_deep(path: Path, hint: str, place: str) -> MalformedJson:
    return MalformedJson(
        f"The JSON is nested too deep ({place}): at most {DEPTH_MAX:,} levels are allowed, "
        f"and fewer than {DEPTH_MAX_EXACT:,} beside a number of {LONG_DIGITS} digits or more.",
        path=path,
        hint=hint,
    )
