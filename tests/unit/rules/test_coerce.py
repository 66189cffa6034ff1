"""Which values are accepted on input, as what, and which are refused."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import InvalidValue, LimitExceeded
from coterie.rules.coerce import convert, read_declared, read_value, shortest_decimal
from coterie.rules.values import Instant, Kind, Value, kind_of
from tests.strategies import numbers, values

BERLIN = ZoneInfo("Europe/Berlin")
PATH = ("properties", "x")


def read(raw: object) -> Value:
    return read_value(raw, PATH, BERLIN)


def at(written: str) -> Instant:
    return Instant.of(datetime.fromisoformat(written))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("", ""),
        ("Ada", "Ada"),
        ("e\u0301", "e\u0301"),  # no normalisation: this is not é
        ("2026-03-01", "2026-03-01"),
        (True, True),
        (False, False),
        (1, 1.0),
        (2**53, 9007199254740992.0),
        (2**53 + 2, 9007199254740994.0),
        (0.1, 0.1),
        ([], ()),
        (["a", "a", ""], ("a", "a", "")),
        ({"time": "2026-03-01T09:30:00Z"}, at("2026-03-01T09:30:00+00:00")),
        ({"time": "2026-03-01T09:30"}, at("2026-03-01T08:30:00+00:00")),  # local to the zone
        ({"time": "2026-03-01"}, at("2026-02-28T23:00:00+00:00")),
        ({"time": 0}, Instant(0)),
        ({"time": -1}, Instant(-1)),
        (datetime(2026, 3, 1, tzinfo=UTC), at("2026-03-01T00:00:00+00:00")),
        (date(2026, 3, 1), at("2026-02-28T23:00:00+00:00")),
        (Instant(5), Instant(5)),
    ],
)
def test_values_keep_the_kind_they_were_sent_with(raw: object, value: Value) -> None:
    got = read(raw)
    assert got == value
    assert kind_of(got) is kind_of(value)


def test_minus_zero_becomes_zero() -> None:
    assert math.copysign(1, read(-0.0)) == 1.0  # type: ignore[arg-type]  # a number
    assert math.copysign(1, convert("-0", Kind.NUMBER, BERLIN, PATH)) == 1.0  # type: ignore[arg-type]  # a number


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (None, "removes"),
        (math.nan, "NaN"),
        (math.inf, "NaN and infinities"),
        (-math.inf, "NaN and infinities"),
        (2**53 + 1, "cannot be held exactly"),
        (-(2**53) - 1, "cannot be held exactly"),
        (10**400, "too large"),
        ("a\x00b", r"U\+0000"),
        ("\ud800", "surrogate"),
        (["a", "\udfff"], "surrogate"),
        ([1, 2], "texts only"),
        (["a", None], "texts only"),
        ([["a"]], "texts only"),
        ({}, "cannot be an object"),
        ({"a": 1}, "cannot be an object"),
        ({"time": "2026-03-01", "zone": "UTC"}, "cannot be an object"),
        ({"time": "soon"}, "not a time"),
        ({"time": "2026-02-29"}, "not a time"),
        ({"time": "2026-03-01T24:00Z"}, "not a time"),
        ({"time": "2026-03-01T09:30:60Z"}, "not a time"),
        ({"time": "20260301"}, "not a time"),
        ({"time": "２０２６-03-01"}, "not a time"),
        ({"time": True}, "A time is"),
        ({"time": 1.5}, "A time is"),
        ({"time": None}, "A time is"),
        ({"time": 10**18}, "outside the years"),
        (datetime(2026, 3, 1), "no time zone"),  # noqa: DTZ001 - the point
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), "outside the years"),
        (b"bytes", "cannot be a bytes"),
        (object(), "cannot be a object"),
    ],
)
def test_what_is_not_a_value_is_refused_with_its_path(raw: object, words: str) -> None:
    with pytest.raises(InvalidValue, match=words) as refusal:
        read(raw)
    assert refusal.value.path[:2] == PATH


def test_a_bad_item_of_a_list_is_named() -> None:
    with pytest.raises(InvalidValue) as refusal:
        read(["a", 1])
    assert refusal.value.path == (*PATH, 1)


def test_text_of_65536_characters_gets_in_and_one_more_does_not() -> None:
    assert read("😀" * 65_536) == "😀" * 65_536
    with pytest.raises(LimitExceeded, match="text_length_max"):
        read("x" * 65_537)


def test_lists_of_a_thousand_items_get_in_and_one_more_does_not() -> None:
    assert len(read(["x"] * 1_000)) == 1_000  # type: ignore[arg-type]  # a list
    with pytest.raises(LimitExceeded, match="list_length_max"):
        read(["x"] * 1_001)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-03-01T09:30:00.1239Z", "2026-03-01T09:30:00.123+00:00"),
        ("2026-03-01t09:30:00,5z", "2026-03-01T09:30:00.500+00:00"),
        ("2026-03-01 09:30:00+0530", "2026-03-01T04:00:00+00:00"),
        ("2026-03-01T09:30:00-08", "2026-03-01T17:30:00+00:00"),
        ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999+00:00"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00+00:00"),  # happens twice in Berlin: the first
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00+00:00"),  # the clocks skip it: as if they had not changed yet
    ],
)
def test_a_property_declared_as_time_reads_iso_8601(written: str, instant: str) -> None:
    assert read_declared(written, Kind.TIME, BERLIN, PATH) == at(instant)


CONVERSIONS: list[tuple[object, Kind, Value]] = [
    (42, Kind.TEXT, "42"),
    (0.5, Kind.TEXT, "0.5"),
    (1e22, Kind.TEXT, "10000000000000000000000"),
    (1e-7, Kind.TEXT, "0.0000001"),
    (True, Kind.TEXT, "true"),
    ({"time": "2026-03-01T09:30:00Z"}, Kind.TEXT, "2026-03-01T09:30:00.000Z"),
    ("42", Kind.NUMBER, 42.0),
    (" -0.50 ", Kind.NUMBER, -0.5),
    ("1e3", Kind.NUMBER, 1000.0),
    (".5", Kind.NUMBER, 0.5),
    ("TRUE", Kind.BOOLEAN, True),
    ("false", Kind.BOOLEAN, False),
    ("2026-03-01", Kind.TIME, at("2026-02-28T23:00:00+00:00")),
    (date(2026, 3, 1), Kind.TIME, at("2026-02-28T23:00:00+00:00")),
    ("vip", Kind.LIST, ("vip",)),
    ("", Kind.LIST, ("",)),
]


@pytest.mark.parametrize(("raw", "kind", "value"), CONVERSIONS)
def test_values_are_converted_to_the_declared_kind_where_there_is_one_plain_way(
    raw: object, kind: Kind, value: Value
) -> None:
    got = read_declared(raw, kind, BERLIN, PATH)
    assert got == value
    assert kind_of(got) is kind


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (["a"], Kind.TEXT),
        ("", Kind.NUMBER),
        ("4 2", Kind.NUMBER),
        ("inf", Kind.NUMBER),
        ("NaN", Kind.NUMBER),
        ("0x10", Kind.NUMBER),
        ("1_000", Kind.NUMBER),
        ("1,000", Kind.NUMBER),
        ("٣", Kind.NUMBER),
        ("1e999", Kind.NUMBER),
        ("9007199254740993", Kind.NUMBER),
        (True, Kind.NUMBER),
        ({"time": 0}, Kind.NUMBER),
        (["1"], Kind.NUMBER),
        (1, Kind.BOOLEAN),
        (0, Kind.BOOLEAN),
        ("yes", Kind.BOOLEAN),
        ("", Kind.BOOLEAN),
        (1_772_000_000_000, Kind.TIME),
        (True, Kind.TIME),
        ("yesterday", Kind.TIME),
        ("", Kind.TIME),
        (1, Kind.LIST),
        (False, Kind.LIST),
    ],
)
def test_what_does_not_convert_plainly_is_refused(raw: object, kind: Kind) -> None:
    with pytest.raises(InvalidValue) as refusal:
        read_declared(raw, kind, BERLIN, PATH)
    assert refusal.value.path[:2] == PATH
    assert refusal.value.hint or kind is Kind.NUMBER


@given(numbers())
def test_a_number_written_as_text_reads_back_as_the_same_number(number: float) -> None:
    text = shortest_decimal(number)
    assert "e" not in text.lower()
    assert convert(text, Kind.NUMBER, BERLIN, PATH) == number


@given(values(), st.sampled_from(Kind))
def test_converting_gives_the_kind_asked_for_or_refuses(value: Value, kind: Kind) -> None:
    try:
        converted = convert(value, kind, BERLIN, PATH)
    except InvalidValue:
        return
    assert kind_of(converted) is kind
