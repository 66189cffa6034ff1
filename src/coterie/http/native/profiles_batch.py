"""`/v1/profiles/batch`: many profiles in one transaction. A bad item is reported by its index and stops no other."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from coterie.http.auth import WorkspaceOfKey
from coterie.http.bodies import JSON, NDJSON
from coterie.http.idempotency import OnceForKey
from coterie.http.native import schema
from coterie.http.native.batches import Body, Sort, batch_of, described, joined, read_many
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import SettingsOfServer
from coterie.http.native.schema.profiles import NEW
from coterie.http.native.translate import batch_out, profile_in
from coterie.http.routing import Routes
from coterie.model import IdempotencyRecord, ProfileInput, ProfileWrite, Rejected, Scope

routes = Routes(ERRORS, prefix="/profiles", tags=["profiles"])

PROFILES = Sort("profiles", schema.NewProfile, profile_in)
EXAMPLES = {JSON: [NEW], NDJSON: '{"external_id":"user-1","properties":{"plan":"free"}}\n'}


@routes.post(
    "/batch",
    "Create or update many profiles",
    scope=Scope.WRITE,
    answers=schema.BatchAnswer,
    openapi_extra=described("NewProfile", EXAMPLES),
)
def put_profiles(
    batch: Annotated[Body, Depends(batch_of)],
    workspace: WorkspaceOfKey,
    settings: SettingsOfServer,
    once: OnceForKey,
) -> Response:
    """A JSON array or NDJSON, up to `batch_rows_max` items and `body_bytes_max` bytes after decompression (gzip, zstd, deflate). In order:
    where two items speak of one profile, the later one has the last word."""
    items = read_many(batch, PROFILES, rows_max=settings.batch_rows_max)
    good = [item for item in items if isinstance(item, ProfileInput)]

    def write(idempotency: IdempotencyRecord | None) -> list[ProfileWrite | Rejected]:
        return workspace.profiles.put_many(good, idempotency=idempotency)

    return once.write(write, lambda results: (batch_out(joined(items, results)), 200, {}))
