"""`/v1/conversations`: what profiles said, and the analysis of it. A conversation is sent again as
it grows; each time it replaces its former state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from starlette.responses import Response

from coterie.errors import InvalidInput, NotFound, Problem
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.bodies import JSON, NDJSON
from coterie.http.idempotency import Idempotency, Rendered
from coterie.http.native.batch_answers import batch_answer, joined, of_profile, rejections_of_profile
from coterie.http.native.batch_bodies import BatchKind, Body, batch_of, described, read_one_or_many
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import ConversationId, Cursor, Limit, SettingsOfServer
from coterie.http.native.shapes import conversations
from coterie.http.native.shapes.shape import Json
from coterie.http.routing import Routes
from coterie.model import (
    Conversation,
    ConversationInput,
    ConversationWrite,
    Outcome,
    Page,
    Rejected,
    Scope,
    Unset,
)
from coterie.workspace import Workspace

routes = Routes(ERRORS, prefix="/conversations", tags=["conversations"])

CONVERSATIONS = BatchKind("conversations", conversations.NewConversation, conversations.NewConversation.to_model)
EXAMPLES = {
    JSON: conversations.NEW,
    NDJSON: '{"external_id":"chat-7","analysis":{"commercial_intent":0.8}}\n',
}
OUTCOMES = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)

OfProfile = Annotated[UUID | None, Query(description="Only conversations of this profile.")]
OfProduct = Annotated[str | None, Query(description="Only conversations with this product.")]
ExternalId = Annotated[str | None, Query(description="Only the conversation with this external id.")]


@routes.post(
    "",
    "Create or update one conversation or many",
    scope=Scope.WRITE,
    answers=conversations.ConversationWritten | conversations.ConversationBatchAnswer,
    example=conversations.WRITTEN,
    refuses=(404, 409),
    responses={
        201: {
            "model": conversations.ConversationWritten,
            "description": "The conversation is new; it was sent by itself.",
        }
    },
    openapi_extra=described("NewConversation", EXAMPLES, plural="conversations"),
)
def put_conversations(
    body: Annotated[Body, Depends(batch_of)],
    workspace: WorkspaceOfKey,
    settings: SettingsOfServer,
    idempotency: Idempotency,
) -> Response:
    """One conversation as an object; or a batch: an array, `{"conversations": [...]}`, or
    NDJSON. A conversation is found by `id`, else by `external_id`; otherwise it is created.
    When this is answered, every segment reflects its new state, and nothing of its former state
    counts any more."""
    sent = read_one_or_many(body, CONVERSATIONS, rows_max=settings.batch_rows_max)
    if isinstance(sent, ConversationInput):
        with of_profile(_identifiers_of_profile(sent)):
            return idempotency.write(lambda record: workspace.conversations.put(sent, idempotency=record), _written)
    valid = [item for item in sent if isinstance(item, ConversationInput)]

    def render(results: list[ConversationWrite | Rejected]) -> Rendered:
        placed = rejections_of_profile(results, [_identifiers_of_profile(item) for item in valid])
        absent: Json = {"id": None, "profile_id": None, "messages": []}
        return batch_answer(joined(sent, placed), conversations.ConversationWritten, OUTCOMES, absent), 200, {}

    return idempotency.write(lambda record: workspace.conversations.put_many(valid, idempotency=record), render)


def _identifiers_of_profile(sent: ConversationInput) -> frozenset[str]:
    """The identifiers that, when refused, must be the profile's: the conversation itself was sent
    without them."""
    shared = {"id": sent.id, "external_id": sent.external_id}
    return frozenset({"email", "anonymous_id", *(name for name, value in shared.items() if isinstance(value, Unset))})


def _written(write: ConversationWrite) -> Rendered:
    document = conversations.ConversationWritten.of(write)
    if write.outcome is Outcome.CREATED:
        return document, 201, {"Location": f"/v1/conversations/{write.id}"}
    return document, 200, {}


@routes.put(
    "/{conversation_id}/analysis",
    "Store the analysis of a conversation",
    scope=Scope.WRITE,
    answers=conversations.ConversationWritten,
    refuses=(404,),
)
def put_analysis(
    conversation_id: ConversationId,
    body: conversations.Analysis,
    workspace: WorkspaceOfKey,
    idempotency: Idempotency,
) -> Response:
    """Names that are left out stay as they are; null removes. Former scores of the same names no
    longer count."""
    sent = ConversationInput(id=str(conversation_id), analysis=body.model_extra or {})
    with _paths_below_analysis():
        return idempotency.write(
            lambda record: workspace.conversations.put(sent, idempotency=record),
            lambda write: (conversations.ConversationWritten.of(write), 200, {}),
        )


@contextmanager
def _paths_below_analysis() -> Iterator[None]:
    """The workspace is given a conversation, but here the body is its analysis: paths begin below
    it."""
    try:
        yield
    except InvalidInput as error:
        first, *others = (_below_analysis(problem) for problem in error.problems)
        raise type(error)(first.message, path=first.path, hint=first.hint, others=others) from error


def _below_analysis(problem: Problem) -> Problem:
    path = problem.path[1:] if problem.path[:1] == ("analysis",) else problem.path
    return Problem(problem.message, path, problem.code, problem.hint)


@routes.get(
    "",
    "List conversations, or find one",
    scope=Scope.READ,
    answers=conversations.ConversationPage,
    refuses=(400, 404),
)
def list_conversations(
    workspace: WorkspaceOfKey,
    limit: Limit,
    cursor: Cursor = None,
    profile: OfProfile = None,
    product: OfProduct = None,
    external_id: ExternalId = None,
) -> Response:
    """Oldest first. With `external_id`, a page with that one conversation, or an empty page."""
    if external_id is not None:
        if (cursor, profile, product) != (None, None, None):
            raise InvalidInput("`external_id` names one conversation; leave the others out.", path=("external_id",))
        return answer(conversations.ConversationPage.of(_only(workspace, external_id)))
    profile_id = None if profile is None else str(profile)
    page = workspace.conversations.list_after(profile_id=profile_id, product_id=product, cursor=cursor, limit=limit)
    return answer(conversations.ConversationPage.of(page))


def _only(workspace: Workspace, external_id: str) -> Page[Conversation]:
    """A page of the conversation with this external id."""
    try:
        return Page((workspace.conversations.get(external_id=external_id),), None, 1)
    except NotFound:
        return Page((), None, 0)


@routes.get(
    "/{conversation_id}",
    "Get a conversation",
    scope=Scope.READ,
    answers=conversations.Conversation,
    refuses=(404,),
)
def get_conversation(conversation_id: ConversationId, workspace: WorkspaceOfKey) -> Response:
    return answer(conversations.Conversation.of(workspace.conversations.get(str(conversation_id))))


@routes.get(
    "/{conversation_id}/messages",
    "List a conversation's messages",
    scope=Scope.READ,
    answers=conversations.MessagePage,
    refuses=(400, 404),
)
def list_messages(
    conversation_id: ConversationId, workspace: WorkspaceOfKey, limit: Limit, cursor: Cursor = None
) -> Response:
    """In the order in which they were added."""
    page = workspace.conversations.messages(str(conversation_id), cursor=cursor, limit=limit)
    return answer(conversations.MessagePage.of(page))
