"""What time changes is found at its own instant, by the law and by the columns alike."""

from __future__ import annotations

import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie import prop
from coterie import segment as member_of
from coterie.clock import ManualClock
from coterie.live.transitions import by_time
from coterie.model import Action, Cause, ProfileInput
from coterie.rules.evaluate import evaluate
from coterie.rules.moment import Moment
from coterie.rules.nodes import Any, Not, PropertyCondition, Rule
from coterie.rules.values import DAY, Instant, Value
from coterie.workspace import Workspace
from tests.strategies import NOW, ZONES, instants, property_conditions

MOVING = ("in_last", "not_in_last", "more_than_ago", "in_next", "in_calendar", "not_in_calendar", "anniversary_in_next")
HOUR = 3_600_000


def moving_rules() -> st.SearchStrategy[Rule]:
    """Rules of one to three conditions, all of which move with the clock."""
    one = property_conditions().filter(lambda condition: condition.operator in MOVING)
    on_one_property = one.map(
        lambda found: PropertyCondition("at", found.operator, found.operand, found.case_sensitive)
    )
    several = st.lists(on_one_property, min_size=1, max_size=3)
    return several.map(lambda found: Any((found[0], *(Not(other) for other in found[1:]))))


class At:
    """A profile that has one time."""

    def __init__(self, value: Value) -> None:
        self._value = value

    def value(self, name: str) -> Value | None:
        return self._value if name == "at" else None

    def is_member(self, segment_id: str) -> bool:
        raise AssertionError("no rule here uses a segment")


@given(
    st.lists(moving_rules(), min_size=1, max_size=3),
    st.lists(instants(), min_size=1, max_size=8),
    st.lists(st.sampled_from((1, 1000, HOUR, 5 * HOUR, DAY, 8 * DAY, 40 * DAY)), min_size=1, max_size=4),
    st.sampled_from(ZONES),
    st.sampled_from((0, 10_000)),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_move_by_time_is_at_the_millisecond_at_which_the_law_changes_its_mind(
    tmp_path_factory: pytest.TempPathFactory,
    rules: list[Rule],
    values: list[Instant],
    waits: list[int],
    zone: str,
    few: int,
) -> None:
    clock = ManualClock(Instant(NOW))
    path = tmp_path_factory.mktemp("one") / "one.sqlite"
    with pytest.MonkeyPatch.context() as patched, Workspace(path, clock=clock, zone=zone) as workspace:
        patched.setattr(by_time, "ROWS_BY_LAW_MAX", few)
        made = {workspace.segments.create("moving", rule).id: rule for rule in rules}
        workspace.profiles.put_many(
            [ProfileInput(external_id=f"u{n}", properties={"at": {"time": int(at)}}) for n, at in enumerate(values)]
        )
        value_of = {one.id: one.properties["at"] for one in workspace.profiles.list().items}
        for wait in waits:
            clock.advance(wait)
            assert workspace.check().faults == ()
        last = 0
        for one in workspace.transitions.list(limit=1000).items:
            assert one.at >= last  # the feed is in the order of time
            last = one.at
            if one.cause is not Cause.TIME:
                continue
            rule, seen = made[one.segment_id], At(value_of[one.profile_id or ""])
            before, after = (evaluate(rule, seen, Moment(Instant(one.at - ago), ZoneInfo(zone))) for ago in (1, 0))
            assert (before, after) == (one.action is Action.EXIT, one.action is Action.ENTER)


def test_sixty_thousand_moves_in_one_tick_take_seconds(tmp_path: Path) -> None:
    many = 20_000
    clock = ManualClock(Instant(NOW))
    with Workspace(tmp_path / "one.sqlite", clock=clock) as workspace:
        recent = workspace.segments.create("recent", prop("at").in_last("1d"))
        lost = workspace.segments.create("lost", ~member_of(recent.id))
        for number in range(20):  # they share the window, as segments do
            workspace.segments.create(f"recent {number}", prop("at").in_last("1d") & (prop("n") == number))
        for start in range(0, many, 10_000):
            workspace.profiles.put_many(
                [
                    ProfileInput(external_id=f"u{n}", properties={"at": {"time": NOW - n}, "n": n % 20})
                    for n in range(start, start + 10_000)
                ]
            )
        clock.advance(DAY)
        begun = time.process_time()
        assert workspace.segments.get(lost.id).member_count == many
        assert time.process_time() - begun < 5  # about one, on a quiet machine
        assert workspace.counts()["transitions"] == 5 * many
