"""A whole workspace as an engine: a caller's view of the library, on a file, with a manual clock.

Segments exist before profiles, and profiles before now, so that each membership results from a
write and from passing time, never from a count. A preview of the same rule, which is such a count,
must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from coterie.clock import ManualClock
from coterie.model import (
    ANALYSIS_LISTS,
    FLAGS,
    SCORES,
    ConversationInput,
    EventInput,
    MessageInput,
    ProfileInput,
    ProfileRef,
    SegmentKind,
)
from coterie.rules.activity import ActivityRow
from coterie.rules.moment import Moment
from coterie.rules.nodes import All, Any, Not, Rule, SampleCondition, SegmentCondition
from coterie.rules.values import DAY, Instant, Value
from coterie.rules.walk import walk
from coterie.workspace import Workspace
from tests.conformance.worlds import OWN_TIMES, Profiles, Segments

OTHERWISE = "what it was before"
"""The value of a property until it changes to the one that the case gives."""

BEFORE = 40 * DAY
"""How long before now the segments are made, at least."""


class WholeWorkspace:
    def members(self, rules: Sequence[Rule], profiles: Profiles, moment: Moment, segments: Segments) -> list[set[str]]:
        clock = ManualClock(_start(profiles, moment))
        with (
            TemporaryDirectory() as directory,
            Workspace(Path(directory) / "workspace.db", zone=moment.zone.key, clock=clock) as workspace,
        ):
            ids = _make_segments(workspace, segments)
            renamed = [_renamed(rule, ids) for rule in rules]
            segment_ids = [workspace.segments.create(f"asked {place}", rule).id for place, rule in enumerate(renamed)]
            lists = {
                label: [
                    ids[name]
                    for name, segment in segments.items()
                    if isinstance(segment, frozenset) and label in segment
                ]
                for label in profiles
            }
            if any(_drawn(rule) for rule in (*rules, *segments.values())):
                labels = _put_by_number(workspace, profiles, lists)
            else:
                labels = _put(workspace, clock, profiles, lists, moment.now)
            clock.move_to(moment.now)
            return [
                _members(workspace, segment, rule, labels) for segment, rule in zip(segment_ids, renamed, strict=True)
            ]


def _members(workspace: Workspace, segment: str, rule: Rule, labels: Mapping[str, str]) -> set[str]:
    members = {labels[profile.id] for batch in workspace.segments.export_members(segment) for profile in batch}
    assert workspace.segments.get(segment).member_count == len(members)
    assert workspace.preview(rule).count == len(members)
    return members


def _start(profiles: Profiles, moment: Moment) -> Instant:
    """An instant before now and any profile, since a clock does not go back; at least 1970."""
    made = [cast(int, profile.values["created_at"]) for profile in profiles.values()]
    return Instant(max(min([moment.now - BEFORE, *made]), 0))


def _make_segments(workspace: Workspace, segments: Segments) -> dict[str, str]:
    """The workspace's ids, by ours. A segment is created after those that its rule names."""
    ids: dict[str, str] = {}

    def make(name: str) -> None:
        definition = segments[name]
        if name in ids:
            return
        if isinstance(definition, frozenset):
            ids[name] = workspace.segments.create(name, kind=SegmentKind.STATIC).id
            return
        for below in _named(definition):
            make(below)
        ids[name] = workspace.segments.create(name, _renamed(definition, ids)).id

    for name in segments:
        make(name)
    return ids


# --- profiles and their activity ------------------------------------------------------------------


@dataclass
class _Writer:
    """Writes the profiles of a case and their activity into a workspace, in the order of time."""

    workspace: Workspace
    profiles: Profiles
    lists: Mapping[str, list[str]]
    ids: dict[str, str] = field(default_factory=dict)

    def make(self, label: str) -> None:
        profile = self.profiles[label]
        values: dict[str, Value] = {}
        for name, value in profile.values.items():
            late = profile.changed[name] != profile.values["created_at"]
            values[name] = OTHERWISE if late and name not in OWN_TIMES else value
        self.ids[label] = self.workspace.profiles.put(_input(label, values, self.lists[label])).id

    def change(self, label: str, at: Instant) -> None:
        profile = self.profiles[label]
        changes = {name: profile.values[name] for name, when in profile.changed.items() if when == at}
        self.workspace.profiles.update(self.ids[label], ProfileInput(properties=_properties(changes)))

    def put_event(self, label: str, name: str, row: ActivityRow) -> None:
        ref = ProfileRef(id=self.ids[label])
        self.workspace.events.put(EventInput(name, ref, at=row.at, properties=row.values))

    def put_conversation(self, label: str, row: ActivityRow) -> None:
        self.workspace.conversations.put(_conversation(ProfileRef(id=self.ids[label]), row))


def _put(
    workspace: Workspace, clock: ManualClock, profiles: Profiles, lists: Mapping[str, list[str]], now: Instant
) -> dict[str, str]:
    """The profiles' labels by their ids.

    Each profile is created and changed, and its activity put, at its own instants. Activity from
    before the profile is put late, and future activity beforehand.
    """
    writer = _Writer(workspace, profiles, lists)
    start = clock.now()
    acts: list[tuple[int, int, Callable[[], None]]] = []
    for label, profile in profiles.items():
        made = cast(Instant, profile.values["created_at"])
        if made == now and (profile.events or profile.conversations):
            made = start  # no instant was given; so that time passes between activity and now
        acts.append((made, 0, partial(writer.make, label)))
        for at in sorted(set(profile.changed.values()) - {profile.values["created_at"]}):
            acts.append((at, 1, partial(writer.change, label, at)))

        def when(row: ActivityRow, made: int = made) -> int:
            return made if row.at > now else max(made, row.at)

        for name, several in profile.events.items():
            acts += [(when(row), 2, partial(writer.put_event, label, name, row)) for row in several]
        acts += [(when(row), 2, partial(writer.put_conversation, label, row)) for row in profile.conversations]
    for instant, _, act in sorted(acts, key=lambda act: act[:2]):
        clock.move_to(Instant(instant))
        act()
    return {profile_id: label for label, profile_id in writer.ids.items()}


def _put_by_number(workspace: Workspace, profiles: Profiles, lists: Mapping[str, list[str]]) -> dict[str, str]:
    """The profiles' labels by their ids. Other profiles fill the gaps between numbers, then go."""
    writer = _Writer(workspace, profiles, lists)
    labels = {profile.number: label for label, profile in profiles.items()}
    for number in range(max(labels, default=-1) + 1):
        if number in labels:
            writer.make(labels[number])
        else:
            workspace.profiles.delete(workspace.profiles.put(ProfileInput(external_id=f"between {number}")).id)
    return {profile_id: label for label, profile_id in writer.ids.items()}


def _input(label: str, values: Mapping[str, Value], lists: list[str]) -> ProfileInput:
    """The profile as sent. Without an identifier in the case, its label is the external id."""
    sent = {"external_id": f"label {label}"} if not {"email", "external_id"} & values.keys() else {}
    sent |= {name: cast(str, values[name]) for name in ("email", "external_id") if name in values}
    return ProfileInput(**sent, properties=_properties(values), lists=lists)


def _properties(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name not in (*OWN_TIMES, "email", "external_id")}


def _conversation(profile: ProfileRef, row: ActivityRow) -> ConversationInput:
    """The conversation as sent: fields, analysis, and its own properties."""
    values = dict(row.values)
    messages = int(cast(float, values.pop("message_count")))
    fields = {name: values.pop(name) for name in ("product_id", "version_id", "model", "started_at") if name in values}
    analysis = {name: values.pop(name) for name in (*SCORES, *FLAGS, *ANALYSIS_LISTS) if name in values}
    return ConversationInput(
        profile=profile,
        at=row.at,
        **fields,  # type: ignore[arg-type]  # by name
        analysis=analysis,
        properties={name.removeprefix("properties."): value for name, value in values.items()},
        messages=[MessageInput("user", "…")] * messages,
    )


# --- rules ----------------------------------------------------------------------------------------


def _drawn(rule: Rule | frozenset[str]) -> bool:
    return not isinstance(rule, frozenset) and any(isinstance(node, SampleCondition) for _, node in walk(rule))


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
