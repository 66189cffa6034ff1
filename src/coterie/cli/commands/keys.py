"""`coterie keys`: the API keys of a workspace. Works beside a running server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from coterie.cli.opening import require_directory
from coterie.cli.options import DATA, WORKSPACE, Data, Json, WorkspaceName, output_options
from coterie.cli.terminal import out, print_json, say, table
from coterie.cli.values import instant
from coterie.clock import SystemClock
from coterie.errors import Conflict, NotFound, not_found
from coterie.model import Key, Scope
from coterie.store.control import PREFIX_LENGTH, SECRET_LENGTH, Control

PLACE = 70


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
    group.command("create")(create)
    group.command("list")(list_)
    group.command("revoke")(revoke)
    app.add_typer(group, name="keys", help="Make, list and revoke API keys. Works while the server runs.")


def create(
    context: typer.Context,
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    name: Annotated[
        str, typer.Option("--name", help="What it is for, to recognise it by.")
    ] = "made on the command line",
    scope: Annotated[
        Scope, typer.Option("--scope", help="What it may do: `write` includes `read`, `admin` includes both.")
    ] = Scope.ADMIN,
    json: Json = False,
) -> None:
    """Create a key. Its secret is shown only now: Coterie stores nothing but a hash.

    Examples:

    ```
    coterie keys create --name "website" --scope write
    KEY=$(coterie keys create --scope read)
    ```
    """
    with _control(data) as control:
        if workspace != WORKSPACE and control.find_workspace(workspace) is None:
            names = ", ".join(workspace.name for workspace in control.workspaces()) or WORKSPACE
            raise not_found("workspace", workspace, hint=f"There is: {names}.")
        key, secret = control.create_key(workspace, name, scope, SystemClock().now())
    if output_options(context).json:
        print_json({**key_document(key), "secret": secret})
        return
    say(f"A key with scope {scope} for workspace {workspace}. Keep it: it is not shown again.")
    out().print(secret, markup=False)


def list_(context: typer.Context, data: Data = DATA, json: Json = False) -> None:
    """List the keys, without their secrets.

    Example:

    ```
    coterie keys list
    ```
    """
    with _control(data) as control:
        keys = control.keys()
    if output_options(context).json:
        print_json([key_document(key) for key in keys])
        return
    if not keys:
        say("There is no key yet. Make one: coterie keys create")
        return
    headings = ["begins with", "name", "workspace", "scope", "made", "last used", "revoked"]  # as `revoke` takes them
    out().print(
        table(
            headings,
            [
                [
                    f"{key.prefix}…",
                    key.name,
                    key.workspace,
                    key.scope,
                    *map(instant, (key.created_at, key.last_used_at, key.revoked_at)),
                ]
                for key in keys
            ],
            whole=("begins with",),
        )
    )


def revoke(
    context: typer.Context,
    key: Annotated[
        str,
        typer.Argument(
            help="The key's id, its whole secret, or the characters that begins with: those in the list, or more."
        ),
    ],
    data: Data = DATA,
    json: Json = False,
) -> None:
    """Revoke a key. A running server refuses it from the next request on.

    Example:

    ```
    coterie keys revoke ck_3kTz9Q
    ```
    """
    with _control(data) as control:
        revoked = control.revoke_key(_find(control, key).id, SystemClock().now())
    if output_options(context).json:
        print_json(key_document(revoked))
    else:
        say(f"Key {revoked.name!r} ({revoked.prefix}…) is revoked.")


def key_document(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "workspace": key.workspace,
        "scope": key.scope.value,
        "prefix": key.prefix,
        "created_at": key.created_at.iso(),
        "last_used_at": key.last_used_at.iso() if key.last_used_at is not None else None,
        "revoked_at": key.revoked_at.iso() if key.revoked_at is not None else None,
    }


def _find(control: Control, named: str) -> Key:
    """The key with this id, this secret, or a secret with this beginning.

    Raises NotFound; Conflict when several secrets begin so. Only the beginning and a hash of a
    secret are stored, so a longer beginning is compared as far as possible, and a text of a
    secret's full length that is no secret matches nothing.
    """
    start = named.rstrip("…")
    keys, whole = control.keys(), control.find_key(start)
    matching = [key for key in keys if key.id == named or (whole is not None and key.id == whole.id)]
    matching = matching or [key for key in keys if key.prefix == start]
    if not matching and len(start) < SECRET_LENGTH:
        matching = [key for key in keys if len(key.prefix) >= PREFIX_LENGTH and start.startswith(key.prefix)]
    description = named if len(named) < SECRET_LENGTH else f"with the secret {named[:PREFIX_LENGTH]}…"
    if not matching:
        raise NotFound(
            f"There is no key {description}.",
            hint="`coterie keys list` shows them. Give the id, the whole secret, or at least the "
            "beginning shown there.",
        )
    if len(matching) > 1:
        raise Conflict(
            f"{len(matching)} keys begin with {description}; none was revoked.",
            hint=f"Give the whole secret, or an id: {', '.join(f'{key.id} ({key.name})' for key in matching)}.",
        )
    return matching[0]


@contextmanager
def _control(data: Path) -> Iterator[Control]:
    """The control file, without the directory's lock. Raises NotFound without a directory."""
    require_directory(data)
    control = Control.open(data, SystemClock().now())
    try:
        yield control
    finally:
        control.close()
