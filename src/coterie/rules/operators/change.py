"""Operators over the last change of a property, whatever the kind of its value.

Their subject (`of_change`) is the instant at which the property last changed; being set for the
first time is a change. `meaning` and `lowers` are those of a time.
"""

from __future__ import annotations

from dataclasses import replace

from coterie.rules.operators import time
from coterie.rules.operators.declaration import Example, complement

_NOW = "2026-03-15T12:00:00Z"
_EDGE = {"time": "2026-03-01T12:00:00Z"}
_INSIDE = {"time": "2026-03-01T12:00:00.001Z"}

changed_in_last = replace(
    time.in_last,
    name="changed_in_last",
    reads="{subject} changed in the last {operand}",
    of_change=True,
    summary=(
        "The property changed no longer ago than that. Being set for the first time is a change; "
        "a missing property has none."
    ),
    examples=(
        Example(_INSIDE, "14d", True, _NOW),
        Example(_EDGE, "14d", False, _NOW),
        Example({"time": _NOW}, "14d", True, _NOW),
        Example(None, "14d", False, _NOW),
    ),
)

not_changed_in_last = complement(
    "not_changed_in_last",
    of=changed_in_last,
    reads="{subject} did not change in the last {operand}",
    summary="The property has had the value it has for that long or longer, or it is missing.",
    examples=(
        Example(_EDGE, "14d", True, _NOW),
        Example(_INSIDE, "14d", False, _NOW),
        Example(None, "14d", True, _NOW),
    ),
)

held_for = replace(
    time.more_than_ago,
    name="held_for",
    reads="{subject} has been what it is for at least {operand}",
    of_change=True,
    summary=(
        "The property has had its value for that long or longer: from the instant at which "
        "`changed_in_last` stops holding."
    ),
    examples=(
        Example(_EDGE, "14d", True, _NOW),
        Example(_INSIDE, "14d", False, _NOW),
        Example(None, "14d", False, _NOW),
    ),
)

not_held_for = complement(
    "not_held_for",
    of=held_for,
    reads="{subject} has not been what it is for {operand} yet",
    summary="The property got the value it has less long ago than that, or it is missing.",
    examples=(
        Example(_INSIDE, "14d", True, _NOW),
        Example(_EDGE, "14d", False, _NOW),
        Example(None, "14d", True, _NOW),
    ),
)

DECLARED = (changed_in_last, not_changed_in_last, held_for, not_held_for)
