"""`/v1/profiles`: one at a time. Batches are in `profiles_batch.py`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from coterie.errors import InvalidInput, NotFound
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.idempotency import OnceForKey, Rendered
from coterie.http.native import schema
from coterie.http.native.parameters import Cursor, Limit, ProfileId
from coterie.http.native.responses import READS, WRITES, refusals
from coterie.http.native.translate import Json, page_out, profile_in, profile_out, segment_out, write_out
from coterie.http.route import EdgeRoute
from coterie.model import Outcome, ProfileWrite, Scope
from coterie.workspace import Workspace

router = APIRouter(route_class=EdgeRoute, prefix="/profiles", tags=["profiles"])

ExternalId = Annotated[str | None, Query(description="The one profile with this external id.")]
Email = Annotated[str | None, Query(description="The one profile with this email, in any case.")]


@router.post(
    "",
    summary="Create or update a profile",
    dependencies=[needs(Scope.WRITE)],
    response_model=schema.ProfileWritten,
    responses={
        201: {"model": schema.ProfileWritten, "description": "It is new."},
        **refusals(*WRITES, 404, 409),
    },
    response_description="It was known.",
)
def put_profile(body: schema.NewProfile, workspace: WorkspaceOfKey, once: OnceForKey) -> Response:
    """Found by `id`, else by `external_id`, else by `email`; else it is made. A profile known by email only is claimed by the
    first external id that comes with that email. When this is answered, every segment reflects it."""
    profile = profile_in(body)
    return once.write(lambda receipt: workspace.put_profile(profile, receipt=receipt), _written)


def _written(write: ProfileWrite) -> Rendered:
    if write.outcome is not Outcome.CREATED:
        return write_out(write), 200, {}
    return write_out(write), 201, {"Location": f"/v1/profiles/{write.id}"}


@router.get(
    "",
    summary="List profiles, or find one",
    dependencies=[needs(Scope.READ)],
    response_model=schema.ProfilePage,
    responses=refusals(*READS, 400),
)
def list_profiles(
    workspace: WorkspaceOfKey, limit: Limit, cursor: Cursor = None, external_id: ExternalId = None, email: Email = None
) -> Response:
    """Oldest first. A profile that stays while you page is seen exactly once. With `external_id` or `email`, a page of that one
    profile, or an empty one."""
    if external_id is not None or email is not None:
        found = _found(workspace, external_id, email, cursor)
        return answer(page_out(found, None, len(found)))
    page = workspace.profiles_after(cursor, limit)
    return answer(page_out((profile_out(profile) for profile in page.items), page.next, page.total))


def _found(workspace: Workspace, external_id: str | None, email: str | None, cursor: str | None) -> list[Json]:
    if cursor is not None or (external_id is not None and email is not None):
        raise InvalidInput(
            "Give `external_id`, or `email`, or `cursor`: each of them names other profiles.", path=("email",)
        )
    try:
        return [profile_out(workspace.get_profile(external_id=external_id, email=email))]
    except NotFound:
        return []


@router.get(
    "/{profile_id}",
    summary="Get a profile",
    dependencies=[needs(Scope.READ)],
    response_model=schema.Profile,
    responses=refusals(*READS, 404),
)
def get_profile(profile_id: ProfileId, workspace: WorkspaceOfKey) -> Response:
    return answer(profile_out(workspace.get_profile(str(profile_id))))


@router.delete(
    "/{profile_id}",
    summary="Delete a profile",
    dependencies=[needs(Scope.WRITE)],
    status_code=204,
    responses=refusals(*READS, 404),
)
def delete_profile(profile_id: ProfileId, workspace: WorkspaceOfKey) -> Response:
    """It leaves every segment, with the cause `profile_deleted`."""
    workspace.delete_profile(str(profile_id))
    return no_content()


@router.get(
    "/{profile_id}/segments",
    summary="The segments a profile is in",
    dependencies=[needs(Scope.READ)],
    response_model=schema.SegmentList,
    responses=refusals(*READS, 404),
)
def profile_segments(profile_id: ProfileId, workspace: WorkspaceOfKey) -> Response:
    segments = workspace.profile_segments(str(profile_id))
    return answer({"items": [segment_out(segment, workspace.sentence) for segment in segments]})
