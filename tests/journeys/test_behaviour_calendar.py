"""Nights on which clocks change, leap days, midnights.

Calendar windows are cut in the workspace's zone; durations are exact.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.steps import (
    Journey,
    did,
    down,
    entered,
    event,
    has,
    journey,
    left,
    measured,
    moved,
    never,
    nothing,
    profile,
    segment,
    until,
    wait,
)

TODAY = {"calendar": "today"}

JOURNEYS = [
    journey(
        "today ends at local midnight",
        segment("today", did("order", window=TODAY)),
        wait("20h"),  # 01:45 of 2 March in Kathmandu
        event("ann", "order"),
        event("bob", "order", at="18h15m-1ms"),
        moved(entered("today", "ann")),
        until("3d"),
        moved(left("today", "ann", by="time", at="1d18h15m")),
        zone="Asia/Kathmandu",
    ),
    journey(
        "yesterday begins when today ends",
        segment("yesterday", did("order", window={"calendar": "yesterday"})),
        event("ann", "order"),
        until("9d"),
        moved(entered("yesterday", "ann", by="time", at="1d"), left("yesterday", "ann", by="time", at="2d")),
    ),
    journey(
        "tomorrow is never: no event counts before its own instant",
        segment("tomorrow", did("order", window={"calendar": "tomorrow"})),
        segment("next week", did("order", window={"calendar": "next_week"})),
        event("ann", "order", at="1d"),
        event("ann", "order", at="3d"),
        until("9d"),
        nothing(),
    ),
    journey(
        "an event from the future, today: from its own instant to midnight",
        segment("today", did("order", window=TODAY)),
        event("ann", "order", at="30h"),
        until("9d"),
        moved(entered("today", "ann", by="time", at="30h"), left("today", "ann", by="time", at="2d")),
    ),
    journey(
        "the week begins on Monday",
        segment("this week", did("order", window={"calendar": "this_week"})),
        segment("last week", did("order", window={"calendar": "last_week"})),
        event("ann", "order"),  # 1 March 2026 is a Sunday
        moved(entered("this week", "ann")),
        until("30d"),
        moved(
            left("this week", "ann", by="time", at="1d"),
            entered("last week", "ann", by="time", at="1d"),
            left("last week", "ann", by="time", at="8d"),
        ),
    ),
    journey(
        "the quarter and the year",
        segment("quarter", did("order", window={"calendar": "this_quarter"})),
        segment("year", did("order", window={"calendar": "this_year"})),
        segment("last year", did("order", window={"calendar": "last_year"})),
        event("ann", "order"),
        moved(entered("quarter", "ann"), entered("year", "ann")),
        until("2028-06-01T00:00:00Z"),
        moved(
            left("quarter", "ann", by="time", at="2026-04-01T00:00:00Z"),
            left("year", "ann", by="time", at="2027-01-01T00:00:00Z"),
            entered("last year", "ann", by="time", at="2027-01-01T00:00:00Z"),
            left("last year", "ann", by="time", at="2028-01-01T00:00:00Z"),
        ),
    ),
    journey(
        "the night the clocks go forward: today has 23 hours, a day of length has 24",
        segment("today", did("order", window=TODAY)),
        segment("a day", did("order", last="1d")),
        until("2026-03-28T23:30:00Z"),  # 00:30 on the 29th in Berlin
        event("ann", "order"),
        moved(entered("today", "ann"), entered("a day", "ann")),
        until("2026-04-02T00:00:00Z"),
        moved(
            left("today", "ann", by="time", at="2026-03-29T22:00:00Z"),
            left("a day", "ann", by="time", at="2026-03-29T23:30:00Z"),
        ),
        start="2026-03-28T12:00:00Z",
        zone="Europe/Berlin",
    ),
    journey(
        "the night the clocks go back: today has 25 hours",
        segment("today", did("order", window=TODAY)),
        segment("a day", did("order", last="1d")),
        until("2026-10-24T22:00:00Z"),  # midnight in Berlin
        event("ann", "order"),
        moved(entered("today", "ann"), entered("a day", "ann")),
        until("2026-10-30T00:00:00Z"),
        moved(
            left("a day", "ann", by="time", at="2026-10-25T22:00:00Z"),
            left("today", "ann", by="time", at="2026-10-25T23:00:00Z"),
        ),
        start="2026-10-24T12:00:00Z",
        zone="Europe/Berlin",
    ),
    journey(
        "a midnight that does not exist: the day begins at one o'clock",
        segment("today", did("order", window=TODAY)),
        event("ann", "order"),
        moved(entered("today", "ann")),
        until("2026-09-06T03:59:59.999Z"),
        nothing(),
        until("2026-09-08T00:00:00Z"),
        moved(left("today", "ann", by="time", at="2026-09-06T04:00:00Z")),
        start="2026-09-05T12:00:00Z",
        zone="America/Santiago",
    ),
    journey(
        "an hour before midnight that happens twice belongs to the day that ends",
        segment("today", did("order", window=TODAY)),
        event("ann", "order"),  # 23:30 of the 4th, for the first time
        moved(entered("today", "ann")),
        wait("1h"),  # 23:30 of the 4th, for the second time
        event("bob", "order"),
        moved(entered("today", "bob")),
        until("2026-04-06T00:00:00Z"),
        moved(
            left("today", "ann", by="time", at="2026-04-05T04:00:00Z"),
            left("today", "bob", by="time", at="2026-04-05T04:00:00Z"),
        ),
        start="2026-04-05T02:30:00Z",
        zone="America/Santiago",
    ),
    journey(
        "DST nights while the process is down",
        segment("today", did("order", window=TODAY)),
        segment("quiet", never("order", window=TODAY)),
        event("ann", "order"),
        moved(entered("today", "ann")),
        down("7d"),
        moved(
            left("today", "ann", by="time", at="2026-03-29T22:00:00Z"),
            entered("quiet", "ann", by="time", at="2026-03-29T22:00:00Z"),
        ),
        start="2026-03-29T00:30:00Z",
        zone="Europe/Berlin",
    ),
    journey(
        "February with a leap day",
        segment("this month", did("order", window={"calendar": "this_month"})),
        segment("last month", did("order", window={"calendar": "last_month"})),
        event("ann", "order"),
        moved(entered("this month", "ann")),
        until("2028-04-02T00:00:00Z"),
        moved(
            left("this month", "ann", by="time", at="2028-03-01T00:00:00Z"),
            entered("last month", "ann", by="time", at="2028-03-01T00:00:00Z"),
            left("last month", "ann", by="time", at="2028-04-01T00:00:00Z"),
        ),
        start="2028-02-28T12:00:00Z",
    ),
    journey(
        "on the leap day itself",
        segment("today", did("order", window=TODAY)),
        segment("that day", did("order", window={"from": "2028-02-29", "to": "2028-02-29"})),
        segment("a year", did("order", last="365d")),
        event("ann", "order"),
        moved(entered("today", "ann"), entered("that day", "ann"), entered("a year", "ann")),
        until("2030-01-01T00:00:00Z"),
        moved(
            left("today", "ann", by="time", at="2028-03-01T00:00:00Z"),
            left("a year", "ann", by="time", at="2029-02-28T10:00:00Z"),
        ),
        start="2028-02-29T10:00:00Z",
    ),
    journey(
        "who signed up on a leap day has the anniversary on 28 February in other years",
        segment("anniversary", measured("signup", "first_at", anniversary_in_next="1d")),
        event("ann", "signup", at="2024-02-29T08:00:00Z"),
        nothing(),
        until("2028-03-02T00:00:00Z"),
        moved(
            entered("anniversary", "ann", by="time", at="2027-02-28T00:00:00Z"),
            left("anniversary", "ann", by="time", at="2027-03-01T00:00:00Z"),
            entered("anniversary", "ann", by="time", at="2028-02-29T00:00:00Z"),
            left("anniversary", "ann", by="time", at="2028-03-01T00:00:00Z"),
        ),
    ),
    journey(
        "whole days of a zone, from and to",
        segment("fair", did("order", window={"from": "2026-03-02", "to": "2026-03-02"})),
        event("ann", "order", at="18h15m-1ms"),
        event("bob", "order", at="18h15m"),
        event("cat", "order", at="42h15m-1ms"),
        event("dan", "order", at="42h15m"),
        until("9d"),
        moved(entered("fair", "bob", by="time", at="18h15m"), entered("fair", "cat", by="time", at="42h15m-1ms")),
        zone="Asia/Kathmandu",
    ),
    journey(
        "a day the zone skipped altogether",
        segment("today", did("order", window=TODAY)),
        event("ann", "order"),  # 29 December 2011, late in the evening; 30 December never was in Apia
        moved(entered("today", "ann")),
        until("2012-01-02T00:00:00Z"),
        moved(left("today", "ann", by="time", at="2011-12-30T10:00:00Z")),
        start="2011-12-30T09:00:00Z",
        zone="Pacific/Apia",
    ),
    journey(
        "where by the calendar: a delivery that is due today",
        segment("due today", did("order", where=has("delivered_at", in_calendar="today"))),
        event("ann", "order", delivered_at={"time": "2026-03-04T15:00:00Z"}),
        until("9d"),
        moved(entered("due today", "ann", by="time", at="3d"), left("due today", "ann", by="time", at="4d")),
    ),
    journey(
        "counted by the calendar: twice this month, and what remains of it",
        segment("twice", measured("order", "count", window={"calendar": "this_month"}, at_least=2)),
        event("ann", "order"),
        until("30d23h"),
        event("ann", "order"),
        moved(entered("twice", "ann")),
        until("32d"),
        moved(left("twice", "ann", by="time", at="31d")),
    ),
    journey(
        "a property and an event, both by the calendar, turn at one midnight",
        segment("both", {"all": [did("order", window=TODAY), has("renews_at", in_calendar="today")]}),
        segment("one", {"any": [did("order", window=TODAY), has("renews_at", in_calendar="tomorrow")]}),
        profile("ann", renews_at={"time": "2026-03-02T12:00:00Z"}),
        moved(entered("one", "ann")),
        event("ann", "order", at="25h"),
        until("9d"),
        moved(
            left("one", "ann", by="time", at="1d"),
            entered("both", "ann", by="time", at="25h"),
            entered("one", "ann", by="time", at="25h"),
            left("both", "ann", by="time", at="2d"),
            left("one", "ann", by="time", at="2d"),
        ),
    ),
]


@pytest.mark.parametrize("journey", JOURNEYS)
def test_calendar(journey: Journey, tmp_path: Path) -> None:
    journey.go(tmp_path)
