"""When to retry a failed delivery, and when to abandon it. Pure: `now` and jitter are arguments.

Delays double from five seconds. Jitter makes each a fifth shorter or longer, so that deliveries
that failed together are not retried together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

FIRST_DELAY: Final = 5 * SECOND
RETRY_DELAY_MAX: Final = 4 * HOUR
"""Between two attempts at one delivery."""
PROBE_DELAY_MAX: Final = 15 * MINUTE
"""Between two probes of a destination that seems to be down: how late its return may be seen."""
ABANDONED_AFTER: Final = 5 * DAY
"""From the first failure: of one delivery, until it is abandoned; of every delivery, until the
destination is disabled."""
RETRY_AFTER_MAX: Final = DAY
"""The longest wait that a receiver can ask for."""
JITTER_SHARE: Final = 0.2

Jitter = Callable[[], float]
"""Returns a random number from 0 up to 1, as `random.random` does."""


def delay(failures: int, longest: int, jitter: Jitter) -> int:
    """Milliseconds to wait after this many failures (1 for the first)."""
    plain = min(FIRST_DELAY << min(failures - 1, 32), longest)
    return round(plain * (1 - JITTER_SHARE + 2 * JITTER_SHARE * jitter()))


def retry_after(header: str | None, now: int) -> int | None:
    """The wait that a `Retry-After` asks for, in milliseconds, at most `RETRY_AFTER_MAX`.

    The header holds seconds or a date. None where it is missing or unreadable.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:12]) * SECOND, RETRY_AFTER_MAX)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:  # "-0000", which means UTC
        date = date.replace(tzinfo=UTC)
    return min(max(0, round(date.timestamp() * SECOND) - now), RETRY_AFTER_MAX)
