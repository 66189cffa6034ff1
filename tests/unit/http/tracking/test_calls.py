"""Calls over HTTP into a workspace, one by one and mixed in one batch."""

from __future__ import annotations

from pathlib import Path

import pytest

from coterie.model import Cause, ProfileInput
from coterie.rules.build import prop
from coterie.rules.values import Instant, Kind
from tests.unit.http.tracking.harness import START, World, codes, identify, opened, track


def test_a_batch_of_every_kind_of_call(world: World) -> None:
    dropped = world.batch(
        {"type": "page", "anonymousId": "browser", "name": "Pricing", "messageId": "1"},
        identify("u1", {"email": "Ann@Example.com", "plan": "pro", "address": {"city": "Bonn"}}, anonymousId="browser"),
        track("u1", "Order Completed", properties={"total": 27.5}, timestamp="2026-03-01T09:00:00Z", messageId="2"),
        {"type": "screen", "userId": "u1", "name": "Settings"},
        {"type": "group", "userId": "u1", "groupId": "acme", "traits": {"size": 42}},
        {"type": "alias", "previousId": "legacy-7", "userId": "u1"},
        track("legacy-7", "Late"),
    )
    assert dropped == []
    person = world.person("u1")
    assert person.email == "ann@example.com"
    assert person.properties == {"plan": "pro", "address.city": "Bonn", "group_id": "acme", "group.size": 42.0}
    assert world.person(anonymous_id="browser").id == person.id
    assert world.person("legacy-7").id == person.id
    assert sorted(world.names("u1")) == ["Late", "Order Completed", "group", "page", "screen"]
    first = world.events("u1")[0]
    assert (first.name, first.at, first.message_id, dict(first.properties)) == (
        "Order Completed", Instant(1_772_355_600_000), "2", {"total": 27.5},
    )  # fmt: skip
    assert world.workspace.profiles.list().total == 1


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("identify", {"userId": "u1", "traits": {"plan": "pro"}}),
        ("track", {"userId": "u1", "event": "e"}),
        ("page", {"userId": "u1"}),
        ("screen", {"userId": "u1"}),
        ("group", {"userId": "u1", "groupId": "g"}),
        ("alias", {"userId": "u1", "previousId": "u0"}),
        ("batch", {"batch": [{"type": "track", "userId": "u1", "event": "e"}]}),
        ("import", {"batch": [{"type": "track", "userId": "u1", "event": "e"}]}),
        ("batch", {"batch": []}),
    ],
)
def test_every_address_answers_success(world: World, call: str, body: object) -> None:
    assert world.ask(call, body) == {"success": True}


def test_the_address_determines_the_type_of_a_single_call(world: World) -> None:
    world.ask("track", {"type": "identify", "userId": "u1", "event": "e"})
    assert world.names("u1") == ["e"]


def test_order_is_kept_within_a_batch(world: World) -> None:
    world.batch(identify("u1", {"n": 1, "gone": "x"}), track("u1"), identify("u1", {"n": 2, "gone": None}), track("u1"))
    assert world.person("u1").properties == {"n": 2.0}


def test_a_batch_is_one_commit(world: World) -> None:
    """A state that lasts only within a batch makes no transition."""
    segment = world.workspace.segments.create("Trial", prop("plan") == "trial")
    world.batch(identify("u1", {"plan": "trial"}), track("u1"), identify("u1", {"plan": "pro"}))
    assert world.workspace.segments.get(segment.id).member_count == 0
    assert world.workspace.transitions.list().items == ()


def test_a_shared_email_keeps_two_people_apart(world: World) -> None:
    world.batch(
        identify("u1", {"email": "shared@example.com"}), identify("u2", {"email": "shared@example.com", "plan": "pro"})
    )
    assert world.person("u1").id != world.person("u2").id
    assert world.person("u2").properties == {"plan": "pro"}


def test_an_email_longer_than_the_setting_is_kept_as_a_property(tmp_path: Path) -> None:
    with opened(tmp_path / "data", email_length_max=20) as world:
        world.ask("identify", identify("u1", {"email": "a-long-address@example.com", "plan": "pro"}))
        person = world.person("u1")
        assert person.email is None
        assert person.properties == {"traits.email": "a-long-address@example.com", "plan": "pro"}


def test_a_raised_limit_lets_a_long_address_be_the_email(tmp_path: Path) -> None:
    address = "a" * 300 + "@example.com"
    with opened(tmp_path / "data", email_length_max=400) as world:
        world.ask("identify", identify("u1", {"email": address, "plan": "pro"}))
        assert (world.person("u1").email, world.person("u1").properties) == (address, {"plan": "pro"})


def test_an_email_that_belongs_to_another_becomes_a_property(world: World) -> None:
    """Both profiles were created by their email; the second then claims the first one's."""
    first, second = "first@example.com", "second@example.com"
    world.workspace.profiles.put(ProfileInput(email=first), match="email")
    world.workspace.profiles.put(ProfileInput(email=second), match="email")
    assert world.batch(identify("u2", {"email": second})) == []
    assert world.batch(identify("u2", {"email": first, "plan": "pro"})) == []
    assert world.person("u2").email == second
    assert world.person("u2").properties == {"traits.email": first, "plan": "pro"}


def test_two_people_on_one_browser(world: World) -> None:
    world.batch(
        track("u1", anonymousId="shared"),
        track("u2", anonymousId="shared"),
        {"type": "track", "anonymousId": "shared", "event": "later"},
    )
    assert world.names("u1") == ["e"]
    assert world.names("u2") == ["e", "later"]


def test_events_before_the_sign_in_become_the_persons(world: World) -> None:
    world.batch({"type": "track", "anonymousId": "a1", "event": "looked"})
    assert [event.name for event in world.events(anonymous_id="a1")] == ["looked"]
    world.batch(identify("u1", {"plan": "pro"}, anonymousId="a1"))
    assert world.names("u1") == ["looked"]
    assert world.workspace.profiles.list().total == 1


class TestAlias:
    def test_two_people_become_one_and_their_segments_follow(self, world: World) -> None:
        vip = world.workspace.segments.create("VIP", prop("vip") == True)  # noqa: E712 - a rule is built with ==
        world.batch(
            identify("old", {"vip": True, "plan": "free"}), track("old"), identify("new", {"plan": "pro"}), track("new")
        )
        lost = world.person("old").id
        assert world.batch({"type": "alias", "previousId": "old", "userId": "new"}) == []
        assert world.person("old").id == world.person("new").id
        assert world.person("new").properties == {"plan": "pro", "vip": True}
        assert world.names("new") == ["e", "e"]
        moves = world.workspace.transitions.list(segment_id=vip.id).items
        assert [(move.action.value, move.cause) for move in moves] == [
            ("enter", Cause.FACTS),
            ("exit", Cause.MERGE),
            ("enter", Cause.MERGE),
        ]
        assert world.workspace.profiles.get(lost).id == world.person("new").id

    def test_an_anonymous_id_becomes_a_name(self, world: World) -> None:
        world.batch(
            {"type": "track", "anonymousId": "a1", "event": "looked"},
            {"type": "alias", "previousId": "a1", "userId": "u1"},
        )
        assert world.names("u1") == ["looked"]

    def test_before_anything_is_known_of_either(self, world: World) -> None:
        world.batch({"type": "alias", "previousId": "a1", "userId": "u1"})
        world.batch(track("a1", "as a user"), {"type": "track", "anonymousId": "a1", "event": "as a browser"})
        assert sorted(world.names("u1")) == ["as a browser", "as a user"]
        assert world.workspace.profiles.list().total == 1

    def test_said_again_it_changes_nothing(self, world: World) -> None:
        said = {"type": "alias", "previousId": "old", "userId": "new"}
        world.batch(identify("old", {"a": 1}), identify("new", {"b": 2}), said)
        before = world.person("new")
        world.clock.advance(1000)
        assert world.batch(said) == []
        assert world.person("new") == before
        assert world.workspace.profiles.list().total == 1

    def test_the_old_id_still_names_the_person_when_it_identifies(self, world: World) -> None:
        world.batch(
            identify("new", {"b": 2}),
            {"type": "alias", "previousId": "old", "userId": "new"},
            identify("old", {"c": 3}),
        )
        assert world.person("new").external_id == "new"
        assert world.person("new").properties == {"b": 2.0, "c": 3.0}


def test_a_wrong_clock_is_corrected(world: World) -> None:
    ahead = Instant(START + 3_600_000)
    world.ask(
        "batch",
        {"sentAt": ahead.iso(), "batch": [track("u1", messageId="1", timestamp=Instant(ahead - 60_000).iso())]},
    )
    assert world.events("u1")[0].at == START - 60_000


def test_erased_people_are_dropped_and_the_others_stored(world: World) -> None:
    world.batch(identify("u1", {"plan": "pro"}))
    world.workspace.profiles.delete(world.person("u1").id, erase=True)
    assert codes(world.batch(track("u1"), track("u2"), identify("u1"))) == [(0, "suppressed"), (2, "suppressed")]
    assert world.names("u2") == ["e"]


def test_iso_dates_stay_text_unless_the_property_is_declared_a_time(world: World) -> None:
    world.workspace.properties.declare("trialEndsAt", Kind.TIME)
    world.batch(identify("u1", {"trialEndsAt": "2026-03-10T00:00:00Z", "createdAt": "2026-01-01T00:00:00Z"}))
    assert world.person("u1").properties == {
        "trialEndsAt": Instant(1_773_100_800_000),
        "createdAt": "2026-01-01T00:00:00Z",
    }


def test_segments_follow_tracked_events(world: World) -> None:
    """The rule of the guide: who bought an A1, however deeply a tracker nests it."""
    bought = world.workspace.parse_rule(
        {
            "event": {
                "name": "Order Completed",
                "measure": "any",
                "where": {"property": "products.sku", "operator": "includes_any", "value": ["A1"]},
            },
            "operator": "equals",
            "value": True,
        }
    )
    segment = world.workspace.segments.create("Bought an A1", bought)
    world.batch(
        track("u1", "Order Completed", properties={"products": [{"sku": "A1"}, {"sku": "B2"}]}),
        track("u2", "Order Completed", properties={"products": [{"sku": "B2"}]}),
        {"type": "track", "anonymousId": "a3", "event": "Order Completed", "properties": {"products": [{"sku": "A1"}]}},
    )
    world.batch(identify("u3", anonymousId="a3"))
    members = {member.external_id for member in world.workspace.segments.members(segment.id).items}
    assert members == {"u1", "u3"}
