"""Bodies: read as a stream and never past the limit, decompressed within it, and parsed exactly.

Exactly means: no NaN, no nesting without end, no text that is not Unicode, and whole numbers of any length as they were written (a parser
that turns 18446744073709551617 into a float would hide from the door that it cannot be held). Where an object names a key twice,
the last one counts, as RFC 8259 leaves open and everyone does.
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
"""Lists and objects inside one another that orjson reads. Its own limit, which it does not let us set."""
DEPTH_MAX_EXACT = 1_000
"""The same for Python's own parser: its recursion limit, from which the calls above it are still to be taken."""

# orjson's words
_DEPTH_EXCEEDED = "depth limit exceeded"
_OUT_OF_ROOM = "failed to allocate memory"  # it has room for as many values as valid JSON of this length can hold


async def read_body(request: Request, *, limit: int, wait_for: float) -> bytes:
    """The whole body, decompressed; both sizes are held to `limit` bytes. Raises BodyTooLarge, BodyTooSlow, MalformedBody."""
    encoding = encoding_of(request.headers)
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise too_large(limit)
    sent = bytearray()
    try:
        with anyio.fail_after(wait_for):
            async for chunk in request.stream():
                sent += chunk
                if len(sent) > limit:
                    raise too_large(limit)
    except TimeoutError as error:
        raise BodyTooSlow(f"The body did not arrive within {wait_for:g} seconds (body_waited_for).") from error
    if encoding is None:
        return bytes(sent)
    return await to_thread.run_sync(decompress, bytes(sent), encoding, limit)


def encoding_of(headers: Mapping[str, str]) -> str | None:
    """The content encoding, None for none. Raises UnsupportedEncoding."""
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return None
    if encoding not in DECODERS:
        raise UnsupportedEncoding(
            "The body's Content-Encoding is not one we read.", hint=f"Use one of: {', '.join(sorted(DECODERS))}."
        )
    return encoding


def media_type_of(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def require_media_type(headers: Mapping[str, str], accepted: tuple[str, ...]) -> str:
    """The body's media type. Raises UnsupportedMediaType unless it is `accepted`; JSON's relatives (`+json`) count as JSON."""
    sent = media_type_of(headers)
    if sent.startswith("application/") and sent.endswith("+json"):
        sent = JSON
    if sent not in accepted:
        said = "The body has no Content-Type." if not sent else "The body's Content-Type is not one we read here."
        raise UnsupportedMediaType(said, hint=f"Send Content-Type: {' or '.join(accepted)}.")
    return sent


def parse_json(text: bytes | memoryview, *, path: Path = (), line: int = 1) -> object:
    """`text`, which begins at `line` of the body, as JSON values. Raises MalformedJson, saying where in the body, at `path` in the input."""
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
            f"The JSON holds a number too long to be read (line {line}).", path=path, hint="Send long numbers as text."
        ) from error
    return parsed


def malformed(error: json.JSONDecodeError, path: Path, line: int) -> MalformedJson:
    reason = error.msg.split(": line ")[0]
    place = f"line {line + error.lineno - 1}, column {error.colno}"
    if reason == _DEPTH_EXCEEDED:
        return too_deep(path, "Nest the values less deep.", place)
    if reason == _OUT_OF_ROOM:
        reason = "more is opened than is closed"
    return MalformedJson(
        f"This is not valid JSON: {reason} ({place}).",
        path=path,
        hint="JSON has no NaN, Infinity, comments or trailing commas." if error.doc else None,
    )


def too_deep(path: Path, hint: str, place: str) -> MalformedJson:
    return MalformedJson(
        f"The JSON is nested too deep ({place}): at most {DEPTH_MAX:,} levels are read, "
        f"and fewer than {DEPTH_MAX_EXACT:,} where there is a number of {LONG_DIGITS} digits or more.",
        path=path,
        hint=hint,
    )
