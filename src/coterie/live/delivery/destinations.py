"""Destinations as they are made, changed and looked at: the calls of the facade about webhooks.

Every change is on disk when the call returns. In memory it is made first, by the same code that delivers; where it then cannot be written, the destination
is taken in again from the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Final

import orjson

from coterie.clock import Deadline
from coterie.errors import InvalidInput, LimitExceeded, NotFound
from coterie.live.delivery.address_policy import AddressError, allowed_addresses, parse_endpoint
from coterie.live.delivery.deliveries import Deliveries, Feed
from coterie.live.delivery.delivery_queue import BY_HAND
from coterie.live.delivery.dispatcher import DestinationRuntime, Dispatcher
from coterie.live.delivery.message import message_id, new_secret
from coterie.model import (
    UNSET,
    Action,
    Attempt,
    Cause,
    Destination,
    DestinationSecret,
    DestinationState,
    Unset,
)
from coterie.rules.values import Instant
from coterie.store.destinations import StoredDestination, StoredSecret
from coterie.store.ids import new_id
from coterie.store.json_arrays import is_encodable
from coterie.store.store import Transaction

RESOLVED_WITHIN: Final = 10.0
"""Seconds for the name of a new destination."""
OVERLAP_MAX: Final = 30 * 86_400
"""Seconds for which an old secret may sign beside a new one."""
SECRETS_MAX: Final = 5
"""Secrets that sign at once."""


class Destinations:
    """The destinations of one open workspace."""

    def __init__(self, feed: Feed, deliveries: Deliveries) -> None:
        self._feed = feed
        self._deliveries = deliveries

    # --- looking

    def get(self, id: str) -> Destination:
        """Raises NotFound."""
        with self._deliveries.desk() as desk:
            return _shown(_runtime(desk, id))

    def attempts(self, id: str, limit: int = 100) -> list[Attempt]:
        """The last attempts, the latest first: some hundred, and those after which a delivery was given up. Raises NotFound."""
        with self._deliveries.desk() as desk:
            runtime = _runtime(desk, id)
            desk.record_all()
            with self._feed.store.read() as reads:
                found = reads.attempts(runtime.stored.did, limit)
        return [
            Attempt(
                sequence=one.sequence,
                message_id=message_id(self._feed.store.workspace_id, one.sequence),
                at=Instant(one.at),
                status=one.status,
                error=one.error,
                took=one.took,
                next_at=None if one.next_at is None else Instant(one.next_at),
            )
            for one in found
        ]

    # --- making and changing

    def create(
        self, url: str, *, description: str | None = None, segments: Sequence[str] | None = None,
        actions: Sequence[Action] | None = None, causes: Sequence[Cause] | None = None, after: int | None = None,
    ) -> tuple[Destination, DestinationSecret]:  # fmt: skip
        """Deliveries begin after a sequence of the log; where none is given, with what comes from now on. Raises InvalidInput, LimitExceeded."""
        self._reachable(url)
        settings, now = self._feed.settings, self._feed.now()
        stored = StoredDestination(
            did=0, id=new_id(now), url=url, description=self._described(description), segments=self._segments(segments),
            actions=_words(actions, "actions"), causes=_words(causes, "causes"), state=DestinationState.ACTIVE.value,
            state_reason=None, cursor=self._feed.last_sequence if after is None else self._place(after, "after"),
            failures=0, failing_since=None, hold_until=None, created_at=now, updated_at=now,
        )  # fmt: skip
        secret = DestinationSecret(new_secret(), now, None)

        def work(tx: Transaction) -> int:
            did = tx.insert_destination(stored)
            tx.put_destination_secrets([StoredSecret(did, secret.secret, secret.created_at, None)])
            return did

        with self._deliveries.desk() as desk:
            if len(desk.runtimes) >= settings.destinations_max:
                raise LimitExceeded(
                    f"A workspace has at most {settings.destinations_max:,} destinations (destinations_max)."
                )
            did = self._feed.store.write(work)
            return _shown(desk.put(replace(stored, did=did), [secret])), secret

    def update(
        self, id: str, *, url: str | Unset = UNSET, description: str | None | Unset = UNSET,
        segments: Sequence[str] | None | Unset = UNSET, actions: Sequence[Action] | None | Unset = UNSET,
        causes: Sequence[Cause] | None | Unset = UNSET, enabled: bool | Unset = UNSET,
    ) -> Destination:  # fmt: skip
        """Fields left UNSET stay. Other filters are for what was not sent yet. `enabled` also ends a pause. Raises NotFound, InvalidInput."""
        changes: dict[str, str | None] = {}
        if not isinstance(url, Unset):
            self._reachable(url)
            changes["url"] = url
        if not isinstance(description, Unset):
            changes["description"] = self._described(description)
        if not isinstance(segments, Unset):
            changes["segments"] = self._segments(segments)
        if not isinstance(actions, Unset):
            changes["actions"] = _words(actions, "actions")
        if not isinstance(causes, Unset):
            changes["causes"] = _words(causes, "causes")

        def change(desk: Dispatcher, runtime: DestinationRuntime) -> None:
            before = runtime.stored
            after = StoredDestination(**{**asdict(before), **changes, "updated_at": self._feed.now()})
            runtime.stored, runtime.target = after, parse_endpoint(after.url)
            if (before.segments, before.actions, before.causes) != (after.segments, after.actions, after.causes):
                runtime.course.reread(runtime.course.cursor)
            if enabled is True:
                runtime.course.enable()
            elif enabled is False:
                runtime.course.disable(BY_HAND)

        return self._changed(id, change)

    def replay(self, id: str, from_sequence: int) -> Destination:
        """Deliver again from a sequence on, it included. Raises NotFound, InvalidInput."""
        cursor = self._place(from_sequence - 1, "from_sequence")
        return self._changed(id, lambda _, runtime: runtime.course.go_back_to(cursor))

    def delete(self, id: str) -> None:
        """With its secrets and what waits. Raises NotFound."""
        with self._deliveries.desk() as desk:
            did = _runtime(desk, id).stored.did
            self._feed.store.write(lambda tx: tx.delete_destination(did))
            del desk.runtimes[id]

    def rotate_secret(self, id: str, overlap_for: int = 86_400) -> DestinationSecret:
        """A new secret. The one before signs beside it for `overlap_for` seconds; 0 ends every old one at once. Raises NotFound, InvalidInput."""
        if not 0 <= overlap_for <= OVERLAP_MAX:
            raise InvalidInput(f"overlap_for is 0 to {OVERLAP_MAX:,} seconds.", path=("overlap_for",))
        with self._deliveries.desk() as desk:
            runtime = _runtime(desk, id)
            now = self._feed.now()
            ends_at = Instant(now + 1000 * overlap_for)
            secret = DestinationSecret(new_secret(), now, None)
            old = [
                replace(one, expires_at=ends_at if one.expires_at is None else min(one.expires_at, ends_at))
                for one in runtime.secrets
                if one.expires_at is None or one.expires_at > now
            ]
            if overlap_for and len(old) >= SECRETS_MAX:
                raise LimitExceeded(
                    f"{SECRETS_MAX} secrets sign already.",
                    path=("overlap_for",),
                    hint="With 0 the old ones end at once.",
                )
            did = runtime.stored.did

            def work(tx: Transaction) -> None:
                rows = [StoredSecret(did, one.secret, one.created_at, one.expires_at) for one in (*old, secret)]
                tx.put_destination_secrets(rows)
                tx.delete_expired_secrets(did, now)

            self._feed.store.write(work)
            runtime.secrets = [one for one in (*old, secret) if one.expires_at is None or one.expires_at > now]
            return secret

    def _changed(self, id: str, change: Callable[[Dispatcher, DestinationRuntime], None]) -> Destination:
        with self._deliveries.desk() as desk:
            runtime = _runtime(desk, id)
            change(desk, runtime)

            def work(tx: Transaction) -> None:
                tx.update_destination(runtime.stored)
                desk.record(tx, runtime)

            try:
                self._feed.store.write(work)
            except BaseException:
                desk.recall(runtime)
                raise
            desk.recorded(runtime)
            return _shown(runtime)

    def list(self) -> list[Destination]:
        """The oldest first."""
        with self._deliveries.desk() as desk:
            return [_shown(runtime) for runtime in desk.runtimes.values()]

    # --- at the door

    def _reachable(self, url: str) -> None:
        """Deliveries to it would be made. The name is resolved now, to tell a mistake at once, and again for every connection."""
        connector, target = self._deliveries.connector, parse_endpoint(url)
        try:
            allowed_addresses(
                target, connector.resolve, private_allowed=connector.private_allowed, deadline=Deadline(RESOLVED_WITHIN)
            )
        except AddressError as error:
            raise InvalidInput(str(error), path=("url",)) from error

    def _described(self, description: str | None) -> str | None:
        if description is not None and not is_encodable(description):
            raise InvalidInput("The description is not valid Unicode.", path=("description",))
        most = self._feed.settings.segment_name_length_max
        if description is not None and len(description) > most:
            raise LimitExceeded(
                f"A description has at most {most:,} characters (segment_name_length_max).", path=("description",)
            )
        return description

    def _segments(self, ids: Sequence[str] | None) -> str | None:
        if ids is None:
            return None
        for place, id in enumerate(ids):
            if id not in self._feed.segments.by_id:
                raise InvalidInput(f"There is no segment {id}.", path=("segments", place))
        return _words(ids, "segments")

    def _place(self, sequence: int, name: str) -> int:
        last = self._feed.last_sequence
        if not 0 <= sequence <= last:
            raise InvalidInput(f"The log ends at {last}.", path=(name,), hint="Sequences begin at 1.")
        return sequence


def _words(given: Sequence[str] | None, name: str) -> str | None:
    """A filter as it is stored. An empty one lets nothing through, which is what disabling is for."""
    if given is None:
        return None
    if not given:
        raise InvalidInput(
            "An empty list would let nothing through.", path=(name,), hint="Leave it out (null) to let all through."
        )
    return orjson.dumps(sorted(set(map(str, given)))).decode()


def _runtime(desk: Dispatcher, id: str) -> DestinationRuntime:
    found = desk.runtimes.get(id)
    if found is None:
        raise NotFound(f"There is no destination {id}.")
    return found


def _shown(runtime: DestinationRuntime) -> Destination:
    stored, course = runtime.stored, runtime.course
    actions, causes = _read(stored.actions), _read(stored.causes)
    return Destination(
        id=stored.id,
        url=stored.url,
        description=stored.description,
        segments=_read(stored.segments),
        actions=None if actions is None else tuple(map(Action, actions)),
        causes=None if causes is None else tuple(map(Cause, causes)),
        state=course.state,
        state_reason=course.reason,
        delivered_sequence=course.cursor,
        waiting_count=len(course.waiting),
        created_at=Instant(stored.created_at),
        updated_at=Instant(stored.updated_at),
    )


def _read(words: str | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(orjson.loads(words))
