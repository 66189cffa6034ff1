"""Destinations of webhooks, their progress in the log of transitions, and their last attempts.

A destination's cursor says how far it has read the log; `deliveries` holds those that failed and
wait for another attempt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, NamedTuple, cast

import apsw

from coterie.store import blocks
from coterie.store.query_runner import QueryRunner
from coterie.store.rows import StoredTransition

ATTEMPTS_MAX: Final = 100
"""Stored attempts of a destination."""
ABANDONED_MAX: Final = 1_000
"""Beside them, the last attempts of deliveries that were abandoned."""


@dataclass(frozen=True, slots=True)
class StoredDestination:
    """A row of `destinations`. Filters are JSON lists, or None to let everything through.

    `did` is 0 before the row is inserted.
    """

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
    """A delivery that failed and waits for another attempt."""

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
    took: float  # seconds
    next_at: int | None
    given_up: bool  # whether the delivery was abandoned


@dataclass(frozen=True, slots=True)
class Progress:
    """The results of deliveries to one destination.

    They are written together, so that the cursor and the failures always agree.
    """

    destination: StoredDestination
    waiting: Sequence[StoredDelivery]
    done: Sequence[int]  # sequences that no longer wait
    attempts: Sequence[StoredAttempt]


class DestinationReads(QueryRunner):
    """The queries on destinations."""

    def destinations(self) -> list[StoredDestination]:
        """Oldest first."""
        return [StoredDestination(*row) for row in self._rows("destinations")]

    def destination_secrets(self) -> list[StoredSecret]:
        """The secrets of all destinations; of each, oldest first."""
        return list(map(StoredSecret._make, self._stream("destination_secrets")))

    def deliveries(self) -> list[StoredDelivery]:
        """The deliveries of all destinations that wait for another attempt."""
        return list(map(StoredDelivery._make, self._stream("deliveries")))

    def attempts(self, did: int, limit: int) -> list[StoredAttempt]:
        """Latest first."""
        return list(map(StoredAttempt._make, self._stream("attempts", (did, limit))))

    def outbox(
        self, destination: StoredDestination, after: int, until: int, limit: int
    ) -> tuple[list[StoredTransition], int]:
        """The transitions after `after` that pass the filters of a destination, at most `limit`.

        Also returns the sequence up to which the log was read, at most `until`.
        """
        values: dict[str, apsw.SQLiteValue] = {
            "after": after, "until": until, "segments": destination.segments,
            "actions": destination.actions, "causes": destination.causes,
        }  # fmt: skip
        transitions: list[StoredTransition] = []
        for row in self._stream("blocks_for_destination", values):
            expanded = blocks.expand(cast(blocks.BlockRow, row), after, limit - len(transitions))
            transitions.extend(transition for transition in expanded if transition.sequence <= until)
            if len(transitions) >= limit:
                return transitions, transitions[-1].sequence
        return transitions, until

    def transition(self, sequence: int) -> StoredTransition | None:
        """The transition with this sequence."""
        for row in self._rows("block_of", (sequence,)):
            return next(blocks.expand(cast(blocks.BlockRow, row), sequence - 1, 1), None)
        return None

    def segment_id(self, sid: int) -> str:
        """The public id of a segment, deleted or not."""
        ((id,),) = self._rows("segment_id", (sid,))
        return str(id)


class DestinationWrites(DestinationReads):
    """The writes of destinations."""

    def insert_destination(self, destination: StoredDestination) -> int:
        """Return the new `did`."""
        self._write("insert_destination", asdict(destination))
        return self._connection.last_insert_rowid()

    def update_destination(self, destination: StoredDestination) -> None:
        """Write its URL, description and filters. `record_progress` writes the rest."""
        self._write("update_destination", asdict(destination))

    def delete_destination(self, did: int) -> None:
        """Delete a destination with its secrets, deliveries and attempts."""
        self._write("delete_destination", (did,))

    def put_destination_secrets(self, secrets: Sequence[StoredSecret]) -> None:
        self._write_many("put_destination_secret", secrets)

    def delete_expired_secrets(self, did: int, now: int) -> None:
        self._write("delete_expired_secrets", (did, now))

    def record_progress(self, progress: Progress) -> None:
        """Write the results of deliveries. Does nothing for a destination that was deleted."""
        destination, did = progress.destination, progress.destination.did
        before = self._connection.total_changes()
        self._write("record_progress", asdict(destination))
        if self._connection.total_changes() == before:
            return
        self._write_many("put_delivery", progress.waiting)
        self._write_many("delete_delivery", [(did, sequence) for sequence in progress.done])
        self._write_many("insert_attempt", [(did, *attempt) for attempt in progress.attempts])
        for given_up, most in ((0, ATTEMPTS_MAX), (1, ABANDONED_MAX)) if progress.attempts else ():
            self._write("delete_old_attempts", {"did": did, "given_up": given_up, "kept": most})
