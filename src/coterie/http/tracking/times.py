"""When an event happened: what its sender's clock said, put right by how wrong that clock is. Pure.

The spec: `timestamp = receivedAt - (sentAt - originalTimestamp)`. What trackers send as `timestamp` (some say `originalTimestamp`) is their clock at
the event, `sentAt` their clock at the request; the difference between `sentAt` and our clock is taken for the error of theirs. Four limits:

* Clocks that agree within `AGREE_WITHIN` are left alone: the difference is the way of the request, and a timestamp given by hand
  (`2026-01-01T00:00:00Z`) stays what it is.
* Only events with a `messageId` are put right. Sent again they arrive at another instant, and the id says that they are the same.
* An event with both `timestamp` and `originalTimestamp` has been through a server that put it right already.
* Without `sentAt` there is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Mapping

from coterie.clock import zone_named
from coterie.errors import InvalidValue
from coterie.rules.iso import parse_clock, parse_date, to_instant
from coterie.rules.values import INSTANT_MAX, INSTANT_MIN, Instant, start_of_day

AGREE_WITHIN = 10_000
"""Milliseconds. Trackers give up on a request after ten to fifteen seconds."""

UTC = zone_named("UTC")


def occurred_at(message: Mapping[str, object], received_at: Instant, sent_at: Instant | None) -> Instant:
    """`sent_at` is that of the request; the message's own goes before it. Raises InvalidValue."""
    stated = instant_of(message, "timestamp")
    original = instant_of(message, "originalTimestamp")
    if stated is not None and original is not None:
        return stated
    at = original if stated is None else stated
    if at is None:
        return received_at
    own = instant_of(message, "sentAt")
    sent = sent_at if own is None else own
    if sent is None or not message.get("messageId"):
        return at
    behind = received_at - sent
    if abs(behind) <= AGREE_WITHIN:
        return at
    right = at + behind
    if not INSTANT_MIN <= right <= INSTANT_MAX:
        raise InvalidValue("The time is outside the years 1 to 9999.", path=("timestamp",))
    return Instant(right)


def instant_of(message: Mapping[str, object], key: str) -> Instant | None:
    """The time under `key`, None when there is none. ISO 8601; without an offset it is UTC, as the spec says. Raises InvalidValue."""
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
