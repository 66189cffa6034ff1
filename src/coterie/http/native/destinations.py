"""`/v1/destinations`: webhooks. They lead data out of the house, so all of it needs the scope `admin`."""

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
from coterie.http.native import schema
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import Limit
from coterie.http.native.schema.destinations import DESTINATION_ID
from coterie.http.native.translate import Json
from coterie.http.routing import Routes
from coterie.model import Action, Attempt, Cause, Destination, Scope

routes = Routes(ERRORS, prefix="/destinations", tags=["destinations"])

DestinationId: TypeAlias = Annotated[UUID, Path(description="A destination's id.", examples=[DESTINATION_ID])]


PRIVATE_TARGETS = "webhook_private_targets"
PRIVATE_TARGETS_HINT = (
    f"To deliver into a private network, start the server with COTERIE_{PRIVATE_TARGETS.upper()}=true. "
    "Whoever may register a destination can then reach that network."
)


@routes.post("", "Create a destination", scope=Scope.ADMIN, status=201, answers=schema.DestinationCreated)
def create_destination(body: schema.NewDestination, workspace: WorkspaceOfKey) -> Response:
    """From now on, or from a place in the log, every transition that the filters let through is delivered to it, at least once, signed as
    Standard Webhooks are. Its name must lead to public addresses only."""
    with _setting_named():
        destination, secret = workspace.destinations.create(
            body.url,
            description=body.description,
            segments=_ids(body.segments),
            actions=_actions(body.actions),
            causes=_causes(body.causes),
            after=body.after,
        )
    created = {**destination_out(destination), "secret": secret.secret}
    return answer(created, 201, {"Location": f"/v1/destinations/{destination.id}"})


@routes.get("", "List destinations", scope=Scope.ADMIN, answers=schema.DestinationList)
def list_destinations(workspace: WorkspaceOfKey) -> Response:
    return answer({"items": [destination_out(one) for one in workspace.destinations.list()]})


@routes.get("/{destination_id}", "Get a destination", scope=Scope.ADMIN, answers=schema.Destination, refuses=(404,))
def get_destination(destination_id: DestinationId, workspace: WorkspaceOfKey) -> Response:
    """How far it has come in the log, what waits, and how it is."""
    return answer(destination_out(workspace.destinations.get(str(destination_id))))


@routes.put("/{destination_id}", "Change a destination", scope=Scope.ADMIN, answers=schema.Destination, refuses=(404,))
def put_destination(
    destination_id: DestinationId, body: schema.DestinationGiven, workspace: WorkspaceOfKey
) -> Response:
    """All of it is as sent from now on, also for what was not delivered yet. One that was disabled is enabled again, and what waits is sent at
    once, unless `enabled` is false."""
    with _setting_named():
        changed = workspace.destinations.update(
            str(destination_id),
            url=body.url,
            description=body.description,
            segments=_ids(body.segments),
            actions=_actions(body.actions),
            causes=_causes(body.causes),
            enabled=body.enabled,
        )
    return answer(destination_out(changed))


@routes.delete("/{destination_id}", "Delete a destination", scope=Scope.ADMIN, refuses=(404,))
def delete_destination(destination_id: DestinationId, workspace: WorkspaceOfKey) -> Response:
    """What is on its way may still arrive."""
    workspace.destinations.delete(str(destination_id))
    return no_content()


@routes.post(
    "/{destination_id}/rotate",
    "Give a destination a new secret",
    scope=Scope.ADMIN,
    answers=schema.Rotated,
    refuses=(404,),
)
def rotate_secret(destination_id: DestinationId, body: schema.Rotation, workspace: WorkspaceOfKey) -> Response:
    """The old one signs beside it for a while, so that the receiver can change over without losing anything."""
    secret = workspace.destinations.rotate_secret(str(destination_id), body.overlap_for)
    return answer({"secret": secret.secret, "created_at": secret.created_at.iso()})


@routes.post(
    "/{destination_id}/replay",
    "Deliver again from a place in the log",
    scope=Scope.ADMIN,
    answers=schema.Destination,
    refuses=(404,),
)
def replay(destination_id: DestinationId, body: schema.ReplayAsked, workspace: WorkspaceOfKey) -> Response:
    """Every message has the `webhook-id` it had the first time."""
    return answer(destination_out(workspace.destinations.replay(str(destination_id), body.from_sequence)))


@routes.get(
    "/{destination_id}/attempts",
    "The last attempts at delivering",
    scope=Scope.ADMIN,
    answers=schema.AttemptList,
    refuses=(404,),
)
def list_attempts(destination_id: DestinationId, workspace: WorkspaceOfKey, limit: Limit) -> Response:
    """The latest first: some hundred, and those after which a delivery was given up."""
    return answer({"items": [attempt_out(one) for one in workspace.destinations.attempts(str(destination_id), limit)]})


@contextmanager
def _setting_named() -> Iterator[None]:
    """A target that is not public is refused with what would allow it: an engine knows its settings by other names than those who start a server."""
    try:
        yield
    except InvalidInput as error:
        if error.path == ("url",) and PRIVATE_TARGETS in error.message:
            error.hint = PRIVATE_TARGETS_HINT
        raise


def _ids(sent: Sequence[UUID] | None) -> list[str] | None:
    return None if sent is None else [str(one) for one in sent]


def _actions(sent: Sequence[str] | None) -> list[Action] | None:
    return None if sent is None else [Action(one) for one in sent]


def _causes(sent: Sequence[str] | None) -> list[Cause] | None:
    return None if sent is None else [Cause(one) for one in sent]


def destination_out(shown: Destination) -> Json:
    return {
        "id": shown.id,
        "url": shown.url,
        "description": shown.description,
        "segments": None if shown.segments is None else list(shown.segments),
        "actions": None if shown.actions is None else [one.value for one in shown.actions],
        "causes": None if shown.causes is None else [one.value for one in shown.causes],
        "state": shown.state.value,
        "state_reason": shown.state_reason,
        "delivered_sequence": shown.delivered_sequence,
        "waiting_count": shown.waiting_count,
        "created_at": shown.created_at.iso(),
        "updated_at": shown.updated_at.iso(),
    }


def attempt_out(attempt: Attempt) -> Json:
    return {
        "sequence": attempt.sequence,
        "message_id": attempt.message_id,
        "at": attempt.at.iso(),
        "status": attempt.status,
        "error": attempt.error,
        "took": round(attempt.took, 4),
        "next_at": None if attempt.next_at is None else attempt.next_at.iso(),
    }
