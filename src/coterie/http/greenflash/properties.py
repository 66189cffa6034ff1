"""Properties as Greenflash's clients send them, objects within objects, to properties of ours, which are flat, and back. Pure.

`{"app": {"version": "1.2"}}` becomes the property `app.version`, and so does `{"app.version": "1.2"}`: that is how a rule's dotted key finds either.
They are shown as objects within objects. What is sent under a name is the value of that name from then on: `{"app": {"version": "1.3"}}` also removes
an `app.build` that was there, and `{"app": null}` removes them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from coterie.errors import InvalidInput, Path, Problem
from coterie.rules.operands import describe_json
from coterie.rules.values import EXACT_INTEGER_MAX, Instant, Value

NAME_LENGTH_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class Naming:
    """What a property that was sent as `key` is called where it is stored, and back: `key_of` is None for what nobody sends as a property."""

    name_of: Callable[[str], str]
    key_of: Callable[[str], str | None]


def flat(sent: Mapping[str, object], path: Path, naming: Naming, held: Iterable[str] = ()) -> dict[str, object]:
    """Values by their names, None for those to be removed. `held` are the names that values may be held under so far; those that what is sent
    takes the place of are removed. Raises InvalidInput with every problem, at its path.
    """
    literal: dict[str, object] = {}
    inner: dict[str, object] = {}
    problems: list[Problem] = []
    for key, value in sent.items():
        for name, leaf in _leaves(key, value, (*path, key), problems):
            (literal if name == key else inner)[naming.name_of(name)] = leaf
    if problems:
        first, *others = problems
        raise InvalidInput(first.message, path=first.path, hint=first.hint, others=others)
    values = {**inner, **literal}
    beneath = tuple(f"{key}." for key in sent)
    for name in held:
        shown = naming.key_of(name)
        if shown is not None and name not in values and (shown in sent or shown.startswith(beneath)):
            values[name] = None
    return values


def _leaves(name: str, value: object, path: Path, problems: list[Problem]) -> Iterator[tuple[str, object]]:
    if len(name) > NAME_LENGTH_MAX:
        problems.append(Problem(f"The property's name is longer than {NAME_LENGTH_MAX} characters.", path))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}", inner, (*path, key), problems)
    elif isinstance(value, list) and not all(isinstance(item, str) for item in value):
        place, wrong = next((place, item) for place, item in enumerate(value) if not isinstance(item, str))
        hint = "A list holds strings only; send an object, or the list as one string of JSON."
        problems.append(Problem(f"A list cannot hold {describe_json(wrong)}.", (*path, place), "invalid_input", hint))
    else:
        yield name, value


def nested(values: Mapping[str, Value], naming: Naming) -> dict[str, object]:
    """What is stored under flat names, as objects within objects, as far as it was sent as properties. Where a key is both a value and the
    beginning of others, those are shown under their whole keys."""
    shown: dict[str, object] = {}
    for name, value in sorted(values.items()):
        key = naming.key_of(name)
        if key is not None and not _put(shown, key.split("."), show_value(value)):
            shown[key] = show_value(value)
    return shown


def _put(into: dict[str, object], steps: Sequence[str], value: object) -> bool:
    """Whether there was room."""
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


def show_value(value: Value) -> object:
    """A value as JSON: whole numbers without `.0`, instants as ISO 8601."""
    match value:
        case Instant():
            return value.iso()
        case tuple():
            return list(value)
        case float() if value.is_integer() and abs(value) <= EXACT_INTEGER_MAX:
            return int(value)
        case _:
            return value
