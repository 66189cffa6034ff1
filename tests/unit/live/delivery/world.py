"""A delivery queue against a receiver that is a function: no thread, no network, no file."""

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
"""Returns the result for a sequence at an instant."""


def transition(sequence: int, pid: int | None = None) -> StoredTransition:
    return StoredTransition(sequence, 1, 1, "enter", "facts", START, sequence if pid is None else pid)


def new_queue(cursor: int = 0, slots: int = 1, waiting_max: int = 1_000) -> DeliveryQueue:
    return DeliveryQueue(read_to=cursor, slots=slots, waiting_max=waiting_max)


def no_jitter() -> float:
    return 0.5


@dataclass
class World:
    """A log of `length` transitions, a receiver, and the queue between them.

    Every attempt takes `took` milliseconds.
    """

    receiver: Receiver
    length: int
    queue: DeliveryQueue = field(default_factory=new_queue)
    now: int = START
    took: int = 10
    jitter: Callable[[], float] = no_jitter
    attempts: list[tuple[int, int, bool]] = field(default_factory=list)  # at, sequence, delivered
    decisions: list[RetryDecision] = field(default_factory=list)
    most_waiting: int = 0

    def turn(self) -> bool:
        """Send what is due now and take in the results. Return whether anything was sent."""
        while self.queue.wants_more() and self.queue.read_to < self.length:
            read_to = min(self.queue.read_to + READ_AHEAD, self.length)
            self.queue.extend(map(transition, range(self.queue.read_to + 1, read_to + 1)), read_to)
        deliveries = self.queue.start(self.now, 64)
        if deliveries:
            self.now += self.took
        for delivery in deliveries:
            self.answer(delivery)
        return bool(deliveries)

    def answer(self, delivery: InFlight) -> None:
        result = self.receiver(delivery.sequence, self.now)
        decision = self.queue.finish(delivery, result, self.now, self.jitter)
        assert decision is not None
        self.attempts.append((self.now, delivery.sequence, result.delivered))
        self.decisions.append(decision)
        self.most_waiting = max(self.most_waiting, len(self.queue.waiting))

    def run(self, until: int) -> None:
        """Run until an instant, or until nothing is left to do."""
        while self.now < until:
            if self.turn():
                continue
            next_at = self.queue.next_at(self.now)
            if next_at is None:
                return
            assert next_at > self.now, "it would spin"
            self.now = min(next_at, until)

    @property
    def delivered(self) -> list[int]:
        return [sequence for _, sequence, delivered in self.attempts if delivered]


def reopened(before: DeliveryQueue) -> DeliveryQueue:
    """The queue after a crash: its recorded state without what was in memory only."""
    return DeliveryQueue(
        read_to=before.cursor, slots=before.slots, waiting_max=before.waiting_max,
        state=before.state, reason=before.reason, failures=before.failures,
        failing_since=before.failing_since, hold_until=before.hold_until,
        waiting={sequence: replace(delivery) for sequence, delivery in before.waiting.items()},
    )  # fmt: skip
