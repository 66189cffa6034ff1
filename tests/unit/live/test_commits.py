"""Group commit: who shares a commit shares nothing else, and a commit that fails never happened.

It is long because every way in which a commit can break is staged here by hand.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from pyroaring import BitMap

from coterie import prop
from coterie.clock import ManualClock
from coterie.errors import CoterieError, IdempotencyConflict, InvalidInput, NotFound, StoreError
from coterie.live.writer import Job
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import IdempotencyRecord, IdempotentReplay, ProfileInput, ProfileWrite, SegmentKind
from coterie.rules.values import Instant
from coterie.store.store import Store, Transaction
from coterie.workspace import Workspace
from tests.unit.live.grouped import Run, engine_of, in_one_commit


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "one.sqlite", clock=ManualClock(Instant(1_772_323_200_000))) as opened:
        opened.segments.create("high", prop("n") >= 5)
        yield opened


def putting(workspace: Workspace, name: str, **properties: object) -> Run:
    sent = ProfileInput(external_id=name, properties=properties)
    return lambda work: engine_of(workspace).profiles.put(work, sent, "external_id")


def everybody(workspace: Workspace) -> list[str | None]:
    return [one.external_id for one in workspace.profiles.list(limit=1000).items]


def commits(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each transaction."""
    counted: list[int] = []
    write = Store.write

    def counting(self: Store, work: Callable[[Transaction], Any]) -> Any:
        counted.append(1)
        return write(self, work)

    monkeypatch.setattr(Store, "write", counting)
    return counted


def test_writes_that_wait_share_one_commit(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = commits(workspace, monkeypatch)
    answers = in_one_commit(workspace, [putting(workspace, f"u{n}", n=n) for n in range(10)])
    assert all(isinstance(one.result(), ProfileWrite) for one in answers)
    assert len(counted) == 2  # the one that held the gate, and theirs
    assert workspace.segments.list().items[0].member_count == 5


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), StoreError("of this job alone"), RecursionError()])
def test_one_that_breaks_does_not_break_the_others(workspace: Workspace, error: Exception) -> None:
    def broken(work: UnitOfWork) -> None:
        putting(workspace, "half", n=9)(work)
        raise error

    if isinstance(
        error, CoterieError
    ):  # such an error promises that nothing was changed; here it comes with the answer

        def told(answer: object) -> bytes:
            raise error

        bad: Any = (putting(workspace, "half", n=9), IdempotencyRecord("key", "print", told))
    else:
        bad = broken
    first, second, third = in_one_commit(workspace, [putting(workspace, "a", n=9), bad, putting(workspace, "b", n=9)])
    assert isinstance(first.result(), ProfileWrite)
    assert second.exception() is error
    assert isinstance(third.result(), ProfileWrite)
    assert everybody(workspace) == ["a", "b"]
    assert workspace.segments.list().items[0].member_count == 2
    assert workspace.check().faults == ()


def test_one_that_the_store_refuses_does_not_break_the_others(workspace: Workspace) -> None:
    def twice(work: UnitOfWork) -> None:
        work.tx.set_meta("x", None)  # type: ignore[arg-type]  # what SQLite refuses, as a fault of ours would

    first, second = in_one_commit(workspace, [putting(workspace, "a", n=9), twice])
    assert isinstance(first.result(), ProfileWrite)
    assert isinstance(second.exception(), StoreError)
    assert everybody(workspace) == ["a"]


def test_one_that_is_refused_leaves_nothing_and_the_others_go_in(workspace: Workspace) -> None:
    wrong = ProfileInput(external_id="", properties={"never seen": 1})
    missing = "0198f1f0-0000-7000-8000-000000000000"
    first, second, third = in_one_commit(
        workspace,
        [
            lambda work: engine_of(workspace).profiles.put(work, wrong, "external_id"),
            lambda work: engine_of(workspace).profiles.delete(work, missing),
            putting(workspace, "a", n=9),
        ],
    )
    assert isinstance(first.exception(), InvalidInput)
    assert isinstance(second.exception(), NotFound)
    assert isinstance(third.result(), ProfileWrite)
    assert [one.name for one in workspace.properties.list()] == ["n"]


# --- idempotency


def test_the_same_key_twice_in_one_commit_writes_once(workspace: Workspace) -> None:
    idempotency = IdempotencyRecord("key", "print", lambda answer: b"told")
    first, second, third = in_one_commit(
        workspace,
        [
            (putting(workspace, "a", n=1), idempotency),
            (putting(workspace, "a", n=2), idempotency),
            (putting(workspace, "a", n=3), IdempotencyRecord("key", "another", lambda answer: b"")),
        ],
    )
    assert isinstance(first.result(), ProfileWrite)
    again = second.exception()
    assert isinstance(again, IdempotentReplay)
    assert again.answer == b"told"
    assert isinstance(third.exception(), IdempotencyConflict)
    assert workspace.profiles.get(external_id="a").properties == {"n": 1.0}


def test_a_key_is_forgotten_when_its_time_is_over(workspace: Workspace) -> None:
    clock = engine_of(workspace).clock
    assert isinstance(clock, ManualClock)
    idempotency = IdempotencyRecord("key", "print", lambda answer: b"told")
    workspace.profiles.put(ProfileInput(external_id="a"), idempotency=idempotency)
    clock.advance(workspace.settings.idempotency_kept_for * 1000)
    with pytest.raises(IdempotentReplay):
        workspace.profiles.put(ProfileInput(external_id="b"), idempotency=idempotency)
    clock.advance(1)
    workspace.profiles.put(
        ProfileInput(external_id="b"), idempotency=IdempotencyRecord("key", "another", lambda answer: b"told")
    )
    assert everybody(workspace) == ["a", "b"]


def test_an_answer_that_cannot_be_rendered_undoes_its_write(workspace: Workspace) -> None:
    def broken(answer: object) -> bytes:
        raise ValueError("cannot be said")

    with pytest.raises(ValueError, match="cannot be said"):
        workspace.profiles.put(ProfileInput(external_id="a"), idempotency=IdempotencyRecord("key", "print", broken))
    assert everybody(workspace) == []
    workspace.profiles.put(
        ProfileInput(external_id="a"), idempotency=IdempotencyRecord("key", "print", lambda answer: b"told")
    )
    assert everybody(workspace) == ["a"]


# --- a commit that fails


def failing_at_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next transactions do all their work, and are then undone as on a full disk."""
    write = Store.write

    def full(self: Store, work: Callable[[Transaction], Any]) -> Any:
        def then_fail(tx: Transaction) -> Any:
            work(tx)
            raise StoreError("The disk is full; nothing was stored.")

        return write(self, then_fail)

    monkeypatch.setattr(Store, "write", full)


WRITES: list[tuple[str, Callable[[Workspace], object]]] = [
    ("a new profile", lambda ws: ws.profiles.put(ProfileInput(external_id="b", properties={"n": 9, "new": "text"}))),
    ("a change", lambda ws: ws.profiles.put(ProfileInput(external_id="a", properties={"n": 1}))),
    (
        "a batch",
        lambda ws: ws.profiles.put_many([ProfileInput(external_id=f"u{n}", properties={"n": n}) for n in range(50)]),
    ),
    ("a delete", lambda ws: ws.profiles.delete(ws.profiles.get(external_id="a").id)),
    (
        "a list change",
        lambda ws: ws.segments.add_members(
            ws.segments.list().items[1].id, [ws.profiles.get(external_id="a").id]
        ),
    ),
    ("a new segment", lambda ws: ws.segments.create("any", prop("n") >= 0)),
    ("an edit", lambda ws: ws.segments.update(ws.segments.list().items[0].id, rule=prop("n") >= 100)),
    ("a deleted segment", lambda ws: ws.segments.delete(ws.segments.list().items[0].id)),
    ("a declaration", lambda ws: ws.properties.declare("plan", None)),
]  # fmt: skip


@pytest.mark.parametrize("write", [pytest.param(write, id=name) for name, write in WRITES])
def test_a_commit_that_fails_moves_nothing_in_memory(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, write: Callable[[Workspace], object]
) -> None:
    workspace.profiles.put(ProfileInput(external_id="a", properties={"n": 9}))
    workspace.segments.create("list", kind=SegmentKind.STATIC)
    before = (
        workspace.segments.list(),
        workspace.properties.list(),
        workspace.counts()["transitions"],
        everybody(workspace),
    )
    with monkeypatch.context() as patched:
        failing_at_commit(patched)
        with pytest.raises(StoreError, match="full"):
            write(workspace)
        after = (
            workspace.segments.list(),
            workspace.properties.list(),
            workspace.counts()["transitions"],
            everybody(workspace),
        )
    assert after == before
    assert workspace.check().faults == ()
    write(workspace)
    assert workspace.check().faults == ()


def test_time_that_could_not_be_written_is_settled_by_the_next_commit(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = engine_of(workspace).clock
    assert isinstance(clock, ManualClock)
    recent = workspace.segments.create("recent", prop("seen_at").in_last("1d"))
    workspace.profiles.put(ProfileInput(external_id="a", properties={"seen_at": {"time": int(clock.now())}}))
    with monkeypatch.context() as patched:
        failing_at_commit(patched)
        clock.advance(2 * 86_400_000)
        with pytest.raises(StoreError):
            workspace.segments.get(recent.id)
    assert workspace.segments.get(recent.id).member_count == 0
    assert workspace.check().faults == ()


def test_a_snapshot_that_fails_is_not_the_writers_fault(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coterie.live.snapshots.SNAPSHOT_EVERY", 1)

    def full(self: Transaction, *args: object) -> None:
        raise StoreError("The disk is full; nothing was stored.")

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "save_membership", full)
        assert isinstance(workspace.profiles.put(ProfileInput(external_id="a", properties={"n": 9})), ProfileWrite)
    workspace.profiles.put(ProfileInput(external_id="b", properties={"n": 9}))
    assert workspace.check().faults == ()  # in the writer's turn, so the second snapshot is on disk by now
    ((packed,),) = apsw.Connection(str(tmp_path / "one.sqlite")).execute("select members from membership_snapshots")
    assert BitMap.deserialize(packed) == BitMap([0, 1])


def test_a_publication_that_breaks_stops_the_workspace_and_loses_nothing(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory may then differ from the disk: nobody may write on top of it, or read from it."""
    engine = engine_of(workspace)

    def broken(*args: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(engine.index, "publish", broken)
    answers = in_one_commit(workspace, [putting(workspace, "a", n=9), putting(workspace, "b", n=9)])
    assert all(isinstance(one.exception(), Exception) for one in answers)
    monkeypatch.undo()
    with pytest.raises(StoreError, match="Open it again"):
        workspace.profiles.put(ProfileInput(external_id="c"))
    with pytest.raises(StoreError, match="Open it again"):
        workspace.segments.get(workspace._engine.segments.by_sid[1].id)
    workspace.close()
    with Workspace(tmp_path / "one.sqlite", clock=engine.clock) as again:
        assert everybody(again) == ["a", "b"]
        assert again.segments.list().items[0].member_count == 2
        assert again.check().faults == ()


# --- the end


def test_what_was_submitted_before_the_close_is_written(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "one.sqlite")
    engine = engine_of(workspace)
    gate = threading.Event()
    engine._writer.submit(Job(lambda work: gate.wait(10)))
    waiting = [engine._writer.submit(Job(putting(workspace, f"u{n}", n=n))) for n in range(20)]
    waiting.append(engine._writer.submit(Job(putting(workspace, "alone", n=1), alone=True)))
    closing = threading.Thread(target=workspace.close)
    closing.start()
    gate.set()
    closing.join(10)
    assert not closing.is_alive()
    assert all(isinstance(one.result(0), ProfileWrite) for one in waiting)
    with Workspace(tmp_path / "one.sqlite") as again:
        assert len(everybody(again)) == 21


AFTER: list[tuple[str, Callable[[Workspace], object]]] = [
    ("put_profile", lambda ws: ws.profiles.put(ProfileInput(external_id="a"))),
    ("get_profile", lambda ws: ws.profiles.get(external_id="a")),
    ("profiles", lambda ws: ws.profiles.list()),
    ("create_segment", lambda ws: ws.segments.create("x", prop("n") > 1)),
    ("segments", lambda ws: ws.segments.list()),
    ("preview", lambda ws: ws.preview(prop("n") > 1)),
    ("transitions", lambda ws: ws.transitions.list()),
    ("properties", lambda ws: ws.properties.list()),
    ("describe_property", lambda ws: ws.properties.describe("n")),
    ("check", lambda ws: ws.check()),
]


@pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in AFTER])
def test_a_closed_workspace_says_so(workspace: Workspace, call: Callable[[Workspace], object]) -> None:
    workspace.profiles.put(ProfileInput(external_id="a", properties={"n": 2}))
    workspace.close()
    with pytest.raises(StoreError, match="closed"):
        call(workspace)
    workspace.close()


def test_a_close_that_cannot_save_lets_go_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tmp_path / "one.sqlite")
    workspace.segments.create("all", prop("n") >= 0)
    workspace.profiles.put(ProfileInput(external_id="a", properties={"n": 2}))
    with monkeypatch.context() as patched:
        failing_at_commit(patched)
        workspace.close()
    with pytest.raises(StoreError, match="closed"):
        workspace.profiles.get(external_id="a")
    with Workspace(tmp_path / "one.sqlite") as again:
        assert again.segments.list().items[0].member_count == 1
        assert again.check().faults == ()
