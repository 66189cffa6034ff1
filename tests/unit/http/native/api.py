"""A server with a data directory of its own and two workspaces, and a client without a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from starlette.testclient import TestClient

from coterie.clock import ManualClock
from coterie.http.app import create_app
from coterie.model import Scope
from coterie.rules.values import Instant
from coterie.server import Server
from coterie.settings import Settings

NOW = Instant(1_774_449_000_000)
"""2026-03-25T14:30:00Z"""

DAY = 86_400_000
ABSENT = "0198c0de-0000-7000-8000-00000000ffff"
"""An id that does not exist."""

Json = Any


class Api:
    """The native dialect as a client sees it. `call` returns the answer; `ok` expects success and
    returns the JSON."""

    def __init__(self, server: Server, clock: ManualClock) -> None:
        self.server = server
        self.clock = clock
        self.keys = {
            name: server.control.create_key(workspace, name, scope, NOW)[1]
            for name, workspace, scope in (
                ("reader", "default", Scope.READ),
                ("writer", "default", Scope.WRITE),
                ("stranger", "other", Scope.ADMIN),
            )
        }
        self.client = TestClient(create_app(server), headers={"Authorization": f"Bearer {self.keys['writer']}"})

    def call(self, method: str, path: str, json: Json = None, *, key: str = "writer", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[key]}", **more.pop("headers", {})}
        if json is not None:
            more["json"] = json
        return self.client.request(method, f"/v1{path}", headers=headers, **more)

    def ok(self, method: str, path: str, json: Json = None, **more: Any) -> Json:
        answered = self.call(method, path, json, **more)
        assert answered.status_code < 300, (method, path, answered.status_code, answered.text)
        return answered.json() if answered.content else None

    def refused(self, method: str, path: str, json: Json = None, **more: Any) -> tuple[int, str, str | None]:
        """What it was refused for: status, code, path."""
        answered = self.call(method, path, json, **more)
        assert answered.headers["Content-Type"] == "application/problem+json", answered.text
        problem = answered.json()
        assert problem["status"] == answered.status_code
        return answered.status_code, problem["code"], problem["path"]

    # --- shorthands

    def put(self, **profile: Any) -> str:
        """Upsert a profile; its id."""
        written: dict[str, str] = self.ok("POST", "/profiles", profile)
        return written["id"]

    def segment(self, rule: Json = None, name: str = "Segment", **more: Any) -> str:
        """Create a segment, static without a rule; its id."""
        body = {"name": name, "kind": "static", **more} if rule is None else {"name": name, "rule": rule, **more}
        made: dict[str, str] = self.ok("POST", "/segments", body)
        return made["id"]

    def members(self, segment_id: str) -> list[str]:
        """The external ids of its members, in order."""
        return [profile["external_id"] for profile in self.ok("GET", f"/segments/{segment_id}/members")["items"]]

    def moves(self, after: int = 0) -> list[tuple[str, str, str | None]]:
        """The feed after a sequence, as (action, cause, profile id)."""
        items = self.ok("GET", f"/transitions?after={after}")["items"]
        return [(item["action"], item["cause"], item["profile_id"]) for item in items]


@contextmanager
def opened(directory: Path, **settings: Any) -> Iterator[Api]:
    clock = ManualClock(NOW)
    with Server.open(Settings(data=directory, **settings), clock=clock) as server:
        server.make_workspace("other", zone=ZoneInfo("Europe/Berlin").key)
        server.open_all()
        yield Api(server, clock)
