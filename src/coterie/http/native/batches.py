"""Bodies that carry many items: a JSON array, an object around one, or NDJSON with one object a line. A bad item is told by its index and stops no other.

What an item is, a `Sort` says: its shape, how it becomes the model's, and, where a lone item is welcome too, the key that makes an object a
batch (`{"events": [...]}`). Bodies are parsed in a thread, for they can be large.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from fastapi import Request
from pydantic import ValidationError

from coterie.errors import CoterieError, IdentityConflict, InvalidInput, LimitExceeded, Path, Suppressed
from coterie.http.bodies import JSON, NDJSON, parse_json, require_media_type
from coterie.http.errors import MalformedJson
from coterie.http.native.schema import Shape
from coterie.http.problem_paths import inside
from coterie.http.problems import problems_of
from coterie.http.route import bytes_of
from coterie.model import Rejected

S = TypeVar("S", bound=Shape)
T = TypeVar("T")
R = TypeVar("R")

Body = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Sort(Generic[S, T]):
    """A sort of item. `plural` names them in sentences, and is the key of an object that holds a batch of them."""

    plural: str
    shape: type[S]
    read: Callable[[S], T]


async def batch_of(request: Request) -> Body:
    """The body's media type and bytes."""
    media_type = require_media_type(request.headers, (JSON, NDJSON))
    return media_type, await bytes_of(request)


def described(name: str, examples: Mapping[str, Any], *, plural: str | None = None) -> dict[str, Any]:
    """What the API description says of such a body. `examples` are by media type; `plural` where a lone item, or an object around many, is taken too."""
    one = {"$ref": f"#/components/schemas/{name}"}
    many: dict[str, Any] = {"type": "array", "items": one}
    if plural is not None:
        around = {"type": "object", "properties": {plural: many}, "required": [plural], "additionalProperties": False}
        many = {"anyOf": [one, around, many]}
    content = {
        JSON: {"schema": many, "example": examples[JSON]},
        NDJSON: {"schema": {"type": "string"}, "example": examples[NDJSON]},
    }
    return {"requestBody": {"required": True, "content": content}}


def read_one_or_many(body: Body, sort: Sort[S, T], *, rows_max: int) -> T | list[T | Rejected]:
    """The lone item of the body, or those of its batch. Raises InvalidInput for a lone item that is wrong; else as `read_many`."""
    media_type, content = body
    if media_type == NDJSON:
        return read_many(body, sort, rows_max=rows_max)
    document = parse_json(content)
    if isinstance(document, list):
        return _items(document, sort, rows_max)
    if isinstance(document, dict) and document.keys() == {sort.plural}:
        with inside(sort.plural):
            return _items(_listed(document[sort.plural], sort), sort, rows_max)
    item = _read(sort, document)
    if isinstance(item, Rejected):
        first, *others = item.problems
        raise InvalidInput(first.message, path=first.path, hint=first.hint, others=others)
    return item


def read_many(body: Body, sort: Sort[S, T], *, rows_max: int) -> list[T | Rejected]:
    """Raises LimitExceeded for too many, MalformedJson and InvalidInput where there are no items to tell apart."""
    media_type, content = body
    if media_type == NDJSON:
        lines = [(number, line) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip()]
        _check_count(len(lines), rows_max)
        read = partial(_read_line, sort)
        return [read(number, line) for number, line in lines]
    return _items(_listed(parse_json(content), sort), sort, rows_max)


def _listed(document: object, sort: Sort[S, T]) -> list[object]:
    if not isinstance(document, list):
        raise InvalidInput(f"A batch is a JSON array of {sort.plural}.", hint=f"One object a line is {NDJSON}.")
    return document


WHOSE = frozenset({"id", "external_id", "email", "anonymous_id"})
OF_PEOPLE = frozenset({Suppressed.code, IdentityConflict.code})
"""What can only be said of a profile."""


@contextmanager
def of_profile(names: frozenset[str] = WHOSE) -> Iterator[None]:
    """The workspace names an identifier that it refuses; in the body of an event or a conversation these are members of `profile`: those called `names`
    whatever is wrong with them, all where it is `OF_PEOPLE`."""
    try:
        yield
    except CoterieError as error:
        error.path = _placed(error.path, error.code, names)
        raise


def refusals_of_profile(
    results: Sequence[R | Rejected], names: Sequence[frozenset[str]] | None = None
) -> list[R | Rejected]:
    """The same for the refused items of a batch; `names` are each item's."""
    return [
        Rejected(tuple(replace(one, path=_placed(one.path, one.code, own)) for one in result.problems))
        if isinstance(result, Rejected)
        else result
        for result, own in zip(results, names or [WHOSE] * len(results), strict=True)
    ]


def _placed(path: Path, code: str, names: frozenset[str] = WHOSE) -> Path:
    """A path in a body, for one that begins with an identifier of a profile."""
    return ("profile", *path) if path and path[0] in (WHOSE if code in OF_PEOPLE else names) else path


def joined(items: Sequence[T | Rejected], results: Sequence[R | Rejected]) -> list[R | Rejected]:
    """The fates of all items, in their order: `results` are those of the items that could be read."""
    remaining = iter(results)
    return [item if isinstance(item, Rejected) else next(remaining) for item in items]


def _items(document: Sequence[object], sort: Sort[S, T], rows_max: int) -> list[T | Rejected]:
    _check_count(len(document), rows_max)
    read = partial(_read, sort)
    return [read(item) for item in document]


def _check_count(count: int, rows_max: int) -> None:
    if count > rows_max:
        raise LimitExceeded(
            f"The batch has {count:,} items; one may have {rows_max:,} (batch_rows_max).",
            hint="Send it in several requests.",
        )


def _read_line(sort: Sort[S, T], number: int, line: bytes) -> T | Rejected:
    """`number` counts every line of the body, as an editor does; the index in the answer counts items."""
    try:
        return _read(sort, parse_json(line, line=number))
    except MalformedJson as error:
        return Rejected(error.problems)


def _read(sort: Sort[S, T], item: object) -> T | Rejected:
    try:
        return sort.read(sort.shape.model_validate(item))
    except ValidationError as error:
        return Rejected(problems_of([_found(problem, sort.shape) for problem in error.errors(include_url=False)]))
    except InvalidInput as error:
        return Rejected(error.problems)


def _found(problem: Mapping[str, Any], shape: type[Shape]) -> Mapping[str, Any]:
    """As `EdgeRoute` has it for a single item: placed in the body, an unknown key of the item with those it knows."""
    unknown = problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1
    hint = {"hint": f"Known keys: {', '.join(shape.model_fields)}."} if unknown else {}
    return {**problem, "loc": ("body", *problem["loc"]), **hint}
