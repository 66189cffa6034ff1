"""What a profile did, newest first, and what is known of the events of each name. Thin over the store."""

from __future__ import annotations

import re

from coterie.answers.profiles import find_in
from coterie.errors import InvalidCursor, NotFound
from coterie.live.engine import Engine
from coterie.model import Event, EventName, EventProperty, Page
from coterie.rules.kernel import EventsNamed
from coterie.rules.values import Instant, Kind
from coterie.store.document import decode

_CURSOR = re.compile(r"before_(-?[0-9]{1,15})_([0-9]{1,10})")


def timeline(engine: Engine, profile_id: str, name: str | None, cursor: str | None, limit: int) -> Page[Event]:
    """Events of one profile, the latest first. The cursor is the last event shown. Raises NotFound, InvalidCursor."""
    before = _read_cursor(cursor)
    with engine.store.read() as reads:
        profile = find_in(reads, profile_id)
        found = reads.timeline(profile.pid, name=name, before=before, limit=limit + 1)
    items = tuple(
        Event(profile.id, one.name, Instant(one.at), one.message_id, decode(one.document)) for one in found[:limit]
    )
    following = f"before_{found[limit - 1].at}_{found[limit - 1].eid}" if len(found) > limit else None
    return Page(items, following)


def _read_cursor(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    said = _CURSOR.fullmatch(cursor)
    if said is None:
        raise InvalidCursor(
            "This is not a cursor of this list.", path=("cursor",), hint="Use the `next` of the page before, unchanged."
        )
    return int(said[1]), int(said[2])


def event_names(engine: Engine) -> list[EventName]:
    """Every name that an event ever had, in order of first arrival, with how many there are of it."""
    with engine.store.read() as reads:
        names = reads.event_names()
    with engine.reading():
        found = [(name, engine.index.event_summary(EventsNamed(name))) for name in names]
    return [EventName(name, count, first_at, last_at) for name, (count, first_at, last_at) in found]


def event_properties(engine: Engine, name: str) -> list[EventProperty]:
    """The properties that events of a name have had, by name. Raises NotFound for a name that no event ever had."""
    with engine.store.read() as reads:
        if name not in reads.event_names():
            raise NotFound(f"There are no events called {name}.", hint="Names are exact, capitals included.")
        stored = reads.event_properties(name)
    return [
        EventProperty(one.name, tuple(Kind(kind) for kind in one.kinds), Instant(one.first_seen_at)) for one in stored
    ]
