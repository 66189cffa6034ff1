"""Durable events per second with many live segments, and the latency of one event.

    python -m bench.live.events [--profiles 1000000] [--segments 100 1000 10000] [--seconds 10]

Segments are as they are where there are many of them: three in five have a window that moves (a day
to ninety days), and nearly every one names an event and something it was about (one of 20,000
products, 500 campaigns or 200 categories); thresholds and windows vary. Events are drawn the same
way. Each number of segments is measured in a process of its own, over the same profiles:

    batches     `put_events` with 500 events at a time, one caller
    single      `put_event` from 16 threads, which share commits
    half        `put_event` at half of what `single` reached, on a schedule (an open loop):
                p50 and p99 from when an event was due to its acknowledgement

An event that is acknowledged is on disk, and every segment is true with it. Prints a table and
writes JSON.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import orjson
from rich.console import Console
from rich.table import Table

import coterie
from bench.live.filling import in_store, profiles, segments
from coterie.clock import SystemClock
from coterie.model import EventInput, ProfileRef
from coterie.settings import Settings

NAMES = tuple(f"event_{number}" for number in range(20))
PRODUCTS, CAMPAIGNS, CATEGORIES = 20_000, 500, 200
WINDOWS = ("1d", "3d", "7d", "14d", "30d", "60d", "90d")
BATCH = 500
THREADS = 16
SEED = 20_260_301
_WEIGHTS = 0.8 ** np.arange(len(NAMES))
SHARES = _WEIGHTS / _WEIGHTS.sum()


def rules(number: int) -> Iterator[Mapping[str, Any]]:
    """So many rules, the same for the same number."""
    rng = np.random.default_rng(SEED)
    for place in range(number):
        event: dict[str, Any] = {"name": NAMES[int(rng.choice(len(NAMES), p=SHARES))], "measure": "count"}
        where = about(rng, place)
        if where is not None:
            event["where"] = where
        if place % 5 < 3:
            event["window"] = {"last": WINDOWS[int(rng.integers(len(WINDOWS)))]}
        threshold = int(rng.integers(1, 10))
        if place % 10 == 9:
            event |= {"measure": "sum", "of": "amount"}
            threshold *= 50
        yield {"event": event, "operator": "at_least", "value": threshold}


def about(rng: np.random.Generator, place: int) -> Mapping[str, Any] | None:
    """What the events of a rule are about: mostly one product.

    Otherwise a campaign, a category and an amount; once in five hundred, anything."""

    def equals(name: str, value: str) -> dict[str, Any]:
        return {"property": name, "operator": "equals", "value": value}

    if place % 500 == 499:
        return None
    match place % 20:
        case 0 | 1 | 2 | 3:
            return equals("campaign", f"campaign {int(rng.integers(CAMPAIGNS))}")
        case 4 | 5 | 6 | 7:
            amount = {"property": "amount", "operator": "greater_than", "value": float(rng.integers(10, 150))}
            return {"all": [equals("category", f"category {int(rng.integers(CATEGORIES))}"), amount]}
        case _:
            return equals("product", f"product {int(rng.integers(PRODUCTS))}")


class Drawn:
    """Events without end, drawn in bulk and made one at a time, each for somebody at random."""

    def __init__(self, people: int, seed: int) -> None:
        self._rng = np.random.default_rng((SEED, seed))
        self._people = people

    def some(self, number: int) -> list[EventInput]:
        rng = self._rng
        who = rng.integers(0, self._people, number).tolist()
        name = rng.choice(len(NAMES), number, p=SHARES).tolist()
        product = rng.integers(0, PRODUCTS, number).tolist()
        campaign = rng.integers(0, CAMPAIGNS, number).tolist()
        amount = np.round(rng.lognormal(3.5, 1, number), 2).tolist()
        return [
            EventInput(
                NAMES[name[n]], ProfileRef(external_id=f"u{who[n]}"),
                properties={
                    "product": f"product {product[n]}", "campaign": f"campaign {campaign[n]}",
                    "category": f"category {product[n] % CATEGORIES}", "amount": amount[n],
                },
            )
            for n in range(number)
        ]  # fmt: skip


# --- what is measured


def in_batches(workspace: coterie.LocalWorkspace, people: int, seconds: float) -> dict[str, float]:
    drawn = Drawn(people, 1)
    batches = [drawn.some(BATCH) for _ in range(40)]
    workspace.events.put_many(batches[0])
    before, worked, begun, done = workspace.counts()["transitions"], time.process_time(), time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        workspace.events.put_many(batches[(done // BATCH + 1) % len(batches)])
        done += BATCH
    took, worked = time.perf_counter() - begun, time.process_time() - worked
    moved = workspace.counts()["transitions"] - before
    return {"per_second": done / took, "cpu_us": 1e6 * worked / done, "transitions_per_event": moved / done}


def one_by_one(workspace: coterie.LocalWorkspace, people: int, seconds: float) -> float:
    until = time.perf_counter() + seconds
    done = [0] * THREADS

    def work(place: int) -> None:
        drawn = Drawn(people, 100 + place)
        while time.perf_counter() < until:
            for one in drawn.some(50):
                workspace.events.put(one)
                done[place] += 1

    begun = time.perf_counter()
    threads = [threading.Thread(target=work, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - begun)


def on_schedule(workspace: coterie.LocalWorkspace, people: int, rate: float, seconds: float) -> dict[str, float]:
    due: SimpleQueue[tuple[float, EventInput] | None] = SimpleQueue()
    latencies: list[float] = []

    def work() -> None:
        while (item := due.get()) is not None:
            at, one = item
            workspace.events.put(one)
            latencies.append(time.perf_counter() - at)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    number = int(rate * seconds)
    sent = Drawn(people, 2).some(number)
    begun = time.perf_counter() + 0.1
    for place, one in enumerate(sent):
        at = begun + place / rate
        time.sleep(max(0.0, at - time.perf_counter()))
        due.put((at, one))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    p50, p99 = (1000 * np.percentile(latencies, [50, 99])).tolist()
    return {"rate": rate, "p50_ms": p50, "p99_ms": p99, "worst_ms": 1000 * max(latencies)}


def measured(directory: Path, number: int, people: int, seconds: float) -> dict[str, Any]:
    """What one process tells of one number of segments."""
    now = SystemClock().now()

    def fill(store: Any) -> None:
        profiles(store, people, now)
        segments(store, rules(number), now)

    in_store(directory, now, fill)
    begun = time.perf_counter()
    with coterie.open(directory, settings=Settings(segments_max=1_000_000)) as workspace:
        told: dict[str, Any] = {"segments": number, "open_s": time.perf_counter() - begun}
        workspace.events.put_many(Drawn(people, 0).some(20_000)[:10_000])
        told["batches"] = in_batches(workspace, people, seconds)
        told["single_per_second"] = one_by_one(workspace, people, seconds)
        told["half"] = on_schedule(workspace, people, told["single_per_second"] / 2, seconds)
        begun = time.perf_counter()
    told["close_s"] = time.perf_counter() - begun
    return told


# --- the whole of it


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--profiles", type=int, default=1_000_000)
    options.add_argument("--segments", type=int, nargs="*", default=[100, 1_000, 10_000, 100_000])
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--json", type=Path, default=Path("bench/results/live-events.json"))
    options.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options.add_argument("--directory", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.child is not None:
        told = measured(chosen.directory, chosen.child, chosen.profiles, chosen.seconds)
        sys.stdout.buffer.write(b"\n" + orjson.dumps(told))
        return
    rows = [child(number, chosen.profiles, chosen.seconds) for number in chosen.segments]
    report(rows, chosen.profiles, chosen.json)


def child(number: int, people: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=".") as folder:
        command = [sys.executable, "-m", "bench.live.events", "--child", str(number), "--directory", folder]
        command += ["--profiles", str(people), "--seconds", str(seconds)]
        run = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, env={"COTERIE_LOG_LEVEL": "error", "PATH": ""}
        )
    told: dict[str, Any] = orjson.loads(run.stdout.splitlines()[-1])
    return told


def report(rows: list[dict[str, Any]], people: int, path: Path) -> None:
    table = Table(title=f"Durable events over {people:,} profiles; three in five of the segments have a moving window")
    for heading in (
        "live segments", "batches /s", "processor µs an event", "transitions an event", "single /s", "at half: /s",
        "p50 ms", "p99 ms",
    ):  # fmt: skip
        table.add_column(heading, justify="right")
    for row in rows:
        batches, half = row["batches"], row["half"]
        table.add_row(
            f"{row['segments']:,}", f"{batches['per_second']:,.0f}", f"{batches['cpu_us']:,.0f}",
            f"{batches['transitions_per_event']:.2f}", f"{row['single_per_second']:,.0f}", f"{half['rate']:,.0f}",
            f"{half['p50_ms']:.1f}", f"{half['p99_ms']:.1f}",
        )  # fmt: skip
    Console(width=140).print(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps({"profiles": people, "rows": rows}, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
