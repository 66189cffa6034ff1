"""The index as an engine, evaluating all rows, some rows, and staged rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count

import numpy as np
from pyroaring import BitMap

from coterie.index import Changes, Index, Loaded, Row
from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import AT, ChangedAt, Conversations, EventsNamed, Lowered, Source
from coterie.rules.lower import lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant, Value
from tests.conformance.worlds import Profile, Profiles, Segments

GHOST: Mapping[str | ChangedAt, Value] = {"v": "1", "t": "a", "n": 1.0, "plan": "pro", "tags": ("a",)}
"""A profile that is deleted before the question. No engine may return it."""

GHOST_NUMBER = 1_000_000
"""The number of an activity row that is removed before the question, and above it."""

Members = Callable[[str], BitMap]
Ask = Callable[[Index, Lowered, Moment, Members, Changes], BitMap]


class Indexed:
    """The index, asked through `ask`. It is `loaded` as at start, or written profile by profile.

    `holding`: half of the activity is not in it yet, and other activity still is; `ask` is given
    the changes that make it right.
    """

    def __init__(self, ask: Ask, *, loaded: bool = False, holding: bool = False) -> None:
        self._ask = ask
        self._loaded = loaded
        self._holding = holding

    def members(self, rules: Sequence[Rule], profiles: Profiles, moment: Moment, segments: Segments) -> list[set[str]]:
        index = Index(zone=moment.zone, threads=1)
        labels = {profile.number: label for label, profile in profiles.items()}
        rows = _rows(profiles)
        if self._loaded:
            index.load([([*labels], [_document(profile) for profile in profiles.values()])])
            _load(index, rows)
        else:
            _write(index, profiles)
        lowered_rules = [
            lower(rule, moment.zone) for rule in (*rules, *segments.values()) if not isinstance(rule, frozenset)
        ]
        for lowered in lowered_rules:
            _make_columns(index, lowered, rows if self._loaded else {})
        held = Changes() if self._loaded else _publish(index, rows, holding=self._holding)
        members = _members_of(index, moment, segments, labels)
        return [
            {labels[pid] for pid in self._ask(index, lowered, moment, members, held)}
            for lowered in lowered_rules[: len(rules)]
        ]


def _document(profile: Profile) -> dict[str | ChangedAt, Value]:
    return {**profile.values, **{ChangedAt(name): at for name, at in profile.changed.items()}}


def _write(index: Index, profiles: Profiles) -> None:
    """Write each profile over a ghost with its number, and delete one more ghost."""
    ghost = next(number for number in count() if all(number != profile.number for profile in profiles.values()))
    for profile in profiles.values():
        index.publish(index.stage([profile.number], [GHOST]))
        index.publish(index.stage([profile.number], [_document(profile)]))
    index.publish(index.stage([ghost], [GHOST]))
    index.publish(index.stage([ghost], [None]))


# --- activity -------------------------------------------------------------------------------------

Rows = Mapping[Source, Sequence[Row]]


def _rows(profiles: Profiles) -> Rows:
    rows: dict[Source, list[Row]] = {}
    events, conversations = count(), count()
    for profile in profiles.values():
        for name, several in profile.events.items():
            rows.setdefault(EventsNamed(name), []).extend(_of(profile.number, several, events))
        if profile.conversations:
            rows.setdefault(Conversations(), []).extend(_of(profile.number, profile.conversations, conversations))
    return rows


def _of(pid: int, rows: Sequence[ActivityRow], numbers: Iterator[int]) -> list[Row]:
    return [Row(next(numbers), pid, int(row.at), row.values) for row in rows]


def _load(index: Index, rows: Rows) -> None:
    """Load the rows of each source as at start, without columns."""
    for source, several in rows.items():
        index.load_activity(
            source,
            [Loaded(np.array([r.number for r in several]), np.array([r.pid for r in several]), _ats(several), {})],
        )


def _ats(rows: Sequence[Row]) -> np.ndarray:
    return np.array([row.at for row in rows], dtype=np.int64)


def _make_columns(index: Index, lowered: Lowered, rows: Rows) -> None:
    """Load what the rule looks at, out of order. Events of any name have all rows."""
    missing: dict[Source, list[str]] = {}
    for source, name in sorted(index.missing(lowered), key=repr):
        missing.setdefault(source, []).extend([] if name == AT else [name])
    for source, names in missing.items():
        several = [
            row for stored, stored_rows in rows.items() if _part_of(stored, source) for row in reversed(stored_rows)
        ]
        columns = {name: [row.values.get(name) for row in several] for name in names}
        index.load_columns(source, names, [(np.array([row.number for row in several], dtype=np.int64), columns)])
    assert not index.missing(lowered)


def _part_of(source: Source, requested: Source) -> bool:
    return source == requested or (requested == EventsNamed(None) and isinstance(source, EventsNamed))


def _publish(index: Index, rows: Rows, *, holding: bool) -> Changes:
    """Publish row by row, and remove one ghost of each source; return the rows held back."""
    held: dict[Source, list[Row]] = {}
    gone: dict[Source, list[tuple[int, int]]] = {}
    for source, several in rows.items():
        ghost = several[0]._replace(number=GHOST_NUMBER + len(gone))
        gone[source] = [(ghost.number, ghost.pid)]
        held[source] = list(several[::2]) if holding else []
        for row in (ghost, *(row for row in several if row not in held[source])):
            index.publish(index.stage([], [], activity=Changes({source: [row]})))
    changes = Changes(held, gone)
    if holding:
        return changes
    index.publish(index.stage([], [], activity=changes))
    return Changes()


# --- asking ---------------------------------------------------------------------------------------


def _members_of(index: Index, moment: Moment, segments: Segments, labels: Mapping[int, str]) -> Members:
    def members_of(segment_id: str) -> BitMap:
        segment = segments[segment_id]
        if isinstance(segment, frozenset):
            return BitMap(pid for pid, label in labels.items() if label in segment)
        return index.select(lower(segment, moment.zone), moment, members_of)

    return members_of


def all_rows(index: Index, rule: Lowered, moment: Moment, members: Members, held: Changes) -> BitMap:
    """As a preview asks, and a count beside it."""
    selected = index.select(rule, moment, members)
    assert index.counts([rule], moment, members) == [len(selected)]
    return selected


def some_rows(index: Index, rule: Lowered, moment: Moment, members: Members, held: Changes) -> BitMap:
    """As an explanation asks: of these rows."""
    rows = np.arange(index.rows, dtype=np.int64)
    return BitMap(rows[index.evaluate(rule, rows, moment, members)].tolist())


def staged_rows(index: Index, rule: Lowered, moment: Moment, members: Members, held: Changes) -> BitMap:
    """As a write asks: of staged rows. Half of the values are staged again, half are looked up."""
    pids = index.alive_pids()
    names = sorted(index.names())
    looked_up = [name for place, name in enumerate(names) if place % 2 == 0]
    changed: list[str | ChangedAt] = [*looked_up, *(ChangedAt(name) for name in names if name not in looked_up)]
    documents = [{name: value for name in changed if (value := _value(index, name, pid)) is not None} for pid in pids]
    staged = index.stage([*pids], documents, changed=changed, activity=held)

    def verdicts(segment_id: str) -> np.ndarray:
        pids_in = members(segment_id)
        return np.array([pid in pids_in for pid in pids], dtype=np.bool_)

    holds = staged.evaluate(rule, moment, verdicts)
    return BitMap(staged.pids[holds].tolist())


def _value(index: Index, name: str | ChangedAt, pid: int) -> Value | None:
    value = index.value(name, pid)
    return Instant(value) if isinstance(name, ChangedAt) and isinstance(value, int) else value
