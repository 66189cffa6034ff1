"""Time is a change like any other: the clock alone moves memberships, even while down."""

from __future__ import annotations

import time
from pathlib import Path

from coterie import prop
from coterie import segment as member_of
from coterie.clock import ManualClock
from coterie.model import Action, Cause, ProfileInput, Transition
from coterie.rules.nodes import Rule
from coterie.rules.values import DAY, Instant
from coterie.workspace import Workspace

MARCH_1 = 1_772_323_200_000  # 2026-03-01T00:00:00Z


def open_at(path: Path, clock: ManualClock, zone: str = "UTC") -> Workspace:
    return Workspace(path / "one.sqlite", clock=clock, zone=zone)


def put(workspace: Workspace, name: str, **properties: object) -> None:
    workspace.profiles.put(ProfileInput(external_id=name, properties=properties))


def by_time(workspace: Workspace) -> list[tuple[str, Action, int]]:
    def as_row(transition: Transition) -> tuple[str, Action, int]:
        assert transition.profile_id is not None
        name = workspace.profiles.get(transition.profile_id).external_id
        assert name is not None
        return name, transition.action, int(transition.at)

    return [as_row(transition) for transition in workspace.transitions.list().items if transition.cause is Cause.TIME]


def test_people_leave_a_window_at_their_own_instant(tmp_path: Path) -> None:
    clock = ManualClock(Instant(MARCH_1))
    with open_at(tmp_path, clock) as workspace:
        segment = workspace.segments.create("active", prop("seen_at").in_last("7d"))
        put(workspace, "ann", seen_at={"time": MARCH_1 - DAY})
        put(workspace, "bob", seen_at={"time": MARCH_1 - DAY + 1})
        clock.move_to(Instant(MARCH_1 + 6 * DAY - 1))
        assert workspace.segments.get(segment.id).member_count == 2
        clock.move_to(Instant(MARCH_1 + 6 * DAY))
        assert [profile.external_id for profile in workspace.segments.members(segment.id).items] == ["bob"]
        clock.move_to(Instant(MARCH_1 + 30 * DAY))
        assert workspace.segments.get(segment.id).member_count == 0
        assert by_time(workspace) == [
            ("ann", Action.EXIT, MARCH_1 + 6 * DAY),
            ("bob", Action.EXIT, MARCH_1 + 6 * DAY + 1),
        ]


def test_what_fell_due_while_the_process_was_down_is_stamped_with_its_own_instant(tmp_path: Path) -> None:
    clock = ManualClock(Instant(MARCH_1))
    with open_at(tmp_path, clock) as workspace:
        segment = workspace.segments.create("renewing", prop("renews_at").in_next("2d"))
        put(workspace, "ann", renews_at={"time": MARCH_1 + 5 * DAY})
    clock.advance(30 * DAY)
    with open_at(tmp_path, clock) as workspace:
        assert by_time(workspace) == [("ann", Action.ENTER, MARCH_1 + 3 * DAY), ("ann", Action.EXIT, MARCH_1 + 5 * DAY)]
        assert workspace.segments.get(segment.id).member_count == 0
        assert workspace.check().faults == ()


def test_a_segment_of_a_segment_follows_at_the_same_instant(tmp_path: Path) -> None:
    clock = ManualClock(Instant(MARCH_1))
    with open_at(tmp_path, clock) as workspace:
        active = workspace.segments.create("active", prop("seen_at").in_last("1d"))
        lost = workspace.segments.create("lost", ~member_of(active.id) & (prop("plan") == "pro"))
        put(workspace, "ann", seen_at={"time": MARCH_1}, plan="pro")
        assert workspace.segments.get(lost.id).member_count == 0
        clock.advance(DAY)
        assert workspace.segments.get(lost.id).member_count == 1
        last = workspace.transitions.list().items[-2:]
        assert [(transition.segment_id, transition.action, transition.at) for transition in last] == [
            (active.id, Action.EXIT, MARCH_1 + DAY),
            (lost.id, Action.ENTER, MARCH_1 + DAY),
        ]


def test_calendar_words_turn_at_local_midnight(tmp_path: Path) -> None:
    clock = ManualClock(Instant(MARCH_1 + 20 * 3_600_000))  # 1 March 20:00 UTC is 2 March 01:45 in Kathmandu
    with open_at(tmp_path, clock, "Asia/Kathmandu") as workspace:
        today = workspace.segments.create("today", prop("ordered_at").in_calendar("today"))
        put(workspace, "ann", ordered_at={"time": int(clock.now())})
        clock.advance(DAY)
        assert workspace.segments.get(today.id).member_count == 0
        assert by_time(workspace) == [("ann", Action.EXIT, MARCH_1 + DAY + 18 * 3_600_000 + 15 * 60_000)]


def test_an_edit_in_mid_window_counts_from_the_instant_of_the_edit(tmp_path: Path) -> None:
    clock = ManualClock(Instant(MARCH_1))
    with open_at(tmp_path, clock) as workspace:
        segment = workspace.segments.create("active", prop("seen_at").in_last("7d"))
        put(workspace, "ann", seen_at={"time": MARCH_1})
        clock.advance(2 * DAY)
        workspace.segments.update(segment.id, rule=prop("seen_at").in_last("1d"))
        assert workspace.segments.get(segment.id).member_count == 0
        assert workspace.transitions.list().items[-1].cause is Cause.DEFINITION
        workspace.segments.update(segment.id, rule=prop("seen_at").in_last("3d"))
        assert workspace.segments.get(segment.id).member_count == 1
        clock.advance(DAY)
        assert workspace.segments.get(segment.id).member_count == 0


def test_a_clock_set_back_undoes_nothing(tmp_path: Path) -> None:
    clock = ManualClock(Instant(MARCH_1))
    with open_at(tmp_path, clock) as workspace:
        segment = workspace.segments.create("active", prop("seen_at").in_last("1d"))
        put(workspace, "ann", seen_at={"time": MARCH_1})
        clock.advance(DAY)
        assert workspace.segments.get(segment.id).member_count == 0
        clock.advance(-DAY)
        put(workspace, "bob", seen_at={"time": MARCH_1 + DAY})
        assert [profile.external_id for profile in workspace.segments.members(segment.id).items] == ["bob"]
        assert workspace.check().faults == ()


def test_nobody_asks_and_still_they_leave_in_their_own_second(tmp_path: Path) -> None:
    rule: Rule = prop("seen_at").in_last("1s")
    with Workspace(tmp_path / "one.sqlite") as workspace:
        segment = workspace.segments.create("just now", rule)
        seen_at = int(workspace.now())
        put(workspace, "ann", seen_at={"time": seen_at})
        begun = time.monotonic()
        while workspace.counts()["transitions"] < 2:  # asks of no membership, so it settles nothing itself
            assert time.monotonic() - begun < 10
            time.sleep(0.01)
        left = workspace.transitions.list(segment_id=segment.id).items[-1]
        assert (left.action, left.cause, left.at) == (Action.EXIT, Cause.TIME, seen_at + 1000)
