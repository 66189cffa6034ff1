"""`/events`: what users do besides their conversations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.http.greenflash.context import OTHER
from tests.unit.http.greenflash.harness import PRODUCT, STAMP, World

Json = Any

HI = {"role": "user", "content": "hi", "externalMessageId": "m-1"}
EVENT = {"eventType": "purchase", "productId": PRODUCT, "value": "99.00", "externalUserId": "ada"}


def timeline(world: World, user: str = "ada") -> list[Json]:
    profile = world.workspace.profiles.get(external_id=user)
    return [
        (event.name, event.at.iso(), dict(event.properties))
        for event in world.workspace.events.timeline(profile.id).items
    ]


def test_an_event_is_named_by_its_type_and_has_its_fields_as_properties(world: World) -> None:
    sent = {
        **EVENT, "valueType": "currency", "influence": "positive", "qualityImpactScore": 0.5, "insertId": "order-7",
        "eventAt": "2026-03-01T10:00:00Z", "properties": {"coupon": {"code": "A"}, "value": "mine", "none": None},
    }  # fmt: skip
    assert world.ask("POST", "/events", sent) == {"success": True, "eventId": "order-7"}
    assert world.ask("POST", "/events", {**sent, "value": "1"}) == {"success": True, "eventId": "order-7"}
    assert timeline(world) == [
        (
            "purchase",
            "2026-03-01T10:00:00.000Z",
            {
                "value": 99.0, "valueType": "currency", "influence": "positive", "qualityImpactScore": 0.5,
                "productId": PRODUCT, "coupon.code": "A", "properties.value": "mine",
            },
        )
    ]  # fmt: skip


def test_events_without_an_insert_id_are_all_different(world: World) -> None:
    ids = {world.ask("POST", "/events", EVENT)["eventId"] for _ in range(2)}
    assert len(ids) == len(timeline(world)) == 2
    assert timeline(world)[0][1] == STAMP


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (None, "99.00", "99.00"), ("text", "5", "5"), ("numeric", " 5 ", 5.0), ("currency", "-1e3", -1000.0),
        ("boolean", "True", True), ("boolean", "false", False),
    ],
)  # fmt: skip
def test_the_value_is_read_by_its_type(world: World, kind: str | None, value: str, kept: Json) -> None:
    world.ask("POST", "/events", {**EVENT, "valueType": kind, "value": value})
    stored = timeline(world)[0][2]["value"]
    assert (stored, type(stored)) == (kept, type(kept))


def test_an_event_may_name_its_user_in_other_ways(world: World) -> None:
    logged = world.log("ada", HI, externalConversationId="c-1")
    ours = world.workspace.profiles.get(external_id="ada").id
    event = {name: value for name, value in EVENT.items() if name != "externalUserId"}
    for names in ({"userId": ours}, {"conversationId": logged["conversationId"]}, {"externalConversationId": "c-1"}):
        world.ask("POST", "/events", {**event, **names})
    assert len(timeline(world)) == 3
    assert timeline(world)[0][2]["externalConversationId"] == "c-1"


@pytest.mark.parametrize(
    ("change", "status", "path"),
    [
        ({"externalUserId": None}, 400, "externalUserId"),
        ({"eventType": ""}, 400, "eventType"),
        ({"eventType": None}, 400, "eventType"),
        ({"value": 99}, 400, "value"),
        ({"valueType": "numeric", "value": "much"}, 400, "value"),
        ({"valueType": "boolean", "value": "1"}, 400, "value"),
        ({"valueType": "list"}, 400, "valueType"),
        ({"influence": "good"}, 400, "influence"),
        ({"qualityImpactScore": 2}, 400, "qualityImpactScore"),
        ({"eventAt": "soon"}, 400, "eventAt"),
        ({"insertId": "a\0"}, 400, "insertId"),
        ({"properties": {"a": [1]}}, 400, "properties.a.0"),
        ({"userId": OTHER}, 404, None),
        ({"externalUserId": None, "conversationId": OTHER}, 404, None),
    ],
)
def test_a_wrong_event_is_refused_at_its_path(still: World, change: Json, status: int, path: str | None) -> None:
    before = still.everything()
    fault = still.fault("POST", "/events", {**EVENT, **change}, status=status)
    assert path is None or fault["path"] == path
    assert still.everything() == before
