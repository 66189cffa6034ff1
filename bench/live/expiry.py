"""How late time is told of: many exits falling due within a minute, while events keep coming.

    python -m bench.live.expiry [--exits 50000] [--rate 1000]

50,000 profiles are in "seen in the last ten minutes", and leave one after the other within one
minute, each at its own millisecond. Meanwhile 1,000 events a second arrive, in batches, for others,
who enter. A reader follows the feed as any would (`wait_for_transitions`, then `transitions`). Lag:
from the instant an exit is stamped with, when it fell due, to the reader having it. Prints p50, p99
and the longest, and writes JSON.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import orjson
from rich.console import Console
from rich.table import Table

import coterie
from bench.live.filling import in_store, profiles
from coterie.clock import SystemClock
from coterie.model import Action, Cause, EventInput, ProfileRef
from coterie.rules.values import Instant

MINUTE = 60_000
WINDOW = 10 * MINUTE
LEAD = 15_000
"""Milliseconds between writing the first events that will expire and the first expiry, at least."""


class Reader(threading.Thread):
    """Follows the feed, and notes when it had each exit of the segment."""

    def __init__(self, workspace: coterie.LocalWorkspace, segment_id: str, clock: SystemClock) -> None:
        super().__init__()
        self.lags: list[int] = []
        self.stop = threading.Event()
        self._workspace = workspace
        self._segment_id = segment_id
        self._clock = clock

    def run(self) -> None:
        last = self._workspace.counts()["transitions"]
        while not self.stop.is_set():
            if self._workspace.transitions.wait(last, 0.5) <= last:
                continue
            while found := self._workspace.transitions.list(after=last, limit=1000).items:
                now = self._clock.now()
                last = found[-1].sequence
                self.lags += [
                    now - one.at
                    for one in found
                    if one.action is Action.EXIT and one.cause is Cause.TIME and one.segment_id == self._segment_id
                ]


class Arrivals(threading.Thread):
    """So many events a second, `batch` at a time, for profiles in turn."""

    def __init__(self, workspace: coterie.LocalWorkspace, rate: int, batch: int, first: int, people: int) -> None:
        super().__init__()
        self.stop = threading.Event()
        self.took: list[float] = []
        self._workspace = workspace
        self._rate, self._batch, self._first, self._people = rate, batch, first, people

    def run(self) -> None:
        begun, number = time.perf_counter(), 0
        while not self.stop.is_set():
            due = begun + number / self._rate
            time.sleep(max(0.0, due - time.perf_counter()))
            places = range(number, number + self._batch)
            who = [f"u{self._first + place % self._people}" for place in places]
            self._workspace.events.put_many([EventInput("seen", ProfileRef(external_id=one)) for one in who])
            self.took.append(time.perf_counter() - due)
            number += self._batch


def measured(directory: Path, exits: int, rate: int, batch: int) -> dict[str, float]:
    clock = SystemClock()
    others = 100_000
    in_store(directory, clock.now(), lambda store: profiles(store, exits + others, clock.now()))
    with coterie.open(directory) as workspace:
        rule = {
            "event": {"name": "seen", "measure": "count", "window": {"last": "10m"}},
            "operator": "at_least",
            "value": 1,
        }
        segment = workspace.segments.create("just seen", workspace.parse_rule(rule))
        first = clock.now() - WINDOW + LEAD + exits // 5  # time to put them in: five a millisecond
        told = [
            EventInput("seen", ProfileRef(external_id=f"u{place}"), Instant(first + place * MINUTE // exits))
            for place in range(exits)
        ]
        for start in range(0, exits, 5_000):
            workspace.events.put_many(told[start : start + 5_000])
        assert clock.now() < first + WINDOW, "putting them in took longer than the time there was for it"
        assert workspace.segments.get(segment.id).member_count == exits
        reader, arrivals = Reader(workspace, segment.id, clock), Arrivals(workspace, rate, batch, exits, others)
        reader.start()
        arrivals.start()
        time.sleep(max(0.0, (first + WINDOW + MINUTE + 5_000 - clock.now()) / 1000))
        for thread in (arrivals, reader):
            thread.stop.set()
            thread.join()
        assert len(reader.lags) == exits, f"{len(reader.lags)} of {exits} exits were seen"
    p50, p99 = np.percentile(reader.lags, [50, 99]).tolist()
    accepted = (1000 * np.percentile(arrivals.took, [50, 99])).tolist()
    return {
        "exits": exits, "rate": rate, "arrived": len(arrivals.took) * batch, "p50_ms": p50, "p99_ms": p99,
        "longest_ms": max(reader.lags), "batch": batch, "batch_p50_ms": accepted[0], "batch_p99_ms": accepted[1],
    }  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--exits", type=int, default=50_000, help="falling due within one minute")
    options.add_argument("--rate", type=int, default=1_000, help="events a second that arrive meanwhile")
    options.add_argument("--batch", type=int, default=20, help="of them in one call")
    options.add_argument("--json", type=Path, default=Path("bench/results/expiry.json"))
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        told = measured(Path(folder), chosen.exits, chosen.rate, chosen.batch)
    table = Table(title=f"{chosen.exits:,} exits due within a minute, {chosen.rate:,} events a second meanwhile")
    for heading in (
        "lag p50 ms",
        "lag p99 ms",
        "longest ms",
        "events that arrived",
        "a batch of them p50 ms",
        "p99 ms",
    ):
        table.add_column(heading, justify="right")
    table.add_row(
        *(f"{told[key]:,.0f}" for key in ("p50_ms", "p99_ms", "longest_ms", "arrived")),
        *(f"{told[key]:.1f}" for key in ("batch_p50_ms", "batch_p99_ms")),
    )
    Console(width=120).print(table)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
