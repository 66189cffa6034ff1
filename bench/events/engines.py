"""The engines: each loads the events from the Parquet files and then counts.

One engine per process, so that none disturbs another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import polars as pl
import pyarrow.parquet as pq

from bench.events.data import NAMES, NOW, WITH_COLUMNS
from bench.events.polars_frames import ANSWERS
from bench.events.questions import Asked, Question
from coterie.index import Index
from coterie.index.activity.rows import Loaded
from coterie.rules.kernel import AT, EventsNamed
from coterie.rules.limits import RuleLimits
from coterie.rules.lower import lower
from coterie.rules.moment import Moment
from coterie.rules.read import read_rule
from coterie.rules.values import DAY, Instant

UTC = ZoneInfo("UTC")
BATCH = 500_000
LONG_AGO = -(2**62)


class Engine(Protocol):
    def load(self, folder: Path, profiles: int) -> None: ...
    def count(self, question: Question, asked: Asked, later: int) -> int:
        """`later`: milliseconds after `NOW` at which it is asked."""
        ...


class Coterie:
    """The index, used as a preview uses it: the rule read from JSON, lowered and counted.

    Columns are loaded when a rule first needs them, as in a workspace.
    """

    def __init__(self) -> None:
        self.index = Index(zone=UTC)

    def load(self, folder: Path, profiles: int) -> None:
        self._folder = folder
        nobody: list[dict[str, object]] = [{}] * BATCH
        self.index.load(
            (range(start, min(start + BATCH, profiles)), nobody[: min(BATCH, profiles - start)])
            for start in range(0, profiles, BATCH)
        )
        for name in NAMES:
            self.index.load_activity(EventsNamed(name), self._batches(name))

    def _batches(self, name: str) -> Iterator[Loaded]:
        for batch in pq.ParquetFile(self._folder / f"{name}.parquet").iter_batches(
            BATCH, columns=["number", "pid", "at"]
        ):
            number, pid, at = (batch.column(one).to_numpy() for one in ("number", "pid", "at"))
            yield Loaded(number, pid.astype(np.int64), at, {})

    def _columns(self, name: str, column: str) -> Iterator[tuple[np.ndarray, Mapping[str, list[object]]]]:
        for batch in pq.ParquetFile(self._folder / f"{name}.parquet").iter_batches(BATCH, columns=["number", column]):
            yield batch.column("number").to_numpy(), {column: batch.column(column).to_pylist()}

    def forget(self) -> None:
        self.index.forget()

    def count(self, question: Question, asked: Asked, later: int) -> int:
        rule = lower(read_rule(question.rule(asked), RuleLimits()), UTC)
        for source, column in self.index.missing(rule):
            assert isinstance(source, EventsNamed)
            assert source.name is not None
            assert column != AT
            self.index.load_columns(source, (column,), self._columns(source.name, column))
        return self.index.counts([rule], Moment(Instant(NOW + later), UTC), _no_segments)[0]


def _no_segments(segment_id: str) -> object:
    raise LookupError(segment_id)


class DuckDB:
    """In memory, two threads, sorted by name and instant."""

    def __init__(self) -> None:
        text = (Path(__file__).parent / "duckdb.sql").read_text(encoding="utf-8")
        self._queries = dict(re.findall(r"-- name: (\w+)\n(.*?);", text, flags=re.DOTALL))
        self._connection = duckdb.connect()
        self._connection.execute("SET threads = 2")

    def load(self, folder: Path, profiles: int) -> None:
        self._profiles = profiles
        self._connection.execute(self._queries["kind"], {"names": list(NAMES)})
        self._connection.execute(self._queries["table"])
        for name in NAMES:
            query = self._queries["fill_orders" if name == WITH_COLUMNS else "fill"]
            self._connection.execute(query, {"name": name, "file": str(folder / f"{name}.parquet")})

    def count(self, question: Question, asked: Asked, later: int) -> int:
        now = NOW + later
        known = {
            "now": now, "since": now - asked.days * DAY, "x": asked.x, "profiles": self._profiles,
            "within": int(asked.x) * DAY,
        }  # fmt: skip
        query = self._queries[question.name]
        row = self._connection.execute(query, {name: known[name] for name in re.findall(r"\$(\w+)", query)}).fetchone()
        assert row is not None
        return int(row[0])


class Polars:
    """A data frame for each name, in the order of time."""

    def load(self, folder: Path, profiles: int) -> None:
        self._profiles = profiles
        self._frames = {
            name: pl.read_parquet(folder / f"{name}.parquet").drop("number").rechunk().set_sorted("at")
            for name in NAMES
        }
        orders = self._frames[WITH_COLUMNS]
        self._frames[WITH_COLUMNS] = orders.with_columns(pl.col("category").cast(pl.Categorical))

    def count(self, question: Question, asked: Asked, later: int) -> int:
        now = NOW + later
        since = now - asked.days * DAY if asked.days else LONG_AGO
        return ANSWERS[question.name](self._frames, since, now, asked.x, self._profiles)


ENGINES: Mapping[str, Callable[[], Engine]] = {"coterie": Coterie, "duckdb": DuckDB, "polars": Polars}
