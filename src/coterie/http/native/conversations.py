"""`/v1/conversations`: what profiles said, and what came of analysing it. A conversation is sent again as it grows; each time it takes the place of what it was."""

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
from coterie.http.idempotency import OnceForKey, Rendered
from coterie.http.native import schema
from coterie.http.native.batches import (
    Body,
    Sort,
    batch_of,
    described,
    joined,
    of_profile,
    read_one_or_many,
    refusals_of_profile,
)
from coterie.http.native.envelope import ERRORS
from coterie.http.native.parameters import ConversationId, Cursor, Limit, SettingsOfServer
from coterie.http.native.schema.conversations import NEW, WRITTEN
from coterie.http.native.translate import Json, page_out
from coterie.http.native.translate_conversations import (
    analysis_in,
    conversation_batch_out,
    conversation_in,
    conversation_out,
    conversation_write_out,
    message_page_out,
)  # fmt: skip
from coterie.http.routing import Routes
from coterie.model import ConversationInput, ConversationWrite, Outcome, Rejected, Scope, Unset
from coterie.workspace import Workspace

routes = Routes(ERRORS, prefix="/conversations", tags=["conversations"])

CONVERSATIONS = Sort("conversations", schema.NewConversation, conversation_in)
EXAMPLES = {JSON: NEW, NDJSON: '{"external_id":"chat-7","analysis":{"commercial_intent":0.8}}\n'}


def _of_profile(sent: ConversationInput) -> frozenset[str]:
    """The identifiers that, where one is refused, are surely the profile's: the conversation was sent without one of that name."""
    shared = {"id": sent.id, "external_id": sent.external_id}
    return frozenset({"email", "anonymous_id", *(name for name, own in shared.items() if isinstance(own, Unset))})


OfProfile = Annotated[UUID | None, Query(description="Only those of this profile.")]
OfProduct = Annotated[str | None, Query(description="Only those with this product.")]
ExternalId = Annotated[str | None, Query(description="The one conversation with this external id.")]


@routes.post(
    "",
    "Create or update one conversation, or many",
    scope=Scope.WRITE,
    answers=schema.ConversationWritten | schema.ConversationBatchAnswer,
    refuses=(404, 409),
    responses={
        200: {"content": {JSON: {"example": WRITTEN}}},
        201: {"model": schema.ConversationWritten, "description": "It is new; it was sent alone."},
    },
    openapi_extra=described("NewConversation", EXAMPLES, plural="conversations"),
)
def put_conversations(
    body: Annotated[Body, Depends(batch_of)], workspace: WorkspaceOfKey, settings: SettingsOfServer, once: OnceForKey
) -> Response:
    """One conversation as an object; or a batch: an array, `{"conversations": [...]}`, or NDJSON. Found by `id`, else by `external_id`, else made.
    When this is answered, every segment reflects it as it now is, and nothing of what it was before still counts."""
    sent = read_one_or_many(body, CONVERSATIONS, rows_max=settings.batch_rows_max)
    if isinstance(sent, ConversationInput):
        with of_profile(_of_profile(sent)):
            return once.write(lambda idempotency: workspace.conversations.put(sent, idempotency=idempotency), _written)
    good = [item for item in sent if isinstance(item, ConversationInput)]

    def told(results: list[ConversationWrite | Rejected]) -> Rendered:
        placed = refusals_of_profile(results, [_of_profile(item) for item in good])
        return conversation_batch_out(joined(sent, placed)), 200, {}

    return once.write(lambda idempotency: workspace.conversations.put_many(good, idempotency=idempotency), told)


def _written(write: ConversationWrite) -> Rendered:
    if write.outcome is not Outcome.CREATED:
        return conversation_write_out(write), 200, {}
    return conversation_write_out(write), 201, {"Location": f"/v1/conversations/{write.id}"}


@routes.put(
    "/{conversation_id}/analysis",
    "Store the analysis of a conversation",
    scope=Scope.WRITE,
    answers=schema.ConversationWritten,
    refuses=(404,),
)
def put_analysis(
    conversation_id: ConversationId, body: schema.Analysis, workspace: WorkspaceOfKey, once: OnceForKey
) -> Response:
    """Names that are not sent stay; null removes. The scores that were there before count no more."""
    sent = analysis_in(str(conversation_id), body.model_extra or {})
    with _of_analysis():
        return once.write(
            lambda idempotency: workspace.conversations.put(sent, idempotency=idempotency),
            lambda write: (conversation_write_out(write), 200, {}),
        )


@contextmanager
def _of_analysis() -> Iterator[None]:
    """The workspace is given a whole conversation; here the analysis is the whole body, so paths begin below it."""
    try:
        yield
    except InvalidInput as error:
        first, *others = (_below(problem) for problem in error.problems)
        raise type(error)(first.message, path=first.path, hint=first.hint, others=others) from error


def _below(problem: Problem) -> Problem:
    path = problem.path[1:] if problem.path[:1] == ("analysis",) else problem.path
    return Problem(problem.message, path, problem.code, problem.hint)


@routes.get(
    "", "List conversations, or find one", scope=Scope.READ, answers=schema.ConversationPage, refuses=(400, 404)
)
def list_conversations(
    workspace: WorkspaceOfKey,
    limit: Limit,
    cursor: Cursor = None,
    profile: OfProfile = None,
    product: OfProduct = None,
    external_id: ExternalId = None,
) -> Response:
    """Oldest first. With `external_id`, a page of that one conversation, or an empty one."""
    if external_id is not None:
        if (cursor, profile, product) != (None, None, None):
            raise InvalidInput("`external_id` names one conversation; leave the others out.", path=("external_id",))
        found = _found(workspace, external_id)
        return answer(page_out(found, None, len(found)))
    profile_id = None if profile is None else str(profile)
    page = workspace.conversations.list_after(profile_id=profile_id, product_id=product, cursor=cursor, limit=limit)
    return answer(page_out((conversation_out(one) for one in page.items), page.next, page.total))


def _found(workspace: Workspace, external_id: str) -> list[Json]:
    try:
        return [conversation_out(workspace.conversations.get(external_id=external_id))]
    except NotFound:
        return []


@routes.get("/{conversation_id}", "Get a conversation", scope=Scope.READ, answers=schema.Conversation, refuses=(404,))
def get_conversation(conversation_id: ConversationId, workspace: WorkspaceOfKey) -> Response:
    return answer(conversation_out(workspace.conversations.get(str(conversation_id))))


@routes.get(
    "/{conversation_id}/messages",
    "List a conversation's messages",
    scope=Scope.READ,
    answers=schema.MessagePage,
    refuses=(400, 404),
)
def list_messages(
    conversation_id: ConversationId, workspace: WorkspaceOfKey, limit: Limit, cursor: Cursor = None
) -> Response:
    """In the order in which they were added."""
    return answer(message_page_out(workspace.conversations.messages(str(conversation_id), cursor=cursor, limit=limit)))
