"""The thread that watches the clock.

It sleeps until something falls due; in an idle workspace, for good.
"""

from __future__ import annotations

import threading

import structlog

from coterie.live.engine import Engine

LONGEST_SLEEP = 60.0
"""Seconds. A machine's clock can be set, so even a distant instant is looked at again."""

FIRST_RETRY = 0.5
"""Seconds until it tries again after an error.

They double with each further error, up to `LONGEST_SLEEP`.
"""

log = structlog.get_logger(__name__)


class Ticker:
    """Settles time when nobody writes or reads. Logs an error (a full disk) and tries again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="coterie-ticker", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, after the tick under way."""
        self._stopped.set()
        self._engine.settling.due_changed.set()
        self._thread.join()

    def _loop(self) -> None:
        retry = FIRST_RETRY
        while not self._stopped.is_set():
            try:
                self._wait_or_settle()
                retry = FIRST_RETRY
            except Exception as error:
                log.exception("tick_failed", error=str(error), again_in=retry)
                self._stopped.wait(retry)
                retry = min(2 * retry, LONGEST_SLEEP)

    def _wait_or_settle(self) -> None:
        engine = self._engine
        engine.settling.due_changed.clear()
        if self._stopped.is_set():  # checked after the clear, which may have undone the `set` of `close`
            return
        due = engine.segments.timetable.next_at
        wait = None if due is None else min(max(0.0, (due - engine.clock.now()) / 1000), LONGEST_SLEEP)
        if wait == 0.0:
            engine.catch_up()
        else:
            engine.settling.due_changed.wait(wait)
