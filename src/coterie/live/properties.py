"""The jobs that change properties and their values in profiles: declare (and rename), delete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from pyroaring import BitMap

from coterie.errors import (
    CHANGE_USERS_FIRST,
    Conflict,
    InvalidValue,
    Problem,
    PropertyInUse,
    not_found,
)
from coterie.live.commit import Definition
from coterie.live.engine import Engine
from coterie.live.registry.catalogue import Catalogue, property_of
from coterie.live.registry.segments import LiveSegment
from coterie.live.segments import SegmentJobs, ids_and_names, used_by
from coterie.live.writes.draft import Draft
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import PROFILE_FIELDS, PropertyChange, RewriteRules, Unset
from coterie.rules.check import check
from coterie.rules.coerce import convert
from coterie.rules.kernel import IsSet
from coterie.rules.moment import Moment
from coterie.rules.names import check_encodable, check_property_name, field_not_property
from coterie.rules.values import Kind, Value, kind_of
from coterie.store.ids import new_id
from coterie.store.rows import StoredProperty

CHUNK = 10_000
"""Profiles loaded in one query."""


class _CatalogueWith:
    """The catalogue as it will be, with one property declared as `kind`."""

    def __init__(self, catalogue: Catalogue, name: str, kind: Kind) -> None:
        self._catalogue = catalogue
        self._name = name
        self._kind = kind

    def declared(self, name: str) -> Kind | None:
        return self._kind if name == self._name else self._catalogue.declared(name)

    def kinds_of(self, name: str) -> frozenset[Kind] | None:
        return frozenset((self._kind,)) if name == self._name else self._catalogue.kinds_of(name)

    def has_segment(self, segment_id: str) -> bool:
        return self._catalogue.has_segment(segment_id)

    def has_event(self, name: str) -> bool:
        return self._catalogue.has_event(name)

    def event_kinds(self, name: str, property: str) -> frozenset[Kind] | None:
        return self._catalogue.event_kinds(name, property)

    def conversation_kinds(self, property: str) -> frozenset[Kind] | None:
        return self._catalogue.conversation_kinds(property)


class PropertyJobs:
    """The jobs on properties. They run in the writer's thread, with their commit's unit of work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._segments = SegmentJobs(engine)

    def declare(
        self, work: UnitOfWork, name: str, kind: Kind | None | Unset, fallback: str | None | Unset,
        rename: str | None = None, rewrite: RewriteRules | None = None,
    ) -> tuple[PropertyChange, Definition]:  # fmt: skip
        """Declare a property, or change its declaration, and convert the stored values.

        `rename` gives a property that no rule uses another name. `rewrite` returns the rules of
        segments that change with the declaration, in the same commit. Raises InvalidInput,
        NotFound, PropertyInUse, Conflict, and what `SegmentJobs.rewrite` raises.
        """
        before = self._engine.catalogue.by_name.get(name)
        if before is None:
            if rename is not None:
                raise not_found("property", name)
            self._check_name(name)
            before = StoredProperty(new_id(work.now), name, None, None, work.now, work.now)
        stored = before if rename is None else self._renamed(before, rename)
        if not isinstance(kind, Unset):
            stored = replace(stored, type=kind.value if kind else None)
        if not isinstance(fallback, Unset):
            if fallback is not None:
                check_encodable(fallback, "The fallback", ("fallback",))
            stored = replace(stored, fallback=fallback)
        if stored != before:
            stored = replace(stored, updated_at=work.now)
        work.tx.put_property(stored)
        converted, dropped = self._rewrite_values(work, name, stored.name, kind if isinstance(kind, Kind) else None)
        rewritten = [] if rewrite is None else self._rewrite(work, stored, rewrite)
        warnings = self._mismatches(stored.name, kind, rewritten) if isinstance(kind, Kind) else ()
        change = PropertyChange(property_of(stored), converted, dropped, warnings)
        deleted = name if stored.name != name else None
        return change, Definition(property=stored, rewritten=rewritten, deleted_property=deleted)

    def _rewrite(self, work: UnitOfWork, declared: StoredProperty, rewrite: RewriteRules) -> list[LiveSegment]:
        """Store the rules that `rewrite` returns, and return their segments as they will be."""
        segments = [segment.to_model() for _, segment in sorted(self._engine.segments.by_sid.items())]
        others = [stored for stored in self._engine.catalogue.by_name.values() if stored.id != declared.id]
        properties = [property_of(stored) for stored in sorted((*others, declared), key=lambda stored: stored.name)]
        rules = rewrite(segments, properties)
        return [self._segments.rewrite(work, segment_id, rule) for segment_id, rule in rules.items()]

    def _mismatches(self, name: str, kind: Kind, rewritten: Sequence[LiveSegment]) -> tuple[Problem, ...]:
        """A warning for each condition on the property that no value of the new kind can meet."""
        catalogue = _CatalogueWith(self._engine.catalogue, name, kind)
        replaced = {segment.sid: segment for segment in rewritten}
        return tuple(
            Problem(
                f"{segment.stored.name}: {warning.message}", (segment.id, *warning.path), warning.code, warning.hint
            )
            for segment in (replaced.get(user.sid, user) for user in self._engine.segments.users_of_property(name))
            if segment.rule is not None
            for warning in check(segment.rule, catalogue)
            if warning.code == "kind_mismatch"
        )

    def _renamed(self, stored: StoredProperty, name: str) -> StoredProperty:
        """The property with another name. Raises InvalidInput, PropertyInUse, Conflict (taken)."""
        self._check_unused(stored)
        if name == stored.name:
            return stored
        self._check_name(name)
        if name in self._engine.catalogue.by_name:
            raise Conflict(f"There is already a property {name}.", path=("name",))
        return replace(stored, name=name)

    def delete(self, work: UnitOfWork, property_id: str) -> tuple[None, Definition]:
        """Delete a property and its values. Raises NotFound, PropertyInUse."""
        stored = self._engine.catalogue.by_id(property_id)
        if stored is None:
            raise not_found("property", property_id)
        self._check_unused(stored)
        for draft in self._drafts_with(work, stored.name):
            self._put(work, draft, stored.name, None)
        work.tx.delete_property(stored.id)
        return None, Definition(deleted_property=stored.name)

    def _check_unused(self, stored: StoredProperty) -> None:
        """Raises PropertyInUse when a rule uses the property."""
        users = self._engine.segments.users_of_property(stored.name)
        if users:
            raise PropertyInUse(used_by(stored.name, users), users=ids_and_names(users), hint=CHANGE_USERS_FIRST)

    def _rewrite_values(self, work: UnitOfWork, name: str, new_name: str, kind: Kind | None) -> tuple[int, int]:
        """Move the stored values to `new_name` and convert them to `kind`, unless it is None.

        Returns how many were converted, and how many were removed because they could not be.
        """
        converted = dropped = 0
        renamed = new_name != name
        zone = self._engine.zone
        for draft in self._drafts_with(work, name, lambda stored_kind: renamed or kind not in (None, stored_kind)):
            stored = draft.values[name]
            value: Value | None = stored
            if kind is not None and kind_of(stored) is not kind:
                try:
                    value = convert(stored, kind, zone, ("properties", name))
                    converted += 1
                except InvalidValue:
                    value = None
                    dropped += 1
            elif not renamed:
                continue
            if renamed:
                self._put(work, draft, name, None)
            if value is not None or not renamed:
                self._put(work, draft, new_name, value)
        return converted, dropped

    def _drafts_with(
        self, work: UnitOfWork, name: str, wanted: Callable[[Kind], bool] = lambda kind: True
    ) -> Iterator[Draft]:
        """Every profile with a value of the property; none where no value is of a `wanted` kind."""
        engine = self._engine
        if not any(count for kind, count in engine.index.kinds(name).items() if wanted(kind)):
            return
        moment = Moment(work.now, engine.zone)
        matching: BitMap = engine.index.select(IsSet(name), moment, engine.segments.members_of)
        pids = np.array(matching.to_array(), dtype=np.int64)
        for start in range(0, len(pids), CHUNK):
            with engine.store.read() as reads:
                ids = reads.ids_of(pids[start : start + CHUNK].tolist())
            work.load(ids=ids.values())
            for profile_id in ids.values():
                draft = work.by_id(profile_id)
                if draft is not None and name in draft.values:
                    yield draft

    @staticmethod
    def _put(work: UnitOfWork, draft: Draft, name: str, value: Value | None) -> None:
        if value is None:
            del draft.values[name]
        else:
            draft.values[name] = value
        draft.changed |= {name, "updated_at"}
        draft.updated_at = work.now
        draft.touched = True

    def _check_name(self, name: str) -> None:
        check_property_name(name, self._engine.settings.property_name_length_max, ("name",))
        if name in PROFILE_FIELDS or name == "id":
            raise Conflict(field_not_property(name))
