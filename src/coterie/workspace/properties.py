"""`workspace.properties`: the properties of profiles, declared or seen."""

from __future__ import annotations

from coterie.errors import NotFound, not_found
from coterie.live.engine import Engine
from coterie.live.properties import PropertyJobs
from coterie.live.registry.catalogue import property_of
from coterie.model import UNSET, IdempotencyRecord, Property, PropertyChange, PropertySummary, RewriteRules, Unset
from coterie.rules.values import Kind

TOP = 10
"""The most frequent values that a summary lists."""


class Properties:
    """The properties of one open workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs = PropertyJobs(engine)

    def get(self, property_id: str) -> Property:
        """Raises NotFound."""
        with self._engine.reading():
            stored = self._engine.catalogue.by_id(property_id)
        if stored is None:
            raise not_found("property", property_id)
        return property_of(stored)

    def named(self, name: str) -> Property:
        """The property with exactly this name. Raises NotFound."""
        with self._engine.reading():
            stored = self._engine.catalogue.by_name.get(name)
        if stored is None:
            raise _no_property_named(name)
        return property_of(stored)

    def describe(self, name: str) -> PropertySummary:
        """The kinds of a property's values, how many profiles have each, top values and range.

        Raises NotFound.
        """
        engine = self._engine
        with engine.reading():
            stored = engine.catalogue.by_name.get(name)
            if stored is None:
                raise _no_property_named(name)
            kinds = engine.index.summary(name, TOP)
        return PropertySummary(property_of(stored), sum(kind.count for kind in kinds), kinds)

    def declare(
        self, name: str, type: Kind | None | Unset = UNSET, *, fallback: str | None | Unset = UNSET,
        rename: str | None = None, rewrite: RewriteRules | None = None,
        idempotency: IdempotencyRecord | None = None,
    ) -> PropertyChange:  # fmt: skip
        """Declare a property, or change its declaration.

        Stored values are converted; those that do not convert become missing. `rename` changes the
        name of a property and of every value of it. `rewrite` returns the rules of segments that
        change in the same commit; their origins stay. Raises InvalidInput, Conflict (the name is
        taken), InvalidRule; to rename, NotFound and PropertyInUse (by a segment's rule).
        """
        return self._engine.define(
            lambda work: self._jobs.declare(work, name, type, fallback, rename, rewrite), idempotency=idempotency
        )

    def delete(self, property_id: str) -> None:
        """Delete a property and every value of it.

        Raises NotFound, PropertyInUse when a segment's rule refers to it.
        """
        self._engine.define(lambda work: self._jobs.delete(work, property_id))

    def list(self) -> list[Property]:
        """Every property declared or seen, by name."""
        with self._engine.reading():
            return [property_of(stored) for _, stored in sorted(self._engine.catalogue.by_name.items())]


def _no_property_named(name: str) -> NotFound:
    return not_found("property", name, hint="Names are exact, capitals included.")
