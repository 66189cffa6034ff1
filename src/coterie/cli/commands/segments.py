"""`coterie segments`: list, show, create, delete; who is in, why, and who came and went."""

from __future__ import annotations

from typing import Annotated

import typer

from coterie.cli.commands.preview import read_document
from coterie.cli.membership import explain, members, transitions
from coterie.cli.opening import opened_workspace
from coterie.cli.options import DATA, WORKSPACE, Data, Json, SegmentNamed, WorkspaceName, output_options
from coterie.cli.terminal import out, pairs, print_json, say, table
from coterie.cli.values import NOTHING, find_profile, find_segment, instant, segment_document
from coterie.errors import InvalidInput
from coterie.model import Segment, SegmentKind

PLACE = 60


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
    for command in (list_, show, create, delete, add, remove, members, explain, transitions):
        group.command(command.__name__.rstrip("_"))(command)
    app.add_typer(group, name="segments", help="List, make and look into segments.")


def list_(context: typer.Context, data: Data = DATA, workspace: WorkspaceName = WORKSPACE, json: Json = False) -> None:
    """List the segments, oldest first, with their member counts.

    Example:

    ```
    coterie segments list
    ```
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        segments = opened.segments.list().items
        sentences = {
            segment.id: opened.sentence(segment.rule) if segment.rule is not None else "" for segment in segments
        }
    if output_options(context).json:
        print_json([{**segment_document(segment), "sentence": sentences[segment.id]} for segment in segments])
    elif not segments:
        say("There are no segments yet. Make one: coterie segments create NAME '<rule>'")
    else:
        rows = [
            [f"{segment.member_count:,}", segment.name, segment.kind, sentences[segment.id]] for segment in segments
        ]
        out().print(table(["members", "name", "kind", "rule"], rows, numbers=["members"]))


def show(
    context: typer.Context,
    segment: SegmentNamed,
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    json: Json = False,
) -> None:
    """Show one segment, with its rule.

    Example:

    ```
    coterie segments show "Enterprise in Germany"
    ```
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        stored = find_segment(opened, segment)
        sentence = opened.sentence(stored.rule) if stored.rule is not None else None
    document = {**segment_document(stored), "sentence": sentence}
    if output_options(context).json:
        print_json(document)
        return
    console = out()
    fields = {"id": stored.id, "name": stored.name, "kind": stored.kind, "members": f"{stored.member_count:,}"}
    fields |= {
        "description": stored.description or NOTHING,
        "sentence": sentence or NOTHING,
        "version": str(stored.version),
    }
    fields |= {"made": instant(stored.created_at), "changed": instant(stored.updated_at)}
    console.print(pairs(fields))
    if stored.rule is not None:
        print_json(document["rule"])


def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What to call it.")],
    rule: Annotated[
        str | None,
        typer.Argument(help="The rule as JSON, `@FILE` or `-`. Leave it out with --static.", show_default=False),
    ] = None,
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    description: Annotated[str | None, typer.Option("--description", help="What it is for.")] = None,
    static: Annotated[bool, typer.Option("--static", help="A list of people that you put in yourself.")] = False,
    json: Json = False,
) -> None:
    """Create a segment. Its membership is live from now on.

    Examples:

    ```
    coterie segments create "On pro" '{"property": "plan", "operator": "equals", "value": "pro"}'
    coterie segments create "Invited to the beta" --static
    ```
    """
    if static == (rule is not None):
        raise InvalidInput(
            "A segment has a rule, or is a static list." if static else "A segment needs a rule.",
            hint="Give the rule as JSON or @FILE, or --static for a list without one.",
        )
    document = None if rule is None else read_document(rule)
    with opened_workspace(data, workspace, "coterie segments") as opened:
        made = opened.segments.create(
            name,
            None if document is None else opened.parse_rule(document),
            kind=SegmentKind.STATIC if static else SegmentKind.DYNAMIC,
            description=description,
        )
    _tell(context, made, f"Segment {made.name!r} is made, with {made.member_count:,} members.")


def delete(
    context: typer.Context,
    segment: SegmentNamed,
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    json: Json = False,
) -> None:
    """Delete a segment. Refused while another segment's rule refers to it.

    Example:

    ```
    coterie segments delete "Invited to the beta"
    ```
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        stored = find_segment(opened, segment)
        opened.segments.delete(stored.id)
    _tell(context, stored, f"Segment {stored.name!r} is deleted.")


def add(
    context: typer.Context,
    segment: SegmentNamed,
    profiles: Annotated[list[str], typer.Argument(metavar="PROFILE...", help="External ids, emails or ids.")],
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    json: Json = False,
) -> None:
    """Add profiles to a static segment.

    Example:

    ```
    coterie segments add "Invited to the beta" ada@example.com grace@example.com
    ```
    """
    _change(context, segment, profiles, data, workspace, adding=True)


def remove(
    context: typer.Context,
    segment: SegmentNamed,
    profiles: Annotated[list[str], typer.Argument(metavar="PROFILE...", help="External ids, emails or ids.")],
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    json: Json = False,
) -> None:
    """Remove profiles from a static segment.

    Example:

    ```
    coterie segments remove "Invited to the beta" ada@example.com
    ```
    """
    _change(context, segment, profiles, data, workspace, adding=False)


def _change(
    context: typer.Context, segment: str, named: list[str], data: Data, workspace: str, *, adding: bool
) -> None:
    with opened_workspace(data, workspace, "coterie segments") as opened:
        stored = find_segment(opened, segment)
        ids = [find_profile(opened, name).id for name in named]
        moved = (
            opened.segments.add_members(stored.id, ids) if adding else opened.segments.remove_members(stored.id, ids)
        )
        stored = opened.segments.get(stored.id)
    done = "put in" if adding else "taken out"
    _tell(context, stored, f"{moved:,} {done}; {stored.name!r} has {stored.member_count:,} members.")


def _tell(context: typer.Context, segment: Segment, sentence: str) -> None:
    if output_options(context).json:
        print_json(segment_document(segment))
    else:
        say(sentence)
