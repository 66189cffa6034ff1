"""The subjects of conditions on activity: a measure over events or conversations, in a window.

They are read here, written in `write.py` and described in `describe.py`. The measures are declared
in `measure_declarations.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from coterie.errors import Path
from coterie.rules.measure_declarations import MEASURES
from coterie.rules.nodes import Before, Between, Calendar, Last, OneWindow, Overlap, Rule, Window
from coterie.rules.operands import InvalidOperand, describe_json, never, read_duration, read_moment, read_word
from coterie.rules.values import Instant

WINDOWS_MAX = 4
"""Windows in one “all”: one of each form is enough."""


class RuleReader(Protocol):
    """The part of the rule reader that collects problems and checks names and keys."""

    def add(self, message: str, path: Path, hint: str | None = None, code: str = "invalid_rule") -> None: ...
    def name(self, raw: object, what: str, path: Path) -> str | None: ...
    def known_keys(self, document: Mapping[object, object], allowed: tuple[str, ...], path: Path) -> None: ...


@dataclass(frozen=True, slots=True)
class SentMeasure:
    """A measure as it was sent, its `where` still a document.

    `name` is that of the `event`, None for events of any name. `where_document` is not read yet.
    """

    event: bool
    name: str | None
    measure: str
    of: str | None
    window: Window
    where_document: object
    where: Rule | None = None

    def with_where(self, where: Rule | None) -> SentMeasure:
        return replace(self, where=where)


def read_measured(raw: object, event: bool, path: Path, reader: RuleReader) -> SentMeasure | None:
    """The subject, or None after reporting its problems to `reader`."""
    what = "“event”" if event else "“conversation”"
    if not isinstance(raw, Mapping):
        reader.add(
            f"{what} is an object, not {describe_json(raw)}.",
            path,
            'Such as {"measure": "count", "window": {"last": "30d"}}.',
        )
        return None
    optional = ("of", "window", "where")
    reader.known_keys(raw, ("name", "measure", *optional) if event else ("measure", *optional), path)
    name, named = _name(raw, path, reader) if event else (None, True)
    measure = _measure(raw.get("measure"), path, reader)
    of = _of(raw.get("of"), measure, path, reader)
    window, is_read = read_window(raw.get("window"), (*path, "window"), reader)
    if measure == "change" and is_read and not isinstance(window, Last):
        _change_needs_last(raw, path, reader)
    if measure is None or not is_read or not named:
        return None
    return SentMeasure(event, name, measure, of, window, raw.get("where"))


def _name(raw: Mapping[object, object], path: Path, reader: RuleReader) -> tuple[str | None, bool]:
    """The name, and whether it was read. A null is refused: it is more likely a mistake."""
    if "name" not in raw:
        return None, True
    if raw["name"] is None:
        reader.add("The “name” of an event is null.", (*path, "name"), "Leave it out to mean events of every name.")
        return None, False
    name = reader.name(raw["name"], "The “name” of an event", (*path, "name"))
    return name, name is not None


def _change_needs_last(raw: Mapping[object, object], path: Path, reader: RuleReader) -> None:
    reader.add(
        "“change” compares a window with the one before it, so the window is a “last”.",
        path if raw.get("window") is None else (*path, "window"),
        'Such as "window": {"last": "30d"}: the mean of those 30 days minus the mean of the 30 days before.',
    )


def _measure(raw: object, path: Path, reader: RuleReader) -> str | None:
    if isinstance(raw, str) and raw in MEASURES:
        return raw
    what = "“measure” is missing." if raw is None else f"There is no measure {str(raw)[:60]!r}."
    reader.add(what, path if raw is None else (*path, "measure"), f"One of: {', '.join(MEASURES)}.")
    return None


def _of(raw: object, measure: str | None, path: Path, reader: RuleReader) -> str | None:
    if measure is not None and raw is None and MEASURES[measure].of_property:
        reader.add(f"“{measure}” is taken of a property: “of” is missing.", path, 'Such as "of": "total".')
        return None
    if measure is not None and raw is not None and not MEASURES[measure].of_property:
        reader.add(f"“{measure}” is not taken of a property.", (*path, "of"), "Leave “of” out.")
        return None
    return None if raw is None else reader.name(raw, "“of”", (*path, "of"))


def read_window(raw: object, path: Path, reader: RuleReader) -> tuple[Window, bool]:
    """The window, and whether it was read."""
    if raw is None:
        return None, True
    if isinstance(raw, Mapping) and "all" in raw:
        return _overlap(raw, path, reader)
    return _one_window(raw, path, reader)


def _overlap(raw: Mapping[object, object], path: Path, reader: RuleReader) -> tuple[Overlap | None, bool]:
    reader.known_keys(raw, ("all",), path)
    several = raw["all"]
    if not isinstance(several, list | tuple) or not 2 <= len(several) <= WINDOWS_MAX:
        reader.add(
            f"“all” is a list of 2 to {WINDOWS_MAX} windows.",
            (*path, "all"),
            'Such as [{"last": "30d"}, {"from": "2026-03-01"}].',
        )
        return None, False
    read = [_one_window(each, (*path, "all", place), reader)[0] for place, each in enumerate(several)]
    windows = tuple(each for each in read if each is not None)
    return (Overlap(windows), True) if len(windows) == len(several) else (None, False)


def _one_window(raw: object, path: Path, reader: RuleReader) -> tuple[OneWindow | None, bool]:
    forms = [form for form in ("last", "before", "calendar") if isinstance(raw, Mapping) and form in raw]
    fixed = isinstance(raw, Mapping) and ("from" in raw or "to" in raw)
    if not isinstance(raw, Mapping) or len(forms) + fixed != 1:
        reader.add(
            "A window is one of “last”, “before”, “calendar”, or “from” and “to”.", path, 'Such as {"last": "30d"}.'
        )
        return None, False
    reader.known_keys(raw, ("from", "to") if fixed else (forms[0],), path)
    form = forms[0] if forms else "from"
    try:
        return (_fixed(raw, path, reader) if fixed else _moving(form, raw[form])), True
    except InvalidOperand as error:
        reader.add(error.message, (*path, *(error.path or (form,))), error.hint, error.code)
        return None, False


def _moving(form: str, raw: object) -> OneWindow:
    if form == "calendar":
        return Calendar(read_word(raw, "A calendar window"))
    length = read_duration(raw, f"“{form}”")
    return Last(length) if form == "last" else Before(length)


def _fixed(raw: Mapping[object, object], path: Path, reader: RuleReader) -> OneWindow:
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
    except InvalidOperand as error:
        error.path = (key,)
        raise
