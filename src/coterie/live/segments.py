"""The jobs that change segments: create, update, rewrite, delete. Each has a commit of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from pyroaring import BitMap

from coterie.errors import (
    CHANGE_USERS_FIRST,
    InvalidInput,
    InvalidRule,
    SegmentInUse,
    SegmentLimitReached,
    not_found,
    over_limit,
)
from coterie.live.commit import Definition
from coterie.live.engine import Engine
from coterie.live.registry.segments import LiveSegment
from coterie.live.transitions.by_definition import transitions_of_definition
from coterie.live.writes.unit_of_work import UnitOfWork
from coterie.model import Origin, Segment, SegmentKind, Unset
from coterie.rules.check import check, find_cycle
from coterie.rules.moment import Moment
from coterie.rules.names import check_encodable, check_segment_name
from coterie.rules.nodes import Rule
from coterie.rules.normalize import NormalRule, normalize
from coterie.store.ids import new_id
from coterie.store.rows import StoredSegment

NAMES_LISTED_MAX = 10
"""The segments that an error names."""


class SegmentJobs:
    """The jobs on segments. They run in the writer's thread, with their commit's unit of work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self, work: UnitOfWork, name: str, rule: NormalRule | None, kind: SegmentKind, description: str | None,
        origin: Origin | None,
    ) -> tuple[Segment, Definition]:  # fmt: skip
        """Create a segment. Raises InvalidInput, InvalidRule, LimitExceeded."""
        engine = self._engine
        count, limit = len(engine.segments.by_sid), engine.settings.segments_max
        if count >= limit:
            raise over_limit("The workspace", count, "segments", limit, "segments_max", error=SegmentLimitReached)
        self._check_name(name)
        _check_description(description)
        if (rule is None) != (kind is SegmentKind.STATIC):
            raise InvalidInput(
                "A dynamic segment needs a rule, and a static segment has none.",
                path=("rule",),
                hint="Send a rule, or kind static.",
            )
        nodes = None if rule is None else self._check_rule(rule.rule)
        stored = StoredSegment(
            work.tx.next_sid(), new_id(work.now), name, kind, _encode_rule(rule), description,
            _encode_origin(origin), 1, work.now, work.now,
        )  # fmt: skip
        segment = engine.segments.draft(stored, nodes)
        work.tx.insert_segment(stored)
        return self._define(work, segment, BitMap())

    def update(
        self, work: UnitOfWork, segment_id: str, name: str | Unset, rule: NormalRule | Unset,
        description: str | None | Unset, origin: Origin | None | Unset,
    ) -> tuple[Segment, Definition]:  # fmt: skip
        """Update a segment; what is Unset stays, but another rule removes the origin.

        Raises NotFound, and what `create` raises.
        """
        before = self._get_editable(segment_id)
        changes: dict[str, Any] = {"updated_at": work.now}
        if not isinstance(name, Unset):
            self._check_name(name)
            changes["name"] = name
        if not isinstance(description, Unset):
            _check_description(description)
            changes["description"] = description
        if not isinstance(origin, Unset):
            changes["origin"] = _encode_origin(origin)
        elif not isinstance(rule, Unset):
            changes["origin"] = None
        if isinstance(rule, Unset):
            segment = self._engine.segments.draft(replace(before.stored, **changes), before.rule)
        else:
            segment = self._with_rule(before, rule, changes)
        work.tx.update_segment(segment.stored)
        return self._define(work, segment, before.members)

    def rewrite(self, work: UnitOfWork, segment_id: str, rule: Rule | NormalRule) -> LiveSegment:
        """Store another rule for a segment, and return the segment for the commit to judge.

        Its origin stays. Raises NotFound, InvalidInput; InvalidRule where the rule uses other
        segments than before.
        """
        before = self._get_editable(segment_id)
        segment = self._with_rule(before, normalize(rule), {"updated_at": work.now})
        if segment.uses != before.uses:
            raise InvalidRule(
                f"The rewritten rule of {before.stored.name} uses other segments than before.", path=("rule",)
            )
        if segment.lowered is not None:
            self._engine.loader.load_missing(segment.lowered)
        work.tx.update_segment(segment.stored)
        return segment

    def delete(self, work: UnitOfWork, segment_id: str) -> tuple[None, Definition]:
        """Delete a segment; its members leave it. Raises NotFound, SegmentInUse."""
        engine = self._engine
        segment = self._get_editable(segment_id)
        users = engine.segments.users_of(segment_id)
        if users:
            raise SegmentInUse(
                used_by(segment.stored.name, users),
                users=ids_and_names(users),
                hint=CHANGE_USERS_FIRST,
            )
        moment = Moment(work.now, engine.zone)
        transitions = transitions_of_definition(
            engine.segments, engine.index, segment, segment.members, BitMap(), moment
        )
        work.tx.delete_segment(segment.sid)
        return None, Definition(deleted_segment=segment, transitions=transitions)

    # --- finding

    def get(self, segment_id: str) -> LiveSegment:
        """The segment with this id. Raises NotFound."""
        segment = self._engine.segments.by_id.get(segment_id)
        if segment is None:
            raise not_found("segment", segment_id)
        return segment

    def get_static(self, segment_id: str) -> LiveSegment:
        """The static segment with this id. Raises NotFound, InvalidInput (it has a rule)."""
        segment = self.get(segment_id)
        if not segment.is_static:
            raise InvalidInput(
                f"{segment.stored.name} has a rule, which decides who is in it.",
                hint="Only the members of a static segment are added and removed by hand.",
            )
        return segment

    def _get_editable(self, segment_id: str) -> LiveSegment:
        """The segment with this id. Raises NotFound, InvalidInput (it is a system segment)."""
        segment = self.get(segment_id)
        if segment.stored.kind == SegmentKind.SYSTEM:
            raise InvalidInput(
                f"{segment.stored.name} is a system segment: it cannot be changed or deleted.",
                hint="Create a segment of your own with its rule, and change that.",
            )
        return segment

    # --- defining

    def _define(self, work: UnitOfWork, segment: LiveSegment, before: BitMap) -> tuple[Segment, Definition]:
        engine = self._engine
        moment = Moment(work.now, engine.zone)
        if segment.lowered is None:
            members = before
        else:
            engine.loader.load_missing(segment.lowered)
            members = engine.index.select(segment.lowered, moment, engine.segments.members_of)
        transitions = transitions_of_definition(engine.segments, engine.index, segment, before, members, moment)
        model = replace(segment.to_model(), member_count=len(members))
        return model, Definition(segment=segment, transitions=transitions)

    def _with_rule(self, segment: LiveSegment, rule: NormalRule, changes: dict[str, Any]) -> LiveSegment:
        """The segment with another rule and other `changes`. Raises InvalidInput, InvalidRule."""
        if segment.is_static:
            raise InvalidInput(
                "A static segment has no rule.",
                path=("rule",),
                hint="Add and remove its members, or create a dynamic segment.",
            )
        nodes = self._check_rule(rule.rule, segment.id)
        encoded = _encode_rule(rule)
        if encoded != segment.stored.rule:  # compared as text, for True == 1.0 in Python
            changes |= {"rule": encoded, "version": segment.stored.version + 1}
        return self._engine.segments.draft(replace(segment.stored, **changes), nodes)

    # --- checks

    def _check_rule(self, rule: Rule, segment_id: str | None = None) -> Rule:
        """Raises InvalidRule for a rule that uses unknown segments, or its own segment."""
        check(rule, self._engine.catalogue)
        by_id = self._engine.segments.by_id
        cycle = find_cycle(segment_id, rule, lambda used: by_id[used].rule) if segment_id else None
        if cycle:
            names = " → ".join(by_id[used].stored.name for used in cycle)
            raise InvalidRule(
                f"The segment would depend on itself: {names}.",
                path=("rule",),
                hint="Remove one of these segments from the other's rule.",
            )
        return rule

    def _check_name(self, name: str) -> None:
        check_segment_name(name, self._engine.settings.segment_name_length_max, ("name",))


def used_by(name: str, users: Sequence[LiveSegment]) -> str:
    """The sentence for something that the rules of these segments use."""
    names = ", ".join(user.stored.name for user in users[:NAMES_LISTED_MAX])
    return f"{name} is used by {names}{' and others' if len(users) > NAMES_LISTED_MAX else ''}."


def ids_and_names(segments: Sequence[LiveSegment]) -> tuple[tuple[str, str], ...]:
    """The `users` of an error."""
    return tuple((segment.id, segment.stored.name) for segment in segments)


def _check_description(description: str | None) -> None:
    if description is not None:
        check_encodable(description, "The description", ("description",))


def _encode_rule(rule: NormalRule | None) -> str | None:
    return None if rule is None else orjson.dumps(rule.document).decode()


def _encode_origin(origin: Origin | None) -> str | None:
    if origin is None:
        return None
    try:
        return orjson.dumps({"dialect": origin.dialect, "document": dict(origin.document)}).decode()
    except TypeError as error:
        raise InvalidInput(f"The origin is not JSON: {error}.", path=("origin",)) from error
