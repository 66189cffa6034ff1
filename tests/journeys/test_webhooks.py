"""Webhooks from outside: what a receiver verifies, and what a server reports about it.

A process killed at any instant loses no delivery.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2 as httpx
import orjson
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

import coterie
from coterie import prop
from coterie.settings import Settings
from tests.habits.sources import ROOT
from tests.journeys.serving import Serving, serving
from tests.unit.live.delivery.receivers import Heard, Receiver, receiving, says

SETTINGS = Settings(webhook_private_targets=True)
ROUNDS = 8
SOAK_ROUNDS = 150
WITHIN = 20

JAVASCRIPT = Path(__file__).with_name("javascript")
LIBRARY = ROOT / ".venv" / "javascript"


def until(true: Callable[[], Any]) -> None:
    ends = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.01)


def client_of(running: Serving) -> httpx.Client:
    return httpx.Client(base_url=f"{running.url}/v1", headers=running.headers, timeout=WITHIN)


def two_that_arrived(directory: Path) -> tuple[list[Heard], str, str]:
    """Over a real server, during a rotation: the deliveries, the old secret and the new one."""
    with (
        receiving() as receiver,
        serving(directory, webhook_private_targets=True) as running,
        client_of(running) as client,
    ):
        rule = {"property": "plan", "operator": "equals", "value": "pro"}
        assert client.post("/segments", json={"name": "Zahlende ✓", "rule": rule}).status_code == 201
        made = client.post("/destinations", json={"url": receiver.url}).json()
        rotated = client.post(f"/destinations/{made['id']}/rotate", json={"overlap_for": 600}).json()
        for plan in ("pro", "free"):
            client.post("/profiles", json={"email": "ada@example.com", "properties": {"plan": plan}})
        until(lambda: len(receiver.heard) == 2)
        until(lambda: client.get(f"/destinations/{made['id']}").json()["delivered_sequence"] == 2)
        attempts = client.get(f"/destinations/{made['id']}/attempts").json()["items"]
        assert [attempt["message_id"] for attempt in attempts] == [
            request.headers["webhook-id"] for request in reversed(receiver.heard)
        ]
        return list(receiver.heard), made["secret"], rotated["secret"]


def test_the_python_library_verifies_what_arrives_with_either_secret(tmp_path: Path) -> None:
    heard, old, new = two_that_arrived(tmp_path)
    for request, kind in zip(heard, ("segment.entered", "segment.exited"), strict=True):
        for secret in (old, new):
            message = Webhook(secret).verify(request.body, dict(request.headers))
            assert message["type"] == kind
            assert message["data"]["profile"]["email"] == "ada@example.com"
            assert message["data"]["segment"]["name"] == "Zahlende ✓"
        with pytest.raises(WebhookVerificationError):
            Webhook(new).verify(request.body.replace(b"ada", b"eve"), dict(request.headers))


@pytest.mark.parametrize("script", ["by_itself.mjs", "with_the_library.mjs"])
def test_javascript_verifies_it_too(tmp_path: Path, script: str) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node here")
    if script == "with_the_library.mjs" and not (LIBRARY / "node_modules").is_dir():
        pytest.skip("there was no npm to install the JavaScript library with")
    heard, old, new = two_that_arrived(tmp_path)
    lines = []
    for request in heard:
        body = request.body.decode()
        lines += [{"secret": secret, "headers": dict(request.headers), "body": body} for secret in (old, new)]
        lines.append({"secret": new, "headers": dict(request.headers), "body": body.replace("ada", "eve")})
        lines.append({"secret": new, "headers": {**request.headers, "webhook-id": "msg_other"}, "body": body})
        lines.append({"secret": new, "headers": {**request.headers, "webhook-timestamp": "1"}, "body": body})
    verified = subprocess.run(
        [node, str(JAVASCRIPT / script), str(LIBRARY)],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        check=True,
        timeout=WITHIN,
    )
    entered, left = "segment.entered", "segment.exited"
    refused = ["refused"] * 3
    assert verified.stdout.split() == [entered, entered, *refused, left, left, *refused]


def test_no_delivery_is_lost_by_kill_9(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, ROUNDS)


@pytest.mark.soak
def test_no_delivery_is_lost_by_kill_9_for_long(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, SOAK_ROUNDS)


def kill_again_and_again(directory: Path, rounds: int) -> None:
    """The receiver fails a third of the time, and is away every third round."""
    chance = random.Random(20_260_301)

    def moody(sock: Any, heard: Heard) -> bool:
        return says(500 if chance.random() < 0.33 else 200)(sock, heard)

    with receiving(moody) as receiver:
        prepare(directory / "data", receiver)
        arrived: Counter[str] = Counter()
        for number in range(rounds):
            receiver.answers[:] = [says(503) if number % 3 == 2 else moody]
            run_and_kill(directory, number, after=chance.uniform(0.1, 0.8))
        receiver.answers[:] = [says(200)]
        with coterie.open(directory / "data", settings=SETTINGS) as workspace:
            (destination,) = workspace.destinations.list()
            workspace.destinations.update(destination.id, enabled=True)  # whatever waits goes out at once
            last = workspace.counts()["transitions"]
            until(lambda: done(workspace, destination.id, last))
            expected = {f"msg_{workspace.id}_{sequence}" for sequence in range(1, last + 1)}
            arrived.update(request.headers["webhook-id"] for request in receiver.heard)
            assert last > 10 * rounds  # else the test proved nothing
            assert arrived.keys() == expected
            assert_each_says_what_the_log_says(workspace, receiver)


def prepare(data: Path, receiver: Receiver) -> None:
    with coterie.open(data, settings=SETTINGS) as workspace:
        workspace.segments.create("high", prop("n") >= 1)
        workspace.destinations.create(receiver.url)


def run_and_kill(directory: Path, number: int, *, after: float) -> None:
    notes = directory / f"notes-{number}"
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.webhook_child", str(directory / "data"), str(notes), str(number)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    while not (notes.exists() and notes.read_bytes().startswith(b"ready\n")):
        assert child.poll() is None, child.communicate()[1].decode()
        time.sleep(0.005)
    time.sleep(after)
    assert child.poll() is None, child.communicate()[1].decode()
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert child.stderr is not None
    child.stderr.close()


def done(workspace: coterie.LocalWorkspace, destination_id: str, last: int) -> bool:
    destination = workspace.destinations.get(destination_id)
    return destination.delivered_sequence == last and destination.waiting_count == 0


def assert_each_says_what_the_log_says(workspace: coterie.LocalWorkspace, receiver: Receiver) -> None:
    """Also when it was sent several times, by several processes."""
    log = {transition.sequence: transition for page in pages(workspace) for transition in page}
    for heard in receiver.heard:
        data = orjson.loads(heard.body)["data"]
        transition = log[data["sequence"]]
        assert (data["segment"]["id"], data["cause"], data["at"]) == (
            transition.segment_id,
            transition.cause.value,
            transition.at.iso(),
        )
        assert data["profile"]["id"] == transition.profile_id


def pages(workspace: coterie.LocalWorkspace) -> Any:
    after = 0
    while items := workspace.transitions.list(after=after, limit=1_000).items:
        yield items
        after = items[-1].sequence
