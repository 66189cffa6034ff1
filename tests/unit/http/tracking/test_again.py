"""Repeats add nothing: events by their ids as long as they are stored, whole batches for a day."""

from __future__ import annotations

from typing import Any

from tests.unit.http.tracking.harness import World, codes, identify, track

DAY = 86_400_000

BATCH: list[Any] = [
    identify("u1", {"plan": "free"}, messageId="1"),
    track("u1", "Order", messageId="2"),
    {"type": "group", "userId": "u1", "groupId": "acme", "messageId": "3"},
    {"type": "page", "anonymousId": "a1", "messageId": "4"},
]


def everything(world: World) -> Any:
    profiles = world.workspace.profiles.list().items
    return [(profile, world.workspace.events.timeline(profile.id).items) for profile in profiles]


def test_a_batch_sent_again_adds_nothing(world: World) -> None:
    assert world.batch(*BATCH, sentAt="2026-03-03T10:00:00.250Z") == []
    before = everything(world)
    world.clock.advance(60_000)
    assert world.batch(*BATCH, sentAt="2026-03-03T10:01:00.250Z") == []
    assert everything(world) == before


def test_a_repeat_does_not_undo_later_calls(world: World) -> None:
    world.batch(*BATCH)
    world.batch(
        identify("u1", {"plan": "pro"}, messageId="5"),
        {"type": "group", "userId": "u1", "groupId": "new", "messageId": "6"},
    )
    before = everything(world)
    world.batch(*BATCH)
    assert everything(world) == before
    assert world.person("u1").properties == {"plan": "pro", "group_id": "new"}


def test_stored_events_are_recognised_in_any_batch(world: World) -> None:
    world.batch(*BATCH)
    before = [event.message_id for event in world.events("u1")]
    world.batch({"type": "group", "userId": "u1", "groupId": "new", "messageId": "7"})
    world.clock.advance(400 * DAY)
    assert world.batch(*reversed(BATCH[1:]), track("u1", "Order", messageId="8")) == []
    assert sorted(str(event.message_id) for event in world.events("u1")) == sorted([*map(str, before), "7", "8"])
    assert world.person("u1").properties["group_id"] == "new", "a group call that is known takes nothing back"


def test_the_same_id_twice_in_one_batch_is_one_event(world: World) -> None:
    world.batch(track("u1", messageId="1"), track("u1", messageId="1"))
    assert world.names("u1") == ["e"]


def test_calls_without_ids_are_all_different(world: World) -> None:
    for _ in range(2):
        world.batch(track("u1"), track("u1"))
    assert world.names("u1") == ["e"] * 4


def test_a_single_call_is_recognised_by_its_id(world: World) -> None:
    for _ in range(2):
        world.ask("track", track("u1", messageId="1"))
    assert world.names("u1") == ["e"]


def test_the_answer_is_the_same_when_something_was_dropped(world: World) -> None:
    messages = [
        track("u1", messageId="1"),
        {"type": "track", "event": "nobody", "messageId": "2"},
        track("u1", "\x00", messageId="3"),
    ]
    first = world.batch(*messages)
    assert codes(first) == [(1, "invalid_input"), (2, "invalid_input")]
    assert world.batch(*messages) == first
    assert world.counted() == {("track", "stored"): 1, ("track", "dropped"): 3, ("track", "duplicate"): 2}


def test_other_workspaces_have_their_own_ids(world: World) -> None:
    world.batch(*BATCH)
    world.ask("batch", {"batch": BATCH}, key="other")
    assert world.server.workspace("other").profiles.list().total == 2
