"""Writes docs/reference from the code (`make docs`); `--check` reports the pages that are stale.

A page is a function that returns Markdown, and `PAGES` is the list of them; to add a page, add a
function. A page comes from declarations (of operators, settings, errors, commands, routes), never
from a second list kept here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer.main
from pydantic_core import PydanticUndefined

import coterie.errors
import coterie.http.errors  # the errors of the edge are in the tree once they are loaded
from coterie.cli import app as command_line
from coterie.http.app import create_app
from coterie.rules.measure_declarations import MEASURES
from coterie.rules.operand_shapes import SHAPES
from coterie.rules.operators import OPERATORS, Example, Operator
from coterie.rules.values import Kind
from coterie.settings import Settings

HERE = Path(__file__).resolve().parent
NOTICE = "<!-- Written by `make docs` from the code. Change the code, not this page. -->"
KIND_ORDER = ("text", "number", "boolean", "time", "list")


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    heads = list(heads)
    return "\n".join([line(heads), line("---" for _ in heads), *(line(row) for row in rows)])


def code(value: object) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


# --- operators ------------------------------------------------------------------------------------


def operators() -> str:
    intro = (
        'An operator joins a subject and a value: `{"property": "plan", "operator": "equals", "value": "pro"}`. '
        "With a missing value, or a value of another kind, every operator is false, except those "
        "marked as an opposite: they are true "
        "exactly where their twin is false. The subject may as well be a measure over events or "
        "conversations, which gives values of the kinds that it gives. "
        "The chapters in `spec/` say the rest."
    )
    index = table(
        ["operator", "for", "takes", "reads"],
        ([f"[`{name}`](#{name})", kinds_of(each), each.takes.name, each.reads] for name, each in OPERATORS.items()),
    )
    takes = table(["takes", "the value of the condition is"], ([f"`{shape.name}`", shape.meaning] for shape in SHAPES))
    sections = [operator_section(each) for each in OPERATORS.values()]
    return "\n\n".join(["# Operators", intro, index, takes, *sections, *measures()])


def measures() -> list[str]:
    intro = (
        "What is compared may be a measure over a profile's events or conversations: "
        '`{"event": {"name": "order_placed", "measure": "sum", "of": "total", "window": {"last": '
        '"30d"}}, "operator": "at_least", "value": 100}`.'
    )
    rows = (
        [f"`{measure.name}`", "yes" if measure.of_property else "", kind_words(measure.kinds), measure.summary]
        for measure in MEASURES.values()
    )
    return ["## Measures", intro, table(["measure", "`of` a property", "gives", "what it is"], rows)]


def kinds_of(operator: Operator) -> str:
    if operator.of_change:
        return "any, by when it changed"
    return kind_words(operator.kinds)


def kind_words(kinds: Iterable[Kind]) -> str:
    names = {kind.value for kind in kinds}
    return "any" if names == set(KIND_ORDER) else ", ".join(name for name in KIND_ORDER if name in names)


def operator_section(operator: Operator) -> str:
    parts = [f"## {operator.name}", operator.summary]
    if operator.complement_of:
        parts.append(f"The exact opposite of [`{operator.complement_of}`](#{operator.complement_of}).")
    if operator.case_option:
        parts.append('Ignores case unless the condition says `"case_sensitive": true`.')
    if operator.examples:
        if operator.of_change:
            parts.append("Here “the value” is the instant at which the property got the value it has.")
        parts.append(table(["the value", "the operand", "holds"], (example_row(each) for each in operator.examples)))
    return "\n\n".join(parts)


def example_row(example: Example) -> Iterator[str]:
    yield "missing" if example.value is None else code(example.value)
    yield "none" if example.operand is None else code(example.operand)
    yield ("yes" if example.holds else "no") + (f" (asked at {example.now})" if example.now else "")


# --- settings -------------------------------------------------------------------------------------


def settings() -> str:
    intro = (
        "Every setting and every limit. Each is an environment variable; those of `coterie serve` "
        "are flags as well. A limit that is hit is an "
        "error that names it ([limit_exceeded](errors.md)); nothing is ever cut silently."
    )
    rows = (
        [f"`COTERIE_{name.upper()}`", default_of(field.default), field.description or ""]
        for name, field in Settings.model_fields.items()
    )
    return "\n\n".join(["# Settings", intro, table(["variable", "default", "what it is"], rows)])


def default_of(default: object) -> str:
    if default is None or default is PydanticUndefined:
        return "none"
    return f"`{default:,}`" if isinstance(default, int) and default >= 10_000 else f"`{default}`"


# --- errors ---------------------------------------------------------------------------------------


def errors() -> str:
    intro = (
        "Every error has a `code` for programs, and for people a sentence, the path in the input "
        "where it is, and a hint what to do. "
        "In Python each is a class in `coterie.errors`; over HTTP it is an RFC 9457 problem, or "
        "the envelope of the dialect. "
        "The tree is the tree of classes: catching one catches those beneath it."
    )
    rows = (
        [f"`{error.code}`", "&nbsp;" * 4 * depth + f"`{error.__name__}`", meaning_of(error)]
        for depth, error in error_tree(coterie.errors.CoterieError)
    )
    return "\n\n".join(["# Errors", intro, table(["code", "class", "when"], rows)])


def error_tree(root: type, depth: int = 0) -> Iterator[tuple[int, Any]]:
    yield depth, root
    for child in root.__subclasses__():
        yield from error_tree(child, depth + 1)


def meaning_of(error: type) -> str:
    """What the drawing at the top of errors.py says beside the class's name."""
    for line in (coterie.errors.__doc__ or "").splitlines():
        words = line.lstrip(" │├└─").split(maxsplit=1)
        if len(words) == 2 and words[0] == error.__name__ and line != words[0]:
            return words[1]
    return (error.__dict__.get("__doc__") or "").strip().split("\n\n")[0]


# --- the command line -----------------------------------------------------------------------------


def cli() -> str:
    root = typer.main.get_command(command_line)
    return "\n\n".join(["# The command line", (root.help or "").strip(), *command_sections(root, "coterie")])


def command_sections(command: Any, name: str) -> Iterator[str]:
    for child_name, child in sorted(getattr(command, "commands", {}).items()):
        full = f"{name} {child_name}"
        yield f"## {full}"
        yield (child.help or "").strip()
        if getattr(child, "commands", None):
            yield from (section.replace("## ", "### ", 1) for section in command_sections(child, full))
        elif child.params:
            yield table(["", "what it is"], (parameter_row(each) for each in child.params))


def parameter_row(parameter: Any) -> list[str]:
    if parameter.param_type_name == "argument":
        name = f"`{parameter.name.upper()}`"
    else:
        name = ", ".join(f"`{option}`" for option in [*parameter.opts, *parameter.secondary_opts])
    default = parameter.default
    plain = default is not None and default is not False and default != () and not callable(default)
    return [name, (parameter.help or "") + (f" Default: `{default}`." if plain else "")]


# --- http -----------------------------------------------------------------------------------------


class NoServer:
    """Stands in for a server: a description of the routes needs only its settings."""

    settings = Settings.model_construct()


def openapi_document() -> dict[str, Any]:
    return create_app(NoServer()).openapi()  # type: ignore[arg-type]  # see NoServer


def http() -> str:
    document = openapi_document()
    intro = (
        "Every route, from the OpenAPI document that the server itself gives at `/openapi.json` "
        "(and shows at `/docs`, loading nothing from other "
        "hosts). Send a key as `Authorization: Bearer <key>`. Failures are [errors](errors.md)."
    )
    routes = [
        (path, method.upper(), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    index = table(
        ["", "route", "what it does"],
        ([method, f"`{path}`", operation.get("summary", "")] for path, method, operation in routes),
    )
    return "\n\n".join(["# HTTP", intro, index, *(route_section(*route) for route in routes)])


def route_section(path: str, method: str, operation: Mapping[str, Any]) -> str:
    parts = [f"## {method} {path}", operation.get("description") or operation.get("summary", "")]
    if operation.get("parameters"):
        rows = (
            [f"`{each['name']}`", each["in"], "yes" if each.get("required") else "", each.get("description", "")]
            for each in operation["parameters"]
        )
        parts.append(table(["parameter", "in", "required", "what it is"], rows))
    bodies = operation.get("requestBody", {}).get("content", {})
    if bodies:
        parts.append("Body: " + ", ".join(f"`{kind}`{schema_name(media)}" for kind, media in bodies.items()) + ".")
    answers = (
        [
            status,
            answer.get("description", ""),
            ", ".join(f"`{kind}`{schema_name(media)}" for kind, media in answer.get("content", {}).items()),
        ]
        for status, answer in operation["responses"].items()
    )
    parts.append(table(["answer", "when", "body"], answers))
    return "\n\n".join(part for part in parts if part)


def schema_name(media: Mapping[str, Any]) -> str:
    reference = media.get("schema", {}).get("$ref", "")
    return f" {reference.rsplit('/', 1)[-1]}" if reference else ""


# --- writing --------------------------------------------------------------------------------------

PAGES: dict[str, Callable[[], str]] = {
    "operators.md": operators,
    "settings.md": settings,
    "errors.md": errors,
    "cli.md": cli,
    "http.md": http,
}


def main(check: bool) -> int:
    stale = []
    for name, page in PAGES.items():
        path = HERE / "reference" / name
        text = f"{NOTICE}\n\n{page().strip()}\n"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"docs/reference: {', '.join(stale)} {'differ from the code: run `make docs`' if check else 'written'}")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
