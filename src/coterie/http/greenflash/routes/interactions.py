"""`/interactions`: the stored conversations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from coterie.errors import NotFound
from coterie.http.answer import answer
from coterie.http.auth import WorkspaceOfKey, needs
from coterie.http.greenflash import shapes
from coterie.http.greenflash.from_model import show_detail, show_interaction
from coterie.http.greenflash.grammar import UUID, product
from coterie.http.greenflash.lookups import conversation_if_known
from coterie.http.greenflash.pages import PagingOfRequest
from coterie.http.greenflash.refusals import refusals
from coterie.http.route import EdgeRoute
from coterie.model import Conversation, Message, Profile, Scope
from coterie.workspace import Workspace

router = APIRouter(route_class=EdgeRoute)

BATCH = 1_000


@router.get(
    "/interactions",
    summary="List interactions",
    dependencies=[needs(Scope.READ)],
    response_model=list[shapes.GreenflashInteraction],
    responses=refusals(),
)
def list_interactions(
    workspace: WorkspaceOfKey,
    paging: PagingOfRequest,
    product_id: Annotated[str | None, Query(alias="productId", description="Of this product.")] = None,
    version_id: Annotated[str | None, Query(alias="versionId", description="Of this version.")] = None,
) -> Response:
    """The conversations, oldest first."""
    product_id = product(product_id) if product_id is not None else None
    if version_id is None:
        page = workspace.conversations.list(offset=paging.offset, limit=paging.limit, product_id=product_id)
        found, total = page.items, page.total or 0
    else:  # one more than are shown says whether there are more
        of_version = (one for one in _all(workspace, product_id) if one.version_id == version_id)
        some = tuple(islice(of_version, paging.offset, paging.offset + paging.limit + 1))
        found, total = some[: paging.limit], paging.offset + len(some)
    return paging.answer(_shown(workspace, found), total)


def _all(workspace: Workspace, product_id: str | None) -> Iterator[Conversation]:
    cursor: str | None = None
    while True:
        page = workspace.conversations.list_after(product_id=product_id, cursor=cursor, limit=BATCH)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def _shown(workspace: Workspace, conversations: Sequence[Conversation]) -> list[object]:
    """Those whose user is deleted this very moment are left out."""
    profiles: dict[str, Profile] = {}
    for profile_id in {one.profile_id for one in conversations}:
        try:
            profiles[profile_id] = workspace.profiles.get(profile_id)
        except NotFound:
            continue
    return [show_interaction(one, profiles[one.profile_id]) for one in conversations if one.profile_id in profiles]


@router.get(
    "/interactions/{interaction_id}",
    summary="Get an interaction",
    dependencies=[needs(Scope.READ)],
    response_model=shapes.GreenflashInteractionDetail,
    responses=refusals(404),
)
def get_interaction(interaction_id: str, workspace: WorkspaceOfKey) -> Response:
    """A conversation with its messages. `interaction_id` is ours, or your own id of the conversation."""
    conversation = _find(workspace, interaction_id)
    profile = workspace.profiles.get(conversation.profile_id)
    return answer(show_detail(conversation, profile, _messages(workspace, conversation.id)))


def _find(workspace: Workspace, interaction_id: str) -> Conversation:
    """Raises NotFound."""
    if UUID.fullmatch(interaction_id):
        try:
            return workspace.conversations.get(interaction_id.lower())
        except NotFound:
            pass
    found = conversation_if_known(workspace, interaction_id)
    if found is None:
        raise NotFound(f"There is no interaction {interaction_id}.")
    return found


def _messages(workspace: Workspace, conversation_id: str) -> Iterator[Message]:
    cursor: str | None = None
    while True:
        page = workspace.conversations.messages(conversation_id, cursor=cursor, limit=BATCH)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return
