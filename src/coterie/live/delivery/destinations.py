"""The calls of the facade about webhooks: create, change and inspect destinations.

Every change is on disk when the call returns. It is made first in memory, by the code that also
delivers; where it then cannot be written, the destination is restored from the file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Final

import orjson

from coterie.clock import Deadline
from coterie.errors import InvalidInput, LimitExceeded, none_of, not_found, over_limit
from coterie.live.delivery.address_policy import AddressError, parse_endpoint
from coterie.live.delivery.deliveries import Deliveries, DeliveryEngine
from coterie.live.delivery.delivery_queue import BY_HAND
from coterie.live.delivery.dispatcher import DestinationRuntime, Dispatcher
from coterie.live.delivery.message import message_id, new_secret, valid_secrets
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
from coterie.rules.names import check_encodable, check_length
from coterie.rules.values import Instant
from coterie.store.destinations import StoredDestination, StoredSecret
from coterie.store.ids import new_id
from coterie.store.store import Transaction

RESOLVE_SECONDS: Final = 10.0
"""For the name of a new destination."""
OVERLAP_SECONDS_MAX: Final = 30 * 86_400
"""That an old secret may sign beside a new one."""
SECRETS_MAX: Final = 5
"""Secrets that sign at the same time."""


class Destinations:
    """The destinations of one open workspace."""

    def __init__(self, engine: DeliveryEngine, deliveries: Deliveries) -> None:
        self._engine = engine
        self._deliveries = deliveries

    # --- inspecting

    def get(self, id: str) -> Destination:
        """Raises NotFound."""
        with self._deliveries.dispatcher() as dispatcher:
            return _to_model(_runtime(dispatcher, id))

    def attempts(self, id: str, limit: int = 100) -> list[Attempt]:
        """The last hundred or so attempts, latest first, and more of those that ended a delivery.

        Raises NotFound.
        """
        with self._deliveries.dispatcher() as dispatcher:
            runtime = _runtime(dispatcher, id)
            dispatcher.record_all()
            with self._engine.store.read() as reads:
                attempts = reads.attempts(runtime.stored.did, limit)
        return [
            Attempt(
                sequence=attempt.sequence,
                message_id=message_id(self._engine.store.workspace_id, attempt.sequence),
                at=Instant(attempt.at),
                status=attempt.status,
                error=attempt.error,
                took=attempt.took,
                next_at=None if attempt.next_at is None else Instant(attempt.next_at),
            )
            for attempt in attempts
        ]

    # --- creating and changing

    def create(
        self, url: str, *, description: str | None = None, segments: Sequence[str] | None = None,
        actions: Sequence[Action] | None = None, causes: Sequence[Cause] | None = None, after: int | None = None,
    ) -> tuple[Destination, DestinationSecret]:  # fmt: skip
        """Create a destination whose deliveries begin after a sequence of the log.

        Without one they begin with the next transition. Raises InvalidInput, LimitExceeded.
        """
        self._require_reachable(url)
        settings, now = self._engine.settings, self._engine.now()
        stored = StoredDestination(
            did=0, id=new_id(now), url=url, description=self._description(description),
            segments=self._segments(segments),
            actions=_filter(actions, "actions"), causes=_filter(causes, "causes"), state=DestinationState.ACTIVE.value,
            state_reason=None, cursor=self._engine.last_sequence if after is None else self._sequence(after, "after"),
            failures=0, failing_since=None, hold_until=None, created_at=now, updated_at=now,
        )  # fmt: skip
        secret = DestinationSecret(new_secret(), now, None)

        def work(tx: Transaction) -> int:
            did = tx.insert_destination(stored)
            tx.put_destination_secrets([StoredSecret(did, secret.secret, secret.created_at, None)])
            return did

        with self._deliveries.dispatcher() as dispatcher:
            count, limit = len(dispatcher.runtimes), settings.destinations_max
            if count >= limit:
                raise over_limit("The workspace", count, "destinations", limit, "destinations_max")
            did = self._engine.store.write(work)
            return _to_model(dispatcher.put(replace(stored, did=did), [secret])), secret

    def update(
        self, id: str, *, url: str | Unset = UNSET, description: str | None | Unset = UNSET,
        segments: Sequence[str] | None | Unset = UNSET, actions: Sequence[Action] | None | Unset = UNSET,
        causes: Sequence[Cause] | None | Unset = UNSET, enabled: bool | Unset = UNSET,
    ) -> Destination:  # fmt: skip
        """Change a destination; UNSET fields stay.

        New filters apply to what was not sent yet. `enabled` also ends a pause after failures.
        Raises NotFound, InvalidInput.
        """
        changes: dict[str, str | None] = {}
        if not isinstance(url, Unset):
            self._require_reachable(url)
            changes["url"] = url
        if not isinstance(description, Unset):
            changes["description"] = self._description(description)
        if not isinstance(segments, Unset):
            changes["segments"] = self._segments(segments)
        if not isinstance(actions, Unset):
            changes["actions"] = _filter(actions, "actions")
        if not isinstance(causes, Unset):
            changes["causes"] = _filter(causes, "causes")

        def change(runtime: DestinationRuntime) -> None:
            before = runtime.stored
            after = StoredDestination(**{**asdict(before), **changes, "updated_at": self._engine.now()})
            runtime.stored, runtime.endpoint = after, parse_endpoint(after.url)
            if (before.segments, before.actions, before.causes) != (after.segments, after.actions, after.causes):
                runtime.queue.reread(runtime.queue.cursor)
            if enabled is True:
                runtime.queue.enable()
            elif enabled is False:
                runtime.queue.disable(BY_HAND)

        return self._change(id, change)

    def replay(self, id: str, from_sequence: int) -> Destination:
        """Deliver again from a sequence on, inclusive. Raises NotFound, InvalidInput."""
        cursor = self._sequence(from_sequence - 1, "from_sequence")
        return self._change(id, lambda runtime: runtime.queue.rewind(cursor))

    def delete(self, id: str) -> None:
        """Delete a destination with its secrets and waiting deliveries. Raises NotFound."""
        with self._deliveries.dispatcher() as dispatcher:
            did = _runtime(dispatcher, id).stored.did
            self._engine.store.write(lambda tx: tx.delete_destination(did))
            del dispatcher.runtimes[id]

    def rotate_secret(self, id: str, overlap_for: int = 86_400) -> DestinationSecret:
        """Create a new secret. The old ones sign beside it for `overlap_for` seconds.

        With 0 every old one ends at once. Raises NotFound, InvalidInput, LimitExceeded.
        """
        if not 0 <= overlap_for <= OVERLAP_SECONDS_MAX:
            raise InvalidInput(f"overlap_for is 0 to {OVERLAP_SECONDS_MAX:,} seconds.", path=("overlap_for",))
        with self._deliveries.dispatcher() as dispatcher:
            runtime = _runtime(dispatcher, id)
            now = self._engine.now()
            ends_at = Instant(now + 1000 * overlap_for)
            secret = DestinationSecret(new_secret(), now, None)
            old = [
                replace(each, expires_at=ends_at if each.expires_at is None else min(each.expires_at, ends_at))
                for each in valid_secrets(runtime.secrets, now)
            ]
            if overlap_for and len(old) >= SECRETS_MAX:
                raise LimitExceeded(
                    f"{SECRETS_MAX} secrets sign already.",
                    path=("overlap_for",),
                    hint="With 0 the old ones end at once.",
                )
            did = runtime.stored.did

            def work(tx: Transaction) -> None:
                rows = [StoredSecret(did, each.secret, each.created_at, each.expires_at) for each in (*old, secret)]
                tx.put_destination_secrets(rows)
                tx.delete_expired_secrets(did, now)

            self._engine.store.write(work)
            runtime.secrets = valid_secrets((*old, secret), now)
            return secret

    def _change(self, id: str, change: Callable[[DestinationRuntime], None]) -> Destination:
        with self._deliveries.dispatcher() as dispatcher:
            runtime = _runtime(dispatcher, id)
            change(runtime)

            def work(tx: Transaction) -> None:
                tx.update_destination(runtime.stored)
                dispatcher.record(tx, runtime)

            try:
                self._engine.store.write(work)
            except BaseException:
                dispatcher.reload(runtime)
                raise
            dispatcher.mark_recorded(runtime)
            return _to_model(runtime)

    def list(self) -> list[Destination]:
        """Every destination, oldest first."""
        with self._deliveries.dispatcher() as dispatcher:
            return [_to_model(runtime) for runtime in dispatcher.runtimes.values()]

    # --- checking input

    def _require_reachable(self, url: str) -> None:
        """Raises InvalidInput for a URL that no delivery could be sent to.

        The name is resolved now, to report a mistake at once, and again for every connection.
        """
        try:
            self._deliveries.connector.addresses(parse_endpoint(url), Deadline(RESOLVE_SECONDS))
        except AddressError as error:
            raise InvalidInput(str(error), path=("url",)) from error

    def _description(self, description: str | None) -> str | None:
        if description is not None:
            check_encodable(description, "The description", ("description",))
            limit = self._engine.settings.segment_name_length_max
            check_length(description, limit, "The description", ("description",), "segment_name_length_max")
        return description

    def _segments(self, ids: Sequence[str] | None) -> str | None:
        if ids is None:
            return None
        for place, id in enumerate(ids):
            if id not in self._engine.segments.by_id:
                raise InvalidInput(none_of("segment", id), path=("segments", place))
        return _filter(ids, "segments")

    def _sequence(self, sequence: int, name: str) -> int:
        last = self._engine.last_sequence
        if not 0 <= sequence <= last:
            raise InvalidInput(f"The log ends at {last}.", path=(name,), hint="Sequences begin at 1.")
        return sequence


def _filter(values: Sequence[str] | None, name: str) -> str | None:
    """A filter as it is stored. Raises InvalidInput for an empty one: disabling does the same."""
    if values is None:
        return None
    if not values:
        raise InvalidInput(
            "An empty list would let nothing through.", path=(name,), hint="Leave it out (null) to let all through."
        )
    return orjson.dumps(sorted(set(map(str, values)))).decode()


def _runtime(dispatcher: Dispatcher, id: str) -> DestinationRuntime:
    runtime = dispatcher.runtimes.get(id)
    if runtime is None:
        raise not_found("destination", id)
    return runtime


def _to_model(runtime: DestinationRuntime) -> Destination:
    stored, queue = runtime.stored, runtime.queue
    actions, causes = _read_filter(stored.actions), _read_filter(stored.causes)
    return Destination(
        id=stored.id,
        url=stored.url,
        description=stored.description,
        segments=_read_filter(stored.segments),
        actions=None if actions is None else tuple(map(Action, actions)),
        causes=None if causes is None else tuple(map(Cause, causes)),
        state=queue.state,
        state_reason=queue.reason,
        delivered_sequence=queue.cursor,
        waiting_count=len(queue.waiting),
        created_at=Instant(stored.created_at),
        updated_at=Instant(stored.updated_at),
    )


def _read_filter(stored: str | None) -> tuple[str, ...] | None:
    return None if stored is None else tuple(orjson.loads(stored))
