"""The past of a segment: its members at an instant, what changed and why, how its size moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import apsw
import pytest

from coterie import prop
from coterie.clock import ManualClock
from coterie.errors import InvalidCursor, InvalidInput, LimitExceeded, NotFound
from coterie.model import Action, Cause, Page, Profile, ProfileInput, SizeAt
from coterie.rules.values import Instant
from coterie.store.history import HistoryReads
from coterie.workspace import Workspace

NOW = 1_772_323_200_000
NOBODY = "0198f1f0-0000-7000-8000-000000000000"
MINUTE = 60_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(Instant(NOW))


@pytest.fixture
def workspace(tmp_path: Path, clock: ManualClock) -> Iterator[Workspace]:
    with Workspace(tmp_path / "one.sqlite", clock=clock) as opened:
        yield opened


def names(page: Page[Profile]) -> list[str | None]:
    return [one.external_id for one in page.items]


def put(workspace: Workspace, who: str, **properties: object) -> None:
    workspace.profiles.put(ProfileInput(external_id=who, properties=properties))


def at(minutes: int) -> Instant:
    return Instant(NOW + minutes * MINUTE)


@pytest.fixture
def story(workspace: Workspace, clock: ManualClock) -> str:
    """Minute 0: a, b, c exist. 1: the segment. 2: d enters. 3: a leaves, and so does c, by time.

    4: the rule is edited, b leaves. 5: d is deleted.
    """
    for who, until in (("a", 100), ("b", 100), ("c", 3)):
        put(workspace, who, n=1 if who == "b" else 5, until={"time": at(until)})
    clock.advance(MINUTE)
    segment = workspace.segments.create("in time", (prop("n") >= 1) & prop("until").in_next("1d"))
    clock.advance(MINUTE)
    put(workspace, "d", n=5, until={"time": at(100)})
    clock.advance(MINUTE)
    put(workspace, "a", n=0)
    clock.advance(MINUTE)
    workspace.segments.update(segment.id, rule=(prop("n") >= 2) & prop("until").in_next("1d"))
    clock.advance(MINUTE)
    workspace.profiles.delete(workspace.profiles.get(external_id="d").id)
    clock.advance(MINUTE)
    return segment.id


@pytest.mark.parametrize(
    ("minute", "members", "total"),
    [
        (-100, [], 0),
        (0, [], 0),
        (1, ["a", "b", "c"], 3),
        (2, ["a", "b", "c"], 4),
        (3, ["b"], 2),
        (4, [], 1),
        (5, [], 0),
        (6, [], 0),
    ],
)
def test_who_was_in_at_an_instant(
    workspace: Workspace, story: str, minute: int, members: list[str], total: int
) -> None:
    """`d` has been deleted since: it is counted, and there is nothing of it to show."""
    page = workspace.segments.members_as_of(story, at(minute))
    assert (names(page), page.total) == (members, total)
    if minute > -100:
        just_before = workspace.segments.members_as_of(story, Instant(at(minute) - 1))
        assert just_before.total == {0: 0, 1: 0, 2: 3, 3: 4, 4: 2, 5: 1, 6: 0}[minute]


def test_what_changed_between_two_instants_and_why(workspace: Workspace, story: str) -> None:
    told = workspace.segments.difference(story, at(1), at(6))
    assert (told.count_from, told.count_to, told.entered, told.left) == (3, 0, 0, 3)
    assert told.causes == {
        Cause.FACTS: {"enter": 1, "exit": 1},
        Cause.TIME: {"enter": 0, "exit": 1},
        Cause.DEFINITION: {"enter": 0, "exit": 1},
        Cause.PROFILE_DELETED: {"enter": 0, "exit": 1},
    }
    assert workspace.segments.difference(story, at(2), at(2)).causes == {}
    assert workspace.segments.difference(story, at(0), at(2)).entered == 4


def test_who_changed_is_paged(workspace: Workspace, story: str) -> None:
    first = workspace.segments.changed_members(story, at(1), at(6), action=Action.EXIT, limit=2)
    assert (names(first), first.total) == (["a", "b"], 3)
    second = workspace.segments.changed_members(story, at(1), at(6), action=Action.EXIT, limit=2, cursor=first.next)
    assert (names(second), second.next) == (["c"], None)
    assert names(workspace.segments.changed_members(story, at(1), at(6), action=Action.ENTER)) == []
    with pytest.raises(InvalidCursor):
        workspace.segments.changed_members(story, at(1), at(6), action=Action.ENTER, cursor=first.next)


def test_the_size_as_a_series(workspace: Workspace, story: str) -> None:
    assert workspace.segments.sizes(story, at(0), at(6), points=7) == [
        SizeAt(at(0), 0, 0, 0),
        SizeAt(at(1), 3, 3, 0),
        SizeAt(at(2), 4, 1, 0),
        SizeAt(at(3), 2, 0, 2),
        SizeAt(at(4), 1, 0, 1),
        SizeAt(at(5), 0, 0, 1),
        SizeAt(at(6), 0, 0, 0),
    ]
    assert workspace.segments.sizes(story, at(1), at(4), points=2) == [SizeAt(at(1), 3, 0, 0), SizeAt(at(4), 1, 1, 3)]


def test_a_deleted_segment_still_answers_and_one_that_never_was_does_not(
    workspace: Workspace, clock: ManualClock, story: str
) -> None:
    put(workspace, "e", n=5, until={"time": at(100)})
    clock.advance(MINUTE)
    workspace.segments.delete(story)
    assert names(workspace.segments.members_as_of(story, at(1))) == ["a", "b", "c"]
    assert names(workspace.segments.members_as_of(story, at(6))) == ["e"]
    assert workspace.segments.members_as_of(story, at(7)).total == 0
    assert workspace.segments.difference(story, at(6), at(7)).causes == {Cause.DEFINITION: {"enter": 0, "exit": 1}}
    for ask in (
        lambda: workspace.segments.members_as_of(NOBODY, at(1)),
        lambda: workspace.segments.difference(NOBODY, at(1), at(2)),
        lambda: workspace.segments.changed_members(NOBODY, at(1), at(2), action=Action.ENTER),
        lambda: workspace.segments.sizes(NOBODY, at(1), at(2)),
    ):
        with pytest.raises(NotFound):
            ask()


def test_the_future_and_the_wrong_way_round_are_refused_by_path(workspace: Workspace, story: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        workspace.segments.members_as_of(story, at(7))
    assert refused.value.path == ("as_of",)
    with pytest.raises(InvalidInput) as refused:
        workspace.segments.difference(story, at(1), at(7))
    assert refused.value.path == ("to",)
    with pytest.raises(InvalidInput) as refused:
        workspace.segments.sizes(story, at(3), at(2))
    assert refused.value.path == ("from",)
    for points in (0, 1, 1_001):
        with pytest.raises(LimitExceeded):
            workspace.segments.sizes(story, at(1), at(2), points=points)


@pytest.mark.parametrize("seed", range(8))
def test_any_past_is_what_it_was_when_it_was_the_present(workspace: Workspace, clock: ManualClock, seed: int) -> None:
    """Note the members at every instant of random writes and edits, and ask for them later."""
    drawn = Random(seed)
    put(workspace, "p0", n=0)
    segment = workspace.segments.create("any", (prop("n") >= 5) | prop("until").in_next("1h"))
    noted: dict[Instant, list[str | None]] = {}
    for _ in range(60):
        clock.advance(drawn.choice((1, MINUTE, 7 * MINUTE)))
        match drawn.randrange(8):
            case 0:
                workspace.segments.update(
                    segment.id, rule=(prop("n") >= drawn.randrange(10)) | prop("until").in_next("1h")
                )
            case 1:
                batch = [ProfileInput(external_id=f"p{n}", properties={"n": drawn.randrange(10)}) for n in range(20)]
                workspace.profiles.put_many(batch)
            case _:
                until = {"time": workspace.now() + drawn.randrange(-2, 5) * 15 * MINUTE}
                put(workspace, f"p{drawn.randrange(20)}", n=drawn.randrange(10), until=until)
        noted[workspace.now()] = names(workspace.segments.members(segment.id))
    moves: Counter[tuple[Instant, Action]] = Counter()
    for move in workspace.transitions.list(limit=10_000).items:
        moves[move.at, move.action] += 1
    for then, members in noted.items():
        assert names(workspace.segments.members_as_of(segment.id, then)) == members, then
    instants = list(noted)
    for start, end in zip(instants, instants[7:], strict=False):
        told = workspace.segments.difference(segment.id, start, end)
        assert told.entered == len(set(noted[end]) - set(noted[start]))
        assert told.left == len(set(noted[start]) - set(noted[end]))
        entered = workspace.segments.changed_members(segment.id, start, end, action=Action.ENTER)
        assert set(names(entered)) == set(noted[end]) - set(noted[start])
        between = sum(
            count for (moved_at, action), count in moves.items() if start < moved_at <= end and action is Action.ENTER
        )
        assert sum(cause["enter"] for cause in told.causes.values()) == between


def test_a_midnight_that_is_written_behind_later_writes_is_where_it_belongs(
    workspace: Workspace, clock: ManualClock
) -> None:
    """Slices are commits with writes in between, so sequences are not in the order of instants."""
    segment = workspace.segments.create("any", prop("n") >= 1)
    for number in range(6):
        clock.advance(MINUTE)
        put(workspace, f"p{number}", n=1)
    sid = workspace._engine.segments.by_id[segment.id].sid
    connection = apsw.Connection(str(workspace._engine.store.path))
    connection.execute(
        "update transitions set at = ? where sid = ? and at = ?", (at(1), sid, at(5))
    )  # as if p4 were of a slice
    connection.close()
    then = {minute: names(workspace.segments.members_as_of(segment.id, at(minute))) for minute in (1, 2, 5, 6)}
    assert then == {
        1: ["p0", "p4"],
        2: ["p0", "p1", "p4"],
        5: ["p0", "p1", "p2", "p3", "p4"],
        6: ["p0", "p1", "p2", "p3", "p4", "p5"],
    }
    assert workspace.segments.difference(segment.id, at(1), at(6)).entered == 4
    assert [one.count for one in workspace.segments.sizes(segment.id, at(0), at(6), points=7)] == [0, 2, 3, 4, 5, 5, 6]


def test_the_past_is_played_from_the_nearer_end(
    workspace: Workspace, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = workspace.segments.create("any", prop("n") >= 1)
    for number in range(10):
        clock.advance(MINUTE)
        put(workspace, f"p{number}", n=1)
    played: list[str] = []
    stream = HistoryReads._stream
    monkeypatch.setattr(
        HistoryReads, "_stream", lambda reads, query, values: (played.append(query), stream(reads, query, values))[1]
    )
    assert workspace.segments.members_as_of(segment.id, at(2)).total == 2
    assert workspace.segments.members_as_of(segment.id, at(8)).total == 8
    assert [query for query in played if query.startswith("blocks")] == ["blocks_between", "blocks_between_backwards"]
