"""Profiles as the model has them: found by an identifier, or a page of a set."""

from __future__ import annotations

from collections.abc import Sequence

from pyroaring import BitMap

from coterie.answers.members import segments_by_age
from coterie.errors import InvalidInput, not_found
from coterie.live.engine import Engine
from coterie.model import Page, Profile
from coterie.rules.kernel import IsSet
from coterie.rules.moment import Moment
from coterie.rules.values import Instant, fold
from coterie.store.document import decode
from coterie.store.reads import Reads
from coterie.store.rows import StoredProfile


def to_models(engine: Engine, stored: Sequence[StoredProfile]) -> list[Profile]:
    """Stored profiles with the static segments that each is in."""
    pids = BitMap(profile.pid for profile in stored)
    with engine.reading():
        lists = (
            [(segment.id, segment.members & pids) for segment in segments_by_age(engine) if segment.is_static]
            if stored
            else []
        )
    return [
        Profile(
            id=profile.id,
            external_id=profile.external_id,
            email=profile.email,
            properties=decode(profile.document),
            created_at=Instant(profile.created_at),
            updated_at=Instant(profile.updated_at),
            lists=tuple(segment_id for segment_id, members in lists if profile.pid in members),
        )
        for profile in stored
    ]


def models_of(engine: Engine, pids: Sequence[int]) -> list[Profile]:
    """The profiles with these pids, in this order, without those deleted meanwhile."""
    with engine.store.read() as reads:
        stored = reads.profiles(pids)
    return to_models(engine, stored)


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
        raise not_found("profile", given[0][1])
    return stored


def find_pid(reads: Reads, profile_id: str) -> int | None:
    """The pid of the profile with this id, or of the one it was merged into."""
    pid = reads.pids_of([profile_id]).get(profile_id)
    if pid is None:
        winner = reads.profile_by_alias("id", profile_id)
        pid = None if winner is None else winner.pid
    return pid


def pids_with_email(engine: Engine, moment: Moment) -> BitMap:
    """The pids of all profiles with an email. Inside `engine.reading()`."""
    return engine.index.select(IsSet("email"), moment, engine.segments.members_of)


def page_by_offset(engine: Engine, pids: BitMap, offset: int, limit: int) -> Page[Profile]:
    """The profiles at these places of the set, oldest first. `total` is the size of the set."""
    chosen = pids[offset : offset + limit]
    return Page(tuple(models_of(engine, list(chosen))), next=None, total=len(pids))
