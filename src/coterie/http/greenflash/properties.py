"""Flattens the nested properties that Greenflash's clients send, and nests them in answers. Pure.

`{"app": {"version": "1.2"}}` becomes the property `app.version`, and so does
`{"app.version": "1.2"}`; a rule's dotted key finds either. A value replaces everything under its
name: `{"app": {"version": "1.3"}}` also removes a stored `app.build`, and `{"app": null}` removes
them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from coterie.errors import Path, limit_sentence
from coterie.http.greenflash.grammar import EVENT_FIELDS, RATING_FIELDS, event_name, property_name, sent_key
from coterie.http.problem_collector import ProblemCollector
from coterie.rules.operands import describe_json
from coterie.rules.values import Instant, Value, json_number

NAME_LENGTH_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class Naming:
    """The stored name of a property that was sent as `key`, and back.

    `key_of` is None for a stored name that clients do not send as a property.
    """

    name_of: Callable[[str], str]
    key_of: Callable[[str], str | None]


_RATING_NAMES: Final = frozenset(RATING_FIELDS.values())

OF_PARTICIPANT: Final = Naming(property_name, sent_key)
OF_CONVERSATION: Final = Naming(lambda key: key, lambda name: None if name in _RATING_NAMES else name)
OF_EVENT: Final = Naming(event_name, lambda name: None if name in EVENT_FIELDS else name)


def flatten(
    sent: Mapping[str, object], path: Path, naming: Naming, stored_names: Iterable[str] = ()
) -> dict[str, object]:
    """Values by their stored names, None for those to be removed.

    `stored_names` are the names under which values may be stored; those that `sent` replaces are
    removed. Raises InvalidInput with every problem at its path.
    """
    literal: dict[str, object] = {}
    inner: dict[str, object] = {}
    problems = ProblemCollector("invalid_input")
    for key, value in sent.items():
        for name, leaf in _leaves(key, value, (*path, key), problems):
            (literal if name == key else inner)[naming.name_of(name)] = leaf
    problems.raise_if_any()
    values = {**inner, **literal}
    beneath = tuple(f"{key}." for key in sent)
    for name in stored_names:
        stored_key = naming.key_of(name)
        if stored_key is not None and name not in values and (stored_key in sent or stored_key.startswith(beneath)):
            values[name] = None
    return values


def _leaves(name: str, value: object, path: Path, problems: ProblemCollector) -> Iterator[tuple[str, object]]:
    if len(name) > NAME_LENGTH_MAX:
        problems.add(limit_sentence("The name of a property", len(name), "characters", NAME_LENGTH_MAX), path)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}", inner, (*path, key), problems)
    elif isinstance(value, list) and not all(isinstance(item, str) for item in value):
        place, wrong = next((place, item) for place, item in enumerate(value) if not isinstance(item, str))
        hint = "A list holds strings only; send an object, or the list as one string of JSON."
        problems.add(f"A list cannot hold {describe_json(wrong)}.", (*path, place), hint)
    else:
        yield name, value


def nest(values: Mapping[str, Value], naming: Naming) -> dict[str, object]:
    """Stored properties as nested objects, those that `naming` has a key for.

    Where a key is both a value and the beginning of others, the others keep their whole keys.
    """
    nested: dict[str, object] = {}
    for name, value in sorted(values.items()):
        key = naming.key_of(name)
        if key is not None and not _put(nested, key.split("."), to_json(value)):
            nested[key] = to_json(value)
    return nested


def _put(into: dict[str, object], steps: Sequence[str], value: object) -> bool:
    """Put `value` at the end of `steps`. False where another value is in the way."""
    *before, last = steps
    for step in before:
        inner = into.setdefault(step, {})
        if not isinstance(inner, dict):
            return False
        into = inner
    if last in into:
        return False
    into[last] = value
    return True


def to_json(value: Value) -> object:
    """A value as JSON: whole numbers without `.0`, instants as ISO 8601."""
    match value:
        case Instant():
            return value.iso()
        case tuple():
            return list(value)
        case float():
            return json_number(value)
        case _:
            return value
