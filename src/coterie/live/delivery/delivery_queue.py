"""The course of one destination through the log of transitions: what goes out next, and what an outcome changes. Pure: no clock, no wire, no file.

The log itself is the outbox. `cursor` says how far it is done; only a delivery that failed gets a place of its own (`waiting`), with a schedule. What is
read ahead of the cursor (`queue`) and what is out (`flying`) is in memory only: after a crash it goes out again, for a delivery is made at least once.

After `PAUSED_AFTER` failures in a row the destination seems to be down: it is paused. The cursor waits, and one attempt at a time goes out as a probe, in
turns an old failure and something new of the log, from further and further ahead: where the receiver fails some messages and is not down, another gets
through and the pause is over, and the next one begins only after twice as many failures. So an outage of days costs a handful of places, and bad messages
hold up the others for seconds (one) to minutes (hundreds in a row). What failed before and fails again does not count towards a pause.

It is long because it is one machine, whose states make sense only beside one another.

    active ── a failure ──> failing ── PAUSED_AFTER in a row ──> (paused) ── five days of failures only, 410, by hand ──> disabled
      ^──────── a success ─────┴──────────────────────────────────────┘           (until it is enabled by hand)
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

PAUSED_AFTER: Final = 3
READ_AHEAD: Final = 500
"""More bad messages in a row than this look like an outage."""
DEEPER: Final = 4
"""Each new probe of a pause is taken from so many times further ahead."""

GONE: Final = "The receiver answered 410 (Gone): it wants nothing more."
BY_HAND: Final = "Disabled by hand."


@dataclass(slots=True)
class WaitingDelivery:
    """A delivery that failed and is tried again at `next_at`."""

    sequence: int
    attempt_count: int
    first_failed_at: int
    next_at: int


@dataclass(frozen=True, slots=True, eq=False)
class InFlight:
    """A delivery that is out. `fresh` is the transition where it goes out for the first time, None for one that failed before."""

    sequence: int
    fresh: StoredTransition | None
    probe: bool


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What an outcome led to: the instant of the next attempt where there is one, and whether the delivery was given up."""

    next_at: int | None = None
    given_up: bool = False


@dataclass(slots=True)
class DeliveryQueue:
    """`slots` deliveries go out at once at most; with `waiting_max` of them waiting, nothing new does."""

    cursor_read: int
    """The log was read up to here: all up to it is done, waits, flies or is queued."""
    slots: int
    waiting_max: int
    state: DestinationState = DestinationState.ACTIVE
    reason: str | None = None
    failures: int = 0
    """In a row, those of old failures left out unless it is paused."""
    failing_since: int | None = None
    hold_until: int | None = None
    waiting: dict[int, WaitingDelivery] = field(default_factory=dict)
    queue: deque[StoredTransition] = field(default_factory=deque)
    flying: dict[int, InFlight] = field(default_factory=dict)
    _by_time: list[tuple[int, int]] = field(default_factory=list)
    _patience: int = PAUSED_AFTER
    _suspects: set[int] = field(default_factory=set)  # what failed in the last pause
    _depth: int = 1

    def __post_init__(self) -> None:
        self._by_time = [(one.next_at, one.sequence) for one in self.waiting.values()]
        heapq.heapify(self._by_time)
        if self.paused:  # it was when it was recorded: what waits failed in that pause, as far as is known
            self._suspects.update(self.waiting)

    # --- where it stands

    @property
    def cursor(self) -> int:
        """Every transition up to it was delivered, given up, let go by the filters, or waits."""
        flying = (flight.sequence for flight in self.flying.values() if flight.fresh is not None)
        first = min(flying, default=self.cursor_read + 1)
        return min(first, self.queue[0].sequence if self.queue else first) - 1

    @property
    def paused(self) -> bool:
        """Whether it seems to be down."""
        return self.failures >= self._patience

    @property
    def _knows_better(self) -> bool:
        """Whether the last pause was the fault of messages, and not of the receiver."""
        return self._patience > PAUSED_AFTER

    def wants_more(self) -> bool:
        """Whether the log should be read on."""
        return self.state is not DestinationState.DISABLED and len(self.queue) < READ_AHEAD // 2

    def take(self, found: Iterable[StoredTransition], read_to: int) -> None:
        """What the filters let through of the log after `cursor_read`, up to `read_to`."""
        self.queue.extend(one for one in found if one.sequence not in self.waiting)
        self.cursor_read = read_to

    def next_at(self, now: int) -> int | None:
        """The instant at which something may go out that could not just now, by time alone. Slots that get free are the outcomes' news."""
        if self.state is DestinationState.DISABLED:
            return None
        if self.hold_until is not None and self.hold_until > now:
            return self.hold_until if self.queue or self.waiting else None
        due = self._first_waiting()
        return due if due is not None and due > now else None

    # --- what goes out

    def start(self, now: int, room: int) -> list[InFlight]:
        """What goes out now: `room` at most, and at most one of it where nothing else flies (so that nobody's slots are taken by others)."""
        if self.state is DestinationState.DISABLED or (self.hold_until is not None and now < self.hold_until):
            return []
        if self.paused:
            return [] if self.flying else self._probe()
        free = min(self.slots - len(self.flying), max(room, 0 if self.flying else 1))
        started = self._old(now, free)
        while len(started) < free and self.queue and len(self.waiting) < self.waiting_max:
            if self._out_already(self.queue[0]):
                break
            started.append(self._launch(self.queue.popleft()))
        return started

    def _old(self, now: int, free: int) -> list[InFlight]:
        """Failures whose time has come. They leave room for the log, for they may fail again, slowly."""
        flying = sum(flight.fresh is None for flight in self.flying.values())
        free = min(free, max(1, self.slots // 2) - flying)
        started: list[InFlight] = []
        while len(started) < free and (due := self._first_waiting()) is not None and due <= now:
            started.append(self._launch(heapq.heappop(self._by_time)[1]))
        return started

    def _probe(self) -> list[InFlight]:
        old = self._first_waiting() is not None and not self._knows_better and self.failures % 2 == 1
        if old or (self._first_waiting() is not None and not self.queue):
            return [self._launch(heapq.heappop(self._by_time)[1])]
        if not self.queue:
            return []
        ahead = self.queue[place := min(self._depth, len(self.queue)) - 1]
        del self.queue[place]
        self._depth = min(DEEPER * self._depth, READ_AHEAD)
        return [self._launch(ahead)]

    def _launch(self, what: StoredTransition | int) -> InFlight:
        fresh = what if isinstance(what, StoredTransition) else None
        sequence = what if isinstance(what, int) else what.sequence
        flight = self.flying[sequence] = InFlight(sequence, fresh, probe=self.paused)
        return flight

    def _out_already(self, one: StoredTransition) -> bool:
        """Whether an earlier move of the same profile is out: the two must not overtake one another."""
        out = (flight.fresh for flight in self.flying.values() if flight.fresh is not None)
        return any((other.sid, other.pid) == (one.sid, one.pid) for other in out)

    def _first_waiting(self) -> int | None:
        """The earliest `next_at` of those that wait on the ground."""
        while self._by_time:
            at, sequence = self._by_time[0]
            one = self.waiting.get(sequence)
            if one is not None and one.next_at == at and sequence not in self.flying:
                return at
            heapq.heappop(self._by_time)
        return None

    # --- what comes back

    def land(self, flight: InFlight, outcome: AttemptResult, now: int, chance: Jitter) -> RetryDecision | None:
        """Take in an outcome. None for a flight that is not awaited any more, for the course was changed meanwhile."""
        if self.flying.get(flight.sequence) is not flight:
            return None
        del self.flying[flight.sequence]
        return self._delivered(flight) if outcome.delivered else self._failed(flight, outcome, now, chance)

    def _delivered(self, flight: InFlight) -> RetryDecision:
        self.waiting.pop(flight.sequence, None)
        if flight.sequence in self._suspects:  # it was the receiver's fault, not the message's
            self._suspects.discard(flight.sequence)
            self._patience = PAUSED_AFTER
        elif self.paused:
            self._patience = min(2 * self._patience, READ_AHEAD)
        if flight.probe:
            self.hold_until, self._depth = None, max(1, self._depth // DEEPER)  # so far ahead it got through
            self._hurry(self._suspects)
        self.failures, self.failing_since = 0, None
        if self.state is DestinationState.FAILING:
            self.state, self.reason = DestinationState.ACTIVE, None
        return RetryDecision()

    def _failed(self, flight: InFlight, outcome: AttemptResult, now: int, chance: Jitter) -> RetryDecision:
        if self.failing_since is None:
            self.failing_since = now
        if self.state is not DestinationState.DISABLED:
            self.state, self.reason = DestinationState.FAILING, outcome.error
        if outcome.gone:
            self.disable(GONE)
        elif now - self.failing_since >= ABANDONED_AFTER:
            since = Instant(self.failing_since).iso()
            self.disable(f"Every attempt since {since} failed. The last: {outcome.error}")
        if self.state is DestinationState.DISABLED:
            return self._put_back(flight)
        self._hold(flight, outcome, now, chance)
        if flight.probe:
            self._suspects.add(flight.sequence)
        if flight.fresh is not None and flight.probe:
            self._put_back(flight)
            return RetryDecision(next_at=self.hold_until)
        return self._wait(flight, outcome, now, chance)

    def _hold(self, flight: InFlight, outcome: AttemptResult, now: int, chance: Jitter) -> None:
        if flight.probe or (flight.fresh is not None and not self.paused):
            self.failures += 1
            if self.paused and not flight.probe:  # a pause begins
                self._suspects.clear()
                self._depth = self._depth if self._knows_better else 1
            if self.paused:
                self.hold_until = now + delay(self.failures - self._patience + 1, PROBE_DELAY_MAX, chance)
        if outcome.retry_after is not None:
            self.hold_until = max(self.hold_until or 0, now + outcome.retry_after)

    def _wait(self, flight: InFlight, outcome: AttemptResult, now: int, chance: Jitter) -> RetryDecision:
        one = self.waiting.setdefault(flight.sequence, WaitingDelivery(flight.sequence, 0, now, now))
        last_at = one.first_failed_at + ABANDONED_AFTER
        if now >= last_at:
            del self.waiting[flight.sequence]
            self._suspects.discard(flight.sequence)
            return RetryDecision(given_up=True)
        one.attempt_count += 1
        rest = max(delay(one.attempt_count, RETRY_DELAY_MAX, chance), outcome.retry_after or 0)
        self._wait_until(one, min(now + rest, last_at))
        return RetryDecision(next_at=max(one.next_at, self.hold_until or 0))

    def _wait_until(self, one: WaitingDelivery, at: int) -> None:
        one.next_at = at
        heapq.heappush(self._by_time, (at, one.sequence))

    def _put_back(self, flight: InFlight) -> RetryDecision:
        if flight.fresh is not None:
            self.queue.appendleft(flight.fresh)
            if len(self.queue) > 1 and self.queue[0].sequence > self.queue[1].sequence:  # others were put back before
                self.queue = deque(sorted(self.queue, key=lambda one: one.sequence))
        else:
            one = self.waiting[flight.sequence]
            self._wait_until(one, one.next_at)
        return RetryDecision()

    def _hurry(self, sequences: set[int]) -> None:
        """These go out at once: what failed in a pause may do so through no fault of its own."""
        for sequence in sequences & self.waiting.keys():
            self._wait_until(self.waiting[sequence], 0)

    def requeue(self, flight: InFlight) -> None:
        """It could not be sent after all, through no fault of the receiver's."""
        if self.flying.get(flight.sequence) is flight:
            del self.flying[flight.sequence]
            self._put_back(flight)

    # --- by hand

    def disable(self, reason: str) -> None:
        """Send nothing more. What waits goes on waiting."""
        self.state, self.reason = DestinationState.DISABLED, reason

    def enable(self) -> None:
        """Begin anew, at once, with what waits."""
        self.state, self.reason = DestinationState.ACTIVE, None
        self.failures, self.failing_since, self.hold_until = 0, None, None
        self._patience, self._depth = PAUSED_AFTER, 1
        self._hurry(set(self.waiting))

    def go_back_to(self, cursor: int) -> None:
        """Read the log again after `cursor`. What is out is not awaited any more; what waits and comes again does not wait any more."""
        for sequence in [sequence for sequence in self.waiting if sequence > cursor]:
            del self.waiting[sequence]
        self.reread(cursor)

    def reread(self, cursor: int) -> None:
        """The same, but what waits goes on waiting: for other filters, which apply from `cursor` on."""
        for sequence in [flight.sequence for flight in self.flying.values() if flight.fresh is None]:
            if sequence in self.waiting:
                self._wait_until(self.waiting[sequence], self.waiting[sequence].next_at)
        self.flying.clear()
        self.queue.clear()
        self.cursor_read = cursor
