"""The API description: complete, with an example for every body, and true of its own examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from coterie.http.app import create_app
from tests.unit.http.edge.toy import ToyServer

DOCUMENT: dict[str, Any] = create_app(ToyServer()).openapi()

OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if path.startswith("/v1")
]
WITH_BODY = {"POST", "PUT", "PATCH"}

ADDRESSES = {
    "POST /v1/profiles", "GET /v1/profiles", "POST /v1/profiles/batch",
    "GET /v1/profiles/{profile_id}", "DELETE /v1/profiles/{profile_id}",
    "GET /v1/profiles/{profile_id}/segments", "GET /v1/properties",
    "GET /v1/properties/{name}", "PUT /v1/properties/{name}",
    "DELETE /v1/properties/{name}", "POST /v1/segments", "GET /v1/segments", "GET /v1/segments/{segment_id}",
    "PATCH /v1/segments/{segment_id}", "DELETE /v1/segments/{segment_id}", "GET /v1/segments/{segment_id}/members",
    "GET /v1/segments/{segment_id}/members/export", "POST /v1/segments/{segment_id}/members/add",
    "POST /v1/segments/{segment_id}/members/remove", "GET /v1/segments/{segment_id}/explain/{profile_id}",
    "POST /v1/preview",
    "GET /v1/transitions", "GET /v1/operators", "GET /v1/rule-schema",
    "POST /v1/profiles/merge", "GET /v1/profiles/{profile_id}/events", "POST /v1/events",
    "GET /v1/events", "GET /v1/events/{name}",
    "POST /v1/conversations", "GET /v1/conversations", "GET /v1/conversations/{conversation_id}",
    "GET /v1/conversations/{conversation_id}/messages", "PUT /v1/conversations/{conversation_id}/analysis",
    "GET /v1/transitions/stream", "POST /v1/destinations", "GET /v1/destinations",
    "GET /v1/destinations/{destination_id}",
    "PUT /v1/destinations/{destination_id}", "DELETE /v1/destinations/{destination_id}",
    "POST /v1/destinations/{destination_id}/rotate", "POST /v1/destinations/{destination_id}/replay",
    "GET /v1/destinations/{destination_id}/attempts",
    "GET /v1/segments/{segment_id}/difference", "GET /v1/segments/{segment_id}/changes",
    "GET /v1/segments/{segment_id}/sizes",
}  # fmt: skip


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every body the operation takes or gives: where, its media type, and what is said of it."""
    for where, holder in [("request", operation.get("requestBody", {})), *operation["responses"].items()]:
        for media_type, media in holder.get("content", {}).items():
            yield where, media_type, media


def test_it_is_openapi_31_and_names_exactly_our_addresses() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert {name for name, _ in OPERATIONS} == ADDRESSES


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_every_operation_has_a_summary_a_key_its_errors_and_its_examples(name: str, operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["security"] in ([{"key": ["read"]}], [{"key": ["write"]}], [{"key": ["admin"]}])
    assert {"401", "403", "422", "500"} <= operation["responses"].keys()
    if name.split()[0] in WITH_BODY:
        assert {"400", "408", "413", "415"} <= operation["responses"].keys()
        assert "requestBody" in operation
    for where, media_type, media in bodies(operation):
        if media_type == "application/problem+json":
            assert media["schema"] == {"$ref": "#/components/schemas/ProblemDocument"}
            assert where[0] in "45"
        else:
            assert where in ("request", "200", "201")
        assert "example" in media, (name, where, media_type)


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_every_example_is_of_its_shape(name: str, operation: dict[str, Any]) -> None:
    for where, media_type, media in bodies(operation):
        schema = {**media["schema"], "components": DOCUMENT["components"]}
        validator = jsonschema_rs.validator_for(schema)
        assert validator.is_valid(media["example"]), (where, media_type, list(validator.iter_errors(media["example"])))


def test_nothing_of_the_framework_shows() -> None:
    """No error shape of FastAPI's, and no name that it invented because two dialects have shapes
    with the same name: the shapes of a dialect begin with its name."""
    assert not [name for name, operation in OPERATIONS if "HTTPValidationError" in str(operation)]
    assert not [name for name in DOCUMENT["components"]["schemas"] if "__" in name or "-" in name]
