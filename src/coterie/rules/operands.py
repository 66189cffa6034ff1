"""The parts of operands: values, times and lengths, from JSON and back, and the error for them.

The shapes (`operand_shapes/`) and the windows (`measures.py`) are made of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from math import inf, isfinite
from typing import assert_never
from zoneinfo import ZoneInfo

from coterie.errors import LimitExceeded, Path, limit_sentence
from coterie.rules.calendar import CALENDAR_WORDS
from coterie.rules.iso import parse_clock, parse_date, parse_duration, to_instant
from coterie.rules.limits import RuleLimits
from coterie.rules.names import unfit_text
from coterie.rules.nodes import Duration, Operand
from coterie.rules.values import Instant, Kind, end_of_day, inexact, json_number, start_of_day

_UTC = ZoneInfo("UTC")
_ZONE_MAX = 26 * 3_600_000  # further than any zone is, or was, from UTC
_KIND_NAMES = {
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.TIME: "a time",
    Kind.LIST: "a list",
}


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


def operand_over_limit(what: str, count: int, unit: str, limit: int, setting: str) -> InvalidOperand:
    """The error for an operand that has more than a limit allows."""
    return InvalidOperand(limit_sentence(what, count, unit, limit, setting), code=LimitExceeded.code)


def write_operand(operand: Operand) -> object:
    """The operand as a JSON value, in its one canonical form."""
    match operand:
        case tuple():
            return [write_operand(item) for item in operand]
        case Instant():
            return operand.iso()
        case bool() | str() | None:
            return operand
        case datetime():
            return Instant.of(operand).iso()
        case date():
            return operand.isoformat()
        case Duration():
            return operand.text
        case float():
            return json_number(operand)
        case _:
            assert_never(operand)


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


# --- from JSON ----------------------------------------------------------------------------------


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
    """A calendar word, such as `this_month`. Raises InvalidOperand."""
    if not isinstance(raw, str) or raw not in CALENDAR_WORDS:
        raise InvalidOperand(
            f"{taker} takes a calendar word, not {describe_json(raw)}.", hint=f"One of: {', '.join(CALENDAR_WORDS)}."
        )
    return raw


def never(first: Instant | date, last: Instant | date) -> bool:
    """Whether nothing can lie from `first` to `last`, whatever the zone that dates are cut in."""
    low = first if isinstance(first, Instant) else start_of_day(first, _UTC) - _ZONE_MAX
    high = last if isinstance(last, Instant) else end_of_day(last, _UTC) + _ZONE_MAX
    if isinstance(first, Instant) == isinstance(last, Instant):
        return first > last  # type: ignore[operator]  # both instants or both dates
    return low > high


def read_scalar(
    raw: object, kinds: frozenset[Kind], taker: str, limits: RuleLimits, verb: str = "takes"
) -> str | float | bool:
    """A text, a number or a boolean, if it is of one of `kinds`. Raises InvalidOperand."""
    if isinstance(raw, bool) and Kind.BOOLEAN in kinds:
        return raw
    if isinstance(raw, str) and Kind.TEXT in kinds:
        return check_operand_text(raw, limits)
    if is_number(raw) and Kind.NUMBER in kinds:
        return read_number(raw, taker)
    wanted = " or ".join(_KIND_NAMES[kind] for kind in Kind if kind in kinds)
    raise InvalidOperand(f"{taker} {verb} {wanted}, not {describe_json(raw)}.", unsuited=verb == "takes")


def is_number(raw: object) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool | Instant)


def read_number(raw: object, taker: str) -> float:
    """A finite number that a double has exactly. Raises InvalidOperand."""
    if not is_number(raw):
        raise InvalidOperand(f"{taker} takes a number, not {describe_json(raw)}.")
    assert isinstance(raw, int | float)
    try:
        number = float(raw)
    except OverflowError:
        number = inf
    if number != raw or not isfinite(number):
        hint = None if isinstance(raw, float) else "Identifiers are better sent, and compared, as text."
        raise InvalidOperand(inexact(raw), hint=hint)
    return number + 0.0  # -0.0 becomes 0.0


def check_operand_text(text: str, limits: RuleLimits) -> str:
    """The text, which can be stored and is not too long. Raises InvalidOperand."""
    limit = limits.text_length_max
    if len(text) > limit:
        raise operand_over_limit("The text", len(text), "characters", limit, "text_length_max")
    why = unfit_text(text)
    if why is not None:
        raise InvalidOperand(f"The text {why}, which no value can.")
    return text


def read_moment(raw: object, taker: str) -> Instant | date:
    """An instant with its offset, or a date. Raises InvalidOperand."""
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
