"""The `value` of a condition, and the ways in which it can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from coterie.errors import InvalidValue, Path
from coterie.http.problem_paths import dotted
from coterie.http.sendkit.grammar import DAYS_MAX, Known
from coterie.http.sendkit.values import as_uuid, read_boolean, read_date, read_number, read_text
from coterie.rules.nodes import Duration
from coterie.rules.values import DAY, Instant

T = TypeVar("T")

VALUES_MAX: Final = 1_000
"""Values in the array of one `in` or `not_in`."""


@dataclass(frozen=True, slots=True)
class SentValue:
    """Every reading raises InvalidValue, with the value's path, when the value is not of the wanted form."""

    raw: object
    path: Path
    known: Known

    def wrong(self, what: str, hint: str | None = None) -> InvalidValue:
        """`The filters.groups.0.conditions.2.value field must be ...`"""
        return InvalidValue(f"The {dotted(self.path)} field {what}.", path=self.path, hint=hint)

    def nothing(self) -> None:
        if self.raw is not None:
            raise self.wrong("must be null or absent for this operator")

    def something(self) -> None:
        if self.raw is None:
            raise self.wrong("is required for this operator")

    def each(self, read: Callable[[object], T]) -> tuple[T, ...]:
        """The array that `in` and `not_in` take."""
        if not isinstance(self.raw, list) or not self.raw:
            raise self.wrong("must be an array with at least 1 item for this operator")
        if len(self.raw) > VALUES_MAX:
            raise self.wrong(f"must not have more than {VALUES_MAX} items")
        return tuple(read(item) for item in self.raw)

    def text(self, raw: object) -> str:
        return read_text(raw, self.path, self.known.zone)

    def number(self, raw: object) -> float:
        return read_number(raw, self.path, self.known.zone)

    def boolean(self) -> bool:
        return read_boolean(self.raw, self.path, self.known.zone)

    def when(self) -> date | Instant:
        return read_date(self.raw, self.path)

    def day(self) -> date:
        when = self.when()
        if isinstance(when, Instant):
            raise self.wrong(
                "must be a bare date for this operator", "Write 2026-03-01; before and after take a time of day."
            )
        return when

    def days(self) -> Duration:
        count = self.number(self.raw)
        if not count.is_integer() or not 1 <= count <= DAYS_MAX:
            raise self.wrong(f"must be a whole number of days from 1 to {DAYS_MAX}")
        return Duration(int(count) * DAY, f"{int(count)}d")

    def list_id(self, raw: object) -> str:
        wanted = as_uuid(raw)
        if wanted is None or not self.known.is_list(wanted):
            raise self.wrong("must be the id of a list")
        return wanted

    def segment_id(self, raw: object) -> str:
        wanted = as_uuid(raw)
        if wanted is None or not self.known.is_segment(wanted):
            raise self.wrong("must be the id of a segment")
        return wanted
