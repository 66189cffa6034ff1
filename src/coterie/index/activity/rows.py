"""How activity comes in, and what one profile did.

Rows come in one by one as they are written, and in batches when a workspace is opened. `number` is
what the store calls an event or a conversation: unique among events and among conversations, below
2**32. Sources are the names of events (`EventsNamed` with a name) and `Conversations`; the index
gathers the events of any name itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy.typing as npt

from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import Source
from coterie.rules.values import Value

Integers = npt.NDArray[Any]


class Row(NamedTuple):
    """One event or conversation with all its values; the index keeps those that some rule uses."""

    number: int
    pid: int
    at: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Changes:
    """The rows added, and those removed, by (number, pid).

    A row that changes is removed and added again under its number.
    """

    added: Mapping[Source, Sequence[Row]] = field(default_factory=dict)
    removed: Mapping[Source, Sequence[tuple[int, int]]] = field(default_factory=dict)


class Loaded(NamedTuple):
    """Many rows of one source, as columns of the same length, in any order."""

    numbers: Integers
    pids: Integers
    ats: Integers
    columns: Mapping[str, list[Value | None]]


class ProfileActivity:
    """One profile's rows from one source, in the order of their instants.

    Their instants are in `ats`; the rows with their values are fetched when first needed.
    """

    __slots__ = ("_fetch", "_rows", "ats")

    def __init__(self, ats: list[int], fetch: Callable[[], list[ActivityRow]]) -> None:
        self.ats = ats
        self._fetch = fetch
        self._rows: list[ActivityRow] | None = None

    @classmethod
    def of(cls, rows: Sequence[ActivityRow]) -> ProfileActivity:
        """Of rows that are in the order of their instants."""
        # `list`, not a closure, for none: thousands are cached, and the collector visits each.
        return cls([row.at for row in rows], lambda: list(rows)) if rows else cls([], list)

    def rows(self) -> list[ActivityRow]:
        """The list is shared: it must not be changed."""
        if self._rows is None:
            self._rows = self._fetch()
        return self._rows
