"""`/contacts`: contacts and their lists."""

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
from coterie.http.fields import as_sent
from coterie.http.routing import Routes
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.envelope import ERRORS
from coterie.http.sendkit.from_model import list_to_sendkit
from coterie.http.sendkit.lookups import contact_by_id, contact_with_lists, context_of, list_by_id, lists_of
from coterie.http.sendkit.pages import PagingOfRequest
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
    """Creates the contact, or updates the one with this email.

    `list_ids` replaces its lists. Absent fields stay.
    """
    context = context_of(workspace)
    sent = contact_to_model(read(shapes.SendKitNewContact, body, context))
    with _conflicts_in_sendkits_words():
        profile_id, created = _put(workspace, sent)
    contact = contact_with_lists(workspace, workspace.profiles.get(profile_id), context)
    return answer(contact, 201 if created else 200)


@contextmanager
def _conflicts_in_sendkits_words() -> Iterator[None]:
    """Word identity conflicts with the names that this dialect has for the identifiers."""
    try:
        yield
    except IdentityConflict as conflict:
        sentences: dict[Path, str] = {
            ("external_id",): "The user_id belongs to another contact.",
            ("email",): "The email belongs to another contact.",
        }
        raise IdentityConflict(sentences.get(conflict.path, conflict.message), path=conflict.path) from conflict


def _put(workspace: Workspace, sent: ProfileInput) -> tuple[str, bool]:
    """Upsert by email. Returns the contact's id, and whether the contact is new.

    A profile without an email is no contact, and becomes one when its email arrives with its user
    id. Any other use of the user id of another profile is an IdentityConflict.
    """
    try:
        written = workspace.profiles.put(sent, match="email")
        return written.id, written.outcome is Outcome.CREATED
    except IdentityConflict as conflict:
        profile_id = _without_email(workspace, sent)
        if profile_id is None:
            raise conflict
        return workspace.profiles.update(profile_id, sent).id, True


def _without_email(workspace: Workspace, sent: ProfileInput) -> str | None:
    """The profile with this user id and no email, if no profile has the email."""
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
    contacts = [contact_with_lists(workspace, profile, context) for profile in page.items]
    return answer(paging.envelope(contacts, page.total or 0))


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
    """Changes the fields in the body. Absent fields stay."""
    context = context_of(workspace)
    contact = contact_by_id(workspace, str(id))
    sent = contact_to_model(read(shapes.SendKitContactChange, body, context))
    with _conflicts_in_sendkits_words():
        workspace.profiles.update(contact.id, sent)
    return answer(contact_with_lists(workspace, workspace.profiles.get(contact.id), context))


@routes.delete("/contacts/{id}", "Delete a contact", scope=Scope.WRITE, refuses=(404,))
def delete_contact(id: UUID, workspace: WorkspaceOfKey) -> Response:
    """Deletes the contact, which leaves every list and every segment."""
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
    """Adds the contact to these lists. If one of them does not exist, it is added to none."""
    context = context_of(workspace)
    contact = contact_by_id(workspace, str(id))
    list_ids = without_repeats(read(shapes.SendKitListIds, body, context).list_ids)
    for list_id in list_ids:
        workspace.segments.add_members(list_id, [contact.id])
    return answer(contact_with_lists(workspace, workspace.profiles.get(contact.id), context))


@routes.get(
    "/contacts/{id}/lists", "List a contact's lists", scope=Scope.READ, answers=shapes.SendKitListPage, refuses=(404,)
)
def list_lists(id: UUID, workspace: WorkspaceOfKey, paging: PagingOfRequest) -> Response:
    """The contact's lists, oldest first."""
    lists = lists_of(workspace, contact_by_id(workspace, str(id)))
    return answer(paging.envelope([list_to_sendkit(item) for item in paging.slice(lists)], len(lists)))


@routes.delete("/contacts/{id}/lists/{list_id}", "Remove a contact from a list", scope=Scope.WRITE, refuses=(404,))
def remove_from_list(id: UUID, list_id: UUID, workspace: WorkspaceOfKey) -> Response:
    """Removes the contact from the list. A contact that is not on the list is no error."""
    contact = contact_by_id(workspace, str(id))
    workspace.segments.remove_members(list_by_id(workspace, str(list_id)).id, [contact.id])
    return no_content()
