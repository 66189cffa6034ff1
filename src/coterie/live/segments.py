"""Segments are made, changed and deleted: the jobs that do it, each a commit of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from pyroaring import BitMap

from coterie.errors import InvalidInput, InvalidRule, NotFound, SegmentInUse, SegmentLimitReached
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


class SegmentJobs:
    """What can be done to segments. Each method runs in the writer's thread, with the unit of work of its commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self, work: UnitOfWork, name: str, rule: NormalRule | None, kind: SegmentKind, description: str | None,
        origin: Origin | None,
    ) -> tuple[Segment, Definition]:  # fmt: skip
        """Raises InvalidInput, InvalidRule, LimitExceeded."""
        engine = self._engine
        if len(engine.segments.by_sid) >= engine.settings.segments_max:
            raise SegmentLimitReached(
                f"A workspace has at most {engine.settings.segments_max} segments (segments_max)."
            )
        self._check_name(name)
        if description is not None:
            check_encodable(description, "The description", ("description",))
        if (rule is None) != (kind is SegmentKind.STATIC):
            raise InvalidInput(
                "A dynamic segment needs a rule, and a static one has none.",
                path=("rule",),
                hint="Send a rule, or kind static.",
            )
        nodes = None if rule is None else self._checked(rule.rule)
        stored = StoredSegment(
            work.tx.next_sid(), new_id(work.now), name, kind, _rule_text(rule), description,
            _origin_text(origin), 1, work.now, work.now,
        )  # fmt: skip
        segment = engine.segments.draft(stored, nodes)
        work.tx.insert_segment(stored)
        return self._define(work, segment, BitMap())

    def update(
        self, work: UnitOfWork, segment_id: str, name: str | Unset, rule: NormalRule | Unset, description: str | None | Unset,
        origin: Origin | None | Unset,
    ) -> tuple[Segment, Definition]:  # fmt: skip
        """What is Unset stays. Raises NotFound, and what `create` raises."""
        known = self._own(segment_id)
        changes: dict[str, Any] = {"updated_at": work.now}
        if not isinstance(name, Unset):
            self._check_name(name)
            changes["name"] = name
        if not isinstance(description, Unset):
            if description is not None:
                check_encodable(description, "The description", ("description",))
            changes["description"] = description
        if not isinstance(origin, Unset):
            changes["origin"] = _origin_text(origin)
        elif not isinstance(rule, Unset):
            changes["origin"] = None
        if isinstance(rule, Unset):
            segment = self._engine.segments.draft(replace(known.stored, **changes), known.rule)
        else:
            segment = self._redefined(known, rule, changes)
        work.tx.update_segment(segment.stored)
        return self._define(work, segment, known.members)

    def rewrite(self, work: UnitOfWork, segment_id: str, rule: Rule) -> LiveSegment:
        """Store another rule for a segment and keep its origin; the commit judges it with its drafts.

        Raises NotFound, InvalidInput, InvalidRule where the rule uses other segments than before."""
        known = self._own(segment_id)
        segment = self._redefined(known, normalize(rule), {"updated_at": work.now})
        if segment.uses != known.uses:
            raise InvalidRule(
                f"The rewritten rule of {known.stored.name} uses other segments than before.", path=("rule",)
            )
        if segment.lowered is not None:
            self._engine.loader.load_missing(segment.lowered)
        work.tx.update_segment(segment.stored)
        return segment

    def _redefined(self, known: LiveSegment, rule: NormalRule, changes: dict[str, Any]) -> LiveSegment:
        """The segment with this rule and these columns, as it will be. Raises InvalidInput, InvalidRule."""
        if known.is_static:
            raise InvalidInput(
                "A static segment has no rule.",
                path=("rule",),
                hint="Add and remove its members, or make a dynamic segment.",
            )
        nodes = self._checked(rule.rule, known.id)
        if _rule_text(rule) != known.stored.rule:  # as text, for True == 1.0 in Python
            changes |= {"rule": _rule_text(rule), "version": known.stored.version + 1}
        return self._engine.segments.draft(replace(known.stored, **changes), nodes)

    def delete(self, work: UnitOfWork, segment_id: str) -> tuple[None, Definition]:
        """Its members leave it, with cause `definition`. Raises NotFound, SegmentInUse."""
        known = self._own(segment_id)
        users = self._engine.segments.users_of(segment_id)
        if users:
            raise SegmentInUse(
                f"{known.stored.name} is used by {_names(users)}.",
                users=tuple((one.id, one.stored.name) for one in users),
                hint="Change or delete those segments first.",
            )
        moment = Moment(work.now, self._engine.zone)
        transitions = transitions_of_definition(
            self._engine.segments, self._engine.index, known, known.members, BitMap(), moment
        )
        work.tx.delete_segment(known.sid)
        return None, Definition(leave=known, transitions=transitions)

    def _define(self, work: UnitOfWork, segment: LiveSegment, was: BitMap) -> tuple[Segment, Definition]:
        engine = self._engine
        moment = Moment(work.now, engine.zone)
        if segment.lowered is None:
            now_in = was
        else:
            engine.loader.load_missing(segment.lowered)
            now_in = engine.index.select(segment.lowered, moment, engine.segments.members_of)
        transitions = transitions_of_definition(engine.segments, engine.index, segment, was, now_in, moment)
        shown = replace(segment.to_model(), member_count=len(now_in))
        return shown, Definition(enter=segment, transitions=transitions)

    def get(self, segment_id: str) -> LiveSegment:
        """Raises NotFound."""
        segment = self._engine.segments.by_id.get(segment_id)
        if segment is None:
            raise NotFound(f"There is no segment {segment_id}.")
        return segment

    def _own(self, segment_id: str) -> LiveSegment:
        """One that somebody made. Raises NotFound; InvalidInput for a system segment."""
        segment = self.get(segment_id)
        if segment.stored.kind == SegmentKind.SYSTEM:
            raise InvalidInput(
                f"{segment.stored.name} is a system segment: it is neither changed nor deleted.",
                hint="Make a segment of your own with its rule, and change that.",
            )
        return segment

    def get_static(self, segment_id: str) -> LiveSegment:
        """Raises NotFound; InvalidInput for a segment with a rule."""
        segment = self.get(segment_id)
        if not segment.is_static:
            raise InvalidInput(
                f"{segment.stored.name} has a rule, which decides who is in it.",
                hint="Only the members of a static segment are added and removed by hand.",
            )
        return segment

    def _checked(self, rule: Rule, segment_id: str | None = None) -> Rule:
        """The rule. Raises InvalidRule where it names unknown segments or leads back to its own."""
        check(rule, self._engine.catalogue)
        by_id = self._engine.segments.by_id
        cycle = find_cycle(segment_id, rule, lambda one: by_id[one].rule) if segment_id else None
        if cycle:
            names = " → ".join(by_id[one].stored.name for one in cycle)
            raise InvalidRule(
                f"The segment would depend on itself: {names}.",
                path=("rule",),
                hint="Take one of these segments out of the other's rule.",
            )
        return rule

    def _check_name(self, name: str) -> None:
        check_segment_name(name, self._engine.settings.segment_name_length_max, ("name",))


def _names(segments: list[LiveSegment]) -> str:
    return ", ".join(one.stored.name for one in segments[:10]) + (" and others" if len(segments) > 10 else "")


def _rule_text(rule: NormalRule | None) -> str | None:
    return None if rule is None else orjson.dumps(rule.document).decode()


def _origin_text(origin: Origin | None) -> str | None:
    if origin is None:
        return None
    try:
        return orjson.dumps({"dialect": origin.dialect, "document": dict(origin.document)}).decode()
    except TypeError as error:
        raise InvalidInput(f"The origin is not JSON: {error}.", path=("origin",)) from error
