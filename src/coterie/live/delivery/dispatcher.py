"""The desk: all destinations of a workspace. It reads the log for them, says what goes out now, takes in what came of it, and records it.

It decides nothing about retries (that is `delivery_queue.py`) and sends nothing (that is `deliveries.py`). It is synchronous, asks no clock, and is called by one
thread at a time. What it records lags up to a second behind: a crash in between sends a few deliveries again, and loses none.
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
from coterie.live.delivery.message import Message, MessageProfile, keys_in_force, message_id, signed_headers
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
"""The present name of a segment by its number; None once it was deleted."""


@dataclass(slots=True, eq=False)
class DestinationRuntime:
    """One destination in memory: what it is, its secrets, its course, and what is not recorded yet."""

    stored: StoredDestination
    secrets: list[DestinationSecret]
    course: DeliveryQueue
    target: Endpoint | None  # None for a URL that is not taken any more
    recorded: dict[int, WaitingDelivery] = field(default_factory=dict)  # what the file says of `course.waiting`
    attempts: deque[StoredAttempt] = field(default_factory=lambda: deque(maxlen=ATTEMPTS_MAX))
    given_up: list[StoredAttempt] = field(default_factory=list)

    def with_course(self) -> StoredDestination:
        """The row as it should be."""
        course = self.course
        return replace(
            self.stored, state=course.state.value, state_reason=course.reason, cursor=course.cursor, failures=course.failures,
            failing_since=course.failing_since, hold_until=course.hold_until,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class DeliveryRequest:
    """One request to be made, and whose."""

    runtime: DestinationRuntime
    flight: InFlight
    target: Endpoint
    headers: Mapping[str, str]
    body: bytes
    at: Instant


class Dispatcher:
    """`settings` limit what is out; `chance` spreads the retries."""

    def __init__(self, store: Store, settings: Settings, segment_name: SegmentName, chance: Jitter) -> None:
        self._store = store
        self._settings = settings
        self._segment_name = segment_name
        self._chance = chance
        self._segment_ids: dict[int, str] = {}
        self.runtimes: dict[str, DestinationRuntime] = {}
        self.touched = False
        """Whether there may be something to record."""
        waiting: dict[int, list[StoredDelivery]] = {}
        secrets: dict[int, list[DestinationSecret]] = {}
        with store.read() as reads:
            for one in reads.deliveries():
                waiting.setdefault(one.did, []).append(one)
            for secret in reads.destination_secrets():
                secrets.setdefault(secret.did, []).append(_secret(secret))
            for stored in reads.destinations():
                self.put(stored, secrets[stored.did], waiting.get(stored.did, ()))

    def put(
        self, stored: StoredDestination, secrets: list[DestinationSecret], waiting: Iterable[StoredDelivery] = ()
    ) -> DestinationRuntime:
        """Take in a destination as it is stored."""
        places = {
            one.sequence: WaitingDelivery(one.sequence, one.attempt_count, one.first_failed_at, one.next_at)
            for one in waiting
        }
        course = DeliveryQueue(
            cursor_read=stored.cursor,
            slots=self._settings.webhook_slots_max,
            waiting_max=self._settings.webhook_waiting_max,
            state=DestinationState(stored.state),
            reason=stored.state_reason,
            failures=stored.failures,
            failing_since=stored.failing_since,
            hold_until=stored.hold_until,
            waiting=places,
        )
        recorded = {sequence: replace(one) for sequence, one in places.items()}
        runtime = DestinationRuntime(stored, secrets, course, None, recorded)
        try:
            runtime.target = parse_endpoint(stored.url)
        except InvalidInput as error:  # stored by a version that took more: it must not keep the workspace shut
            course.disable(f"Its URL is not taken any more. {error.message}")
        self.runtimes[stored.id] = runtime
        return runtime

    # --- going out

    def read(self, runtimes: Iterable[DestinationRuntime], until: int) -> None:
        """Give these destinations what they want of the log, which is visible up to `until`."""
        for runtime in runtimes:
            course = runtime.course
            while course.wants_more() and course.cursor_read < until:
                with self._store.read() as reads:
                    found, read_to = reads.outbox(runtime.stored, course.cursor_read, until, READ_AHEAD)
                course.take(found, read_to)
                self.touched = True

    def start(self, runtimes: Iterable[DestinationRuntime], now: Instant, flying_max: int) -> list[DeliveryRequest]:
        """What goes out now to these destinations. Every destination may have one out whatever the others do; beyond that, `flying_max` of all."""
        started: list[tuple[DestinationRuntime, InFlight]] = []
        flying = sum(len(runtime.course.flying) for runtime in self.runtimes.values())
        for runtime in runtimes:
            flights = runtime.course.start(now, max(0, flying_max - flying))
            flying += len(flights)
            started.extend((runtime, flight) for flight in flights)
        try:
            return list(self._written(started, now)) if started else []
        except Exception:
            for runtime, flight in started:
                runtime.course.requeue(flight)
            raise

    def _written(self, started: list[tuple[DestinationRuntime, InFlight]], now: Instant) -> Iterator[DeliveryRequest]:
        with self._store.read() as reads:
            transitions = {flight.sequence: flight.fresh or reads.transition(flight.sequence) for _, flight in started}
            present = [transition for transition in transitions.values() if transition is not None]
            stored = reads.profiles(sorted({transition.pid for transition in present}))
            for sid in {transition.sid for transition in present} - self._segment_ids.keys():
                self._segment_ids[sid] = reads.segment_id(sid)
        profiles = {profile.pid: MessageProfile(profile.id, profile.external_id, profile.email) for profile in stored}
        for runtime, flight in started:
            transition, target = transitions[flight.sequence], runtime.target
            if transition is None or target is None:  # the log has no gap; without a target it is disabled
                raise LookupError(f"transition {flight.sequence} cannot be delivered")
            message = self._message(transition, profiles.get(transition.pid))
            body = message.body()
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "Coterie",
                **signed_headers(message.id, body, keys_in_force(runtime.secrets, now), now),
            }
            yield DeliveryRequest(runtime, flight, target, headers, body, now)

    def _message(self, one: StoredTransition, profile: MessageProfile | None) -> Message:
        return Message(
            workspace_id=self._store.workspace_id,
            sequence=one.sequence,
            action=Action(one.action),
            cause=Cause(one.cause),
            at=Instant(one.at),
            segment_id=self._segment_ids[one.sid],
            segment_name=self._segment_name(one.sid),
            segment_version=one.version,
            profile=profile,
        )

    # --- coming back

    def land(self, delivery: DeliveryRequest, outcome: AttemptResult, now: Instant) -> None:
        """Take in what came of a delivery."""
        self.touched = True
        runtime, flight = delivery.runtime, delivery.flight
        was = runtime.course.state
        decision = runtime.course.land(flight, outcome, now, self._chance)
        if decision is None:
            return
        attempt = StoredAttempt(
            flight.sequence,
            delivery.at,
            outcome.status,
            outcome.error,
            outcome.took,
            decision.next_at,
            decision.given_up,
        )
        told = {"workspace": self._store.workspace_id, "destination": runtime.stored.id}
        if decision.given_up:
            runtime.given_up.append(attempt)
            log.warning("delivery_given_up", **told, message=message_id(self._store.workspace_id, flight.sequence))
        else:
            runtime.attempts.append(attempt)
        if runtime.course.state is not was:
            log.warning("destination_state", **told, state=runtime.course.state.value, reason=runtime.course.reason)

    def next_at(self, now: Instant) -> int | None:
        """When something may go out next by time alone."""
        due = (runtime.course.next_at(now) for runtime in self.runtimes.values())
        return min((at for at in due if at is not None), default=None)

    # --- recording

    def record(self, tx: Transaction, runtime: DestinationRuntime) -> None:
        """Write what is not recorded yet of a destination. Call `recorded` once that is on disk."""
        waiting, known = runtime.course.waiting, runtime.recorded
        put = [one for sequence, one in waiting.items() if known.get(sequence) != one]
        tx.record_progress(
            Progress(
                runtime.with_course(),
                [StoredDelivery(runtime.stored.did, one.sequence, one.attempt_count, one.first_failed_at, one.next_at) for one in put],
                [sequence for sequence in known if sequence not in waiting],
                sorted([*runtime.given_up, *runtime.attempts], key=lambda one: one.at),
            )
        )  # fmt: skip

    def recorded(self, runtime: DestinationRuntime) -> None:
        """It is on disk."""
        runtime.stored = runtime.with_course()
        runtime.recorded = {sequence: replace(one) for sequence, one in runtime.course.waiting.items()}
        runtime.attempts.clear()
        runtime.given_up.clear()

    def record_all(self) -> None:
        """Write what is not recorded yet, in one transaction."""
        runtimes = self.runtimes.values()
        unrecorded = [one for one in runtimes if one.attempts or one.given_up or one.with_course() != one.stored]

        def work(tx: Transaction) -> None:
            for runtime in unrecorded:
                self.record(tx, runtime)

        if unrecorded:
            self._store.write(work)
        for runtime in unrecorded:
            self.recorded(runtime)
        self.touched = False

    def recall(self, runtime: DestinationRuntime) -> None:
        """Take in a destination anew from the file, where what was changed in memory could not be written."""
        id = runtime.stored.id
        with self._store.read() as reads:
            stored = next((one for one in reads.destinations() if one.id == id), None)
            if stored is None:
                self.runtimes.pop(id, None)
                return
            secrets = [_secret(one) for one in reads.destination_secrets() if one.did == stored.did]
            waiting = [one for one in reads.deliveries() if one.did == stored.did]
        self.put(stored, secrets, waiting)


def _secret(stored: StoredSecret) -> DestinationSecret:
    expires_at = None if stored.expires_at is None else Instant(stored.expires_at)
    return DestinationSecret(stored.secret, Instant(stored.created_at), expires_at)
