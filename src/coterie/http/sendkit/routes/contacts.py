"""`/contacts`: contacts, and the lists they are in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body
from starlette.responses import Response

from coterie.errors import IdentityConflict, NotFound, Path
from coterie.http.answer import answer, no_content
from coterie.http.auth import WorkspaceOfKey
from coterie.http.routing import Routes
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.envelope import ERRORS
from coterie.http.sendkit.from_model import list_to_sendkit
from coterie.http.sendkit.lookups import contact_by_id, contact_with_lists, context_of, list_by_id, lists_of
from coterie.http.sendkit.pages import PagingOfRequest
from coterie.http.sendkit.shapes import as_sent
from coterie.http.sendkit.to_model import contact_to_model, without_repeats
from coterie.http.sendkit.wording import read
from coterie.model import Outcome, ProfileInput, Scope
from coterie.workspace import Workspace

routes = Routes(ERRORS)


@routes.post(
    "/contacts",
    "Upsert a contact",
    scope=Scope.WRITE,
    status=201,
    answers=shapes.SendKitContact,
    refuses=(409,),
    responses={200: {"model": shapes.SendKitContact, "description": "A contact with this email was updated."}},
)
def upsert(
    body: Annotated[Any, as_sent(shapes.SendKitNewContact), Body(openapi_examples=examples.CONTACT)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Makes the contact, or updates the one with this email. `list_ids` replaces its lists; what is absent stays as it is."""
    context = context_of(workspace)
    sent = contact_to_model(read(shapes.SendKitNewContact, body, context))
    with _conflicts_in_our_words():
        profile_id, made = _put(workspace, sent)
    shown = contact_with_lists(workspace, workspace.profiles.get(profile_id), context)
    return answer(shown, 201 if made else 200)


@contextmanager
def _conflicts_in_our_words() -> Iterator[None]:
    """Conflicts of identity, told by the names that this dialect has for the identifiers."""
    try:
        yield
    except IdentityConflict as conflict:
        words: dict[Path, str] = {
            ("external_id",): "The user_id belongs to another contact.",
            ("email",): "The email belongs to another contact.",
        }
        raise IdentityConflict(words.get(conflict.path, conflict.message), path=conflict.path) from conflict


def _put(workspace: Workspace, sent: ProfileInput) -> tuple[str, bool]:
    """Upsert by email; the contact's id, and whether it is new to this dialect.

    A profile that is known by its user id alone is no contact yet: it becomes one when its email arrives. Any other use of a user
    id that belongs to somebody is a conflict.
    """
    try:
        written = workspace.profiles.put(sent, match="email")
        return written.id, written.outcome is Outcome.CREATED
    except IdentityConflict as conflict:
        held_by = _without_email(workspace, sent)
        if held_by is None:
            raise conflict
        return workspace.profiles.update(held_by, sent).id, True


def _without_email(workspace: Workspace, sent: ProfileInput) -> str | None:
    """The profile that has the user id and no email, when nobody has the email."""
    if not isinstance(sent.external_id, str) or not isinstance(sent.email, str):
        return None
    try:
        holder = workspace.profiles.get(external_id=sent.external_id)
    except NotFound:
        return None
    if holder.email is not None:
        return None
    try:
        workspace.profiles.get(email=sent.email)
    except NotFound:
        return holder.id
    return None


@routes.get("/contacts", "List contacts", scope=Scope.READ, answers=shapes.SendKitContactPage)
def list_contacts(workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """Every profile that has an email, oldest first."""
    context = context_of(workspace)
    page = workspace.profiles.list(offset=paging.offset, limit=paging.per_page, with_email=True)
    shown = [contact_with_lists(workspace, profile, context) for profile in page.items]
    return answer(paging.envelope(shown, page.total or 0))


@routes.get("/contacts/{id}", "Get a contact", scope=Scope.READ, answers=shapes.SendKitContact, refuses=(404,))
def get_contact(id: UUID, workspace: WorkspaceOfKey) -> Response:
    """The contact with this id."""
    return answer(contact_with_lists(workspace, contact_by_id(workspace, str(id)), context_of(workspace)))


@routes.put("/contacts/{id}", "Update a contact", scope=Scope.WRITE, answers=shapes.SendKitContact, refuses=(404, 409))
def update_contact(
    id: UUID,
    body: Annotated[Any, as_sent(shapes.SendKitContactChange), Body(openapi_examples=examples.CONTACT_CHANGE)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Changes what is sent and leaves the rest."""
    context = context_of(workspace)
    found = contact_by_id(workspace, str(id))
    sent = contact_to_model(read(shapes.SendKitContactChange, body, context))
    with _conflicts_in_our_words():
        workspace.profiles.update(found.id, sent)
    return answer(contact_with_lists(workspace, workspace.profiles.get(found.id), context))


@routes.delete("/contacts/{id}", "Delete a contact", scope=Scope.WRITE, refuses=(404,))
def delete_contact(id: UUID, workspace: WorkspaceOfKey) -> Response:
    """Deletes the contact; it leaves every list and every segment."""
    workspace.profiles.delete(contact_by_id(workspace, str(id)).id)
    return no_content()


@routes.post(
    "/contacts/{id}/lists", "Add a contact to lists", scope=Scope.WRITE, answers=shapes.SendKitContact, refuses=(404,)
)
def add_to_lists(
    id: UUID,
    body: Annotated[Any, as_sent(shapes.SendKitListIds), Body(openapi_examples=examples.LIST_IDS)],
    workspace: WorkspaceOfKey,
) -> Response:
    """Adds to the lists the contact is in. Nothing is added when one of the lists does not exist."""
    context = context_of(workspace)
    found = contact_by_id(workspace, str(id))
    list_ids = without_repeats(read(shapes.SendKitListIds, body, context).list_ids)
    for list_id in list_ids:
        workspace.segments.add_members(list_id, [found.id])
    return answer(contact_with_lists(workspace, workspace.profiles.get(found.id), context))


@routes.get(
    "/contacts/{id}/lists", "List a contact's lists", scope=Scope.READ, answers=shapes.SendKitListPage, refuses=(404,)
)
def list_lists(id: UUID, workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """The lists the contact is in, oldest first."""
    lists = lists_of(workspace, contact_by_id(workspace, str(id)))
    return answer(paging.envelope([list_to_sendkit(item) for item in paging.slice(lists)], len(lists)))


@routes.delete("/contacts/{id}/lists/{list_id}", "Remove a contact from a list", scope=Scope.WRITE, refuses=(404,))
def remove_from_list(id: UUID, list_id: UUID, workspace: WorkspaceOfKey) -> Response:
    """Takes the contact off the list. It is no error when it was not on it."""
    found = contact_by_id(workspace, str(id))
    workspace.segments.remove_members(list_by_id(workspace, str(list_id)).id, [found.id])
    return no_content()
