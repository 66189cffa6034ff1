"""The queue of one destination: what to send next, and what a result changes.

Pure: no clock, no network, no file.

The log of transitions is the outbox. `cursor` says up to where it is done; only a delivery that
failed is recorded by itself (`waiting`), with the time of its next attempt. The transitions read
ahead of the cursor (`queue`) and the deliveries under way (`in_flight`) are in memory only: after a
crash they are sent again, because a delivery is made at least once.

A circuit breaker protects a destination that seems to be down:

    closed     deliveries go out, up to `slots` at once
    open       after `FAILURES_TO_OPEN` failures in a row nothing goes out until `hold_until`
    half-open  then one delivery at a time goes out as a probe; a failed one opens it again, for
               longer, a successful one closes it

The probes alternate between an old failure and a new transition, from further and further ahead in
the queue: where the receiver rejects some messages and is not down, another one gets through and
closes the breaker, which then opens only after twice as many failures. So an outage of days adds a
handful of waiting deliveries, and bad messages hold up the others for seconds (one of them) to
minutes (hundreds in a row). A delivery that failed before and fails again does not count towards
opening the breaker.

It is long because it is one state machine, whose states make sense only beside one another.

    active ── a failure ──> failing ── five days of failures only, 410, by hand ──> disabled
      ^──────── a success ─────┘                                          (until enabled by hand)
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from coterie.live.delivery.attempt_result import AttemptResult
from coterie.live.delivery.schedule import (
    ABANDONED_AFTER,
    PROBE_DELAY_MAX,
    RETRY_DELAY_MAX,
    Jitter,
    delay,
)
from coterie.model import DestinationState
from coterie.rules.values import Instant
from coterie.store.rows import StoredTransition

FAILURES_TO_OPEN: Final = 3
READ_AHEAD: Final = 500
"""The length of the queue. More bad messages in a row than this look like an outage."""
DEEPER: Final = 4
"""Each probe of an outage is taken from this many times further ahead in the queue."""

GONE: Final = "The receiver answered 410 (Gone): it wants no more deliveries."
BY_HAND: Final = "Disabled by hand."


@dataclass(slots=True)
class WaitingDelivery:
    """A delivery that failed and is retried at `next_at`."""

    sequence: int
    attempt_count: int
    first_failed_at: int
    next_at: int


@dataclass(frozen=True, slots=True, eq=False)
class InFlight:
    """A delivery under way. `fresh` is its transition at the first attempt, None at a retry."""

    sequence: int
    fresh: StoredTransition | None
    probe: bool


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What follows from a result: when the delivery is retried, or that it is abandoned."""

    next_at: int | None = None
    abandoned: bool = False


@dataclass(slots=True)
class DeliveryQueue:
    """The state of one destination. `waiting_max` failures hold back all new deliveries."""

    read_to: int
    """The log was read up to here: each transition is done, waiting, in flight, or queued."""
    slots: int
    """The largest number of deliveries in flight."""
    waiting_max: int
    state: DestinationState = DestinationState.ACTIVE
    reason: str | None = None
    failures: int = 0
    """In a row. Failed retries count only while the breaker is open."""
    failing_since: int | None = None
    hold_until: int | None = None
    waiting: dict[int, WaitingDelivery] = field(default_factory=dict)
    queue: deque[StoredTransition] = field(default_factory=deque)
    in_flight: dict[int, InFlight] = field(default_factory=dict)
    _retries: list[tuple[int, int]] = field(default_factory=list)  # a heap of (next_at, sequence)
    _failures_to_open: int = FAILURES_TO_OPEN
    _failed_probes: set[int] = field(default_factory=set)  # since the breaker last opened
    _probe_depth: int = 1

    def __post_init__(self) -> None:
        self._retries = [(delivery.next_at, delivery.sequence) for delivery in self.waiting.values()]
        heapq.heapify(self._retries)
        if self.breaker_open:  # it was when it was recorded: then, as far as is known, these failed as probes
            self._failed_probes.update(self.waiting)

    # --- the state

    @property
    def cursor(self) -> int:
        """Each transition up to it was delivered, abandoned or filtered out, or is waiting."""
        fresh = (delivery.sequence for delivery in self.in_flight.values() if delivery.fresh is not None)
        first = min(fresh, default=self.read_to + 1)
        return min(first, self.queue[0].sequence if self.queue else first) - 1

    @property
    def breaker_open(self) -> bool:
        """Whether the destination seems to be down (open or half-open)."""
        return self.failures >= self._failures_to_open

    @property
    def _messages_are_bad(self) -> bool:
        """Whether the breaker last opened because of the messages, not of the receiver."""
        return self._failures_to_open > FAILURES_TO_OPEN

    def wants_more(self) -> bool:
        """Whether to read on in the log."""
        return self.state is not DestinationState.DISABLED and len(self.queue) < READ_AHEAD // 2

    def extend(self, transitions: Iterable[StoredTransition], read_to: int) -> None:
        """Queue the transitions between the old `read_to` and the new that pass the filters."""
        self.queue.extend(transition for transition in transitions if transition.sequence not in self.waiting)
        self.read_to = read_to

    def next_at(self, now: int) -> int | None:
        """The next instant at which `start` may return more just because time passes.

        A slot that becomes free is not counted: that is the effect of a result.
        """
        if self.state is DestinationState.DISABLED:
            return None
        if self.hold_until is not None and self.hold_until > now:
            return self.hold_until if self.queue or self.waiting else None
        retry_at = self._next_retry_at()
        return retry_at if retry_at is not None and retry_at > now else None

    # --- starting deliveries

    def start(self, now: int, room: int) -> list[InFlight]:
        """Start the deliveries that are due, `room` at most.

        One may start without room where none is in flight, so that no destination has to wait for
        the slots of the others.
        """
        if self.state is DestinationState.DISABLED or (self.hold_until is not None and now < self.hold_until):
            return []
        if self.breaker_open:
            return [] if self.in_flight else self._start_probe()
        free = min(self.slots - len(self.in_flight), max(room, 0 if self.in_flight else 1))
        started = self._start_retries(now, free)
        while len(started) < free and self.queue and len(self.waiting) < self.waiting_max:
            if self._would_overtake(self.queue[0]):
                break
            started.append(self._start(self.queue.popleft()))
        return started

    def _start_retries(self, now: int, free: int) -> list[InFlight]:
        """Start due retries. They leave slots for the log, for they may fail again, slowly."""
        retrying = sum(delivery.fresh is None for delivery in self.in_flight.values())
        free = min(free, max(1, self.slots // 2) - retrying)
        started: list[InFlight] = []
        while len(started) < free and (retry_at := self._next_retry_at()) is not None and retry_at <= now:
            started.append(self._start(heapq.heappop(self._retries)[1]))
        return started

    def _start_probe(self) -> list[InFlight]:
        can_retry = self._next_retry_at() is not None
        if can_retry and (not self.queue or (not self._messages_are_bad and self.failures % 2 == 1)):
            return [self._start(heapq.heappop(self._retries)[1])]
        if not self.queue:
            return []
        ahead = self.queue[place := min(self._probe_depth, len(self.queue)) - 1]
        del self.queue[place]
        self._probe_depth = min(DEEPER * self._probe_depth, READ_AHEAD)
        return [self._start(ahead)]

    def _start(self, delivery: StoredTransition | int) -> InFlight:
        """Put a new transition in flight, or a retry by its sequence."""
        fresh = delivery if isinstance(delivery, StoredTransition) else None
        sequence = delivery if isinstance(delivery, int) else delivery.sequence
        started = self.in_flight[sequence] = InFlight(sequence, fresh, probe=self.breaker_open)
        return started

    def _would_overtake(self, transition: StoredTransition) -> bool:
        """Whether an earlier transition of the same profile and segment is still in flight."""
        fresh = (delivery.fresh for delivery in self.in_flight.values() if delivery.fresh is not None)
        return any((earlier.sid, earlier.pid) == (transition.sid, transition.pid) for earlier in fresh)

    def _next_retry_at(self) -> int | None:
        """The earliest `next_at` of the waiting deliveries that are not in flight."""
        while self._retries:
            next_at, sequence = self._retries[0]
            delivery = self.waiting.get(sequence)
            if delivery is not None and delivery.next_at == next_at and sequence not in self.in_flight:
                return next_at
            heapq.heappop(self._retries)
        return None

    # --- results

    def finish(self, delivery: InFlight, result: AttemptResult, now: int, jitter: Jitter) -> RetryDecision | None:
        """Record a result. None for a delivery that a replay or new filters have dropped."""
        if self.in_flight.get(delivery.sequence) is not delivery:
            return None
        del self.in_flight[delivery.sequence]
        return self._succeed(delivery) if result.delivered else self._fail(delivery, result, now, jitter)

    def _succeed(self, delivery: InFlight) -> RetryDecision:
        self.waiting.pop(delivery.sequence, None)
        if delivery.sequence in self._failed_probes:  # the receiver was the reason, not the message
            self._failed_probes.discard(delivery.sequence)
            self._failures_to_open = FAILURES_TO_OPEN
        elif self.breaker_open:
            self._failures_to_open = min(2 * self._failures_to_open, READ_AHEAD)
        if delivery.probe:
            self.hold_until, self._probe_depth = None, max(1, self._probe_depth // DEEPER)
            self._retry_now(self._failed_probes)
        self.failures, self.failing_since = 0, None
        if self.state is DestinationState.FAILING:
            self.state, self.reason = DestinationState.ACTIVE, None
        return RetryDecision()

    def _fail(self, delivery: InFlight, result: AttemptResult, now: int, jitter: Jitter) -> RetryDecision:
        if self.failing_since is None:
            self.failing_since = now
        if self.state is not DestinationState.DISABLED:
            self.state, self.reason = DestinationState.FAILING, result.error
        if result.gone:
            self.disable(GONE)
        elif now - self.failing_since >= ABANDONED_AFTER:
            since = Instant(self.failing_since).iso()
            self.disable(f"Every attempt since {since} failed. The last: {result.error}")
        if self.state is DestinationState.DISABLED:
            return self._put_back(delivery)
        self._count_failure(delivery, result, now, jitter)
        if delivery.probe:
            self._failed_probes.add(delivery.sequence)
        if delivery.fresh is not None and delivery.probe:
            self._put_back(delivery)
            return RetryDecision(next_at=self.hold_until)
        return self._schedule_retry(delivery, result, now, jitter)

    def _count_failure(self, delivery: InFlight, result: AttemptResult, now: int, jitter: Jitter) -> None:
        if delivery.probe or (delivery.fresh is not None and not self.breaker_open):
            self.failures += 1
            if self.breaker_open and not delivery.probe:  # it opens now
                self._failed_probes.clear()
                self._probe_depth = self._probe_depth if self._messages_are_bad else 1
            if self.breaker_open:
                failed_probes = self.failures - self._failures_to_open + 1
                self.hold_until = now + delay(failed_probes, PROBE_DELAY_MAX, jitter)
        if result.retry_after is not None:
            self.hold_until = max(self.hold_until or 0, now + result.retry_after)

    def _schedule_retry(self, delivery: InFlight, result: AttemptResult, now: int, jitter: Jitter) -> RetryDecision:
        waiting = self.waiting.setdefault(delivery.sequence, WaitingDelivery(delivery.sequence, 0, now, now))
        last_at = waiting.first_failed_at + ABANDONED_AFTER
        if now >= last_at:
            del self.waiting[delivery.sequence]
            self._failed_probes.discard(delivery.sequence)
            return RetryDecision(abandoned=True)
        waiting.attempt_count += 1
        wait = max(delay(waiting.attempt_count, RETRY_DELAY_MAX, jitter), result.retry_after or 0)
        self._retry_at(waiting, min(now + wait, last_at))
        return RetryDecision(next_at=max(waiting.next_at, self.hold_until or 0))

    def _retry_at(self, waiting: WaitingDelivery, at: int) -> None:
        waiting.next_at = at
        heapq.heappush(self._retries, (at, waiting.sequence))

    def _put_back(self, delivery: InFlight) -> RetryDecision:
        if delivery.fresh is not None:
            self.queue.appendleft(delivery.fresh)
            if len(self.queue) > 1 and self.queue[0].sequence > self.queue[1].sequence:  # others came back before
                self.queue = deque(sorted(self.queue, key=lambda transition: transition.sequence))
        else:
            waiting = self.waiting[delivery.sequence]
            self._retry_at(waiting, waiting.next_at)
        return RetryDecision()

    def _retry_now(self, sequences: set[int]) -> None:
        """Retry these at once: what failed while the breaker was open may be without fault."""
        for sequence in sequences & self.waiting.keys():
            self._retry_at(self.waiting[sequence], 0)

    def requeue(self, delivery: InFlight) -> None:
        """Put back a delivery that could not be sent, through no fault of the receiver."""
        if self.in_flight.get(delivery.sequence) is delivery:
            del self.in_flight[delivery.sequence]
            self._put_back(delivery)

    # --- by hand

    def disable(self, reason: str) -> None:
        """Send nothing more. Waiting deliveries keep waiting."""
        self.state, self.reason = DestinationState.DISABLED, reason

    def enable(self) -> None:
        """Start again, with the waiting deliveries at once."""
        self.state, self.reason = DestinationState.ACTIVE, None
        self.failures, self.failing_since, self.hold_until = 0, None, None
        self._failures_to_open, self._probe_depth = FAILURES_TO_OPEN, 1
        self._retry_now(set(self.waiting))

    def rewind(self, cursor: int) -> None:
        """Deliver everything after `cursor` again. Results of deliveries in flight are ignored."""
        for sequence in [sequence for sequence in self.waiting if sequence > cursor]:
            del self.waiting[sequence]
        self.reread(cursor)

    def reread(self, cursor: int) -> None:
        """Read the log again after `cursor`, where new filters apply. Waiting deliveries stay."""
        for sequence in [delivery.sequence for delivery in self.in_flight.values() if delivery.fresh is None]:
            if sequence in self.waiting:
                self._retry_at(self.waiting[sequence], self.waiting[sequence].next_at)
        self.in_flight.clear()
        self.queue.clear()
        self.read_to = cursor
