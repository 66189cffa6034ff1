"""The only place that reads a clock, or looks up a time zone by name.

Deciding functions take `now` as an argument. What owns the passing of time (a workspace) is given a `Clock`: the
system's in life, a `ManualClock` in tests.
"""

from __future__ import annotations

import time
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coterie.errors import InvalidInput
from coterie.rules.values import Instant


class Clock(Protocol):
    """What a workspace asks the time of."""

    def now(self) -> Instant:
        """The present instant, in milliseconds since 1970-01-01T00:00:00Z."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        return Instant(time.time_ns() // 1_000_000)


class ManualClock:
    """A clock that stands still until it is moved, for tests and journeys."""

    def __init__(self, now: Instant) -> None:
        self._now = now

    def now(self) -> Instant:
        return self._now

    def move_to(self, now: Instant) -> None:
        self._now = now

    def advance(self, milliseconds: int) -> None:
        self._now = Instant(self._now + milliseconds)


class Deadline:
    """How long something that is under way may still take. It measures, in the machine's own seconds, and decides nothing that is kept."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self._ends = self._began + seconds

    def left(self) -> float:
        """Seconds until it is over; 0 from then on."""
        return max(0.0, self._ends - time.monotonic())

    def took(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began


def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone of that name. Raises InvalidInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, shaped like a path, a folder of zones
        raise InvalidInput(
            f"{name!r} is not a time zone.", path=("zone",), hint="Use an IANA name such as Europe/Berlin or UTC."
        ) from None
