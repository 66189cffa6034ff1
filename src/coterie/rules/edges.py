"""Where time alone can change what a leaf on a measure or a sequence says.

A happening crosses an edge at the instant of one of its columns plus a shift: it leaves "the last 30 days" 30 days after its own instant. Whoever
keeps membership true looks up whose happenings crossed an edge since the last look, and judges those profiles again. So edges may name more
crossings than change a verdict, never fewer. A new moving leaf of the kernel is to be told here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from coterie.rules.kernel import (
    AT,
    Anniversary,
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
    """A verdict may change at the instant (value of `column`) + `shift`; or, where there is a `leaf`, at local midnights, for the happenings
    whose value of `column` that leaf, which is on `column`, gains or loses. One of the two is None.
    """

    source: Source
    column: str
    shift: int | None
    leaf: TimeInCalendar | Anniversary | None


def edges(leaf: Leaf) -> frozenset[Edge]:
    """The edges of a leaf on a measure or a sequence. None for other leaves, which move, if they do, with the profile's own values."""
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
        case _:
            return frozenset()


def _of_subject(subject: Measured) -> Iterator[Edge]:
    window = halves(subject.window) if subject.measure == "change" else subject.window
    for lowered in (*window, *(() if subject.where is None else (subject.where,))):
        yield from _of_lowered(subject.source, lowered)


def _of_value(leaf: Leaf, subject: Measured) -> Iterable[Edge]:
    """A moving leaf on the measure: the value is an instant of a happening, or the value of a column."""
    column = {"first_at": AT, "last_at": AT, "first": subject.of, "last": subject.of}.get(subject.measure)
    if column is None or not isinstance(leaf, TimeAround | TimeInCalendar | Anniversary):
        return ()
    return _of_moving(subject.source, replace(leaf, property=column))


def _of_lowered(source: Source, lowered: Lowered) -> Iterator[Edge]:
    for leaf in leaves(lowered):
        if isinstance(leaf, TimeAround | TimeInCalendar | Anniversary):
            yield from _of_moving(source, leaf)


def _of_moving(source: Source, leaf: MovingLeaf) -> Iterator[Edge]:
    column = leaf.property
    assert isinstance(column, str)
    if not isinstance(leaf, TimeAround):
        yield Edge(source, column, None, leaf)
        return
    if leaf.high is not None:
        yield Edge(source, column, -leaf.high, None)
    if leaf.low is not None:
        yield Edge(source, column, 1 - leaf.low, None)
