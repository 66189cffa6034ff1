"""The thread that watches the clock: it sleeps until the next due instant, and an idle workspace sleeps for good."""

from __future__ import annotations

import threading

from coterie.live.engine import Engine

LONGEST_SLEEP = 60.0
"""Seconds. A machine's clock can be set, so even a far due instant is looked at again."""


class Ticker:
    """Settles time when nobody writes or asks. Errors end up in `on_error`, and the thread goes on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="coterie-ticker", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._engine.due_changed.set()
        self._thread.join()

    def _loop(self) -> None:
        engine = self._engine
        while not self._stopped.is_set():
            engine.due_changed.clear()
            due = engine.book.due.next_at
            wait = None if due is None else min(max(0.0, (due - engine.clock.now()) / 1000), LONGEST_SLEEP)
            if wait == 0.0:
                engine.catch_up()
            else:
                engine.due_changed.wait(wait)
