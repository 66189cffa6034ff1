"""What only a real connection shows: bombs, slow and broken bodies, keep-alive, shutdown."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import httpx2 as httpx
import orjson
import pytest

from coterie.http.serve import base_url, free_port
from tests.journeys.serving import Serving, serving
from tests.unit.http.edge.bombs import gzip_bomb, zstd_bomb

LINES = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("transport"), body_waited_for=1) as running:
        yield running


@pytest.fixture
def client(running: Serving) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.url, headers=running.headers, timeout=20) as client:
        yield client


def grown_since(before: int) -> float:
    """Megabytes by which the peak of this process, in which the server lives, has grown."""
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1_024


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [("gzip", gzip_bomb(8_000)), ("gzip", gzip_bomb(10_000)), ("zstd", zstd_bomb(10_000))],
    ids=["8 GB in 8 MB of gzip", "10 GB in 10 MB of gzip", "10 GB in zstd"],
)
def test_a_bomb_is_refused_within_a_second_and_nothing_grows(client: httpx.Client, encoding: str, bomb: bytes) -> None:
    client.get("/healthz")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    answered = client.post("/v1/profiles/batch", content=bomb, headers={**LINES, "Content-Encoding": encoding})
    assert (answered.status_code, answered.json()["code"]) == (413, "body_too_large")
    assert time.perf_counter() - started < 1
    assert grown_since(before) < 64
    assert client.get("/v1/profiles").json()["total"] == 0


def test_a_body_of_undeclared_length_is_refused_when_it_passes_the_limit(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65_536

    try:
        answered = client.post("/v1/profiles/batch", content=endless(), headers=LINES)
    except httpx.TransportError:
        return  # the server said so and hung up while we were still sending; there is no body left to refuse
    assert answered.status_code == 413


def test_a_stranger_is_answered_before_the_body_is_sent(running: Serving) -> None:
    with Raw(running) as raw:
        raw.send("POST /v1/profiles HTTP/1.1", "Host: x", "Content-Type: application/json", "Content-Length: 5000000")
        assert raw.status() == 401


class Raw:
    """A connection spoken to by hand."""

    def __init__(self, running: Serving) -> None:
        address = urlsplit(running.url)
        self.socket = socket.create_connection((address.hostname or "", address.port or 0), timeout=15)
        self.running = running

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *lines: str, body: bytes = b"") -> None:
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def post(self, path: str, *, length: int, body: bytes) -> None:
        key = f"Authorization: Bearer {self.running.key}"
        self.send(
            f"POST {path} HTTP/1.1",
            "Host: x",
            key,
            "Content-Type: application/json",
            f"Content-Length: {length}",
            body=body,
        )

    def status(self) -> int:
        answer = b""
        while b"\r\n" not in answer:
            received = self.socket.recv(4_096)
            assert received, "the connection was closed without an answer"
            answer += received
        return int(answer.split()[1])


def test_a_body_that_dawdles_is_given_up_and_its_thread_is_not_held(running: Serving, client: httpx.Client) -> None:
    with Raw(running) as raw:
        raw.post("/v1/profiles", length=1_000, body=b'{"external_id": ')
        started = time.perf_counter()
        assert client.get("/v1/profiles").status_code == 200, "others are served meanwhile"
        assert raw.status() == 408
        assert 0.5 < time.perf_counter() - started < 5


def test_a_connection_that_breaks_in_the_middle_of_a_body_stores_nothing(
    running: Serving, client: httpx.Client
) -> None:
    before = client.get("/v1/profiles").json()["total"]
    for _ in range(5):
        with Raw(running) as raw:
            raw.post("/v1/profiles/batch", length=10_000, body=b'[{"external_id": "broken"}')
    assert client.get("/v1/profiles").json()["total"] == before
    assert client.get("/readyz").status_code == 200
    assert 'status="500"' not in client.get("/metrics").text


def test_a_connection_is_kept_for_many_requests_refused_ones_too(running: Serving) -> None:
    with Raw(running) as raw:
        peer = raw.socket.getsockname()
        for path, expected in (("/healthz", 200), ("/v1/nothing", 404), ("/v1/profiles", 401), ("/healthz", 200)):
            raw.send(f"GET {path} HTTP/1.1", "Host: x")
            assert raw.status() == expected
        body = b'{"external_id": 7}'
        raw.post("/v1/profiles", length=len(body), body=body)
        assert raw.status() == 422
        assert raw.socket.getsockname() == peer


@pytest.mark.parametrize("name", ["per%cent", "a/b", "größe 😀", "a b+c", '"'])
def test_a_name_in_an_address_is_read_as_it_was_written(client: httpx.Client, name: str) -> None:
    address = f"/v1/properties/{quote(name, safe='')}"
    assert client.put(address, json={"type": "text"}).json()["property"]["name"] == name
    assert client.get(address).json()["name"] == name


def test_many_writers_at_once_lose_nothing_and_segments_keep_up(client: httpx.Client, running: Serving) -> None:
    rule = {"property": "written", "operator": "equals", "value": True}
    segment = client.post("/v1/segments", json={"name": "Written", "rule": rule}).json()["id"]

    def write(writer: int) -> list[int]:
        with httpx.Client(base_url=running.url, headers=running.headers, timeout=20) as client:
            return [
                client.post(
                    "/v1/profiles", json={"external_id": f"{writer}-{n}", "properties": {"written": True}}
                ).status_code
                for n in range(10)
            ]

    with ThreadPoolExecutor(16) as pool:
        statuses = [status for answers in pool.map(write, range(16)) for status in answers]
    assert statuses == [201] * 160
    assert client.get(f"/v1/segments/{segment}").json()["member_count"] == 160


def test_an_export_is_streamed_and_whole(client: httpx.Client) -> None:
    people = [{"external_id": f"export-{n}", "properties": {"exported": "x" * 50}} for n in range(10_000)]
    client.post("/v1/profiles/batch", content=orjson.dumps(people), headers=JSON).raise_for_status()
    rule = {"property": "exported", "operator": "is_set"}
    segment = client.post("/v1/segments", json={"name": "Exported", "rule": rule}).json()["id"]
    with client.stream("GET", f"/v1/segments/{segment}/members/export?format=ndjson") as answered:
        assert "content-length" not in answered.headers
        lines = [orjson.loads(line)["external_id"] for line in answered.iter_lines()]
    assert lines == [person["external_id"] for person in people]


def test_a_port_that_is_taken_is_an_error_and_not_shared(running: Serving) -> None:
    port = urlsplit(running.url).port
    assert port is not None
    with pytest.raises(OSError, match="in use"):
        free_port("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
    ],
)
def test_the_address_that_is_shown_can_be_opened(host: str, url: str) -> None:
    assert base_url(host, 80) == url


def test_stopping_lets_the_request_under_way_finish(tmp_path_factory: pytest.TempPathFactory) -> None:
    body = orjson.dumps([{"external_id": str(n), "properties": {"n": n}} for n in range(1_000)])
    with serving(tmp_path_factory.mktemp("stopping")) as running:
        with Raw(running) as raw:
            raw.post("/v1/profiles/batch", length=len(body), body=body[:100])
            time.sleep(0.3)  # until it is being read
            running.ask_to_stop()
            time.sleep(0.3)
            raw.socket.sendall(body[100:])
            assert raw.status() == 200
        running.stopped()
        assert running.server.workspace("default").counts()["profiles"] == 1_000
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{running.url}/healthz")
