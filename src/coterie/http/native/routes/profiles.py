"""`/v1/profiles`: one profile at a time. Batches are in `profiles_batch.py`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from coterie.errors import InvalidInput, NotFound
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.idempotency import Idempotency, Rendered
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import Cursor, Limit, ProfileId
from coterie.http.native.shapes import profiles, segments
from coterie.http.routing import Routes
from coterie.model import Outcome, Page, Profile, ProfileWrite, Scope
from coterie.workspace import Workspace

routes = Routes(ERRORS, prefix="/profiles", tags=["profiles"])

ExternalId = Annotated[str | None, Query(description="Only the profile with this external id.")]
Email = Annotated[str | None, Query(description="Only the profile with this email, ignoring case.")]
AnonymousId = Annotated[str | None, Query(description="Only the profile with this anonymous id.")]
Erase = Annotated[bool, Query(description="Refuse later data with its identifiers (`suppressed`).")]


@routes.post(
    "",
    "Create or update a profile",
    scope=Scope.WRITE,
    answers=profiles.ProfileWritten,
    refuses=(404, 409),
    says="The profile existed.",
    responses={201: {"model": profiles.ProfileWritten, "description": "The profile is new."}},
)
def put_profile(body: profiles.NewProfile, workspace: WorkspaceOfKey, idempotency: Idempotency) -> Response:
    """The profile is found by `id`, else by `external_id`, else by `email`; otherwise it is
    created. A profile that has only an email is claimed by the first external id that comes with
    that email. When this is answered, every segment reflects it."""
    profile = body.to_model()
    return idempotency.write(lambda record: workspace.profiles.put(profile, idempotency=record), _written)


def _written(write: ProfileWrite) -> Rendered:
    document = profiles.ProfileWritten.of(write)
    if write.outcome is Outcome.CREATED:
        return document, 201, {"Location": f"/v1/profiles/{write.id}"}
    return document, 200, {}


@routes.post("/merge", "Merge two profiles", scope=Scope.WRITE, answers=profiles.ProfileMerged, refuses=(404,))
def merge_profiles(body: profiles.ProfilesToMerge, workspace: WorkspaceOfKey, idempotency: Idempotency) -> Response:
    """The loser is merged into the winner: its events, conversations and lists move there, the
    winner's properties take precedence and missing ones are filled, and the loser's identifiers
    lead to the winner from now on. The transitions have the cause `merge`."""
    winner_id, loser_id = str(body.winner_id), str(body.loser_id)
    return idempotency.write(
        # inside the transaction, where the answer is rendered, the result is the id
        lambda record: workspace.profiles.merge(winner_id, loser_id, idempotency=record).id,
        lambda merged_id: ({"id": merged_id}, 200, {}),
    )


@routes.get("", "List profiles, or find one", scope=Scope.READ, answers=profiles.ProfilePage, refuses=(400,))
def list_profiles(
    workspace: WorkspaceOfKey,
    limit: Limit,
    cursor: Cursor = None,
    external_id: ExternalId = None,
    email: Email = None,
    anonymous_id: AnonymousId = None,
) -> Response:
    """Oldest first. Every profile that exists throughout the paging appears exactly once. With an
    identifier, a page with that one profile, or an empty page."""
    identifiers = {"external_id": external_id, "email": email, "anonymous_id": anonymous_id}
    given = {name: value for name, value in identifiers.items() if value is not None}
    page = _only(workspace, given, cursor) if given else workspace.profiles.list_after(cursor, limit)
    return answer(profiles.ProfilePage.of(page))


def _only(workspace: Workspace, given: dict[str, str], cursor: str | None) -> Page[Profile]:
    """A page of the profile with the identifier `given`."""
    if cursor is not None or len(given) > 1:
        raise InvalidInput("Give either one identifier or `cursor`.", path=(list(given)[-1],))
    try:
        return Page((workspace.profiles.get(**given),), None, 1)
    except NotFound:
        return Page((), None, 0)


@routes.get("/{profile_id}", "Get a profile", scope=Scope.READ, answers=profiles.Profile, refuses=(404,))
def get_profile(profile_id: ProfileId, workspace: WorkspaceOfKey) -> Response:
    return answer(profiles.Profile.of(workspace.profiles.get(str(profile_id))))


@routes.delete("/{profile_id}", "Delete a profile", scope=Scope.WRITE, refuses=(404,))
def delete_profile(profile_id: ProfileId, workspace: WorkspaceOfKey, erase: Erase = False) -> Response:
    """The profile leaves every segment, with the cause `profile_deleted`; its events,
    conversations, messages and identifiers are deleted. With `erase`, later data with its
    identifiers is refused. `coterie compact` removes what was deleted from the files."""
    workspace.profiles.delete(str(profile_id), erase=erase)
    return no_content()


@routes.get(
    "/{profile_id}/segments",
    "List a profile's segments",
    scope=Scope.READ,
    answers=segments.SegmentList,
    refuses=(404,),
)
def profile_segments(profile_id: ProfileId, workspace: WorkspaceOfKey) -> Response:
    memberships = workspace.segments.of_profile(str(profile_id))
    return answer({"items": [segments.Segment.of(segment, workspace.sentence) for segment in memberships]})
