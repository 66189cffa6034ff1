"""All destinations of a workspace: read the log for them, say what to send now, record results.

The dispatcher decides nothing about retries (`delivery_queue.py` does) and sends nothing
(`deliveries.py` does). It is synchronous, reads no clock, and is called by one thread at a time.
What it records lags up to a second behind: a crash in between sends a few deliveries again, and
loses none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import structlog

from coterie.errors import InvalidInput
from coterie.live.delivery.address_policy import Endpoint, parse_endpoint
from coterie.live.delivery.attempt_result import AttemptResult
from coterie.live.delivery.delivery_queue import READ_AHEAD, DeliveryQueue, InFlight, WaitingDelivery
from coterie.live.delivery.message import Message, MessageProfile, message_id, signed_headers, signing_keys
from coterie.live.delivery.schedule import Jitter
from coterie.model import Action, Cause, DestinationSecret, DestinationState
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.store.destinations import (
    ATTEMPTS_MAX,
    Progress,
    StoredAttempt,
    StoredDelivery,
    StoredDestination,
    StoredSecret,
)
from coterie.store.rows import StoredTransition
from coterie.store.store import Store, Transaction

log = structlog.get_logger(__name__)

SegmentName = Callable[[int], str | None]
"""Returns the present name of a segment by its sid, None for a deleted one."""


@dataclass(slots=True, eq=False)
class DestinationRuntime:
    """One destination in memory: its row, its secrets, its queue, and results not recorded yet."""

    stored: StoredDestination
    secrets: list[DestinationSecret]
    queue: DeliveryQueue
    endpoint: Endpoint | None  # None where the stored URL is no longer valid
    recorded_waiting: dict[int, WaitingDelivery] = field(default_factory=dict)  # `queue.waiting` as it is on disk
    attempts: deque[StoredAttempt] = field(default_factory=lambda: deque(maxlen=ATTEMPTS_MAX))
    abandoned: list[StoredAttempt] = field(default_factory=list)

    def row(self) -> StoredDestination:
        """The row with the present state of the queue."""
        queue = self.queue
        return replace(
            self.stored, state=queue.state.value, state_reason=queue.reason, cursor=queue.cursor,
            failures=queue.failures, failing_since=queue.failing_since, hold_until=queue.hold_until,
        )  # fmt: skip

    def has_news(self) -> bool:
        """Whether there is something to record."""
        return bool(self.attempts or self.abandoned) or self.row() != self.stored


@dataclass(frozen=True, slots=True, eq=False)
class DeliveryRequest:
    """One request to send, and the destination it belongs to."""

    runtime: DestinationRuntime
    delivery: InFlight
    endpoint: Endpoint
    headers: Mapping[str, str]
    body: bytes
    at: Instant


class Dispatcher:
    """`settings` limit the deliveries in flight; `jitter` spreads the retries."""

    def __init__(self, store: Store, settings: Settings, segment_name: SegmentName, jitter: Jitter) -> None:
        self._store = store
        self._settings = settings
        self._segment_name = segment_name
        self._jitter = jitter
        self._segment_ids: dict[int, str] = {}
        self.runtimes: dict[str, DestinationRuntime] = {}
        self.has_news = False
        """Whether there may be something to record."""
        waiting: dict[int, list[StoredDelivery]] = {}
        secrets: dict[int, list[DestinationSecret]] = {}
        with store.read() as reads:
            for delivery in reads.deliveries():
                waiting.setdefault(delivery.did, []).append(delivery)
            for secret in reads.destination_secrets():
                secrets.setdefault(secret.did, []).append(_secret(secret))
            destinations = reads.destinations()
        for stored in destinations:
            self.put(stored, secrets[stored.did], waiting.get(stored.did, ()))

    def put(
        self, stored: StoredDestination, secrets: list[DestinationSecret], waiting: Iterable[StoredDelivery] = ()
    ) -> DestinationRuntime:
        """Add or replace a destination, as it is stored."""
        by_sequence = {
            delivery.sequence: WaitingDelivery(
                delivery.sequence, delivery.attempt_count, delivery.first_failed_at, delivery.next_at
            )
            for delivery in waiting
        }
        queue = DeliveryQueue(
            read_to=stored.cursor,
            slots=self._settings.webhook_slots_max,
            waiting_max=self._settings.webhook_waiting_max,
            state=DestinationState(stored.state),
            reason=stored.state_reason,
            failures=stored.failures,
            failing_since=stored.failing_since,
            hold_until=stored.hold_until,
            waiting=by_sequence,
        )
        recorded = {sequence: replace(delivery) for sequence, delivery in by_sequence.items()}
        runtime = DestinationRuntime(stored, secrets, queue, None, recorded)
        try:
            runtime.endpoint = parse_endpoint(stored.url)
        except InvalidInput as error:  # stored by a version that allowed more: the workspace must open all the same
            queue.disable(f"Its URL is no longer valid. {error.message}")
        self.runtimes[stored.id] = runtime
        return runtime

    # --- sending

    def read(self, runtimes: Iterable[DestinationRuntime], until: int) -> None:
        """Fill the queues of these destinations from the log, which is visible up to `until`."""
        for runtime in runtimes:
            queue = runtime.queue
            while queue.wants_more() and queue.read_to < until:
                with self._store.read() as reads:
                    transitions, read_to = reads.outbox(runtime.stored, queue.read_to, until, READ_AHEAD)
                queue.extend(transitions, read_to)
                self.has_news = True

    def start(self, runtimes: Iterable[DestinationRuntime], now: Instant, in_flight_max: int) -> list[DeliveryRequest]:
        """Start what is due at these destinations.

        Each destination may always have one delivery in flight; beyond that, all of them together
        have at most `in_flight_max`.
        """
        started: list[tuple[DestinationRuntime, InFlight]] = []
        in_flight = sum(len(runtime.queue.in_flight) for runtime in self.runtimes.values())
        for runtime in runtimes:
            deliveries = runtime.queue.start(now, max(0, in_flight_max - in_flight))
            in_flight += len(deliveries)
            started.extend((runtime, delivery) for delivery in deliveries)
        try:
            return list(self._requests(started, now)) if started else []
        except Exception:
            for runtime, delivery in started:
                runtime.queue.requeue(delivery)
            raise

    def _requests(self, started: list[tuple[DestinationRuntime, InFlight]], now: Instant) -> Iterator[DeliveryRequest]:
        with self._store.read() as reads:
            transitions = {
                delivery.sequence: delivery.fresh or reads.transition(delivery.sequence) for _, delivery in started
            }
            present = [transition for transition in transitions.values() if transition is not None]
            stored = reads.profiles(sorted({transition.pid for transition in present}))
            for sid in {transition.sid for transition in present} - self._segment_ids.keys():
                self._segment_ids[sid] = reads.segment_id(sid)
        profiles = {profile.pid: MessageProfile(profile.id, profile.external_id, profile.email) for profile in stored}
        for runtime, delivery in started:
            transition, endpoint = transitions[delivery.sequence], runtime.endpoint
            if transition is None or endpoint is None:  # the log has no gap; without an endpoint it is disabled
                raise LookupError(f"transition {delivery.sequence} cannot be delivered")
            message = self._message(transition, profiles.get(transition.pid))
            body = message.body()
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "Coterie",
                **signed_headers(message.id, body, signing_keys(runtime.secrets, now), now),
            }
            yield DeliveryRequest(runtime, delivery, endpoint, headers, body, now)

    def _message(self, transition: StoredTransition, profile: MessageProfile | None) -> Message:
        return Message(
            workspace_id=self._store.workspace_id,
            sequence=transition.sequence,
            action=Action(transition.action),
            cause=Cause(transition.cause),
            at=Instant(transition.at),
            segment_id=self._segment_ids[transition.sid],
            segment_name=self._segment_name(transition.sid),
            segment_version=transition.version,
            profile=profile,
        )

    # --- results

    def finish(self, request: DeliveryRequest, result: AttemptResult, now: Instant) -> None:
        """Take in the result of a delivery."""
        self.has_news = True
        runtime, sequence = request.runtime, request.delivery.sequence
        state = runtime.queue.state
        decision = runtime.queue.finish(request.delivery, result, now, self._jitter)
        if decision is None:
            return
        attempt = StoredAttempt(
            sequence, request.at, result.status, result.error, result.took, decision.next_at, decision.abandoned
        )
        fields = {"workspace": self._store.workspace_id, "destination": runtime.stored.id}
        if decision.abandoned:
            runtime.abandoned.append(attempt)
            log.warning("delivery_given_up", **fields, message=message_id(self._store.workspace_id, sequence))
        else:
            runtime.attempts.append(attempt)
        if runtime.queue.state is not state:
            log.warning("destination_state", **fields, state=runtime.queue.state.value, reason=runtime.queue.reason)

    def next_at(self, now: Instant) -> int | None:
        """The next instant at which `start` may return more just because time passes."""
        instants = (runtime.queue.next_at(now) for runtime in self.runtimes.values())
        return min((instant for instant in instants if instant is not None), default=None)

    # --- recording

    def record(self, tx: Transaction, runtime: DestinationRuntime) -> None:
        """Write the news of a destination. Call `mark_recorded` once they are on disk."""
        waiting, recorded = runtime.queue.waiting, runtime.recorded_waiting
        did = runtime.stored.did
        changed = [delivery for sequence, delivery in waiting.items() if recorded.get(sequence) != delivery]
        tx.record_progress(
            Progress(
                runtime.row(),
                [
                    StoredDelivery(did, each.sequence, each.attempt_count, each.first_failed_at, each.next_at)
                    for each in changed
                ],
                [sequence for sequence in recorded if sequence not in waiting],
                sorted([*runtime.abandoned, *runtime.attempts], key=lambda attempt: attempt.at),
            )
        )

    def mark_recorded(self, runtime: DestinationRuntime) -> None:
        """Its news are on disk."""
        runtime.stored = runtime.row()
        runtime.recorded_waiting = {sequence: replace(each) for sequence, each in runtime.queue.waiting.items()}
        runtime.attempts.clear()
        runtime.abandoned.clear()

    def record_all(self) -> None:
        """Write the news of all destinations in one transaction."""
        unrecorded = [runtime for runtime in self.runtimes.values() if runtime.has_news()]

        def work(tx: Transaction) -> None:
            for runtime in unrecorded:
                self.record(tx, runtime)

        if unrecorded:
            self._store.write(work)
        for runtime in unrecorded:
            self.mark_recorded(runtime)
        self.has_news = False

    def reload(self, runtime: DestinationRuntime) -> None:
        """Restore a destination from the file, where a change in memory could not be written."""
        id = runtime.stored.id
        with self._store.read() as reads:
            stored = next((each for each in reads.destinations() if each.id == id), None)
            if stored is None:
                self.runtimes.pop(id, None)
                return
            secrets = [_secret(each) for each in reads.destination_secrets() if each.did == stored.did]
            waiting = [each for each in reads.deliveries() if each.did == stored.did]
        self.put(stored, secrets, waiting)


def _secret(stored: StoredSecret) -> DestinationSecret:
    expires_at = None if stored.expires_at is None else Instant(stored.expires_at)
    return DestinationSecret(stored.secret, Instant(stored.created_at), expires_at)
