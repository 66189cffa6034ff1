"""Bounds how many tracking requests wait for the writer.

One more is answered 429 and sends itself again: trackers keep what they could not deliver, and an
unbounded queue would answer every one of them too late.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from coterie.http.errors import Overloaded
from coterie.settings import Settings


class ConcurrencyLimit:
    """Counts the requests that wait for the writer. One event loop uses it, so it has no lock."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.waiting = 0

    def refuse_if_full(self) -> None:
        """Raises Overloaded."""
        if self.waiting >= self._limit:
            raise Overloaded(
                f"{self._limit} requests are already waiting (tracking_waiting_max).",
                hint="Send it again in a second.",
            )

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Count one request while it waits. Raises Overloaded."""
        self.refuse_if_full()
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1


def limit_of(request: Request) -> ConcurrencyLimit:
    """The limit of this application, made at its first request."""
    state = request.app.state
    if not hasattr(state, "tracking_limit"):
        settings: Settings = state.server.settings
        state.tracking_limit = ConcurrencyLimit(settings.tracking_waiting_max)
    limit: ConcurrencyLimit = state.tracking_limit
    return limit
