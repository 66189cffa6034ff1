"""One profile as the law sees it: each fact is fetched when a rule asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from coterie.index import Index
from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import ChangedAt, Source
from coterie.rules.values import Instant, Value

PropertySubject = str | ChangedAt


class LiveProfile:
    """A profile over three callables: for its properties, its activity and its memberships."""

    __slots__ = ("_activity", "_is_member", "_value", "number")

    def __init__(
        self,
        number: int,
        value: Callable[[PropertySubject], Value | None],
        activity: Callable[[Source], Sequence[ActivityRow]],
        is_member: Callable[[str], bool],
    ) -> None:
        self.number = number
        self._value = value
        self._activity = activity
        self._is_member = is_member

    def value(self, name: str) -> Value | None:
        return self._value(name)

    def changed_at(self, name: str) -> Instant | None:
        at = self._value(ChangedAt(name))
        return at if isinstance(at, Instant) else None

    def activity(self, source: Source) -> Sequence[ActivityRow]:
        return self._activity(source)

    def is_member(self, segment_id: str) -> bool:
        return self._is_member(segment_id)


EMPTY_PROFILE = LiveProfile(0, lambda subject: None, lambda source: (), lambda segment_id: False)
"""A profile without any value, activity or membership."""


def indexed_profile(
    pid: int, index: Index, activity: Callable[[Source], Sequence[ActivityRow]], is_member: Callable[[str], bool]
) -> LiveProfile:
    """A profile with the values that the index has."""

    def value(subject: PropertySubject) -> Value | None:
        if isinstance(subject, ChangedAt) and subject.property in ("created_at", "updated_at"):
            subject = subject.property  # these change at the instant that they hold, and are indexed once
        return index.value(subject, pid)

    return LiveProfile(pid, value, activity, is_member)
