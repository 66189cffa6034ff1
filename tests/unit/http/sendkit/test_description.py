"""The API description of this dialect is true: its examples work, and its shapes fit."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from coterie.errors import InvalidInput
from coterie.http.sendkit import examples, shapes
from coterie.http.sendkit.envelope import SendKitError
from coterie.http.sendkit.wording import read
from tests.unit.http.sendkit.context import context_with
from tests.unit.http.sendkit.harness import Json, World, reserved


@pytest.fixture(scope="module")
def described(still: World) -> Json:
    return still.client.get("/openapi.json").json()


def operations(described: Json) -> list[tuple[str, str, Json]]:
    return [
        (method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/sendkit/")
    ]


def test_every_operation_is_tagged_and_described(described: Json) -> None:
    assert len(operations(described)) == 21
    for method, path, operation in operations(described):
        assert operation["tags"] == ["sendkit"], path
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["security"], path
        assert {"401", "403", "422", "500"} <= operation["responses"].keys()
        assert ("404" in operation["responses"]) is ("{" in path), (method, path)


def test_every_error_is_in_the_envelope_of_this_dialect(described: Json) -> None:
    for _, path, operation in operations(described):
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                shape = response["content"]["application/json"]["schema"]["$ref"]
                assert shape == "#/components/schemas/SendKitError", (path, status)


def test_every_body_and_answer_has_a_shape_and_an_example(described: Json) -> None:
    for method, path, operation in operations(described):
        if method in ("post", "put"):
            body = operation["requestBody"]["content"]["application/json"]
            assert body["schema"]["$ref"].startswith("#/components/schemas/SendKit"), path
            assert body["examples"], path
        for status, response in operation["responses"].items():
            if status in ("200", "201"):
                shape = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                assert described["components"]["schemas"][shape]["examples"], path


@pytest.mark.parametrize(
    "shape",
    [
        shapes.SendKitNewContact,
        shapes.SendKitContactChange,
        shapes.SendKitListIds,
        shapes.SendKitNewList,
        shapes.SendKitPropertyChange,
        shapes.SendKitNewSegment,
        shapes.SendKitSegmentChange,
        shapes.SendKitPreviewedSegment,
    ],
)
def test_an_unknown_key_is_answered_with_the_keys_of_the_shape(shape: type[BaseModel]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(shape, {"zzz": 1}, context_with())
    first = refused.value.problems[0]
    assert (first.message, first.path) == ("The zzz field is not known.", ("zzz",))
    assert first.hint == f"Known: {', '.join(shape.model_fields)}."


@pytest.mark.parametrize(
    ("shape", "example"),
    [
        (shapes.SendKitContact, examples.CONTACT_ANSWER),
        (shapes.SendKitProperty, examples.PROPERTY_ANSWER),
        (shapes.SendKitList, examples.LIST_ANSWER),
        (shapes.SendKitSegment, examples.SEGMENT_ANSWER),
        (shapes.SendKitSegmentPreview, examples.PREVIEW_ANSWER),
        (SendKitError, examples.ERROR_ANSWER),
        (shapes.SendKitContactPage, examples.page_of("contacts", examples.CONTACT_ANSWER)),
    ],
)
def test_an_example_of_an_answer_is_of_its_shape(shape: type[BaseModel], example: Json) -> None:
    assert shape.model_validate(example, strict=True).model_dump(by_alias=True, exclude_unset=True) == example


BODIES: list[tuple[str, str, dict[str, Any], int]] = [
    ("POST", "/contacts", examples.CONTACT, 201),
    ("PUT", "/contacts/{contact}", examples.CONTACT_CHANGE, 200),
    ("POST", "/contacts/{contact}/lists", examples.LIST_IDS, 200),
    ("POST", "/properties", examples.PROPERTY, 201),
    ("PUT", "/properties/{property}", examples.PROPERTY_CHANGE, 200),
    ("POST", "/lists", examples.LIST, 201),
    ("POST", "/segments", examples.SEGMENT, 201),
    ("PUT", "/segments/{segment}", examples.SEGMENT_CHANGE, 200),
    ("POST", "/segments/preview", examples.PREVIEW, 200),
]


@pytest.mark.parametrize(("method", "path", "bodies", "status"), BODIES)
def test_the_examples_work(world: World, method: str, path: str, bodies: dict[str, Json], status: int) -> None:
    ids = {
        "contact": world.make_contact("a@b.c")["id"],
        "property": world.make_property("plan")["id"],
        "segment": world.make_segment(reserved("email", "is_set"))["id"],
    }
    for example in bodies.values():
        body = example["value"]
        if "list_ids" in body:
            body = {"list_ids": [world.make_list() for _ in body["list_ids"]]}
        again = path == "/contacts" and world.get("/contacts")["meta"]["total"] > 1
        world.ask(method, path.format(**ids), body, status=200 if again else status)
