"""An independent interpreter of SendKit's segment grammar, to compare the translation with.

It was written from the documentation of the dialect alone, with `datetime` and plain comparisons.
It shares nothing with the translation or with our rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

NEGATIVE = {
    "not_equals": "equals", "not_contains": "contains", "not_in": "in", "not_in_last_days": "in_last_days",
    "is_not_set": "is_set",
}  # fmt: skip


class Interpreter:
    """`kinds` has the type of each property by its id. `now` and the datetimes are aware."""

    def __init__(self, kinds: Mapping[str, str], names: Mapping[str, str], now: datetime, zone: ZoneInfo) -> None:
        self.kinds = kinds
        self.names = names
        self.now = now
        self.zone = zone

    def matches(self, segment: Mapping[str, Any], contact: Mapping[str, Any]) -> bool:
        groups = [
            self.join(group["match_type"], [self.holds(condition, contact) for condition in group["conditions"]])
            for group in segment["filters"]["groups"]
        ]
        return self.join(segment["match_type"], groups)

    @staticmethod
    def join(match_type: str, truths: list[bool]) -> bool:
        return all(truths) if match_type == "all" else any(truths)

    def holds(self, condition: Mapping[str, Any], contact: Mapping[str, Any]) -> bool:
        operator = condition["operator"]
        if operator in NEGATIVE:
            return not self.holds({**condition, "operator": NEGATIVE[operator]}, contact)
        field, value = condition["field"], condition["value"]
        if condition["type"] == "reserved" and field in ("list", "segment"):
            wanted = value if operator == "in" else [value]
            return any(segment_id in contact[f"{field}s"] for segment_id in wanted)
        if condition["type"] == "reserved":
            return self.compare(self.reserved_kind(field), operator, contact.get(field), value)
        name = self.names[condition["property_id"]]
        return self.compare(self.kinds[condition["property_id"]], operator, contact["properties"].get(name), value)

    @staticmethod
    def reserved_kind(field: str) -> str:
        return {"unsubscribed": "boolean", "created_at": "date", "updated_at": "date"}.get(field, "string")

    def compare(self, kind: str, operator: str, actual: Any, value: Any) -> bool:
        if kind == "boolean":
            return bool(actual) is (str(value).lower() == "true")
        if actual is None:
            return False
        if operator == "is_set":
            return True
        ask: dict[str, Callable[[str, Any, Any], bool]] = {
            "string": self.text,
            "number": self.number,
            "date": self.date,
        }
        return ask[kind](operator, actual, value)

    @staticmethod
    def text(operator: str, actual: str, value: Any) -> bool:
        def text_of(raw: Any) -> str:
            return {True: "true", False: "false"}[raw] if isinstance(raw, bool) else str(raw).lower()

        actual = actual.lower()
        match operator:
            case "equals":
                return actual == text_of(value)
            case "contains":
                return text_of(value) in actual
            case "starts_with":
                return actual.startswith(text_of(value))
            case "ends_with":
                return actual.endswith(text_of(value))
            case _:
                return actual in [text_of(item) for item in value]

    @staticmethod
    def number(operator: str, actual: float, value: Any) -> bool:
        match operator:
            case "in":
                return actual in [float(item) for item in value]
            case "equals":
                return actual == float(value)
            case "greater_than":
                return actual > float(value)
            case "greater_than_or_equal":
                return actual >= float(value)
            case "less_than":
                return actual < float(value)
            case _:
                return actual <= float(value)

    def date(self, operator: str, actual: datetime, value: Any) -> bool:
        if operator == "in_last_days":
            return self.now - timedelta(days=int(value)) < actual <= self.now
        local = actual.astimezone(self.zone).date()
        if len(value) == 10:
            day = date.fromisoformat(value)
            return {"before": local < day, "after": local > day, "equals": local == day}[operator]
        at = datetime.fromisoformat(value)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return actual < at if operator == "before" else actual > at
