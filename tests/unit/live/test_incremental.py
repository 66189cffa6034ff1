"""Whatever is done in whatever order: memberships match the law, and the feed adds up to them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.clock import ManualClock
from coterie.errors import IdentityConflict, InvalidRule, InvalidValue, NotFound, SegmentInUse
from coterie.model import Action, ProfileInput, SegmentKind
from coterie.rules.evaluate import evaluate
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.values import DAY, Instant, Kind, Value
from coterie.workspace import Workspace
from tests.strategies import NOW, PROPERTIES, SEGMENTS, profiles, rules
from tests.unit.live.renaming import renamed

ZONE = "America/Santiago"
PEOPLE = tuple(f"u{number}" for number in range(40))


@dataclass
class World:
    """A workspace under test, and how to reach what was made in it."""

    directory: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(Instant(NOW)))
    workspace: Workspace = field(init=False)
    segments: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.workspace = Workspace(self.directory / "one.sqlite", zone=ZONE, clock=self.clock)

    def rule(self, rule: Rule) -> Rule:
        """The rule with the strategy's placeholder segments replaced by segments there are."""
        known = self.segments + self.lists
        names = {name: known[place % len(known)] for place, name in enumerate(SEGMENTS)} if known else {}
        return renamed(rule, names)


Step = Callable[[World], object]


def some(chosen: list[str], place: int) -> str:
    return chosen[place % len(chosen)] if chosen else "00000000-0000-7000-8000-000000000000"


# --- the steps


@st.composite
def inputs(draw: st.DrawFn) -> ProfileInput:
    values: dict[str, Value | None] = dict(draw(profiles()))
    for name in draw(st.lists(st.sampled_from(PROPERTIES), max_size=2)):
        values[name] = None
    return ProfileInput(
        external_id=draw(st.sampled_from(PEOPLE)),
        email=draw(st.sampled_from(("A@example.com", "b@example.com", "c@example.com"))),
        properties=values,
    )


def put(one: ProfileInput, match: str) -> Step:
    return lambda world: world.workspace.profiles.put(one, match=match)


def put_many(many: list[ProfileInput]) -> Step:
    return lambda world: world.workspace.profiles.put_many(many)


def delete(person: str) -> Step:
    def step(world: World) -> None:
        world.workspace.profiles.delete(world.workspace.profiles.get(external_id=person).id)

    return step


def create(rule: Rule) -> Step:
    def step(world: World) -> None:
        world.segments.append(world.workspace.segments.create("made", world.rule(rule)).id)

    return step


def create_list() -> Step:
    def step(world: World) -> None:
        world.lists.append(world.workspace.segments.create("list", kind=SegmentKind.STATIC).id)

    return step


def edit(place: int, rule: Rule) -> Step:
    return lambda world: world.workspace.segments.update(some(world.segments, place), rule=world.rule(rule))


def drop(place: int) -> Step:
    def step(world: World) -> None:
        chosen = some(world.segments, place)
        world.workspace.segments.delete(chosen)
        world.segments.remove(chosen)

    return step


def listed(place: int, people: list[str], adding: bool) -> Step:
    def step(world: World) -> None:
        ids = [world.workspace.profiles.get(external_id=person).id for person in people]
        change = world.workspace.segments.add_members if adding else world.workspace.segments.remove_members
        change(some(world.lists, place), ids)

    return step


def declare(name: str, kind: Kind | None) -> Step:
    return lambda world: world.workspace.properties.declare(name, kind)


def wait(milliseconds: int) -> Step:
    return lambda world: world.clock.advance(milliseconds)


def reopen() -> Step:
    def step(world: World) -> None:
        world.workspace.close()
        world.open()

    return step


PLACES = st.integers(0, 5)
STEPS = st.one_of(
    st.builds(put, inputs(), st.sampled_from(("external_id", "email"))),
    st.builds(put_many, st.lists(inputs(), min_size=1, max_size=40)),
    st.builds(delete, st.sampled_from(PEOPLE)),
    st.builds(create, rules()),
    st.builds(create, rules()),
    st.builds(create_list),
    st.builds(edit, PLACES, rules()),
    st.builds(drop, PLACES),
    st.builds(listed, PLACES, st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3), st.booleans()),
    st.builds(declare, st.sampled_from(PROPERTIES), st.sampled_from((None, *Kind))),
    st.builds(wait, st.sampled_from((1, 1000, 3_600_000, DAY, 7 * DAY, 31 * DAY))),
    st.builds(reopen),
)


# --- the property


class View:
    """A profile and its memberships, as the law looks at them."""

    def __init__(self, world: World, profile_id: str, members: dict[str, set[str]]) -> None:
        profile = world.workspace.profiles.get(profile_id)
        self.id = profile.id
        self._values: dict[str, Value | None] = dict(profile.properties)
        self._values |= {
            "external_id": profile.external_id, "email": profile.email,
            "created_at": profile.created_at, "updated_at": profile.updated_at,
        }  # fmt: skip
        self._members = members

    def value(self, name: str) -> Value | None:
        return self._values.get(name)

    def is_member(self, segment_id: str) -> bool:
        return self.id in self._members[segment_id]


def everybody(world: World) -> list[str]:
    return [one.id for one in world.workspace.profiles.list(limit=1000).items]


def members(world: World, segment_id: str) -> set[str]:
    return {one.id for one in world.workspace.segments.members(segment_id, limit=1000).items}


def assert_true(world: World) -> None:
    workspace = world.workspace
    recorded = {one.id: members(world, one.id) for one in workspace.segments.list().items}
    moment = Moment(workspace.now(), ZoneInfo(ZONE))
    for profile_id in everybody(world):
        view = View(world, profile_id, recorded)
        for segment in workspace.segments.list().items:
            if segment.rule is not None:
                assert evaluate(segment.rule, view, moment) == view.is_member(segment.id), segment.rule
    assert replayed(world) == {segment: found for segment, found in recorded.items() if found}
    assert workspace.check().faults == ()


def replayed(world: World) -> dict[str, set[str]]:
    """The memberships that the feed adds up to, for the segments there are."""
    state: dict[str, set[str]] = {}
    expected = 1
    while found := world.workspace.transitions.list(after=expected - 1, limit=500).items:
        for one in found:
            assert one.sequence == expected
            expected += 1
            if one.profile_id is not None and one.action is Action.ENTER:
                state.setdefault(one.segment_id, set()).add(one.profile_id)
            elif one.profile_id is not None:
                state[one.segment_id].remove(one.profile_id)
    known = {segment.id for segment in world.workspace.segments.list().items}
    return {segment: found for segment, found in state.items() if found and segment in known}


@given(st.lists(STEPS, min_size=3, max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_membership_is_always_what_a_fresh_evaluation_says(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory))
        try:
            for step in steps:
                try:
                    step(world)
                except (NotFound, SegmentInUse, InvalidRule, IdentityConflict, InvalidValue):
                    continue  # a step may ask for what is not there; nothing may have changed then
            assert_true(world)
            world.workspace.close()
            world.open()
            assert_true(world)
        finally:
            world.workspace.close()
