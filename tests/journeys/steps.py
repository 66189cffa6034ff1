"""The vocabulary of journeys: a table of steps on a manual clock, in chronological order.

    journey(
        "someone who ordered leaves a window of a day a day later",
        segment("buyers", did("order", last="1d")),
        event("ann", "order"),
        moved(entered("buyers", "ann")),
        wait("1d"),
        members("buyers"),
        moved(left("buyers", "ann", by="time", at="1d")),
    )

Steps that act: `segment`, `list_of`, `edit`, `profile`, `event`, `conversation`, `wait`, `until`,
`back`, `down`, `reopen`, `merge`, `delete`, `erase`. Steps that assert: `members`, `moved` (the
transitions since the last assertion), `nothing` (there are none). After every step each membership
is compared with the verdict of the law on the plain facts; at the end the feed is added up, and the
workspace is checked and opened again.

Instants (`at`) are relative to the start of the journey: "1d", "-2h", "1d-1ms", or ISO 8601. Rules
are ordinary JSON; the short functions at the end of this file make the common ones.

It is long because it is a vocabulary, which belongs on one page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from coterie.clock import ManualClock
from coterie.model import (
    Action,
    Cause,
    ConversationInput,
    EventInput,
    EventOutcome,
    EventWrite,
    MessageInput,
    ProfileInput,
    ProfileRef,
    SegmentKind,
    Transition,
)
from coterie.rules.coerce import read_value
from coterie.rules.values import Instant, Value
from coterie.workspace import Workspace
from tests.differential.plain import ANALYSIS, Plain

START = "2026-03-01T00:00:00Z"
Document = dict[str, Any]
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_PART = re.compile(r"([+-]?)(\d+)(ms|s|m|h|d|w)")


def length(text: str) -> int:
    """`"1d-1ms"` in milliseconds."""
    parts = _PART.findall(text)
    assert text == "0" or "".join("".join(part) for part in parts) == text, f"{text!r} is not a length of time"
    return sum((-1 if sign == "-" else 1) * int(number) * _UNITS[unit] for sign, number, unit in parts)


# --- the world


@dataclass
class World:
    """A workspace on a file, the plain facts beside it, and how far the feed has been looked at."""

    directory: Path
    start: Instant
    zone: str
    clock: ManualClock = field(init=False)
    workspace: Workspace = field(init=False)
    plain: Plain = field(init=False)
    ids: dict[str, str] = field(default_factory=dict)  # of segments, by the name the journey has for them
    names: dict[str, str] = field(default_factory=dict)  # and back, also of those that are gone
    who: dict[str, str] = field(default_factory=dict)  # names, by profile id
    seen: int = 0

    def __post_init__(self) -> None:
        self.clock = ManualClock(self.start)
        self.plain = Plain(self.zone)
        self.open()

    def open(self) -> None:
        self.workspace = Workspace(self.directory / "one.sqlite", zone=self.zone, clock=self.clock)

    def instant(self, text: str) -> Instant:
        if "T" in text:
            return Instant.of(datetime.fromisoformat(text))
        return Instant(self.start + length(text))

    def called(self, name: str, segment_id: str) -> None:
        self.ids[name] = segment_id
        self.names[segment_id] = name

    def profile_id(self, who: str) -> str:
        profile_id = self.workspace.profiles.get(external_id=who).id
        self.who.setdefault(profile_id, who)
        return profile_id

    def values(self, sent: Mapping[str, object]) -> dict[str, Value | None]:
        zone = ZoneInfo(self.zone)
        return {name: None if raw is None else read_value(raw, (name,), zone) for name, raw in sent.items()}

    def rule(self, document: Any) -> Any:
        """The document with the journey's names of segments turned into ids."""
        if isinstance(document, Mapping):
            return {key: self.ids[part] if key == "segment" else self.rule(part) for key, part in document.items()}
        return [self.rule(part) for part in document] if isinstance(document, list | tuple) else document

    # --- looking

    def members(self, name: str) -> set[str]:
        return {
            self.plain.name_of(profile.external_id or "?")
            for profile in self.workspace.segments.members(self.ids[name]).items
        }

    def transitions(self, after: int) -> list[Transition]:
        return list(self.workspace.transitions.list(after=after, limit=1000).items)

    def obeys_the_law(self) -> None:
        """Every membership equals the verdict of the law on the plain facts, and the preview."""
        now = self.workspace.now()
        for who, person in self.plain.people.items():
            profile = self.workspace.profiles.get(external_id=who)
            person.own |= {"created_at": profile.created_at, "updated_at": profile.updated_at}
        for name, segment_id in self.ids.items():
            expected = self.plain.members(segment_id, now)
            assert self.members(name) == expected, f"members of {name}"
            stored = self.workspace.segments.get(segment_id)
            assert stored.member_count == len(expected)
            if stored.rule is not None:
                assert self.workspace.preview(stored.rule, sample=0).count == len(expected), f"preview of {name}"

    def adds_up(self) -> None:
        """The feed has no gap and goes forward in time.

        It alternates for each segment and profile, and adds up to the memberships.
        """
        inside: set[tuple[str, str | None]] = set()
        last = Instant(0)
        for place, transition in enumerate(self.transitions(0), 1):
            assert transition.sequence == place
            assert transition.at >= last
            last = transition.at
            key = (transition.segment_id, transition.profile_id)
            if transition.profile_id is not None:
                assert (key in inside) == (transition.action is Action.EXIT), transition
                inside ^= {key}
        for segment_id in self.ids.values():
            recorded = {(segment_id, profile.id) for profile in self.workspace.segments.members(segment_id).items}
            assert {key for key in inside if key[0] == segment_id} == recorded


@dataclass(frozen=True)
class Step:
    """`text` is the step as the table has it, for the note on a failure."""

    text: str
    run: Callable[[World], None]


def _call_text(word: str, *arguments: object, **named: object) -> str:
    parts = [
        *(repr(argument) for argument in arguments),
        *(f"{name}={argument!r}" for name, argument in named.items() if argument is not None),
    ]
    return f"{word}({', '.join(parts)})"


class Journey(NamedTuple):
    steps: tuple[Step, ...]
    start: str
    zone: str

    def go(self, directory: Path) -> None:
        world = World(directory, Instant.of(datetime.fromisoformat(self.start)), self.zone)
        try:
            for place, step in enumerate(self.steps, 1):
                try:
                    step.run(world)
                    world.obeys_the_law()
                except Exception as error:
                    error.add_note(f"in step {place}: {step.text}")
                    raise
            self._end(world)
        finally:
            world.workspace.close()

    @staticmethod
    def _end(world: World) -> None:
        world.adds_up()
        assert world.workspace.check().faults == ()
        last = world.workspace.counts()["transitions"]
        world.workspace.close()
        world.open()
        assert world.transitions(last) == []
        world.obeys_the_law()


def journey(sentence: str, *steps: Step, start: str = START, zone: str = "UTC") -> Any:
    """A row for `pytest.mark.parametrize`, called by its sentence."""
    return pytest.param(Journey(steps, start, zone), id=sentence)


# --- steps that do


def segment(name: str, rule: Document) -> Step:
    def run(world: World) -> None:
        read = world.workspace.parse_rule(world.rule(rule))
        world.called(name, world.workspace.segments.create(name, read).id)
        world.plain.rules[world.ids[name]] = read.rule

    return Step(_call_text("segment", name, rule), run)


def list_of(name: str, *who: str) -> Step:
    """A list with these people on it; made when it is new."""

    def run(world: World) -> None:
        if name not in world.ids:
            world.called(name, world.workspace.segments.create(name, kind=SegmentKind.STATIC).id)
            world.plain.rules[world.ids[name]] = None
        world.workspace.segments.add_members(world.ids[name], [world.profile_id(member) for member in who])
        for member in who:
            world.plain.people[member].lists.add(world.ids[name])

    return Step(_call_text("list_of", name, *who), run)


def edit(name: str, rule: Document) -> Step:
    def run(world: World) -> None:
        read = world.workspace.parse_rule(world.rule(rule))
        world.workspace.segments.update(world.ids[name], rule=read)
        world.plain.rules[world.ids[name]] = read.rule

    return Step(_call_text("edit", name, rule), run)


def forget(name: str) -> Step:
    """The segment is deleted."""

    def run(world: World) -> None:
        world.workspace.segments.delete(world.ids[name])
        del world.ids[name]

    return Step(_call_text("forget", name), run)


def profile(who: str, **properties: object) -> Step:
    def run(world: World) -> None:
        now = world.workspace.now()
        world.workspace.profiles.put(ProfileInput(external_id=who, properties=properties))
        world.plain.put(who, world.values(properties), now)
        world.profile_id(who)

    return Step(_call_text("profile", who, **properties), run)


def event(
    who: str, name: str, *, at: str | None = None, id: str | None = None, again: bool = False, **properties: object
) -> Step:
    """`again`: the event was sent before, under the same `id`."""

    def run(world: World) -> None:
        now = world.workspace.now()
        when = now if at is None else world.instant(at)
        sent = EventInput(name, ProfileRef(external_id=who), when.iso(), id, properties)
        written = world.workspace.events.put(sent)
        assert written.outcome is (EventOutcome.DUPLICATE if again else EventOutcome.STORED)
        world.plain.event(who, name, when, _present(world.values(properties)), id, now)
        if not again:  # a duplicate creates no profile
            assert written.profile_id == world.profile_id(who)

    return Step(_call_text("event", who, name, at=at, id=id, **properties), run)


def events(*rows: tuple[str, str, str]) -> Step:
    """Many at once: (who, name, at)."""

    def run(world: World) -> None:
        now = world.workspace.now()
        sent = [EventInput(name, ProfileRef(external_id=who), world.instant(at).iso()) for who, name, at in rows]
        assert all(isinstance(result, EventWrite) for result in world.workspace.events.put_many(sent))
        for who, name, at in rows:
            world.plain.event(who, name, world.instant(at), {}, None, now)
            world.profile_id(who)

    return Step(_call_text("events", *rows), run)


def conversation(
    who: str, key: str, *, at: str | None = None, messages: tuple[str, ...] = (), product_id: str | None = None,
    **named: object,
) -> Step:  # fmt: skip
    """Create a conversation, or send it again with other scores.

    `messages` are the instants of new ones; scores go to the analysis, the rest to properties.
    """

    def run(world: World) -> None:
        now = world.workspace.now()
        analysis = {name: value for name, value in named.items() if name in ANALYSIS}
        properties = {name: value for name, value in named.items() if name not in ANALYSIS}
        fields: dict[str, Any] = {} if at is None else {"at": world.instant(at).iso()}
        fields |= {} if product_id is None else {"product_id": product_id}
        sent = ConversationInput(
            external_id=key, profile=ProfileRef(external_id=who), properties=properties, analysis=analysis,
            messages=[MessageInput("user", "hello", at=world.instant(at_).iso()) for at_ in messages], **fields,
        )  # fmt: skip
        written = world.workspace.conversations.put(sent)
        world.plain.conversation(
            who, key, now, at=None if at is None else world.instant(at),
            messages=[world.instant(at_) for at_ in messages],
            fields=world.values(analysis) | ({} if product_id is None else {"product_id": product_id}),
            properties=world.values(properties),
        )  # fmt: skip
        assert written.profile_id == world.profile_id(who)

    return Step(_call_text("conversation", who, key, at=at, messages=messages or None, **named), run)


def _present(values: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value is not None}


def wait(text: str) -> Step:
    """So much time passes, while the workspace is open."""
    return Step(_call_text("wait", text), lambda world: world.clock.advance(length(text)))


def until(text: str) -> Step:
    """Time passes until that instant."""
    return Step(_call_text("until", text), lambda world: world.clock.move_to(world.instant(text)))


def back(text: str) -> Step:
    """The machine's clock is set back."""
    return Step(_call_text("back", text), lambda world: world.clock.advance(-length(text)))


def down(text: str) -> Step:
    """The process is gone for so long."""

    def run(world: World) -> None:
        world.workspace.close()
        world.clock.advance(length(text))
        world.open()

    return Step(_call_text("down", text), run)


def reopen() -> Step:
    return Step("reopen()", down("0").run)


def merge(winner: str, loser: str) -> Step:
    def run(world: World) -> None:
        world.workspace.profiles.merge(world.profile_id(winner), world.profile_id(loser))
        world.plain.merge(winner, loser)

    return Step(_call_text("merge", winner, loser), run)


def delete(who: str, *, erase: bool = False) -> Step:
    def run(world: World) -> None:
        world.workspace.profiles.delete(world.profile_id(who), erase=erase)
        world.plain.delete(who)

    return Step(_call_text("erase" if erase else "delete", who), run)


def erase(who: str) -> Step:
    """Deleted, and never to be let in again."""
    return delete(who, erase=True)


def refused(step: Step, error: type[Exception]) -> Step:
    """The step must fail with this error."""

    def run(world: World) -> None:
        with pytest.raises(error):
            step.run(world)

    return Step(f"refused({step.text})", run)


# --- steps that look


class Move(NamedTuple):
    action: Action
    segment: str
    who: str | None
    cause: Cause
    at: str | None


def entered(name: str, who: str | None, *, by: str = "facts", at: str | None = None) -> Move:
    """`at` is the instant the move is stamped with: now, where it is left out."""
    return Move(Action.ENTER, name, who, Cause(by), at)


def left(name: str, who: str | None, *, by: str = "facts", at: str | None = None) -> Move:
    """`who` is None for a profile deleted since."""
    return Move(Action.EXIT, name, who, Cause(by), at)


def members(name: str, *who: str) -> Step:
    def run(world: World) -> None:
        assert world.members(name) == set(who)

    return Step(_call_text("members", name, *who), run)


def moved(*moves: Move) -> Step:
    """Exactly these transitions since the last assertion; those of one instant in any order."""

    def run(world: World) -> None:
        now = world.workspace.now()
        for name in world.ids:
            world.members(name)  # reading members applies what has fallen due
        transitions = world.transitions(world.seen)
        actual = [
            (
                transition.at,
                transition.action,
                world.names[transition.segment_id],
                transition.profile_id and world.who[transition.profile_id],
                transition.cause,
            )
            for transition in transitions
            if transition.segment_id in world.names  # the others are of segments that Coterie makes itself
        ]
        expected = [
            (now if move.at is None else world.instant(move.at), move.action, move.segment, move.who, move.cause)
            for move in moves
        ]
        assert sorted(actual, key=str) == sorted(expected, key=str)
        world.seen = transitions[-1].sequence if transitions else world.seen

    return Step(_call_text("moved", *(tuple(move) for move in moves)), run)


def nothing() -> Step:
    """Nobody moved."""
    return Step("nothing()", moved().run)


def changes(name: str, who: str, *, at: str | None) -> Step:
    """Without further writes, membership changes at that instant; `at` None: never."""

    def run(world: World) -> None:
        explanation = world.workspace.explain(world.profile_id(who), world.ids[name])
        assert explanation.changes_at == (None if at is None else world.instant(at))

    return Step(_call_text("changes", name, who, at=at), run)


def counted(name: str, who: str, actual: object) -> Step:
    """An explanation reports this value of the measure, for a segment of one condition."""

    def run(world: World) -> None:
        explanation = world.workspace.explain(world.profile_id(who), world.ids[name])
        assert explanation.verdict is not None
        assert explanation.verdict.actual == actual

    return Step(_call_text("counted", name, who, actual), run)


# --- rules


def _condition(subject: Document, compared: Mapping[str, object]) -> Document:
    (operator, value), *more = compared.items()
    assert not more, "a condition has one operator"
    operator = operator.removesuffix("_")  # `in_`
    return {**subject, "operator": operator} | (
        {} if value is True and operator.startswith("is_") else {"value": value}
    )


def has(name: str, **compared: object) -> Document:
    """`has("plan", equals="pro")`: a property of the profile; in `where`, one of the event."""
    return _condition({"property": name}, compared)


def _measured(
    measure: str, of: str | None, last: str | None, before: str | None, window: Document | None, where: Document | None
) -> Document:
    windows = [
        bounds
        for bounds in ({"last": last} if last else None, {"before": before} if before else None, window)
        if bounds
    ]
    subject: Document = {"measure": measure}
    subject |= {"of": of} if of is not None else {}
    subject |= {"window": windows[0]} if windows else {}
    return subject | ({"where": where} if where is not None else {})


def measured(
    name: str | None, measure: str, of: str | None = None, *, last: str | None = None, before: str | None = None,
    window: Document | None = None, where: Document | None = None, **compared: object,
) -> Document:  # fmt: skip
    """A measure over events of a name (None: any), with one window and one operator.

    `measured("order", "sum", "total", last="30d", at_least=100)`.
    """
    called = {} if name is None else {"name": name}
    return _condition({"event": {**called, **_measured(measure, of, last, before, window, where)}}, compared)


def spoken(
    measure: str, of: str | None = None, *, last: str | None = None, before: str | None = None,
    window: Document | None = None, where: Document | None = None, **compared: object,
) -> Document:  # fmt: skip
    """The same over conversations."""
    return _condition({"conversation": _measured(measure, of, last, before, window, where)}, compared)


def did(name: str | None, **window: Any) -> Document:
    """At least once."""
    return measured(name, "count", at_least=1, **window)


def never(name: str | None, **window: Any) -> Document:
    return measured(name, "count", less_than=1, **window)


def followed(*steps: str | tuple[str, str] | Document, **window: Any) -> Document:
    """A sequence: each step a name, (name, within), or the document of a step."""
    documents: list[Document] = []
    for step in steps:
        match step:
            case str():
                documents.append({"event": {"name": step}})
            case (name, within):
                documents.append({"event": {"name": name}, "within": within})
            case document:
                documents.append(document)  # type: ignore[arg-type]  # what is left is a document
    return {"sequence": documents} | ({"window": window} if window else {})


def no(rule: Document) -> Document:
    return {"not": rule}


def every(*rules: Document) -> Document:
    return {"all": list(rules)}


def either(*rules: Document) -> Document:
    return {"any": list(rules)}


def in_segment(name: str) -> Document:
    return {"segment": name}
