"""`workspace.profiles`: write, find, list, merge and delete profiles."""

from __future__ import annotations

from collections.abc import Sequence

from coterie.answers.cursors import read_cursor
from coterie.answers.profiles import find_stored, models_of, page_by_offset, pids_with_email, to_models
from coterie.live.engine import Engine
from coterie.model import IdempotencyRecord, Page, Profile, ProfileInput, ProfileWrite, Rejected
from coterie.rules.lower import lower
from coterie.rules.nodes import Rule
from coterie.rules.normalize import NormalRule, normalize


class Profiles:
    """The profiles of one open workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(
        self, profile: ProfileInput, *, match: str = "external_id", idempotency: IdempotencyRecord | None = None
    ) -> ProfileWrite:
        """Upsert one profile.

        `match` is the identifier looked up first: "external_id" (falling back to email) or
        "email". Raises InvalidInput, IdentityConflict, IdempotentReplay.
        """
        engine = self._engine
        return engine.write(lambda work: engine.profiles.put(work, profile, match), idempotency=idempotency)

    def put_many(
        self,
        profiles: Sequence[ProfileInput],
        *,
        match: str = "external_id",
        idempotency: IdempotencyRecord | None = None,
    ) -> list[ProfileWrite | Rejected]:
        """Upsert many profiles in one commit, in order. A bad profile is rejected by itself.

        Raises IdempotentReplay.
        """
        engine = self._engine
        return engine.write(lambda work: engine.profiles.put_many(work, profiles, match), idempotency=idempotency)

    def update(
        self, profile_id: str, profile: ProfileInput, *, idempotency: IdempotencyRecord | None = None
    ) -> ProfileWrite:
        """Change an existing profile. Fields left UNSET and properties not named stay as they are.

        Raises NotFound, InvalidInput, IdentityConflict.
        """
        changes = ProfileInput(profile_id, profile.external_id, profile.email, profile.properties, profile.lists)
        return self.put(changes, idempotency=idempotency)

    def delete(self, profile_id: str, *, erase: bool = False) -> None:
        """Delete a profile with its events and conversations; it leaves every segment.

        The transitions have the cause `profile_deleted`. With `erase`, data that names the
        profile later is refused (Suppressed). Raises NotFound.
        """
        engine = self._engine
        engine.write(lambda work: engine.profiles.delete(work, profile_id, erase=erase))

    def merge(self, winner_id: str, loser_id: str, *, idempotency: IdempotencyRecord | None = None) -> Profile:
        """Merge two profiles: the loser's events, conversations, lists and identifiers move.

        Raises NotFound, InvalidInput.
        """
        engine = self._engine
        merged = engine.write(lambda work: engine.profiles.merge(work, winner_id, loser_id), idempotency=idempotency)
        return self.get(merged)

    def get(
        self, profile_id: str | None = None, *, external_id: str | None = None, email: str | None = None,
        anonymous_id: str | None = None,
    ) -> Profile:  # fmt: skip
        """One profile, by exactly one identifier, its own or of a profile merged into it.

        Raises NotFound, InvalidInput.
        """
        stored = find_stored(self._engine, profile_id, external_id, email, anonymous_id)
        return to_models(self._engine, [stored])[0]

    def matching(self, rule: Rule | NormalRule, *, offset: int, limit: int) -> Page[Profile]:
        """Profiles that match a rule, oldest first; `total` is exact. Raises InvalidRule."""
        engine = self._engine
        lowered = lower(normalize(rule).rule, engine.zone)
        engine.prepare(lowered)
        with engine.reading() as moment:
            pids = engine.index.select(lowered, moment, engine.segments.members_of)
        return page_by_offset(engine, pids, offset, limit)

    def list(self, *, offset: int = 0, limit: int = 100, with_email: bool = False) -> Page[Profile]:
        """Profiles by offset, oldest first; `total` is exact and `next` is None."""
        engine = self._engine
        with engine.reading() as moment:
            pids = pids_with_email(engine, moment) if with_email else engine.index.alive_pids()
        return page_by_offset(engine, pids, offset, limit)

    def list_after(self, cursor: str | None = None, limit: int = 100) -> Page[Profile]:
        """Profiles by cursor (the `next` of the page before), oldest first.

        The cursor names the last profile of a page, so deletions meanwhile skip no profile.
        Raises InvalidCursor.
        """
        engine = self._engine
        after = read_cursor(cursor, "profiles")
        with engine.reading():
            pids = engine.index.alive_pids()
        start = pids.rank(after) if after is not None else 0
        chosen = list(pids[start : start + limit + 1])
        profiles = models_of(engine, chosen[:limit])
        following = f"profiles-{chosen[limit - 1]}" if len(chosen) > limit else None
        return Page(tuple(profiles), following, len(pids))
