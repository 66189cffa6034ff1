"""Commands of `coterie segments` about members, explanations and transitions."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from coterie.cli.opening import opened_workspace
from coterie.cli.options import DATA, WORKSPACE, Data, Json, ProfileNamed, SegmentNamed, WorkspaceName, output_options
from coterie.cli.terminal import out, print_json, say, table
from coterie.cli.values import NOTHING, Nodes, find_profile, find_segment, instant, node_name, profile_table, value_text
from coterie.exporting import profile_document
from coterie.exporting.cells import json_value
from coterie.model import Action, Explanation, Transition, Verdict
from coterie.rules.walk import properties, walk

Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")]


def members(
    context: typer.Context,
    segment: SegmentNamed,
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """Show the members of a segment, oldest profile first. `coterie export` writes all to a file.

    Example:

    ```
    coterie segments members "Enterprise in Germany" --limit 50
    ```
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        stored = find_segment(opened, segment)
        page = opened.segments.members_at(stored.id, offset=0, limit=limit)
    if output_options(context).json:
        print_json({"total": page.total, "members": [profile_document(member) for member in page.items]})
        return
    names = sorted(properties(stored.rule) - {"external_id", "email"}) if stored.rule is not None else []
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

    ```
    coterie segments explain "Enterprise in Germany" ada@example.com
    ```
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        stored = find_segment(opened, segment)
        person = find_profile(opened, profile)
        answer = opened.explain(person.id, stored.id)
    if output_options(context).json:
        print_json(_explanation_document(answer))
        return
    console = out()
    since = f", since {instant(answer.since)}" if answer.since is not None else ""
    console.print(Text(f"{profile} is {'' if answer.member else 'not '}in {stored.name!r}{since}", style="bold"))
    if answer.verdict is not None:
        console.print(
            table(
                ["", "condition", "actual"],
                _verdict_rows(answer.verdict, {} if stored.rule is None else dict(walk(stored.rule)), 0),
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

    ```
    coterie segments transitions "Enterprise in Germany"
    coterie segments transitions --profile ada@example.com --action exit
    ```
    """
    with opened_workspace(data, workspace, "coterie segments") as opened:
        segment_id = None if segment is None else find_segment(opened, segment).id
        profile_id = None if profile is None else find_profile(opened, profile).id
        page = opened.transitions.list(
            after=after, limit=limit, segment_id=segment_id, profile_id=profile_id, action=action
        )
        names = {item.id: item.name for item in opened.segments.list().items}
    if output_options(context).json:
        print_json({"transitions": [_transition_document(transition) for transition in page.items], "next": page.next})
        return
    rows = [
        [
            transition.sequence,
            instant(transition.at),
            transition.action,
            names.get(transition.segment_id, transition.segment_id),
            transition.profile_id or NOTHING,
            transition.cause,
        ]
        for transition in page.items
    ]
    out().print(table(["sequence", "at", "action", "segment", "profile", "cause"], rows, numbers=["sequence"]))
    if len(page.items) == limit and page.next is not None:
        say(f"There may be more: --after {page.next}")


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


def _transition_document(transition: Transition) -> dict[str, object]:
    return {
        "sequence": transition.sequence,
        "segment_id": transition.segment_id,
        "segment_version": transition.segment_version,
        "profile_id": transition.profile_id,
        "action": transition.action.value,
        "cause": transition.cause.value,
        "at": transition.at.iso(),
    }
