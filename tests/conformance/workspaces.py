"""A whole workspace as an engine: everything that a caller of the library goes through, on a file, with a clock moved by hand.

The segments are there before the profiles, and the profiles before now, so that each profile's membership comes of a write and of time that
passes, never of a count. A preview of the same rule, which is such a count, has to say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from coterie.clock import ManualClock
from coterie.model import ProfileInput, SegmentKind
from coterie.rules.moment import Moment
from coterie.rules.nodes import All, Any, Not, Rule, SegmentCondition
from coterie.rules.values import DAY, Instant, Value
from coterie.workspace import Workspace
from tests.conformance.worlds import OWN_TIMES, Profiles, Segments

BEFORE = 40 * DAY
"""How long before now the segments are made; not before 1970, where no clock of a workspace can stand."""


class Whole:
    def members(self, rule: Rule, profiles: Profiles, moment: Moment, segments: Segments) -> set[str]:
        clock = ManualClock(Instant(max(moment.now - BEFORE, 0)))
        with (
            TemporaryDirectory() as directory,
            Workspace(Path(directory) / "workspace.db", zone=moment.zone.key, clock=clock) as workspace,
        ):
            ids = _make_segments(workspace, segments)
            asked = workspace.create_segment("asked", _renamed(rule, ids))
            labels = _put(workspace, clock, profiles, segments, ids)
            clock.move_to(moment.now)
            found = {labels[one.id] for batch in workspace.export_members(asked.id) for one in batch}
            assert workspace.get_segment(asked.id).member_count == len(found)
            assert workspace.preview(_renamed(rule, ids)).count == len(found)
            return found


def _make_segments(workspace: Workspace, segments: Segments) -> dict[str, str]:
    """The ids that the workspace gives them, by ours. A segment is made after those that its rule names."""
    ids: dict[str, str] = {}

    def make(name: str) -> None:
        known = segments[name]
        if name in ids:
            return
        if isinstance(known, frozenset):
            ids[name] = workspace.create_segment(name, kind=SegmentKind.STATIC).id
            return
        for below in _named(known):
            make(below)
        ids[name] = workspace.create_segment(name, _renamed(known, ids)).id

    for name in segments:
        make(name)
    return ids


def _put(
    workspace: Workspace, clock: ManualClock, profiles: Profiles, segments: Segments, ids: Mapping[str, str]
) -> dict[str, str]:
    """The profiles' labels by their ids. Each is put at the instant at which it was made, on the lists that it is on."""
    labels: dict[str, str] = {}
    for label, values in sorted(profiles.items(), key=lambda item: cast(int, item[1]["created_at"])):
        clock.move_to(cast(Instant, values["created_at"]))
        lists = [ids[name] for name, known in segments.items() if isinstance(known, frozenset) and label in known]
        labels[workspace.put_profile(_input(label, values, lists)).id] = label
    return labels


def _input(label: str, values: Mapping[str, Value], lists: list[str]) -> ProfileInput:
    """Every profile has an identifier; one of which the case says none is known by its label."""
    sent = {"external_id": f"label {label}"} if not {"email", "external_id"} & values.keys() else {}
    sent |= {name: cast(str, values[name]) for name in ("email", "external_id") if name in values}
    properties = {name: value for name, value in values.items() if name not in (*OWN_TIMES, "email", "external_id")}
    return ProfileInput(**sent, properties=properties, lists=lists)


def _named(rule: Rule) -> list[str]:
    match rule:
        case All(children) | Any(children):
            return [name for child in children for name in _named(child)]
        case Not(child):
            return _named(child)
        case SegmentCondition(segment):
            return [segment]
        case _:
            return []


def _renamed(rule: Rule, ids: Mapping[str, str]) -> Rule:
    match rule:
        case All(children):
            return All(tuple(_renamed(child, ids) for child in children))
        case Any(children):
            return Any(tuple(_renamed(child, ids) for child in children))
        case Not(child):
            return Not(_renamed(child, ids))
        case SegmentCondition(segment):
            return SegmentCondition(ids[segment])
        case _:
            return rule
