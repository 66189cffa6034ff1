"""SQLite in memory, without indexes: it reads the columns of the query, but from whole rows."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import apsw
import pyarrow as pa
import pyarrow.parquet as pq
import re2

from bench.data import FEW_TEXTS, MANY_TEXTS, NAMES, TIMES
from bench.preview.queries import named
from bench.preview.shapes import Shape


@lru_cache(maxsize=8)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


def _matches(pattern: str, text: str | None) -> bool:
    """SQLite has no regular expressions of its own."""
    return text is not None and _compiled(pattern).search(text) is not None


class SQLite:
    """Rows of 20 columns; texts in lower case, tags as "|vip|beta|", times as milliseconds."""

    def __init__(self) -> None:
        self._connection = apsw.Connection(":memory:")
        self._connection.create_scalar_function("matches", _matches, 2, deterministic=True)
        self._queries = named("sqlite.sql")

    def load(self, people: Path) -> None:
        tables = named("tables.sql")
        self._connection.execute(tables["sqlite_table"])
        for file in sorted(people.glob("*.parquet")):
            for batch in pq.ParquetFile(file).iter_batches(50_000):
                values = [_column(name, batch.column(name)) for name in NAMES]
                with self._connection:
                    self._connection.executemany(tables["sqlite_insert"], zip(*values, strict=True))

    def count(self, shape: Shape, x: object) -> int:
        row = self._connection.execute(self._queries[shape.name], dict(shape.binds(x))).fetchone()
        return int(row[0])


def _column(name: str, column: pa.Array) -> list[Any]:
    if name in TIMES:
        return column.cast(pa.int64()).to_pylist()  # type: ignore[no-any-return]  # pyarrow is untyped
    if name == "tags":
        return [None if tags is None else f"|{'|'.join(tags)}|" for tags in column.to_pylist()]
    values = column.to_pylist()
    if name in FEW_TEXTS or name in MANY_TEXTS:
        return [None if text is None else text.lower() for text in values]
    return values  # type: ignore[no-any-return]  # pyarrow is untyped
