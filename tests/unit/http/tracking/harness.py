"""A whole server in a temporary directory, used over HTTP as by a tracker.

Its clock stands still.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from coterie.clock import ManualClock
from coterie.http.app import create_app
from coterie.model import Event, Profile, Scope
from coterie.rules.values import Instant
from coterie.server import Server
from coterie.settings import Settings
from coterie.workspace import Workspace

START = Instant(1_772_532_000_250)  # 2026-03-03T10:00:00.250Z
Json = Any


def basic(user: str, password: str = "") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class World:
    """One server with the workspaces `default` and `other`, and keys of every kind."""

    def __init__(self, server: Server, clock: ManualClock, client: TestClient) -> None:
        self.server = server
        self.clock = clock
        self.client = client
        server.make_workspace("other")
        self.keys = {
            "write": server.control.create_key("default", "write", Scope.WRITE, START)[1],
            "read": server.control.create_key("default", "read", Scope.READ, START)[1],
            "other": server.control.create_key("other", "other", Scope.ADMIN, START)[1],
        }

    @property
    def workspace(self) -> Workspace:
        return self.server.workspace("default")

    def ask(self, call: str, body: Json, *, status: int = 200, key: str | None = "write", **more: Any) -> Json:
        """The JSON of the answer. It must have this status."""
        headers = more.pop("headers", {})
        if key is not None:
            headers = {"Authorization": basic(self.keys[key])} | headers
        sent = {"json": body} if not isinstance(body, bytes) else {"content": body}
        answered = self.client.post(f"/tracking/v1/{call}", headers=headers, **sent, **more)
        assert answered.status_code == status, f"{call}: {answered.status_code} {answered.text}"
        return answered.json()

    def batch(self, *messages: Json, **more: Any) -> list[Json]:
        """The dropped messages of an accepted batch."""
        answer = self.ask("batch", {"batch": list(messages), **more})
        assert answer["success"] is True
        dropped: list[Json] = answer.get("dropped", [])
        return dropped

    def person(self, external_id: str | None = None, **by: Any) -> Profile:
        return self.workspace.profiles.get(external_id=external_id, **by)

    def events(self, external_id: str | None = None, **by: Any) -> list[Event]:
        """The events of one person, oldest first."""
        return list(reversed(self.workspace.events.timeline(self.person(external_id, **by).id).items))

    def names(self, external_id: str) -> list[str]:
        return [event.name for event in self.events(external_id)]

    def counted(self) -> dict[tuple[str, str], int]:
        """The metric of messages, by type and outcome."""
        counts = {}
        for line in self.client.get("/metrics").text.splitlines():
            if line.startswith("coterie_tracking_messages_total{"):
                fate, kind = line.split('"')[1], line.split('"')[3]
                counts[kind, fate] = int(float(line.rsplit(" ", 1)[1]))
        return counts


def track(user: str, event: str = "e", **more: Json) -> Json:
    return {"type": "track", "userId": user, "event": event, **more}


def identify(user: str, traits: Json = None, **more: Json) -> Json:
    return {"type": "identify", "userId": user, "traits": traits or {}, **more}


def codes(dropped: Sequence[Json]) -> list[tuple[int, str]]:
    return [(message["index"], message["code"]) for message in dropped]


@contextmanager
def opened(directory: Path, *, zone: str = "UTC", **settings: Any) -> Iterator[World]:
    clock = ManualClock(START)
    with Server.open(Settings(data=directory, zone=zone, **settings), clock=clock) as server:
        server.open_all()
        with TestClient(create_app(server), raise_server_exceptions=False) as client:
            yield World(server, clock, client)
