"""The properties and events of a workspace: the names declared or seen, and their kinds.

Kept in memory beside the index, and changed only by the writer. `rules/check.py` checks rules
against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from coterie.index import Index
from coterie.model import Property
from coterie.rules.check import OWN_KINDS
from coterie.rules.values import Instant, Kind
from coterie.store.rows import StoredEventProperty, StoredProperty


def property_of(stored: StoredProperty) -> Property:
    """The model of a stored property."""
    return Property(
        id=stored.id,
        name=stored.name,
        type=Kind(stored.type) if stored.type else None,
        fallback=stored.fallback,
        created_at=Instant(stored.created_at),
        updated_at=Instant(stored.updated_at),
    )


class Catalogue:
    """Properties by name.

    `kinds` is read in the hot path of every write, so it is a plain dictionary: name -> declared
    kind or None.
    """

    def __init__(
        self, stored: list[StoredProperty], index: Index, has_segment: Callable[[str], bool],
        events: Iterable[str] = (), event_properties: Iterable[StoredEventProperty] = (),
    ) -> None:  # fmt: skip
        self.by_name = {property.name: property for property in stored}
        self.kinds: dict[str, Kind | None] = {
            property.name: Kind(property.type) if property.type else None for property in stored
        }
        self._index = index
        self._has_segment = has_segment
        self._events: dict[str, dict[str, set[Kind]]] = {name: {} for name in events}
        for seen in event_properties:
            self.see(seen)

    def put(self, stored: StoredProperty) -> None:
        """Add a property, or replace it."""
        self.by_name[stored.name] = stored
        self.kinds[stored.name] = Kind(stored.type) if stored.type else None

    def forget(self, name: str) -> None:
        """Remove a property."""
        del self.by_name[name]
        del self.kinds[name]

    def by_id(self, property_id: str) -> StoredProperty | None:
        """The property with this id, None where there is none."""
        return next((stored for stored in list(self.by_name.values()) if stored.id == property_id), None)

    # --- what rules/check.py looks up

    def declared(self, name: str) -> Kind | None:
        """The kind that the property was declared with, None where it was not."""
        return OWN_KINDS.get(name) or self.kinds.get(name)

    def kinds_of(self, name: str) -> frozenset[Kind] | None:
        """The kinds that the property's values have now, None where it was never seen."""
        if name in OWN_KINDS:
            return frozenset((OWN_KINDS[name],))
        if name not in self.by_name:
            return None
        return frozenset(kind for kind, count in self._index.kinds(name).items() if count)

    def see_event(self, name: str) -> None:
        """Add the name of an event."""
        if name not in self._events:
            self._events[name] = {}

    def see(self, seen: StoredEventProperty) -> None:
        """Add a property of events of one name, with the kinds of its values."""
        self._events.setdefault(seen.event, {}).setdefault(seen.name, set()).update(map(Kind, seen.kinds))

    def event_property(self, event: str, name: str) -> set[Kind] | None:
        """The kinds that a property of these events has had, None where it was never seen."""
        return self._events.get(event, {}).get(name)

    def has_event(self, name: str) -> bool:
        """Whether an event of this name was ever sent."""
        return name in self._events

    def event_kinds(self, name: str, property: str) -> frozenset[Kind] | None:
        """The same, as `rules/check.py` takes it."""
        kinds = self.event_property(name, property)
        return None if kinds is None else frozenset(kinds)

    def conversation_kinds(self, property: str) -> frozenset[Kind] | None:
        """The same for conversations: their kinds are not recorded, so any is possible."""
        return frozenset(Kind)

    def has_segment(self, segment_id: str) -> bool:
        """Whether there is a segment with this id."""
        return self._has_segment(segment_id)
