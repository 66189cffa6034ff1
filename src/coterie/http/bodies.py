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

_LONG_NUMBER = re.compile(rb"\d{19}")


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


def parse_json(text: bytes | memoryview, *, path: Path = ()) -> object:
    """`text` as JSON values. Raises MalformedJson, saying where in the text, at `path` in the input."""
    try:
        parsed: object = orjson.loads(text)
        if _LONG_NUMBER.search(text):
            parsed = json.loads(bytes(text))
    except json.JSONDecodeError as error:  # orjson's is a subclass
        raise malformed(error, path) from error
    except (ValueError, RecursionError) as error:  # more digits, or deeper, than Python's own parser reads
        raise MalformedJson(
            "The JSON holds a number or a nesting too long to be read.", path=path, hint="Send long numbers as text."
        ) from error
    return parsed


def malformed(error: json.JSONDecodeError, path: Path) -> MalformedJson:
    reason = error.msg.split(": line ")[0]
    return MalformedJson(
        f"This is not valid JSON: {reason} (line {error.lineno}, column {error.colno}).",
        path=path,
        hint=None if "depth" in reason or not error.doc else "JSON has no NaN, Infinity, comments or trailing commas.",
    )
