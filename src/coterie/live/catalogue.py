"""The properties a workspace knows: every name that was declared or seen, and the kind it was declared with.

Kept in memory beside the index, changed only by the writer. It also answers what `rules.check` asks.
"""

from __future__ import annotations

from collections.abc import Callable

from coterie.index import Index
from coterie.model import Property
from coterie.rules.check import OWN_KINDS
from coterie.rules.values import Instant, Kind
from coterie.store.records import StoredProperty


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

    def __init__(self, stored: list[StoredProperty], index: Index, has_segment: Callable[[str], bool]) -> None:
        self.by_name = {one.name: one for one in stored}
        self.kinds: dict[str, Kind | None] = {one.name: Kind(one.type) if one.type else None for one in stored}
        self._index = index
        self._has_segment = has_segment

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

    def has_segment(self, segment_id: str) -> bool:
        """Whether there is a segment with that id."""
        return self._has_segment(segment_id)
