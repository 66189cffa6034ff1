"""When an event happened, by its sender's clock and as corrected."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.errors import InvalidValue
from coterie.http.tracking.times import AGREE_WITHIN, instant_of, occurred_at
from coterie.rules.values import Instant

RECEIVED = Instant(1_772_532_000_250)  # 2026-03-03T10:00:00.250Z
HOUR = 3_600_000


def at(text: str) -> Instant:
    instant = instant_of({"t": text}, "t")
    assert instant is not None
    return instant


def iso(instant: int) -> str:
    return Instant(instant).iso()


CASES: list[tuple[str, dict[str, Any], str | None, str]] = [
    ("no timestamp is now", {}, None, "2026-03-03T10:00:00.250Z"),
    ("without sentAt it is what it says", {"timestamp": "2026-03-01T09:00:00Z"}, None, "2026-03-01T09:00:00.000Z"),
    ("an offset is kept", {"timestamp": "2026-03-01T09:00:00+02:00"}, None, "2026-03-01T07:00:00.000Z"),
    ("none is UTC", {"timestamp": "2026-03-01T09:00:00.123456"}, None, "2026-03-01T09:00:00.123Z"),
    ("a date is its first instant", {"timestamp": "2026-03-01"}, None, "2026-03-01T00:00:00.000Z"),
    ("the older name", {"originalTimestamp": "2026-03-01T09:00:00Z"}, None, "2026-03-01T09:00:00.000Z"),
    (
        "a clock an hour ahead is corrected",
        {"timestamp": "2026-03-03T10:59:00.250Z", "messageId": "m"},
        "2026-03-03T11:00:00.250Z",
        "2026-03-03T09:59:00.250Z",
    ),
    (
        "a clock a day behind is corrected",
        {"timestamp": "2026-03-02T09:00:00.250Z", "messageId": "m"},
        "2026-03-02T10:00:00.250Z",
        "2026-03-03T09:00:00.250Z",
    ),
    (
        "the time a request takes is not an error of a clock",
        {"timestamp": "2026-03-01T00:00:00Z", "messageId": "m"},
        iso(RECEIVED - AGREE_WITHIN),
        "2026-03-01T00:00:00.000Z",
    ),
    (
        "nor is a clock a moment ahead",
        {"timestamp": "2026-03-01T00:00:00Z", "messageId": "m"},
        iso(RECEIVED + AGREE_WITHIN),
        "2026-03-01T00:00:00.000Z",
    ),
    (
        "one millisecond more is",
        {"timestamp": "2026-03-01T00:00:00Z", "messageId": "m"},
        iso(RECEIVED - AGREE_WITHIN - 1),
        "2026-03-01T00:00:10.001Z",
    ),
    (
        "without an id it stays, because a repeat would be another event",
        {"timestamp": "2026-03-03T10:59:00.250Z"},
        "2026-03-03T11:00:00.250Z",
        "2026-03-03T10:59:00.250Z",
    ),
    (
        "a message's own sentAt wins over the request's",
        {"timestamp": "2026-03-03T10:59:00.250Z", "messageId": "m", "sentAt": "2026-03-03T11:00:00.250Z"},
        "2026-03-03T10:00:00.250Z",
        "2026-03-03T09:59:00.250Z",
    ),
    (
        "with both timestamps another server has corrected it",
        {"timestamp": "2026-03-03T09:59:00Z", "originalTimestamp": "2026-03-03T10:59:00Z", "messageId": "m"},
        "2026-03-03T11:00:00.250Z",
        "2026-03-03T09:59:00.000Z",
    ),
    (
        "a sentAt at the beginning of time is one",
        {"timestamp": "1970-01-01T00:00:00Z", "messageId": "m", "sentAt": "1970-01-01T00:00:00Z"},
        None,
        "2026-03-03T10:00:00.250Z",
    ),
]


@pytest.mark.parametrize(
    ("message", "sent_at", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_occurred(message: dict[str, Any], sent_at: str | None, expected: str) -> None:
    at_ = occurred_at(message, RECEIVED, None if sent_at is None else at(sent_at))
    assert at_.iso() == expected


@pytest.mark.parametrize(
    "wrong",
    ["yesterday", "2015-2-02T00:30:08.276Z", "", 1_772_532_000_250, True, {"time": "2026-03-01"}, ["2026-03-01"]],
)
@pytest.mark.parametrize("key", ["timestamp", "originalTimestamp", "sentAt"])
def test_a_value_that_is_not_a_time_is_refused_at_its_key(key: str, wrong: Any) -> None:
    with pytest.raises(InvalidValue) as caught:
        occurred_at({"timestamp": "2026-03-01T00:00:00Z", "messageId": "m"} | {key: wrong}, RECEIVED, None)
    assert caught.value.path == (key,)


def test_a_correction_past_the_end_of_time_is_refused() -> None:
    message = {"timestamp": "9999-12-31T23:00:00Z", "messageId": "m"}
    with pytest.raises(InvalidValue):
        occurred_at(message, RECEIVED, Instant(RECEIVED - 2 * HOUR))
