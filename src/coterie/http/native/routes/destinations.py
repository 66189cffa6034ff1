"""`/v1/destinations`: webhooks. They send data elsewhere, so every route needs the scope
`admin`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, TypeAlias
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from coterie.errors import InvalidInput
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import Limit
from coterie.http.native.shapes import destinations
from coterie.http.routing import Routes
from coterie.model import Action, Cause, Scope

routes = Routes(ERRORS, prefix="/destinations", tags=["destinations"])

DestinationId: TypeAlias = Annotated[
    UUID, Path(description="A destination's id.", examples=[destinations.DESTINATION_ID])
]

PRIVATE_TARGETS = "webhook_private_targets"
PRIVATE_TARGETS_HINT = (
    f"To deliver into a private network, start the server with COTERIE_{PRIVATE_TARGETS.upper()}=true. "
    "Whoever may register a destination can then reach that network."
)


@routes.post("", "Create a destination", scope=Scope.ADMIN, status=201, answers=destinations.DestinationCreated)
def create_destination(body: destinations.NewDestination, workspace: WorkspaceOfKey) -> Response:
    """From now on, or from a given place in the log, every transition that passes the filters is
    delivered to it at least once, signed according to Standard Webhooks. Its name must resolve to
    public addresses only."""
    with _setting_in_hint():
        destination, secret = workspace.destinations.create(
            body.url,
            description=body.description,
            segments=_ids(body.segments),
            actions=_actions(body.actions),
            causes=_causes(body.causes),
            after=body.after,
        )
    created = {**destinations.Destination.of(destination), "secret": secret.secret}
    return answer(created, 201, {"Location": f"/v1/destinations/{destination.id}"})


@routes.get("", "List destinations", scope=Scope.ADMIN, answers=destinations.DestinationList)
def list_destinations(workspace: WorkspaceOfKey) -> Response:
    return answer({"items": [destinations.Destination.of(each) for each in workspace.destinations.list()]})


@routes.get(
    "/{destination_id}", "Get a destination", scope=Scope.ADMIN, answers=destinations.Destination, refuses=(404,)
)
def get_destination(destination_id: DestinationId, workspace: WorkspaceOfKey) -> Response:
    """Its state, its position in the log, and how many deliveries wait."""
    return answer(destinations.Destination.of(workspace.destinations.get(str(destination_id))))


@routes.put(
    "/{destination_id}", "Change a destination", scope=Scope.ADMIN, answers=destinations.Destination, refuses=(404,)
)
def put_destination(
    destination_id: DestinationId, body: destinations.DestinationGiven, workspace: WorkspaceOfKey
) -> Response:
    """Replaces the destination, for transitions that are not delivered yet as well. A disabled
    destination is enabled and what waits is sent at once, unless `enabled` is false."""
    with _setting_in_hint():
        changed = workspace.destinations.update(
            str(destination_id),
            url=body.url,
            description=body.description,
            segments=_ids(body.segments),
            actions=_actions(body.actions),
            causes=_causes(body.causes),
            enabled=body.enabled,
        )
    return answer(destinations.Destination.of(changed))


@routes.delete("/{destination_id}", "Delete a destination", scope=Scope.ADMIN, refuses=(404,))
def delete_destination(destination_id: DestinationId, workspace: WorkspaceOfKey) -> Response:
    """Deliveries that are in flight may still arrive."""
    workspace.destinations.delete(str(destination_id))
    return no_content()


@routes.post(
    "/{destination_id}/rotate",
    "Rotate a destination's secret",
    scope=Scope.ADMIN,
    answers=destinations.Rotated,
    refuses=(404,),
)
def rotate_secret(destination_id: DestinationId, body: destinations.Rotation, workspace: WorkspaceOfKey) -> Response:
    """The old secret signs beside the new one for a while, so that the receiver can switch without
    losing anything."""
    return answer(destinations.Rotated.of(workspace.destinations.rotate_secret(str(destination_id), body.overlap_for)))


@routes.post(
    "/{destination_id}/replay",
    "Deliver again from a place in the log",
    scope=Scope.ADMIN,
    answers=destinations.Destination,
    refuses=(404,),
)
def replay(destination_id: DestinationId, body: destinations.ReplayAsked, workspace: WorkspaceOfKey) -> Response:
    """Every message has the same `webhook-id` as the first time."""
    return answer(destinations.Destination.of(workspace.destinations.replay(str(destination_id), body.from_sequence)))


@routes.get(
    "/{destination_id}/attempts",
    "List the last delivery attempts",
    scope=Scope.ADMIN,
    answers=destinations.AttemptList,
    refuses=(404,),
)
def list_attempts(destination_id: DestinationId, workspace: WorkspaceOfKey, limit: Limit) -> Response:
    """The latest first: about a hundred, and those after which a delivery was abandoned."""
    attempts = workspace.destinations.attempts(str(destination_id), limit)
    return answer({"items": [destinations.Attempt.of(attempt) for attempt in attempts]})


@contextmanager
def _setting_in_hint() -> Iterator[None]:
    """Name the setting that allows a private target in the words of those who start a server: the
    engine, which refuses it, knows its settings by other names."""
    try:
        yield
    except InvalidInput as error:
        if error.path == ("url",) and PRIVATE_TARGETS in error.message:
            error.hint = PRIVATE_TARGETS_HINT
        raise


def _ids(sent: Sequence[UUID] | None) -> list[str] | None:
    return None if sent is None else [str(segment_id) for segment_id in sent]


def _actions(sent: Sequence[str] | None) -> list[Action] | None:
    return None if sent is None else [Action(name) for name in sent]


def _causes(sent: Sequence[str] | None) -> list[Cause] | None:
    return None if sent is None else [Cause(name) for name in sent]
