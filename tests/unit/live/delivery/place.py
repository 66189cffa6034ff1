"""A workspace file with a manual clock, and what the tests ask of receivers."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from standardwebhooks import Webhook

from coterie.clock import ManualClock
from coterie.model import Destination, ProfileInput
from coterie.rules.build import prop
from coterie.rules.values import Instant
from coterie.settings import Settings
from coterie.workspace import Workspace
from tests.unit.live.delivery.receivers import Heard, Receiver

NOW = Instant(1_772_357_400_000)
SETTINGS = Settings(webhook_private_targets=True)


class Place:
    """One workspace file and its clock, which can be opened many times."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = ManualClock(NOW)
        self.numbers = itertools.count()

    def open(self, settings: Settings = SETTINGS) -> Workspace:
        return Workspace(self.path, clock=self.clock, settings=settings)

    def wait(self, ws: Workspace, milliseconds: int) -> None:
        until(lambda: not ws._deliveries._connections)
        self.clock.advance(milliseconds)
        ws._deliveries._wake.set()  # as a sleep that ends would

    def move(self, ws: Workspace, count: int = 1) -> None:
        """Create this many profiles, each of which enters every segment of `defined`."""
        ws.profiles.put_many(
            [ProfileInput(external_id=f"u{next(self.numbers)}", properties={"n": 1}) for _ in range(count)]
        )


def defined(ws: Workspace, name: str = "All") -> str:
    return ws.segments.create(name, prop("n") >= 1).id


def until(true: Callable[[], Any], within: float = 10) -> Any:
    ends = time.monotonic() + within
    while not (result := true()):
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.005)
    return result


def body_of(heard: Heard) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(heard.body)
    return body


def sequences(receiver: Receiver) -> list[int]:
    return [body_of(request)["data"]["sequence"] for request in list(receiver.heard)]


def verified(heard: Heard, secret: str) -> bool:
    """Verify the signature alone: `Webhook.verify` would compare the manual clock with the real."""
    at = datetime.fromtimestamp(int(heard.headers["webhook-timestamp"]), UTC)
    signature = Webhook(secret).sign(heard.headers["webhook-id"], at, heard.body.decode())
    return signature in heard.headers["webhook-signature"].split(" ")


def shown(ws: Workspace, destination: Destination) -> Destination:
    return ws.destinations.get(destination.id)
