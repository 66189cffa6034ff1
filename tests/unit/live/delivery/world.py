"""A destination's course against a receiver that is a function, on a clock that is a number: no thread, no wire, no file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from coterie.live.delivery.attempt_result import AttemptResult
from coterie.live.delivery.delivery_queue import READ_AHEAD, DeliveryQueue, InFlight, RetryDecision
from coterie.store.rows import StoredTransition

START = 1_772_357_400_000
OK = AttemptResult(200, None, 0.01)
BROKEN = AttemptResult(500, "The receiver answered 500.", 0.01)
DOWN = AttemptResult(None, "The connection failed.", 0.01)
GONE = AttemptResult(410, "The receiver answered 410.", 0.01)

Receiver = Callable[[int, int], AttemptResult]
"""What it answers to a sequence at an instant."""


def transition(sequence: int, pid: int | None = None) -> StoredTransition:
    return StoredTransition(sequence, 1, 1, "enter", "facts", START, sequence if pid is None else pid)


def course(cursor: int = 0, slots: int = 1, waiting_max: int = 1_000) -> DeliveryQueue:
    return DeliveryQueue(cursor_read=cursor, slots=slots, waiting_max=waiting_max)


def half() -> float:
    """Jitter without any: the plain delay."""
    return 0.5


@dataclass
class World:
    """A log of `length` transitions, a receiver, and the course between them. Every attempt takes `took` milliseconds."""

    receiver: Receiver
    length: int
    course: DeliveryQueue = field(default_factory=course)
    now: int = START
    took: int = 10
    chance: Callable[[], float] = half
    attempts: list[tuple[int, int, bool]] = field(default_factory=list)  # at, sequence, delivered
    decisions: list[RetryDecision] = field(default_factory=list)
    most_waiting: int = 0

    def turn(self) -> bool:
        """Send what is due now and take in the answers. Whether anything was sent."""
        while self.course.wants_more() and self.course.cursor_read < self.length:
            read_to = min(self.course.cursor_read + READ_AHEAD, self.length)
            self.course.take([transition(one) for one in range(self.course.cursor_read + 1, read_to + 1)], read_to)
        flights = self.course.start(self.now, 64)
        if flights:
            self.now += self.took
        for flight in flights:
            self.answer(flight)
        return bool(flights)

    def answer(self, flight: InFlight) -> None:
        outcome = self.receiver(flight.sequence, self.now)
        decision = self.course.land(flight, outcome, self.now, self.chance)
        assert decision is not None
        self.attempts.append((self.now, flight.sequence, outcome.delivered))
        self.decisions.append(decision)
        self.most_waiting = max(self.most_waiting, len(self.course.waiting))

    def run(self, until: int) -> None:
        """Until an instant, or until nothing is left to do."""
        while self.now < until:
            if self.turn():
                continue
            due = self.course.next_at(self.now)
            if due is None:
                return
            assert due > self.now, "it would spin"
            self.now = min(due, until)

    @property
    def delivered(self) -> list[int]:
        return [sequence for _, sequence, delivered in self.attempts if delivered]


def reopened(before: DeliveryQueue) -> DeliveryQueue:
    """The course after a crash: what is recorded of it, and nothing of what was in memory only."""
    return DeliveryQueue(
        cursor_read=before.cursor, slots=before.slots, waiting_max=before.waiting_max, state=before.state, reason=before.reason,
        failures=before.failures, failing_since=before.failing_since, hold_until=before.hold_until,
        waiting={sequence: replace(one) for sequence, one in before.waiting.items()},
    )  # fmt: skip
