"""Durable batch upserts with live segments, beside a bare `executemany` into SQLite.

    python -m bench.live.upserts [--profiles 100000] [--segments 100] [--batch 1000]

Both commit each batch with WAL and synchronous=FULL on the same disk. Ours finds the profile,
merges, keeps every segment and its transitions true; the bare one only stores. Three passes: new
profiles, the same again changed in two properties, the same again unchanged. Prints a table and
writes JSON.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import apsw
import numpy as np
import orjson
from rich.console import Console
from rich.table import Table

import coterie
from coterie import ProfileInput, prop

PLANS = ("free", "starter", "pro", "business", "enterprise")
COUNTRIES = ("DE", "FR", "US", "GB", "JP", "BR", "IN", "NG", "MX", "PL")


def people(count: int, *, turn: int) -> list[dict[str, object]]:
    """`count` profiles of ten properties, reproducibly; `turn` 1 changes two of them in each."""
    random = np.random.default_rng(7)
    mrr = random.integers(0, 1000, count)
    visits = random.integers(0, 500, count)
    age = random.integers(18, 90, count)
    plan = random.integers(0, len(PLANS), count)
    country = random.integers(0, len(COUNTRIES), count)
    return [
        {
            "name": f"Person {n}",
            "company": f"Company {n % 5000}",
            "plan": PLANS[int(plan[n]) - turn],
            "country": COUNTRIES[country[n]],
            "mrr": int(mrr[n]),
            "visits": int(visits[n]) + 10 * turn,
            "age": int(age[n]),
            "newsletter": bool(n % 3 == 0),
            "score": float(mrr[n]) / 7,
            "city": f"City {n % 300}",
        }
        for n in range(count)
    ]


def segments(workspace: coterie.LocalWorkspace, count: int) -> None:
    """`count` segments of one to three conditions over text and numbers."""
    for n in range(count):
        rules = (
            prop("mrr") > n * 10 % 1000,
            (prop("plan") == PLANS[n % 5]) & (prop("visits") >= n % 500),
            ((prop("country") == COUNTRIES[n % 10]) | (prop("age") < 18 + n % 70)) & (prop("newsletter") == True),  # noqa: E712
            prop("city").contains(str(n % 300)) & (prop("score") < n),
        )
        workspace.segments.create(f"segment {n}", rules[n % 4])


def batches(documents: list[dict[str, object]], size: int) -> Iterator[tuple[int, list[dict[str, object]]]]:
    for start in range(0, len(documents), size):
        yield start, documents[start : start + size]


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def bare(path: Path, documents: list[dict[str, object]], size: int) -> list[float]:
    """Seconds per batch of a bare upsert of (external id, document)."""
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.execute(
        "create table if not exists documents (external_id text primary key, document blob) without rowid"
    )

    def write(start: int, batch: list[dict[str, object]]) -> None:
        with connection:
            connection.executemany(
                "insert into documents values (?, ?) on conflict do update set document = excluded.document",
                [(f"u{start + place}", orjson.dumps(document)) for place, document in enumerate(batch)],
            )

    seconds = [timed(lambda start=start, batch=batch: write(start, batch)) for start, batch in batches(documents, size)]
    connection.close()
    return seconds


def ours(workspace: coterie.LocalWorkspace, documents: list[dict[str, object]], size: int) -> list[float]:
    """Seconds per batch of `put_profiles`."""
    seconds = []
    for start, batch in batches(documents, size):
        inputs = [ProfileInput(external_id=f"u{start + place}", properties=one) for place, one in enumerate(batch)]
        seconds.append(timed(lambda inputs=inputs: workspace.profiles.put_many(inputs)))
    return seconds


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--profiles", type=int, default=100_000)
    options.add_argument("--segments", type=int, default=100)
    options.add_argument("--batch", type=int, default=1000)
    options.add_argument("--json", type=Path, default=Path("bench/results/upserts.json"))
    chosen = options.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(dir=".") as folder, coterie.open(Path(folder) / "data") as workspace:
        segments(workspace, chosen.segments)
        for name, turn in (("new", 0), ("two properties changed", 1), ("unchanged", 1)):
            documents = people(chosen.profiles, turn=turn)
            base = bare(Path(folder) / "bare.sqlite", documents, chosen.batch)
            mine = ours(workspace, documents, chosen.batch)
            rows.append((name, sum(base), sum(mine), median(m / b for m, b in zip(mine, base, strict=True))))
        faults = workspace.check().faults
    report(chosen, rows)
    if faults:
        raise SystemExit(f"the data directory is not sound: {faults[0]}")


def report(chosen: argparse.Namespace, rows: list[tuple[str, float, float, float]]) -> None:
    table = Table(
        title=f"{chosen.profiles:,} upserts of 10 properties, batches of {chosen.batch:,}, "
        f"{chosen.segments} live segments"
    )
    for heading in ("pass", "bare executemany /s", "Coterie /s", "total time, Coterie / bare", "median of batches"):
        table.add_column(heading, justify="right" if heading != "pass" else "left")
    for name, base, mine, ratio in rows:
        table.add_row(
            name,
            f"{chosen.profiles / base:,.0f}",
            f"{chosen.profiles / mine:,.0f}",
            f"{mine / base:.2f}",
            f"{ratio:.2f}",
        )
    Console().print(table)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    keys = ("pass", "bare_seconds", "coterie_seconds", "median_ratio")
    shape = {"profiles": chosen.profiles, "segments": chosen.segments, "batch": chosen.batch}
    chosen.json.write_bytes(
        orjson.dumps({**shape, "rows": [dict(zip(keys, row, strict=True)) for row in rows]}, option=orjson.OPT_INDENT_2)
    )


if __name__ == "__main__":
    main()
