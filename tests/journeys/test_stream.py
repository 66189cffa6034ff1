"""The feed as server-sent events, over a real server.

What arrives and when, what a reconnecting client receives, and the cost to the server.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from coterie.http.native.routes import stream
from coterie.model import Page, ProfileInput, Scope, Transition
from coterie.rules.build import prop
from coterie.workspace import Workspace
from coterie.workspace.transitions import Transitions
from tests.journeys.serving import Serving, serving

WITHIN = 10


class Event(NamedTuple):
    id: int
    name: str
    data: dict[str, Any]


class Reader:
    """A client of the stream. `events` blocks until the next one."""

    def __init__(self, running: Serving, query: str = "", key: str | None = None, **headers: str) -> None:
        self.connection = http.client.HTTPConnection(running.url.removeprefix("http://"), timeout=WITHIN)
        bearer = {"Authorization": f"Bearer {key or running.key}"}
        self.connection.request("GET", f"/v1/transitions/stream{query}", headers={**bearer, **headers})
        self.answer = self.connection.getresponse()

    def close(self) -> None:
        self.connection.close()
        self.answer.close()

    def lines(self) -> Iterator[str]:
        while line := self.answer.readline():
            yield line.decode().rstrip("\n")

    def events(self) -> Iterator[Event]:
        fields: dict[str, str] = {}
        for line in self.lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                yield Event(int(fields["id"]), fields["event"], orjson.loads(fields["data"]))
                fields = {}

    def take(self, count: int) -> list[Event]:
        events = self.events()
        return [next(events) for _ in range(count)]

    def problem(self) -> tuple[int, str, str | None]:
        problem = orjson.loads(self.answer.read())
        return self.answer.status, problem["code"], problem["path"]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def ws(running: Serving) -> Workspace:
    return running.server.workspace("default")


def put(ws: Workspace, *numbers: int, n: int = 1) -> None:
    ws.profiles.put_many([ProfileInput(external_id=f"u{number}", properties={"n": n}) for number in numbers])


def test_transitions_arrive_as_they_happen_and_say_what_the_polled_feed_says(running: Serving, ws: Workspace) -> None:
    ws.segments.create("All", prop("n") >= 1)
    put(ws, 1)
    with closing(Reader(running)) as reader:
        assert reader.answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"
        assert next(reader.lines()) == "retry: 2000"
        put(ws, 2, 3)
        put(ws, 2, n=0)
        began = time.monotonic()
        events = reader.take(3)
        assert time.monotonic() - began < 5
        assert [(event.id, event.name) for event in events] == [(2, "enter"), (3, "enter"), (4, "exit")]
        assert [event.data for event in events] == polled(running, after=1)


def polled(running: Serving, after: int) -> list[dict[str, Any]]:
    with closing(http.client.HTTPConnection(running.url.removeprefix("http://"), timeout=WITHIN)) as connection:
        connection.request("GET", f"/v1/transitions?after={after}", headers=running.headers)
        items: list[dict[str, Any]] = orjson.loads(connection.getresponse().read())["items"]
        return items


def test_what_falls_due_by_time_alone_arrives_at_its_own_second(running: Serving, ws: Workspace) -> None:
    ws.segments.create("Just now", prop("updated_at").in_last("1s"))
    with closing(Reader(running, "?action=exit")) as reader:
        put(ws, 1)
        (event,) = reader.take(1)
        due = round(datetime.fromisoformat(event.data["at"]).timestamp() * 1000)
        assert (event.data["action"], event.data["cause"]) == ("exit", "time")
        assert ws.now() - due < 1_000


def test_a_client_that_comes_back_misses_nothing_and_sees_nothing_twice(running: Serving, ws: Workspace) -> None:
    ws.segments.create("All", prop("n") >= 1)
    put(ws, *range(1, 11))
    with closing(Reader(running, "?after=0")) as reader:
        assert [event.id for event in reader.take(4)] == [1, 2, 3, 4]
    put(ws, 11)
    with closing(Reader(running, "?after=0", **{"Last-Event-ID": "4"})) as reader:
        assert [event.id for event in reader.take(7)] == [5, 6, 7, 8, 9, 10, 11]
    with closing(Reader(running, **{"Last-Event-ID": "0"})) as reader:
        assert reader.take(1)[0].id == 1


def test_filters_are_those_of_the_polled_feed(running: Serving, ws: Workspace) -> None:
    first, second = (ws.segments.create(name, prop("n") >= 1).id for name in ("first", "second"))
    put(ws, 1)
    profile = ws.profiles.get(external_id="u1").id
    put(ws, 2)
    put(ws, 2, n=0)
    with closing(Reader(running, f"?after=0&segment={second}&action=enter")) as reader:
        assert {event.data["segment_id"] for event in reader.take(2)} == {second}
    with closing(Reader(running, f"?after=0&profile={profile}&cause=facts")) as reader:
        assert {event.data["segment_id"] for event in reader.take(2)} == {first, second}
    with closing(Reader(running, "?action=exit")) as reader:
        put(ws, 1, n=0)
        assert [event.id for event in reader.take(2)] == [7, 8]


@pytest.mark.parametrize(
    ("query", "headers", "refused"),
    [
        ("?segment=0198c0de-0000-7000-8000-00000000ffff", {}, (404, "not_found", "segment")),
        ("?profile=0198c0de-0000-7000-8000-00000000ffff", {}, (404, "not_found", "profile")),
        ("?after=-1", {}, (422, "invalid_input", "after")),
        ("?from=3", {}, (422, "invalid_input", "from")),
        ("", {"Last-Event-ID": "four"}, (400, "invalid_header", "Last-Event-ID")),
        ("", {"Last-Event-ID": "9" * 30}, (400, "invalid_header", "Last-Event-ID")),
        ("", {"Authorization": "Bearer ck_wrong"}, (401, "key_refused", None)),
    ],
)
def test_what_is_wrong_is_answered_before_anything_is_streamed(
    running: Serving, query: str, headers: dict[str, str], refused: tuple[int, str, str | None]
) -> None:
    with closing(Reader(running, query, **headers)) as reader:
        assert reader.problem() == refused


def test_a_sign_of_life_goes_out_and_a_key_that_was_revoked_ends_the_stream(
    running: Serving, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.1)
    key, secret = running.server.control.create_key("default", "short-lived", Scope.READ, 0)
    with closing(Reader(running, key=secret)) as reader:
        lines = reader.lines()
        assert [next(lines) for _ in range(6)] == ["retry: 2000", "", ": alive", "", ": alive", ""]
        running.server.control.revoke_key(key.id, 0)
        assert set(lines) <= {": alive", ""}  # and then it is over


@pytest.mark.parametrize("query", ["", "?action=exit"])
def test_a_key_that_was_revoked_ends_the_stream_while_there_is_news_too(
    running: Serving, ws: Workspace, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.5)
    ws.segments.create("All", prop("n") >= 1)
    key, secret = running.server.control.create_key("default", "short-lived", Scope.READ, 0)
    stop = threading.Event()

    def make_news() -> None:
        number = 0
        while not stop.wait(0.02):  # far more often than the key is looked at
            number += 1
            put(ws, number)

    maker = threading.Thread(target=make_news)
    with closing(Reader(running, query, key=secret)) as reader:
        assert next(reader.lines()) == "retry: 2000"
        maker.start()
        try:
            running.server.control.revoke_key(key.id, 0)
            ends = time.monotonic() + WITHIN
            assert all(time.monotonic() < ends for _ in reader.lines()), "it goes on"
        finally:
            stop.set()
            maker.join()


def test_there_are_only_so_many_streams_and_one_that_is_left_gives_its_place_back(tmp_path: Path) -> None:
    with serving(tmp_path, streams_max=2) as running:
        ws = running.server.workspace("default")
        ws.segments.create("All", prop("n") >= 1)
        readers = [Reader(running) for _ in range(2)]
        with closing(Reader(running)) as third:
            assert third.problem() == (429, "too_many_streams", None)
        readers[0].close()
        ends = time.monotonic() + WITHIN
        while (again := Reader(running, "?after=0")).answer.status == 429:
            assert time.monotonic() < ends, "the place is not given back"
            again.close()
        put(ws, 1)
        assert again.take(1)[0].id == 1
        for reader in (again, readers[1]):
            reader.close()


def test_many_idle_streams_leave_room_for_requests_and_take_one_thread(running: Serving, ws: Workspace) -> None:
    ws.segments.create("All", prop("n") >= 1)
    readers = [Reader(running) for _ in range(200)]
    assert {reader.answer.status for reader in readers} == {200}
    waiting = [thread for thread in threading.enumerate() if thread.name == "coterie-streams"]
    assert len(waiting) == 1
    put(ws, 1)
    assert polled(running, after=0)
    assert {reader.take(1)[0].id for reader in readers} == {1}
    for reader in readers:
        reader.close()


def test_a_reader_that_does_not_read_falls_behind_and_piles_up_nothing(
    running: Serving, ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ws, *range(10_000))
    for number in range(10):
        ws.segments.create(f"{number}", prop("n") >= -number)
    read: list[int] = []
    transitions = Transitions.list

    def counted(self: Transitions, **filters: Any) -> Page[Transition]:
        page = transitions(self, **filters)
        read.append(len(page.items))
        return page

    monkeypatch.setattr(Transitions, "list", counted)
    with closing(Reader(running, "?after=0")) as reader:
        time.sleep(1)
        held = sum(read)
        time.sleep(1)
        assert sum(read) == held, "it goes on reading for somebody who does not take"
        assert held < 60_000  # what the sockets' buffers hold, of a hundred thousand
        assert [event.id for event in reader.take(100_000)] == list(range(1, 100_001))


def test_stopping_the_server_ends_its_streams_at_once(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        readers = [Reader(running) for _ in range(20)]
        began = time.monotonic()
        running.finish()
        assert time.monotonic() - began < 5
        assert [list(reader.lines()) for reader in readers] == [["retry: 2000", ""]] * 20
        for reader in readers:
            reader.close()
