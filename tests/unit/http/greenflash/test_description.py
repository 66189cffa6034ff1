"""The API description of this dialect is true: examples work, and answers have their shapes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from coterie.http.greenflash import examples, shapes
from coterie.http.greenflash.grammar import DATE_KEYS, FILTER_KEYS, KEYS_OF_TYPE
from coterie.http.greenflash.routes import segments
from tests.unit.http.greenflash.harness import Json, World


@pytest.fixture(scope="module")
def described(still: World) -> Json:
    return still.client.get("/openapi.json").json()


def operations(described: Json) -> list[tuple[str, str, Json]]:
    return [
        (method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/greenflash/")
    ]


def test_every_operation_has_a_tag_and_a_description(described: Json) -> None:
    assert len(operations(described)) == 16
    for method, path, operation in operations(described):
        assert operation["tags"] == ["greenflash"], path
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["security"], path
        assert {"400", "401", "403", "500"} <= operation["responses"].keys()
        if "{" in path:
            assert "404" in operation["responses"], (method, path)
        assert not operation["responses"].keys() & {"409", "422"}


def test_every_error_has_this_dialects_envelope(described: Json) -> None:
    for _, path, operation in operations(described):
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                shape = response["content"]["application/json"]["schema"]["$ref"]
                assert shape == "#/components/schemas/GreenflashError", (path, status)


def test_every_body_has_a_shape_and_an_example(described: Json) -> None:
    for method, path, operation in operations(described):
        if method in ("post", "put"):
            body = operation["requestBody"]["content"]["application/json"]
            assert body["schema"]["$ref"].startswith("#/components/schemas/Greenflash"), path
            assert body["examples"], path


def keys(shape: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in shape.model_fields.items()}


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (shapes.GreenflashNewSegment, segments.FIELDS),
        (shapes.GreenflashFilters, FILTER_KEYS),
        (shapes.GreenflashDateRange, DATE_KEYS),
        (shapes.GreenflashAnalysisRule, KEYS_OF_TYPE["analysis"]),
        (shapes.GreenflashFlagRule, KEYS_OF_TYPE["analysis_flag"]),
        (shapes.GreenflashPropertyRule, KEYS_OF_TYPE["property"]),
        (shapes.GreenflashConversationPropertyRule, KEYS_OF_TYPE["conversation_property"]),
        (shapes.GreenflashCountRule, KEYS_OF_TYPE["conversation_count"]),
        (shapes.GreenflashSeenRule, KEYS_OF_TYPE["last_seen"]),
    ],
)
def test_a_shape_has_the_keys_that_the_reader_takes(shape: type[BaseModel], expected: tuple[str, ...]) -> None:
    assert keys(shape) == set(expected)


@pytest.mark.parametrize(
    ("shape", "example"),
    [
        (shapes.GreenflashSegmentSummary, examples.SUMMARY_EXAMPLE),
        (shapes.GreenflashCreatedSegment, examples.CREATED_EXAMPLE),
        (shapes.GreenflashSegment, examples.SEGMENT_EXAMPLE),
        (shapes.GreenflashMembership, examples.MEMBERSHIP_EXAMPLE),
        (shapes.GreenflashParticipant, examples.PARTICIPANT_EXAMPLE),
        (shapes.GreenflashOrganization, examples.ORGANIZATION_EXAMPLE),
        (shapes.GreenflashMessagesLogged, examples.LOGGED_EXAMPLE),
        (shapes.GreenflashInteraction, examples.INTERACTION_EXAMPLE),
        (shapes.GreenflashInteractionDetail, examples.DETAIL_EXAMPLE),
        (shapes.GreenflashSegmentAnalytics, examples.ANALYTICS_EXAMPLE),
        (shapes.GreenflashError, examples.ERROR_EXAMPLE),
    ],
)
def test_an_example_of_an_answer_has_its_shape(shape: type[BaseModel], example: Json) -> None:
    assert shape.model_validate(example, strict=True).model_dump(by_alias=True, exclude_unset=True) == example


BODIES: list[tuple[str, str, dict[str, Any], int]] = [
    ("POST", "/users", examples.NEW_USER, 200),
    ("PUT", "/users/user-1", examples.USER_CHANGE, 200),
    ("POST", "/organizations", examples.NEW_ORGANIZATION, 200),
    ("PUT", "/organizations/acme", examples.ORGANIZATION_CHANGE, 200),
    ("POST", "/messages", examples.MESSAGES, 200),
    ("POST", "/ratings", examples.RATINGS, 200),
    ("POST", "/events", examples.EVENTS, 200),
    ("POST", "/segments", examples.SEGMENT, 201),
]


def test_the_examples_work_in_order_and_answers_have_their_shapes(world: World) -> None:
    for method, path, bodies, status in BODIES:
        for example in bodies.values():
            world.ask(method, path, example["value"], status=status)
    world.make_segment({"type": "property", "key": "plan", "operator": "neq", "value": "pro"})
    answers: list[tuple[str, type[BaseModel]]] = [
        ("/segments", shapes.GreenflashSegmentSummary),
        ("/users", shapes.GreenflashParticipant),
        ("/organizations", shapes.GreenflashOrganization),
        ("/interactions", shapes.GreenflashInteraction),
        ("/users/user-1/segments", shapes.GreenflashMembership),
    ]
    for path, shape in answers:
        items = world.get(path)
        assert items, path
        for item in items:
            assert keys(shape) == item.keys(), path
            shape.model_validate(item, strict=True)
    detail = world.get("/interactions/chat-1")
    assert detail.keys() == keys(shapes.GreenflashInteractionDetail)
    analytics = world.get("/segments/happy-users/analytics")
    assert analytics.keys() == keys(shapes.GreenflashSegmentAnalytics)
    shapes.GreenflashSegmentAnalytics.model_validate(analytics, strict=True)
