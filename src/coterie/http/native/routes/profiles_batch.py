"""`/v1/profiles/batch`: many profiles in one transaction. An invalid item is reported by its index
and does not affect the others."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from coterie.http.auth import WorkspaceOfKey
from coterie.http.bodies import JSON, NDJSON
from coterie.http.idempotency import Idempotency, Rendered
from coterie.http.native.batch_answers import batch_answer, joined
from coterie.http.native.batch_bodies import BatchKind, Body, batch_of, described, read_many
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import SettingsOfServer
from coterie.http.native.shapes import profiles
from coterie.http.routing import Routes
from coterie.model import Outcome, ProfileInput, ProfileWrite, Rejected, Scope

routes = Routes(ERRORS, prefix="/profiles", tags=["profiles"])

PROFILES = BatchKind("profiles", profiles.NewProfile, profiles.NewProfile.to_model)
EXAMPLES = {JSON: [profiles.NEW], NDJSON: '{"external_id":"user-1","properties":{"plan":"free"}}\n'}


@routes.post(
    "/batch",
    "Create or update many profiles",
    scope=Scope.WRITE,
    answers=profiles.BatchAnswer,
    openapi_extra=described("NewProfile", EXAMPLES),
)
def put_profiles(
    batch: Annotated[Body, Depends(batch_of)],
    workspace: WorkspaceOfKey,
    settings: SettingsOfServer,
    idempotency: Idempotency,
) -> Response:
    """A JSON array or NDJSON, up to `batch_rows_max` items and `body_bytes_max` bytes after
    decompression (gzip, zstd, deflate). Items take effect in their order, so that the last one
    about a profile wins."""
    items = read_many(batch, PROFILES, rows_max=settings.batch_rows_max)
    valid = [item for item in items if isinstance(item, ProfileInput)]

    def render(results: list[ProfileWrite | Rejected]) -> Rendered:
        return batch_answer(joined(items, results), profiles.ProfileWritten, Outcome, {"id": None}), 200, {}

    return idempotency.write(lambda record: workspace.profiles.put_many(valid, idempotency=record), render)
