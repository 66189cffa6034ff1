"""Whatever happens in whatever order, memberships match the law, and the feed leads to them.

Two properties. Any interleaving of events, updates, conversations, deletions, merges, edits, lists,
reopenings and moves of the clock gives the memberships of a fresh evaluation by the law, at the end
and at the instants in between, each move by time at its own millisecond. And the same facts in any
order of arrival, some told twice, give the same memberships in the end.

It is long because the world, its steps, what is drawn and both properties are read together.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.clock import ManualClock
from coterie.errors import InvalidRule, NotFound, SegmentInUse
from coterie.model import (
    Action,
    Cause,
    ConversationInput,
    EventInput,
    ProfileInput,
    ProfileRef,
    SegmentKind,
    Transition,
)
from coterie.rules.nodes import All, Any, Not, PropertyCondition, Rule, SegmentCondition
from coterie.rules.operators import OPERATORS
from coterie.rules.read import read_rule
from coterie.rules.read_operand import read_operand
from coterie.rules.values import DAY, Instant, Value
from coterie.rules.walk import walk
from coterie.workspace import Workspace
from tests.differential.plain import Plain
from tests.strategies import (
    EVENT_PROPERTIES,
    EVENTS,
    LIMITS,
    NOW,
    PROPERTIES,
    SEGMENTS,
    activity_conditions,
    change_conditions,
    every_rule,
    property_conditions,
    values,
)
from tests.unit.live.renaming import renamed

ZONE = "America/Santiago"
PEOPLE = ("ann", "bob", "cat", "dan", "eve")
MESSAGES = ("m1", "m2", "m3", "0b8d6c1a-52d8-4a5e-9a58-6f8d1d9f6d11")
HOUR = 3_600_000
LENGTHS = (1_000, 30 * 60_000, HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY)
EXAMPLES = 40
SOAK_EXAMPLES = 2_000
LOOKED_AT = 10
"""Instants of a wait at which the feed is compared with the law."""


@dataclass
class World:
    """A workspace under test, and the plain facts beside it."""

    directory: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(Instant(NOW)))
    plain: Plain = field(default_factory=lambda: Plain(ZONE))
    workspace: Workspace = field(init=False)
    segments: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)  # of profiles -> the name they were made with
    inside: set[tuple[str, str]] = field(default_factory=set)  # what the feed adds up to so far
    heard: int = 0

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.workspace = Workspace(self.directory / "one.sqlite", zone=ZONE, clock=self.clock)

    def id_of(self, who: str) -> str:
        found = self.workspace.profiles.get(external_id=who).id
        self.ids.setdefault(found, self.plain.name_of(who))
        return found

    def rule(self, rule: Rule) -> Rule:
        """The rule with the strategy's placeholder segments replaced by segments there are."""
        known = self.segments + self.lists
        return renamed(rule, {name: known[place % len(known)] for place, name in enumerate(SEGMENTS)} if known else {})

    def some(self, chosen: Sequence[str], place: int) -> str:
        if not chosen:
            raise NotFound("There is none.")
        return chosen[place % len(chosen)]

    # --- looking

    def hear(self) -> list[Transition]:
        """What the feed has since it was heard last.

        It has no gap, and for each segment and profile enter and exit alternate.
        """
        found: list[Transition] = []
        while more := self.workspace.transitions.list(after=self.heard, limit=500).items:
            for one in more:
                assert one.sequence == self.heard + 1
                self.heard = one.sequence
                found.append(one)
        return found

    def follow(self, found: Sequence[Transition]) -> None:
        for one in found:
            if one.profile_id is None:  # deleted since: what it was in is let go below
                continue
            key = (one.segment_id, one.profile_id)
            assert (key in self.inside) is (one.action is Action.EXIT), one
            self.inside ^= {key}

    def forget(self, profile_id: str) -> None:
        self.inside = {key for key in self.inside if key[1] != profile_id}

    def refresh(self) -> None:
        """Leave out the profiles' own times: what counts as an update is tested elsewhere."""
        for who, person in self.plain.people.items():
            known = self.workspace.profiles.get(external_id=who)
            self.ids.setdefault(known.id, who)
            person.own |= {"created_at": known.created_at, "updated_at": known.updated_at}

    def by_law(self, segment_id: str, now: Instant) -> set[str]:
        return self.plain.members(segment_id, now)

    def assert_true(self) -> None:
        workspace, now = self.workspace, self.workspace.now()
        self.refresh()
        assert {one.external_id for one in workspace.profiles.list(limit=1000).items} == set(self.plain.people)
        for segment_id in (*self.segments, *self.lists):
            found = {one.external_id for one in workspace.segments.members(segment_id, limit=1000).items}
            rule = self.plain.rules[segment_id]
            expected = self.by_law(segment_id, now)
            assert found == expected, rule
            assert workspace.segments.get(segment_id).member_count == len(expected)
            if rule is not None:
                assert workspace.preview(rule, sample=0).count == len(expected), rule
        self.foretold()
        self.follow(self.hear())
        adds_up = {(segment, self.ids[profile]) for segment, profile in self.inside if segment in self.plain.rules}
        assert adds_up == {(one, who) for one in self.plain.rules for who in self.by_law(one, now)}
        assert workspace.check().faults == ()

    def foretold(self) -> None:
        """An explanation names the millisecond at which time changes a membership."""
        for profile_id, who in self.ids.items():
            if who not in self.plain.people or self.workspace.profiles.get(external_id=who).id != profile_id:
                continue
            for segment_id in self.segments:
                told = self.workspace.explain(profile_id, segment_id)
                at, rule = told.changes_at, self.plain.rules[segment_id]
                assert told.member is (who in self.by_law(segment_id, told.as_of)), rule
                if at is not None:
                    assert at > told.as_of
                    assert told.member is (who in self.by_law(segment_id, Instant(at - 1))), rule
                    assert told.member is not (who in self.by_law(segment_id, at)), rule
                elif told.changes_known_until is None:
                    much_later = Instant(told.as_of + 20_000 * DAY)
                    assert told.member is (who in self.by_law(segment_id, much_later)), (rule, self.plain.people[who])


Step = Callable[[World], object]


# --- the steps


def put(who: str, sent: Mapping[str, Value | None]) -> Step:
    def step(world: World) -> None:
        world.workspace.profiles.put(ProfileInput(external_id=who, properties=sent))
        world.plain.put(who, sent, world.workspace.now())

    return step


@dataclass(frozen=True)
class Told:
    """An event as it is told."""

    who: str
    name: str
    at: Instant
    message_id: str | None
    values: Mapping[str, Value]

    def shifted(self, milliseconds: int) -> Told:
        return replace(self, at=Instant(self.at + milliseconds))

    def sent(self) -> EventInput:
        return EventInput(self.name, ProfileRef(external_id=self.who), self.at, self.message_id, self.values)


def tell(drawn: Sequence[Told], *, as_time_goes: bool = True) -> Step:
    """`as_time_goes`: their instants are drawn around NOW and moved to where the clock stands."""

    def step(world: World) -> None:
        told = [one.shifted(world.clock.now() - NOW if as_time_goes else 0) for one in drawn]
        if len(told) == 1:
            world.workspace.events.put(told[0].sent())
        else:
            world.workspace.events.put_many([one.sent() for one in told])
        for one in told:
            world.plain.event(one.who, one.name, one.at, one.values, one.message_id, world.workspace.now())

    return step


@dataclass(frozen=True)
class Output:
    """A conversation as it is sent."""

    who: str
    key: str
    at: Instant | None
    started_at: Instant
    analysis: Mapping[str, Value]
    properties: Mapping[str, Value | None]

    def sent(self) -> ConversationInput:
        at = {} if self.at is None else {"at": self.at}
        return ConversationInput(
            external_id=f"{self.who} {self.key}", profile=ProfileRef(external_id=self.who), started_at=self.started_at,
            analysis=self.analysis, properties=self.properties, **at,
        )  # fmt: skip


def say(said: Output) -> Step:
    def step(world: World) -> None:
        world.workspace.conversations.put(said.sent())
        world.plain.conversation(
            said.who, f"{said.who} {said.key}", world.workspace.now(), at=said.at,
            fields={**said.analysis, "started_at": said.started_at}, properties=said.properties,
        )  # fmt: skip

    return step


def delete(who: str) -> Step:
    def step(world: World) -> None:
        profile_id = world.id_of(who)
        world.follow(world.hear())
        world.workspace.profiles.delete(profile_id)
        world.plain.delete(who)
        world.follow([one for one in world.hear() if one.profile_id != profile_id])
        world.forget(profile_id)

    return step


def merge(winner: str, loser: str) -> Step:
    def step(world: World) -> None:
        kept, gone = world.id_of(winner), world.id_of(loser)
        if kept == gone:
            return
        world.follow(world.hear())
        world.workspace.profiles.merge(kept, gone)
        world.plain.merge(winner, loser)
        world.follow([one for one in world.hear() if one.profile_id != gone])
        world.forget(gone)

    return step


def create(rule: Rule) -> Step:
    def step(world: World) -> None:
        named = world.rule(rule)
        world.segments.append(world.workspace.segments.create("made", named).id)
        world.plain.rules[world.segments[-1]] = named

    return step


def create_list() -> Step:
    def step(world: World) -> None:
        world.lists.append(world.workspace.segments.create("list", kind=SegmentKind.STATIC).id)
        world.plain.rules[world.lists[-1]] = None

    return step


def edit(place: int, rule: Rule) -> Step:
    def step(world: World) -> None:
        segment_id, named = world.some(world.segments, place), world.rule(rule)
        world.workspace.segments.update(segment_id, rule=named)
        world.plain.rules[segment_id] = named

    return step


def drop(place: int) -> Step:
    def step(world: World) -> None:
        chosen = world.some(world.segments, place)
        world.workspace.segments.delete(chosen)
        world.segments.remove(chosen)
        del world.plain.rules[chosen]

    return step


def listed(place: int, people: Sequence[str], adding: bool) -> Step:
    def step(world: World) -> None:
        segment_id, ids = world.some(world.lists, place), [world.id_of(who) for who in people]
        (world.workspace.segments.add_members if adding else world.workspace.segments.remove_members)(segment_id, ids)
        for who in people:
            on = world.plain.people[world.plain.name_of(who)].lists
            (on.add if adding else on.discard)(segment_id)

    return step


def wait(milliseconds: int) -> Step:
    """Let time pass, and compare the feed with the law at instants in between.

    Each transition is compared at the milliseconds around it, too."""

    def step(world: World) -> None:
        world.refresh()
        world.follow(world.hear())
        since, before = world.workspace.now(), set(world.inside)
        world.clock.advance(milliseconds)
        world.workspace.segments.list()  # whoever asks sees what has fallen due
        now, found = world.workspace.now(), world.hear()
        world.refresh()
        assert [int(one.at) for one in found] == sorted(int(one.at) for one in found)
        for one in found:
            assert since < one.at <= now
            assert one.cause is Cause.TIME
            if one.segment_id in world.plain.rules and one.profile_id is not None:
                who = world.ids[one.profile_id]
                was, so = (who in world.by_law(one.segment_id, Instant(one.at - ago)) for ago in (1, 0))
                assert (was, so) == (one.action is Action.EXIT, one.action is Action.ENTER), one
        for at in instants_between(world.plain, since, now):
            moved = {(one.segment_id, str(one.profile_id)) for one in found if one.at <= at}
            counts = {key: sum((o.segment_id, o.profile_id) == key and o.at <= at for o in found) for key in moved}
            inside = before ^ {key for key, count in counts.items() if count % 2}
            held = {(segment, world.ids[profile]) for segment, profile in inside if segment in world.plain.rules}
            assert held == {(one, who) for one in world.plain.rules for who in world.by_law(one, at)}
        world.follow(found)

    return step


def instants_between(plain: Plain, since: Instant, now: Instant) -> list[Instant]:
    """Some instants at which something may have fallen due, and the milliseconds before them."""
    seen = {int(one.at) for person in plain.people.values() for _, one, _ in person.events}
    seen |= {int(spoken.row().at) for person in plain.people.values() for spoken in person.conversations.values()}
    edges = {at + times * length for at in seen for length in LENGTHS for times in (-1, 0, 1, 2)}
    between = sorted(at for edge in edges for at in (edge - 1, edge) if since < at <= now)
    return [Instant(at) for at in between[:: max(1, len(between) // LOOKED_AT)]]


def set_back(milliseconds: int) -> Step:
    return lambda world: world.clock.advance(-milliseconds)


def reopen() -> Step:
    def step(world: World) -> None:
        world.workspace.close()
        world.open()

    return step


# --- what is drawn

WHO = st.sampled_from(PEOPLE)
PLACES = st.integers(0, 5)
PASSING = st.sampled_from((1, 1000, HOUR, HOUR, 5 * HOUR, DAY, DAY, 7 * DAY, 31 * DAY))


def instants_told() -> st.SearchStrategy[Instant]:
    """Mostly the length of a window before or after now, or where the clock may come to stand."""
    edge = st.builds(
        lambda length, times, passed, off: Instant(NOW + times * length + passed + off),
        st.sampled_from(LENGTHS[:6]),
        st.integers(-2, 1),
        st.sampled_from((0, 0, HOUR, DAY)),
        st.sampled_from((-1, 0, 0, 1)),
    )
    return edge | st.integers(-40 * DAY, 40 * DAY).map(lambda away: Instant(NOW + away))


def some_values(names: Sequence[str]) -> st.SearchStrategy[dict[str, Value]]:
    small = st.sampled_from((0.0, 1.0, 2.0, 3.0, 0.1, "a", "A", "b", True, ("a", "b")))
    return st.dictionaries(st.sampled_from((*names, "total", "currency")), small | small | values(), max_size=3)


def tellings() -> st.SearchStrategy[Told]:
    return st.builds(
        Told,
        WHO,
        st.sampled_from((*EVENTS, *EVENTS[:2])),
        instants_told(),
        st.none() | st.sampled_from(MESSAGES),
        some_values(EVENT_PROPERTIES),
    )


def sayings() -> st.SearchStrategy[Output]:
    scores = st.fixed_dictionaries(
        {},
        optional={
            "commercial_intent": st.sampled_from((0.0, 0.5, 1.0)),
            "jailbreak_detected": st.booleans(),
            "topics": st.lists(st.sampled_from(("a", "A", "b")), max_size=2).map(tuple),
        },
    )
    properties = st.fixed_dictionaries({}, optional={"model": st.sampled_from(("a", 1.0, True, None))})
    return st.builds(
        Output, WHO, st.sampled_from(("c1", "c2")), st.none() | instants_told(), instants_told(), scores, properties
    )


def puttings() -> st.SearchStrategy[Mapping[str, Value | None]]:
    return st.dictionaries(st.sampled_from(PROPERTIES), values() | st.none(), max_size=3)


def likely_rules() -> st.SearchStrategy[Rule]:
    """Plain conditions that people come to meet and stop meeting.

    Without these, chance alone would hardly ever move anybody."""
    lengths = st.sampled_from(("1h", "1d", "1d", "7d", "30d"))
    windows = st.one_of(
        st.none(),
        lengths.map(lambda one: {"last": one}),
        lengths.map(lambda one: {"last": one}),
        lengths.map(lambda one: {"before": one}),
        st.sampled_from(("today", "yesterday", "this_week", "this_month")).map(lambda word: {"calendar": word}),
        st.just({"from": "2026-03-10", "to": "2026-03-18"}),
    )
    compared = st.one_of(
        st.tuples(st.just("count"), st.none(), st.sampled_from(("at_least", "less_than", "equals")), st.integers(1, 3)),
        st.tuples(
            st.sampled_from(("sum", "mean", "min", "max")),
            st.just("x"),
            st.sampled_from(("at_least", "less_than")),
            st.sampled_from((1, 2, 3)),
        ),
        st.tuples(st.just("distinct"), st.just("x"), st.just("at_least"), st.integers(1, 2)),
        st.tuples(
            st.sampled_from(("first", "last")),
            st.just("x"),
            st.sampled_from(("is_set", "equals", "not_equals")),
            st.sampled_from((1, "a")),
        ),
        st.tuples(st.sampled_from(("any", "none")), st.none(), st.just("equals"), st.booleans()),
        st.tuples(
            st.sampled_from(("first_at", "last_at")),
            st.none(),
            st.sampled_from(("in_last", "more_than_ago", "in_next")),
            lengths,
        ),
    )
    wheres = (
        st.none()
        | st.none()
        | st.sampled_from(((1, "at_least"), (2, "less_than"), ("a", "equals"), ("a", "not_equals")))
    )

    @st.composite
    def one(draw: st.DrawFn) -> Rule:
        measure, of, operator, value = draw(compared)
        spoken = draw(st.booleans()) and draw(st.booleans())
        column = draw(st.sampled_from(("commercial_intent", "properties.model") if spoken else ("total", "currency")))
        subject: dict[str, object] = {"measure": measure, "window": draw(windows)}
        subject |= {"of": column} if of else {}
        where = draw(wheres)
        if where is not None:
            subject["where"] = {"property": column, "operator": where[1], "value": where[0]}
        subject = {key: given for key, given in subject.items() if given is not None}
        compares = {"operator": operator} | ({} if operator == "is_set" else {"value": value})
        if spoken:
            return read_rule({"conversation": subject, **compares}, LIMITS)
        return read_rule({"event": {"name": draw(st.sampled_from(EVENTS[:2])), **subject}, **compares}, LIMITS)

    within = st.sampled_from((None, "1h", "1d", "7d"))
    followed = st.builds(
        lambda names, within, window: read_rule(
            {
                "sequence": [
                    {"event": {"name": names[0]}},
                    {"event": {"name": names[1]}, **({"within": within} if within else {})},
                ],
                **({"window": window} if window else {}),
            },
            LIMITS,
        ),
        st.permutations(EVENTS[:2]),
        within,
        windows,
    )
    held = st.builds(
        lambda operator, length: PropertyCondition("plan", operator, read_operand(OPERATORS[operator], length, LIMITS)),
        st.sampled_from(("changed_in_last", "held_for")), lengths,
    )  # fmt: skip
    simple = one() | one() | one() | followed | held
    return simple | simple.map(Not) | st.builds(lambda a, b: All((a, b)), simple, simple.map(Not))


def a_rule() -> st.SearchStrategy[Rule]:
    """Mostly one or two conditions on activity: large rules hide what small ones show."""
    any_one = st.one_of(*activity_conditions(), change_conditions(), property_conditions())
    likely = likely_rules()
    return likely | likely | likely | any_one | every_rule() | st.sampled_from(SEGMENTS).map(_not_in)


def _not_in(segment: str) -> Rule:
    return Not(SegmentCondition(segment))


STEPS = st.one_of(
    st.builds(lambda one: tell([one]), tellings()),
    st.builds(tell, st.lists(tellings(), min_size=1, max_size=12)),
    st.builds(tell, st.lists(tellings(), min_size=1, max_size=12)),
    st.builds(say, sayings()),
    st.builds(say, sayings()),
    st.builds(put, WHO, puttings()),
    st.builds(create, a_rule()),
    st.builds(create, a_rule()),
    st.builds(edit, PLACES, a_rule()),
    st.one_of(
        st.builds(delete, WHO),
        st.builds(merge, WHO, WHO),
        st.builds(drop, PLACES),
        st.builds(create_list),
        st.builds(listed, PLACES, st.lists(WHO, min_size=1, max_size=3, unique=True), st.booleans()),
        st.builds(set_back, st.sampled_from((1, HOUR, DAY))),
        st.builds(reopen),
    ),
)


def stories(longest: int) -> st.SearchStrategy[list[Step]]:
    """Some segments from the start, and some time after every other step.

    Otherwise most would happen before there is a segment to enter."""
    beginnings = st.lists(st.builds(create, a_rule()), min_size=2, max_size=4)
    paused = st.tuples(STEPS, st.none() | st.builds(wait, PASSING))
    told = st.lists(paused, min_size=4, max_size=longest)
    return st.builds(
        lambda beginning, told: [*beginning, *(step for pair in told for step in pair if step is not None)],
        beginnings,
        told,
    )


QUIETLY = {"deadline": None, "suppress_health_check": list(HealthCheck)}


# --- whatever happens


def go(steps: Sequence[Step]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory))
        try:
            for step in steps:
                try:
                    step(world)
                except (NotFound, SegmentInUse, InvalidRule):
                    continue  # a step may ask for what is not there; nothing may have changed then
            world.assert_true()
            world.workspace.close()
            world.open()
            assert world.hear() == []  # an opening corrects nothing, for nothing is wrong
            world.assert_true()
        finally:
            world.workspace.close()


@settings(max_examples=EXAMPLES, **QUIETLY)
@given(stories(15))
def test_membership_is_what_the_law_says_of_the_facts(steps: list[Step]) -> None:
    go(steps)


@pytest.mark.soak
@settings(max_examples=SOAK_EXAMPLES, **QUIETLY)
@given(stories(40))
def test_membership_is_what_the_law_says_of_the_facts_for_long(steps: list[Step]) -> None:
    go(steps)


# --- in whatever order

TWINS = ("first", "second", "third")


def _orderless(rule: Rule) -> bool:
    return not any(isinstance(node, PropertyCondition) and OPERATORS[node.operator].of_change for _, node in walk(rule))


ONE = st.one_of(likely_rules().filter(_orderless), *activity_conditions(), property_conditions())
ORDERLESS = st.one_of(
    ONE,
    ONE.map(Not),
    st.lists(ONE, min_size=2, max_size=3).map(lambda rules: All(tuple(rules))),
    st.lists(ONE, min_size=2, max_size=3).map(lambda rules: Any(tuple(rules))),
)
"""Rules that do not look at when something was told."""

Fact = Callable[[str], Step]
"""What became of a person, whoever it is."""


def facts() -> st.SearchStrategy[list[Fact]]:
    told = st.builds(
        lambda one: lambda who: tell([Told(who, one.name, one.at, None, one.values)], as_time_goes=False), tellings()
    )
    said = st.builds(
        lambda at, one, key: lambda who: say(Output(who, key, at, one.started_at, one.analysis, one.properties)),
        instants_told(), sayings(), st.uuids().map(str),
    )  # fmt: skip
    had = st.builds(
        lambda sent: [_putting(name, value) for name, value in sent.items()],
        st.dictionaries(st.sampled_from(PROPERTIES), values(), max_size=3),
    )
    return st.builds(
        lambda events, spoken, properties: [*events, *spoken, *properties],
        st.lists(told, min_size=1, max_size=8), st.lists(said, max_size=3), had,
    )  # fmt: skip


def _putting(name: str, value: Value) -> Fact:
    return lambda who: put(who, {name: value})


def arrive(rules: Sequence[Rule], people: Sequence[Sequence[Fact]], chance: Random, passing: Sequence[int]) -> None:
    """Each person's facts are sent three times, in three orders, interleaved as time passes."""
    arriving: list[tuple[str, Fact]] = []
    for number, known in enumerate(people):
        for twin in TWINS:
            arriving += [(f"{number} {twin}", fact) for fact in known]
    chance.shuffle(arriving)
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(directory))
        try:
            early = rules[: (len(rules) + 1) // 2]
            for rule in early:
                create(rule)(world)
            for place, (who, fact) in enumerate(arriving):
                fact(who)(world)
                if passing and place % 7 == 6:
                    world.clock.advance(passing[place // 7 % len(passing)])
                if place == len(arriving) // 2:
                    reopen()(world)
            for rule in rules[len(early) :]:
                create(rule)(world)
            for segment_id in world.segments:
                found = {one.external_id for one in world.workspace.segments.members(segment_id, limit=1000).items}
                for number in range(len(people)):
                    same = [f"{number} {twin}" in found for twin in TWINS]
                    assert len(set(same)) == 1, world.plain.rules[segment_id]
            world.assert_true()
        finally:
            world.workspace.close()


@settings(max_examples=EXAMPLES // 2, **QUIETLY)
@given(
    st.lists(ORDERLESS, min_size=1, max_size=4), st.lists(facts(), min_size=1, max_size=3),
    st.randoms(use_true_random=False), st.lists(PASSING, max_size=4),
)  # fmt: skip
def test_no_order_of_arrival_makes_a_difference(
    rules: list[Rule], people: list[list[Fact]], chance: Random, passing: list[int]
) -> None:
    arrive(rules, people, chance, passing)


@pytest.mark.soak
@settings(max_examples=SOAK_EXAMPLES, **QUIETLY)
@given(
    st.lists(ORDERLESS, min_size=1, max_size=6), st.lists(facts(), min_size=1, max_size=3),
    st.randoms(use_true_random=False), st.lists(PASSING, max_size=4),
)  # fmt: skip
def test_no_order_of_arrival_makes_a_difference_for_long(
    rules: list[Rule], people: list[list[Fact]], chance: Random, passing: list[int]
) -> None:
    arrive(rules, people, chance, passing)
