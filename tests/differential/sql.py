"""A rule as one DuckDB query, written from the spec, not from the code: a third opinion.

It starts from the rule's nodes and never looks at the kernel. Everything is a set of pids, or of
activity numbers, so that nothing is correlated:

    p.pid IN (SELECT v.pid FROM (<the subject's value per pid>) v
              WHERE <the operator's predicate over v>)

A *value* is a row of kind, number, text, folded text, boolean, instant, list and folded list, of
which the columns of its kind are filled; `tables.sql` has them. Values are bound, never written
into the text; names of properties and events are values too. What is not left to DuckDB is folding
and the calendar of a zone: texts are stored folded beside their own form, and the month and day of
every instant are in a table. It is long because it is a whole engine.
"""

# ruff: noqa: S608  # Queries are put together here, from our own words; whatever a rule says is bound.

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import assert_never
from zoneinfo import ZoneInfo

from coterie.rules.moment import Moment
from coterie.rules.nodes import (
    All,
    Any,
    Before,
    Between,
    Calendar,
    ConversationCondition,
    Duration,
    EventCondition,
    Last,
    Not,
    Operand,
    Overlap,
    PropertyCondition,
    Rule,
    SampleCondition,
    SegmentCondition,
    SequenceCondition,
    Step,
    Window,
)
from coterie.rules.values import Instant, end_of_day, fold, start_of_day

TWINS = {
    "not_equals": "equals", "not_in": "in", "not_contains": "contains", "not_in_last": "in_last",
    "not_in_calendar": "in_calendar", "includes_none": "includes_any", "is_not_set": "is_set",
    "not_changed_in_last": "changed_in_last", "not_held_for": "held_for",
}  # fmt: skip
"""The negative operators, written out here: a test must not take them from what it tests."""

OF_CHANGE = ("changed_in_last", "held_for")
VALUE = "kind, number_value, text_value, folded_text, boolean_value, time_value, list_value, folded_list"
_NUMBER = (
    "'number' AS kind, {} AS number_value, NULL::VARCHAR AS text_value, NULL::VARCHAR AS folded_text, "
    "NULL::BOOLEAN AS boolean_value, NULL::BIGINT AS time_value, NULL::VARCHAR[] AS list_value, "
    "NULL::VARCHAR[] AS folded_list"
)
_TIME = (
    _NUMBER.replace("'number'", "'time'")
    .replace("{} AS number_value", "NULL::DOUBLE AS number_value")
    .replace("NULL::BIGINT AS time_value", "{} AS time_value")
)
_BOOLEAN = (
    _NUMBER.replace("'number'", "'boolean'")
    .replace("{} AS number_value", "NULL::DOUBLE AS number_value")
    .replace("NULL::BOOLEAN AS boolean_value", "{} AS boolean_value")
)
RANK = "list_position(['boolean', 'number', 'text', 'time', 'list'], kind)"


class Question:
    """One rule, asked at one moment: the text of the query, and the values bound in it."""

    def __init__(self, rule: Rule, moment: Moment) -> None:
        self._moment = moment
        self.bound: dict[str, object] = {}
        self.text = f"SELECT p.pid FROM profiles p WHERE {self._rule(rule)} ORDER BY p.pid"

    def _bind(self, value: object) -> str:
        name = f"v{len(self.bound)}"
        self.bound[name] = value
        return f"${name}"

    # --- the tree

    def _rule(self, rule: Rule) -> str:
        match rule:
            case All(children):
                return "(" + " AND ".join(self._rule(child) for child in children) + ")"
            case Any(children):
                return "(" + " OR ".join(self._rule(child) for child in children) + ")"
            case Not(child):
                return f"NOT ({self._rule(child)})"
            case PropertyCondition(property=name, operator=operator):
                changed = TWINS.get(operator, operator) in OF_CHANGE
                of = _TIME.format("changed_at") if changed else VALUE
                values = f"SELECT pid, {of} FROM profile_values WHERE name = {self._bind(name)}"
                return self._meets("p.pid", "pid", values, rule)
            case EventCondition() | ConversationCondition():
                return self._meets("p.pid", "pid", self._measured(rule), rule)
            case SequenceCondition(steps, window):
                return f"p.pid IN ({self._sequence(steps, window)})"
            case SegmentCondition(segment):
                return f"p.pid IN (SELECT pid FROM memberships WHERE segment = {self._bind(segment)})"
            case SampleCondition(percent, salt):
                return self._sample(percent, salt)
            case _:
                assert_never(rule)

    def _where(self, rule: Rule) -> str:
        """A `where`, over the activity row `h`."""
        match rule:
            case All(children):
                return "(" + " AND ".join(self._where(child) for child in children) + ")"
            case Any(children):
                return "(" + " OR ".join(self._where(child) for child in children) + ")"
            case Not(child):
                return f"NOT ({self._where(child)})"
            case PropertyCondition(property=name):
                values = f"SELECT number, {VALUE} FROM activity_values WHERE name = {self._bind(name)}"
                return self._meets("h.number", "number", values, rule)
            case _:
                raise AssertionError(f"{rule} has no place in a where")

    def _meets(
        self, who: str, key: str, values: str, rule: PropertyCondition | EventCondition | ConversationCondition
    ) -> str:
        positive = TWINS.get(rule.operator, rule.operator)
        predicate = self._predicate(positive, rule.operand, rule.case_sensitive)
        condition = f"{who} IN (SELECT v.{key} FROM ({values}) v WHERE {predicate})"
        return condition if positive == rule.operator else f"NOT ({condition})"

    # --- subjects

    def _activity(self, name: str | None, events: bool, window: Window, where: Rule | None) -> str:
        parts = [f"h.source = {self._bind('event' if events else 'conversation')}", self._window(window)]
        if name is not None:
            parts.append(f"h.name = {self._bind(name)}")
        if where is not None:
            parts.append(self._where(where))
        return f"SELECT h.pid, h.number, h.happened_at FROM activity h WHERE {' AND '.join(parts)}"

    def _measured(self, rule: EventCondition | ConversationCondition) -> str:
        """The measure's value for each pid that has one."""
        name = rule.name if isinstance(rule, EventCondition) else None
        events = isinstance(rule, EventCondition)
        if rule.measure == "change":
            assert isinstance(rule.window, Last)
            length = rule.window.length.milliseconds
            later = self._of(self._spanning(rule, name, events, -length, 0), rule.of)
            earlier = self._of(self._spanning(rule, name, events, -2 * length, -length), rule.of)
            mean = "SELECT pid, avg(number_value) AS mean FROM ({}) WHERE kind = 'number' GROUP BY pid"
            return (
                f"SELECT a.pid, {_NUMBER.format('a.mean - b.mean')} FROM ({mean.format(later)}) a"
                f" JOIN ({mean.format(earlier)}) b ON a.pid = b.pid"
            )
        return self._of_measure(rule.measure, rule.of, self._activity(name, events, rule.window, rule.where))

    def _spanning(
        self, rule: EventCondition | ConversationCondition, name: str | None, events: bool, after: int, to: int
    ) -> str:
        now = self._moment.now
        rows = self._activity(name, events, None, rule.where)
        first, last = self._bind(now + after), self._bind(now + to)
        return f"SELECT * FROM ({rows}) WHERE happened_at > {first} AND happened_at <= {last}"

    def _of_measure(self, measure: str, of: str | None, rows: str) -> str:
        everyone = f"FROM profiles q LEFT JOIN ({rows}) h ON h.pid = q.pid GROUP BY q.pid"
        match measure:
            case "count":
                return f"SELECT q.pid, {_NUMBER.format('count(h.number)::DOUBLE')} {everyone}"
            case "any":
                return f"SELECT q.pid, {_BOOLEAN.format('count(h.number) > 0')} {everyone}"
            case "none":
                return f"SELECT q.pid, {_BOOLEAN.format('count(h.number) = 0')} {everyone}"
            case "first_at" | "last_at":
                extreme = "min(happened_at)" if measure == "first_at" else "max(happened_at)"
                return f"SELECT pid, {_TIME.format(extreme)} FROM ({rows}) GROUP BY pid"
        valued = self._of(rows, of)
        numbers = f"({valued}) WHERE kind = 'number'"
        match measure:
            case "sum":
                total = "coalesce(sum(h.number_value), 0)"
                joined = f"FROM profiles q LEFT JOIN (SELECT * FROM {numbers}) h ON h.pid = q.pid GROUP BY q.pid"
                return f"SELECT q.pid, {_NUMBER.format(total)} {joined}"
            case "mean" | "min" | "max":
                aggregate = {"mean": "avg", "min": "min", "max": "max"}[measure]
                return f"SELECT pid, {_NUMBER.format(f'{aggregate}(number_value)')} FROM {numbers} GROUP BY pid"
            case "distinct":
                kinds = "kind, number_value, text_value, boolean_value, time_value, list_value"
                different = f"SELECT DISTINCT pid, {kinds} FROM ({valued})"
                joined = f"FROM profiles q LEFT JOIN ({different}) h ON h.pid = q.pid GROUP BY q.pid"
                return f"SELECT q.pid, {_NUMBER.format('count(h.kind)::DOUBLE')} {joined}"
            case "first" | "last":
                way = "ASC" if measure == "first" else "DESC"
                keys = ("happened_at", RANK, "boolean_value", "number_value", "text_value", "time_value", "list_value")
                order = ", ".join(f"{key} {way}" for key in keys)
                ranked = f"SELECT *, row_number() OVER (PARTITION BY pid ORDER BY {order}) AS place FROM ({valued})"
                return f"SELECT pid, {VALUE} FROM ({ranked}) WHERE place = 1"
            case _:
                raise AssertionError(f"no measure {measure}")

    def _of(self, rows: str, of: str | None) -> str:
        """The rows with a value under `of`, joined with it."""
        return (
            f"SELECT f.pid, f.happened_at, {VALUE} FROM ({rows}) f"
            f" JOIN activity_values w ON w.number = f.number AND w.name = {self._bind(of)}"
        )

    def _sequence(self, steps: tuple[Step, ...], window: Window) -> str:
        joined = ""
        for place, step in enumerate(steps):
            rows = f"({self._activity(step.name, True, window, step.where)}) s{place}"
            if not place:
                joined = rows
                continue
            after = f"s{place}.pid = s{place - 1}.pid AND s{place}.happened_at > s{place - 1}.happened_at"
            if step.within is not None:
                after += (
                    f" AND s{place}.happened_at <= s{place - 1}.happened_at + {self._bind(step.within.milliseconds)}"
                )
            joined += f" JOIN {rows} ON {after}"
        return f"SELECT s0.pid FROM {joined}"

    def _sample(self, percent: float, salt: str) -> str:
        seed = self._bind(int.from_bytes(sha256(f"coterie sample {salt}".encode()).digest()[:8], "big"))
        below = self._bind(round(percent / 100 * 2**64))
        mixed = f"((p.pid::UHUGEINT + {seed}::UHUGEINT) % 18446744073709551616::UHUGEINT)::UBIGINT"
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            product = f"xor({mixed}, {mixed} >> {shift})::UHUGEINT * {factor}::UHUGEINT"
            mixed = f"(({product}) % 18446744073709551616::UHUGEINT)::UBIGINT"
        return f"xor({mixed}, {mixed} >> 31)::UHUGEINT < {below}::UHUGEINT"

    # --- windows and operators

    def _window(self, window: Window) -> str:
        now = self._moment.now
        parts = [f"h.happened_at <= {self._bind(now)}"]
        match window:
            case None:
                pass
            case Last(length):
                parts.append(f"h.happened_at > {self._bind(now - length.milliseconds)}")
            case Before(length):
                parts.append(f"h.happened_at <= {self._bind(now - length.milliseconds)}")
            case Between(start, end):
                if start is not None:
                    parts.append(f"h.happened_at >= {self._bind(self._first(start))}")
                if end is not None:
                    parts.append(f"h.happened_at <= {self._bind(self._last(end))}")
            case Calendar(word):
                first, last = self._period(word)
                parts.append(f"h.happened_at BETWEEN {self._bind(first)} AND {self._bind(last)}")
            case Overlap(windows):
                parts += [self._window(part) for part in windows]
            case _:
                assert_never(window)
        return " AND ".join(parts)

    def _first(self, at: Instant | date) -> int:
        return int(at if isinstance(at, Instant) else start_of_day(at, self._moment.zone))

    def _last(self, at: Instant | date) -> int:
        return int(at if isinstance(at, Instant) else end_of_day(at, self._moment.zone))

    def _period(self, word: str) -> tuple[int, int]:
        first, last = period(word, local_today(self._moment.now, self._moment.zone))
        return int(start_of_day(first, self._moment.zone)), int(end_of_day(last, self._moment.zone))

    def _predicate(self, operator: str, operand: Operand, cased: bool) -> str:
        match operator:
            case "is_set":
                return "TRUE"
            case "equals":
                return self._equals(operand, cased)
            case "in":
                assert isinstance(operand, tuple)
                return "(" + " OR ".join(self._equals(item, cased) for item in operand) + ")"
            case "contains" | "starts_with" | "ends_with":
                function = {"contains": "contains", "starts_with": "starts_with", "ends_with": "ends_with"}[operator]
                assert isinstance(operand, str)
                column, part = ("text_value", operand) if cased else ("folded_text", fold(operand))
                return f"kind = 'text' AND {function}({column}, {self._bind(part)})"
            case "matches":
                return f"kind = 'text' AND regexp_matches(text_value, {self._bind(operand)}, '{'c' if cased else 'i'}')"
            case "greater_than" | "at_least" | "less_than" | "at_most":
                sign = {"greater_than": ">", "at_least": ">=", "less_than": "<", "at_most": "<="}[operator]
                return f"kind = 'number' AND number_value {sign} {self._bind(operand)}::DOUBLE"
            case "includes_any" | "includes_all":
                function = {"includes_any": "list_has_any", "includes_all": "list_has_all"}[operator]
                assert isinstance(operand, tuple)
                column = "list_value" if cased else "folded_list"
                items = [item if cased else fold(str(item)) for item in operand]
                return f"kind = 'list' AND {function}({column}, {self._bind(items)}::VARCHAR[])"
            case "between" if isinstance(operand, tuple) and isinstance(operand[0], float):
                low, high = operand
                return (
                    f"kind = 'number' AND number_value BETWEEN {self._bind(low)}::DOUBLE AND {self._bind(high)}::DOUBLE"
                )
            case _:
                return f"kind = 'time' AND {self._time(operator, operand)}"

    def _equals(self, operand: object, cased: bool) -> str:
        match operand:
            case bool():
                return f"(kind = 'boolean' AND boolean_value = {self._bind(operand)})"
            case str():
                column, text = ("text_value", operand) if cased else ("folded_text", fold(operand))
                return f"(kind = 'text' AND {column} = {self._bind(text)})"
            case _:
                return f"(kind = 'number' AND number_value = {self._bind(operand)}::DOUBLE)"

    def _time(self, operator: str, operand: Operand) -> str:
        now = self._moment.now
        match operator, operand:
            case "before", Instant() | date():
                return f"time_value < {self._bind(self._first(operand))}"
            case "after", Instant() | date():
                return f"time_value > {self._bind(self._last(operand))}"
            case "on", date():
                return f"time_value BETWEEN {self._bind(self._first(operand))} AND {self._bind(self._last(operand))}"
            case "between", (Instant() | date() as low, Instant() | date() as high):
                return f"time_value BETWEEN {self._bind(self._first(low))} AND {self._bind(self._last(high))}"
            case "in_last" | "changed_in_last", Duration(length):
                return f"time_value > {self._bind(now - length)} AND time_value <= {self._bind(now)}"
            case "more_than_ago" | "held_for", Duration(length):
                return f"time_value <= {self._bind(now - length)}"
            case "in_next", Duration(length):
                return f"time_value > {self._bind(now)} AND time_value <= {self._bind(now + length)}"
            case "in_calendar", str():
                first, last = self._period(operand)
                return f"time_value BETWEEN {self._bind(first)} AND {self._bind(last)}"
            case "anniversary_in_next", Duration(length):
                days = [f"{month:02}-{day:02}" for month, day in sorted(self._anniversaries(length // 86_400_000))]
                listed = f"list_contains({self._bind(days)}::VARCHAR[], month_and_day)"
                return f"time_value IN (SELECT happened_at FROM days WHERE {listed})"
            case _:
                raise AssertionError(f"no operator {operator} on {operand!r}")

    def _anniversaries(self, number: int) -> set[tuple[int, int]]:
        today = local_today(self._moment.now, self._moment.zone)
        dates = [today + timedelta(days=ahead) for ahead in range(number)]
        days = {(day.month, day.day) for day in dates}
        if any((day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3 for day in dates):
            days.add((2, 29))
        return days


# --- the calendar, written again ------------------------------------------------------------------


def local_today(now: int, zone: ZoneInfo) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=now)).astimezone(zone).date()


def period(word: str, today: date) -> tuple[date, date]:
    """The first and the last day of what a calendar word names."""
    match word:
        case "yesterday" | "today" | "tomorrow":
            day = today + timedelta(days={"yesterday": -1, "today": 0, "tomorrow": 1}[word])
            return day, day
    which, unit = word.split("_")
    step = {"last": -1, "this": 0, "next": 1}[which]
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * step)
        return monday, monday + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = (today.year * 12 + today.month - 1) // months * months + step * months
    return month_start(first), month_start(first + months) - timedelta(days=1)


def month_start(months: int) -> date:
    """`months` since the year 0."""
    return date(months // 12, months % 12 + 1, 1)
