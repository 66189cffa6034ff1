"""The API description, `/openapi.json`: FastAPI's own, completed and corrected.

* It includes the shapes of the error document, of rules and of the items of batches.
* Examples keep their nulls, which FastAPI removes, and stand beside every body whose shape has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from pydantic import BaseModel

from coterie.http.native.shapes.base import RULE_MARK, Problem, ProblemDocument
from coterie.http.native.shapes.conversations import NewConversation
from coterie.http.native.shapes.events import NewEvent
from coterie.http.native.shapes.shape import Shape
from coterie.rules.schema import rule_schema

Document = dict[str, Any]

REFERENCE = "#/components/schemas/"

UNROUTED: tuple[type[BaseModel], ...] = (Problem, ProblemDocument, NewEvent, NewConversation)
"""Shapes that FastAPI does not see in any route: errors, and items of bodies that routes parse."""


def described(document: Document) -> Document:
    """FastAPI's description, completed."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for shape in UNROUTED:
        schemas[shape.__name__] = shape.model_json_schema(ref_template=f"{REFERENCE}{{model}}")
        for name, part in schemas[shape.__name__].pop("$defs", {}).items():
            schemas.setdefault(name, part)
    for shape in (*_below(Shape), *UNROUTED):
        _keep_examples(shape, schemas)
    schemas.update(_rule_shapes())
    _refer_to_rules(document)
    for operations in document["paths"].values():
        for operation in operations.values():
            _show_examples(operation, schemas)
    return document


def _rule_shapes() -> dict[str, Any]:
    """The parts of the rules' own schema, with their references to one another adjusted."""
    moved = orjson.dumps(rule_schema()["$defs"]).replace(b"#/$defs/", REFERENCE.encode())
    shapes: dict[str, Any] = orjson.loads(moved)
    return shapes


def _refer_to_rules(part: object) -> None:
    """Put the reference to the shape of rules wherever `part` marks the place of one."""
    match part:
        case dict():
            if part.pop(RULE_MARK, False):
                part.clear()
                part["$ref"] = f"{REFERENCE}Rule"
            for child in part.values():
                _refer_to_rules(child)
        case list():
            for child in part:
                _refer_to_rules(child)


def _below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from _below(subclass)


def _keep_examples(shape: type[BaseModel], schemas: dict[str, Any]) -> None:
    extra = shape.model_config.get("json_schema_extra")
    if shape.__name__ in schemas and isinstance(extra, dict) and "examples" in extra:
        schemas[shape.__name__]["examples"] = extra["examples"]


def _show_examples(operation: Document, schemas: Mapping[str, Any]) -> None:
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    for body in [*bodies, *operation["responses"].values()]:
        for media in body.get("content", {}).values():
            name = media.get("schema", {}).get("$ref", "").removeprefix(REFERENCE)
            examples = schemas.get(name, {}).get("examples")
            if examples and not media.keys() & {"example", "examples"}:
                media["example"] = examples[0]
