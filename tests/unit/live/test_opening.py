"""Opening: what can be read is loaded, what is wrong is corrected, what is damaged is named."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import apsw
import pytest
import structlog
from pyroaring import BitMap

from coterie import prop
from coterie import segment as member_of
from coterie.clock import ManualClock
from coterie.errors import CoterieError, DataDirectoryDamaged, InvalidInput, InvalidRule
from coterie.model import Action, Cause, Origin, ProfileInput, SegmentKind
from coterie.rules.nodes import All, Not, PropertyCondition, Rule
from coterie.rules.values import DAY, Instant
from coterie.settings import Settings
from coterie.workspace import Workspace
from tests.strategies import NOW


def made(path: Path) -> None:
    """Ten profiles, a segment that half of them are in, and one of the others."""
    with Workspace(path, clock=ManualClock(Instant(NOW))) as workspace:
        high = workspace.segments.create("high", prop("n") >= 5)
        workspace.segments.create("low", ~member_of(high.id))
        workspace.profiles.put_many([ProfileInput(external_id=f"u{n}", properties={"n": n}) for n in range(10)])


def sql(path: Path, statement: str, *values: apsw.SQLiteValue) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(statement, values)
    assert connection.changes() == 1
    connection.close()


def reopened(path: Path, after: int = 0) -> Workspace:
    return Workspace(path, clock=ManualClock(Instant(NOW + after)))


def test_a_membership_recorded_wrong_is_corrected_told_and_logged(tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite"
    made(path)
    sql(
        path,
        "update membership_snapshots set members = ? where sid = (select sid from segments where name = 'high')",
        BitMap([0, 5, 6]).serialize(),
    )
    with structlog.testing.capture_logs() as logged, reopened(path, after=1000) as workspace:
        high = workspace.segments.list().items[0]
        assert [one.external_id for one in workspace.segments.members(high.id).items] == [f"u{n}" for n in range(5, 10)]
        moved = [one for one in workspace.transitions.list(segment_id=high.id).items if one.at == NOW + 1000]
        assert {one.cause for one in moved} == {Cause.DEFINITION}
        assert [one.action for one in moved] == [Action.ENTER] * 3 + [Action.EXIT]
        assert workspace.segments.get(workspace.segments.list().items[1].id).member_count == 5
    assert [one["event"] for one in logged] == ["membership_corrected"]
    with structlog.testing.capture_logs() as logged, reopened(path, after=1000) as workspace:
        assert workspace.counts()["transitions"] == 10 + 4
    assert logged == []


def test_a_rule_that_no_longer_reads_is_named(tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite"
    made(path)
    sql(
        path,
        "update segments set rule = ? where sid = (select sid from segments where name = 'high')",
        '{"property":"n","operator":"resembles","value":5}',
    )
    before = threading.active_count()
    with pytest.raises(DataDirectoryDamaged, match=r"high.*resembles"):
        reopened(path)
    assert threading.active_count() == before


@pytest.mark.parametrize("document", [b"{", b"[1]", b'{"n": {"what": 1}}', b"\xff"])
def test_a_profile_that_cannot_be_read_is_named(tmp_path: Path, document: bytes) -> None:
    path = tmp_path / "one.sqlite"
    made(path)
    sql(path, "update profiles set document = ? where pid = 3", document)
    with pytest.raises(DataDirectoryDamaged, match="profile"):
        reopened(path)


def test_a_membership_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite"
    made(path)
    sql(
        path,
        "update membership_snapshots set members = ? where sid = (select sid from segments where name = 'high')",
        b"\x01",
    )
    with pytest.raises(DataDirectoryDamaged, match="memberships"):
        reopened(path)


def test_a_copy_taken_while_it_was_open_opens_too(tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite"
    with Workspace(path, clock=ManualClock(Instant(NOW))) as workspace:
        workspace.segments.create("high", prop("n") >= 5)
        for n in range(30):
            workspace.profiles.put(ProfileInput(external_id=f"u{n}", properties={"n": n}))
        for file in tmp_path.glob("one.sqlite*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, tmp_path / file.name.replace("one", "copy"))
    with reopened(tmp_path / "copy.sqlite") as copy:
        assert copy.segments.list().items[0].member_count == 25
        assert copy.check().faults == ()


def test_a_time_zone_that_is_none_makes_no_file(tmp_path: Path) -> None:
    for zone in ("Mars/Olympus", "", "../etc", "Europe"):
        with pytest.raises(InvalidInput):
            Workspace(tmp_path / "one.sqlite", zone=zone)
    assert list(tmp_path.iterdir()) == []


def test_a_lower_limit_does_not_make_a_stored_rule_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite"
    made(path)
    settings = Settings(rule_depth_max=1, rule_nodes_max=1, segments_max=1)
    with Workspace(path, clock=ManualClock(Instant(NOW)), settings=settings) as workspace:
        assert [one.member_count for one in workspace.segments.list().items] == [5, 5]


# --- what was stored can be opened again


def deep(levels: int) -> Rule:
    rule: Rule = prop("n") > 1
    for _ in range(levels):
        rule = Not(rule)
    return rule


UNREADABLE: list[tuple[str, Rule]] = [
    ("an empty group", All(())),
    ("a rule deeper than any limit", deep(150)),
    ("a rule deeper than Python goes", deep(5_000)),
    ("a number that is none", PropertyCondition("n", "equals", float("nan"))),
    ("an operator there is not", PropertyCondition("n", "resembles", 1.0)),
    ("half a surrogate pair", PropertyCondition("n", "equals", "\ud800")),
    ("a pattern RE2 refuses", PropertyCondition("n", "matches", "(")),
    ("a property without a name", PropertyCondition("", "equals", "a")),
]


@pytest.mark.parametrize("rule", [pytest.param(rule, id=name) for name, rule in UNREADABLE])
def test_a_rule_that_could_not_be_read_again_is_not_stored(tmp_path: Path, rule: Rule) -> None:
    path = tmp_path / "one.sqlite"
    made(path)
    with reopened(path) as workspace:
        known = workspace.segments.list().items[0]
        for attempt in (
            lambda: workspace.segments.create("bad", rule),
            lambda: workspace.segments.update(known.id, rule=rule),
            lambda: workspace.preview(rule),
        ):
            with pytest.raises(InvalidRule):
                attempt()
    with reopened(path) as workspace:
        assert [one.version for one in workspace.segments.list().items] == [1, 1]


def test_texts_that_cannot_be_stored_are_refused_by_name(tmp_path: Path) -> None:
    bad = "\ud800"
    with reopened(tmp_path / "one.sqlite") as workspace:
        listed = workspace.segments.create("list", kind=SegmentKind.STATIC)
        workspace.properties.declare("plan")
        for attempt in (
            lambda: workspace.segments.create(bad, prop("n") > 1),
            lambda: workspace.segments.create("x", prop("n") > 1, description=bad),
            lambda: workspace.segments.update(listed.id, name=bad),
            lambda: workspace.segments.update(listed.id, description=bad),
            lambda: workspace.segments.update(listed.id, origin=Origin("sendkit", {"name": bad})),
            lambda: workspace.properties.declare(bad),
            lambda: workspace.properties.declare("plan", fallback=bad),
            lambda: workspace.properties.declare("plan", rename=bad),
            lambda: workspace.profiles.put(ProfileInput(external_id="u1", properties={bad: 1})),
            lambda: workspace.profiles.put(ProfileInput(external_id="u1", properties={"n": bad})),
            lambda: workspace.profiles.put(ProfileInput(external_id="u1", lists=[bad])),
            lambda: workspace.profiles.get(bad),
            lambda: workspace.profiles.get(external_id=bad),
            lambda: workspace.profiles.get(email=bad),
            lambda: workspace.segments.get(bad),
            lambda: workspace.segments.add_members(listed.id, [bad]),
            lambda: workspace.explain(bad, listed.id),
            lambda: workspace.transitions.list(profile_id=bad),
            lambda: workspace.properties.describe(bad),
        ):
            with pytest.raises(CoterieError) as caught:
                attempt()
            assert caught.value.code in ("invalid_input", "invalid_value", "not_found"), caught.value
        assert workspace.check().faults == ()


# --- segments of segments


def test_a_long_chain_of_segments_is_edited_and_opened(tmp_path: Path) -> None:
    path, links = tmp_path / "one.sqlite", 1_100  # more than Python's recursion goes
    with reopened(path) as workspace:
        first = last = workspace.segments.create("0", prop("n") >= 5)
        for number in range(1, links):
            last = workspace.segments.create(str(number), member_of(last.id))
        workspace.profiles.put(ProfileInput(external_id="u", properties={"n": 3}))
        base = workspace.segments.create("base", prop("n") >= 1)
        workspace.segments.update(first.id, rule=member_of(base.id) & (prop("n") >= 2))
        assert workspace.segments.get(last.id).member_count == 1
        workspace.profiles.put(ProfileInput(external_id="u", properties={"n": 0}))
        assert workspace.segments.get(last.id).member_count == 0
    with reopened(path) as workspace:
        assert workspace.counts()["transitions"] == 2 * (links + 1)


def test_segments_that_share_what_they_use_do_not_multiply_the_work(tmp_path: Path) -> None:
    """Thirty layers of two, each of which uses both below it: a thousand million ways down."""
    with reopened(tmp_path / "one.sqlite") as workspace:
        first = workspace.segments.create("first", prop("n") >= 5)
        pair = (first.id, first.id)
        for number in range(30):
            one, two = (
                workspace.segments.create(f"{side} {number}", member_of(pair[0]) | member_of(pair[1])).id
                for side in "ab"
            )
            pair = (one, two)
        workspace.profiles.put(ProfileInput(external_id="u", properties={"n": 3}))
        base = workspace.segments.create("base", prop("n") >= 1)
        workspace.segments.update(first.id, rule=member_of(base.id))
        assert workspace.segments.get(pair[1]).member_count == 1


def test_a_used_segment_that_comes_to_use_a_younger_one_is_judged_after_it(tmp_path: Path) -> None:
    path = tmp_path / "one.sqlite"
    with reopened(path) as workspace:
        first = workspace.segments.create("first", prop("n") >= 5)
        user = workspace.segments.create("user", ~member_of(first.id))
        young = workspace.segments.create("young", prop("m") >= 1)
        workspace.segments.update(first.id, rule=member_of(young.id))
    with reopened(path, after=DAY) as workspace:
        workspace.profiles.put(ProfileInput(external_id="u", properties={"m": 1}))
        moved = [one.segment_id for one in workspace.transitions.list().items]
        assert moved == [young.id, first.id]
        workspace.profiles.put(ProfileInput(external_id="u", properties={"m": 0}))
        moved = [one.segment_id for one in workspace.transitions.list(after=2).items]
        assert moved == [young.id, first.id, user.id]
