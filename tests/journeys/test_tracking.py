"""The official tracking clients, unmodified, against a running server.

They are Segment's in two versions and RudderStack's. Each runs in a process of its own
(`tracking_child.py`) from its folder `.venv/clients/NAME`, where `make` installs it with its
dependencies. It is long because the journeys of all three stand together.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from coterie.model import Event
from coterie.rules.build import prop
from coterie.rules.values import Instant
from coterie.workspace import Workspace
from tests.journeys.lossy import lossy
from tests.journeys.pages import blocks
from tests.journeys.serving import Serving, serving

CHILD = Path(__file__).with_name("tracking_child.py")
CLIENTS = Path(sys.prefix) / "clients"
WITHIN = 90


@dataclass(frozen=True)
class Client:
    package: str
    version: str

    @property
    def name(self) -> str:
        return f"{'rudder' if self.package.startswith('rudder') else 'segment'}-{self.version}"

    def start(self, url: str, key: str, calls: list[Any], **options: Any) -> subprocess.Popen[str]:
        folder = CLIENTS / self.name
        assert folder.is_dir(), f"{folder} is not there: `make` installs it"
        instructions = {"package": self.package, "key": key, "host": url, "options": options, "calls": calls}
        child = subprocess.Popen(
            [sys.executable, "-P", str(CHILD)],
            env={**os.environ, "PYTHONPATH": str(folder)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert child.stdin is not None
        child.stdin.write(json.dumps(instructions))
        child.stdin.close()
        child.stdin = None
        return child

    def finish(self, child: subprocess.Popen[str]) -> list[Any]:
        """The errors that the client reported."""
        out, err = child.communicate(timeout=WITHIN)
        assert child.returncode == 0, err
        report = json.loads(out)
        assert report["version"] == self.version
        errors: list[Any] = report["errors"]
        return errors

    def run(self, url: str, key: str, calls: list[Any], **options: Any) -> list[Any]:
        return self.finish(self.start(url, key, calls, **options))


SEGMENT_OLD = Client("segment.analytics", "2.3.4")
SEGMENT = Client("segment.analytics", "2.4.0")
RUDDER = Client("rudderstack.analytics", "2.1.9")
ALL = [SEGMENT_OLD, SEGMENT, RUDDER]
IDS = [client.name for client in ALL]

DAY_OF_ANN = [
    ["page", {"anonymous_id": "browser-1", "name": "Pricing", "category": "Shop", "properties": {"path": "/pricing"}}],
    [
        "identify",
        {
            "user_id": "ann", "anonymous_id": "browser-1", "timestamp": "2026-03-01T08:00:00+00:00",
            "traits": {"email": "Ann@Example.com", "plan": "pro", "address": {"city": "Zürich"}, "tags": ["a", "b"]},
            "context": {"ip": "203.0.113.7"},
        },
    ],
    [
        "track",
        {
            "user_id": "ann", "event": "Order Completed", "timestamp": "2026-03-01T09:30:00+02:00",
            "message_id": "order-1",
            "properties": {"total": 27.5, "currency": "EUR", "products": [{"sku": "A1"}, {"sku": "B2"}]},
            "context": {"campaign": {"source": "mail"}},
        },
    ],
    ["screen", {"user_id": "ann", "name": "Settings"}],
    ["group", {"user_id": "ann", "group_id": "acme", "traits": {"industry": "Technology", "employees": 420}}],
    ["alias", {"previous_id": "legacy-7", "user_id": "ann"}],
    ["track", {"user_id": "legacy-7", "event": "Came back"}],
]  # fmt: skip


@pytest.fixture
def server(tmp_path: Path) -> Any:
    with serving(tmp_path / "data", log_level="error") as running:
        yield running


def workspace_of(running: Serving) -> Workspace:
    return running.server.workspace("default")


def events_of(workspace: Workspace, external_id: str) -> dict[str, list[Event]]:
    by_name: dict[str, list[Event]] = {}
    for event in workspace.events.timeline(workspace.profiles.get(external_id=external_id).id).items:
        by_name.setdefault(event.name, []).append(event)
    return by_name


def everything(workspace: Workspace) -> Any:
    profiles = workspace.profiles.list().items
    return [(profile, workspace.events.timeline(profile.id).items) for profile in profiles]


def answered(running: Serving, status: int) -> int:
    """How many tracking requests got this status, by the server's metrics."""
    lines = httpx2.get(f"{running.url}/metrics").text.splitlines()
    return sum(
        int(float(line.rsplit(" ", 1)[1]))
        for line in lines
        if line.startswith("coterie_http_requests_total")
        and 'route="/tracking/' in line
        and f'status="{status}"' in line
    )


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("client", ALL, ids=IDS)
def test_every_call_arrives_as_profiles_and_events(server: Serving, client: Client, gzip: bool) -> None:
    workspace = workspace_of(server)
    buyers = workspace.segments.create("Pro", prop("plan") == "pro")
    assert client.run(f"{server.url}/tracking", server.key, DAY_OF_ANN, gzip=gzip) == []
    ann = workspace.profiles.get(external_id="ann")
    assert ann.email == "ann@example.com"
    assert dict(ann.properties) == {
        "plan": "pro", "address.city": "Zürich", "tags": ("a", "b"), "group_id": "acme",
        "group.industry": "Technology", "group.employees": 420.0,
    }  # fmt: skip
    assert (
        workspace.profiles.get(anonymous_id="browser-1").id
        == workspace.profiles.get(external_id="legacy-7").id
        == ann.id
    )
    assert workspace.profiles.list().total == 1
    assert [member.id for member in workspace.segments.members(buyers.id).items] == [ann.id]
    events = events_of(workspace, "ann")
    assert {name: len(named) for name, named in events.items()} == {
        "page": 1, "Order Completed": 1, "screen": 1, "group": 1, "Came back": 1,
    }  # fmt: skip
    (order,) = events["Order Completed"]
    assert (order.at, order.message_id) == (Instant(1_772_350_200_000), "order-1")
    library = {"context.library.name": "analytics-python", "context.library.version": client.version}
    assert dict(order.properties) == {
        "total": 27.5, "currency": "EUR", "products.sku": ("A1", "B2"), "context.campaign.source": "mail", **library,
    }  # fmt: skip
    assert dict(events["page"][0].properties) == {"name": "Pricing", "category": "Shop", "path": "/pricing", **library}


def with_ids(calls: list[Any]) -> list[Any]:
    return [[method, {**arguments, "message_id": f"m{number}"}] for number, (method, arguments) in enumerate(calls)]


@pytest.mark.parametrize("client", ALL, ids=IDS)
def test_the_same_calls_again_add_nothing(server: Serving, client: Client) -> None:
    calls = with_ids(DAY_OF_ANN)
    assert client.run(f"{server.url}/tracking", server.key, calls) == []
    before = {
        name: [event.message_id for event in named] for name, named in events_of(workspace_of(server), "ann").items()
    }
    assert client.run(f"{server.url}/tracking", server.key, calls) == []
    after = {
        name: [event.message_id for event in named] for name, named in events_of(workspace_of(server), "ann").items()
    }
    assert after == before
    assert workspace_of(server).profiles.list().total == 1


@pytest.mark.parametrize("client", ALL, ids=IDS)
def test_a_client_that_loses_the_answer_repeats_itself_and_nothing_is_doubled(server: Serving, client: Client) -> None:
    """The answer is lost and the client repeats itself: every batch is stored once."""
    many = [
        ["track", {"user_id": f"u{number % 7}", "event": "Opened", "properties": {"n": number}}]
        for number in range(250)
    ]
    with lossy(server.url, losing=2) as relay:
        assert client.run(f"{relay.url}/tracking", server.key, [*DAY_OF_ANN, *many]) == []
        assert relay.served.count(200) == len(relay.served) >= 5
    workspace = workspace_of(server)
    counts = [len(events_of(workspace, f"u{number}")["Opened"]) for number in range(7)]
    assert sum(counts) == 250
    assert {name: len(events) for name, events in events_of(workspace, "ann").items()} == {
        "page": 1, "Order Completed": 1, "screen": 1, "group": 1, "Came back": 1,
    }  # fmt: skip


@pytest.mark.parametrize("client", ALL, ids=IDS)
def test_a_wrong_key_is_reported_once_and_not_tried_again(server: Serving, client: Client) -> None:
    started = time.monotonic()
    errors = client.run(f"{server.url}/tracking", "wrong", [["track", {"user_id": "u1", "event": "e"}]])
    assert errors == [{"kind": "APIError", "status": 401, "count": 1}]
    assert answered(server, 401) == 1
    assert time.monotonic() - started < WITHIN / 2
    assert workspace_of(server).profiles.list().total == 0


@pytest.mark.parametrize("client", ALL, ids=IDS)
def test_a_client_that_gets_429_tries_again(tmp_path: Path, client: Client) -> None:
    """The writer is held up and one call waits: the client gets 429, waits, and is stored once."""
    with (
        serving(tmp_path / "data", log_level="error", tracking_waiting_max=1) as running,
        ThreadPoolExecutor(2) as pool,
    ):
        hold, stopped = threading.Event(), threading.Event()

        def stop_the_writer(work: Any) -> None:
            stopped.set()
            hold.wait(60)

        try:
            held = pool.submit(workspace_of(running)._engine.write, stop_the_writer)
            assert stopped.wait(10)
            first = pool.submit(send_one, running)
            until(lambda: httpx2.post(f"{running.url}/tracking/v1/track", content=b"{").status_code == 429)
            refused = answered(running, 429)
            child = client.start(f"{running.url}/tracking", running.key, [["track", {"user_id": "u1", "event": "e"}]])
            until(lambda: answered(running, 429) > refused)
        finally:
            hold.set()
        held.result(30)
        assert first.result(30) == 200
        assert client.finish(child) == []
        assert [len(events_of(workspace_of(running), user)["e"]) for user in ("u0", "u1")] == [1, 1]


def send_one(running: Serving) -> int:
    """The last status; a 429 is tried again, as clients do."""
    body = {"writeKey": running.key, "userId": "u0", "event": "e"}
    while (status := httpx2.post(f"{running.url}/tracking/v1/track", json=body, timeout=60).status_code) == 429:
        time.sleep(0.02)
    return status


def until(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.02)


def test_an_event_that_is_too_large_is_dropped_alone(server: Serving) -> None:
    """Segment's clients do not send it at all; RudderStack's do."""
    calls = [
        ["track", {"user_id": "u1", "event": "before"}],
        ["track", {"user_id": "u1", "event": "large", "properties": {"x": "x" * 40_000}}],
        ["track", {"user_id": "u1", "event": "after"}],
    ]
    assert RUDDER.run(f"{server.url}/tracking", server.key, calls) == []
    assert sorted(events_of(workspace_of(server), "u1")) == ["after", "before"]
    assert (
        'coterie_tracking_messages_total{fate="dropped",type="track"} 1.0' in httpx2.get(f"{server.url}/metrics").text
    )


@pytest.mark.parametrize("client", [SEGMENT_OLD, SEGMENT], ids=["segment-2.3.4", "segment-2.4.0"])
def test_the_largest_batches_of_segments_clients_are_accepted(server: Serving, client: Client) -> None:
    """They add one event of up to 32 KB to a batch of 475,000 bytes."""
    calls = [
        ["track", {"user_id": "u1", "event": "large", "properties": {"x": "é" * 5_000, "n": number}}]
        for number in range(45)
    ]
    assert client.run(f"{server.url}/tracking", server.key, calls) == []
    assert len(events_of(workspace_of(server), "u1")["large"]) == 45


GUIDE = "docs/guides/tracking.md"


def run_block(source: str, client: Client, running: Serving) -> None:
    """A block of the guide, with the address and the key of this server."""
    source = source.replace("http://127.0.0.1:8080", running.url).replace('"..."', json.dumps(running.key))
    environment = {**os.environ, "PYTHONPATH": str(CLIENTS / client.name)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", source],
        env=environment,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("client", [SEGMENT_OLD, SEGMENT], ids=["segment-2.3.4", "segment-2.4.0"])
def test_the_guide_does_what_it_says(server: Serving, client: Client) -> None:
    of_segment, of_rudder = blocks(GUIDE, "python")
    run_block(of_segment, client, server)
    run_block(of_rudder, RUDDER, server)
    workspace = workspace_of(server)
    person = workspace.profiles.get(email="ann@example.com")
    assert (person.external_id, dict(person.properties)) == ("user-1", {"plan": "pro"})
    assert sorted(events_of(workspace, "user-1")) == ["Order Completed", "Signed In"]
    (rule,) = blocks(GUIDE, "json")
    assert workspace.preview(workspace.parse_rule(json.loads(rule))).count == 1
