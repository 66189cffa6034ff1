"""Profiles as they are shown: from what is stored, with the static segments they are in."""

from __future__ import annotations

from collections.abc import Sequence

from pyroaring import BitMap

from coterie.errors import InvalidCursor, InvalidInput, NotFound
from coterie.live.acceptance import accept
from coterie.live.engine import Engine
from coterie.live.registry.segments import LiveSegment
from coterie.live.writes.activity import conversation_values
from coterie.live.writes.draft import stored_document
from coterie.model import Page, Profile, Segment, SegmentKind
from coterie.rules.activity import ActivityRow
from coterie.rules.kernel import ChangedAt, Conversations, IsSet, Source
from coterie.rules.lower import lower
from coterie.rules.moment import Moment
from coterie.rules.nodes import Rule
from coterie.rules.values import Instant, Value, fold
from coterie.store.document import decode
from coterie.store.reads import Reads
from coterie.store.rows import StoredProfile


class StoredView:
    """A stored profile as the law looks at it: its facts from the store, its memberships as recorded."""

    def __init__(self, stored: StoredProfile, engine: Engine) -> None:
        self.number = stored.pid
        self._document = stored_document(stored)
        self._stored = stored
        self._engine = engine
        self._events: list[tuple[str, ActivityRow]] | None = None  # read once it is asked for them
        self._conversations: list[ActivityRow] | None = None

    def value(self, name: str) -> Value | None:
        return self._document.get(name)

    def changed_at(self, name: str) -> Instant | None:
        found = stored_document(self._stored, (name,)).get(ChangedAt(name))
        return found if isinstance(found, Instant) else None

    def is_member(self, segment_id: str) -> bool:
        return self.number in self._engine.segments.by_id[segment_id].members

    def activity(self, source: Source) -> list[ActivityRow]:
        return self._conversation_rows() if isinstance(source, Conversations) else self._event_rows(source.name)

    def _event_rows(self, name: str | None) -> list[ActivityRow]:
        if self._events is None:
            with self._engine.store.read() as reads:
                stored = reads.events_of_pids([self.number]).get(self.number, [])
            self._events = [(event.name, ActivityRow(Instant(event.at), decode(event.document))) for event in stored]
        return [row for event_name, row in self._events if name is None or event_name == name]

    def _conversation_rows(self) -> list[ActivityRow]:
        if self._conversations is None:
            with self._engine.store.read() as reads:
                stored = reads.conversations_of_pids([self.number]).get(self.number, [])
            self._conversations = [
                ActivityRow(Instant(conversation.at), conversation_values(conversation)) for conversation in stored
            ]
        return self._conversations


def shown(engine: Engine, stored: Sequence[StoredProfile]) -> list[Profile]:
    """Stored profiles as the faces show them, with the static segments that each is in."""
    pids = BitMap(one.pid for one in stored)
    with engine.reading():
        lists = [(one.id, one.members & pids) for one in by_age(engine) if one.is_static] if stored else []
    return [
        Profile(
            id=one.id,
            external_id=one.external_id,
            email=one.email,
            properties=decode(one.document),
            created_at=Instant(one.created_at),
            updated_at=Instant(one.updated_at),
            lists=tuple(segment_id for segment_id, members in lists if one.pid in members),
        )
        for one in stored
    ]


def of_pids(engine: Engine, pids: Sequence[int]) -> list[Profile]:
    """The profiles with these numbers, in this order; deleted ones are left out."""
    with engine.store.read() as reads:
        stored = reads.profiles(pids)
    return shown(engine, stored)


def find_stored(
    engine: Engine, profile_id: str | None, external_id: str | None = None, email: str | None = None,
    anonymous_id: str | None = None,
) -> StoredProfile:  # fmt: skip
    """As `find_in`, in the last commit."""
    with engine.store.read() as reads:
        return find_in(reads, profile_id, external_id, email, anonymous_id)


def find_in(
    reads: Reads, profile_id: str | None, external_id: str | None = None, email: str | None = None,
    anonymous_id: str | None = None,
) -> StoredProfile:  # fmt: skip
    """The one profile with this identifier, or that had it before a merge.

    Raises NotFound; InvalidInput unless exactly one identifier is given.
    """
    named = {"id": profile_id, "external_id": external_id, "email": email, "anonymous_id": anonymous_id}
    given = [(kind, value) for kind, value in named.items() if value is not None]
    if len(given) != 1:
        raise InvalidInput("Ask for a profile by exactly one of id, external_id, email and anonymous_id.")
    kind, value = given[0]
    stored = None
    match kind:
        case "id":
            stored = reads.profiles_by_id([value]).get(value)
        case "external_id":
            stored = reads.profiles_by_external_id([value]).get(value)
        case "email":
            value = fold(value)
            stored = next(iter(reads.profiles_by_email([value]).get(value, ()) if value else ()), None)
    stored = stored or reads.profile_by_alias(kind, value)
    if stored is None:
        raise NotFound(f"There is no profile {given[0][1]}.")
    return stored


def with_email(engine: Engine, moment: Moment) -> BitMap:
    """Everybody who has an email. Inside `engine.reading()`."""
    return engine.index.select(IsSet("email"), moment, engine.segments.members_of)


def listed(engine: Engine, offset: int, limit: int, *, only_with_email: bool) -> Page[Profile]:
    """A page of all profiles by its place, oldest first."""
    with engine.reading() as moment:
        pids = with_email(engine, moment) if only_with_email else engine.index.alive_pids()
    return page_by_offset(engine, pids, offset, limit)


def profiles_after(engine: Engine, cursor: str | None, limit: int) -> Page[Profile]:
    """Oldest first. The cursor is the last profile shown, so nobody is passed over while others are deleted."""
    after = read_cursor(cursor, "profiles")
    with engine.reading():
        pids = engine.index.alive_pids()
    start = pids.rank(after) if after is not None else 0
    chosen = list(pids[start : start + limit + 1])
    found = of_pids(engine, chosen[:limit])
    following = f"profiles-{chosen[limit - 1]}" if len(chosen) > limit else None
    return Page(tuple(found), following, len(pids))


def segments_after(engine: Engine, cursor: str | None, limit: int, kind: SegmentKind | None) -> Page[Segment]:
    """Oldest first, only those of `kind` if one is given. The cursor is the last segment shown."""
    after = read_cursor(cursor, "segments")
    with engine.reading():
        every = of_kind(engine, kind)
        chosen = [one for one in every if after is None or one.sid > after][: limit + 1]
        found = tuple(one.shown() for one in chosen[:limit])
    following = f"segments-{chosen[limit - 1].sid}" if len(chosen) > limit else None
    return Page(found, following, len(every))


def read_cursor(cursor: str | None, word: str) -> int | None:
    """The last item shown, by the cursor of the list that `word` stands for: `<word>-<number>`. Raises InvalidCursor."""
    if cursor is None:
        return None
    said, _, number = cursor.partition("-")
    if said != word or not number.isascii() or not number.isdigit() or len(number) > 10 or int(number) >= 2**32:
        raise InvalidCursor(
            "This is not a cursor of this list.",
            path=("cursor",),
            hint="Use the `next` of this list's page before, unchanged; without a cursor it starts again.",
        )
    return int(number)


def page_by_offset(engine: Engine, pids: BitMap, offset: int, limit: int) -> Page[Profile]:
    """The profiles at these places of the set, oldest first. `total` is the size of the set."""
    chosen = pids[offset : offset + limit]
    return Page(tuple(of_pids(engine, list(chosen))), next=None, total=len(pids))


def segments_of(engine: Engine, stored: StoredProfile) -> list[Segment]:
    """The segments the profile is in, oldest first."""
    with engine.reading():
        return [segment.shown() for segment in by_age(engine) if stored.pid in segment.members]


def of_kind(engine: Engine, kind: SegmentKind | None) -> list[LiveSegment]:
    """The segments of a kind, oldest first; where none is given, those that somebody made. Inside `engine.reading()`."""
    return [
        one
        for one in by_age(engine)
        if (one.stored.kind != SegmentKind.SYSTEM if kind is None else one.stored.kind == kind)
    ]


def by_age(engine: Engine) -> list[LiveSegment]:
    """Every segment, oldest first. Inside `engine.reading()`."""
    return sorted(engine.segments.by_sid.values(), key=lambda one: one.sid)


def matching(engine: Engine, rule: Rule, offset: int, limit: int) -> Page[Profile]:
    """The profiles for which a rule holds, oldest first, by place. Raises InvalidRule."""
    rule = accept(rule)
    lowered = lower(rule, engine.zone)
    engine.prepare(lowered)
    with engine.reading() as moment:
        pids = engine.index.select(lowered, moment, engine.segments.members_of)
    return page_by_offset(engine, pids, offset, limit)
