"""`python -m bench.preview --rows 1000000`: measure every engine and print a table.

Checks that all counts are the same, and writes JSON.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from bench.data import batches
from bench.preview.rounds import check_same, measured
from bench.preview.shapes import SHAPES

FILE_ROWS = 1_000_000
RESULTS = Path(__file__).parent.parent / "results"
PEERS = ("duckdb", "polars", "duckdb_plain", "sqlite")
SLOW = ("duckdb_plain", "sqlite")
"""Measured alone and less often, after the others, which are asked in turn."""


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


def mean_ratio(results: dict[str, Any], peer: str, kind: str) -> float:
    """How many times as long the peer takes, as a geometric mean.

    An edit is compared with the peer's own time for the edited rule.
    """
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
        table.add_row(
            shape.sentence,
            f"{results['coterie']['counts'][f'{shape.name} cold 0']:,}",
            *(f"{1000 * one:,.2f}" for one in times),
        )
    Console(width=200).print(table)
    for peer in peers:
        cold, edit, best_cold, best_edit = (
            mean_ratio(results, peer, kind) for kind in ("cold", "edit", "cold_best", "edit_best")
        )
        Console(width=200).print(
            f"{peer} takes {cold:.1f} times as long cold, {edit:.1f} times for an edit of one condition"
            f" (best runs: {best_cold:.1f} and {best_edit:.1f})"
        )
    for engine, found in results.items():
        memory = found["memory_bytes"] / rows
        Console().print(f"{engine}: loaded in {found['load_seconds']:.0f} s, {memory:.0f} bytes a person")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="bench.preview", description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--runs", type=int, default=9, help="timed runs, of which the median counts")
    arguments.add_argument("--slow-runs", type=int, default=3, help="the same, for SQLite and unprepared DuckDB")
    arguments.add_argument("--engines", nargs="*", default=PEERS, choices=PEERS)
    asked = arguments.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        write_people(asked.rows, Path(folder))
        in_turn = [engine for engine in asked.engines if engine not in SLOW]
        results |= measured(["coterie", *in_turn], Path(folder), asked.runs)
        for engine in asked.engines:
            if engine in SLOW:
                results |= measured([engine], Path(folder), asked.slow_runs)
    check_same(results)
    show(results, asked.rows)
    RESULTS.mkdir(exist_ok=True)
    found = {"rows": asked.rows, "engines": results}
    (RESULTS / f"preview-{asked.rows}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
