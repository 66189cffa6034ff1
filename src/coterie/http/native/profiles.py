"""`/v1/profiles`: one at a time. Batches are in `profiles_batch.py`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from coterie.errors import InvalidInput, NotFound
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.idempotency import OnceForKey, Rendered
from coterie.http.native import schema
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import Cursor, Limit, ProfileId
from coterie.http.native.translate import Json, page_out, profile_in, profile_out, segment_out, write_out
from coterie.http.routing import Routes
from coterie.model import Outcome, ProfileWrite, Scope
from coterie.workspace import Workspace

routes = Routes(ERRORS, prefix="/profiles", tags=["profiles"])

ExternalId = Annotated[str | None, Query(description="The one profile with this external id.")]
Email = Annotated[str | None, Query(description="The one profile with this email, in any case.")]
AnonymousId = Annotated[str | None, Query(description="The one profile with this anonymous id.")]
Erase = Annotated[bool, Query(description="Leave a mark, so that later data naming it is refused (`suppressed`).")]


@routes.post(
    "",
    "Create or update a profile",
    scope=Scope.WRITE,
    answers=schema.ProfileWritten,
    refuses=(404, 409),
    says="It was known.",
    responses={201: {"model": schema.ProfileWritten, "description": "It is new."}},
)
def put_profile(body: schema.NewProfile, workspace: WorkspaceOfKey, once: OnceForKey) -> Response:
    """Found by `id`, else by `external_id`, else by `email`; else it is made. A profile known by email only is claimed by the
    first external id that comes with that email. When this is answered, every segment reflects it."""
    profile = profile_in(body)
    return once.write(lambda idempotency: workspace.profiles.put(profile, idempotency=idempotency), _written)


def _written(write: ProfileWrite) -> Rendered:
    if write.outcome is not Outcome.CREATED:
        return write_out(write), 200, {}
    return write_out(write), 201, {"Location": f"/v1/profiles/{write.id}"}


@routes.post("/merge", "Merge two profiles", scope=Scope.WRITE, answers=schema.ProfileMerged, refuses=(404,))
def merge_profiles(body: schema.ProfilesToMerge, workspace: WorkspaceOfKey, once: OnceForKey) -> Response:
    """The loser becomes part of the winner: its events, conversations and lists move, the winner's properties win and missing ones are filled, and
    the loser's identifiers lead to the winner from now on. The moves have the cause `merge`."""
    winner_id, loser_id = str(body.winner_id), str(body.loser_id)
    return once.write(
        lambda idempotency: (
            workspace.profiles.merge(winner_id, loser_id, idempotency=idempotency).id
        ),  # the record is given the id
        lambda merged_id: ({"id": merged_id}, 200, {}),
    )


@routes.get("", "List profiles, or find one", scope=Scope.READ, answers=schema.ProfilePage, refuses=(400,))
def list_profiles(
    workspace: WorkspaceOfKey,
    limit: Limit,
    cursor: Cursor = None,
    external_id: ExternalId = None,
    email: Email = None,
    anonymous_id: AnonymousId = None,
) -> Response:
    """Oldest first. A profile that stays while you page is seen exactly once. With an identifier, a page of that one profile, or an empty
    one."""
    named = {"external_id": external_id, "email": email, "anonymous_id": anonymous_id}
    given = {name: value for name, value in named.items() if value is not None}
    if given:
        found = _found(workspace, given, cursor)
        return answer(page_out(found, None, len(found)))
    page = workspace.profiles.list_after(cursor, limit)
    return answer(page_out((profile_out(profile) for profile in page.items), page.next, page.total))


def _found(workspace: Workspace, given: dict[str, str], cursor: str | None) -> list[Json]:
    if cursor is not None or len(given) > 1:
        raise InvalidInput(
            "Give one identifier, or `cursor`: each of them names other profiles.", path=(list(given)[-1],)
        )
    try:
        return [profile_out(workspace.profiles.get(**given))]
    except NotFound:
        return []


@routes.get("/{profile_id}", "Get a profile", scope=Scope.READ, answers=schema.Profile, refuses=(404,))
def get_profile(profile_id: ProfileId, workspace: WorkspaceOfKey) -> Response:
    return answer(profile_out(workspace.profiles.get(str(profile_id))))


@routes.delete("/{profile_id}", "Delete a profile", scope=Scope.WRITE, refuses=(404,))
def delete_profile(profile_id: ProfileId, workspace: WorkspaceOfKey, erase: Erase = False) -> Response:
    """It leaves every segment, with the cause `profile_deleted`; its events, conversations, messages and identifiers are gone. With `erase`, data
    that names it later is refused. `coterie compact` takes what was deleted out of the files."""
    workspace.profiles.delete(str(profile_id), erase=erase)
    return no_content()


@routes.get(
    "/{profile_id}/segments",
    "The segments a profile is in",
    scope=Scope.READ,
    answers=schema.SegmentList,
    refuses=(404,),
)
def profile_segments(profile_id: ProfileId, workspace: WorkspaceOfKey) -> Response:
    segments = workspace.segments.of_profile(str(profile_id))
    return answer({"items": [segment_out(segment, workspace.sentence) for segment in segments]})
