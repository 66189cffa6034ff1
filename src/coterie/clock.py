"""The only module that reads a clock or looks up a time zone by name.

Functions that decide take `now` as an argument. A workspace owns the passing of time and is given
a `Clock`: the system's in production, a `ManualClock` in tests.
"""

from __future__ import annotations

import time
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from coterie.errors import InvalidInput
from coterie.rules.values import Instant


class Clock(Protocol):
    """The source of the present instant."""

    def now(self) -> Instant:
        """The present instant, in milliseconds since 1970-01-01T00:00:00Z."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        return Instant(time.time_ns() // 1_000_000)


class ManualClock:
    """A clock that stands still until it is moved, for tests."""

    def __init__(self, now: Instant) -> None:
        self._now = now

    def now(self) -> Instant:
        return self._now

    def move_to(self, now: Instant) -> None:
        self._now = now

    def advance(self, milliseconds: int) -> None:
        self._now = Instant(self._now + milliseconds)


class Deadline:
    """A time limit on an operation, measured on the machine's monotonic clock.

    It decides nothing that is stored.
    """

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self._ends = self._began + seconds

    def left(self) -> float:
        """Seconds until the deadline; 0 once it has passed."""
        return max(0.0, self._ends - time.monotonic())

    def took(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began


def zone_named(name: str) -> ZoneInfo:
    """The IANA time zone with this name. Raises InvalidInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, shaped like a path, a folder of zones
        raise InvalidInput(
            f"{name!r} is not a time zone.", path=("zone",), hint="Use an IANA name such as Europe/Berlin or UTC."
        ) from None
