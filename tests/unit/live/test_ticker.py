"""The thread that watches the clock survives errors, stops when told to, and never runs hot."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coterie import prop
from coterie.clock import ManualClock, SystemClock
from coterie.errors import StoreError
from coterie.live import ticker as module
from coterie.live.engine import Engine
from coterie.model import ProfileInput
from coterie.rules.values import DAY, Instant
from coterie.workspace import Workspace
from tests.strategies import NOW
from tests.unit.live.grouped import engine_of


def eventually(holds: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < 10
        time.sleep(0.005)


def test_an_error_is_logged_and_the_next_tick_settles_what_was_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY", 0.01)
    failures: list[int] = []
    catch_up = Engine.catch_up

    def failing(self: Engine) -> None:
        if threading.current_thread().name == "coterie-ticker" and len(failures) < 3:
            failures.append(1)
            raise StoreError("The disk is full.")
        catch_up(self)

    monkeypatch.setattr(Engine, "catch_up", failing)
    with Workspace(tmp_path / "one.sqlite") as workspace:
        workspace.segments.create("just now", prop("at").in_last("1s"))
        workspace.profiles.put(ProfileInput(external_id="a", properties={"at": {"time": int(workspace.now()) - 900}}))
        eventually(lambda: workspace.counts()["transitions"] == 2)
        assert len(failures) == 3


def test_a_close_in_the_very_moment_between_asking_and_sleeping_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = threading.Event()

    class Late(threading.Event):
        """Whoever clears it is overtaken by a close at just that place."""

        def clear(self) -> None:
            if closing.is_set():
                stopped.set()
                self.set()
            super().clear()

    workspace = Workspace(tmp_path / "one.sqlite", clock=ManualClock(Instant(NOW)))
    engine, stopped = engine_of(workspace), workspace._ticker._stopped
    old, engine.settling.due_changed = engine.settling.due_changed, Late()
    closing.set()
    old.set()  # wakes the thread, which turns to the new one
    eventually(lambda: not workspace._ticker._thread.is_alive())
    workspace.close()


def test_a_clock_behind_what_was_settled_does_not_keep_it_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock(Instant(NOW))
    with Workspace(tmp_path / "one.sqlite", clock=clock) as workspace:
        workspace.segments.create("recent", prop("at").in_last("1d"))
        workspace.profiles.put(ProfileInput(external_id="a", properties={"at": {"time": NOW}}))
        workspace.profiles.put(ProfileInput(external_id="b", properties={"at": {"time": NOW + DAY}}))
        clock.advance(DAY)
        workspace.segments.list()
        clock.advance(-30 * DAY)
        looks: list[int] = []
        catch_up = Engine.catch_up

        def counted(engine: Engine) -> None:
            looks.append(1)
            catch_up(engine)

        monkeypatch.setattr(Engine, "catch_up", counted)
        engine_of(workspace).settling.due_changed.set()
        time.sleep(0.2)
        assert len(looks) <= 1
        assert workspace.now() == NOW + DAY


def test_a_due_instant_that_is_of_nobody_any_more_is_looked_at_once(tmp_path: Path) -> None:
    clock = ManualClock(Instant(NOW))
    with Workspace(tmp_path / "one.sqlite", clock=clock) as workspace:
        recent = workspace.segments.create("recent", prop("at").in_last("1d"))
        workspace.profiles.put(ProfileInput(external_id="a", properties={"at": {"time": NOW}}))
        workspace.segments.delete(recent.id)
        clock.advance(2 * DAY)
        workspace.segments.list()
        assert engine_of(workspace).segments.timetable.next_at is None


def test_a_workspace_with_nothing_due_lets_its_thread_sleep_for_good(tmp_path: Path) -> None:
    class Counting(SystemClock):
        asked = 0

        def now(self) -> Instant:
            Counting.asked += 1
            return super().now()

    with Workspace(tmp_path / "one.sqlite", clock=Counting()) as workspace:
        workspace.segments.create("old", prop("n") > 1)
        time.sleep(0.05)
        asked = Counting.asked
        time.sleep(0.3)
        assert Counting.asked == asked


@pytest.mark.parametrize("zone", ["America/Santiago", "Asia/Kathmandu"])
def test_the_next_due_instant_is_never_too_late(tmp_path: Path, zone: str) -> None:
    """After every kind of change, and after opening: nobody moves before the due instant."""
    clock = ManualClock(Instant(NOW))
    path = tmp_path / "one.sqlite"
    workspace = Workspace(path, clock=clock, zone=zone)
    changes: list[Callable[[Workspace], object]] = [
        lambda ws: ws.profiles.put(ProfileInput(external_id="a", properties={"at": {"time": NOW + 3 * DAY + 7}})),
        lambda ws: ws.segments.create("soon", prop("at").in_next("1d")),
        lambda ws: ws.segments.create("recent", prop("at").in_last("2d")),
        lambda ws: ws.segments.update(ws.segments.list().items[0].id, rule=prop("at").in_next("2d")),
        lambda ws: ws.profiles.put(ProfileInput(external_id="a", properties={"at": {"time": NOW + 5 * DAY}})),
        lambda ws: ws.segments.create("today", prop("at").in_calendar("today")),
        lambda ws: ws.profiles.put(ProfileInput(external_id="a", properties={"at": None, "other": 1})),
        lambda ws: ws.profiles.put(ProfileInput(external_id="a", properties={"at": {"time": NOW + 2 * DAY}})),
        lambda ws: ws.segments.delete(ws.segments.list().items[2].id),
        lambda ws: ws.properties.declare("at", None),
    ]  # fmt: skip
    for change in changes:
        change(workspace)
        for _ in range(9):
            due = engine_of(workspace).segments.timetable.next_at
            step = Instant(clock.now() + DAY // 4 + 12_345)
            clock.move_to(step if due is None else min(step, Instant(due - 1)))
            assert workspace.check().faults == ()
            if due is not None and due <= step:
                clock.move_to(due)
                assert workspace.check().faults == ()
        workspace.close()
        workspace = Workspace(path, clock=clock, zone=zone)
    workspace.close()
