"""Operands that are times: instants, dates, lengths of time, calendar words."""

from __future__ import annotations

from coterie.rules.calendar import CALENDAR_WORDS
from coterie.rules.iso import parse_date
from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import Operand
from coterie.rules.operand_shapes.declaration import OperandShape
from coterie.rules.operands import InvalidOperand, describe_json, read_duration, read_moment, read_word
from coterie.rules.values import DAY, Kind
from coterie.rules.words import spaced

ANNIVERSARY_DAYS_MAX = 366
DATE_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def _read_instant(raw: object, taker: str, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    return read_moment(raw, taker)


def _read_date(raw: object, taker: str, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    day = parse_date(raw) if isinstance(raw, str) else None
    if day is None:
        raise InvalidOperand(f"{taker} takes a date, not {describe_json(raw)}.", hint="Write it as 2026-03-01.")
    return day


def _read_duration(raw: object, taker: str, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    return read_duration(raw, taker)


def _read_days(raw: object, taker: str, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    length = read_duration(raw, taker)
    if length.milliseconds % DAY or length.milliseconds > ANNIVERSARY_DAYS_MAX * DAY:
        raise InvalidOperand(
            f"{taker} takes whole days, from 1d to {ANNIVERSARY_DAYS_MAX}d, not {describe_json(raw)}.",
            hint="Such as 7d.",
        )
    return length


def _read_word(raw: object, taker: str, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    return read_word(raw, taker)


def _calendar_words(operand: Operand) -> str:
    assert isinstance(operand, str)
    return spaced(operand)


INSTANT = OperandShape(
    name="instant",
    wanted="an instant (2026-03-01T09:30:00Z) or a date (2026-03-01)",
    meaning=("an instant, `2026-03-01T09:30:00Z`, or a date, `2026-03-01`: the whole day in the workspace's time zone"),
    read=_read_instant,
    schema=lambda kinds, limits, ref: ref("Moment"),
)

DATE = OperandShape(
    name="date",
    wanted="a date (2026-03-01)",
    meaning="a date, `2026-03-01`",
    read=_read_date,
    schema=lambda kinds, limits, ref: {"type": "string", "pattern": DATE_PATTERN, "examples": ["2026-03-01"]},
)

DURATION = OperandShape(
    name="duration",
    wanted="a length of time (7d)",
    meaning="a length of time: `30s`, `15m`, `24h`, `7d`, `4w`",
    read=_read_duration,
    schema=lambda kinds, limits, ref: ref("Duration"),
    samples=("1s", "30m", "1h", "24h", "1d", "7d", "30d", "1w", "365d"),
)

DAYS = OperandShape(
    name="days",
    wanted="a number of days (7d)",
    meaning="a length of time in whole days or weeks, up to 366 days",
    read=_read_days,
    schema=lambda kinds, limits, ref: ref("Duration"),
    samples=("1d", "2d", "7d", "1w", "30d", "366d"),
)

WORD = OperandShape(
    name="word",
    wanted="a calendar word (this_month)",
    meaning="a calendar word: " + ", ".join(f"`{word}`" for word in CALENDAR_WORDS),
    read=_read_word,
    schema=lambda kinds, limits, ref: ref("CalendarWord"),
    words=_calendar_words,
    samples=tuple(CALENDAR_WORDS),
)

DECLARED = (INSTANT, DATE, DURATION, DAYS, WORD)
