"""The dialect at the root of the host, for clients that drop the path of a base URL.

SendKit's own client does.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from coterie.errors import InvalidInput
from coterie.http.app import create_app
from coterie.model import Scope
from coterie.rules.values import Instant
from coterie.server import Server
from coterie.settings import Settings


def settings(folder: Path, root_dialect: str | None) -> Settings:
    return Settings(data=folder, root_dialect=root_dialect)


def test_with_the_setting_the_same_contacts_are_under_both_addresses(tmp_path: Path) -> None:
    with Server.open(settings(tmp_path, "sendkit")) as server, TestClient(create_app(server)) as client:
        server.open_all()
        secret = server.control.create_key("default", "test", Scope.WRITE, Instant(0))[1]
        client.headers["Authorization"] = f"Bearer {secret}"
        made = client.post("/contacts", json={"email": "ann@example.com"}).json()
        assert client.get(f"/contacts/{made['id']}").json() == made
        assert client.get(f"/sendkit/contacts/{made['id']}").json() == made
        assert client.get("/contacts").json()["links"]["first"] == "http://testserver/contacts?page=1"
        assert client.get("/nowhere").json()["name"] == "not_found"
        assert client.get("/v1/segments").json()["items"] == []
        assert client.get("/healthz").status_code == 200


def test_without_it_the_root_is_ours(tmp_path: Path) -> None:
    with Server.open(settings(tmp_path, None)) as server, TestClient(create_app(server)) as client:
        answered = client.get("/contacts")
        assert answered.status_code == 404
        assert answered.headers["content-type"] == "application/problem+json"


def test_an_unknown_dialect_is_refused_at_the_start(tmp_path: Path) -> None:
    with Server.open(settings(tmp_path, "sendgrid")) as server, pytest.raises(InvalidInput, match="no dialect called"):
        create_app(server)
