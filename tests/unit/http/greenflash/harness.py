"""A whole server in a temporary directory, used over HTTP as by a Greenflash client.

Its clock stands still.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from coterie.clock import ManualClock
from coterie.http import greenflash, native
from coterie.http.app import create_app
from coterie.model import Scope
from coterie.rules.values import Instant
from coterie.server import Server
from coterie.settings import Settings
from coterie.workspace import Workspace

BASE = "http://testserver/greenflash/api/v1"
START = Instant(1_772_532_000_250)
STAMP = "2026-03-03T10:00:00.250Z"
PRODUCT = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
Json = Any


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

    def raw(self, method: str, path: str, body: Json = None, *, key: str | None = "write", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[key]}"} if key else {}
        headers |= more.pop("headers", {})
        if body is not None:
            more["json"] = body
        return self.client.request(method, f"/greenflash/api/v1{path}", headers=headers, **more)

    def ask(
        self, method: str, path: str, body: Json = None, *, status: int = 200, key: str | None = "write", **more: Any
    ) -> Json:
        """The JSON of the answer. It must have this status."""
        answered = self.raw(method, path, body, key=key, **more)
        assert answered.status_code == status, f"{method} {path}: {answered.status_code} {answered.text}"
        assert answered.headers["content-type"] == "application/json"
        return answered.json()

    def get(self, path: str, *, status: int = 200, key: str | None = "write") -> Json:
        return self.ask("GET", path, status=status, key=key)

    def fault(self, method: str, path: str, body: Json = None, *, status: int = 400, key: str | None = "write") -> Json:
        """The body of an error. It must have an error's shape."""
        body = self.ask(method, path, body, status=status, key=key)
        assert body["success"] is False
        assert {"error", "message"} <= body.keys()
        return body

    def make_segment(self, *rules: Json, name: str = "Segment", **more: Json) -> Json:
        return self.ask("POST", "/segments", {"name": name, "filters": {"rules": list(rules), **more}}, status=201)

    def make_user(self, external_id: str = "user-1", **fields: Json) -> Json:
        self.clock.advance(1)  # so that "oldest first" is never a tie
        return self.ask("POST", "/users", {"externalUserId": external_id, **fields})["participant"]

    def log(self, external_id: str = "user-1", *messages: Json, **fields: Json) -> Json:
        """Log messages of a conversation; by default, of a new one of `PRODUCT`."""
        self.clock.advance(1)
        body = {"externalUserId": external_id, "messages": list(messages), **fields}
        if not body.keys() & {"conversationId", "externalConversationId", "productId"}:
            body["productId"] = PRODUCT
        return self.ask("POST", "/messages", body)

    def members(self, segment_id: str) -> list[str | None]:
        return [member.external_id for member in self.workspace.segments.members(segment_id).items]

    def everything(self) -> Json:
        """Everything that this dialect answers, to check that a call changes nothing."""
        return [self.get(path) for path in ("/users", "/segments", "/organizations", "/interactions")]


@contextmanager
def opened(directory: Path, *, zone: str = "UTC", **settings: Any) -> Iterator[World]:
    clock = ManualClock(START)
    with Server.open(Settings(data=directory, zone=zone, log_level="error", **settings), clock=clock) as server:
        server.open_all()
        app = create_app(server, dialects=(native.DIALECT, greenflash.DIALECT))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield World(server, clock, client)
