"""`workspace.events`: write events, and read what is known of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from coterie.answers.cursors import invalid_cursor
from coterie.answers.profiles import find_in
from coterie.errors import NotFound
from coterie.live.engine import Engine
from coterie.model import (
    Event,
    EventInput,
    EventName,
    EventProperty,
    EventWrite,
    IdempotencyRecord,
    Page,
    Rejected,
)
from coterie.rules.kernel import EventsNamed
from coterie.rules.values import Instant, Kind
from coterie.store.document import decode

_CURSOR = re.compile(r"before_(-?[0-9]{1,15})_([0-9]{1,10})")


class Events:
    """The events of one open workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, event: EventInput, *, idempotency: IdempotencyRecord | None = None) -> EventWrite:
        """Store one event, unless an event with its message id is stored already.

        Raises InvalidInput, NotFound, IdentityConflict, Suppressed, IdempotentReplay.
        """
        engine = self._engine
        return engine.write(lambda work: engine.events.put(work, event), idempotency=idempotency)

    def put_many(
        self, events: Sequence[EventInput], *, idempotency: IdempotencyRecord | None = None
    ) -> list[EventWrite | Rejected]:
        """Store many events in one commit, in order. A bad event is rejected by itself.

        Raises IdempotentReplay.
        """
        engine = self._engine
        return engine.write(lambda work: engine.events.put_many(work, events), idempotency=idempotency)

    def timeline(
        self, profile_id: str, *, name: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page[Event]:
        """Events of one profile, of one name or of all, newest first, by cursor.

        Raises NotFound, InvalidCursor.
        """
        before = _read_cursor(cursor)
        with self._engine.store.read() as reads:
            profile = find_in(reads, profile_id)
            stored = reads.timeline(profile.pid, name=name, before=before, limit=limit + 1)
        events = tuple(
            Event(profile.id, event.name, Instant(event.at), event.message_id, decode(event.document))
            for event in stored[:limit]
        )
        following = f"before_{stored[limit - 1].at}_{stored[limit - 1].eid}" if len(stored) > limit else None
        return Page(events, following)

    def names(self) -> list[EventName]:
        """Event names in order of first arrival, with count and first and last instant."""
        engine = self._engine
        with engine.store.read() as reads:
            names = reads.event_names()
        with engine.reading():
            summaries = [(name, engine.index.event_summary(EventsNamed(name))) for name in names]
        return [EventName(name, count, first_at, last_at) for name, (count, first_at, last_at) in summaries]

    def properties(self, name: str) -> list[EventProperty]:
        """The properties of events called `name`, by name. Raises NotFound for an unknown name."""
        with self._engine.store.read() as reads:
            if name not in reads.event_names():
                raise NotFound(f"There are no events called {name}.", hint="Names are exact, capitals included.")
            properties = reads.event_properties(name)
        return [
            EventProperty(stored.name, tuple(Kind(kind) for kind in stored.kinds), Instant(stored.first_seen_at))
            for stored in properties
        ]


def _read_cursor(cursor: str | None) -> tuple[int, int] | None:
    """The instant and number of the last event of the page before. Raises InvalidCursor."""
    if cursor is None:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise invalid_cursor()
    return int(match[1]), int(match[2])
