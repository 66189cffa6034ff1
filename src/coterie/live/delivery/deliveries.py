"""The threads of webhooks: one decides, one listens to the log, and each used slot has its own.

A slot has a thread of its own, so an endpoint that hangs holds up nothing else; while its
destination has more to send, the thread goes on over the same connection. The threads are daemons:
`close` leaves them behind after a second, and their deliveries are sent again at the next start.
Without a destination no thread runs.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol

import structlog

from coterie.clock import Deadline
from coterie.errors import StoreError, workspace_closed
from coterie.live.delivery.attempt_result import AttemptResult
from coterie.live.delivery.dispatcher import DeliveryRequest, Dispatcher
from coterie.live.delivery.http_client import Connection, Connector
from coterie.live.delivery.schedule import Jitter
from coterie.live.registry.segments import SegmentRegistry
from coterie.model import DestinationState
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.store.store import Store

SLEEP_SECONDS_MAX: Final = 60.0
"""A machine's clock can be set, so even a far instant is checked again."""
RECORD_SECONDS: Final = 1.0
"""Until results are on disk: recording costs a write, and saves repeats after a crash."""
LISTEN_SECONDS: Final = 1.0
"""Of one wait for transitions, after which the thread checks whether it should stop."""
CLOSE_SECONDS: Final = 1.0
"""That `close` waits for the deliveries in flight."""
RETRY_SECONDS: Final = 0.5
"""Until the next try after an error on our side (a full disk); doubled after each further one."""

log = structlog.get_logger(__name__)


class DeliveryEngine(Protocol):
    """The parts of the engine that deliveries use."""

    store: Store
    segments: SegmentRegistry
    settings: Settings
    last_sequence: int

    def now(self) -> Instant: ...

    def wait_for_transitions(self, after: int, timeout: float) -> int:
        """Wait until a sequence after `after` is visible, at most `timeout` seconds.

        Returns the last visible sequence.
        """
        ...


class Deliveries:
    """The webhooks of one open workspace, running from here until `close`."""

    def __init__(
        self,
        engine: DeliveryEngine,
        *,
        delivers: bool = True,
        connector: Connector | None = None,
        jitter: Jitter = random.random,
    ) -> None:
        """With `delivers` False nothing is sent: the destinations can only be inspected."""
        self._engine = engine
        self.connector = connector or Connector(engine.settings.webhook_private_targets)
        self._dispatcher = Dispatcher(engine.store, engine.settings, self._segment_name, jitter)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._has_destinations = threading.Event()
        self._stopped = threading.Event()
        self._one_finished = threading.Event()
        self._visible = engine.last_sequence
        self._record_by = Deadline(RECORD_SECONDS)
        self._connections: set[Connection] = set()  # in use
        self._delivers = delivers
        self._deciding: threading.Thread | None = None
        with self.dispatcher():
            pass

    @contextmanager
    def dispatcher(self) -> Iterator[Dispatcher]:
        """Lend the dispatcher, to inspect or change it. Afterwards, send what is now due."""
        with self._lock:
            if self._stopped.is_set():
                raise workspace_closed()
            yield self._dispatcher
            if self._dispatcher.runtimes:
                self._has_destinations.set()
                if self._delivers and self._deciding is None:
                    self._deciding = self._started("coterie-deliveries", self._decide)
                    self._started("coterie-deliveries-log", self._listen)
        self._wake.set()

    def counts(self) -> Mapping[str, int]:
        """For metrics: destinations, those failing or disabled, deliveries waiting for a retry."""
        queues = [runtime.queue for runtime in list(self._dispatcher.runtimes.values())]
        return {
            "destinations": len(queues),
            "destinations_failing": sum(queue.state is DestinationState.FAILING for queue in queues),
            "destinations_disabled": sum(queue.state is DestinationState.DISABLED for queue in queues),
            "deliveries_waiting": sum(len(queue.waiting) for queue in queues),
        }

    def close(self) -> None:
        """Stop within a second or two. Unfinished deliveries are sent again at the next start."""
        self._stopped.set()
        self._wake.set()
        self._has_destinations.set()
        until = Deadline(CLOSE_SECONDS)
        while self._connections and until.left():
            self._one_finished.clear()
            self._one_finished.wait(min(0.05, until.left()))
        if self._deciding is not None:
            self._deciding.join(CLOSE_SECONDS)
        with self._lock:
            for connection in self._connections:
                connection.abort()
            try:
                self._dispatcher.record_all()
            except StoreError as error:
                log.warning("deliveries_not_recorded", workspace=self._engine.store.workspace_id, error=str(error))
            self._dispatcher.runtimes.clear()

    def _started(self, name: str, turn: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=self._until_stopped, args=(turn,), name=name, daemon=True)
        thread.start()
        return thread

    def _until_stopped(self, turn: Callable[[], None]) -> None:
        retry = RETRY_SECONDS
        while not self._stopped.is_set():
            try:
                turn()
                retry = RETRY_SECONDS
            except Exception as error:
                log.exception("delivering_failed", error=str(error), again_in=retry)
                self._stopped.wait(retry)
                retry = min(2 * retry, SLEEP_SECONDS_MAX)

    def _listen(self) -> None:
        self._has_destinations.wait()
        visible = self._engine.wait_for_transitions(self._visible, LISTEN_SECONDS)
        if visible > self._visible:
            self._visible = visible
            self._wake.set()
            return
        with self._lock:
            if not self._dispatcher.runtimes and not self._stopped.is_set():
                self._has_destinations.clear()

    def _decide(self) -> None:
        self._wake.clear()
        if self._stopped.is_set():  # checked after the clear, which may have wiped out the `set` of `close`
            return
        with self._lock:
            now = self._engine.now()
            runtimes = self._dispatcher.runtimes.values()
            self._dispatcher.read(runtimes, self._visible)
            self._send(self._dispatcher.start(runtimes, now, self._engine.settings.webhook_flying_max))
            if not self._record_by.left():
                self._dispatcher.record_all()
                self._record_by = Deadline(RECORD_SECONDS)
            seconds = self._sleep_seconds(now)
        self._wake.wait(seconds)

    def _sleep_seconds(self, now: Instant) -> float:
        next_at = self._dispatcher.next_at(now)
        seconds = SLEEP_SECONDS_MAX if next_at is None else min((next_at - now) / 1000, SLEEP_SECONDS_MAX)
        return min(seconds, self._record_by.left()) if self._dispatcher.has_news else seconds

    # --- one delivery

    def _send(self, requests: Iterable[DeliveryRequest]) -> None:
        """Send each in a thread of its own. Where the system allows no thread, send it later."""
        left = list(requests)
        try:
            while left:
                connection = Connection(self.connector)
                thread = threading.Thread(
                    target=self._deliver, args=(left[0], connection), name="coterie-delivery", daemon=True
                )
                thread.start()
                self._connections.add(connection)
                left.pop(0)
        except RuntimeError as error:
            log.warning("no_thread", error=str(error))
            self._wake.set()
        finally:
            for request in left:
                request.runtime.queue.requeue(request.delivery)

    def _deliver(self, first: DeliveryRequest, connection: Connection) -> None:
        """Send one delivery, then over the same connection the next ones of its destination."""
        request: DeliveryRequest | None = first
        while request is not None:
            try:
                result = connection.post(request.endpoint, request.headers, request.body, request.at)
            except Exception as error:  # ours: it must not cost the slot
                log.exception("delivery_failed", workspace=self._engine.store.workspace_id)
                result = AttemptResult(None, f"The delivery failed on our side ({type(error).__name__}).", 0.0)
            with self._lock:
                request = self._finish(request, result)
                if request is None:
                    self._connections.discard(connection)
        connection.close()
        self._one_finished.set()

    def _finish(self, request: DeliveryRequest, result: AttemptResult) -> DeliveryRequest | None:
        """Take in a result. Return the next request for this connection."""
        dispatcher, runtime, now = self._dispatcher, request.runtime, self._engine.now()
        if dispatcher.runtimes.get(runtime.stored.id) is not runtime:  # deleted or reloaded meanwhile
            return None
        if not dispatcher.has_news:
            self._wake.set()  # from now on there is something to record
        dispatcher.finish(request, result, now)
        started: list[DeliveryRequest] = []
        if not self._stopped.is_set():
            try:
                dispatcher.read([runtime], self._visible)
                started = dispatcher.start([runtime], now, self._engine.settings.webhook_flying_max)
            except Exception as error:  # ours (a disk): the deciding thread tries again, and slows down
                log.exception("delivering_failed", error=str(error))
        if not started:
            self._wake.set()
            return None
        self._send(started[1:])
        return started[0]

    def _segment_name(self, sid: int) -> str | None:
        segment = self._engine.segments.by_sid.get(sid)
        return None if segment is None else segment.stored.name
