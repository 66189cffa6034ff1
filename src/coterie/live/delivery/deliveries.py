"""The threads that run the desk: one that decides, one that listens for news of the log, and one for each slot of a destination that is in use.

A slot has a thread of its own, so that an endpoint that hangs holds up nothing but that; while its destination has more to send, it goes on with
it over the same connection. They are daemons: at the end they are left behind after a second, and what they were about goes out again at
the next start. Where there is no destination, no thread runs.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol

import structlog

from coterie.clock import Deadline
from coterie.errors import StoreError
from coterie.live.delivery.attempt_result import AttemptResult
from coterie.live.delivery.dispatcher import DeliveryRequest, Dispatcher
from coterie.live.delivery.http_client import Connection, Connector
from coterie.live.delivery.schedule import Jitter
from coterie.live.registry.segments import SegmentRegistry
from coterie.model import DestinationState
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.store.store import Store

LONGEST_SLEEP: Final = 60.0
"""Seconds. A machine's clock can be set, so even a far due instant is looked at again."""
RECORDED_WITHIN: Final = 1.0
"""Seconds until what was delivered is on disk: it costs a write, and saves repeats after a crash."""
LISTENS_FOR: Final = 1.0
"""Seconds of one wait for news, after which it looks whether it should stop."""
LANDS_WITHIN: Final = 1.0
"""Seconds that what is out is waited for at the end."""
FIRST_RETRY: Final = 0.5
"""Seconds until it tries again after an error of ours (a full disk); twice as long after each further one."""

log = structlog.get_logger(__name__)


class Feed(Protocol):
    """What is asked of the engine."""

    store: Store
    segments: SegmentRegistry
    settings: Settings
    last_sequence: int

    def now(self) -> Instant: ...

    def wait_for_transitions(self, after: int, timeout: float) -> int:
        """The last sequence that is visible, once it is greater than `after` or `timeout` seconds have passed."""
        ...


class Deliveries:
    """The webhooks of one open workspace, under way from here until `close`."""

    def __init__(
        self, feed: Feed, *, delivers: bool = True, connector: Connector | None = None, chance: Jitter = random.random
    ) -> None:
        """With `delivers` False nothing goes out: the destinations can be looked at only."""
        self._feed = feed
        self.connector = connector or Connector(feed.settings.webhook_private_targets)
        self._desk = Dispatcher(feed.store, feed.settings, self._segment_name, chance)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._destined = threading.Event()  # there is a destination
        self._stopped = threading.Event()
        self._quiet = threading.Event()
        self._visible = feed.last_sequence
        self._record_by = Deadline(RECORDED_WITHIN)
        self._busy: set[Connection] = set()
        self._delivers = delivers
        self._runs: threading.Thread | None = None
        with self.desk():
            pass

    @contextmanager
    def desk(self) -> Iterator[Dispatcher]:
        """The desk, to be looked at or changed; afterwards it is looked at anew what goes out."""
        with self._lock:
            if self._stopped.is_set():
                raise StoreError("The workspace is closed.")
            yield self._desk
            if self._desk.runtimes:
                self._destined.set()
                if self._delivers and self._runs is None:
                    self._runs = self._started("coterie-deliveries", self._decide)
                    self._started("coterie-deliveries-log", self._listen)
        self._wake.set()

    def counts(self) -> Mapping[str, int]:
        """For metrics: destinations, those of them that are failing or disabled, and deliveries that wait for another attempt."""
        courses = [runtime.course for runtime in list(self._desk.runtimes.values())]
        return {
            "destinations": len(courses),
            "destinations_failing": sum(course.state is DestinationState.FAILING for course in courses),
            "destinations_disabled": sum(course.state is DestinationState.DISABLED for course in courses),
            "deliveries_waiting": sum(len(course.waiting) for course in courses),
        }

    def close(self) -> None:
        """Stop, within a second or two. What is still out then goes out again at the next start."""
        self._stopped.set()
        self._wake.set()
        self._destined.set()
        until = Deadline(LANDS_WITHIN)
        while self._busy and until.left():
            self._quiet.clear()
            self._quiet.wait(min(0.05, until.left()))
        if self._runs is not None:
            self._runs.join(LANDS_WITHIN)
        with self._lock:
            for line in self._busy:
                line.abort()
            try:
                self._desk.record_all()
            except StoreError as error:
                log.warning("deliveries_not_recorded", workspace=self._feed.store.workspace_id, error=str(error))
            self._desk.runtimes.clear()

    def _started(self, name: str, turn: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=self._until_stopped, args=(turn,), name=name, daemon=True)
        thread.start()
        return thread

    def _until_stopped(self, turn: Callable[[], None]) -> None:
        retry = FIRST_RETRY
        while not self._stopped.is_set():
            try:
                turn()
                retry = FIRST_RETRY
            except Exception as error:
                log.exception("delivering_failed", error=str(error), again_in=retry)
                self._stopped.wait(retry)
                retry = min(2 * retry, LONGEST_SLEEP)

    def _listen(self) -> None:
        self._destined.wait()
        seen = self._feed.wait_for_transitions(self._visible, LISTENS_FOR)
        if seen > self._visible:
            self._visible = seen
            self._wake.set()
            return
        with self._lock:
            if not self._desk.runtimes and not self._stopped.is_set():
                self._destined.clear()

    def _decide(self) -> None:
        self._wake.clear()
        if self._stopped.is_set():  # asked after the clear, which may have wiped out the `set` of `close`
            return
        with self._lock:
            now = self._feed.now()
            runtimes = self._desk.runtimes.values()
            self._desk.read(runtimes, self._visible)
            self._send(self._desk.start(runtimes, now, self._feed.settings.webhook_flying_max))
            if not self._record_by.left():
                self._desk.record_all()
                self._record_by = Deadline(RECORDED_WITHIN)
            wait = self._wait(now)
        self._wake.wait(wait)

    def _wait(self, now: Instant) -> float:
        next_at = self._desk.next_at(now)
        wait = LONGEST_SLEEP if next_at is None else min((next_at - now) / 1000, LONGEST_SLEEP)
        return min(wait, self._record_by.left()) if self._desk.touched else wait

    # --- one delivery

    def _send(self, deliveries: Iterable[DeliveryRequest]) -> None:
        """Each in a thread of its own. Where the system gives none, they go out later."""
        left = list(deliveries)
        try:
            while left:
                line = Connection(self.connector)
                thread = threading.Thread(
                    target=self._deliver, args=(left[0], line), name="coterie-delivery", daemon=True
                )
                thread.start()
                self._busy.add(line)
                left.pop(0)
        except RuntimeError as error:
            log.warning("no_thread", error=str(error))
            self._wake.set()
        finally:
            for delivery in left:
                delivery.runtime.course.requeue(delivery.flight)

    def _deliver(self, first: DeliveryRequest, line: Connection) -> None:
        """One delivery, and over the same connection what else its destination has to send by then."""
        delivery: DeliveryRequest | None = first
        while delivery is not None:
            try:
                outcome = line.post(delivery.target, delivery.headers, delivery.body, delivery.at)
            except Exception as error:  # ours: the slot must not be lost for it
                log.exception("delivery_failed", workspace=self._feed.store.workspace_id)
                outcome = AttemptResult(None, f"The delivery failed on our side ({type(error).__name__}).", 0.0)
            with self._lock:
                delivery = self._landed(delivery, outcome)
                if delivery is None:
                    self._busy.discard(line)
        line.close()
        self._quiet.set()

    def _landed(self, delivery: DeliveryRequest, outcome: AttemptResult) -> DeliveryRequest | None:
        """Take in an outcome, and say what goes out next over this connection."""
        desk, runtime, now = self._desk, delivery.runtime, self._feed.now()
        if desk.runtimes.get(runtime.stored.id) is not runtime:  # deleted meanwhile, or taken in anew
            return None
        if not desk.touched:
            self._wake.set()  # from now on there is something to record
        desk.land(delivery, outcome, now)
        started: list[DeliveryRequest] = []
        if not self._stopped.is_set():
            try:
                desk.read([runtime], self._visible)
                started = desk.start([runtime], now, self._feed.settings.webhook_flying_max)
            except Exception as error:  # of ours (a disk): the deciding thread tries again, and slows down
                log.exception("delivering_failed", error=str(error))
        if not started:
            self._wake.set()
            return None
        self._send(started[1:])
        return started[0]

    def _segment_name(self, sid: int) -> str | None:
        segment = self._feed.segments.by_sid.get(sid)
        return None if segment is None else segment.stored.name
