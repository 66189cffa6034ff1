"""The properties a workspace knows: every name that was declared or seen, and the kind it was declared with.

Kept in memory beside the index, changed only by the writer. It also answers what `rules.check` asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from coterie.index import Index
from coterie.model import Property
from coterie.rules.check import OWN_KINDS
from coterie.rules.values import Instant, Kind
from coterie.store.rows import StoredEventProperty, StoredProperty


def property_of(stored: StoredProperty) -> Property:
    """A stored property as the faces show it."""
    return Property(
        id=stored.id,
        name=stored.name,
        type=Kind(stored.type) if stored.type else None,
        fallback=stored.fallback,
        created_at=Instant(stored.created_at),
        updated_at=Instant(stored.updated_at),
    )


class Catalogue:
    """Properties by name. `declared` is read in the hot path of every write, so it is a plain dictionary: name -> kind or None."""

    def __init__(
        self, stored: list[StoredProperty], index: Index, has_segment: Callable[[str], bool],
        events: Iterable[str] = (), event_properties: Iterable[StoredEventProperty] = (),
    ) -> None:  # fmt: skip
        self.by_name = {one.name: one for one in stored}
        self.kinds: dict[str, Kind | None] = {one.name: Kind(one.type) if one.type else None for one in stored}
        self._index = index
        self._has_segment = has_segment
        self._events: dict[str, dict[str, set[Kind]]] = {name: {} for name in events}
        for one in event_properties:
            self.see(one)

    def put(self, stored: StoredProperty) -> None:
        """Know a property, or know it anew."""
        self.by_name[stored.name] = stored
        self.kinds[stored.name] = Kind(stored.type) if stored.type else None

    def forget(self, name: str) -> None:
        """Know it no more."""
        del self.by_name[name]
        del self.kinds[name]

    def by_id(self, property_id: str) -> StoredProperty | None:
        """None where there is none."""
        return next((one for one in list(self.by_name.values()) if one.id == property_id), None)

    # --- what rules.check asks

    def declared(self, name: str) -> Kind | None:
        """The kind it was declared with; None for none."""
        return OWN_KINDS.get(name) or self.kinds.get(name)

    def kinds_of(self, name: str) -> frozenset[Kind] | None:
        """The kinds the property's values have now; None when it was never seen."""
        if name in OWN_KINDS:
            return frozenset((OWN_KINDS[name],))
        if name not in self.by_name:
            return None
        return frozenset(kind for kind, count in self._index.kinds(name).items() if count)

    def see_event(self, name: str) -> None:
        """An event of this name came."""
        if name not in self._events:
            self._events[name] = {}

    def see(self, seen: StoredEventProperty) -> None:
        """Events of a name have had this property, in these kinds."""
        self._events.setdefault(seen.event, {}).setdefault(seen.name, set()).update(map(Kind, seen.kinds))

    def event_property(self, event: str, name: str) -> set[Kind] | None:
        """The kinds in which events of that name have had the property; None for never."""
        return self._events.get(event, {}).get(name)

    def has_event(self, name: str) -> bool:
        """Whether an event of that name was ever sent."""
        return name in self._events

    def event_kinds(self, name: str, property: str) -> frozenset[Kind] | None:
        """The kinds of value that events of that name have had in this property; None where it was never seen."""
        known = self.event_property(name, property)
        return None if known is None else frozenset(known)

    def conversation_kinds(self, property: str) -> frozenset[Kind] | None:
        """The same for conversations: nobody notes their kinds, so any may be."""
        return frozenset(Kind)

    def has_segment(self, segment_id: str) -> bool:
        """Whether there is a segment with that id."""
        return self._has_segment(segment_id)
