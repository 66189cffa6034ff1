"""Warnings about conditions on activity: unknown names, wrong kinds, windows in the future.

All of it is a warning, since data may still come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from coterie.errors import Path, Problem
from coterie.rules.compared import MAY_COME, compared_kinds, kind_words, mismatch, unknown_property
from coterie.rules.measure_declarations import MEASURES
from coterie.rules.nodes import (
    Calendar,
    ConversationCondition,
    EventCondition,
    Overlap,
    PropertyCondition,
    Rule,
    SequenceCondition,
    Window,
)
from coterie.rules.values import Kind
from coterie.rules.walk import walk

CONVERSATION_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        **dict.fromkeys(("sentiment", "frustration", "struggle", "commercial_intent", "cqi", "rating"), Kind.NUMBER),
        **dict.fromkeys(
            (
                "jailbreak_detected", "hallucination_detected", "user_toxicity_detected", "model_toxicity_detected",
                "user_bias_detected", "model_bias_detected", "missing_capability_detected",
            ),
            Kind.BOOLEAN,
        ),
        **dict.fromkeys(("topics", "keywords"), Kind.LIST),
        **dict.fromkeys(("product_id", "version_id", "model"), Kind.TEXT),
        "started_at": Kind.TIME,
        "message_count": Kind.NUMBER,
    }
)  # fmt: skip
"""The kinds of the conversation's own fields, which rules use like properties.

The names are `model.CONVERSATION_FIELDS`.
"""


class ActivityCatalogue(Protocol):
    """The events and conversations of a workspace."""

    def has_event(self, name: str) -> bool:
        """Whether the workspace has had an event of that name."""
        ...

    def event_kinds(self, name: str, property: str) -> frozenset[Kind] | None:
        """The kinds of a property of these events; None for an unknown property."""
        ...

    def conversation_kinds(self, property: str) -> frozenset[Kind] | None:
        """The same for conversations, except for the fields in `CONVERSATION_KINDS`."""
        ...


class _Source(NamedTuple):
    """A source of activity: its noun in a sentence, and the kinds of its properties, if known."""

    noun: str
    kinds_of: Callable[[str], frozenset[Kind] | None] | None


def check_activity(node: Rule, path: Path, catalogue: ActivityCatalogue) -> Iterator[Problem]:
    """The warnings about one node of a rule; none for groups and other conditions."""
    match node:
        case EventCondition():
            at = (*path, "event")
            yield from _window(node.window, (*at, "window"))
            if node.name is not None and not catalogue.has_event(node.name):
                yield _unknown_event(node.name, (*at, "name"))
                return
            yield from _measured(node, _event(node.name, catalogue), path, at)
        case ConversationCondition():
            at = (*path, "conversation")
            yield from _window(node.window, (*at, "window"))
            yield from _measured(node, _Source("conversation", _conversation(catalogue)), path, at)
        case SequenceCondition(steps, window):
            yield from _window(window, (*path, "window"))
            for place, step in enumerate(steps):
                at = (*path, "sequence", place, "event")
                if not catalogue.has_event(step.name):
                    yield _unknown_event(step.name, (*at, "name"))
                elif step.where is not None:
                    yield from _where(step.where, _event(step.name, catalogue), (*at, "where"))
        case _:
            return


def _event(name: str | None, catalogue: ActivityCatalogue) -> _Source:
    """The source of events of one name. Events of any name have no properties in common."""
    if name is None:
        return _Source("event", None)
    return _Source(f"{name} event", lambda property: catalogue.event_kinds(name, property))


def _conversation(catalogue: ActivityCatalogue) -> Callable[[str], frozenset[Kind] | None]:
    def kinds_of(name: str) -> frozenset[Kind] | None:
        own = CONVERSATION_KINDS.get(name)
        return frozenset({own}) if own is not None else catalogue.conversation_kinds(name)

    return kinds_of


def _measured(node: EventCondition | ConversationCondition, source: _Source, path: Path, at: Path) -> Iterator[Problem]:
    """`path` leads to the condition, `at` to its subject."""
    if node.where is not None:
        yield from _where(node.where, source, (*at, "where"))
    if node.of is None or source.kinds_of is None:
        return
    kinds = source.kinds_of(node.of)
    what = f"“{node.of}” of {source.noun}s"
    if kinds is None:
        yield unknown_property(f"No {source.noun} has had a property", node.of, (*at, "of"))
    elif kinds and (without_numbers := MEASURES[node.measure].without_numbers) and Kind.NUMBER not in kinds:
        yield Problem(
            f"{what} has only ever been {kind_words(kinds)}, and {node.measure} takes numbers, "
            f"so it is always {without_numbers}.",
            (*at, "of"),
            "kind_mismatch",
            "Send it as a number.",
        )
    elif kinds and node.measure in ("first", "last") and not compared_kinds(node) & kinds:
        yield mismatch(f"{what} has only ever been", kinds, node, "everyone", (*path, "operator"))


def _where(where: Rule, source: _Source, path: Path) -> Iterator[Problem]:
    for below, node in walk(where):
        if not isinstance(node, PropertyCondition) or source.kinds_of is None:
            continue
        kinds = source.kinds_of(node.property)
        if kinds is None:
            yield unknown_property(f"No {source.noun} has had a property", node.property, (*path, *below, "property"))
        elif kinds and not compared_kinds(node) & kinds:
            what = f"“{node.property}” of {source.noun}s has only ever been"
            yield mismatch(what, kinds, node, f"every {source.noun}", (*path, *below, "operator"))


def _window(window: Window, path: Path) -> Iterator[Problem]:
    if isinstance(window, Overlap):
        for place, each in enumerate(window.windows):
            yield from _window(each, (*path, "all", place))
    if isinstance(window, Calendar) and (window.word == "tomorrow" or window.word.startswith("next_")):
        yield Problem(
            f"The window {window.word.replace('_', ' ')} is in the future, so it is always empty: "
            "activity with a later time counts only from then on.",
            path,
            "empty_window",
            "Choose a period that has begun.",
        )


def _unknown_event(name: str, path: Path) -> Problem:
    return Problem(f"No event “{name}” has been sent so far.", path, "unknown_event", MAY_COME)
