"""Answers one by one: members by cursor and offset, the feed and its filters, explanations."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie import prop
from coterie import segment as member_of
from coterie.clock import ManualClock
from coterie.errors import CoterieError, InvalidCursor, InvalidInput, InvalidRule, NotFound
from coterie.model import Action, Cause, ProfileInput, SegmentKind
from coterie.rules.values import Instant
from coterie.workspace import Workspace

NOW = 1_772_323_200_000
NOBODY = "0198f1f0-0000-7000-8000-000000000000"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(Instant(NOW))


@pytest.fixture
def workspace(tmp_path: Path, clock: ManualClock) -> Iterator[Workspace]:
    with Workspace(tmp_path / "one.sqlite", clock=clock) as opened:
        opened.profiles.put_many(
            [
                ProfileInput(external_id=f"u{n}", email=f"u{n}@x.org" if n % 2 else None, properties={"n": n})
                for n in range(10)
            ]
        )
        yield opened


# --- members


def test_pages_by_cursor_stay_right_while_members_come_and_go(workspace: Workspace) -> None:
    segment = workspace.segments.create("high", prop("n") >= 3)
    seen: list[str | None] = []
    page = workspace.segments.members(segment.id, limit=3)
    assert page.total == 7
    seen += [one.external_id for one in page.items]
    workspace.profiles.delete(page.items[-1].id)  # the very one the cursor names
    workspace.profiles.put(ProfileInput(external_id="u0", properties={"n": 99}))  # comes in before the cursor
    workspace.profiles.put(ProfileInput(external_id="new", properties={"n": 99}))
    while page.next:
        page = workspace.segments.members(segment.id, limit=3, cursor=page.next)
        seen += [one.external_id for one in page.items]
    assert seen == ["u3", "u4", "u5", "u6", "u7", "u8", "u9", "new"]


@pytest.mark.parametrize(
    "cursor", ["", "x", "after", "after-", "after--1", "after-1.0", "after-²", "after-99999999999", "0"]
)
def test_a_cursor_that_is_none_is_refused(workspace: Workspace, cursor: str) -> None:
    segment = workspace.segments.create("high", prop("n") >= 3)
    with pytest.raises(InvalidCursor):
        workspace.segments.members(segment.id, cursor=cursor)


def test_the_highest_cursor_is_the_end(workspace: Workspace) -> None:
    segment = workspace.segments.create("high", prop("n") >= 3)
    page = workspace.segments.members(segment.id, cursor=f"after-{2**32 - 1}")
    assert (page.items, page.next, page.total) == ((), None, 7)


@pytest.mark.parametrize("offset", [7, 2**31, 2**63, 10**30])
def test_places_beyond_the_end_are_empty(workspace: Workspace, offset: int) -> None:
    segment = workspace.segments.create("high", prop("n") >= 3)
    assert workspace.segments.members_at(segment.id, offset=offset, limit=5).items == ()
    assert workspace.profiles.list(offset=offset + 3, limit=5).items == ()
    assert workspace.segments.list(offset=offset).items == ()


def test_an_export_holds_whom_it_held_at_the_call(workspace: Workspace) -> None:
    segment = workspace.segments.create("high", prop("n") >= 3)
    batches = workspace.segments.export_members(segment.id, chunk=4)
    workspace.profiles.delete(workspace.profiles.get(external_id="u9").id)
    workspace.profiles.put(ProfileInput(external_id="new", properties={"n": 99}))
    assert [[one.external_id for one in batch] for batch in batches] == [["u3", "u4", "u5", "u6"], ["u7", "u8"]]
    with pytest.raises(NotFound):
        workspace.segments.export_members(NOBODY)


def test_members_with_an_email_are_counted_apart(workspace: Workspace) -> None:
    segment = workspace.segments.create("high", prop("n") >= 3)
    page = workspace.segments.members_at(segment.id, offset=1, limit=2, with_email=True)
    assert ([one.external_id for one in page.items], page.total) == (["u5", "u7"], 4)


def test_a_profile_is_asked_for_by_exactly_one_identifier(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput):
        workspace.profiles.get()
    with pytest.raises(InvalidInput):
        workspace.profiles.get(external_id="u1", email="u1@x.org")


# --- the feed


def test_the_feed_goes_on_where_it_was_left_and_ends_without_items(workspace: Workspace) -> None:
    workspace.segments.create("high", prop("n") >= 3)
    workspace.segments.create("higher", prop("n") >= 8)
    sequences: list[int] = []
    after = 0
    while items := (page := workspace.transitions.list(after=after, limit=4)).items:
        sequences += [one.sequence for one in items]
        assert page.next == str(sequences[-1])
        after = int(page.next)
    assert sequences == list(range(1, 10))
    assert workspace.transitions.list(after=9).items == ()
    assert workspace.transitions.list(after=9).next is None
    for beyond in (10, 10**6, 2**62):  # a reader that is ahead of the log would wait for ever
        with pytest.raises(InvalidInput, match="The log ends at 9"):
            workspace.transitions.list(after=beyond)


def test_filters_let_through_what_they_name(workspace: Workspace, clock: ManualClock) -> None:
    high = workspace.segments.create("high", prop("n") >= 8)
    recent = workspace.segments.create("recent", prop("at").in_last("1d"))
    u9 = workspace.profiles.get(external_id="u9").id
    workspace.profiles.put(ProfileInput(external_id="u9", properties={"at": {"time": NOW}}))
    clock.advance(86_400_000)
    workspace.profiles.put(ProfileInput(external_id="u9", properties={"n": 0}))

    def found(**filters: object) -> list[int]:
        return [one.sequence for one in workspace.transitions.list(**filters).items]  # type: ignore[arg-type]  # each of its kind

    assert found() == [1, 2, 3, 4, 5]
    assert found(segment_id=high.id) == [1, 2, 5]
    assert found(profile_id=u9) == [2, 3, 4, 5]
    assert found(profile_id=u9, segment_id=recent.id) == [3, 4]
    assert found(action=Action.EXIT) == [4, 5]
    assert found(cause=Cause.TIME) == [4]
    assert found(cause=Cause.TIME, action=Action.ENTER) == []
    assert found(segment_id=high.id, after=2, limit=1) == [5]
    for unknown in ({"segment_id": NOBODY}, {"profile_id": NOBODY}):
        with pytest.raises(NotFound):
            found(**unknown)


def test_the_feed_still_speaks_of_what_was_deleted(workspace: Workspace) -> None:
    high = workspace.segments.create("high", prop("n") >= 8)
    u9 = workspace.profiles.get(external_id="u9").id
    workspace.profiles.delete(u9)
    workspace.segments.delete(high.id)
    told = [
        (one.action, one.cause, one.profile_id is None) for one in workspace.transitions.list(segment_id=high.id).items
    ]
    assert told == [
        (Action.ENTER, Cause.DEFINITION, False),
        (Action.ENTER, Cause.DEFINITION, True),
        (Action.EXIT, Cause.PROFILE_DELETED, True),
        (Action.EXIT, Cause.DEFINITION, False),
    ]
    assert {one.segment_id for one in workspace.transitions.list().items} == {high.id}


# --- why


def test_an_explanation_tells_since_when_of_the_commit_it_is_of(
    workspace: Workspace, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    high = workspace.segments.create("high", prop("n") >= 8)
    u9 = workspace.profiles.get(external_id="u9").id
    clock.advance(1000)
    engine = workspace._engine
    on_disk, go_on = threading.Event(), threading.Event()
    publish = engine._publish

    def slow(*args: object) -> None:
        on_disk.set()
        assert go_on.wait(10)
        publish(*args)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(engine, "_publish", slow)
    leaves = ProfileInput(external_id="u9", properties={"n": 0})
    writing = threading.Thread(target=workspace.profiles.put, args=(leaves,))
    writing.start()
    assert on_disk.wait(10)
    told = workspace.explain(u9, high.id)
    assert (told.member, told.since) == (True, NOW)
    assert told.verdict is not None
    assert told.verdict.actual == 9.0
    go_on.set()
    writing.join(10)
    told = workspace.explain(u9, high.id)
    assert (told.member, told.since) == (False, NOW + 1000)


def test_a_static_segment_is_explained_without_a_verdict(workspace: Workspace) -> None:
    listed = workspace.segments.create("list", kind=SegmentKind.STATIC)
    u1 = workspace.profiles.get(external_id="u1").id
    told = workspace.explain(u1, listed.id)
    assert (told.member, told.since, told.verdict) == (False, None, None)
    workspace.segments.add_members(listed.id, [u1])
    assert (workspace.explain(u1, listed.id).member, workspace.explain(u1, listed.id).since) == (True, NOW)


@pytest.mark.parametrize(("profile", "segment"), [(True, False), (False, True), (False, False)])
def test_nobody_and_nothing_are_not_explained(workspace: Workspace, profile: bool, segment: bool) -> None:
    one = workspace.profiles.get(external_id="u1").id if profile else NOBODY
    of = workspace.segments.create("high", prop("n") >= 8).id if segment else NOBODY
    with pytest.raises(NotFound):
        workspace.explain(one, of)


# --- preview


def test_a_preview_counts_every_node_and_says_what_saving_would_change(workspace: Workspace) -> None:
    high = workspace.segments.create("high", prop("n") >= 8)
    rule = (prop("n") >= 5) & ~member_of(high.id)
    found = workspace.preview(rule, compare_to=high.id, sample=2)
    assert (found.count, found.total, found.as_of) == (3, 10, NOW)
    assert [(node.path, node.count) for node in found.tree.children] == [(("all", 0), 5), (("all", 1), 8)]
    assert found.tree.children[1].children[0].count == 2
    assert found.comparison is not None
    assert (found.comparison.enter, found.comparison.leave, found.comparison.stay) == (3, 2, 0)
    assert [one.external_id for one in found.sample] == ["u5", "u6"]
    assert workspace.preview(rule, sample=0).sample == ()
    with pytest.raises(NotFound):
        workspace.preview(rule, compare_to=NOBODY)
    with pytest.raises(InvalidRule):
        workspace.preview(member_of(NOBODY))


def test_a_property_that_is_not_there_is_not_described(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        workspace.properties.describe("N")
    with pytest.raises(CoterieError):
        workspace.properties.get(NOBODY)
    assert workspace.properties.describe("n").count == 10
