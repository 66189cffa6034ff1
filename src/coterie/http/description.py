"""The API description, `/openapi.json`, made fit to read: FastAPI's own, with what it cannot know or gets wrong put right.

* The error document is one of its shapes.
* Examples keep their nulls, which FastAPI takes out, and stand beside every body whose shape has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from coterie.http.native.schema import Problem, ProblemDocument, Shape

Document = dict[str, Any]

REFERENCE = "#/components/schemas/"


def described(document: Document) -> Document:
    """FastAPI's description, put right."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    errors: tuple[type[BaseModel], ...] = (Problem, ProblemDocument)
    for shape in errors:
        schemas[shape.__name__] = shape.model_json_schema(ref_template=f"{REFERENCE}{{model}}")
        schemas[shape.__name__].pop("$defs", None)
    for shape in (*_below(Shape), *errors):
        _keep_examples(shape, schemas)
    for operations in document["paths"].values():
        for operation in operations.values():
            _show_examples(operation, schemas)
    return document


def _below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for further in kind.__subclasses__():
        yield further
        yield from _below(further)


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
