"""A whole server in a temporary directory, called through HTTP as a SendKit client calls it.

Its clock stands still.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from coterie.clock import ManualClock
from coterie.http import native, sendkit
from coterie.http.app import create_app
from coterie.model import Scope
from coterie.rules.values import Instant
from coterie.server import Server
from coterie.settings import Settings
from coterie.workspace import Workspace

BASE = "http://testserver/sendkit"
START = Instant(1_772_532_000_250)  # 2026-03-03T10:00:00.250Z
STAMP = "2026-03-03 10:00:00"
Json = Any


class World:
    """A server with the workspaces `default` and `other`, and keys for both."""

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

    def ask(self, method: str, path: str, body: Json = None, *, status: int, key: str = "write", **more: Any) -> Json:
        """The JSON of the answer, None for none. The answer must have this status."""
        headers = {"Authorization": f"Bearer {self.keys[key]}"} | more.pop("headers", {})
        if body is not None:
            more["json"] = body
        answered = self.client.request(method, f"/sendkit{path}", headers=headers, **more)
        assert answered.status_code == status, f"{method} {path}: {answered.status_code} {answered.text}"
        if status == 204:
            assert answered.content == b""
            return None
        assert answered.headers["content-type"] == "application/json"
        return answered.json()

    def get(self, path: str, *, status: int = 200, key: str = "write") -> Json:
        return self.ask("GET", path, status=status, key=key)

    def make_property(self, key: str, kind: str = "string") -> Json:
        self.clock.advance(1)  # so that "oldest first" is never a tie
        return self.ask("POST", "/properties", {"key": key, "type": kind}, status=201)

    def make_list(self, name: str = "Newsletter") -> str:
        self.clock.advance(1)
        made: str = self.ask("POST", "/lists", {"name": name}, status=201)["id"]
        return made

    def make_contact(self, email: str, **fields: Json) -> Json:
        return self.ask("POST", "/contacts", {"email": email} | fields, status=201)

    def make_segment(self, *conditions: Json, name: str = "Segment", match_type: str = "all") -> Json:
        """A segment of one group."""
        return self.ask("POST", "/segments", segment(*conditions, name=name, match_type=match_type), status=201)

    def emails(self, segment_id: str) -> list[str]:
        """The emails of a segment's contacts."""
        return [contact["email"] for contact in self.get(f"/segments/{segment_id}/contacts?per_page=100")["data"]]

    def everything(self) -> Json:
        """Everything this dialect lists, to compare before and after a call."""
        return [self.get(f"{path}?per_page=100") for path in ("/contacts", "/properties", "/lists", "/segments")]


def segment(*conditions: Json, name: str = "Segment", match_type: str = "all") -> Json:
    return {
        "name": name,
        "match_type": match_type,
        "filters": {"groups": [{"match_type": match_type, "conditions": list(conditions)}]},
    }


def reserved(field: str, operator: str, value: Json = None) -> Json:
    return {"field": field, "type": "reserved", "operator": operator, "value": value, "property_id": None}


def custom(key: str, operator: str, value: Json = None) -> Json:
    return {"field": key, "type": "property", "operator": operator, "value": value}


@contextmanager
def opened(directory: Path, *, zone: str = "UTC", **settings: Any) -> Iterator[World]:
    clock = ManualClock(START)
    with Server.open(Settings(data=directory, zone=zone, **settings), clock=clock) as server:
        server.open_all()
        app = create_app(server, dialects=(native.DIALECT, sendkit.DIALECT))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield World(server, clock, client)
