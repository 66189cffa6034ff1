"""An answer is of one moment and of one commit, while the clock runs and a commit is published."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie import prop
from coterie.clock import SystemClock
from coterie.live.engine import Engine
from coterie.model import Action, ProfileInput
from coterie.rules.values import Instant
from coterie.workspace import Workspace
from tests.unit.live.grouped import engine_of


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace(tmp_path / "one.sqlite") as opened:
        opened.segments.create("even", prop("parity") == "even")
        yield opened


class Racing(SystemClock):
    """A clock that advances by a second at each reading, so that something is always due."""

    def __init__(self) -> None:
        self._now = 1_772_323_200_000
        self._mutex = threading.Lock()

    def now(self) -> Instant:
        with self._mutex:
            self._now += 1_000
            return Instant(self._now)


def test_an_answer_is_of_the_moment_it_names_though_the_clock_runs_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coterie.workspace.workspace.Ticker", Idle)
    clock = Racing()
    with Workspace(tmp_path / "one.sqlite", clock=clock) as workspace:
        recent = workspace.segments.create("recent", prop("at").in_last("60s"))
        base = int(clock.now())
        workspace.profiles.put_many(
            [ProfileInput(external_id=f"u{n}", properties={"at": {"time": base + n * 500}}) for n in range(120)]
        )
        ids = [one.id for one in workspace.profiles.list(limit=200).items]
        for turn in range(60):
            found = workspace.preview(prop("at").in_last("60s"), compare_to=recent.id)
            assert found.comparison is not None
            assert (found.comparison.enter, found.comparison.leave) == (0, 0)
            told = workspace.explain(ids[turn], recent.id)
            assert told.verdict is not None
            assert told.verdict.holds == told.member


class Idle:
    """In place of the ticker: only questions settle time here."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def close(self) -> None:
        assert not self.engine._closed


def test_the_feed_never_runs_ahead_of_the_memberships(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit that is on disk and not yet visible is in neither."""
    engine = engine_of(workspace)
    on_disk, go_on = threading.Event(), threading.Event()
    publish = engine._publish

    def slow(*args: object) -> None:
        on_disk.set()
        assert go_on.wait(10)
        publish(*args)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(engine, "_publish", slow)
    sent = ProfileInput(external_id="u", properties={"parity": "even"})
    writing = threading.Thread(target=workspace.profiles.put, args=(sent,))
    writing.start()
    assert on_disk.wait(10)
    assert workspace.transitions.list().items == ()
    assert workspace.segments.get(workspace.segments.list().items[0].id).member_count == 0
    go_on.set()
    writing.join(10)
    assert [one.action for one in workspace.transitions.list().items] == [Action.ENTER]
    assert workspace.segments.get(workspace.segments.list().items[0].id).member_count == 1
