"""The measures: one declaration each, which the reader, sentences, schema and reference read.

To add a measure, declare it here, add its method to `building.py`, and its arithmetic to
`subjects.py` (the law) and `index/activity/measuring.py` (the index).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from coterie.rules.values import Kind

NUMBER, TIME, BOOLEAN, ANY = (
    frozenset({Kind.NUMBER}),
    frozenset({Kind.TIME}),
    frozenset({Kind.BOOLEAN}),
    frozenset(Kind),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of the activity rows in a window."""

    name: str
    kinds: frozenset[Kind]
    """The kinds of its values."""
    words: str
    """Its beginning of a sentence: “the sum of”."""
    summary: str
    """Its meaning, for the schema and the reference."""
    of_property: bool = False
    """Whether it is of a property, named in `of`."""
    without_numbers: str | None = None
    """Its value where no row has a number, for a measure of numbers: "0" or "missing"."""
    of_one: bool = False
    """Whether its sentence is about a single row."""


_DECLARED = (
    Measure("count", NUMBER, "the number of", "How many there are; 0 of nothing."),
    Measure(
        "sum", NUMBER, "the sum of", "The sum of the numbers, exact and rounded once; 0 of nothing.",
        of_property=True, without_numbers="0",
    ),
    Measure(
        "mean", NUMBER, "the mean of",
        "The sum of the numbers divided by how many there are; missing where there are none.",
        of_property=True, without_numbers="missing",
    ),
    Measure(
        "min", NUMBER, "the lowest", "The lowest of the numbers; missing where there are none.",
        of_property=True, without_numbers="missing",
    ),
    Measure(
        "max", NUMBER, "the highest", "The highest of the numbers; missing where there are none.",
        of_property=True, without_numbers="missing",
    ),
    Measure(
        "distinct", NUMBER, "the number of different values of",
        "How many different values there are, of any kind; 0 of nothing.", of_property=True,
    ),
    Measure(
        "first", ANY, "the first", "The value in the earliest that has one; missing where none has.",
        of_property=True,
    ),
    Measure(
        "last", ANY, "the last", "The value in the latest that has one; missing where none has.",
        of_property=True,
    ),
    Measure(
        "first_at", TIME, "the time of the first", "The instant of the earliest; missing of nothing.", of_one=True
    ),
    Measure("last_at", TIME, "the time of the last", "The instant of the latest; missing of nothing.", of_one=True),
    Measure("any", BOOLEAN, "having any", "Whether there is one; never missing."),
    Measure("none", BOOLEAN, "having no", "Whether there is none; the opposite of `any`."),
    Measure(
        "change", NUMBER, "the change in the mean of",
        "The mean of the window minus the mean of the window before, which is as long; missing "
        "where either is. The window is a `last`.",
        of_property=True, without_numbers="missing",
    ),
)  # fmt: skip

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.name: measure for measure in _DECLARED})
"""Every measure by name, in the order of the reference."""
