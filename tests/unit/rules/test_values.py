"""Folding, and days in zones whose clocks do odd things at midnight."""

from __future__ import annotations

import sys
import unicodedata
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import InvalidValue
from coterie.rules.values import (
    DAY,
    EPOCH,
    INSTANT_MAX,
    INSTANT_MIN,
    Instant,
    Kind,
    end_of_day,
    fold,
    kind_of,
    local_date,
    offset_at,
    start_of_day,
)  # fmt: skip
from tests.strategies import instants

EVERY_CODE_POINT = [chr(point) for point in range(sys.maxunicode + 1)]


def simple_lower(character: str) -> str:
    """Unicode's simple lower-casing: the full one wherever that is one code point (not for İ)."""
    full = character.lower()
    return full if len(full) == 1 else unicodedata.normalize("NFD", character)[0].lower()


# --- folding --------------------------------------------------------------------------------------


def test_folding_is_simple_lower_casing_of_every_code_point() -> None:
    assert [fold(character) for character in EVERY_CODE_POINT] == [simple_lower(c) for c in EVERY_CODE_POINT]


def test_folding_never_looks_at_the_neighbours_and_keeps_the_length() -> None:
    whole = "".join(EVERY_CODE_POINT)
    folded = fold(whole)
    assert len(folded) == len(whole)
    assert folded == "".join(fold(character) for character in EVERY_CODE_POINT)


def test_only_one_code_point_has_a_full_lower_case_that_differs() -> None:
    assert [character for character in EVERY_CODE_POINT if len(character.lower()) != 1] == ["İ"]


def test_a_capital_sigma_at_the_end_of_a_word_folds_as_anywhere_else() -> None:
    assert "ΟΔΥΣΣΕΥΣ".lower().endswith("ς")
    assert fold("ΟΔΥΣΣΕΥΣ") == "οδυσσευσ"


def test_folding_leaves_what_full_case_folding_would_join() -> None:
    assert fold("Straße") != fold("STRASSE")
    assert fold("ς") != fold("Σ")


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


# --- instants -------------------------------------------------------------------------------------


def test_an_instant_rounds_down_to_the_millisecond_before_the_epoch_too() -> None:
    assert Instant.of(EPOCH + timedelta(microseconds=1_999)) == 1
    assert Instant.of(EPOCH - timedelta(microseconds=1)) == -1


def test_an_instant_needs_a_zone() -> None:
    with pytest.raises(InvalidValue, match="has no time zone"):
        Instant.of(datetime(2026, 3, 1))  # noqa: DTZ001 - the point


def test_an_instant_is_a_time_and_not_a_number() -> None:
    assert kind_of(Instant(0)) is Kind.TIME
    assert kind_of(0.0) is Kind.NUMBER
    assert kind_of(True) is Kind.BOOLEAN


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (INSTANT_MIN, "0001-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (0, "1970-01-01T00:00:00.000Z"),
        (INSTANT_MAX, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_instants_are_written_with_four_digits_of_year_and_three_of_milliseconds(at: int, written: str) -> None:
    assert Instant(at).iso() == written


# --- days -----------------------------------------------------------------------------------------


def utc(*parts: int) -> int:
    return Instant.of(datetime(*parts, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "day", "start"),
    [
        ("UTC", date(2026, 3, 1), utc(2026, 3, 1)),
        ("Europe/Berlin", date(2026, 3, 29), utc(2026, 3, 28, 23)),
        ("America/Santiago", date(2024, 9, 8), utc(2024, 9, 8, 4)),  # 00:00 does not exist, the day starts at 01:00
        ("Africa/Cairo", date(2024, 4, 26), utc(2024, 4, 25, 22)),  # 00:00 does not exist
        ("Asia/Beirut", date(2024, 3, 31), utc(2024, 3, 30, 22)),  # 00:00 does not exist
        ("America/Sao_Paulo", date(2018, 11, 4), utc(2018, 11, 4, 3)),  # 00:00 does not exist
        ("America/Havana", date(2024, 3, 10), utc(2024, 3, 10, 5)),  # 00:00 does not exist
        ("America/Havana", date(2024, 11, 3), utc(2024, 11, 3, 4)),  # 00:00 happens twice
        ("Asia/Amman", date(2021, 10, 29), utc(2021, 10, 28, 21)),  # clocks go back at 01:00 to 00:00
        ("America/St_Johns", date(2010, 11, 7), utc(2010, 11, 7, 2, 30)),  # back at 00:01, so midnight happens twice
        ("Pacific/Apia", date(2011, 12, 30), utc(2011, 12, 30, 10)),  # the day that Samoa skipped
        ("Pacific/Apia", date(2011, 12, 31), utc(2011, 12, 30, 10)),
        ("Asia/Manila", date(1844, 12, 31), utc(1844, 12, 31, 15, 56, 8)),  # another skipped day
    ],
)
def test_a_day_starts_at_its_first_instant(name: str, day: date, start: int) -> None:
    assert start_of_day(day, ZoneInfo(name)) == start


def test_a_skipped_day_is_empty() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert end_of_day(date(2011, 12, 30), apia) == start_of_day(date(2011, 12, 30), apia) - 1


def test_the_longest_and_shortest_days_in_berlin_have_25_and_23_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = [
        (end_of_day(day, berlin) + 1 - start_of_day(day, berlin)) / 3_600_000
        for day in (date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25))
    ]
    assert hours == [23, 24, 25]


def by_search(day: date, zone: ZoneInfo) -> int:
    """The first second at which clocks in `zone` show `day` or later, by bisection."""
    midnight = utc(day.year, day.month, day.day)
    quarters = range(midnight - DAY, midnight + DAY, 900_000)
    high = next(at for at in quarters if at_or_later(at, midnight, zone))
    low = high - 900_000
    while high - low > 1_000:
        middle = (low + high) // 2_000 * 1_000
        low, high = (low, middle) if at_or_later(middle, midnight, zone) else (middle, high)
    return high


def at_or_later(at: int, midnight: int, zone: ZoneInfo) -> bool:
    return at + offset_at(at, zone) >= midnight


@pytest.mark.parametrize(
    "name",
    [
        "America/Santiago",
        "Africa/Cairo",
        "Asia/Beirut",
        "America/Havana",
        "Asia/Tehran",
        "America/Scoresbysund",
        "Asia/Gaza",
    ],
)
def test_starts_of_days_agree_with_a_search_around_every_clock_change_since_2000(name: str) -> None:
    zone = ZoneInfo(name)
    first = date(2000, 1, 1)
    days = [first + timedelta(days=ahead) for ahead in range(26 * 366)]
    changing = [
        day
        for day in days
        if offset_at(utc(day.year, day.month, day.day) - DAY, zone)
        != offset_at(utc(day.year, day.month, day.day) + DAY, zone)
    ]
    assert len(changing) > 20
    assert [start_of_day(day, zone) for day in changing] == [by_search(day, zone) for day in changing]


@given(
    instants(),
    st.sampled_from(["UTC", "America/St_Johns", "America/Havana", "Pacific/Apia", "Africa/Cairo", "Asia/Kathmandu"]),
)
def test_every_instant_lies_within_its_local_date(at: Instant, name: str) -> None:
    zone = ZoneInfo(name)
    day = local_date(at, zone)
    assert start_of_day(day, zone) <= at <= end_of_day(day, zone)


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "Etc/GMT+12", "UTC", "America/New_York"])
def test_the_ends_of_the_calendar_have_local_dates(name: str) -> None:
    zone = ZoneInfo(name)
    assert local_date(INSTANT_MIN, zone) == date.min
    assert local_date(INSTANT_MAX, zone) == date.max
    assert end_of_day(date.max, zone) - start_of_day(date.min, zone) > 9_998 * 365 * DAY


def test_an_hour_that_happens_after_its_own_midnight_belongs_to_the_day_that_began() -> None:
    st_johns = ZoneInfo("America/St_Johns")  # on 7 November 2010 the clocks went back from 00:01 to 23:01
    after_the_change = Instant(utc(2010, 11, 7, 2, 30) + 30 * 60_000)
    assert after_the_change.moment().astimezone(st_johns).date() == date(2010, 11, 6)
    assert local_date(after_the_change, st_johns) == date(2010, 11, 7)
