"""What is known of a property: from its declaration and from the index."""

from __future__ import annotations

from coterie.errors import NotFound
from coterie.live.engine import Engine
from coterie.live.registry.catalogue import property_of
from coterie.model import PropertySummary

TOP = 10


def summary(engine: Engine, name: str) -> PropertySummary:
    """What is known of one property, kind by kind. Raises NotFound."""
    with engine.reading():
        stored = engine.catalogue.by_name.get(name)
        if stored is None:
            raise NotFound(f"There is no property {name}.", hint="Names are exact, capitals included.")
        kinds = engine.index.summary(name, TOP)
    return PropertySummary(property_of(stored), sum(kind.count for kind in kinds), kinds)
