"""Window edges: where time alone can change the verdict of a leaf.

An edge lies a fixed distance after the instant in a column: an event leaves "the last 30 days" 30
days after its own instant, a trial "ends in 7 days" 7 days before its `trial_ends_at`. The column
belongs to events, to conversations, or to the profiles themselves, which are a source with one row
per profile. To keep membership true it is enough to look up which rows crossed an edge since the
last look and to judge their profiles again. So edges may name more crossings than change a
verdict, never fewer. A new moving leaf of the kernel needs its edges here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from coterie.rules.kernel import (
    AT,
    Anniversary,
    ChangedAt,
    Followed,
    Leaf,
    Lowered,
    Measured,
    MemberOf,
    MovingLeaf,
    Sampled,
    Source,
    TimeAround,
    TimeInCalendar,
)
from coterie.rules.lower import leaves
from coterie.rules.subjects import halves


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge in a column of a source; a `source` of None stands for the profiles themselves.

    A row crosses it at the instant (value of `column`) + `shift`. Where `shift` is None, rows
    cross it at local midnights: those whose value of `column` the `leaf`, which is a leaf on
    `column`, gains or loses there. One of the two is None.
    """

    source: Source | None
    column: str | ChangedAt
    shift: int | None
    leaf: TimeInCalendar | Anniversary | None


def edges(leaf: Leaf) -> frozenset[Edge]:
    """Every edge at which the verdict of the leaf can change."""
    if isinstance(leaf, MemberOf | Sampled):
        return frozenset()
    match leaf.property:
        case Measured() as subject:
            return frozenset({*_of_subject(subject), *_of_value(leaf, subject)})
        case Followed(steps, window):
            return frozenset(
                edge
                for step in steps
                for lowered in (*window, step.where)
                if lowered is not None
                for edge in _of_lowered(step.source, lowered)
            )
        case str() | ChangedAt():
            return frozenset(_of_lowered(None, leaf))


def depends_on_time(lowered: Lowered) -> bool:
    """Whether the verdict of some leaf depends on the moment."""
    return any(isinstance(leaf, MovingLeaf) for leaf in leaves(lowered))


def _of_subject(subject: Measured) -> Iterator[Edge]:
    window = halves(subject.window) if subject.measure == "change" else subject.window
    for lowered in (*window, *(() if subject.where is None else (subject.where,))):
        yield from _of_lowered(subject.source, lowered)


def _of_value(leaf: Leaf, subject: Measured) -> Iterable[Edge]:
    """The edges of a moving leaf on a measure whose value is an instant of one of the rows."""
    column = {"first_at": AT, "last_at": AT, "first": subject.of, "last": subject.of}.get(subject.measure)
    if column is None or not isinstance(leaf, MovingLeaf):
        return ()
    return _of_moving(subject.source, replace(leaf, property=column))


def _of_lowered(source: Source | None, lowered: Lowered) -> Iterator[Edge]:
    for leaf in leaves(lowered):
        if isinstance(leaf, MovingLeaf):
            yield from _of_moving(source, leaf)


def _of_moving(source: Source | None, leaf: MovingLeaf) -> Iterator[Edge]:
    column = leaf.property
    assert isinstance(column, str | ChangedAt)
    if not isinstance(leaf, TimeAround):
        yield Edge(source, column, None, leaf)
        return
    if leaf.high is not None:
        yield Edge(source, column, -leaf.high, None)
    if leaf.low is not None:
        yield Edge(source, column, 1 - leaf.low, None)
