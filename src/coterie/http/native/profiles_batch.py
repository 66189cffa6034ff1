"""`/v1/profiles/batch`: many profiles in one transaction. A bad item is reported by its index and stops no other.

The body is a JSON array, or NDJSON: one object a line, empty lines skipped. It is parsed in a thread, for it can be large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.responses import Response

from coterie.errors import InvalidInput, LimitExceeded
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.bodies import JSON, NDJSON, parse_json, require_media_type
from coterie.http.errors import MalformedJson
from coterie.http.fault import problems_of
from coterie.http.idempotency import OnceForKey
from coterie.http.native import schema
from coterie.http.native.parameters import SettingsOfServer
from coterie.http.native.responses import WRITES, refusals
from coterie.http.native.schema.profiles import NEW
from coterie.http.native.translate import batch_out, profile_in
from coterie.http.route import EdgeRoute, bytes_of
from coterie.model import ProfileInput, ProfileWrite, Receipt, Refused, Scope

router = APIRouter(route_class=EdgeRoute, prefix="/profiles", tags=["profiles"])

Item = ProfileInput | Refused

_ONE = {"$ref": "#/components/schemas/NewProfile"}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"type": "array", "items": _ONE}, "example": [NEW]},
            NDJSON: {
                "schema": {"type": "string"},
                "example": '{"external_id":"user-1","properties":{"plan":"free"}}\n',
            },
        },
    }
}


async def batch_of(request: Request) -> tuple[str, bytes]:
    """The body's media type and bytes."""
    media_type = require_media_type(request.headers, (JSON, NDJSON))
    return media_type, await bytes_of(request)


@router.post(
    "/batch",
    summary="Create or update many profiles",
    dependencies=[needs(Scope.WRITE)],
    response_model=schema.BatchAnswer,
    responses=refusals(*WRITES),
    openapi_extra=BODY,
)
def put_profiles(
    batch: Annotated[tuple[str, bytes], Depends(batch_of)],
    workspace: WorkspaceOfKey,
    settings: SettingsOfServer,
    once: OnceForKey,
) -> Response:
    """A JSON array or NDJSON, up to `batch_rows_max` items and `body_bytes_max` bytes after decompression (gzip, zstd, deflate). In order:
    where two items speak of one profile, the later one has the last word."""
    items = read_items(*batch, rows_max=settings.batch_rows_max)
    good = [item for item in items if isinstance(item, ProfileInput)]

    def write(receipt: Receipt | None) -> list[ProfileWrite | Refused]:
        return workspace.put_profiles(good, receipt=receipt)

    return once.write(write, lambda results: (batch_out(joined(items, results)), 200, {}))


def joined(items: Sequence[Item], results: Sequence[ProfileWrite | Refused]) -> list[ProfileWrite | Refused]:
    """The fates of all items, in their order: `results` are those of the items that could be read."""
    remaining = iter(results)
    return [item if isinstance(item, Refused) else next(remaining) for item in items]


def read_items(media_type: str, body: bytes, *, rows_max: int) -> list[Item]:
    """Raises LimitExceeded for too many, MalformedJson and InvalidInput where there are no items to tell apart."""
    if media_type == NDJSON:
        lines = [(number, line) for number, line in enumerate(body.split(b"\n"), start=1) if line.strip()]
        _check_count(len(lines), rows_max)
        return [_read_line(line, number) for number, line in lines]
    document = parse_json(body)
    if not isinstance(document, list):
        raise InvalidInput("A batch is a JSON array of profiles.", hint=f"One object a line is {NDJSON}.")
    _check_count(len(document), rows_max)
    return [_read_item(item) for item in document]


def _check_count(count: int, rows_max: int) -> None:
    if count > rows_max:
        raise LimitExceeded(
            f"The batch has {count:,} items; one may have {rows_max:,} (batch_rows_max).",
            hint="Send it in several requests.",
        )


def _read_line(line: bytes, number: int) -> Item:
    """`number` counts every line of the body, as an editor does; the index in the answer counts items."""
    try:
        return _read_item(parse_json(line, line=number))
    except MalformedJson as error:
        return Refused(error.problems)


def _read_item(item: object) -> Item:
    try:
        return profile_in(schema.NewProfile.model_validate(item))
    except ValidationError as error:
        return Refused(problems_of([_found(problem) for problem in error.errors(include_url=False)]))


def _found(problem: Mapping[str, Any]) -> Mapping[str, Any]:
    """As `EdgeRoute` has it for a single profile: placed in the body, an unknown key of the profile with those it knows."""
    unknown = problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1
    hint = {"hint": f"Known keys: {', '.join(schema.NewProfile.model_fields)}."} if unknown else {}
    return {**problem, "loc": ("body", *problem["loc"]), **hint}
