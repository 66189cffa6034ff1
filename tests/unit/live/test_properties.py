"""Declarations over many values, and definitions edited to what they already are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from coterie import prop, segment
from coterie.clock import ManualClock
from coterie.errors import Conflict, CoterieError, InvalidValue, PropertyInUse
from coterie.model import Cause, Origin, Outcome, ProfileInput, Property, Segment, SegmentKind
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant, Kind, Value
from coterie.workspace import Workspace

NOW = 1_772_323_200_000


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "one.sqlite", clock=ManualClock(Instant(NOW)), zone="Europe/Berlin") as opened:
        yield opened


def put(workspace: Workspace, *values: object) -> None:
    workspace.profiles.put_many(
        [ProfileInput(external_id=f"u{n}", properties={"x": one}) for n, one in enumerate(values)]
    )


def held(workspace: Workspace) -> list[Value | None]:
    return [one.properties.get("x") for one in workspace.profiles.list(limit=1000).items]


CONVERSIONS: list[tuple[Kind, list[object], list[object], tuple[int, int]]] = [
    # declared, sent, held then, (converted, dropped)
    (
        Kind.TEXT, ["a", 42, 0.5, True, {"time": NOW}, ["a"]],
        ["a", "42", "0.5", "true", "2026-03-01T00:00:00.000Z", None], (4, 1),
    ),
    (
        Kind.NUMBER, ["42", " 7 ", "x", True, 1, {"time": NOW}, "1e400"],
        [42.0, 7.0, None, None, 1.0, None, None], (2, 4),
    ),
    (Kind.BOOLEAN, ["TRUE", "no", 1, False], [True, None, None, False], (1, 2)),
    (Kind.TIME, ["2026-03-01", "soon", 1, {"time": NOW}], [Instant(NOW - 3_600_000), None, None, Instant(NOW)], (1, 2)),
    (Kind.LIST, ["a", ["b"], 1], [("a",), ("b",), None], (1, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "sent", "then", "counted"), CONVERSIONS, ids=[str(row[0]) for row in CONVERSIONS])
def test_a_declaration_converts_or_drops_each_value_and_says_how_many(
    workspace: Workspace, kind: Kind, sent: list[object], then: list[object], counted: tuple[int, int]
) -> None:
    put(workspace, *sent)
    any_value = workspace.segments.create("any", prop("x").is_set())
    change = workspace.properties.declare("x", kind)
    assert (change.converted, change.dropped) == counted
    assert held(workspace) == then
    assert [type(one) for one in held(workspace)] == [type(one) for one in then]
    assert workspace.segments.get(any_value.id).member_count == sum(one is not None for one in then)
    assert {one.cause for one in workspace.transitions.list(after=len(sent)).items} <= {Cause.FACTS}
    again = workspace.properties.declare("x", kind)
    assert (again.converted, again.dropped) == (0, 0)
    assert workspace.check().faults == ()


def test_a_declaration_taken_back_leaves_the_values_and_lets_every_kind_in(workspace: Workspace) -> None:
    put(workspace, "1")
    workspace.properties.declare("x", Kind.NUMBER, fallback="none")
    with pytest.raises(InvalidValue):
        workspace.profiles.put(ProfileInput(external_id="u0", properties={"x": "text"}))
    assert workspace.profiles.put(ProfileInput(external_id="u0", properties={"x": "1.0"})).outcome is Outcome.UNCHANGED
    change = workspace.properties.declare("x", None)
    assert (change.property.type, change.property.fallback, change.converted) == (None, "none", 0)
    assert held(workspace) == [1.0]
    workspace.profiles.put(ProfileInput(external_id="u0", properties={"x": "text"}))
    assert held(workspace) == ["text"]


def test_a_property_is_declared_renamed_and_deleted_over_many_profiles(workspace: Workspace) -> None:
    many = 20_000
    for start in range(0, many, 10_000):
        workspace.profiles.put_many(
            [ProfileInput(external_id=f"u{n}", properties={"x": str(n), "y": n}) for n in range(start, start + 10_000)]
        )
    high = workspace.segments.create("high", prop("x") >= many - 5)
    begun = time.process_time()
    assert workspace.properties.declare("x", Kind.NUMBER).converted == many
    assert workspace.segments.get(high.id).member_count == 5
    y = workspace.properties.named("y")
    with pytest.raises(PropertyInUse):
        workspace.properties.declare("x", rename="z")
    with pytest.raises(Conflict):
        workspace.properties.declare("y", rename="x")
    workspace.properties.declare("y", rename="z")
    workspace.properties.delete(y.id)
    assert time.process_time() - begun < 15  # about two on a quiet machine
    assert [one.name for one in workspace.properties.list()] == ["x"]
    assert workspace.profiles.get(external_id="u7").properties == {"x": 7.0}
    assert workspace.check().faults == ()


def test_values_renamed_into_a_name_that_rules_already_look_for_move_members(workspace: Workspace) -> None:
    waiting = workspace.segments.create("waiting", prop("later") == "a")
    put(workspace, "a", "b")
    assert workspace.segments.get(waiting.id).member_count == 0
    workspace.properties.declare(workspace.properties.list()[0].name, rename="later")
    assert workspace.segments.get(waiting.id).member_count == 1
    assert workspace.check().faults == ()


# --- retyping, with the segments that look at the property


def looking(workspace: Workspace) -> list[str]:
    """Segments that look at `x`, and segments that use those, over values of several kinds."""
    put(workspace, "1", "01", "2", "many", 1, True, None, "3")
    number = workspace.segments.create("x is 1", prop("x") == "1", origin=Origin("sendkit", {"x": "1"}))
    high = workspace.segments.create("x is not 3", prop("x") != "3")
    workspace.segments.create("either", segment(number.id) | segment(high.id))
    workspace.segments.create("neither", ~(segment(number.id) | (prop("x") == "many")))
    workspace.segments.create("any", prop("x").is_set())
    return [number.id, high.id]


NUMBERS = (prop("x") == 1, prop("x") != 3)


def feed(workspace: Workspace) -> list[tuple[object, ...]]:
    """The transitions, with segments and profiles by name."""
    named = {one.id: one.name for one in workspace.segments.list().items}
    known = {one.id: one.external_id for one in workspace.profiles.list(limit=1000).items}
    return [
        (one.sequence, named[one.segment_id], one.segment_version, known[one.profile_id or ""], one.action, one.cause)
        for one in workspace.transitions.list(limit=1000).items
    ]


def test_rules_that_are_rewritten_with_a_declaration_move_whom_two_edits_move(tmp_path: Path) -> None:
    with Workspace(tmp_path / "a.sqlite") as together, Workspace(tmp_path / "b.sqlite") as apart:
        for workspace in (together, apart):
            rules = dict(zip(looking(workspace), NUMBERS, strict=True))
            if workspace is together:
                change = workspace.properties.declare("x", Kind.NUMBER, rewrite=lambda _, __, rules=rules: rules)
                assert [one.message.partition(":")[0] for one in change.warnings] == ["neither"]
            else:
                workspace.properties.declare("x", Kind.NUMBER)
                for segment_id, rule in rules.items():
                    workspace.segments.update(segment_id, rule=rule, origin=workspace.segments.get(segment_id).origin)
            assert workspace.check().faults == ()
        assert sorted(row[1:] for row in feed(together)) == sorted(row[1:] for row in feed(apart))  # in another order
        for one, other in zip(together.segments.list().items, apart.segments.list().items, strict=True):
            assert (one.name, one.version, one.member_count, one.origin) == (
                other.name, other.version, other.member_count, other.origin,
            )  # fmt: skip


def test_what_rewrites_rules_sees_every_segment_and_each_property_as_it_will_be(workspace: Workspace) -> None:
    looking(workspace)
    seen: list[object] = []

    def rewrite(segments: Sequence[Segment], properties: Sequence[Property]) -> Mapping[str, Rule]:
        seen.append([one.name for one in segments if one.kind is not SegmentKind.SYSTEM])
        seen.append([(one.name, one.type) for one in properties])
        return {}

    workspace.properties.declare("x", Kind.NUMBER, rewrite=rewrite)
    assert seen == [["x is 1", "x is not 3", "either", "neither", "any"], [("x", Kind.NUMBER)]]


@pytest.mark.parametrize(
    "rules",
    [
        lambda ids: {ids[0]: prop("x") == 1, "nobody": prop("x") == 1},
        lambda ids: {ids[0]: prop("x") == 1, ids[1]: segment(ids[0])},
    ],
)
def test_a_declaration_whose_rewriting_is_refused_changes_nothing(
    workspace: Workspace, rules: Callable[[Sequence[str]], Mapping[str, Rule]]
) -> None:
    ids = looking(workspace)
    before = (held(workspace), workspace.properties.list(), workspace.segments.list().items, feed(workspace))
    with pytest.raises(CoterieError):
        workspace.properties.declare("x", Kind.NUMBER, rewrite=lambda _, __: rules(ids))
    assert (held(workspace), workspace.properties.list(), workspace.segments.list().items, feed(workspace)) == before
    assert workspace.check().faults == ()


# --- segments


def test_an_edit_to_the_same_rule_is_none(workspace: Workspace) -> None:
    put(workspace, 1, 2)
    made = workspace.segments.create("x", prop("x") >= 2)
    for same in (prop("x") >= 2, prop("x") >= 2.0):
        edited = workspace.segments.update(made.id, rule=same)
        assert (edited.version, edited.member_count) == (1, 1)
    assert workspace.counts()["transitions"] == 1
    assert workspace.segments.update(made.id, name="y", description="z").version == 1
    assert workspace.segments.update(made.id, rule=prop("x") >= 1).version == 2


def test_a_renamed_segment_keeps_its_members_through_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite"
    with Workspace(path) as workspace:
        made = workspace.segments.create("x", prop("x") >= 2, origin=Origin("sendkit", {"a": [1]}))
        put(workspace, 1, 2)
        workspace.segments.update(made.id, name="y")
    with Workspace(path) as workspace:
        (shown,) = workspace.segments.list().items
        assert (shown.name, shown.member_count, shown.origin) == ("y", 1, Origin("sendkit", {"a": [1]}))
        assert workspace.counts()["transitions"] == 1
