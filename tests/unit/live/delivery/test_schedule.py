"""When a failed delivery is retried."""

from __future__ import annotations

import pytest

from coterie.live.delivery.schedule import (
    DAY,
    HOUR,
    MINUTE,
    PROBE_DELAY_MAX,
    RETRY_DELAY_MAX,
    SECOND,
    delay,
    retry_after,
)

NOW = 1_772_357_400_000  # 2026-03-01T09:30:00Z


def test_delays_double_from_five_seconds_up_to_the_longest() -> None:
    plain = [delay(failures, RETRY_DELAY_MAX, lambda: 0.5) for failures in range(1, 15)]
    assert plain[:4] == [5 * SECOND, 10 * SECOND, 20 * SECOND, 40 * SECOND]
    assert plain[-2:] == [4 * HOUR, 4 * HOUR]
    assert delay(1_000_000, PROBE_DELAY_MAX, lambda: 0.5) == 15 * MINUTE


def test_jitter_makes_a_delay_a_fifth_shorter_or_longer() -> None:
    assert delay(1, RETRY_DELAY_MAX, lambda: 0.0) == 4 * SECOND
    assert delay(1, RETRY_DELAY_MAX, lambda: 0.999_999_999) == 6 * SECOND


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", 120 * SECOND),
        (" 0 ", 0),
        ("99999999999999999999999", DAY),
        ("Sun, 01 Mar 2026 09:31:00 GMT", MINUTE),
        ("Sun, 01 Mar 2026 09:31:00 -0000", MINUTE),
        ("Sun, 01 Mar 2026 09:29:00 GMT", 0),
        ("Mon, 01 Mar 2027 09:29:00 GMT", DAY),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("Fri, 99 Foo 99999 99:99:99 GMT", None),
        (None, None),
    ],
)
def test_retry_after_is_honoured_up_to_a_day(header: str | None, wait: int | None) -> None:
    assert retry_after(header, NOW) == wait
