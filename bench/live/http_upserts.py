"""Single upserts over HTTP at a steady rate, with many live segments and with none.

    python -m bench.live.http_upserts [--segments 1000] [--rate 200] [--seconds 20]
        [--profiles 20000]

Both servers run at once, each in its own process with its own data directory, and are asked in
turn, so that what disturbs one disturbs the other. Requests leave on a schedule and not when the
one before has come back (an open loop); latency is counted from the instant a request was due. A
request is `POST /v1/profiles` for a profile that exists, with three of ten properties changed.
Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import http.client
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import orjson
from rich.console import Console
from rich.table import Table

import coterie
from bench.live.upserts import people, segments
from coterie import ProfileInput
from coterie.http.serve import free_port

SECRET = "bench-key-that-is-only-used-on-this-loopback-address"
CONNECTIONS = 8


@contextmanager
def server(folder: Path, profiles: int, live_segments: int) -> Iterator[int]:
    """A server over `profiles` profiles and so many segments; gives its port."""
    with coterie.open(folder) as workspace:
        documents = people(profiles, turn=0)
        for start in range(0, profiles, 5000):
            workspace.profiles.put_many(
                [
                    ProfileInput(external_id=f"u{start + place}", properties=one)
                    for place, one in enumerate(documents[start : start + 5000])
                ]
            )
        segments(workspace, live_segments)
    port = free_port("127.0.0.1", 0)
    process = subprocess.Popen(
        [sys.executable, "-m", "coterie", "serve", "--data", str(folder), "--port", str(port)],
        env={"COTERIE_BOOTSTRAP_KEY": SECRET, "COTERIE_LOG_LEVEL": "warning", "PATH": ""},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_ready(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("the server did not become ready")


class Load:
    """Sends requests to one server as they fall due, over a few kept-alive connections."""

    def __init__(self, port: int, documents: list[dict[str, object]]) -> None:
        self._port = port
        self._documents = documents
        self.due: SimpleQueue[tuple[float, int] | None] = SimpleQueue()
        self.latencies: list[float] = []
        self._threads = [threading.Thread(target=self._send) for _ in range(CONNECTIONS)]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        for _ in self._threads:
            self.due.put(None)
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
        while (item := self.due.get()) is not None:
            at, number = item
            person = number * 7919 % len(self._documents)
            mrr, visits = number * 31 % 1000, number % 500
            changed = {"mrr": mrr, "visits": visits, "score": mrr / 7}
            body = orjson.dumps({"external_id": f"u{person}", "properties": self._documents[person] | changed})
            connection.request("POST", "/v1/profiles", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status not in (200, 201):
                raise SystemExit(f"the server answered {answer.status}")
            self.latencies.append(time.perf_counter() - at)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--segments", type=int, default=1000)
    options.add_argument("--rate", type=int, default=200)
    options.add_argument("--seconds", type=int, default=20)
    options.add_argument("--profiles", type=int, default=20_000)
    options.add_argument("--json", type=Path, default=Path("bench/results/http_upserts.json"))
    chosen = options.parse_args()
    documents = people(chosen.profiles, turn=0)
    rows = []
    with tempfile.TemporaryDirectory(dir=".") as folder, ExitStack() as stack:
        sizes = (0, chosen.segments)
        ports = [stack.enter_context(server(Path(folder) / str(size), chosen.profiles, size)) for size in sizes]
        spans: list[list[float]] = [[], []]
        for turn in range(6):  # a warm-up pair, then two pairs in turn
            place = turn % 2
            latencies = run(ports[place], documents, chosen.rate, chosen.seconds if turn > 1 else 3)
            if turn > 1:
                spans[place] += latencies
        for size, latencies in zip(sizes, spans, strict=True):
            p50, p99 = np.percentile(latencies, [50, 99]) * 1000
            rows.append({"segments": size, "requests": len(latencies), "p50_ms": float(p50), "p99_ms": float(p99)})
    report(chosen, rows)


def run(port: int, documents: list[dict[str, object]], rate: int, seconds: int) -> list[float]:
    load = Load(port, documents)
    begun = time.perf_counter()
    for number in range(rate * seconds):
        at = begun + number / rate
        time.sleep(max(0.0, at - time.perf_counter()))
        load.due.put((at, number))
    load.finish()
    return load.latencies


def report(chosen: argparse.Namespace, rows: list[dict[str, float]]) -> None:
    table = Table(title=f"POST /v1/profiles at a steady {chosen.rate}/s, {chosen.profiles:,} profiles")
    for heading in ("live segments", "requests", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(f"{row['segments']:,}", f"{row['requests']:,}", f"{row['p50_ms']:.1f}", f"{row['p99_ms']:.1f}")
    Console().print(table)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_bytes(orjson.dumps({"rate": chosen.rate, "rows": rows}, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
