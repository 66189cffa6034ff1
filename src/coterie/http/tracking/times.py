"""When an event happened: its sender's timestamp, corrected by how wrong that clock is. Pure.

The spec: `timestamp = receivedAt - (sentAt - originalTimestamp)`. `timestamp` (some trackers say
`originalTimestamp`) is the sender's clock at the event, `sentAt` its clock at the request; the
difference between `sentAt` and our clock is taken for the error of the sender's. Four limits:

* Clocks that agree within `AGREE_WITHIN` are not corrected: the difference is the time the request
  took, and a timestamp set by hand (`2026-01-01T00:00:00Z`) stays as it is.
* Only events with a `messageId` are corrected. A repeat arrives at another instant, and only the id
  shows that it is the same event.
* An event with both `timestamp` and `originalTimestamp` was corrected by another server.
* Without `sentAt` there is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Mapping

from coterie.clock import zone_named
from coterie.errors import InvalidValue
from coterie.rules.iso import parse_clock, parse_date, to_instant
from coterie.rules.values import INSTANT_MAX, INSTANT_MIN, OUTSIDE_YEARS, Instant, start_of_day

AGREE_WITHIN = 10_000
"""Milliseconds. Trackers give up on a request after ten to fifteen seconds."""

UTC = zone_named("UTC")


def occurred_at(message: Mapping[str, object], received_at: Instant, sent_at: Instant | None) -> Instant:
    """The instant of the event. A message's own `sentAt` wins over `sent_at`, the request's.

    Raises InvalidValue.
    """
    timestamp = instant_of(message, "timestamp")
    original = instant_of(message, "originalTimestamp")
    if timestamp is not None and original is not None:
        return timestamp
    at = original if timestamp is None else timestamp
    if at is None:
        return received_at
    own_sent_at = instant_of(message, "sentAt")
    sent = sent_at if own_sent_at is None else own_sent_at
    if sent is None or not message.get("messageId"):
        return at
    behind = received_at - sent
    if abs(behind) <= AGREE_WITHIN:
        return at
    corrected = at + behind
    if not INSTANT_MIN <= corrected <= INSTANT_MAX:
        raise InvalidValue(f"The time {OUTSIDE_YEARS}.", path=("timestamp",))
    return Instant(corrected)


def instant_of(message: Mapping[str, object], key: str) -> Instant | None:
    """The ISO 8601 time under `key`, None without one. It is UTC unless it has an offset.

    Raises InvalidValue.
    """
    raw = message.get(key)
    if raw is None:
        return None
    if isinstance(raw, str):
        day = parse_date(raw)
        if day is not None:
            return start_of_day(day, UTC)
        clock = parse_clock(raw)
        at = None if clock is None else to_instant(clock, UTC)
        if at is not None:
            return at
    raise InvalidValue(f"{key} is not a time.", path=(key,), hint="ISO 8601: 2026-03-01T09:30:00.000Z.")
