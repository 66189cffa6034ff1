"""`coterie preview RULE`: who would be in, before anything is saved."""

from __future__ import annotations

import json as json_module
import pathlib
import sys
from typing import Annotated

import typer
from rich.text import Text

from coterie.cli.opening import opened_workspace
from coterie.cli.options import DATA, WORKSPACE, Data, Json, WorkspaceName, output_options
from coterie.cli.terminal import err, out, print_json, problem_document, table
from coterie.cli.values import Nodes, find_segment, node_name, profile_table
from coterie.errors import InvalidInput, InvalidRule, file_sentence
from coterie.exporting import profile_document
from coterie.model import NodeCount, Preview
from coterie.rules.nodes import Rule
from coterie.rules.walk import properties, walk

PLACE = 50
OWN = ("external_id", "email")


def register(app: typer.Typer) -> None:
    app.command("preview")(preview)


def preview(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(help="The rule as JSON, `@FILE` for one in a file, `-` for standard input.")],
    data: Data = DATA,
    workspace: WorkspaceName = WORKSPACE,
    compare_to: Annotated[
        str | None,
        typer.Option(
            "--compare-to",
            metavar="SEGMENT",
            help="Also say who would enter and leave this segment if it had the rule.",
        ),
    ] = None,
    sample: Annotated[int, typer.Option("--sample", min=0, max=1_000, help="Members to show.")] = 10,
    json: Json = False,
) -> None:
    """Count a rule and each of its conditions, and show some of the profiles. Saves nothing.

    Examples:

    ```
    coterie preview '{"property": "plan", "operator": "equals", "value": "enterprise"}'
    coterie preview @rule.json --compare-to "Enterprise in Germany"
    ```
    """
    document = read_document(rule)
    with opened_workspace(data, workspace, "coterie preview") as open_workspace:
        parsed = open_workspace.parse_rule(document)
        compared = None if compare_to is None else find_segment(open_workspace, compare_to).id
        answer = open_workspace.preview(parsed, compare_to=compared, sample=sample)
    if output_options(context).json:
        print_json(_document(answer))
        return
    _show(answer, parsed.rule)


def read_document(written: str) -> object:
    """The JSON of a rule, from the argument, a file or standard input. Raises InvalidInput."""
    text = written
    if written == "-":
        text = sys.stdin.read()
    elif written.startswith("@"):
        try:
            text = pathlib.Path(written[1:]).read_text(encoding="utf-8-sig")
        except OSError as error:
            raise InvalidInput(file_sentence(written[1:], "read", error)) from None
        except UnicodeDecodeError:
            raise InvalidInput(f"{written[1:]} is not UTF-8 text.") from None
    try:
        return json_module.loads(text)
    except json_module.JSONDecodeError as error:
        raise InvalidRule(
            f"The rule is not JSON: {error.msg} at line {error.lineno}, character {error.colno}.",
            hint='A rule looks like {"property": "plan", "operator": "equals", "value": "pro"}. Put it in single '
            "quotes, or in a file: @rule.json",
        ) from None
    except (ValueError, RecursionError) as error:
        raise InvalidRule(f"The rule is not JSON that can be read: {error}.") from None


def _show(answer: Preview, rule: Rule) -> None:
    console = out()
    share = f" ({answer.count / answer.total:.1%})" if answer.total else ""
    console.print(Text.assemble((f"{answer.count:,}", "bold"), f" of {answer.total:,} profiles{share}"))
    console.print(Text(answer.sentence), style="italic")
    console.print()
    nodes = dict(walk(rule))
    console.print(table(["count", "condition"], _rows(answer.tree, nodes, 0), numbers=["count"]))
    for warning in answer.warnings:
        err().print(Text(f"Warning: {warning.message}" + (f" {warning.hint}" if warning.hint else ""), style="yellow"))
    if answer.comparison is not None:
        moves = answer.comparison
        console.print(
            f"\nAgainst the segment as it is: {moves.enter:,} enter, {moves.leave:,} leave, {moves.stay:,} stay"
        )
    if answer.sample:
        console.print()
        console.print(profile_table(answer.sample, sorted(properties(rule) - set(OWN))))


def _rows(node: NodeCount, nodes: Nodes, depth: int) -> list[list[str]]:
    """The tree as rows, each below its parent and further in."""
    below = [row for child in node.children for row in _rows(child, nodes, depth + 1)]
    return [[f"{node.count:,}", "  " * depth + node_name(nodes.get(node.path), node.sentence)], *below]


def _document(answer: Preview) -> dict[str, object]:
    moves = answer.comparison
    return {
        "count": answer.count,
        "total": answer.total,
        "sentence": answer.sentence,
        "tree": _tree(answer.tree),
        "warnings": [problem_document(warning) for warning in answer.warnings],
        "sample": [profile_document(profile) for profile in answer.sample],
        "as_of": answer.as_of.iso(),
        "comparison": None
        if moves is None
        else {"segment_id": moves.segment_id, "enter": moves.enter, "leave": moves.leave, "stay": moves.stay},
    }


def _tree(node: NodeCount) -> dict[str, object]:
    return {
        "path": list(node.path),
        "sentence": node.sentence,
        "count": node.count,
        "children": [_tree(child) for child in node.children],
    }
