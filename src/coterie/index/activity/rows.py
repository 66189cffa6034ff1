"""How happenings come in: one by one as they are written, and in batches when a workspace is opened.

`number` is what the store calls an event or a conversation: unique among events and among conversations, below 2**32. Sources are the names of
events (`EventsNamed` with a name) and `Conversations`; events of any name are gathered by the index itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy.typing as npt

from coterie.rules.kernel import Source
from coterie.rules.values import Value

Integers = npt.NDArray[Any]


class Row(NamedTuple):
    """One happening: all its values, of which the index keeps those that some rule looks at."""

    number: int
    pid: int
    at: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is taken out, by (number, pid), and what comes in. A happening that changes is taken out and comes in again, under its number."""

    added: Mapping[Source, Sequence[Row]] = field(default_factory=dict)
    removed: Mapping[Source, Sequence[tuple[int, int]]] = field(default_factory=dict)


class Loaded(NamedTuple):
    """Many happenings of one source, as columns of the same length, in any order."""

    numbers: Integers
    pids: Integers
    ats: Integers
    columns: Mapping[str, list[Value | None]]
