"""When a delivery that failed is tried again, and when it is not any more. Pure: `now` and chance are arguments.

Delays double from five seconds, a fifth shorter or longer by chance, so that many deliveries that failed together do not come back together.
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
"""Between two attempts at a destination that seems to be down: it is noticed this soon that it is back."""
ABANDONED_AFTER: Final = 5 * DAY
"""From the first failure: of one delivery until it is given up, of everything until the destination is disabled."""
RETRY_AFTER_MAX: Final = DAY
"""A receiver that asks for a longer rest gets this one."""
JITTER: Final = 0.2

Jitter = Callable[[], float]
"""A number from 0 up to 1, as `random.random` gives."""


def delay(failures: int, longest: int, chance: Jitter) -> int:
    """Milliseconds to wait after so many failures (1 for the first)."""
    plain = min(FIRST_DELAY << min(failures - 1, 32), longest)
    return round(plain * (1 - JITTER + 2 * JITTER * chance()))


def retry_after(header: str | None, now: int) -> int | None:
    """Milliseconds that a `Retry-After` asks for, in seconds or as a date, at most `RETRY_AFTER_MAX`; None where it asks for nothing we can read."""
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
