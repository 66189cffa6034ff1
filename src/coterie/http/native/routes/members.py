"""`/v1/segments/{id}/members`: page by page or as a file; and for a static segment, adding and
removing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import Query
from starlette.responses import Response, StreamingResponse

from coterie.errors import NotFound, over_limit
from coterie.exporting import FORMATS, columns_of
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.idempotency import Idempotency
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import AsOf, Cursor, Limit, SegmentId, SettingsOfServer, moment_in
from coterie.http.native.shapes import members, profiles
from coterie.http.routing import Routes
from coterie.model import Scope
from coterie.settings import Settings

routes = Routes(ERRORS, prefix="/segments/{segment_id}/members", tags=["members"])

FormatName = Annotated[Literal["csv", "ndjson", "parquet"], Query(description="The file's format.")]


@routes.get("", "List members", scope=Scope.READ, answers=profiles.ProfilePage, refuses=(400, 404))
def list_members(
    segment_id: SegmentId, workspace: WorkspaceOfKey, limit: Limit, cursor: Cursor = None, as_of: AsOf = None
) -> Response:
    """Oldest profile first. Every profile that is a member throughout the paging appears exactly
    once.

    With `as_of`, the members at that instant, as the profiles are now; a segment that has been
    deleted still answers. `total` then includes profiles that have been deleted since, which are
    not listed."""
    if as_of is None:
        page = workspace.segments.members(str(segment_id), cursor=cursor, limit=limit)
    else:
        at = moment_in(as_of, workspace, "as_of")
        page = workspace.segments.members_as_of(str(segment_id), at, cursor=cursor, limit=limit)
    return answer(profiles.ProfilePage.of(page))


def _file(example: str, binary: bool = False) -> dict[str, Any]:
    shape = {"type": "string", "format": "binary"} if binary else {"type": "string"}
    return {"schema": shape, "example": example}


@routes.get(
    "/export",
    "Export members",
    scope=Scope.READ,
    refuses=(404,),
    responses={
        200: {
            "description": "The file, streamed.",
            "content": {
                "text/csv": _file("id,external_id,email,created_at,updated_at,plan\r\n"),
                "application/x-ndjson": _file('{"id":"0198c0de-0000-7000-8000-000000000001"}\n'),
                "application/vnd.apache.parquet": _file("PAR1", binary=True),
            },
        }
    },
    response_class=StreamingResponse,
)
def export_members(segment_id: SegmentId, workspace: WorkspaceOfKey, format: FormatName = "csv") -> Response:
    """The members as of this call. Values are exactly what is stored: in a CSV, a text that begins
    with `=`, `+`, `-` or `@` is not changed, so a spreadsheet may take it for a formula; import
    such columns as text."""
    chosen = FORMATS[format]
    batches = workspace.segments.export_members(str(segment_id))
    chunks = chosen.write(batches, columns_of(workspace))
    first = next(chunks, b"")  # an error here can still be answered; later ones break the stream
    headers = {"Content-Disposition": f'attachment; filename="members-{segment_id}.{format}"'}
    return StreamingResponse(_streamed(first, chunks), headers=headers, media_type=chosen.media_type)


async def _streamed(first: bytes, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    chunk: bytes | None = first
    while chunk is not None:
        yield chunk
        chunk = await to_thread.run_sync(next, chunks, None)


@routes.post("/add", "Add members to a static segment", scope=Scope.WRITE, answers=members.Added, refuses=(404, 409))
def add_members(
    segment_id: SegmentId,
    body: members.ProfileIds,
    workspace: WorkspaceOfKey,
    settings: SettingsOfServer,
    idempotency: Idempotency,
) -> Response:
    """Adds all of these profiles, or none when one is unknown."""
    return _write(workspace.segments.add_members, segment_id, _ids(body, settings), idempotency, "added")


@routes.post(
    "/remove",
    "Remove members from a static segment",
    scope=Scope.WRITE,
    answers=members.Removed,
    refuses=(404, 409),
)
def remove_members(
    segment_id: SegmentId,
    body: members.ProfileIds,
    workspace: WorkspaceOfKey,
    settings: SettingsOfServer,
    idempotency: Idempotency,
) -> Response:
    """Removes all of these profiles, or none when one is unknown."""
    return _write(workspace.segments.remove_members, segment_id, _ids(body, settings), idempotency, "removed")


def _write(
    change: Callable[..., int], segment_id: SegmentId, ids: list[str], idempotency: Idempotency, counted_as: str
) -> Response:
    with _unknown_profile_in_body():
        return idempotency.write(
            lambda record: change(str(segment_id), ids, idempotency=record),
            lambda count: ({counted_as: count}, 200, {}),
        )


@contextmanager
def _unknown_profile_in_body() -> Iterator[None]:
    """Place errors about an unknown profile below `profile_ids`, the list the workspace was
    given."""
    try:
        yield
    except NotFound as error:
        if not error.path:
            raise  # the segment of the address
        raise NotFound(error.message, path=("profile_ids", *error.path), hint=error.hint) from error


def _ids(body: members.ProfileIds, settings: Settings) -> list[str]:
    """The ids as text. Raises LimitExceeded."""
    count, limit = len(body.profile_ids), settings.batch_rows_max
    if count > limit:
        raise over_limit(
            "The request", count, "profiles", limit, "batch_rows_max", path=("profile_ids",),
            hint="Send them in several requests.",
        )  # fmt: skip
    return [str(profile_id) for profile_id in body.profile_ids]
