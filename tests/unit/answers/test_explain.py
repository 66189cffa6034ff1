"""Explanations: what a measure counted, and when time changes the answer, as the clock confirms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from coterie.answers import next_change
from coterie.clock import ManualClock
from coterie.errors import NotFound
from coterie.model import (
    ConversationInput,
    EventInput,
    Explanation,
    ProfileInput,
    ProfileRef,
    SegmentKind,
    Verdict,
)
from coterie.rules.values import DAY, Instant
from coterie.workspace import Workspace

NOW = Instant(1_772_323_200_000)  # 2026-03-01T00:00:00Z
HOUR = 3_600_000
ADA = ProfileRef(external_id="ada")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def workspace(tmp_path: Path, clock: ManualClock) -> Iterator[Workspace]:
    with Workspace(tmp_path / "one.sqlite", clock=clock) as opened:
        opened.profiles.put(ProfileInput(external_id="ada", properties={"plan": "pro"}))
        yield opened


def ago(hours: float, **properties: Any) -> EventInput:
    return EventInput("order", ADA, Instant(NOW - int(hours * HOUR)), None, properties)


def orders(operator: str, value: Any, measure: str = "count", **more: Any) -> dict[str, Any]:
    return {"event": {"name": "order", "measure": measure, **more}, "operator": operator, "value": value}


def told(workspace: Workspace, rule: Any) -> Explanation:
    segment = workspace.segments.create("asked", workspace.parse_rule(rule))
    return workspace.explain(workspace.profiles.get(external_id="ada").id, segment.id)


def verdict(workspace: Workspace, rule: Any) -> Verdict:
    found = told(workspace, rule).verdict
    assert found is not None
    return found


# --- what counted


def test_the_events_that_counted_are_told_latest_first_with_all_their_values(workspace: Workspace) -> None:
    workspace.events.put_many([ago(hours, total=hours, note=str(hours)) for hours in (1, 30, 2, 50, 3)])
    workspace.events.put(EventInput("other", ADA))
    rule = orders("at_least", 2, window={"last": "1d"}, where={"property": "total", "operator": "at_least", "value": 2})
    found = verdict(workspace, rule)
    assert (found.holds, found.actual, found.counted_count) == (True, 2.0, 2)
    assert [(one.name, one.at, dict(one.values)) for one in found.counted] == [
        ("order", NOW - hours * HOUR, {"total": float(hours), "note": str(hours)}) for hours in (2, 3)
    ]


def test_only_the_latest_are_shown_and_all_are_counted(workspace: Workspace) -> None:
    workspace.events.put_many([ago(hours) for hours in range(600)])
    found = verdict(workspace, orders("at_least", 5))
    assert (found.actual, found.counted_count, len(found.counted)) == (600.0, 600, 20)
    assert [one.at for one in found.counted] == [NOW - hours * HOUR for hours in range(20)]
    rare = verdict(workspace, orders("at_least", 1, window={"before": "24d"}))
    assert (rare.counted_count, rare.counted[0].at) == (24, NOW - 24 * DAY)


def test_each_condition_has_its_own(workspace: Workspace) -> None:
    workspace.events.put_many([ago(1, n=1), ago(2, n="two"), EventInput("visit", ADA, Instant(NOW - 5))])
    rule = {"all": [orders("at_least", 1, "distinct", of="n"), {"not": orders("equals", True, "none")},
                    {"event": {"measure": "count"}, "operator": "at_least", "value": 3},
                    {"property": "plan", "operator": "equals", "value": "pro"}]}  # fmt: skip
    found = verdict(workspace, rule)
    distinct, negated, every, plan = found.children
    assert (found.counted, found.counted_count) == ((), 0)
    assert (distinct.actual, distinct.counted_count) == (2.0, 2)
    assert (negated.counted_count, negated.children[0].counted_count) == (0, 2)
    assert (every.counted_count, [one.name for one in every.counted]) == (3, ["visit", "order", "order"])
    assert (plan.counted, plan.actual) == ((), "pro")


def test_conversations_sequences_and_changes_tell_what_they_looked_at(workspace: Workspace) -> None:
    for name, hours, intent in (("a", 1, 0.9), ("b", 30, 0.1), ("c", 100, 0.5)):
        workspace.conversations.put(
            ConversationInput(
                external_id=name, profile=ADA, at=Instant(NOW - hours * HOUR), analysis={"commercial_intent": intent}
            )
        )
    workspace.events.put_many([ago(5, n=1), ago(3, n=2), ago(2, n=9)])
    intent = {"measure": "change", "of": "commercial_intent", "window": {"last": "1d"}}
    found = verdict(workspace, {"conversation": intent, "operator": "at_least", "value": 0.5})
    assert (found.actual, found.counted_count) == (0.8, 2)
    assert [(one.name, one.values["commercial_intent"]) for one in found.counted] == [(None, 0.9), (None, 0.1)]

    def step(n: int) -> dict[str, Any]:
        return {"event": {"name": "order", "where": {"property": "n", "operator": "equals", "value": n}}}

    found = verdict(workspace, {"sequence": [step(1), {**step(2), "within": "3h"}]})
    assert (found.holds, found.counted_count, [one.values["n"] for one in found.counted]) == (True, 2, [2.0, 1.0])


def test_an_id_of_a_merged_profile_is_explained_as_the_one_it_became(workspace: Workspace) -> None:
    ada = workspace.profiles.get(external_id="ada").id
    other = workspace.profiles.put(ProfileInput(external_id="bea")).id
    workspace.profiles.merge(ada, other)
    segment = workspace.segments.create(
        "pro", workspace.parse_rule({"property": "plan", "operator": "equals", "value": "pro"})
    )
    assert workspace.explain(other, segment.id).profile_id == ada
    with pytest.raises(NotFound):
        workspace.explain(segment.id, segment.id)


# --- when it changes

TIME = {"time": NOW}
SOON = {"time": NOW + 3 * DAY + 5}
LEAVES: list[tuple[str, Any, int | None]] = [
    ("a window runs out", orders("at_least", 1, window={"last": "1d"}), NOW - HOUR + DAY),
    ("the second of three", orders("at_least", 2, window={"last": "1d"}), NOW - 2 * HOUR + DAY),
    ("older than", orders("at_least", 1, window={"before": "1d"}), NOW - 3 * HOUR + DAY),
    ("all time never", orders("at_least", 1), None),
    ("a fixed window never", orders("at_least", 1, window={"from": "2026-01-01", "to": "2026-12-31"}), None),
    ("its own instant", {"event": {"name": "later", "measure": "any"}, "operator": "equals", "value": True}, NOW + 7),
    ("a last event", orders("in_last", "2d", "last_at"), NOW - HOUR + 2 * DAY),
    ("a property", {"property": "soon", "operator": "in_next", "value": "1d"}, NOW + 2 * DAY + 5),
    ("a property passes", {"property": "soon", "operator": "more_than_ago", "value": "1d"}, NOW + 4 * DAY + 5),
    ("held for", {"property": "plan", "operator": "held_for", "value": "14d"}, NOW + 14 * DAY),
    ("changed lately", {"property": "plan", "operator": "changed_in_last", "value": "14d"}, NOW + 14 * DAY),
    ("this month", {"property": "created_at", "operator": "in_calendar", "value": "this_month"}, NOW + 31 * DAY),
    ("an anniversary", {"property": "born", "operator": "anniversary_in_next", "value": "7d"}, NOW + 60 * DAY),
    ("this year's orders", orders("at_least", 1, window={"calendar": "this_year"}), NOW + 306 * DAY),
    ("a constant", {"property": "plan", "operator": "equals", "value": "pro"}, None),
    ("missing", {"property": "nothing", "operator": "in_next", "value": "1d"}, None),
    ("a sample", {"sample": {"percent": 50}}, None),
    (
        "two that cancel out",
        {"any": [orders("at_least", 1, window={"last": "1d"}), orders("at_least", 1, window={"before": "1d"})]},
        None,
    ),
]


def filled(workspace: Workspace) -> None:
    """Three orders, 1, 2 and 3 hours ago; an event 7 ms ahead; instants among the properties."""
    workspace.profiles.put(ProfileInput(external_id="ada", properties={"soon": SOON, "born": {"time": "1990-05-06"}}))
    workspace.events.put_many([ago(1), ago(2), ago(3), EventInput("later", ADA, Instant(NOW + 7))])


@pytest.mark.parametrize(("rule", "changes_at"), [pytest.param(*row[1:], id=row[0]) for row in LEAVES])
def test_when_the_answer_changes_and_not_before(
    workspace: Workspace, clock: ManualClock, rule: Any, changes_at: int | None
) -> None:
    filled(workspace)
    found = told(workspace, rule)
    assert found.changes_at == changes_at
    if changes_at is not None:
        clock.move_to(Instant(changes_at - 1))
        assert workspace.explain(found.profile_id, found.segment_id).member is found.member
        clock.advance(1)
        later = workspace.explain(found.profile_id, found.segment_id)
        assert (later.member, later.since) == (not found.member, changes_at)


def test_how_far_was_looked_is_said_where_midnights_go_on(workspace: Workspace) -> None:
    filled(workspace)
    far = {"property": "soon", "operator": "in_calendar", "value": "last_year"}
    assert told(workspace, far).changes_at == NOW + 306 * DAY
    years_ahead = {"property": "far", "operator": "in_calendar", "value": "next_year"}
    workspace.profiles.put(ProfileInput(external_id="ada", properties={"far": {"time": "2035-01-01"}}))
    found = told(workspace, years_ahead)
    assert (found.changes_at, found.changes_known_until) == (None, NOW + next_change.DAYS_AHEAD_MAX * DAY)
    assert told(workspace, orders("at_least", 1)).changes_known_until is None


@pytest.mark.parametrize(("limit", "measure"), [("INSTANTS_MAX", "count"), ("ROWS_JUDGED_MAX", "sum")])
def test_a_long_life_is_looked_at_as_far_as_can_be_afforded(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, limit: str, measure: str
) -> None:
    monkeypatch.setattr(next_change, limit, next_change.INSTANTS_MIN)
    workspace.events.put_many([ago(hours / 10, n=1) for hours in range(200)])
    of = {"of": "n"} if measure == "sum" else {}
    found = told(workspace, orders("at_least", 10, measure, window={"last": "1d"}, **of))
    assert found.changes_at is None
    assert found.changes_known_until == NOW - 199 * HOUR // 10 + DAY + next_change.INSTANTS_MIN * HOUR // 10 - 1


def test_other_segments_change_it_too(workspace: Workspace, clock: ManualClock) -> None:
    filled(workspace)
    recent = workspace.segments.create("recent", workspace.parse_rule(orders("at_least", 1, window={"last": "1d"})))
    listed = workspace.segments.create("list", kind=SegmentKind.STATIC)
    ada = workspace.profiles.get(external_id="ada").id
    workspace.segments.add_members(listed.id, [ada])
    found = told(workspace, {"all": [{"segment": listed.id}, {"not": {"segment": recent.id}}]})
    assert (found.member, found.changes_at) == (False, NOW - HOUR + DAY)
    clock.move_to(Instant(NOW - HOUR + DAY))
    assert workspace.explain(ada, found.segment_id).member
    assert workspace.explain(ada, listed.id).changes_at is None


@pytest.mark.parametrize("seed", range(6))
def test_what_is_foretold_comes_true(workspace: Workspace, clock: ManualClock, seed: int) -> None:
    """Going from one forecast change to the next finds every transition that the clock makes."""
    drawn = Random(seed)
    workspace.profiles.put(
        ProfileInput(external_id="ada", properties={"soon": {"time": NOW + drawn.randrange(5 * DAY)}})
    )
    workspace.events.put_many([ago(drawn.uniform(-48, 96), n=drawn.randrange(3)) for _ in range(12)])
    where = {"property": "n", "operator": "at_least", "value": 1}
    rule = {
        "any": [
            {
                "all": [
                    orders("at_least", 2, window={"last": "1d"}),
                    orders("less_than", 4, window={"last": "2d"}, where=where),
                ]
            },
            {
                "all": [
                    orders("in_last", "12h", "first_at", where=where),
                    {"property": "soon", "operator": "in_next", "value": "1d"},
                ]
            },
            {
                "not": {
                    "sequence": [{"event": {"name": "order", "where": where}}, {"event": "order", "within": "6h"}],
                    "window": {"last": "3d"},
                }
            },
        ]
    }
    found = told(workspace, rule)
    foretold: list[Instant] = []
    while found.changes_at is not None:
        foretold.append(found.changes_at)
        clock.move_to(found.changes_at)
        found = workspace.explain(found.profile_id, found.segment_id)
    clock.advance(30 * DAY)
    moved = [one.at for one in workspace.transitions.list(limit=1_000).items if one.segment_id == found.segment_id]
    assert [at for at in moved if at > NOW] == foretold
    assert foretold, "nothing ever changed: the test asks nothing"
