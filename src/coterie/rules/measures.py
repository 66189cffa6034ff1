"""The subjects of event and conversation conditions: a measure over what a profile did or said, within a window.

Read here, written in `write.py`, told in `describe.py`. To add a measure, add it to `nodes.MEASURES`, to the table below and to
`subjects.measure`, which says what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Protocol

from coterie.errors import Path
from coterie.rules.nodes import MEASURES, Before, Between, Calendar, Last, OneWindow, Overlap, Rule, Window
from coterie.rules.operands import InvalidOperand, describe_json, never, read_duration, read_moment, read_word
from coterie.rules.values import Instant, Kind

MEASURE_KINDS: Mapping[str, frozenset[Kind]] = MappingProxyType(
    {
        **{name: frozenset({Kind.NUMBER}) for name in ("count", "sum", "mean", "min", "max", "distinct", "change")},
        **{name: frozenset({Kind.TIME}) for name in ("first_at", "last_at")},
        **{name: frozenset({Kind.BOOLEAN}) for name in ("any", "none")},
        **{name: frozenset(Kind) for name in ("first", "last")},
    }
)
"""The kinds of value that each measure gives."""

MEASURES_OF = frozenset({"sum", "mean", "min", "max", "distinct", "first", "last", "change"})
"""The measures that are taken of a property."""

WINDOWS_MAX = 4
"""Windows in one “all”: one of each form says all there is to say."""


MEASURE_SUMMARIES: Mapping[str, str] = MappingProxyType(
    {
        "count": "How many there are; 0 of nothing.",
        "sum": "The sum of the numbers, exact and rounded once; 0 of nothing.",
        "mean": "The sum of the numbers divided by how many there are; missing where there are none.",
        "min": "The lowest of the numbers; missing where there are none.",
        "max": "The highest of the numbers; missing where there are none.",
        "distinct": "How many different values there are, of any kind; 0 of nothing.",
        "first": "The value in the earliest that has one; missing where none has.",
        "last": "The value in the latest that has one; missing where none has.",
        "first_at": "The instant of the earliest; missing of nothing.",
        "last_at": "The instant of the latest; missing of nothing.",
        "any": "Whether there is one; never missing.",
        "none": "Whether there is none; the opposite of `any`.",
        "change": "The mean of the window less that of the window as long before it, so the window is a `last`; missing where either is.",
    }
)
"""What each measure is, for the schema and the reference."""


class Faults(Protocol):
    """Where faults go, and the checks that are shared with the rest of the reader."""

    def fault(self, message: str, path: Path, hint: str | None = None, code: str = "invalid_rule") -> None: ...
    def name(self, raw: object, what: str, path: Path) -> str | None: ...
    def known_keys(self, document: Mapping[object, object], allowed: tuple[str, ...], path: Path) -> None: ...


@dataclass(frozen=True, slots=True)
class Measured:
    """A subject as read. `name` is that of the `event`, None for events of any name; `where_document` still has to be read as a rule."""

    event: bool
    name: str | None
    measure: str
    of: str | None
    window: Window
    where_document: object
    where: Rule | None = None

    def with_where(self, where: Rule | None) -> Measured:
        return replace(self, where=where)


def read_measured(raw: object, event: bool, path: Path, faults: Faults) -> Measured | None:
    """The subject, or None when it could not be read; what is wrong with it is with `faults` then."""
    what = "“event”" if event else "“conversation”"
    if not isinstance(raw, Mapping):
        faults.fault(
            f"{what} is an object, not {describe_json(raw)}.",
            path,
            'Such as {"measure": "count", "window": {"last": "30d"}}.',
        )
        return None
    optional = ("of", "window", "where")
    faults.known_keys(raw, ("name", "measure", *optional) if event else ("measure", *optional), path)
    name, named = _name(raw, path, faults) if event else (None, True)
    measure = _measure(raw.get("measure"), path, faults)
    of = _of(raw.get("of"), measure, path, faults)
    window, well = read_window(raw.get("window"), (*path, "window"), faults)
    if measure == "change" and well and not isinstance(window, Last):
        _change_needs_last(raw, path, faults)
    if measure is None or not well or not named:
        return None
    return Measured(event, name, measure, of, window, raw.get("where"))


def _name(raw: Mapping[object, object], path: Path, faults: Faults) -> tuple[str | None, bool]:
    """The name, and whether it could be read. A name that is null is more likely forgotten than meant."""
    if "name" not in raw:
        return None, True
    if raw["name"] is None:
        faults.fault("The “name” of an event is null.", (*path, "name"), "Leave it out to mean events of every name.")
        return None, False
    name = faults.name(raw["name"], "The “name” of an event", (*path, "name"))
    return name, name is not None


def _change_needs_last(raw: Mapping[object, object], path: Path, faults: Faults) -> None:
    faults.fault(
        "“change” compares the last days with those before them, so its window is a “last”.",
        path if raw.get("window") is None else (*path, "window"),
        'Such as "window": {"last": "30d"}: the mean of those 30 days less the mean of the 30 days before.',
    )


def _measure(raw: object, path: Path, faults: Faults) -> str | None:
    if isinstance(raw, str) and raw in MEASURES:
        return raw
    what = "“measure” is missing." if raw is None else f"There is no measure {str(raw)[:60]!r}."
    faults.fault(what, path if raw is None else (*path, "measure"), f"One of: {', '.join(MEASURES)}.")
    return None


def _of(raw: object, measure: str | None, path: Path, faults: Faults) -> str | None:
    if measure is not None and raw is None and measure in MEASURES_OF:
        faults.fault(f"“{measure}” is taken of a property: “of” is missing.", path, 'Such as "of": "total".')
        return None
    if measure is not None and raw is not None and measure not in MEASURES_OF:
        faults.fault(f"“{measure}” is not taken of a property.", (*path, "of"), "Leave “of” out.")
        return None
    return None if raw is None else faults.name(raw, "“of”", (*path, "of"))


def read_window(raw: object, path: Path, faults: Faults) -> tuple[Window, bool]:
    """The window, and whether it could be read."""
    if raw is None:
        return None, True
    if isinstance(raw, Mapping) and "all" in raw:
        return _overlap(raw, path, faults)
    return _one_window(raw, path, faults)


def _overlap(raw: Mapping[object, object], path: Path, faults: Faults) -> tuple[Overlap | None, bool]:
    faults.known_keys(raw, ("all",), path)
    several = raw["all"]
    if not isinstance(several, list | tuple) or not 2 <= len(several) <= WINDOWS_MAX:
        faults.fault(
            f"“all” is a list of 2 to {WINDOWS_MAX} windows, in all of which something has to lie.",
            (*path, "all"),
            'Such as [{"last": "30d"}, {"from": "2026-03-01"}].',
        )
        return None, False
    read = [_one_window(each, (*path, "all", place), faults)[0] for place, each in enumerate(several)]
    windows = tuple(each for each in read if each is not None)
    return (Overlap(windows), True) if len(windows) == len(several) else (None, False)


def _one_window(raw: object, path: Path, faults: Faults) -> tuple[OneWindow | None, bool]:
    forms = [form for form in ("last", "before", "calendar") if isinstance(raw, Mapping) and form in raw]
    fixed = isinstance(raw, Mapping) and ("from" in raw or "to" in raw)
    if not isinstance(raw, Mapping) or len(forms) + fixed != 1:
        faults.fault(
            "A window is one of “last”, “before”, “calendar”, or “from” and “to”.", path, 'Such as {"last": "30d"}.'
        )
        return None, False
    faults.known_keys(raw, ("from", "to") if fixed else (forms[0],), path)
    form = forms[0] if forms else "from"
    try:
        return (_fixed(raw, path, faults) if fixed else _moving(form, raw[form])), True
    except InvalidOperand as refusal:
        faults.fault(refusal.message, (*path, *(refusal.path or (form,))), refusal.hint, refusal.code)
        return None, False


def _moving(form: str, raw: object) -> OneWindow:
    if form == "calendar":
        return Calendar(read_word(raw, "A calendar window"))
    length = read_duration(raw, f"“{form}”")
    return Last(length) if form == "last" else Before(length)


def _fixed(raw: Mapping[object, object], path: Path, faults: Faults) -> OneWindow:
    start, end = _end(raw, "from"), _end(raw, "to")
    if start is None and end is None:
        raise InvalidOperand("The window has neither a start nor an end.", hint="Leave “window” out to mean all time.")
    if start is not None and end is not None and never(start, end):
        raise InvalidOperand("The window ends before it starts.", hint="Swap “from” and “to”.")
    return Between(start, end)


def _end(raw: Mapping[object, object], key: str) -> Instant | date | None:
    if raw.get(key) is None:
        return None
    try:
        return read_moment(raw[key], f"“{key}”")
    except InvalidOperand as refusal:
        refusal.path = (key,)
        raise
