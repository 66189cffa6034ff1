"""Operands: from JSON, by the shape that the operator takes, and back.

It is long because the reading, the writing and the words of refusal of one shape stand together.

Each shape of `Takes` has one reader. A reader returns the operand, or raises `Refused` with a sentence and a hint; `read.py` adds the path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from math import isfinite
from types import MappingProxyType
from typing import assert_never
from zoneinfo import ZoneInfo

from coterie.errors import InvalidRule, Path
from coterie.rules.calendar import CALENDAR_WORDS
from coterie.rules.iso import parse_clock, parse_date, parse_duration, to_instant
from coterie.rules.limits import RuleLimits
from coterie.rules.nodes import Duration, Operand
from coterie.rules.operators import OPERATORS, Operator, Takes
from coterie.rules.text import regex
from coterie.rules.values import DAY, Instant, Kind, end_of_day, start_of_day, unfit_text

ANNIVERSARY_DAYS_MAX = 366
_UTC = ZoneInfo("UTC")
_ZONE_MAX = 26 * 3_600_000  # further than any zone is, or was, from UTC
_PARTS = frozenset({"contains", "not_contains", "starts_with", "ends_with"})
_KIND_NAMES = {
    Kind.TEXT: "a text", Kind.NUMBER: "a number", Kind.BOOLEAN: "true or false", Kind.TIME: "a time", Kind.LIST: "a list",
}  # fmt: skip


class InvalidOperand(Exception):
    """Why an operand was refused, and where inside it."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        path: Path = (),
        code: str = "invalid_rule",
        unsuited: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.path = path
        self.code = code
        self.unsuited = unsuited  # the operand is good for other operators


def read_operand(operator: Operator, raw: object, limits: RuleLimits, kinds: frozenset[Kind] | None = None) -> Operand:
    """The operand of `operator`, read from a JSON value. `kinds` narrows the kinds that make sense here."""
    try:
        return _read(operator, raw, limits, operator.kinds if kinds is None else kinds & operator.kinds)
    except InvalidOperand as refusal:
        if refusal.unsuited:
            names = suitable(raw, limits)
            refusal.hint = f"Operators that take {describe_json(raw)}: {', '.join(names)}." if names else None
        raise


def write_operand(operand: Operand) -> object:
    """The operand as a JSON value, in its one canonical form."""
    match operand:
        case tuple():
            return [write_operand(item) for item in operand]
        case Instant():
            return operand.iso()
        case bool() | str() | None:
            return operand
        case date():
            return operand.isoformat()
        case Duration():
            return operand.text
        case float():
            return int(operand) if operand.is_integer() and abs(operand) <= 2**53 else operand
        case _:
            assert_never(operand)


def suitable(raw: object, limits: RuleLimits) -> list[str]:
    """The names of the operators that could take `raw`, for the hint when one cannot."""
    return [name for name, operator in OPERATORS.items() if _accepts(operator, raw, limits)]


def describe_json(raw: object) -> str:
    """What a JSON value is, in words."""
    match raw:
        case None:
            return "nothing"
        case bool():
            return "true" if raw else "false"
        case str():
            return f"the text {raw[:60]!r}" if len(raw) <= 60 else f"the text {raw[:59]!r}…"
        case int() | float():
            return f"the number {raw}" if abs(raw) < 10**20 else "a number"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
        case _:
            return f"a {type(raw).__name__}"


def _accepts(operator: Operator, raw: object, limits: RuleLimits) -> bool:
    if operator.takes in (Takes.NOTHING, Takes.PATTERN):  # any text is a pattern, which helps nobody
        return False
    try:
        _read(operator, raw, limits, operator.kinds)
    except InvalidOperand:
        return False
    return True


def _read(operator: Operator, raw: object, limits: RuleLimits, kinds: frozenset[Kind]) -> Operand:
    return _READERS[operator.takes](raw, operator, kinds, limits)


# --- one reader per shape ---------------------------------------------------------------------------------------------


def _nothing(raw: object, operator: Operator, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    if raw is not None:
        raise InvalidOperand(f"{operator.name} takes no value.", hint="Leave “value” out.")
    return None


def _same(raw: object, operator: Operator, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    value = _single(raw, kinds, operator.name, limits)
    if value == "" and operator.name in _PARTS:
        raise InvalidOperand(
            f"An empty text is part of every text, so {operator.name} says nothing.", hint="Use is_set."
        )
    return value


def _some(raw: object, operator: Operator, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    wanted = frozenset({Kind.TEXT}) if Kind.LIST in kinds else kinds
    if not isinstance(raw, list | tuple):
        raise InvalidOperand(
            f"{operator.name} takes a list, not {describe_json(raw)}.", hint='Write a list, such as ["a", "b"].'
        )
    if not raw:
        raise InvalidOperand(f"{operator.name} takes a list with at least one value; this one is empty.")
    if len(raw) > limits.operand_values_max:
        raise InvalidOperand(
            f"{operator.name} is given {len(raw):,} values; the limit is {limits.operand_values_max:,} (operand_values_max).",
            code="limit_exceeded",
        )
    items = [_item(item, place, wanted, operator.name, limits) for place, item in enumerate(raw)]
    texts = tuple(item for item in items if isinstance(item, str))
    numbers = tuple(item for item in items if isinstance(item, float))
    if texts and numbers:
        raise InvalidOperand(f"{operator.name} takes all texts or all numbers, not a mixture.")
    return texts or numbers


def _item(raw: object, place: int, kinds: frozenset[Kind], name: str, limits: RuleLimits) -> object:
    try:
        return _single(raw, kinds, f"each value of {name}", limits, verb="must be")
    except InvalidOperand as refusal:
        refusal.path = (place,)
        raise


def _range(raw: object, operator: Operator, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise InvalidOperand(
            f"{operator.name} takes a list of two, the low end and the high end, not {describe_json(raw)}."
        )
    if Kind.NUMBER in kinds and (Kind.TIME not in kinds or all(_is_number(end) for end in raw)):
        low, high = (_number(end, operator.name) for end in raw)
        if low > high:
            raise InvalidOperand("The low end is above the high end.", hint="Swap them.")
        return low, high
    if Kind.NUMBER in kinds and any(_is_number(end) for end in raw):
        raise InvalidOperand(f"{operator.name} takes two numbers or two times, not one of each.")
    first, last = (_instant_or_date(end, operator.name) for end in raw)
    if never(first, last):
        raise InvalidOperand("The first end is later than the second.", hint="Swap them.")
    return first, last


def _instant(raw: object, operator: Operator, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    return _instant_or_date(raw, operator.name)


def _date(raw: object, operator: Operator, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    day = parse_date(raw) if isinstance(raw, str) else None
    if day is None:
        raise InvalidOperand(f"{operator.name} takes a date, not {describe_json(raw)}.", hint="Write it as 2026-03-01.")
    return day


def _duration(raw: object, operator: Operator, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    return read_duration(raw, operator.name)


def _days(raw: object, operator: Operator, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    length = read_duration(raw, operator.name)
    if length.milliseconds % DAY or length.milliseconds > ANNIVERSARY_DAYS_MAX * DAY:
        raise InvalidOperand(
            f"{operator.name} takes whole days, from 1d to {ANNIVERSARY_DAYS_MAX}d, not {describe_json(raw)}.",
            hint="Such as 7d.",
        )
    return length


def _word(raw: object, operator: Operator, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    return read_word(raw, operator.name)


def _pattern(raw: object, operator: Operator, kinds: frozenset[Kind], limits: RuleLimits) -> Operand:
    if not isinstance(raw, str):
        raise InvalidOperand(f"{operator.name} takes a regular expression as text, not {describe_json(raw)}.")
    if not raw:
        raise InvalidOperand(
            f"An empty expression is found in every text, so {operator.name} says nothing.", hint="Use is_set."
        )
    if len(raw) > limits.pattern_length_max:
        raise InvalidOperand(
            f"The regular expression has {len(raw):,} characters; the limit is {limits.pattern_length_max:,} (pattern_length_max).",
            code="limit_exceeded",
        )
    _fit(raw, limits)
    try:
        regex(raw, True)  # whether it ignores case has no bearing on whether it can be read
    except InvalidRule as refusal:
        raise InvalidOperand(refusal.message, hint=refusal.hint) from None
    return raw


_READERS: Mapping[Takes, Callable[[object, Operator, frozenset[Kind], RuleLimits], Operand]] = MappingProxyType(
    {
        Takes.NOTHING: _nothing, Takes.SAME: _same, Takes.SOME: _some, Takes.RANGE: _range, Takes.INSTANT: _instant,
        Takes.DATE: _date, Takes.DURATION: _duration, Takes.DAYS: _days, Takes.WORD: _word, Takes.PATTERN: _pattern,
    }
)  # fmt: skip


# --- the parts --------------------------------------------------------------------------------------------------------


def read_duration(raw: object, taker: str) -> Duration:
    """A length of time such as `7d`. `taker` is the operator that asks, for the message."""
    length = parse_duration(raw) if isinstance(raw, str) else None
    if length is None:
        raise InvalidOperand(
            f"{taker} takes a length of time, not {describe_json(raw)}.",
            hint="A whole number from 1 and s, m, h, d or w, such as 30m, 24h, 7d or 4w; at most a hundred years.",
        )
    return length


def read_word(raw: object, taker: str) -> str:
    if not isinstance(raw, str) or raw not in CALENDAR_WORDS:
        raise InvalidOperand(
            f"{taker} takes a calendar word, not {describe_json(raw)}.", hint=f"One of: {', '.join(CALENDAR_WORDS)}."
        )
    return raw


def read_moment(raw: object, taker: str) -> Instant | date:
    return _instant_or_date(raw, taker)


def never(first: Instant | date, last: Instant | date) -> bool:
    """Whether nothing can lie from `first` to `last`, whatever the zone that dates are cut in."""
    low = first if isinstance(first, Instant) else start_of_day(first, _UTC) - _ZONE_MAX
    high = last if isinstance(last, Instant) else end_of_day(last, _UTC) + _ZONE_MAX
    if isinstance(first, Instant) == isinstance(last, Instant):
        return first > last  # type: ignore[operator]  # both instants or both dates
    return low > high


def _single(
    raw: object, kinds: frozenset[Kind], taker: str, limits: RuleLimits, verb: str = "takes"
) -> str | float | bool:
    if isinstance(raw, bool) and Kind.BOOLEAN in kinds:
        return raw
    if isinstance(raw, str) and Kind.TEXT in kinds:
        return _fit(raw, limits)
    if _is_number(raw) and Kind.NUMBER in kinds:
        return _number(raw, taker)
    wanted = " or ".join(_KIND_NAMES[kind] for kind in Kind if kind in kinds)
    raise InvalidOperand(f"{taker} {verb} {wanted}, not {describe_json(raw)}.", unsuited=verb == "takes")


def _is_number(raw: object) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool | Instant)


def _number(raw: object, taker: str) -> float:
    if not _is_number(raw):
        raise InvalidOperand(f"{taker} takes a number, not {describe_json(raw)}.")
    assert isinstance(raw, int | float)
    try:
        number = float(raw)
    except OverflowError:
        raise InvalidOperand("The number is too large.") from None
    if not isfinite(number):
        raise InvalidOperand("NaN and infinities are not numbers that a value can have.")
    if number != raw:
        raise InvalidOperand(
            f"{raw} cannot be held exactly as a number.", hint="Identifiers are better sent, and compared, as text."
        )
    return number + 0.0  # -0.0 becomes 0.0


def _fit(text: str, limits: RuleLimits) -> str:
    if len(text) > limits.text_length_max:
        raise InvalidOperand(
            f"The text has {len(text):,} characters; the limit is {limits.text_length_max:,} (text_length_max).",
            code="limit_exceeded",
        )
    why = unfit_text(text)
    if why is not None:
        raise InvalidOperand(f"The text {why}, which no value can.")
    return text


def _instant_or_date(raw: object, taker: str) -> Instant | date:
    if isinstance(raw, str):
        day = parse_date(raw)
        if day is not None:
            return day
        clock = parse_clock(raw)
        if clock is not None and clock.tzinfo is None:
            raise InvalidOperand(
                f"{raw} does not say which zone's clock it is on.", hint="Add Z or an offset: 2026-03-01T09:30:00Z."
            )
        at = to_instant(clock, None) if clock is not None else None
        if at is not None:
            return at
    raise InvalidOperand(
        f"{taker} takes an instant or a date, not {describe_json(raw)}.",
        hint="ISO 8601: 2026-03-01T09:30:00Z, or 2026-03-01 for the whole day.",
    )
