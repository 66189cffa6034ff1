"""`python -m bench.preview --rows 1000000`: measures every engine, checks that their counts are the same, prints a table, writes JSON."""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from bench.data import batches
from bench.preview.shapes import SHAPES

FILE_ROWS = 1_000_000
RESULTS = Path(__file__).parent.parent / "results"
PEERS = ("duckdb", "duckdb_plain", "polars", "sqlite")


def write_people(rows: int, folder: Path) -> None:
    writer: pq.ParquetWriter | None = None
    for number, batch in enumerate(batches(rows)):
        if number * batch.num_rows % FILE_ROWS == 0:
            if writer is not None:
                writer.close()
            writer = pq.ParquetWriter(folder / f"{number:06}.parquet", batch.schema, compression="zstd")
        assert writer is not None
        writer.write_table(pa.Table.from_batches([batch]))
    if writer is not None:
        writer.close()


def measure(engine: str, people: Path, runs: int) -> Any:
    command = [sys.executable, "-m", "bench.preview.measure", engine, str(people), str(runs)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent.parent)
    return json.loads(done.stdout)


def check_same(results: dict[str, Any]) -> None:
    """Every engine gave the same counts, for the rule and for its edits."""
    for shape in SHAPES:
        answers = {engine: found["shapes"][shape.name]["answers"] for engine, found in results.items()}
        asked = min(map(len, answers.values()))
        if any(answers["coterie"][:asked] != one[:asked] for one in answers.values()):
            raise SystemExit(f"{shape.name}: the engines disagree: {answers}")


def mean_ratio(results: dict[str, Any], peer: str, kind: str) -> float:
    """How many times as long the peer takes, in geometric mean. An edit is compared with the peer's own time for the edited rule."""
    ratios = [
        results[peer]["shapes"][shape.name][kind] / results["coterie"]["shapes"][shape.name][kind] for shape in SHAPES
    ]
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def show(results: dict[str, Any], rows: int) -> None:
    peers = [one for one in results if one != "coterie"]
    table = Table(title=f"Counting a rule over {rows:,} people, milliseconds (median)")
    table.add_column("rule")
    for column in ("people", "Coterie cold", "one edit", "every node", *peers):
        table.add_column(column, justify="right")
    for shape in SHAPES:
        ours = results["coterie"]["shapes"][shape.name]
        times = [ours["cold"], ours["edit"], ours["every_node"]]
        times += [results[peer]["shapes"][shape.name]["cold"] for peer in peers]
        table.add_row(shape.sentence, f"{ours['answers'][0]:,}", *(f"{1000 * one:,.2f}" for one in times))
    Console(width=200).print(table)
    for peer in peers:
        cold, edit = mean_ratio(results, peer, "cold"), mean_ratio(results, peer, "edit")
        Console().print(f"{peer}: {cold:.1f} times Coterie's time cold, {edit:.1f} times for an edit of one condition")
    for engine, found in results.items():
        memory = found["memory_bytes"] / rows
        Console().print(f"{engine}: loaded in {found['load_seconds']:.0f} s, {memory:.0f} bytes a person")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="bench.preview", description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--runs", type=int, default=9, help="timed runs, of which the median counts")
    arguments.add_argument("--slow-runs", type=int, default=3, help="the same, for SQLite and DuckDB as it came")
    arguments.add_argument("--engines", nargs="*", default=PEERS, choices=PEERS)
    asked = arguments.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        write_people(asked.rows, Path(folder))
        for engine in ("coterie", *asked.engines):
            runs = asked.slow_runs if engine in ("sqlite", "duckdb_plain") else asked.runs
            results[engine] = measure(engine, Path(folder), runs)
    check_same(results)
    show(results, asked.rows)
    RESULTS.mkdir(exist_ok=True)
    found = {"rows": asked.rows, "engines": results}
    (RESULTS / f"preview-{asked.rows}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
