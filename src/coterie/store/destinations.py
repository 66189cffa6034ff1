"""Destinations as they rest: what they are, how far they have come in the log of transitions, what failed and waits, the last attempts.

A part of `Store` and one of `Transaction`, in a file of their own because nothing else in the store has to do with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple, cast

import apsw

from coterie.store import blocks
from coterie.store.connections import Readers
from coterie.store.queries import WORKSPACE as SQL
from coterie.store.rows import StoredTransition

ATTEMPTS_KEPT: Final = 100
"""Of each destination."""
GIVEN_UP_KEPT: Final = 1_000
"""Beside them, the last attempts of deliveries that were given up."""


@dataclass(frozen=True, slots=True)
class StoredDestination:
    """A destination, and its course. Filters are JSON lists, None where all goes through. `did` is 0 before it is inserted."""

    did: int
    id: str
    url: str
    description: str | None
    segments: str | None
    actions: str | None
    causes: str | None
    state: str
    state_reason: str | None
    cursor: int
    failures: int
    failing_since: int | None
    hold_until: int | None
    created_at: int
    updated_at: int


class StoredSecret(NamedTuple):
    did: int
    secret: str
    created_at: int
    expires_at: int | None


class StoredDelivery(NamedTuple):
    """A delivery that failed and is tried again."""

    did: int
    sequence: int
    attempt_count: int
    first_failed_at: int
    next_at: int


class StoredAttempt(NamedTuple):
    sequence: int
    at: int
    status: int | None
    error: str | None
    took: float
    next_at: int | None
    given_up: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """What came of deliveries to one destination: written whole, so that the cursor and the failures always agree."""

    destination: StoredDestination
    put: Sequence[StoredDelivery]
    gone: Sequence[int]  # sequences that wait no more
    attempts: Sequence[StoredAttempt]


class DestinationReads:
    """The part of `Store` that is about destinations."""

    _readers: Readers

    def destinations(self) -> list[StoredDestination]:
        """The oldest first."""
        with self._readers.borrow() as connection:
            return [StoredDestination(*row) for row in connection.execute(SQL["destinations"])]

    def destination_secrets(self) -> list[StoredSecret]:
        """Of all destinations; of each the oldest first."""
        with self._readers.borrow() as connection:
            return list(map(StoredSecret._make, connection.execute(SQL["destination_secrets"])))

    def deliveries(self) -> list[StoredDelivery]:
        """What waits for another attempt, of all destinations."""
        with self._readers.borrow() as connection:
            return list(map(StoredDelivery._make, connection.execute(SQL["deliveries"])))

    def attempts(self, did: int, limit: int) -> list[StoredAttempt]:
        """The latest first."""
        with self._readers.borrow() as connection:
            return list(map(StoredAttempt._make, connection.execute(SQL["attempts"], (did, limit))))

    def outbox(
        self, wanted: StoredDestination, after: int, until: int, limit: int
    ) -> tuple[list[StoredTransition], int]:
        """The transitions after `after` that its filters let through, `limit` at most, and how far the log was looked at: to `until` at most."""
        bound: dict[str, apsw.SQLiteValue] = {
            "after": after, "until": until, "segments": wanted.segments, "actions": wanted.actions, "causes": wanted.causes,
        }  # fmt: skip
        found: list[StoredTransition] = []
        with self._readers.snapshot() as connection:
            for row in connection.execute(SQL["blocks_for_destination"], bound):
                expanded = blocks.expand(cast(blocks.BlockRow, row), after, limit - len(found))
                found.extend(one for one in expanded if one.sequence <= until)
                if len(found) >= limit:
                    return found, found[-1].sequence
        return found, until

    def transition(self, sequence: int) -> StoredTransition | None:
        """The one with this sequence."""
        with self._readers.borrow() as connection:
            for row in connection.execute(SQL["block_of"], (sequence,)).fetchall():
                return next(blocks.expand(cast(blocks.BlockRow, row), sequence - 1, 1), None)
        return None

    def segment_id(self, sid: int) -> str:
        """The public id of a segment, also of one that was deleted."""
        with self._readers.borrow() as connection:
            ((found,),) = connection.execute(SQL["segment_id"], (sid,)).fetchall()
            return str(found)


class DestinationWrites:
    """The part of `Transaction` that is about destinations."""

    _connection: apsw.Connection

    def insert_destination(self, new: StoredDestination) -> int:
        """Its `did`."""
        self._connection.execute(SQL["insert_destination"], asdict(new))
        return self._connection.last_insert_rowid()

    def update_destination(self, changed: StoredDestination) -> None:
        """What it is. Its course is for `record_progress`."""
        self._connection.execute(SQL["update_destination"], asdict(changed))

    def delete_destination(self, did: int) -> None:
        """With all that is known of it."""
        self._connection.execute(SQL["delete_destination"], (did,))

    def put_destination_secrets(self, rows: Sequence[StoredSecret]) -> None:
        self._connection.executemany(SQL["put_destination_secret"], rows)

    def forget_expired_secrets(self, did: int, now: int) -> None:
        self._connection.execute(SQL["forget_expired_secrets"], (did, now))

    def record_progress(self, progress: Progress) -> None:
        """Nothing of a destination that is not there (any more)."""
        course = progress.destination
        before = self._connection.total_changes()
        self._connection.execute(SQL["record_course"], asdict(course))
        if self._connection.total_changes() == before:
            return
        self._connection.executemany(SQL["put_delivery"], progress.put)
        self._connection.executemany(SQL["delete_delivery"], [(course.did, sequence) for sequence in progress.gone])
        self._connection.executemany(SQL["insert_attempt"], [(course.did, *one) for one in progress.attempts])
        for given_up, kept in ((0, ATTEMPTS_KEPT), (1, GIVEN_UP_KEPT)) if progress.attempts else ():
            self._connection.execute(SQL["forget_attempts"], {"did": course.did, "given_up": given_up, "kept": kept})
