"""`/interactions`: the stored conversations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from coterie.errors import NotFound, not_found
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey
from coterie.http.greenflash import shapes
from coterie.http.greenflash.envelope import ERRORS
from coterie.http.greenflash.from_model import to_interaction, to_interaction_detail
from coterie.http.greenflash.grammar import product
from coterie.http.greenflash.lookups import find_conversation
from coterie.http.greenflash.pages import PagingOfRequest
from coterie.http.routing import Routes
from coterie.model import Conversation, Message, Profile, Scope
from coterie.rules.names import UUID
from coterie.workspace import Workspace

routes = Routes(ERRORS)

BATCH = 1_000


@routes.get("/interactions", "List interactions", scope=Scope.READ, answers=list[shapes.GreenflashInteraction])
def list_interactions(
    workspace: WorkspaceOfKey,
    paging: PagingOfRequest,
    product_id: Annotated[str | None, Query(alias="productId", description="Only of this product.")] = None,
    version_id: Annotated[str | None, Query(alias="versionId", description="Only of this version.")] = None,
) -> Response:
    """The conversations, oldest first."""
    product_id = product(product_id) if product_id is not None else None
    if version_id is None:
        page = workspace.conversations.list(offset=paging.offset, limit=paging.limit, product_id=product_id)
        conversations, total = page.items, page.total or 0
    else:
        of_version = (
            conversation
            for conversation in _all_conversations(workspace, product_id)
            if conversation.version_id == version_id
        )
        # one more than the page holds, to see whether another page follows
        read = tuple(islice(of_version, paging.offset, paging.offset + paging.limit + 1))
        conversations, total = read[: paging.limit], paging.offset + len(read)
    return paging.answer(_to_interactions(workspace, conversations), total)


def _all_conversations(workspace: Workspace, product_id: str | None) -> Iterator[Conversation]:
    cursor: str | None = None
    while True:
        page = workspace.conversations.list_after(product_id=product_id, cursor=cursor, limit=BATCH)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def _to_interactions(workspace: Workspace, conversations: Sequence[Conversation]) -> list[object]:
    """Conversations whose user was deleted meanwhile are left out."""
    profiles: dict[str, Profile] = {}
    for profile_id in {conversation.profile_id for conversation in conversations}:
        try:
            profiles[profile_id] = workspace.profiles.get(profile_id)
        except NotFound:
            continue
    return [
        to_interaction(conversation, profiles[conversation.profile_id])
        for conversation in conversations
        if conversation.profile_id in profiles
    ]


@routes.get(
    "/interactions/{interaction_id}",
    "Get an interaction",
    scope=Scope.READ,
    answers=shapes.GreenflashInteractionDetail,
    refuses=(404,),
)
def get_interaction(interaction_id: str, workspace: WorkspaceOfKey) -> Response:
    """A conversation with its messages. `interaction_id` is your own id of the conversation, or
    Coterie's."""
    conversation = _conversation_by_any_id(workspace, interaction_id)
    profile = workspace.profiles.get(conversation.profile_id)
    return answer(to_interaction_detail(conversation, profile, _all_messages(workspace, conversation.id)))


def _conversation_by_any_id(workspace: Workspace, interaction_id: str) -> Conversation:
    """Raises NotFound."""
    if UUID.fullmatch(interaction_id):
        try:
            return workspace.conversations.get(interaction_id.lower())
        except NotFound:
            pass
    conversation = find_conversation(workspace, interaction_id)
    if conversation is None:
        raise not_found("interaction", interaction_id)
    return conversation


def _all_messages(workspace: Workspace, conversation_id: str) -> Iterator[Message]:
    cursor: str | None = None
    while True:
        page = workspace.conversations.messages(conversation_id, cursor=cursor, limit=BATCH)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return
