"""How many requests may wait for the writer, and what one more is answered."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from coterie.http.errors import Overloaded
from coterie.http.tracking.backpressure import ConcurrencyLimit
from tests.unit.http.tracking.harness import World, basic, opened, track


def test_waiting_requests_are_counted_until_they_leave() -> None:
    limit = ConcurrencyLimit(2)
    with limit.entered(), limit.entered():
        with pytest.raises(Overloaded):
            limit.refuse_if_full()
        with pytest.raises(Overloaded), limit.entered():
            pass
    with pytest.raises(RuntimeError), limit.entered():
        raise RuntimeError
    with limit.entered(), limit.entered():
        pass


def test_one_request_too_many_is_429_until_the_writer_goes_on(tmp_path: Path) -> None:
    """Two calls, as many as may, wait for a writer that is held up; the third is 429."""
    with opened(tmp_path / "data", tracking_waiting_max=2) as world:
        hold, entered = threading.Event(), threading.Event()

        def stop_the_writer(work: Any) -> None:
            entered.set()
            hold.wait(30)

        with ThreadPoolExecutor(4) as pool:
            try:
                held = pool.submit(world.workspace._engine.write, stop_the_writer)
                assert entered.wait(10)
                waiting = [pool.submit(world.ask, "track", track(f"u{number}")) for number in range(2)]
                until_waiting(world, 2)
                refused = world.client.post(
                    "/tracking/v1/track", json=track("u1"), headers={"Authorization": basic(world.keys["write"])}
                )
            finally:
                hold.set()
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == "1"
            assert refused.json()["code"] == "overloaded"
            held.result(30)
            assert [call.result(30) for call in waiting] == [{"success": True}] * 2
        assert world.ask("track", track("u9")) == {"success": True}
        assert world.workspace.profiles.list().total == 3


def until_waiting(world: World, count: int) -> None:
    """Return once `count` calls wait for the writer."""
    deadline = time.monotonic() + 20
    state = cast(Any, world.client.app).state
    while getattr(getattr(state, "tracking_limit", None), "waiting", 0) < count:
        assert time.monotonic() < deadline, "the calls never arrived"
        time.sleep(0.01)
