"""The demo's people hang together, and every segment has somebody to show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import coterie
from coterie.clock import ManualClock
from coterie.demo.behaviour import conversations_of, events_of
from coterie.demo.people import DECLARED, people
from coterie.demo.seed import seed
from coterie.demo.segments import SEGMENTS
from coterie.errors import Conflict
from coterie.library import LocalWorkspace
from coterie.rules.values import DAY, Instant

NOW = Instant(1_772_700_000_000)  # 5 March 2026
COUNT = 2_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def workspace(tmp_path: Path, clock: ManualClock) -> Iterator[LocalWorkspace]:
    with coterie.open(tmp_path / "demo", clock=clock) as opened:
        yield opened


def test_every_segment_has_some_of_the_people_and_none_has_all(workspace: LocalWorkspace) -> None:
    assert seed(workspace, COUNT)
    segments = workspace.segments.list().items
    assert [segment.name for segment in segments] == [sketch.name for sketch in SEGMENTS]
    for segment in segments:
        assert 0 < segment.member_count < COUNT / 2, segment.name
    assert not workspace.check().faults


def test_a_second_call_has_nothing_to_do_and_one_that_was_stopped_is_finished(workspace: LocalWorkspace) -> None:
    seed(workspace, COUNT // 2)
    assert seed(workspace, COUNT)
    assert workspace.counts()["profiles"] == COUNT
    assert not seed(workspace, COUNT)
    workspace.segments.delete(workspace.segments.list().items[-1].id)
    assert seed(workspace, COUNT)
    assert workspace.segments.list().total == len(SEGMENTS)


def test_it_does_not_mix_with_people_of_your_own(workspace: LocalWorkspace) -> None:
    workspace.put([{"email": "ada@example.com"}])
    with pytest.raises(Conflict, match="1 profiles of its own"):
        seed(workspace, COUNT)
    assert workspace.counts()["profiles"] == 1


def test_time_moves_people(workspace: LocalWorkspace, clock: ManualClock) -> None:
    seed(workspace, COUNT)
    active = next(segment for segment in workspace.segments.list().items if segment.name == "Active this week")
    clock.advance(DAY)
    assert workspace.segments.get(active.id).member_count < active.member_count


def test_what_they_did_and_said_hangs_together(workspace: LocalWorkspace) -> None:
    everybody = list(people(NOW, COUNT))
    events = [event for profile in everybody for event in events_of(profile, NOW)]
    talks = [talk for profile in everybody for talk in conversations_of(profile, NOW)]
    assert events == [event for profile in everybody for event in events_of(profile, NOW)]
    assert len({event.message_id for event in events}) == len(events) > 5 * COUNT
    assert all(isinstance(event.at, Instant) and event.at <= NOW for event in events)
    assert len({talk.external_id for talk in talks}) == len(talks) > COUNT / 10
    seed(workspace, COUNT)
    assert sum(name.count for name in workspace.events.names()) == len(events)
    assert workspace.conversations.list(offset=0, limit=1).total == len(talks)
    workspace.segments.delete(workspace.segments.list().items[-1].id)  # as if it had been stopped before the last one
    seed(workspace, COUNT)
    assert sum(name.count for name in workspace.events.names()) == len(events)
    assert workspace.conversations.list(offset=0, limit=1).total == len(talks)


def test_the_people_hang_together() -> None:
    everybody = list(people(NOW, COUNT))
    assert everybody == list(people(NOW, COUNT))
    assert len({profile.email for profile in everybody}) == COUNT
    assert all(
        isinstance(profile.email, str)
        and profile.email.rpartition("@")[2] in ("example.com", "example.org", "example.net")
        for profile in everybody
    )
    for profile in everybody:
        assert profile.properties.keys() <= DECLARED.keys()
        assert ("mrr" in profile.properties) == (profile.properties["plan"] != "free")
    sizes = [len(profile.properties) for profile in everybody]
    assert min(sizes) < 9
    assert max(sizes) > 16
