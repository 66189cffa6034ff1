"""The engines: each loads the people from Parquet files and then counts shapes.

One engine per process, so that none disturbs another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pyarrow.parquet as pq

from bench.data import FEW_TEXTS, MANY_TEXTS, NOW, documents
from bench.preview.polars_expressions import EXPRESSIONS
from bench.preview.queries import named
from bench.preview.shapes import Binds, Shape
from bench.preview.sqlite_engine import SQLite
from coterie.index import Index
from coterie.rules.limits import RuleLimits
from coterie.rules.lower import lower
from coterie.rules.moment import Moment
from coterie.rules.read import read_rule
from coterie.rules.values import Instant
from coterie.rules.walk import walk

UTC = ZoneInfo("UTC")
TABLES = named("tables.sql")


class Engine(Protocol):
    def load(self, people: Path) -> None: ...
    def count(self, shape: Shape, x: object) -> int: ...


def with_datetimes(binds: Binds) -> dict[str, object]:
    return {
        name: value.moment().replace(tzinfo=None) if isinstance(value, Instant) else value
        for name, value in binds.items()
    }


class Coterie:
    """The index, used as a preview uses it: the rule read from JSON, checked, lowered, counted."""

    def __init__(self) -> None:
        self.index = Index(zone=UTC)

    def load(self, people: Path) -> None:
        self.index.load(self._batches(people))

    def _batches(self, people: Path) -> Iterator[tuple[range, list[dict[str, object]]]]:
        first = 0
        for file in sorted(people.glob("*.parquet")):
            for batch in pq.ParquetFile(file).iter_batches(50_000):
                rows = documents(batch)
                yield range(first, first + len(rows)), rows
                first += len(rows)

    def forget(self) -> None:
        self.index.forget()

    def count(self, shape: Shape, x: object) -> int:
        rule = lower(read_rule(shape.rule(x), RuleLimits()), UTC)
        return self.index.counts([rule], Moment(NOW, UTC), _no_segments)[0]

    def count_every_node(self, shape: Shape) -> int:
        rule = read_rule(shape.rule(shape.x), RuleLimits())
        nodes = [lower(node, UTC) for _, node in walk(rule)]
        return self.index.counts(nodes, Moment(NOW, UTC), _no_segments)[0]


def _no_segments(segment_id: str) -> object:
    raise LookupError(segment_id)


class DuckDB:
    """In memory, two threads. `prepared`: texts in lower case, those of few values as ENUM."""

    def __init__(self, *, prepared: bool) -> None:
        self._prepared = prepared
        self._connection = duckdb.connect()
        self._connection.execute("SET threads = 2")
        self._queries = named("duckdb_prepared.sql" if prepared else "duckdb_plain.sql")

    def load(self, people: Path) -> None:
        files = {"people": str(people / "*.parquet")}
        if not self._prepared:
            self._connection.execute(TABLES["duckdb_plain"], files)
            return
        self._connection.execute(TABLES["duckdb_prepared"], files)
        for name in FEW_TEXTS:
            self._connection.execute(TABLES[f"duckdb_{name}_kind"])
        self._connection.execute(TABLES["duckdb_coded"])
        self._connection.execute(TABLES["duckdb_drop"])

    def count(self, shape: Shape, x: object) -> int:
        row = self._connection.execute(self._queries[shape.name], with_datetimes(shape.binds(x))).fetchone()
        assert row is not None
        return int(row[0])


class Polars:
    """A data frame in memory; texts in lower case, those of few values categorical."""

    def load(self, people: Path) -> None:
        self._people = (
            pl.scan_parquet(people / "*.parquet")
            .with_columns(pl.col(*MANY_TEXTS).str.to_lowercase())
            .with_columns(pl.col(*FEW_TEXTS).str.to_lowercase().cast(pl.Categorical))
            .collect()
            .rechunk()
        )

    def count(self, shape: Shape, x: object) -> int:
        holds = EXPRESSIONS[shape.name](with_datetimes(shape.binds(x)))
        return int(self._people.lazy().filter(holds).select(pl.len()).collect().item())


ENGINES: Mapping[str, Callable[[], Engine]] = {
    "coterie": Coterie,
    "duckdb": lambda: DuckDB(prepared=True),
    "duckdb_plain": lambda: DuckDB(prepared=False),
    "polars": Polars,
    "sqlite": SQLite,
}


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
