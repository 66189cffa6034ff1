"""A workspace as plain as can be: facts in dictionaries, and the law evaluated anew each time.

What the engine maintains step by step, this computes from scratch. Journeys and random
interleavings compare the two. It knows nothing of arrays, cursors, windows kept
open, commits or files. People are known by their external id; a merged one answers to both names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from coterie.model import ANALYSIS_LISTS, CONVERSATION_FIELDS, FLAGS, SCORES
from coterie.rules.activity import ActivityRow
from coterie.rules.evaluate import evaluate
from coterie.rules.kernel import Conversations, Source
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant, Value

ANALYSIS = (*SCORES, *FLAGS, *ANALYSIS_LISTS)


@dataclass
class Spoken:
    """A conversation, with the latest value of each field."""

    first_seen: Instant
    at: Instant | None = None
    message_ats: list[Instant] = field(default_factory=list)
    fields: dict[str, Value] = field(default_factory=dict)  # analysis, product_id, model and the like
    properties: dict[str, Value] = field(default_factory=dict)

    def row(self) -> ActivityRow:
        started_at = self.fields.get("started_at")
        latest = max(self.message_ats, default=started_at if isinstance(started_at, Instant) else self.first_seen)
        properties = {
            f"properties.{name}" if name in CONVERSATION_FIELDS else name: value
            for name, value in self.properties.items()
        }
        values = {**properties, "started_at": started_at or self.first_seen, **self.fields}
        values["message_count"] = float(len(self.message_ats))
        return ActivityRow(latest if self.at is None else self.at, values)


@dataclass
class Person:
    """One profile. `own` are its fields (`created_at` and so on) as rules see them."""

    number: int
    own: dict[str, Value]
    values: dict[str, Value] = field(default_factory=dict)
    changed: dict[str, Instant] = field(default_factory=dict)
    events: list[tuple[str, ActivityRow, str | None]] = field(default_factory=list)  # name, what it was, message id
    conversations: dict[str, Spoken] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)

    def put(self, values: Mapping[str, Value | None], now: Instant) -> None:
        """Set these properties; None removes."""
        for name, value in values.items():
            previous = self.values.get(name)
            if value is None:
                self.values.pop(name, None)
                self.changed.pop(name, None)
            elif previous is None or previous != value or type(previous) is not type(value):
                self.values[name] = value
                self.changed[name] = now

    def take(self, other: Person) -> None:
        """Be the winner of a merge."""
        for name, value in other.values.items():
            if name not in self.values:
                self.values[name] = value
                self.changed[name] = other.changed[name]
        self.events += other.events
        self.conversations.update(other.conversations)
        self.lists |= other.lists


class Plain:
    """All the people, and the segments over them: a rule each, or None for a list."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.people: dict[str, Person] = {}
        self.also: dict[str, str] = {}  # the name of one who was merged -> the winner's
        self.rules: dict[str, Rule | None] = {}
        self._made = 0

    def name_of(self, who: str) -> str:
        while who in self.also:
            who = self.also[who]
        return who

    def find(self, who: str) -> Person | None:
        return self.people.get(self.name_of(who))

    def person(self, who: str, now: Instant) -> Person:
        """The person, made when there is none."""
        person = self.find(who)
        if person is None:
            self.also.pop(who, None)
            person = self.people[who] = Person(self._made, {"external_id": who, "created_at": now})
            self._made += 1
        return person

    # --- facts

    def put(self, who: str, values: Mapping[str, Value | None], now: Instant) -> None:
        self.person(who, now).put(values, now)

    def event(
        self, who: str, name: str, at: Instant, values: Mapping[str, Value], message_id: str | None, now: Instant
    ) -> None:
        if message_id is None or not self.has_heard(message_id):
            self.person(who, now).events.append((name, ActivityRow(at, dict(values)), message_id))

    def has_heard(self, message_id: str) -> bool:
        """Whether an event with this id is stored. Events of deleted profiles are not."""
        return any(stored_id == message_id for person in self.people.values() for _, _, stored_id in person.events)

    def conversation(
        self, who: str, key: str, now: Instant, *, at: Instant | None = None, messages: Sequence[Instant] = (),
        fields: Mapping[str, Value | None] | None = None, properties: Mapping[str, Value | None] | None = None,
    ) -> None:  # fmt: skip
        spoken = self.person(who, now).conversations.setdefault(key, Spoken(now))
        spoken.at = at if at is not None else spoken.at
        spoken.message_ats += messages
        for stored, sent in ((spoken.fields, fields or {}), (spoken.properties, properties or {})):
            for name, value in sent.items():
                if value is None:
                    stored.pop(name, None)
                else:
                    stored[name] = value

    def delete(self, who: str) -> None:
        gone = self.name_of(who)
        del self.people[gone]
        self.also = {alias: winner for alias, winner in self.also.items() if self.name_of(alias) != gone}

    def merge(self, winner: str, loser: str) -> None:
        survivor, gone = self.name_of(winner), self.name_of(loser)
        self.people[survivor].take(self.people.pop(gone))
        self.also[gone] = survivor

    # --- verdicts

    def holds(self, rule: Rule, who: str, now: Instant) -> bool:
        return evaluate(rule, View(self, who, now), Moment(now, self.zone))

    def members(self, segment: str, now: Instant) -> set[str]:
        """The members of the segment, by the law."""
        return {who for who in self.people if View(self, who, now).is_member(segment)}


class View:
    """One person, as the law looks at them."""

    def __init__(self, plain: Plain, who: str, now: Instant) -> None:
        self._plain = plain
        self._who = who
        self._person = plain.people[who]
        self._now = now

    @property
    def number(self) -> int:
        return self._person.number

    def value(self, name: str) -> Value | None:
        return self._person.own[name] if name in self._person.own else self._person.values.get(name)

    def changed_at(self, name: str) -> Instant | None:
        own = self._person.own.get(name)
        if isinstance(own, Instant):
            return own  # created_at and updated_at changed when they say
        created_at = self._person.own["created_at"]
        assert isinstance(created_at, Instant)
        return created_at if own is not None else self._person.changed.get(name)

    def activity(self, source: Source) -> list[ActivityRow]:
        if isinstance(source, Conversations):
            return [conversation.row() for conversation in self._person.conversations.values()]
        return [event for name, event, _ in self._person.events if source.name in (None, name)]

    def is_member(self, segment_id: str) -> bool:
        rule = self._plain.rules[segment_id]
        if rule is None:
            return segment_id in self._person.lists
        return evaluate(rule, self, Moment(self._now, self._plain.zone))
