"""`coterie segments`: list, show, create, delete; who is in, why, and who came and went."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from coterie.cli.commands.preview import Nodes, node_name, read_document
from coterie.cli.opening import opened_workspace
from coterie.cli.options import DATA, WORKSPACE, Data, Json, WorkspaceName, manner
from coterie.cli.terminal import out, print_json, say, table
from coterie.cli.values import (
    NOTHING,
    find_profile,
    find_segment,
    instant,
    profile_table,
    segment_document,
    value_text,
)  # fmt: skip
from coterie.errors import InvalidInput
from coterie.exporting import profile_document
from coterie.exporting.cells import json_value
from coterie.model import Action, Explanation, Segment, SegmentKind, Transition, Verdict
from coterie.rules.walk import properties, walk

PLACE = 60

SegmentNamed = Annotated[str, typer.Argument(metavar="SEGMENT", help="A segment's id or exact name.")]
ProfileNamed = Annotated[str, typer.Argument(metavar="PROFILE", help="An external id, an email or an id.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
    for command in (list_, show, create, delete, add, remove, members, explain, transitions):
        group.command(command.__name__.rstrip("_"))(command)
    app.add_typer(group, name="segments", help="List, make and look into segments.")


def list_(context: typer.Context, data: Data = DATA, workspace: WorkspaceName = WORKSPACE, json: Json = False) -> None:
    """List the segments, oldest first, with how many are in each.

    Example:

        coterie segments list
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        segments = opened.segments().items
        sentences = {one.id: opened.sentence(one.rule) if one.rule is not None else "" for one in segments}
    if manner(context).json:
        print_json([{**segment_document(one), "sentence": sentences[one.id]} for one in segments])
    elif not segments:
        say("There are no segments yet. Make one: coterie segments create NAME '<rule>'")
    else:
        rows = [[f"{one.member_count:,}", one.name, one.kind, sentences[one.id]] for one in segments]
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

        coterie segments show "Enterprise in Germany"
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        found = find_segment(opened, segment)
        sentence = opened.sentence(found.rule) if found.rule is not None else None
    document = {**segment_document(found), "sentence": sentence}
    if manner(context).json:
        print_json(document)
        return
    console = out()
    shown = {"id": found.id, "name": found.name, "kind": found.kind, "members": f"{found.member_count:,}"}
    shown |= {
        "description": found.description or NOTHING,
        "sentence": sentence or NOTHING,
        "version": str(found.version),
    }
    shown |= {"made": instant(found.created_at), "changed": instant(found.updated_at)}
    console.print(table(["", ""], shown.items()))
    if found.rule is not None:
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
    """Make a segment. From now on its membership is kept true.

    Examples:

        coterie segments create "Enterprise" '{"property": "plan", "operator": "equals", "value": "enterprise"}'
        coterie segments create "Invited to the beta" --static
    """
    if static == (rule is not None):
        raise InvalidInput(
            "A segment has a rule, or is a static list." if static else "A segment needs a rule.",
            hint="Give the rule as JSON or @FILE, or --static for a list without one.",
        )
    document = None if rule is None else read_document(rule)
    with opened_workspace(data, workspace, "coterie segments") as opened:
        made = opened.create_segment(
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

        coterie segments delete "Invited to the beta"
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        found = find_segment(opened, segment)
        opened.delete_segment(found.id)
    _tell(context, found, f"Segment {found.name!r} is deleted.")


def add(
    context: typer.Context,
    segment: SegmentNamed,
    profiles: Annotated[list[str], typer.Argument(metavar="PROFILE...", help="External ids, emails or ids.")],
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    json: Json = False,
) -> None:
    """Put people into a static segment.

    Example:

        coterie segments add "Invited to the beta" ada@example.com grace@example.com
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
    """Take people out of a static segment.

    Example:

        coterie segments remove "Invited to the beta" ada@example.com
    """
    _change(context, segment, profiles, data, workspace, adding=False)


def members(
    context: typer.Context,
    segment: SegmentNamed,
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """Show the members of a segment, oldest profile first. `coterie export` writes all of them to a file.

    Example:

        coterie segments members "Enterprise in Germany" --limit 50
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        found = find_segment(opened, segment)
        page = opened.members_at(found.id, offset=0, limit=limit)
    if manner(context).json:
        print_json({"total": page.total, "members": [profile_document(one) for one in page.items]})
        return
    names = sorted(properties(found.rule) - {"external_id", "email"}) if found.rule is not None else []
    out().print(profile_table(page.items, names))
    if page.total is not None:
        say(f"{len(page.items):,} of {page.total:,} members")


def explain(
    context: typer.Context,
    segment: SegmentNamed,
    profile: ProfileNamed,
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    json: Json = False,
) -> None:
    """Say why a profile is in a segment or not: every condition, with the value that was looked at.

    Example:

        coterie segments explain "Enterprise in Germany" ada@example.com
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        found = find_segment(opened, segment)
        person = find_profile(opened, profile)
        answer = opened.explain(person.id, found.id)
    if manner(context).json:
        print_json(_explanation_document(answer))
        return
    console = out()
    since = f", since {instant(answer.since)}" if answer.since is not None else ""
    console.print(Text(f"{profile} is {'' if answer.member else 'not '}in {found.name!r}{since}", style="bold"))
    if answer.verdict is not None:
        console.print(
            table(
                ["", "condition", "actual"],
                _verdict_rows(answer.verdict, {} if found.rule is None else dict(walk(found.rule)), 0),
            )
        )


def transitions(
    context: typer.Context,
    segment: Annotated[
        str | None, typer.Argument(metavar="[SEGMENT]", help="Of one segment only.", show_default=False)
    ] = None,
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    after: Annotated[int, typer.Option("--after", min=0, help="Those after this sequence number.")] = 0,
    profile: Annotated[str | None, typer.Option("--profile", help="Of one profile only.")] = None,
    action: Annotated[Action | None, typer.Option("--action", help="enter or exit only.")] = None,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """Show who entered and who left, in order, with the instant and the cause.

    Examples:

        coterie segments transitions "Enterprise in Germany"
        coterie segments transitions --profile ada@example.com --action exit
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        segment_id = None if segment is None else find_segment(opened, segment).id
        profile_id = None if profile is None else find_profile(opened, profile).id
        page = opened.transitions(after=after, limit=limit, segment_id=segment_id, profile_id=profile_id, action=action)
        names = {one.id: one.name for one in opened.segments().items}
    if manner(context).json:
        print_json({"transitions": [_transition_document(one) for one in page.items], "next": page.next})
        return
    rows = [
        [
            one.sequence,
            instant(one.at),
            one.action,
            names.get(one.segment_id, one.segment_id),
            one.profile_id or NOTHING,
            one.cause,
        ]
        for one in page.items
    ]
    out().print(table(["sequence", "at", "action", "segment", "profile", "cause"], rows, numbers=["sequence"]))
    if len(page.items) == limit and page.next is not None:
        say(f"There may be more: --after {page.next}")


def _change(
    context: typer.Context, segment: str, named: list[str], data: Data, workspace: str, *, adding: bool
) -> None:
    with opened_workspace(data, workspace, "coterie segments") as opened:
        found = find_segment(opened, segment)
        ids = [find_profile(opened, one).id for one in named]
        moved = opened.add_members(found.id, ids) if adding else opened.remove_members(found.id, ids)
        found = opened.get_segment(found.id)
    done = "put in" if adding else "taken out"
    _tell(context, found, f"{moved:,} {done}; {found.name!r} has {found.member_count:,} members.")


def _tell(context: typer.Context, segment: Segment, sentence: str) -> None:
    if manner(context).json:
        print_json(segment_document(segment))
    else:
        say(sentence)


def _verdict_rows(verdict: Verdict, nodes: Nodes, depth: int) -> list[list[object]]:
    mark = Text("yes", style="green") if verdict.holds else Text("no", style="red")
    actual = "" if verdict.children else value_text(verdict.actual)
    below = [row for child in verdict.children for row in _verdict_rows(child, nodes, depth + 1)]
    return [[mark, "  " * depth + node_name(nodes.get(verdict.path), verdict.sentence), actual], *below]


def _explanation_document(answer: Explanation) -> dict[str, object]:
    return {
        "profile_id": answer.profile_id,
        "segment_id": answer.segment_id,
        "member": answer.member,
        "since": answer.since.iso() if answer.since is not None else None,
        "verdict": None if answer.verdict is None else _verdict_document(answer.verdict),
        "as_of": answer.as_of.iso(),
    }


def _verdict_document(verdict: Verdict) -> dict[str, object]:
    return {
        "path": list(verdict.path),
        "sentence": verdict.sentence,
        "holds": verdict.holds,
        "actual": None if verdict.actual is None else json_value(verdict.actual),
        "children": [_verdict_document(child) for child in verdict.children],
    }


def _transition_document(one: Transition) -> dict[str, object]:
    return {
        "sequence": one.sequence,
        "segment_id": one.segment_id,
        "segment_version": one.segment_version,
        "profile_id": one.profile_id,
        "action": one.action.value,
        "cause": one.cause.value,
        "at": one.at.iso(),
    }
