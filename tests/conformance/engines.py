"""The engines that every case is run against. To add one, write a class with `members` and put it into `ENGINES`.

`members` is given the rule, the profiles' values by label, the moment, and the segments that the rule may name; it answers with the labels of
the profiles for which the rule holds. It raises NotYet where the rule looks at what it cannot evaluate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from pyroaring import BitMap

from coterie.index import Index
from coterie.rules.evaluate import evaluate
from coterie.rules.lower import lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.values import Value
from tests.conformance.workspaces import Whole
from tests.conformance.worlds import Profiles, Segments


class Engine(Protocol):
    def members(self, rule: Rule, profiles: Profiles, moment: Moment, segments: Segments) -> set[str]: ...


# --- the law ----------------------------------------------------------------------------------------------------------


@dataclass
class _Seen:
    """One profile, as the law looks at it."""

    label: str
    values: Mapping[str, Value]
    moment: Moment
    segments: Segments

    def value(self, name: str) -> Value | None:
        return self.values.get(name)

    def is_member(self, segment_id: str) -> bool:
        known = self.segments[segment_id]
        return self.label in known if isinstance(known, frozenset) else evaluate(known, self, self.moment)


class Law:
    def members(self, rule: Rule, profiles: Profiles, moment: Moment, segments: Segments) -> set[str]:
        return {
            label
            for label, values in profiles.items()
            if evaluate(rule, _Seen(label, values, moment, segments), moment)
        }


# --- the index, in the three ways in which it is asked ----------------------------------------------------------------

GHOST: Mapping[str, Value] = {"v": "1", "t": "a", "n": 1.0, "plan": "pro", "tags": ("a",)}
"""A profile that is deleted before the question. Nobody may ever see it."""

Ask = Callable[[Index, Rule, Moment, Callable[[str], BitMap]], BitMap]


class Indexed:
    """The index, asked through `ask`. `loaded`: filled as at start; otherwise written to profile by profile, as in life."""

    def __init__(self, ask: Ask, *, loaded: bool) -> None:
        self._ask = ask
        self._loaded = loaded

    def members(self, rule: Rule, profiles: Profiles, moment: Moment, segments: Segments) -> set[str]:
        index = Index(zone=moment.zone, threads=1)
        labels = {3 * place + 1: label for place, label in enumerate(profiles)}  # with holes between the pids
        self._fill(index, [*labels], [*profiles.values()])
        return {labels[pid] for pid in self._ask(index, rule, moment, _members_of(index, moment, segments, labels))}

    def _fill(self, index: Index, pids: list[int], documents: list[Mapping[str, Value]]) -> None:
        if self._loaded:
            index.load([(pids, documents)])
        else:
            for pid, document in zip(pids, documents, strict=True):
                index.publish(index.stage([pid], [GHOST]))
                index.publish(index.stage([pid], [document]))
        index.publish(index.stage([0], [GHOST]))
        index.publish(index.stage([0], [None]))


def _members_of(index: Index, moment: Moment, segments: Segments, labels: Mapping[int, str]) -> Callable[[str], BitMap]:
    def members_of(segment_id: str) -> BitMap:
        known = segments[segment_id]
        if isinstance(known, frozenset):
            return BitMap(pid for pid, label in labels.items() if label in known)
        return index.select(lower(known, moment.zone), moment, members_of)

    return members_of


def all_rows(index: Index, rule: Rule, moment: Moment, members: Callable[[str], BitMap]) -> BitMap:
    """As a preview asks, and a count beside it."""
    lowered = lower(rule, moment.zone)
    found = index.select(lowered, moment, members)
    assert index.counts([lowered], moment, members) == [len(found)]
    return found


def some_rows(index: Index, rule: Rule, moment: Moment, members: Callable[[str], BitMap]) -> BitMap:
    """As an explanation asks: of these rows."""
    rows = np.arange(index.rows, dtype=np.int64)
    return BitMap(rows[index.evaluate(lower(rule, moment.zone), rows, moment, members)].tolist())


def staged_rows(index: Index, rule: Rule, moment: Moment, members: Callable[[str], BitMap]) -> BitMap:
    """As a write asks: of rows that nobody sees yet. Half of the values are staged again, the others are looked up."""
    pids = index.alive_pids()
    names = sorted(index.names())
    documents = [{name: value for name in names if (value := index.value(name, pid)) is not None} for pid in pids]
    staged = index.stage([*pids], documents, changed=names[::2])

    def verdicts(segment_id: str) -> np.ndarray:
        known = members(segment_id)
        return np.array([pid in known for pid in pids], dtype=np.bool_)

    holds = staged.evaluate(lower(rule, moment.zone), moment, verdicts)
    return BitMap(staged.pids[holds].tolist())


ENGINES: Mapping[str, Engine] = {
    "law": Law(),
    "index": Indexed(all_rows, loaded=True),
    "index, row by row": Indexed(some_rows, loaded=False),
    "index, staged": Indexed(staged_rows, loaded=False),
    "workspace": Whole(),
}
