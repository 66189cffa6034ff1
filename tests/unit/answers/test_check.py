"""`check` finds planted faults: in documents, memberships, transitions, lists and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest
from pyroaring import BitMap

from coterie import prop
from coterie import segment as member_of
from coterie.answers import check as module
from coterie.clock import ManualClock
from coterie.live.system_segments import system_segments
from coterie.model import ConversationInput, EventInput, ProfileInput, ProfileRef, SegmentKind
from coterie.rules.values import Instant
from coterie.workspace import Workspace

HIGH, LOW, LIST = (
    len(system_segments()) + place for place in (1, 2, 3)
)  # sids: the system segments are made before them


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    path = tmp_path / "one.sqlite"
    with Workspace(path, clock=ManualClock(Instant(1_772_323_200_000))) as opened:
        high = opened.segments.create("high", prop("n") >= 5)
        opened.segments.create("low", ~member_of(high.id))
        listed = opened.segments.create("list", kind=SegmentKind.STATIC)
        opened.profiles.put_many([ProfileInput(external_id=f"u{n}", properties={"n": n}) for n in range(10)])
        opened.segments.add_members(listed.id, [one.id for one in opened.profiles.list().items[:3]])
    with Workspace(path, clock=ManualClock(Instant(1_772_323_200_000))) as opened:
        assert opened.check().faults == ()
        yield opened


def plant(workspace: Workspace, statement: str, *values: apsw.SQLiteValue) -> None:
    """Behind the back of the open workspace: in its file, and not in its memory."""
    connection = apsw.Connection(str(workspace._engine.store.path))
    connection.execute(statement, values)
    assert connection.changes() >= 1
    connection.close()


ON_DISK: list[tuple[str, str, tuple[apsw.SQLiteValue, ...], str]] = [
    ("another value", "update profiles set document = ? where pid = 7", (b'{"n":1.0}',), "another n than the store"),
    (
        "a value less",
        "update profiles set document = x'7b7d' where pid = 7",
        (),
        "9 profiles are stored with a value of n, 10",
    ),
    ("another email", "update profiles set email = ? where pid = 7", ("a@x.org",), "another email than the store"),
    ("a document cut off", "update profiles set document = ? where pid = 7", (b'{"n":',), "cannot be read"),
    ("a profile gone", "delete from profiles where pid = 9", (), "9 profiles are stored, 10 are indexed"),
    (
        "a profile more",
        "insert into profiles values (10, 'x', null, 'b@x.org', 1, x'7b7d', 1, 1, null)",
        (),
        "11 profiles are stored",
    ),
    (
        "a snapshot of others",
        "update membership_snapshots set members = ? where sid = ?",
        (BitMap([1]).serialize(), HIGH),
        "high: the transitions do not add up",
    ),
    (
        "a snapshot cut off",
        "update membership_snapshots set members = ? where sid = ?",
        (b"\x01\x02", HIGH),
        "cannot be read",
    ),
    (
        "a list member more",
        "insert into list_members values (?, 9, 1)",
        (LIST,),
        "list: its stored list is not its members",
    ),
    ("a transition gone", "delete from transitions where first_sequence = 1", (), "Transition"),
    ("a transition the other way", "update transitions set action = 'exit' where sid = ?", (HIGH,), "twice in a row"),
    (
        "a transition of others",
        "update transitions set pids = ? where sid = ?",
        (BitMap([1, 2]).serialize(), HIGH),
        "moves others",
    ),
    (
        "a last transition more",
        "insert into transitions values (99, 1, 1, 1, 'enter', 'facts', 1, 0, 0, null)",
        (),
        "99",
    ),
]


@pytest.mark.parametrize(("statement", "values", "told"), [pytest.param(*row[1:], id=row[0]) for row in ON_DISK])
def test_what_is_wrong_on_disk_is_told(
    workspace: Workspace, statement: str, values: tuple[apsw.SQLiteValue, ...], told: str
) -> None:
    plant(workspace, statement, *values)
    faults = workspace.check().faults
    assert any(told in fault for fault in faults), faults


def test_what_happened_is_looked_at_too(tmp_path: Path) -> None:
    with Workspace(tmp_path / "happened.sqlite", clock=ManualClock(Instant(1_772_323_200_000))) as opened:
        ada = ProfileRef(external_id="ada")
        opened.events.put_many([EventInput("order", ada, properties={"n": n}) for n in range(3)])
        opened.conversations.put(ConversationInput(profile=ada, analysis={"sentiment": 1}))
        orders = {"event": {"name": "order", "measure": "sum", "of": "n"}, "operator": "equals", "value": 3}
        opened.segments.create("three", opened.parse_rule(orders))
        assert opened.check().faults == ()
        plant(opened, "update events set document = ? where eid = 2", b'{"n":5.0}')
        assert any("the law disagrees with its membership of three" in fault for fault in opened.check().faults)
        plant(opened, "delete from events where eid = 0")
        plant(opened, "delete from conversations")
        faults = opened.check().faults
        assert "2 order events are stored, 3 are indexed." in faults
        assert "0 conversations are stored, 1 are indexed." in faults


IN_MEMORY: list[tuple[str, Callable[[Workspace], object], str]] = [
    (
        "a member too many",
        lambda ws: ws._engine.segments.by_sid[HIGH].members.add(0),
        "high: 0 who should be members are not, 1 are",
    ),
    (
        "a member too few",
        lambda ws: ws._engine.segments.by_sid[LOW].members.discard(0),
        "low: 1 who should be members are not",
    ),
    (
        "a member who is nobody",
        lambda ws: ws._engine.segments.by_sid[LIST].members.add(77),
        "list: some of its members do not exist",
    ),
    ("a sequence ahead", lambda ws: setattr(ws._engine, "last_sequence", 99), "in memory 99"),
]


@pytest.mark.parametrize(("fault", "told"), [pytest.param(*row[1:], id=row[0]) for row in IN_MEMORY])
def test_what_is_wrong_in_memory_is_told(workspace: Workspace, fault: Callable[[Workspace], object], told: str) -> None:
    fault(workspace)
    faults = workspace.check().faults
    assert any(told in one for one in faults), faults


def test_the_law_is_asked_too(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that is wrong in the same way as the members is still found out."""
    monkeypatch.setattr(module, "evaluate", lambda rule, view, moment: True)
    assert any("the law disagrees" in fault for fault in workspace.check().faults)


def test_a_hundred_faults_are_told_and_then_only_how_many_more(workspace: Workspace) -> None:
    workspace.profiles.put_many([ProfileInput(external_id=f"v{n}", properties={"n": n}) for n in range(200)])
    plant(workspace, "update profiles set document = ? where pid >= 10", b'{"n":-1.0}')
    faults = workspace.check().faults
    assert len(faults) == module.PROBLEMS_MAX + 1
    assert faults[-1].endswith("more.")


def test_counts_are_of_what_was_looked_at(workspace: Workspace) -> None:
    report = workspace.check()
    assert (report.profiles, report.segments, report.transitions) == (10, 3 + len(system_segments()), 13)


def test_a_wrong_document_is_found_after_opening_and_stays_as_it_is(workspace: Workspace) -> None:
    """`coterie check` opens a workspace as recorded, and does not correct what it should find."""
    path = workspace._engine.store.path
    plant(workspace, "update profiles set document = ? where pid = 7", b'{"n":1.0}')
    workspace.close()
    for _ in range(2):
        with Workspace(path, clock=ManualClock(Instant(1_772_323_200_000)), correct=False) as found:
            assert any("1 are and should not be" in fault for fault in found.check().faults)
            last = found.transitions.list(limit=1000).items[-1].sequence
    with Workspace(path, clock=ManualClock(Instant(1_772_323_200_000))) as corrected:
        assert any(
            "did not match the rule and were corrected at opening" in fault for fault in corrected.check().faults
        )
        assert (
            corrected.transitions.list(limit=1000).items[-1].sequence == last + 2
        )  # one left "high" and so entered "low"
    with Workspace(path, clock=ManualClock(Instant(1_772_323_200_000))) as again:
        assert again.check().faults == ()
