"""`/v1/segments/{id}/members`: who is in it, page by page or as a file; and for a static segment, who is added and removed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import Query
from starlette.responses import Response, StreamingResponse

from coterie.errors import LimitExceeded, NotFound
from coterie.exporting import FORMATS, columns_of
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.idempotency import OnceForKey
from coterie.http.native import schema
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import AsOf, Cursor, Limit, SegmentId, SettingsOfServer, moment_in
from coterie.http.native.translate import page_out, profile_out
from coterie.http.routing import Routes
from coterie.model import Scope
from coterie.settings import Settings

routes = Routes(ERRORS, prefix="/segments/{segment_id}/members", tags=["members"])

FormatName = Annotated[Literal["csv", "ndjson", "parquet"], Query(description="The file's format.")]


@routes.get("", "List members", scope=Scope.READ, answers=schema.ProfilePage, refuses=(400, 404))
def list_members(
    segment_id: SegmentId, workspace: WorkspaceOfKey, limit: Limit, cursor: Cursor = None, as_of: AsOf = None
) -> Response:
    """Oldest profile first. A member that stays one while you page is seen exactly once.

    With `as_of`, who was in at that instant, shown as they are now; a segment that was deleted since still answers. `total` then also counts
    profiles that were deleted since, of which there is nothing to show."""
    if as_of is None:
        page = workspace.segments.members(str(segment_id), cursor=cursor, limit=limit)
    else:
        at = moment_in(as_of, workspace, "as_of")
        page = workspace.segments.members_as_of(str(segment_id), at, cursor=cursor, limit=limit)
    return answer(page_out((profile_out(profile) for profile in page.items), page.next, page.total))


def _file(example: str, binary: bool = False) -> dict[str, Any]:
    kind = {"type": "string", "format": "binary"} if binary else {"type": "string"}
    return {"schema": kind, "example": example}


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
    """The members as of this call. Values are exactly what is stored: in a CSV a text that begins with `=`, `+`, `-` or `@` is left as it
    is, so a spreadsheet may take it for a formula; import such columns as text."""
    chosen = FORMATS[format]
    batches = workspace.segments.export_members(str(segment_id))
    chunks = chosen.write(batches, columns_of(workspace))
    first = next(chunks, b"")  # what fails at once fails here, where it can still be answered
    headers = {"Content-Disposition": f'attachment; filename="members-{segment_id}.{format}"'}
    return StreamingResponse(_streamed(first, chunks), headers=headers, media_type=chosen.media_type)


async def _streamed(first: bytes, chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    chunk: bytes | None = first
    while chunk is not None:
        yield chunk
        chunk = await to_thread.run_sync(next, chunks, None)


@routes.post("/add", "Add members to a static segment", scope=Scope.WRITE, answers=schema.Added, refuses=(404, 409))
def add_members(
    segment_id: SegmentId,
    body: schema.ProfileIds,
    workspace: WorkspaceOfKey,
    settings: SettingsOfServer,
    once: OnceForKey,
) -> Response:
    """All of them or, when one is not known, none."""
    ids = _ids(body, settings)
    with _named_in_body():
        return once.write(
            lambda idempotency: workspace.segments.add_members(str(segment_id), ids, idempotency=idempotency),
            lambda count: ({"added": count}, 200, {}),
        )


@routes.post(
    "/remove", "Remove members from a static segment", scope=Scope.WRITE, answers=schema.Removed, refuses=(404, 409)
)
def remove_members(
    segment_id: SegmentId,
    body: schema.ProfileIds,
    workspace: WorkspaceOfKey,
    settings: SettingsOfServer,
    once: OnceForKey,
) -> Response:
    """All of them or, when one is not known, none."""
    ids = _ids(body, settings)
    with _named_in_body():
        return once.write(
            lambda idempotency: workspace.segments.remove_members(str(segment_id), ids, idempotency=idempotency),
            lambda count: ({"removed": count}, 200, {}),
        )


@contextmanager
def _named_in_body() -> Iterator[None]:
    """The workspace names an unknown profile by its place in the list; in the body that list is `profile_ids`."""
    try:
        yield
    except NotFound as error:
        if not error.path:
            raise  # the segment of the address
        raise NotFound(error.message, path=("profile_ids", *error.path), hint=error.hint) from error


def _ids(body: schema.ProfileIds, settings: Settings) -> list[str]:
    if len(body.profile_ids) > settings.batch_rows_max:
        raise LimitExceeded(
            f"One request may name {settings.batch_rows_max:,} profiles (batch_rows_max).",
            path=("profile_ids",),
            hint="Send them in several requests.",
        )
    return [str(item) for item in body.profile_ids]
