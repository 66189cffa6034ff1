"""The members of segments by filters sent over HTTP, against the plain interpreter.

Sixty users have conversations at the ends of every window.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from coterie.http.greenflash.grammar import FLAGS, SCORES
from coterie.model import ConversationInput, EventInput, ProfileInput, ProfileRef
from coterie.rules.values import DAY, Instant
from tests.unit.http.greenflash.context import OTHER, PRODUCT
from tests.unit.http.greenflash.drawn import NOW, ZONE, filters
from tests.unit.http.greenflash.harness import World, opened
from tests.unit.http.greenflash.test_meaning import holds

Json = Any

AGES = [0, 1, 30 * 60_000, DAY, 5 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY]
FIXED = [1_773_961_200_000, 1_774_393_200_000, 1_774_440_000_000, 1_774_047_600_000]
SCALARS = [0, 0.3, 0.5, 1, 2, 5, "web", "WEB", "app", "we", True, False]
KEYS = ["channel", "plan", "app.version", "topics"]
FIRST = NOW - 200 * DAY


def some_users(seed: int) -> list[Json]:
    """A user as the interpreter reads it. `updated_at` is the clock at the last put."""
    chance = random.Random(seed)

    def instant() -> int:
        return chance.choice([NOW - age for age in AGES] + FIXED) + chance.choice([-1, 0, 1])

    def some(names: Any, values: list[Any]) -> Json:
        return {name: chance.choice(values) for name in sorted(names) if chance.random() < 0.5}

    def conversation() -> Json:
        return {
            "at": instant(),
            "product": chance.choice([PRODUCT, OTHER, None]),
            "scores": some(SCORES, [0.0, 0.3, 0.5, 0.6, 1.0]),
            "flags": some(FLAGS, [True, False]),
            "own": some(KEYS, SCALARS),
        }

    users = [
        {
            "name": f"user-{number:02}",
            "properties": some(KEYS[:3], SCALARS),
            "conversations": [conversation() for _ in range(chance.randint(0, 4))],
            "events": [instant() for _ in range(chance.choice([0, 0, 1]))],
            "updated_at": min(NOW, chance.choice([FIRST, instant()])),
        }
        for number in range(60)
    ]
    return sorted(users, key=lambda user: user["updated_at"])


USERS = some_users(7)


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("people") / "data", zone=ZONE) as world:
        world.clock.move_to(Instant(FIRST - DAY))
        for user in USERS:
            store(world, user)
        world.clock.move_to(Instant(NOW))
        yield world


def store(world: World, user: Json) -> None:
    """All facts are stored at `updated_at`, whenever they happened."""
    world.clock.move_to(Instant(user["updated_at"]))
    workspace = world.workspace
    workspace.profiles.put(ProfileInput(external_id=user["name"], properties=user["properties"]))
    ref = ProfileRef(external_id=user["name"])
    for conversation in user["conversations"]:
        analysis = {SCORES[name]: value for name, value in conversation["scores"].items()}
        analysis |= {FLAGS[name]: value for name, value in conversation["flags"].items()}
        workspace.conversations.put(
            ConversationInput(
                profile=ref,
                at=Instant(conversation["at"]),
                product_id=conversation["product"],
                analysis=analysis,
                properties=conversation["own"],
            )
        )
    for at in user["events"]:
        workspace.events.put(EventInput("signed_up", ref, at=Instant(at)))


@given(sent=filters())
@settings(max_examples=60, deadline=None)
def test_the_members_are_the_users_that_match_the_filters(peopled: World, sent: Json) -> None:
    made = peopled.ask("POST", "/segments", {"filters": sent}, status=201)
    expected = {user["name"] for user in USERS if holds(sent, user)}
    members = {member.external_id for member in peopled.workspace.segments.members(made["id"], limit=1_000).items}
    assert members == expected
    assert peopled.get(f"/segments/{made['id']}")["memberCount"] == len(expected)


@given(sent=filters())
@settings(max_examples=10, deadline=None)
def test_a_segment_made_elsewhere_has_the_same_members_when_its_filters_are_sent_back(
    peopled: World, sent: Json
) -> None:
    made = peopled.ask("POST", "/segments", {"filters": sent}, status=201)
    rule = peopled.workspace.segments.get(made["id"]).rule
    elsewhere = peopled.workspace.segments.create("Elsewhere", rule)
    shown = peopled.get(f"/segments/{elsewhere.id}")["filters"]
    again = peopled.ask("POST", "/segments", {"filters": shown}, status=201)
    assert peopled.members(again["id"]) == peopled.members(made["id"])
