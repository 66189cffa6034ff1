"""What rules look at is brought into memory: the heads of all events at the opening, and of their properties those that some rule asks of.

A property that no rule asked of before is read from the store when one does, once: in the writer's turn, so that no event slips by meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from coterie.index import Index
from coterie.index.activity import Loaded
from coterie.live.writes.activity import conversation_values
from coterie.live.writes.draft import stored_document
from coterie.rules.kernel import AT, ChangedAt, Conversations, EventsNamed, Lowered, Source
from coterie.rules.values import Value
from coterie.rules.walk import changes
from coterie.store.rows import EVENT_HEAD, StoredConversation
from coterie.store.store import Reads

if TYPE_CHECKING:
    from coterie.live.engine import Engine

HEAD = np.dtype(list(EVENT_HEAD))
Columns = Mapping[str, list[Value | None]]


def load_activity(index: Index, reads: Reads, wanted: Mapping[Source, set[str]]) -> None:
    """At the opening: every event and conversation, with the `wanted` columns of each source."""
    for name in reads.event_names():
        source = EventsNamed(name)
        index.load_activity(source, _events(reads, name, sorted(wanted.get(source, ()))))
    index.load_activity(Conversations(), _conversations(reads, sorted(wanted.get(Conversations(), ()))))


def _events(reads: Reads, name: str, columns: Sequence[str]) -> Iterator[Loaded]:
    if columns:
        for packed, values in reads.event_columns(name, columns):
            yield _loaded(packed, values)
    else:
        for packed in reads.event_heads(name):
            yield _loaded(packed, {})


def _loaded(packed: bytes, columns: Columns) -> Loaded:
    heads = np.frombuffer(packed, dtype=HEAD)
    return Loaded(heads["eid"].astype(np.uint32), heads["pid"].astype(np.uint32), heads["at"].astype(np.int64), columns)


def _conversations(reads: Reads, columns: Sequence[str]) -> Iterator[Loaded]:
    for batch in reads.all_conversations():
        yield Loaded(
            np.array([one.cid for one in batch], dtype=np.uint32),
            np.array([one.pid for one in batch], dtype=np.uint32),
            np.array([one.at for one in batch], dtype=np.int64),
            _values(batch, columns),
        )


def _values(batch: Sequence[StoredConversation], columns: Sequence[str]) -> Columns:
    seen = [conversation_values(one) for one in batch]
    return {name: [values.get(name) for values in seen] for name in columns}


# --- what a rule asks of


def is_loaded(engine: Engine, rule: Lowered) -> bool:
    """Whether everything that the rule looks at is in memory."""
    return not engine.index.missing(rule) and changes(rule) <= engine.changes_of


def load_missing(engine: Engine, rule: Lowered) -> None:
    """Bring in what is missing. In the writer's turn."""
    missing: dict[Source, set[str]] = defaultdict(set)
    for source, column in engine.index.missing(rule):
        missing[source].add(column)
    for source, names in missing.items():
        columns = sorted(names - {AT})
        with engine.store.read() as reads:
            engine.index.load_columns(source, columns, _columns(reads, source, columns))
    for name in sorted(changes(rule) - engine.changes_of):
        _load_changes(engine, name)
        engine.changes_of.add(name)


def _columns(reads: Reads, source: Source, columns: Sequence[str]) -> Iterable[tuple[np.ndarray, Columns]]:
    if not columns:
        return
    if isinstance(source, Conversations):
        for loaded in _conversations(reads, columns):
            yield loaded.numbers, loaded.columns
        return
    for name in reads.event_names() if source.name is None else (source.name,):
        for loaded in _events(reads, name, columns):
            yield loaded.numbers, loaded.columns


def _load_changes(engine: Engine, name: str) -> None:
    """When the property got its value, for every profile that has it: a column like any other."""
    subject = ChangedAt(name)
    with engine.store.read() as reads:
        for batch in reads.all_profiles():
            documents = [stored_document(one, (name,)) for one in batch]
            staged = engine.index.stage([one.pid for one in batch], documents, {subject})
            engine.index.publish(staged)
