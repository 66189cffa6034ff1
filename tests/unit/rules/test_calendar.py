"""Calendar words, anniversaries and the next midnight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from coterie.rules.calendar import CALENDAR_WORDS, anniversary_days, calendar_range, month_and_day, next_midnight
from coterie.rules.moment import Moment
from coterie.rules.values import DAY, INSTANT_MAX, INSTANT_MIN, Instant
from tests.strategies import moments


def at(written: str) -> Instant:
    return Instant.of(datetime.fromisoformat(written).replace(tzinfo=UTC))


def moment(written: str, zone: str = "UTC") -> Moment:
    return Moment(at(written), ZoneInfo(zone))


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("yesterday", "2026-03-14", "2026-03-15"),
        ("today", "2026-03-15", "2026-03-16"),
        ("tomorrow", "2026-03-16", "2026-03-17"),
        ("last_week", "2026-03-02", "2026-03-09"),
        ("this_week", "2026-03-09", "2026-03-16"),
        ("next_week", "2026-03-16", "2026-03-23"),
        ("last_month", "2026-02-01", "2026-03-01"),
        ("this_month", "2026-03-01", "2026-04-01"),
        ("next_month", "2026-04-01", "2026-05-01"),
        ("last_quarter", "2025-10-01", "2026-01-01"),
        ("this_quarter", "2026-01-01", "2026-04-01"),
        ("next_quarter", "2026-04-01", "2026-07-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("this_year", "2026-01-01", "2027-01-01"),
        ("next_year", "2027-01-01", "2028-01-01"),
    ],
)
def test_each_word_on_sunday_15_march_2026(word: str, first: str, last: str) -> None:
    assert calendar_range(word, moment("2026-03-15T12:00")) == (at(first), at(last) - 1)


def test_every_word_is_covered_by_the_table_above() -> None:
    table = next(mark for mark in test_each_word_on_sunday_15_march_2026.pytestmark if mark.name == "parametrize")
    assert [row[0] for row in table.args[1]] == list(CALENDAR_WORDS)


@pytest.mark.parametrize(
    ("now", "word", "first", "last"),
    [
        ("2026-01-01T00:00", "last_month", "2025-12-01", "2026-01-01"),
        ("2026-01-01T00:00", "last_quarter", "2025-10-01", "2026-01-01"),
        ("2026-12-31T23:59:59.999", "next_month", "2027-01-01", "2027-02-01"),
        ("2026-12-31T23:59:59.999", "next_quarter", "2027-01-01", "2027-04-01"),
        ("2024-03-01T00:00", "last_month", "2024-02-01", "2024-03-01"),
        ("2026-03-16T00:00", "this_week", "2026-03-16", "2026-03-23"),
        ("2027-01-01T12:00", "this_week", "2026-12-28", "2027-01-04"),
    ],
)
def test_periods_at_the_edges_of_months_years_and_weeks(now: str, word: str, first: str, last: str) -> None:
    assert calendar_range(word, moment(now)) == (at(first), at(last) - 1)


def test_words_are_cut_in_the_zone_and_follow_its_clock_changes() -> None:
    berlin = moment("2026-03-29T12:00", "Europe/Berlin")
    assert calendar_range("today", berlin) == (at("2026-03-28T23:00"), at("2026-03-29T22:00") - 1)
    santiago = moment("2024-09-08T12:00", "America/Santiago")
    assert calendar_range("today", santiago) == (at("2024-09-08T04:00"), at("2024-09-09T03:00") - 1)


@given(moments())
def test_last_this_and_next_follow_each_other_without_a_gap(asked: Moment) -> None:
    for words in zip(CALENDAR_WORDS[::3], CALENDAR_WORDS[1::3], CALENDAR_WORDS[2::3], strict=True):
        past, present, future = (calendar_range(word, asked) for word in words)
        assert past[1] + 1 == present[0] <= asked.now <= present[1] == future[0] - 1


@given(moments())
def test_until_the_next_midnight_today_stays_the_same_and_then_it_does_not(asked: Moment) -> None:
    midnight = next_midnight(asked)
    today = calendar_range("today", asked)
    assert calendar_range("today", Moment(Instant(midnight - 1), asked.zone)) == today
    assert calendar_range("today", Moment(midnight, asked.zone))[0] == midnight == today[1] + 1


def test_the_next_midnight_after_clocks_went_back_across_one_is_a_day_later() -> None:
    within = moment("2010-11-07T03:00", "America/St_Johns")  # it is 23:30 on the 6th there, for the second time
    assert next_midnight(within) == at("2010-11-08T03:30")


# --- anniversaries --------------------------------------------------------------------------------


def test_the_days_of_an_anniversary_begin_with_today() -> None:
    assert anniversary_days(3, moment("2026-12-30T12:00")) == {(12, 30), (12, 31), (1, 1)}


@pytest.mark.parametrize(
    ("now", "days", "kept"),
    [
        ("2026-02-27T12:00", 1, False),
        ("2026-02-27T12:00", 2, True),  # 28 February 2026 is among them, and 2026 has no 29th
        ("2026-02-28T12:00", 1, True),
        ("2026-03-01T12:00", 7, False),
        ("2028-02-28T12:00", 1, False),  # 2028 has its own 29th
        ("2028-02-28T12:00", 2, True),
        ("2028-02-29T12:00", 1, True),
        ("2027-12-31T12:00", 366, True),
    ],
)
def test_29_february_is_kept_on_the_28th_in_years_without_one(now: str, days: int, kept: bool) -> None:
    assert ((2, 29) in anniversary_days(days, moment(now))) is kept


def test_all_days_of_the_year_are_within_366_days() -> None:
    every = {
        (
            (at("2028-01-01").moment() + timedelta(days=ahead)).month,
            (at("2028-01-01").moment() + timedelta(days=ahead)).day,
        )
        for ahead in range(366)
    }
    assert anniversary_days(366, moment("2026-06-01T12:00")) == every
    assert anniversary_days(366, moment("2028-01-01T12:00")) == every


def test_today_is_the_date_in_the_zone() -> None:
    assert anniversary_days(1, moment("2026-03-15T23:30", "Europe/Berlin")) == {(3, 16)}
    assert month_and_day(at("1990-03-15T23:30"), ZoneInfo("Europe/Berlin")) == (3, 16)


def test_month_and_day_go_on_beyond_the_ends_of_the_calendar() -> None:
    assert month_and_day(Instant(INSTANT_MAX), ZoneInfo("Pacific/Kiritimati")) == (1, 1)
    assert month_and_day(Instant(INSTANT_MIN), ZoneInfo("America/New_York")) == (12, 31)
    assert month_and_day(Instant(INSTANT_MAX - DAY), ZoneInfo("UTC")) == (12, 30)
