"""Sequences: events that follow one another. Read here, written in `write.py`.

{"sequence": [{"event": {"name": "signed_up"}},
              {"event": {"name": "ordered", "where": ...}, "within": "7d"}],
 "window": {"last": "90d"}}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coterie.errors import Path
from coterie.rules.measures import RuleReader, read_window
from coterie.rules.nodes import Duration, Rule, SequenceCondition, Step
from coterie.rules.operands import InvalidOperand, describe_json, read_duration

STEPS_MIN = 2
STEPS_MAX = 20

ReadWhere = Callable[[object, Path], Rule | None]


def read_sequence(
    document: Mapping[object, object], path: Path, reader: RuleReader, read_where: ReadWhere
) -> SequenceCondition | None:
    """The sequence, or None after reporting its problems to `reader`."""
    raw, at = document["sequence"], (*path, "sequence")
    window, is_read = read_window(document.get("window"), (*path, "window"), reader)
    if not isinstance(raw, list | tuple):
        reader.add(
            f"“sequence” is a list of steps, not {describe_json(raw)}.",
            at,
            'Each such as {"event": {"name": "signed_up"}}.',
        )
        return None
    if not STEPS_MIN <= len(raw) <= STEPS_MAX:
        reader.add(
            f"A sequence has {STEPS_MIN} to {STEPS_MAX} steps; this one has {len(raw):,}.",
            at,
            "One event alone is an event condition." if len(raw) == 1 else None,
            "limit_exceeded" if len(raw) > STEPS_MAX else "invalid_rule",
        )
        return None
    steps = [_step(step, place, (*at, place), reader, read_where) for place, step in enumerate(raw)]
    read = tuple(step for step in steps if step is not None)
    return SequenceCondition(read, window) if is_read and len(read) == len(raw) else None


def _step(raw: object, place: int, path: Path, reader: RuleReader, read_where: ReadWhere) -> Step | None:
    if not isinstance(raw, Mapping) or "event" not in raw:
        what = "an object with an “event”" if isinstance(raw, Mapping) else f"an object, not {describe_json(raw)}"
        reader.add(f"A step is {what}.", path, 'Such as {"event": {"name": "ordered"}, "within": "7d"}.')
        return None
    reader.known_keys(raw, ("event", "within"), path)
    within, is_read = _within(raw.get("within"), place, (*path, "within"), reader)
    event, at = raw["event"], (*path, "event")
    if isinstance(event, str):
        event = {"name": event}
    if not isinstance(event, Mapping):
        reader.add(f"“event” is an object or a name, not {describe_json(event)}.", at, 'Such as {"name": "ordered"}.')
        return None
    reader.known_keys(event, ("name", "where"), at)
    name = reader.name(event.get("name"), "The “name” of an event", (*at, "name"))
    where = None if event.get("where") is None else read_where(event["where"], (*at, "where"))
    return None if name is None or not is_read else Step(name, where, within)


def _within(raw: object, place: int, path: Path, reader: RuleReader) -> tuple[Duration | None, bool]:
    """The longest time since the step before, and whether it was read."""
    if raw is None:
        return None, True
    if place == 0:
        reader.add(
            "The first step comes after nothing, so “within” means nothing to it.", path, "Move it to the second step."
        )
        return None, False
    try:
        return read_duration(raw, "“within”"), True
    except InvalidOperand as error:
        reader.add(error.message, path, error.hint, error.code)
        return None, False
