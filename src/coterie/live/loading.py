"""What rules look at is loaded from the store into the index.

At opening, the heads of all events and conversations, and of their properties those that some rule
looks at. A property that no rule looked at before is loaded when one does, once: in the writer's
turn, so that no event slips by meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from coterie.index import Index
from coterie.index.activity import Loaded
from coterie.live.writes.activity import conversation_values
from coterie.live.writes.draft import stored_document
from coterie.rules.kernel import AT, ChangedAt, Conversations, EventsNamed, Lowered, Source
from coterie.rules.values import Value
from coterie.rules.walk import changes
from coterie.store.rows import EVENT_HEAD, StoredConversation
from coterie.store.store import Reads, Store

HEAD = np.dtype(list(EVENT_HEAD))
Columns = Mapping[str, list[Value | None]]


class Loader:
    """Loads activity, columns of it, and times of change."""

    def __init__(self, index: Index, store: Store) -> None:
        self._index = index
        self._store = store
        self.changes_of: set[str] = set()
        """The properties whose times of change are indexed: those that some rule has looked at."""

    def load_activity(self, reads: Reads, wanted: Mapping[Source, set[str]]) -> None:
        """Load every event and conversation, with the `wanted` columns of each source.

        At opening.
        """
        for name in reads.event_names():
            source = EventsNamed(name)
            self._index.load_activity(source, _events(reads, name, sorted(wanted.get(source, ()))))
        columns = sorted(wanted.get(Conversations(), ()))
        self._index.load_activity(Conversations(), _conversations(reads, columns))

    def is_loaded(self, rule: Lowered) -> bool:
        """Whether everything that the rule looks at is in memory."""
        return not self._index.missing(rule) and changes(rule) <= self.changes_of

    def load_missing(self, rule: Lowered) -> None:
        """Load what the rule looks at and is not in memory. In the writer's turn."""
        missing: dict[Source, set[str]] = defaultdict(set)
        for source, column in self._index.missing(rule):
            missing[source].add(column)
        for source, names in missing.items():
            columns = sorted(names - {AT})
            with self._store.read() as reads:
                self._index.load_columns(source, columns, _columns(reads, source, columns))
        for name in sorted(changes(rule) - self.changes_of):
            self._load_changes(name)
            self.changes_of.add(name)

    def _load_changes(self, name: str) -> None:
        """Load when each profile got its value of a property: a column like any other."""
        subject = ChangedAt(name)
        with self._store.read() as reads:
            for profiles in reads.all_profiles():
                documents = [stored_document(profile, (name,)) for profile in profiles]
                staged = self._index.stage([profile.pid for profile in profiles], documents, {subject})
                self._index.publish(staged)


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
            np.array([conversation.cid for conversation in batch], dtype=np.uint32),
            np.array([conversation.pid for conversation in batch], dtype=np.uint32),
            np.array([conversation.at for conversation in batch], dtype=np.int64),
            _values(batch, columns),
        )


def _values(batch: Sequence[StoredConversation], columns: Sequence[str]) -> Columns:
    values = [conversation_values(conversation) for conversation in batch]
    return {name: [row.get(name) for row in values] for name in columns}
