"""Bodies with many items: a JSON array, an object around one, or NDJSON with one object a line.

Each item is read by itself: an invalid one becomes `Rejected` and does not affect the others.
Bodies can be large, so they are parsed in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import starmap
from typing import Any, Generic, TypeVar

from fastapi import Request
from pydantic import ValidationError

from coterie.errors import InvalidInput, over_limit
from coterie.http.bodies import JSON, NDJSON, parse_json, require_media_type
from coterie.http.errors import MalformedJson
from coterie.http.native.shapes.shape import Shape
from coterie.http.problem_paths import inside
from coterie.http.problems import problems_of
from coterie.http.route import bytes_of
from coterie.model import Rejected

S = TypeVar("S", bound=Shape)
T = TypeVar("T")

Body = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class BatchKind(Generic[S, T]):
    """A kind of item. `plural` names the items in sentences, and is the key of an object around a
    batch: `{"events": [...]}`."""

    plural: str
    shape: type[S]
    to_model: Callable[[S], T]


async def batch_of(request: Request) -> Body:
    """The body's media type and bytes."""
    media_type = require_media_type(request.headers, (JSON, NDJSON))
    return media_type, await bytes_of(request)


def described(name: str, examples: Mapping[str, Any], *, plural: str | None = None) -> dict[str, Any]:
    """Such a body in the API description. `examples` are by media type; `plural` is given where a
    single item and an object around a batch are accepted as well."""
    item = {"$ref": f"#/components/schemas/{name}"}
    body: dict[str, Any] = {"type": "array", "items": item}
    if plural is not None:
        around = {"type": "object", "properties": {plural: body}, "required": [plural], "additionalProperties": False}
        body = {"anyOf": [item, around, body]}
    content = {
        JSON: {"schema": body, "example": examples[JSON]},
        NDJSON: {"schema": {"type": "string"}, "example": examples[NDJSON]},
    }
    return {"requestBody": {"required": True, "content": content}}


def read_one_or_many(body: Body, kind: BatchKind[S, T], *, rows_max: int) -> T | list[T | Rejected]:
    """The single item of the body, or the items of its batch. Raises InvalidInput for a single item
    that is invalid; otherwise as `read_many`."""
    media_type, content = body
    if media_type == NDJSON:
        return read_many(body, kind, rows_max=rows_max)
    document = parse_json(content)
    if isinstance(document, list):
        return _items(document, kind, rows_max)
    if isinstance(document, dict) and document.keys() == {kind.plural}:
        with inside(kind.plural):
            return _items(_require_list(document[kind.plural], kind), kind, rows_max)
    item = _read(kind, document)
    if isinstance(item, Rejected):
        first, *others = item.problems
        raise InvalidInput(first.message, path=first.path, hint=first.hint, others=others)
    return item


def read_many(body: Body, kind: BatchKind[S, T], *, rows_max: int) -> list[T | Rejected]:
    """The items of a batch. Raises LimitExceeded for too many of them, MalformedJson and
    InvalidInput where the body has no items."""
    media_type, content = body
    if media_type == NDJSON:
        lines = [(number, line) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip()]
        _check_count(len(lines), rows_max)
        return list(starmap(partial(_read_line, kind), lines))
    return _items(_require_list(parse_json(content), kind), kind, rows_max)


def _require_list(document: object, kind: BatchKind[S, T]) -> list[object]:
    if not isinstance(document, list):
        raise InvalidInput(f"A batch is a JSON array of {kind.plural}.", hint=f"For one object a line, send {NDJSON}.")
    return document


def _items(document: Sequence[object], kind: BatchKind[S, T], rows_max: int) -> list[T | Rejected]:
    _check_count(len(document), rows_max)
    return list(map(partial(_read, kind), document))


def _check_count(count: int, rows_max: int) -> None:
    if count > rows_max:
        raise over_limit("The batch", count, "items", rows_max, "batch_rows_max", hint="Send it in several requests.")


def _read_line(kind: BatchKind[S, T], number: int, line: bytes) -> T | Rejected:
    """`number` counts every line of the body, as an editor does; the index in the answer counts
    items."""
    try:
        return _read(kind, parse_json(line, line=number))
    except MalformedJson as error:
        return Rejected(error.problems)


def _read(kind: BatchKind[S, T], item: object) -> T | Rejected:
    try:
        return kind.to_model(kind.shape.model_validate(item))
    except ValidationError as error:
        return Rejected(problems_of([_in_body(item, kind.shape) for item in error.errors(include_url=False)]))
    except InvalidInput as error:
        return Rejected(error.problems)


def _in_body(item: Mapping[str, Any], shape: type[Shape]) -> Mapping[str, Any]:
    """Pydantic's error as `EdgeRoute` has it for a single item: placed in the body, and with the
    known keys where a key of the item is unknown."""
    unknown = item["type"] == "extra_forbidden" and len(item["loc"]) == 1
    hint = {"hint": f"Known keys: {', '.join(shape.model_fields)}."} if unknown else {}
    return {**item, "loc": ("body", *item["loc"]), **hint}
